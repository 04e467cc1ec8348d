"""From the environment to the open parts, with refusals that a person at a terminal can use."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import click
from sqlalchemy.exc import DBAPIError

from app.cli.running import settings_file, with_running_demo
from app.wiring.container import Process, Wiring, open_wiring
from config.settings import Settings, SettingsRefused, process_environment
from creator_tools.kernel.errors import DomainError

# Stable: scripts look at them. 1 is "we looked, and something is wrong"; 2 is click's own.
EXIT_FOUND_FAULTS = 1
EXIT_SETTINGS = 3
EXIT_DATABASE = 4
EXIT_REFUSED = 5

Environment = Callable[[], Mapping[str, str]]


_PROCESS = Process("cli")


class Stop(click.ClickException):
    """A refusal; its class says the exit code, its text is Chinese first, English second."""

    exit_code = EXIT_REFUSED

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese} / {english}")

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the two sentences to the error stream."""
        click.echo(f"出错 / Error: {self.format_message()}", err=True, file=file)


class SettingsIncomplete(Stop):
    """The environment does not describe an installation."""

    exit_code = EXIT_SETTINGS


class DatabaseAway(Stop):
    """The database does not answer, or refused."""

    exit_code = EXIT_DATABASE


def read_settings(environment: Environment = process_environment) -> Settings:
    """The typed settings: of the environment, or of the demo that runs in this checkout.

    Raises:
        SettingsIncomplete: all that is missing or wrong named.
    """
    try:
        return Settings.from_env(with_running_demo(environment(), settings_file()))
    except SettingsRefused as refused:
        raise SettingsIncomplete(str(refused), "see above") from refused


@contextmanager
def opened(process: Process = _PROCESS) -> Iterator[Wiring]:
    """The wiring of this installation for one command; refusals become sentences and exit codes."""
    settings = read_settings()
    try:
        yield open_wiring(settings, process)
    except DomainError as error:
        raise Stop(error.in_chinese(), error.in_english()) from error
    except DBAPIError as error:
        # The driver's own words may quote a row or an address with its password.
        kind = type(error.orig).__name__ if error.orig is not None else type(error).__name__
        raise DatabaseAway(
            f"数据库没有响应或拒绝了（{kind}），请检查 DATABASE_URL 并确认已迁移",
            f"the database is away or refused ({kind}); check DATABASE_URL and the migrations",
        ) from None


def print_json(document: object) -> None:
    """One JSON document on the output, for scripts."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str))

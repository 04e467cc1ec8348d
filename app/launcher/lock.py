"""One launcher per checkout.

The lock belongs to the open file, so the kernel takes it back however the launcher
dies: a lock file that was left behind locks nobody out.
"""

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class AlreadyRunning(Exception):
    """Another launcher holds this checkout; `pid` and `url` say which (0 and "" if unknown)."""

    def __init__(self, pid: int, url: str) -> None:
        self.pid = pid
        self.url = url
        super().__init__(f"pid {pid}, {url}")


class TreeLock:
    """Held from the first line of a start to the last line of a stop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            holder = _holder(self._path)
            os.close(self._descriptor)
            raise AlreadyRunning(*holder) from busy
        self.tell("")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def tell(self, url: str) -> None:
        """Leave our pid and address for whoever finds the lock taken."""
        text = json.dumps({"pid": os.getpid(), "url": url}).encode("utf-8")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)


def _holder(path: Path) -> tuple[int, str]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return int(told["pid"]), str(told["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""

"""`./run` in a copy of the checkout: started, ended, and looked for among the living."""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.launcher.leftovers import Birth, read_births
from app.launcher.state import Tree
from config.settings import process_environment

REPOSITORY = Path(__file__).resolve().parents[2]
READY = re.compile(r"^READY (http://127\.0\.0\.1:\d+) phone=http://127\.0\.0\.1:\d+/phone demo=.+$")
Launch = Callable[..., "Launched"]


class Launched:
    """One launcher process and what it said."""

    def __init__(self, checkout: Path, *arguments: str) -> None:
        self.tree = Tree.of(checkout)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.launcher", *arguments],
            cwd=checkout,
            env={**process_environment(), "LANG": "C", "LC_ALL": "C"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().rstrip("\n")
        self.took_s = time.monotonic() - self.began
        self.births = read_births(self.tree.children_file)

    @property
    def base_url(self) -> str:
        """The address it announced."""
        ready = READY.match(self.first_line)
        assert ready, self.first_line + self.end_with(signal.SIGTERM)
        return ready[1]

    def end_with(self, number: signal.Signals) -> str:
        """Send one signal, wait for the end, give what it said on stderr."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=120)[1]

    def alive(self) -> list[int]:
        """All processes that were started for the copy and still live."""
        marks = (str(self.tree.checkout), str(self.tree.folder))
        return [pid for pid in living_pids() if belongs_to(pid, marks)]


def living_pids() -> list[int]:
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if Birth.of(pid, signal.SIGTERM).lives()]


def belongs_to(pid: int, marks: tuple[str, ...]) -> bool:
    """Whether a process was started for the copy: by its words, its folder or its settings."""
    folder = Path("/proc") / str(pid)
    try:
        told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        place = str((folder / "cwd").readlink())
    except OSError:
        return False
    words = told.decode("utf-8", "replace")
    return any(mark in words or place.startswith(mark) for mark in marks)


def copy_checkout(folder: Path) -> None:
    """Every file that belongs to the project, in another folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8")
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, folder / name)

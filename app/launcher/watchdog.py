"""Ends the children where the kernel knows no parent-death signal (macOS).

It sleeps on a pipe whose other end only the launcher holds. The end of the pipe means
the launcher is gone, however it went: `python -m app.launcher.watchdog CHILDREN_FILE`.
"""

import signal
import sys
from pathlib import Path

from app.launcher.leftovers import end_leftovers


def watch(children_file: Path) -> int:
    """Wait for the end of standard input, then end all children; returns how many lived."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while sys.stdin.buffer.read(1024):
        continue
    return end_leftovers(children_file)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))

"""All children of one run: written down as they are born, stopped in reverse."""

import subprocess
import sys
from pathlib import Path

from app.launcher.children import Child, ChildWouldNotStart, Order, signals_held
from app.launcher.leftovers import Birth, write_births
from app.launcher.processes import watchdog_command
from app.launcher.state import Tree


class ChildDied(Exception):
    """A child ended by itself; the others are stopped and the launcher fails."""


class Family:
    """The children in the order of their birth."""

    def __init__(self, tree: Tree) -> None:
        self._children: list[Child] = []
        self._record: Path = tree.children_file
        self._watchdog = _start_watchdog(tree) if sys.platform != "linux" else None

    def start(self, order: Order) -> Child:
        """Start one child and write it down."""
        with signals_held():
            return self.adopt(Child(order))

    def adopt(self, child: Child) -> Child:
        """Take in a child that is running already."""
        self._children.append(child)
        write_births(self._record, [Birth.of(one.pid, one.stop_signal) for one in self._children])
        return child

    def run_to_end(self, order: Order, within_s: float) -> None:
        """Start a child that has an end, and wait for its success."""
        child = self.start(order)
        child.wait_for_success(within_s)
        self._children.remove(child)

    def pids(self) -> dict[str, int]:
        """Name and pid of each child."""
        return {child.name: child.pid for child in self._children}

    def refuse_deaths(self) -> None:
        """Raise `ChildDied` when one of them has ended."""
        for child in self._children:
            code = child.exit_code()
            if code is not None:
                raise ChildDied(f"{child.name}: exit {code}\n{child.last_words()}")

    def stop(self) -> None:
        """Stop all, last born first; none remains."""
        while self._children:
            self._children.pop().stop()
        self._record.unlink(missing_ok=True)
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
            self._watchdog.wait()


def _start_watchdog(tree: Tree) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            watchdog_command(tree),
            stdin=subprocess.PIPE,
            cwd=tree.checkout,
            start_new_session=True,
        )
    except OSError as fault:
        raise ChildWouldNotStart(f"watchdog: {fault}") from fault

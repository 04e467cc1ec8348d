"""Processes that cannot outlive us, started directly and signalled by their own pids.

Each child gets a session of its own, so that Ctrl-C in a terminal reaches the launcher
alone and the order of stopping stays ours. On Linux the kernel is asked to signal the
child when its parent dies, however it dies; elsewhere `watchdog` does that.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 4_000_000
_HELD = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ChildWouldNotStart(Exception):
    """A process ended, or stayed silent, before it was ready; the text ends with its last words."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user and group a child gives up our rights for."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Order:
    """How to start one child and how to ask it to stop."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    run_as: RunAs | None = None
    output: Path | None = None  # standard output, where it is wanted apart from the log


class Child:
    """One started process and, in its session, all that it started itself."""

    def __init__(self, order: Order) -> None:
        self.name = order.name
        self._order = order
        order.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = _begin_log(order.log)
        with order.log.open("ab") as log, (order.output or order.log).open("ab") as output:
            self._process = subprocess.Popen(
                list(order.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                cwd=order.folder,
                env=dict(order.environment),
                start_new_session=True,
                user=order.run_as.uid if order.run_as else None,
                group=order.run_as.gid if order.run_as else None,
                extra_groups=[] if order.run_as else None,
                preexec_fn=_die_with_parent(order.stop_signal, os.getpid()),  # noqa: PLW1509 - only prctl and getppid run there, and no thread of ours holds a lock they need
            )

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its session and group."""
        return self._process.pid

    @property
    def stop_signal(self) -> signal.Signals:
        """What it takes as a polite request to stop."""
        return self._order.stop_signal

    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def last_words(self, lines: int = 12) -> str:
        """The end of what it has written to its log in this life, for a message to a person."""
        try:
            with self._order.log.open("rb") as log:
                log.seek(self._log_start)
                text = log.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def wait_for_success(self, within_s: float) -> None:
        """Wait for the end of a process that has one; `ChildWouldNotStart` if it failed."""
        try:
            code = self._process.wait(timeout=within_s)
        except subprocess.TimeoutExpired as slow:
            self.stop()
            raise ChildWouldNotStart(f"{self.name}: > {within_s:.0f} s") from slow
        if code != 0:
            raise ChildWouldNotStart(f"{self.name}: exit {code}\n{self.last_words()}")

    def ask_to_stop(self) -> None:
        """Send the stop signal; harmless when it has ended."""
        if self._process.poll() is None:
            self._process.send_signal(self._order.stop_signal)

    def stop(self) -> None:
        """Ask, wait for the grace period, then insist; nothing of its session remains."""
        self.ask_to_stop()
        try:
            self._process.wait(timeout=self._order.grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _end_session(self.pid)


def _begin_log(log: Path) -> int:
    """Where this life's part of the log begins; an overlong log begins anew."""
    try:
        size = log.stat().st_size
    except OSError:
        return 0
    if size < _LOG_BYTES:
        return size
    log.replace(log.with_suffix(".old"))
    return 0


def _end_session(leader: int) -> None:
    # The leader is gone; its pid cannot be reused while members of its group live.
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@contextmanager
def signals_held() -> Iterator[None]:
    """Let no request to stop come between the birth of a child and its being written down."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _die_with_parent(death_signal: signal.Signals, parent: int) -> Callable[[], None]:
    def ask_the_kernel() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return ask_the_kernel

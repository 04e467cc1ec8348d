"""The wish to stop, said until it is heard.

An exception that a signal handler raises comes out wherever the program happens to be: in a
finalizer, whose exceptions Python drops, or under somebody's `except Exception`. One that was
lost there left a launcher running that had been told to end. So it is raised again and again
until the way down has begun.
"""

import signal
from types import FrameType

_ASKED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AGAIN_S = 0.5


class StopAsked(BaseException):
    """A person, or the system, asked us to stop."""


def listen() -> None:
    """From now on a signal to stop raises `StopAsked` in the main thread."""
    signal.signal(signal.SIGALRM, _say)
    for number in _ASKED_BY:
        signal.signal(number, _hear)


def hush() -> None:
    """There is one way down, and it is not interrupted."""
    for number in _ASKED_BY:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _hear(number: int, frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_S, _AGAIN_S)
    _say(number, frame)


def _say(number: int, _frame: FrameType | None) -> None:
    raise StopAsked(signal.Signals(number).name)

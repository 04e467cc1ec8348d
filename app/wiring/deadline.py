"""A unit that must be over soon: the database is told how long, and every statement looks.

`statement_timeout` bounds one statement, but a unit has many; twenty that take half of the time
each are ten times too late. So the time that is left is looked at before each statement, and
told to the database again when it has become much less.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

# How much less may be left than the database was told, before it is told again.
_SLACK_MS = 50
# A lock is waited for a little shorter than a statement may run, so that the reason is known.
_LOCK_EARLIER_MS = 100


class OutOfTime(Exception):
    """The unit's time is over; nothing of it stands."""


def hurry(session: Session, budget_ms: int, monotonic: Callable[[], float]) -> None:
    """Let the open transaction of `session` run for no more than `budget_ms`.

    Later statements raise `OutOfTime`, or the database cancels them.

    Args:
        monotonic: seconds that only ever grow.
    """
    connection = session.connection()
    connection.execute(text(f"SET LOCAL lock_timeout = {budget_ms - _LOCK_EARLIER_MS}"))
    connection.execute(text(f"SET LOCAL statement_timeout = {budget_ms}"))
    ends_at = monotonic() + budget_ms / 1000
    told_ms = budget_ms

    def look(_connection: object, cursor: Any, *_: object) -> None:
        nonlocal told_ms
        left_ms = int((ends_at - monotonic()) * 1000)
        if left_ms <= 0:
            raise OutOfTime
        if left_ms < told_ms - _SLACK_MS:
            told_ms = left_ms
            cursor.execute(f"SET LOCAL statement_timeout = {left_ms}")

    # On this connection alone, which is gone when the transaction ends.
    event.listen(connection, "before_cursor_execute", look)

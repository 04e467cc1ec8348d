"""Answers given a moment ago, so that a repetition is answered without asking the database.

What stands here was committed before; an answer of the inbox never changes, so it stays true
whichever process gave it. What does not stand here is asked for.
"""

import threading
from uuid import UUID

_KEPT_MAX = 4096

Key = tuple[UUID, str]


class RecentReplies:
    """The newest committed replies of this process, by account and source key."""

    def __init__(self) -> None:
        self._replies: dict[Key, str] = {}
        self._lock = threading.Lock()

    def find(self, account_id: UUID, source_key: str) -> str | None:
        """The reply that was committed for this message, or None when it is not known here."""
        return self._replies.get((account_id, source_key))

    def committed(self, account_id: UUID, source_key: str, reply: str) -> None:
        """Remember a reply whose commit has returned."""
        with self._lock:
            self._replies[account_id, source_key] = reply
            while len(self._replies) > _KEPT_MAX:
                del self._replies[next(iter(self._replies))]

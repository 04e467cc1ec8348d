"""A token store in memory, shared by threads as the real one is by processes."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from creator_tools.kernel.clock import Clock

ACCOUNT = UUID("01890000-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Kept:
    """A stored token."""

    value: str
    expires_at: datetime


class SharedStore:
    """Leases end by the clock; one write at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.tokens: dict[tuple[UUID, str], Kept] = {}
        self.leases: dict[tuple[UUID, str], datetime] = {}

    def read(self, account_id: UUID, kind: str) -> Kept | None:
        """The token last written."""
        return self.tokens.get((account_id, kind))

    def try_lease(self, account_id: UUID, kind: str, seconds: int) -> bool:
        """Whether the lease was free."""
        with self._lock:
            now = self._clock.now()
            until = self.leases.get((account_id, kind))
            if until is not None and until > now:
                return False
            self.leases[account_id, kind] = now + timedelta(seconds=seconds)
            return True

    def write(self, account_id: UUID, kind: str, *, value: str, expires_at: datetime) -> None:
        """Keep it, and give the lease back."""
        with self._lock:
            self.tokens[account_id, kind] = Kept(value, expires_at)
            self.leases.pop((account_id, kind), None)

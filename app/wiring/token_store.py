"""The shared store of platform tokens: the database, one short unit per call."""

from datetime import datetime
from uuid import UUID

from creator_tools.kernel import accounts
from creator_tools.kernel.accounts import StoredToken
from creator_tools.kernel.unit_of_work import UnitsOfWork


class DatabaseTokenStore:
    """Implements `TokenStore` of the wire."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def read(self, account_id: UUID, kind: str) -> StoredToken | None:
        """The token last written, good or not."""
        with self._units.reading() as session:
            return accounts.find_token(session, self._units.sealer, account_id, kind)

    def try_lease(self, account_id: UUID, kind: str, seconds: int) -> bool:
        """Take the right to renew for so many seconds; False if somebody has it."""
        return self._units.run(
            "tokens.lease",
            lambda uow: accounts.try_lease_token(uow, account_id, kind, lease_s=seconds),
        )

    def write(self, account_id: UUID, kind: str, *, value: str, expires_at: datetime) -> None:
        """Store a renewed token and give the lease back."""
        self._units.run(
            "tokens.write",
            lambda uow: accounts.write_token(
                uow, account_id, kind, value=value, expires_at=expires_at
            ),
        )

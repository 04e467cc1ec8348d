"""The platform accounts of this installation, and the tokens they lend us.

The environment only seeds the first accounts; afterwards the table is the truth. Credentials are
sealed; whoever needs them asks for them by account, and nobody prints them.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from creator_tools.kernel import platform_certificates
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.kernel.models import PlatformAccount, PlatformToken
from creator_tools.kernel.platform_certificates import Certificate
from creator_tools.kernel.resealing import SealedPlace
from creator_tools.kernel.sealing import Sealed, Sealer
from creator_tools.kernel.unit_of_work import UnitOfWork

FRESHNESS_S_DEFAULT = 24 * 3600
SEALED_CREDENTIALS = SealedPlace(
    "credentials",
    PlatformAccount,
    "key_id",
    "sealed_credentials",
    lambda row: _purpose(row.kind, row.external_id),
)
SEALED_TOKENS = SealedPlace(
    "tokens",
    PlatformToken,
    "key_id",
    "sealed_value",
    lambda row: _token_purpose(row.account_id, row.kind),
)


class AccountNotFound(DomainError):
    """No platform account has this id or kind."""

    code = "account_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个平台账号，请检查配置。"
    sentence_en = "There is no such platform account; check the settings."


@dataclass(frozen=True)
class Account:
    """One platform account with its credentials open; keep it short-lived and unprinted.

    `certificates` are the platform's, with which it signs what it tells this account; only those
    that came in have any.
    """

    id: UUID
    kind: str
    external_id: str
    name: str
    freshness_s: int
    credentials: dict[str, Any]
    certificates: tuple[Certificate, ...] = ()

    def __repr__(self) -> str:
        return f"Account(kind={self.kind!r}, id={self.id})"


def seed(
    uow: UnitOfWork, *, kind: str, external_id: str, name: str, credentials: dict[str, Any]
) -> UUID:
    """Make or refresh the account `external_id` from the environment; returns its id."""
    sealed = uow.sealer.seal(
        json.dumps(credentials, ensure_ascii=False).encode(), purpose=_purpose(kind, external_id)
    )
    row = insert(PlatformAccount).values(
        id=uow.ids.new(),
        kind=kind,
        external_id=external_id,
        name=name,
        key_id=sealed.key_id,
        sealed_credentials=sealed.ciphertext,
        freshness_s=FRESHNESS_S_DEFAULT,
        created_at=uow.now(),
        updated_at=uow.now(),
    )
    account_id = uow.session.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "external_id"],
            set_={
                "key_id": row.excluded.key_id,
                "sealed_credentials": row.excluded.sealed_credentials,
                "updated_at": row.excluded.updated_at,
            },
        ).returning(PlatformAccount.id)
    ).scalar_one()
    uow.audit("account.seeded", "platform_account", account_id, kind=kind)
    return account_id


def list_accounts(session: Session, sealer: Sealer) -> list[Account]:
    """All accounts, credentials open, with their certificates, oldest first."""
    rows = session.scalars(select(PlatformAccount).order_by(PlatformAccount.created_at)).all()
    held = platform_certificates.held_by(session)
    return [replace(_opened(row, sealer), certificates=held.get(row.id, ())) for row in rows]


def list_ids(session: Session, kind: str) -> list[UUID]:
    """The ids of all accounts of a kind, oldest first."""
    rows = select(PlatformAccount.id).where(PlatformAccount.kind == kind)
    return list(session.scalars(rows.order_by(PlatformAccount.created_at)))


def get_account(session: Session, sealer: Sealer, account_id: UUID) -> Account:
    """The account with this id.

    Raises:
        AccountNotFound: there is none.
    """
    row = session.get(PlatformAccount, account_id)
    if row is None:
        raise AccountNotFound(account_id=str(account_id))
    return _opened(row, sealer)


def _opened(row: PlatformAccount, sealer: Sealer) -> Account:
    plain = sealer.open(
        Sealed(row.key_id, row.sealed_credentials), purpose=_purpose(row.kind, row.external_id)
    )
    return Account(row.id, row.kind, row.external_id, row.name, row.freshness_s, json.loads(plain))


def _purpose(kind: str, external_id: str) -> str:
    return f"account:{kind}:{external_id}"


@dataclass(frozen=True, repr=False)
class StoredToken:
    """A token and the moment it stops being good."""

    value: str
    expires_at: datetime


def find_token(session: Session, sealer: Sealer, account_id: UUID, kind: str) -> StoredToken | None:
    """The token last written for this account, good or not, or None."""
    row = session.get(PlatformToken, (account_id, kind))
    if row is None or row.sealed_value is None or row.key_id is None or row.expires_at is None:
        return None
    sealed = Sealed(row.key_id, row.sealed_value)
    value = sealer.open(sealed, purpose=_token_purpose(account_id, kind))
    return StoredToken(value.decode(), row.expires_at)


def try_lease_token(uow: UnitOfWork, account_id: UUID, kind: str, *, lease_s: int) -> bool:
    """Take the right to renew this token for `lease_s` seconds; False if somebody has it."""
    uow.session.execute(
        insert(PlatformToken)
        .values(account_id=account_id, kind=kind, renewed_count=0)
        .on_conflict_do_nothing()
    )
    taken = uow.session.execute(
        update(PlatformToken)
        .where(
            PlatformToken.account_id == account_id,
            PlatformToken.kind == kind,
            or_(PlatformToken.leased_until.is_(None), PlatformToken.leased_until < uow.now()),
        )
        .values(leased_until=uow.now() + timedelta(seconds=lease_s))
        .returning(PlatformToken.account_id)
    )
    return taken.first() is not None


def write_token(
    uow: UnitOfWork, account_id: UUID, kind: str, *, value: str, expires_at: datetime
) -> None:
    """Store a renewed token and give the lease back."""
    sealed = uow.sealer.seal(value.encode(), purpose=_token_purpose(account_id, kind))
    uow.session.execute(
        update(PlatformToken)
        .where(PlatformToken.account_id == account_id, PlatformToken.kind == kind)
        .values(
            key_id=sealed.key_id,
            sealed_value=sealed.ciphertext,
            expires_at=expires_at,
            leased_until=None,
            renewed_count=PlatformToken.renewed_count + 1,
        )
    )


def _token_purpose(account_id: UUID, kind: str) -> str:
    return f"token:{account_id}:{kind}"

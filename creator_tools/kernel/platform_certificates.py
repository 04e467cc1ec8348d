"""Certificates with which a platform signs what it tells one of our accounts.

A certificate is a fact and public: it is kept unsealed, never changed and never removed, so that a
look at the platform that fails cannot leave us without keys. Beside it stands when the platform
was last asked, what came of it, and when it is asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from creator_tools.kernel.models import CertificateCheck, PlatformCertificate
from creator_tools.kernel.unit_of_work import UnitOfWork

# A certificate that nobody knew is known within this time, though what it signed asks for nothing.
ASKED_EVERY = timedelta(hours=1)
ASKED_EVERY_WHEN_NONE = timedelta(hours=12)
ASKED_AGAIN_WHEN_KEYLESS = timedelta(seconds=30)
ENDS_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """One certificate of a platform: its serial number as the platform spells it, and its term."""

    serial_no: str
    pem: str = field(repr=False)
    effective_at: datetime
    expires_at: datetime

    def is_good_at(self, at: datetime) -> bool:
        """Whether it may have signed something at this moment."""
        return self.effective_at <= at < self.expires_at


@dataclass(frozen=True)
class Check:
    """When a platform was last asked for certificates, what came of it, when it is asked again."""

    asked_at: datetime | None
    outcome: str
    next_at: datetime


class SerialReused(Exception):
    """The platform gave another certificate under a serial number that we hold."""


def held_by(session: Session) -> dict[UUID, tuple[Certificate, ...]]:
    """All certificates by account, the newest first; those that are over too."""
    rows = session.scalars(
        select(PlatformCertificate).order_by(PlatformCertificate.effective_at.desc())
    )
    found: dict[UUID, tuple[Certificate, ...]] = {}
    for row in rows:
        one = Certificate(row.serial_no, row.pem, row.effective_at, row.expires_at)
        found[row.account_id] = (*found.get(row.account_id, ()), one)
    return found


def find_check(session: Session, account_id: UUID) -> Check | None:
    """How the last look for this account's certificates ended, or None before the first."""
    row = session.get(CertificateCheck, account_id)
    return None if row is None else Check(row.asked_at, row.outcome, row.next_at)


def claim_check(uow: UnitOfWork, account_id: UUID) -> bool:
    """Whether this caller is the one who asks now; nobody else does so for half a minute."""
    uow.session.execute(
        insert(CertificateCheck)
        .values(account_id=account_id, outcome="", next_at=uow.now())
        .on_conflict_do_nothing()
    )
    taken = uow.session.execute(
        update(CertificateCheck)
        .where(CertificateCheck.account_id == account_id, CertificateCheck.next_at <= uow.now())
        .values(asked_at=uow.now(), next_at=uow.now() + ASKED_AGAIN_WHEN_KEYLESS)
        .returning(CertificateCheck.account_id)
    )
    return taken.first() is not None


def keep(uow: UnitOfWork, account_id: UUID, found: Sequence[Certificate]) -> int:
    """Add the certificates that are not held yet; returns how many were new.

    Raises:
        SerialReused: nothing is kept.
    """
    held = {one.serial_no: one.pem for one in held_by(uow.session).get(account_id, ())}
    if any(held.get(one.serial_no, one.pem) != one.pem for one in found):
        raise SerialReused
    new = [one for one in found if one.serial_no not in held]
    for one in new:
        row_id = uow.ids.new()
        row = insert(PlatformCertificate).values(
            id=row_id, account_id=account_id, kept_at=uow.now(), **vars(one)
        )
        uow.session.execute(row.on_conflict_do_nothing())
        uow.audit("certificate.kept", "platform_account", account_id, serial_no=one.serial_no)
    return len(new)


def note_check(uow: UnitOfWork, account_id: UUID, *, outcome: str, again: timedelta) -> None:
    """Write down how a look ended and when the next is due.

    Args:
        outcome: `kept`, `none` (the platform has no certificate for this account), or why not.
    """
    uow.session.execute(
        update(CertificateCheck)
        .where(CertificateCheck.account_id == account_id)
        .values(outcome=outcome, next_at=uow.now() + again)
    )


def ends_soon(held: Sequence[Certificate], at: datetime) -> Certificate | None:
    """The last certificate, when it ends within thirty days and nothing follows it."""
    last = max(held, key=lambda one: one.expires_at, default=None)
    return last if last is not None and last.expires_at - at <= ENDS_SOON else None

"""Deeds on desks: a browser asks to be let in, its creator says yes, and may show it out again.

The browser shows a code of six digits and a QR code for two minutes. The creator sends the code in
the chat, or opens the QR code in WeChat, sees who asks and says yes. The browser then gets a new
token: whoever knew the one it asked with has nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from creator_tools.kernel import rng
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import family_of
from creator_tools.studio.deeds.doer import Doer, Step, offer_undo
from creator_tools.studio.models import DeskSession

ASK_LIFE = timedelta(minutes=2)
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=5)
CODE_LENGTH = 6
ASKS_PER_ADDRESS_MAX = 10
WRONG_CODES_MAX = 5
WRONG_CODES_WITHIN = timedelta(minutes=10)
_WRONG_CODE = "desk.code_refused"


class AskOver(DomainError):
    """Nobody asks with this code (any more): its two minutes are over, or it was used."""

    code = "desk_ask_over"
    kind = ErrorKind.NOT_FOUND
    sentence = "这个登录请求已经失效，请在电脑上刷新页面，换一个新的码。"
    sentence_en = "This request is over; reload the page at the desk for a new code."


class TooManyAsks(DomainError):
    """Too many browsers ask from one address, or too many wrong codes came from one person."""

    code = "too_many_desk_asks"
    kind = ErrorKind.TOO_MANY
    sentence = "尝试太频繁了，请过几分钟再试。"
    sentence_en = "That was too often; try again in a few minutes."


@dataclass(frozen=True)
class Waiting:
    """What a browser that asks shows: its code, what its QR code says, until when."""

    code: str
    link: str
    expires_at: datetime


@dataclass(frozen=True)
class Seated:
    """Who sits at a desk; `is_touch_due` asks for `touch`."""

    person_id: UUID
    is_touch_due: bool


def ask(uow: UnitOfWork, *, browser: str, address: str) -> str:
    """Let a browser ask to be let in; returns the token that it holds.

    Args:
        browser: what it seems to be, for the eye of the creator.
        address: where it is; kept as a hash.

    Raises:
        TooManyAsks: ten asks came from the address within two minutes.
    """
    place = _hash(f"desk-address:{address}")
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(place.hex(), 0))))
    asked = select(func.count()).where(
        DeskSession.address_hash == place, DeskSession.asked_at > uow.now() - ASK_LIFE
    )
    if (uow.session.scalar(asked) or 0) >= ASKS_PER_ADDRESS_MAX:
        raise TooManyAsks
    token = rng.token(uow.rng)
    row = DeskSession(
        id=uow.ids.new(),
        token_hash=_hash(token),
        link_hash=_hash(link_of(token)),
        code=_free_code(uow),
        browser=browser,
        address_hash=place,
        asked_at=uow.now(),
        expires_at=uow.now() + ASK_LIFE,
    )
    uow.session.add(row)
    uow.session.flush()
    uow.audit("desk.asked", "desk_session", row.id)
    return token


def link_of(token: str) -> str:
    """What the QR code of a browser says; it tells nothing of the token it is made from."""
    return hashlib.sha256(f"desk-link:{token}".encode("utf-8", "replace")).hexdigest()[:32]


def find_waiting(session: Session, token: str, now: datetime) -> Waiting | None:
    """What the browser that holds this token shows while it waits; None when it does not."""
    row = _by_token(session, token)
    if row is None or row.confirmed_at is not None or row.expires_at <= now:
        return None
    return Waiting(row.code, link_of(token), row.expires_at)


def is_confirmed(session: Session, token: str, now: datetime) -> bool:
    """Whether a creator said yes to the browser that holds this token."""
    row = _by_token(session, token)
    return row is not None and row.confirmed_at is not None and row.expires_at > now


def find_asking(session: Session, link: str, now: datetime) -> DeskSession:
    """The browser whose QR code says this.

    Raises:
        AskOver: none, or not any more.
    """
    row = session.scalar(select(DeskSession).where(DeskSession.link_hash == _hash(link)))
    if row is None or row.confirmed_at is not None or row.expires_at <= now:
        raise AskOver
    return row


def let_in_by_link(doer: Doer, link: str) -> DeskSession:
    """Say yes to the browser whose QR code says this; can be undone.

    Raises:
        AskOver: it asks no more.
    """
    return _let_in(doer, find_asking(doer.session, link, doer.uow.now()))


def let_in_by_code(doer: Doer, code: str) -> DeskSession | None:
    """Say yes to the browser that shows this code; can be undone. None when none shows it.

    A wrong code is counted, so the caller commits.

    Raises:
        TooManyAsks: five wrong codes within ten minutes.
    """
    wrong = select(func.count()).where(
        AuditEvent.object_type == "person",
        AuditEvent.object_id == doer.person_id,
        AuditEvent.action == _WRONG_CODE,
        AuditEvent.at > doer.uow.now() - WRONG_CODES_WITHIN,
    )
    if (doer.session.scalar(wrong) or 0) >= WRONG_CODES_MAX:
        raise TooManyAsks
    row = doer.session.scalar(_asking(code, doer.uow.now()))
    if row is None:
        doer.uow.audit(_WRONG_CODE, "person", doer.person_id)
        return None
    return _let_in(doer, row)


def arrive(uow: UnitOfWork, token: str) -> str | None:
    """Begin the session of a browser that was let in; returns its new token, once."""
    fresh = rng.token(uow.rng)
    found = uow.session.scalar(
        update(DeskSession)
        .where(
            DeskSession.token_hash == _hash(token),
            DeskSession.confirmed_at.is_not(None),
            DeskSession.last_seen_at.is_(None),
            DeskSession.revoked_at.is_(None),
            DeskSession.expires_at > uow.now(),
        )
        .values(token_hash=_hash(fresh), last_seen_at=uow.now())
        .returning(DeskSession.id)
    )
    if found is None:
        return None
    uow.audit("desk.arrived", "desk_session", found)
    return fresh


def seated(session: Session, token: str, now: datetime) -> Seated | None:
    """Who sits at the desk whose browser holds this token, or None."""
    row = _by_token(session, token)
    if row is None or row.person_id is None or row.last_seen_at is None:
        return None
    is_over = row.expires_at <= now or row.last_seen_at <= now - SESSION_IDLE
    if row.revoked_at is not None or is_over:
        return None
    return Seated(row.person_id, now - row.last_seen_at >= TOUCH_AFTER)


def touch(uow: UnitOfWork, token: str) -> None:
    """Note that a live session was seen. Not audited: nothing changed but the time."""
    uow.session.execute(
        update(DeskSession)
        .where(DeskSession.token_hash == _hash(token), DeskSession.revoked_at.is_(None))
        .values(last_seen_at=uow.now())
    )


def list_live(session: Session, person_id: UUID, now: datetime) -> list[DeskSession]:
    """The desks at which this person sits, the last one first."""
    return list(
        session.scalars(
            select(DeskSession)
            .where(
                DeskSession.person_id.in_(family_of(person_id)),
                DeskSession.revoked_at.is_(None),
                DeskSession.expires_at > now,
            )
            .order_by(DeskSession.asked_at.desc())
        )
    )


def end(uow: UnitOfWork, person_id: UUID, desk_id: UUID) -> None:
    """Show a browser out; somebody else's, or one that is out, is left as it is."""
    ended = uow.session.scalar(
        update(DeskSession)
        .where(
            DeskSession.id == desk_id,
            DeskSession.person_id.in_(family_of(person_id)),
            DeskSession.revoked_at.is_(None),
        )
        .values(revoked_at=uow.now())
        .returning(DeskSession.id)
        .execution_options(synchronize_session=False)
    )
    if ended is not None:
        uow.audit("desk.ended", "desk_session", ended)


def end_by_step(doer: Doer, step: Step) -> None:
    """Show out the browser that was just let in, for an undo."""
    end(doer.uow, doer.person_id, UUID(step["desk"]))


def sign_out(uow: UnitOfWork, token: str) -> None:
    """End the session of the browser that asks for it."""
    row = _by_token(uow.session, token)
    if row is not None and row.person_id is not None:
        end(uow, row.person_id, row.id)


def prune(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Forget asks and sessions whose time is over; returns how many."""
    old = (
        select(DeskSession.id)
        .where(DeskSession.expires_at <= uow.now())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = uow.session.scalars(
        delete(DeskSession).where(DeskSession.id.in_(old)).returning(DeskSession.id)
    )
    return len(gone.all())


def _let_in(doer: Doer, asking: DeskSession) -> DeskSession:
    doer.session.refresh(asking, with_for_update=True)
    if asking.confirmed_at is not None:
        raise AskOver
    asking.person_id, asking.confirmed_at = doer.person_id, doer.uow.now()
    asking.expires_at = doer.uow.now() + SESSION_LIFE
    doer.session.flush()
    doer.uow.audit("desk.let_in", "desk_session", asking.id)
    step = {"do": "end_desk_session", "desk": str(asking.id)}
    offer_undo(doer, f"「{asking.browser}」已退出登录。", step)
    return asking


def _free_code(uow: UnitOfWork) -> str:
    while True:
        code = rng.digits(uow.rng, CODE_LENGTH)
        if uow.session.scalar(_asking(code, uow.now())) is None:
            return code


def _asking(code: str, now: datetime) -> Select[DeskSession]:
    return select(DeskSession).where(
        DeskSession.code == code,
        DeskSession.confirmed_at.is_(None),
        DeskSession.expires_at > now,
    )


def _by_token(session: Session, token: str) -> DeskSession | None:
    return session.scalar(select(DeskSession).where(DeskSession.token_hash == _hash(token)))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()

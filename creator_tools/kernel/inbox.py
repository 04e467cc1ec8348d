"""What the outside tells us is a unique row before it is acknowledged.

Three rows, one statement: the fact (for ever, never changed), its sealed payload (pruned), its
progress (changes). A repetition finds the fact and gets the stored reply; a repetition that comes
while the first is still being handled waits on the unique key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from creator_tools.kernel.models import InboxFact, InboxPayload, InboxProgress
from creator_tools.kernel.resealing import SealedPlace
from creator_tools.kernel.sealing import SealBroken, Sealed, Sealer
from creator_tools.kernel.sheaf import Sheaf, array_of, run
from creator_tools.kernel.unit_of_work import UnitOfWork

PAYLOAD_KEPT_DAYS = 30
ATTEMPTS_MAX = 8
SEALED_PAYLOADS = SealedPlace(
    "payloads",
    InboxPayload,
    "key_id",
    "sealed_payload",
    lambda row: payload_purpose(row.fact_id),
)
SEALED_REPLIES = SealedPlace(
    "replies",
    InboxProgress,
    "reply_key_id",
    "sealed_reply",
    lambda row: reply_purpose(row.fact_id),
)
_KEEP_NEW = """
    INSERT INTO inbox_facts (received_at, id, account_id, source, source_key, kind)
    SELECT %s::timestamptz, given.*
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[])
         AS given(id, account_id, source, source_key, kind)
    ORDER BY given.account_id, given.source, given.source_key
    ON CONFLICT (account_id, source, source_key) DO NOTHING
    RETURNING id
"""


@dataclass(frozen=True)
class KeptFact:
    """A fact of the inbox: new to us, or a repetition of one that we have."""

    id: UUID
    is_new: bool
    state: str
    reply: str | None


def keep(
    uow: UnitOfWork, *, account_id: UUID, source: str, source_key: str, kind: str, payload: str
) -> KeptFact:
    """Keep one fact; the unique key decides whether it is new.

    Args:
        source: which door it came through ("message", "payment", "xpay", …).
        source_key: what makes two deliveries the same fact.
        kind: what it says, for people who look at the inbox.
        payload: the opened text; stored sealed.
    """
    fact_id = uow.session.execute(
        insert(InboxFact)
        .values(
            id=uow.ids.new(),
            account_id=account_id,
            source=source,
            source_key=source_key,
            kind=kind,
            received_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["account_id", "source", "source_key"])
        .returning(InboxFact.id)
    ).scalar_one_or_none()
    if fact_id is None:
        return _known(uow, account_id, source, source_key)
    uow.session.add(InboxPayload(**_payload_row(uow, fact_id, payload)))
    uow.session.add(InboxProgress(**_progress_row(uow, fact_id)))
    uow.session.flush()
    return KeptFact(fact_id, is_new=True, state="new", reply=None)


@dataclass(frozen=True)
class Told:
    """A fact on its way into the inbox; see `keep` for what its parts mean."""

    account_id: UUID
    source: str
    source_key: str
    kind: str
    payload: str


def keep_new(uow: UnitOfWork, told: Sequence[Told]) -> list[UUID | None]:
    """Keep the facts of many that are new, in one statement; None for each repetition.

    A new fact is not whole before `put_progress` has put what was said, and how far we are with
    it, on the unit's sheaf. Keys are taken in order, so that two batches cannot wait for each
    other.
    """
    ids = [uow.ids.new() for _ in told]
    columns = [(one.account_id, one.source, one.source_key, one.kind) for one in told]
    accounts, sources, keys, kinds = zip(*columns, strict=True)
    rows = run(
        uow.session,
        _KEEP_NEW,
        (
            uow.now(),
            array_of(ids, Uuid()),
            array_of(accounts, Uuid()),
            array_of(sources, String()),
            array_of(keys, String()),
            array_of(kinds, String()),
        ),
    )
    new = {row[0] for row in rows}
    return [one if one in new else None for one in ids]


def put_progress(
    sheaf: Sheaf, uow: UnitOfWork, fact_id: UUID, told: Told, *, is_done: bool
) -> None:
    """Complete a new fact on the sheaf: handled in this very commit, or waiting to be."""
    sheaf.add(InboxPayload, _payload_row(uow, fact_id, told.payload))
    progress = _progress_row(uow, fact_id)
    done = {"state": "done", "handled_at": uow.now()} if is_done else {"handled_at": None}
    sheaf.add(InboxProgress, progress | done)


def put_done(sheaf: Sheaf, uow: UnitOfWork, fact_id: UUID) -> None:
    """Put on the sheaf that a claimed fact is handled; see `mark_done`."""
    done = {"fact_id": fact_id, "state": "done", "handled_at": uow.now(), "error_code": None}
    sheaf.change(InboxProgress, "fact_id", done)


def _payload_row(uow: UnitOfWork, fact_id: UUID, payload: str) -> dict[str, Any]:
    sealed = uow.sealer.seal(payload.encode(), purpose=payload_purpose(fact_id))
    return {
        "fact_id": fact_id,
        "key_id": sealed.key_id,
        "sealed_payload": sealed.ciphertext,
        "kept_until": uow.now() + timedelta(days=PAYLOAD_KEPT_DAYS),
    }


def _progress_row(uow: UnitOfWork, fact_id: UUID) -> dict[str, Any]:
    return {"fact_id": fact_id, "state": "new", "attempts_count": 0, "next_at": uow.now()}


def _known(uow: UnitOfWork, account_id: UUID, source: str, source_key: str) -> KeptFact:
    row = uow.session.execute(
        select(InboxFact.id, InboxProgress)
        .join(InboxProgress, InboxProgress.fact_id == InboxFact.id)
        .where(
            InboxFact.account_id == account_id,
            InboxFact.source == source,
            InboxFact.source_key == source_key,
        )
    ).one()
    progress: InboxProgress = row[1]
    return KeptFact(
        row[0], is_new=False, state=progress.state, reply=_reply_of(progress, uow.sealer)
    )


def _reply_of(progress: InboxProgress, sealer: Sealer) -> str | None:
    if progress.sealed_reply is None or progress.reply_key_id is None:
        return None
    sealed = Sealed(progress.reply_key_id, progress.sealed_reply)
    return sealer.open(sealed, purpose=reply_purpose(progress.fact_id)).decode()


def payload_purpose(fact_id: UUID) -> str:
    """What the payload of a fact is sealed for."""
    return f"inbox:{fact_id}"


def reply_purpose(fact_id: UUID) -> str:
    """What the stored reply to a fact is sealed for."""
    return f"reply:{fact_id}"


def mark_done(uow: UnitOfWork, fact_id: UUID, *, reply: str | None = None) -> None:
    """The fact is handled in this very commit; `reply` is what every repetition will get."""
    values: dict[str, object] = {"state": "done", "handled_at": uow.now(), "error_code": None}
    if reply is not None:
        sealed = uow.sealer.seal(reply.encode(), purpose=reply_purpose(fact_id))
        values |= {"reply_key_id": sealed.key_id, "sealed_reply": sealed.ciphertext}
    uow.session.execute(
        update(InboxProgress).where(InboxProgress.fact_id == fact_id).values(**values)
    )


@dataclass(frozen=True)
class ClaimedFact:
    """A fact locked for this unit, with its payload open."""

    id: UUID
    account_id: UUID
    source: str
    kind: str
    payload: str
    received_at: datetime


def claim(uow: UnitOfWork, fact_id: UUID) -> ClaimedFact | None:
    """Lock an unhandled fact for this unit; None if it is handled or somebody has it."""
    progress = uow.session.scalars(
        select(InboxProgress)
        .where(InboxProgress.fact_id == fact_id, InboxProgress.state == "new")
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if progress is None:
        return None
    fact = uow.session.get_one(InboxFact, fact_id)
    kept = uow.session.get_one(InboxPayload, fact_id)
    text = uow.sealer.open(
        Sealed(kept.key_id, kept.sealed_payload), purpose=payload_purpose(fact_id)
    ).decode()
    return ClaimedFact(fact.id, fact.account_id, fact.source, fact.kind, text, fact.received_at)


def claim_many(
    uow: UnitOfWork, fact_ids: Sequence[UUID], *, source: str, kind: str
) -> list[ClaimedFact]:
    """Lock those of these unhandled facts that are of one kind and that nobody has, in order.

    One whose payload does not open is left out: claimed alone it says why.
    """
    rows = uow.session.execute(
        select(InboxFact, InboxPayload)
        .join(InboxProgress, InboxProgress.fact_id == InboxFact.id)
        .join(InboxPayload, InboxPayload.fact_id == InboxFact.id)
        .where(
            InboxProgress.fact_id.in_(fact_ids),
            InboxProgress.state == "new",
            InboxFact.source == source,
            InboxFact.kind == kind,
        )
        .order_by(InboxFact.id)
        .with_for_update(of=InboxProgress, skip_locked=True)
    )
    claimed = []
    for fact, kept in rows:
        sealed = Sealed(kept.key_id, kept.sealed_payload)
        try:
            text = uow.sealer.open(sealed, purpose=payload_purpose(fact.id)).decode()
        except SealBroken:
            continue
        claimed.append(ClaimedFact(fact.id, fact.account_id, source, kind, text, fact.received_at))
    return claimed


def note_failure(uow: UnitOfWork, fact_id: UUID, error_code: str) -> None:
    """Count a failed try in a unit of its own; after 8 the fact is dead and a person is told."""
    progress = uow.session.scalars(
        select(InboxProgress).where(InboxProgress.fact_id == fact_id).with_for_update()
    ).one()
    if progress.state != "new":
        return
    progress.attempts_count += 1
    progress.error_code = error_code
    delay_s = min(600, 2**progress.attempts_count)
    progress.next_at = uow.now() + timedelta(seconds=delay_s)
    if progress.attempts_count >= ATTEMPTS_MAX:
        progress.state = "dead"
        uow.audit("inbox.dead", "inbox_fact", fact_id, error_code=error_code)
        uow.alarm("inbox_fact_dead", str(fact_id), error_code=error_code)


def park(uow: UnitOfWork, fact_id: UUID, reason: str) -> None:
    """Set a fact aside for a person: we understood it and will not act on it."""
    uow.session.execute(
        update(InboxProgress)
        .where(InboxProgress.fact_id == fact_id)
        .values(state="parked", error_code=reason, handled_at=uow.now())
    )
    uow.audit("inbox.parked", "inbox_fact", fact_id, reason=reason)
    uow.alarm("inbox_fact_parked", str(fact_id), reason=reason)


def replay(uow: UnitOfWork, fact_id: UUID) -> bool:
    """Let a dead or parked fact be handled again; False when there is no such fact."""
    moved = uow.session.execute(
        update(InboxProgress)
        .where(InboxProgress.fact_id == fact_id, InboxProgress.state.in_(("dead", "parked")))
        .values(state="new", attempts_count=0, next_at=uow.now(), error_code=None)
        .returning(InboxProgress.fact_id)
    ).first()
    if moved is not None:
        uow.audit("inbox.replayed", "inbox_fact", fact_id)
    return moved is not None


def list_due(session: Session, now: datetime, *, limit: int = 100) -> list[UUID]:
    """Facts that wait to be handled, oldest first."""
    return list(
        session.scalars(
            select(InboxProgress.fact_id)
            .where(InboxProgress.state == "new", InboxProgress.next_at <= now)
            .order_by(InboxProgress.next_at)
            .limit(limit)
        )
    )


def prune_payloads(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Forget what was said more than `PAYLOAD_KEPT_DAYS` ago; returns how many."""
    old = (
        select(InboxPayload.fact_id)
        .join(InboxProgress, InboxProgress.fact_id == InboxPayload.fact_id)
        .where(InboxPayload.kept_until < uow.now(), InboxProgress.state == "done")
        .limit(limit)
    )
    gone = uow.session.execute(
        delete(InboxPayload).where(InboxPayload.fact_id.in_(old)).returning(InboxPayload.fact_id)
    )
    return len(gone.all())

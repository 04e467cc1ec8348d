"""Giving and ending rights. A right lives while one of its sources does."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.access import rules
from creator_tools.access.errors import AccessTermInvalid
from creator_tools.access.models import Entitlement, EntitlementSource, WorkOpening
from creator_tools.access.queries import LINE_KEY
from creator_tools.access.rules import REASON_CHARS_MAX, Term
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.sheaf import Sheaf
from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import family_of, survivor_of


@dataclass(frozen=True)
class Granted:
    """The right that was given, or had been given by the same source before.

    `was_owned`: an order had opened the object for ever already, so this one opened nothing more.
    """

    entitlement_id: UUID
    starts_at: datetime
    ends_at: datetime | None
    is_new: bool
    was_owned: bool = False


def grant(
    uow: UnitOfWork,
    *,
    person_id: UUID,
    creator_id: UUID,
    object_type: str,
    object_id: UUID,
    source_kind: str,
    source_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
) -> Granted:
    """Let a person open an object, because of one source.

    The same source again changes nothing. A term that comes while another one runs starts when
    that one ends, so nobody who renews early loses a day.

    Args:
        object_type: "work" or "column".
        source_kind: "order", "gift" or "operator"; with `source_id` it says why.
        ends_at: None means for ever.

    Raises:
        AccessTermInvalid: `ends_at` is not after `starts_at`.
    """
    if ends_at is not None and ends_at <= starts_at:
        raise AccessTermInvalid
    person_id = survivor_of(uow.session, person_id) or person_id
    _lock_line(uow, person_id, object_id)
    sources = _sources(uow, person_id, object_type, object_id)
    for known in sources:
        if (known.kind, known.source_id) == (source_kind, source_id):
            return Granted(known.entitlement_id, known.starts_at, known.ends_at, is_new=False)
    alive = [source for source in sources if source.ended_at is None]
    term = rules.in_line(Term(starts_at, ends_at), _terms_of(alive))
    entitlement_id = _entitlement(uow, person_id, creator_id, object_type, object_id)
    source = _source_row(uow, entitlement_id, source_kind, source_id, term)
    uow.session.add(EntitlementSource(**source))
    uow.session.flush()
    uow.audit("access.granted", "entitlement", entitlement_id, **_told_of(source))
    was_owned = any(one.kind == "order" and one.ends_at is None for one in alive)
    return Granted(entitlement_id, term.starts_at, term.ends_at, is_new=True, was_owned=was_owned)


@dataclass(frozen=True)
class FirstGrant:
    """A right to something of which the person has had no right yet.

    `person_id` is the one that stands for the human today.
    """

    person_id: UUID
    creator_id: UUID
    object_type: str
    object_id: UUID
    source_kind: str
    source_id: UUID
    starts_at: datetime
    ends_at: datetime | None


def put_first(sheaf: Sheaf, uow: UnitOfWork, first: FirstGrant) -> None:
    """Put what `grant` would write on a sheaf, for a line that `queries.claim_first` gave us.

    Raises:
        AccessTermInvalid: the term does not end after it starts.
    """
    if first.ends_at is not None and first.ends_at <= first.starts_at:
        raise AccessTermInvalid
    entitlement = _entitlement_row(
        uow, first.person_id, first.creator_id, first.object_type, first.object_id
    )
    term = rules.in_line(Term(first.starts_at, first.ends_at), ())
    source = _source_row(uow, entitlement["id"], first.source_kind, first.source_id, term)
    sheaf.add(Entitlement, entitlement)
    sheaf.add(EntitlementSource, source)
    told = uow.audit_row("access.granted", "entitlement", entitlement["id"], **_told_of(source))
    sheaf.add(AuditEvent, told)


def _source_row(
    uow: UnitOfWork, entitlement_id: UUID, source_kind: str, source_id: UUID, term: Term
) -> dict[str, Any]:
    return {
        "id": uow.ids.new(),
        "entitlement_id": entitlement_id,
        "kind": source_kind,
        "source_id": source_id,
        "starts_at": term.starts_at,
        "ends_at": term.ends_at,
        "created_at": uow.now(),
    }


def _told_of(source: dict[str, Any]) -> dict[str, Any]:
    ends_at: datetime | None = source["ends_at"]
    return {
        "source_kind": source["kind"],
        "source_id": str(source["source_id"]),
        "ends_at": None if ends_at is None else ends_at.isoformat(),
    }


def end_source(
    uow: UnitOfWork,
    *,
    source_kind: str,
    source_id: UUID,
    reason: str,
    objects: Collection[tuple[str, UUID]] | None = None,
) -> int:
    """End one reason for rights, as after a refund; returns how many rights it had fed.

    Rights with another live source stay. Terms that waited behind the ended one move forward,
    so that what was paid for is not lost in a gap. Ending again changes nothing and returns 0.

    Args:
        objects: only for these (type, id); None for all that the source feeds.

    Raises:
        TextRefused: the reason cannot be kept.
    """
    cleaned = clean_line(reason, "reason", REASON_CHARS_MAX)
    ended_count = 0
    for person_id, object_type, object_id in _fed_by(uow, source_kind, source_id, objects):
        _lock_line(uow, survivor_of(uow.session, person_id) or person_id, object_id)
        sources = _sources(uow, person_id, object_type, object_id)
        for source in sources:
            is_it = (source.kind, source.source_id) == (source_kind, source_id)
            if is_it and source.ended_at is None:
                _end(uow, source, cleaned)
                ended_count += 1
        _close_up(uow, [source for source in sources if source.ended_at is None])
    uow.session.flush()
    return ended_count


def revive_source(
    uow: UnitOfWork,
    *,
    source_kind: str,
    source_id: UUID,
    objects: Collection[tuple[str, UUID]],
) -> int:
    """Take the end of a source back, because what it ended for did not come true.

    The term is what it was; another one that has moved up meanwhile stays where it is. Returns
    how many rights live again.
    """
    revived_count = 0
    for person_id, object_type, object_id in _fed_by(uow, source_kind, source_id, objects):
        _lock_line(uow, survivor_of(uow.session, person_id) or person_id, object_id)
        for source in _sources(uow, person_id, object_type, object_id):
            is_it = (source.kind, source.source_id) == (source_kind, source_id)
            if is_it and source.ended_at is not None:
                source.ended_at, source.ended_reason = None, None
                told = {"source_kind": source_kind, "source_id": str(source_id)}
                uow.audit("access.source_revived", "entitlement", source.entitlement_id, **told)
                revived_count += 1
    uow.session.flush()
    return revived_count


def _fed_by(
    uow: UnitOfWork,
    source_kind: str,
    source_id: UUID,
    objects: Collection[tuple[str, UUID]] | None,
) -> list[tuple[UUID, str, UUID]]:
    """Whose rights to which objects a source feeds; all of them, or those to some objects."""
    fed = uow.session.execute(
        select(Entitlement.person_id, Entitlement.object_type, Entitlement.object_id)
        .join(EntitlementSource, EntitlementSource.entitlement_id == Entitlement.id)
        .where(EntitlementSource.kind == source_kind, EntitlementSource.source_id == source_id)
        .order_by(Entitlement.object_id)
    )
    return [
        (person_id, object_type, object_id)
        for person_id, object_type, object_id in fed
        if objects is None or (object_type, object_id) in objects
    ]


def note_opened(uow: UnitOfWork, *, person_id: UUID, work_id: UUID) -> bool:
    """Remember when a person first opened a work that had been sold; False when it was known."""
    reader_id = survivor_of(uow.session, person_id) or person_id
    noted = uow.session.execute(
        insert(WorkOpening)
        .values(person_id=reader_id, work_id=work_id, opened_at=uow.now())
        .on_conflict_do_nothing()
        .returning(WorkOpening.work_id)
    ).first()
    return noted is not None


def _end(uow: UnitOfWork, source: EntitlementSource, reason: str) -> None:
    source.ended_at, source.ended_reason = uow.now(), reason
    uow.audit(
        "access.source_ended",
        "entitlement",
        source.entitlement_id,
        source_kind=source.kind,
        source_id=str(source.source_id),
        reason=reason,
    )


def _close_up(uow: UnitOfWork, sources: list[EntitlementSource]) -> None:
    waiting = [source for source in sources if source.starts_at > uow.now()]
    running = [source for source in sources if source.starts_at <= uow.now()]
    moved = rules.closed_up(_terms_of(waiting), _terms_of(running), uow.now())
    for source, term in zip(waiting, moved, strict=True):
        if term == Term(source.starts_at, source.ends_at):
            continue
        source.starts_at, source.ends_at = term.starts_at, term.ends_at
        uow.audit(
            "access.term_moved",
            "entitlement",
            source.entitlement_id,
            source_id=str(source.source_id),
            starts_at=term.starts_at.isoformat(),
        )


def _lock_line(uow: UnitOfWork, person_id: UUID, object_id: UUID) -> None:
    # One at a time for a person and an object: two renewals at once must stand in line too,
    # also when neither has made the entitlement's row yet.
    key = LINE_KEY.format(person_id=person_id, object_id=object_id)
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _entitlement(
    uow: UnitOfWork, person_id: UUID, creator_id: UUID, object_type: str, object_id: UUID
) -> UUID:
    made: UUID | None = uow.session.scalar(
        insert(Entitlement)
        .values(**_entitlement_row(uow, person_id, creator_id, object_type, object_id))
        .on_conflict_do_nothing(index_elements=["person_id", "object_type", "object_id"])
        .returning(Entitlement.id)
    )
    if made is not None:
        return made
    return uow.session.scalars(
        select(Entitlement.id).where(
            Entitlement.person_id == person_id,
            Entitlement.object_type == object_type,
            Entitlement.object_id == object_id,
        )
    ).one()


def _entitlement_row(
    uow: UnitOfWork, person_id: UUID, creator_id: UUID, object_type: str, object_id: UUID
) -> dict[str, Any]:
    return {
        "id": uow.ids.new(),
        "creator_id": creator_id,
        "person_id": person_id,
        "object_type": object_type,
        "object_id": object_id,
        "created_at": uow.now(),
    }


def _sources(
    uow: UnitOfWork, person_id: UUID, object_type: str, object_id: UUID
) -> list[EntitlementSource]:
    """The sources of this human's right to one object, ended ones too, in order of start."""
    return list(
        uow.session.scalars(
            select(EntitlementSource)
            .join(Entitlement, Entitlement.id == EntitlementSource.entitlement_id)
            .where(
                Entitlement.person_id.in_(family_of(person_id)),
                Entitlement.object_type == object_type,
                Entitlement.object_id == object_id,
            )
            .order_by(EntitlementSource.starts_at, EntitlementSource.id)
            .execution_options(populate_existing=True)
        )
    )


def _terms_of(sources: list[EntitlementSource]) -> list[Term]:
    return [Term(source.starts_at, source.ends_at) for source in sources]

"""The one gate: who may open what. Locked bytes never leave the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, select, text
from sqlalchemy.orm import Session

from creator_tools.access.models import WorkOpening
from creator_tools.catalogue import queries as catalogue
from creator_tools.kernel.at_once import named
from creator_tools.kernel.sheaf import array_of, run
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.people import queries as people
from creator_tools.works import queries as works
from creator_tools.works.queries import Attached

# This human's ids: rows written before two people were merged still carry the other one's.
_FAMILY = """
    SELECT p.id FROM people p
    WHERE p.id = (SELECT coalesce(a.merged_into_id, a.id) FROM people a WHERE a.id = :person_id)
       OR p.merged_into_id =
          (SELECT coalesce(a.merged_into_id, a.id) FROM people a WHERE a.id = :person_id)
"""
_LIVE = "s.ended_at IS NULL AND s.starts_at <= :now AND (s.ends_at IS NULL OR s.ends_at > :now)"

# A column's right opens the works at home there; those that stand there too; and those that did
# when, or after, the right was sold: taking a work out takes nothing that was sold. A right that
# waits its turn was sold when it was written down; one that is told late, when it was paid.
_IN_COLUMN = """
    (e.object_id = w.column_id OR EXISTS (
        SELECT FROM column_works cw
        WHERE cw.work_id = w.id AND cw.column_id = e.object_id
          AND (cw.removed_at IS NULL OR least(s.created_at, s.starts_at) <= cw.removed_at)))
"""

_OPEN_WORK_SQL = f"""
    WITH family AS ({_FAMILY})
    SELECT w.id, r.title, w.column_id, w.creator_id, r.preview_html,
           CASE WHEN gate.unlocked THEN r.body_html END AS html, gate.unlocked, w.state,
           r.id AS revision_id, r.attachments_count, person.is_own, person.is_entitled
    FROM works w
    JOIN revisions r ON r.id = coalesce(w.live_revision_id, w.draft_revision_id)
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM creators c JOIN family f ON f.id = c.person_id WHERE c.id = w.creator_id
        ) AS is_own, EXISTS (
            SELECT FROM entitlements e
            JOIN family f ON f.id = e.person_id
            JOIN entitlement_sources s ON s.entitlement_id = e.id
            WHERE ((e.object_type = 'work' AND e.object_id = w.id)
                OR (e.object_type = 'column' AND {_IN_COLUMN}))
              AND {_LIVE}
        ) AS is_entitled
        OFFSET 0 -- asked once, and not again wherever the answer stands
    ) person
    CROSS JOIN LATERAL (
        SELECT person.is_own OR person.is_entitled OR w.is_free AS unlocked
    ) gate
    WHERE w.id = :work_id
      AND (person.is_own
           OR w.state = 'published'
           OR (w.state = 'withdrawn' AND w.live_revision_id IS NOT NULL AND person.is_entitled))
"""  # noqa: S608 - put together from constants of this file
_OPEN_WORK = text(_OPEN_WORK_SQL)
# One look is as good as several: each room gives its own words, and the gate's are those above.
_SESSION_COLUMNS = 5
_OFFERS = catalogue.offers_at("o.id", "o.column_id")
_READ_WORK = named(f"SELECT o.*, {_OFFERS} FROM ({_OPEN_WORK_SQL}) o")  # noqa: S608
_READ_WORK_OF_BEARER = named(f"""
    WITH bearer AS MATERIALIZED ({people.FIND_SESSION}),
    opened AS MATERIALIZED (
        {_OPEN_WORK_SQL.replace(":person_id", "(SELECT b.person_id FROM bearer b)")})
    SELECT b.*, o.*, {_OFFERS} FROM bearer b LEFT JOIN opened o ON true
""")  # noqa: S608 - put together from constants

_HAS_ACCESS = text(f"""
    SELECT EXISTS (
        SELECT FROM entitlements e
        JOIN entitlement_sources s ON s.entitlement_id = e.id
        WHERE e.person_id IN ({_FAMILY})
          AND ((e.object_type = :object_type AND e.object_id = :object_id)
            OR (:object_type = 'work' AND e.object_type = 'column' AND EXISTS
                (SELECT FROM works w WHERE w.id = :object_id AND {_IN_COLUMN})))
          AND {_LIVE}
    )
""")  # noqa: S608 - put together from constants of this file

_HAS_ANY_IN_COLUMN = text(f"""
    SELECT EXISTS (
        SELECT FROM entitlements e
        JOIN entitlement_sources s ON s.entitlement_id = e.id
        WHERE e.person_id IN ({_FAMILY})
          AND ((e.object_type = 'column' AND e.object_id = :column_id)
            OR (e.object_type = 'work' AND e.object_id IN
                (SELECT w.id FROM works w WHERE w.column_id = :column_id)))
          AND {_LIVE}
    )
""")  # noqa: S608 - put together from constants of this file

# A term bought early starts when the present one ends, so the end is that of the last in line.
_LIST_ENTITLEMENTS = text(f"""
    SELECT e.object_type, e.object_id,
           CASE WHEN bool_or(s.ends_at IS NULL) THEN NULL ELSE max(s.ends_at) END AS ends_at
    FROM entitlements e
    JOIN entitlement_sources s ON s.entitlement_id = e.id
    WHERE e.person_id IN ({_FAMILY})
      AND s.ended_at IS NULL AND (s.ends_at IS NULL OR s.ends_at > :now)
    GROUP BY e.object_type, e.object_id
    HAVING bool_or(s.starts_at <= :now)
    ORDER BY min(e.created_at), e.object_id
""")  # noqa: S608 - put together from constants of this file

_LIST_RUN_OUT = text(f"""
    SELECT e.object_type, e.object_id, max(s.ends_at) AS ends_at
    FROM entitlements e
    JOIN entitlement_sources s ON s.entitlement_id = e.id
    WHERE e.person_id IN ({_FAMILY}) AND s.ended_at IS NULL
    GROUP BY e.object_type, e.object_id
    HAVING bool_and(s.ends_at IS NOT NULL AND s.ends_at <= :now)
    ORDER BY max(s.ends_at) DESC, e.object_id
    LIMIT :limit
""")  # noqa: S608 - put together from constants of this file

_LIST_COLUMNS = text(f"""
    SELECT coalesce(w.column_id, e.object_id) AS column_id
    FROM entitlements e
    JOIN entitlement_sources s ON s.entitlement_id = e.id
    LEFT JOIN works w ON e.object_type = 'work' AND w.id = e.object_id
    WHERE e.person_id IN ({_FAMILY}) AND {_LIVE}
      AND (e.object_type = 'column' OR (e.object_type = 'work' AND w.id IS NOT NULL))
    GROUP BY 1
    ORDER BY min(e.created_at), 1
""")  # noqa: S608 - put together from constants of this file

# What two grants of one right to one human wait for; `service.grant` locks the same.
LINE_KEY = "access:{person_id}:{object_id}"
_CLAIM_FIRST = """
    SELECT w.position,
           pg_try_advisory_xact_lock(hashtextextended(w.line_key, 0)) AND NOT EXISTS (
               SELECT FROM entitlements e
               WHERE e.object_type = w.object_type AND e.object_id = w.object_id
                 AND e.person_id IN (SELECT p.id FROM people p
                                     WHERE p.id = w.person_id OR p.merged_into_id = w.person_id))
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[])
         WITH ORDINALITY AS w(person_id, object_type, object_id, line_key, position)
"""


_LIST_OPENED = text(f"""
    SELECT DISTINCT w.id FROM works w
    JOIN entitlements e ON e.person_id IN ({_FAMILY})
    JOIN entitlement_sources s ON s.entitlement_id = e.id
    WHERE w.id = ANY(:work_ids)
      AND ((e.object_type = 'work' AND e.object_id = w.id)
        OR (e.object_type = 'column' AND {_IN_COLUMN}))
      AND {_LIVE}
""")  # noqa: S608 - put together from constants of this file

_LIST_KEPT = text(f"""
    SELECT DISTINCT w.id FROM column_works gone
    JOIN works w ON w.id = gone.work_id
    JOIN entitlements e ON e.object_type = 'column' AND e.object_id = gone.column_id
     AND e.person_id IN ({_FAMILY})
    JOIN entitlement_sources s ON s.entitlement_id = e.id
    WHERE gone.column_id = :column_id AND gone.removed_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM column_works cw WHERE cw.work_id = w.id
                      AND cw.column_id = gone.column_id AND cw.removed_at IS NULL)
      AND least(s.created_at, s.starts_at) <= gone.removed_at
      AND {_LIVE}
""")  # noqa: S608 - put together from constants of this file


@dataclass(frozen=True)
class OpenedWork:
    """A work as one person may see it; `html` is None unless it is unlocked for them.

    `revision_id` is the revision that is shown, `attachments_count` how much it carries, `is_own`
    whether this person made it, and `is_entitled` whether a right of theirs opens it.
    """

    id: UUID
    title: str
    column_id: UUID
    creator_id: UUID
    preview_html: str
    html: str | None
    unlocked: bool
    state: str
    revision_id: UUID
    attachments_count: int
    is_own: bool
    is_entitled: bool


@dataclass(frozen=True)
class ReadWork:
    """A work as one person may see it, and what they could buy that opens it."""

    opened: OpenedWork
    offers: list[catalogue.Offered]


@dataclass(frozen=True)
class HeldEntitlement:
    """What a person may open now, and until when; None means for ever."""

    object_type: str
    object_id: UUID
    ends_at: datetime | None


def open_work(
    session: Session, *, work_id: UUID, person_id: UUID | None, now: datetime
) -> OpenedWork | None:
    """The work as this person may see it, in one query; None when there is nothing to see.

    Readers see published works. Who paid for a work keeps it when it is withdrawn, and a creator
    sees their own in every state. The body is unlocked by an entitlement on the work or on its
    column, for the creator, and for everybody when the work is free.
    """
    row = session.execute(
        _OPEN_WORK, {"work_id": work_id, "person_id": person_id, "now": now}
    ).one_or_none()
    return None if row is None else OpenedWork(*row)


def glance_at_work(
    units: UnitsOfWork, *, work_id: UUID, person_id: UUID | None, now: datetime
) -> ReadWork | None:
    """As `open_work`, by the same gate, with what is on sale, where nothing else is asked."""
    values = {"work_id": work_id, "person_id": person_id, "now": now}
    rows = units.glance(_READ_WORK, values)
    return _read_work(rows[0]) if rows else None


def glance_as_bearer(
    units: UnitsOfWork, *, work_id: UUID, token: str, now: datetime
) -> tuple[people.SignedIn, ReadWork] | None:
    """`people.glance_at_session` and `glance_at_work` in one look; None when either finds none."""
    values = {"work_id": work_id, **people.session_values(token, now)}
    rows = units.glance(_READ_WORK_OF_BEARER, values)
    if not rows or rows[0][_SESSION_COLUMNS] is None:
        return None
    return (
        people.signed_in_of(rows[0][:_SESSION_COLUMNS], now),
        _read_work(rows[0][_SESSION_COLUMNS:]),
    )


def _read_work(row: tuple[Any, ...]) -> ReadWork:
    *opened, listed = row
    return ReadWork(OpenedWork(*opened), catalogue.offers_in(listed))


def open_attachment(
    session: Session, *, attachment_id: UUID, person_id: UUID | None, now: datetime
) -> Attached | None:
    """A file of a work, if this person may have its bytes now; None when not, or not there.

    It opens when its work does, in the revision that is shown. Its creator also opens what only a
    draft carries.
    """
    attachment = works.find_attachment(session, attachment_id)
    if attachment is None:
        return None
    opened = open_work(session, work_id=attachment.work_id, person_id=person_id, now=now)
    if opened is None or not opened.unlocked:
        return None
    found = works.find_attached(session, attachment_id, opened.revision_id)
    if found is None and opened.is_own:
        found = works.find_attached(session, attachment_id, None)
    return found


def has_access(
    session: Session, *, person_id: UUID, object_type: str, object_id: UUID, now: datetime
) -> bool:
    """Whether a live entitlement opens this object; a column's opens each work in it."""
    values = {
        "person_id": person_id,
        "object_type": object_type,
        "object_id": object_id,
        "now": now,
    }
    return bool(session.scalar(_HAS_ACCESS, values))


def list_opened(
    session: Session, *, person_id: UUID, work_ids: list[UUID], now: datetime
) -> set[UUID]:
    """Those of these works that a live entitlement opens, by whichever of their columns."""
    values = {"person_id": person_id, "work_ids": work_ids, "now": now}
    return set(session.scalars(_LIST_OPENED, values)) if work_ids else set()


def list_kept(session: Session, *, person_id: UUID, column_id: UUID, now: datetime) -> list[UUID]:
    """Works that left a column and that this person keeps by what was sold to them before."""
    values = {"person_id": person_id, "column_id": column_id, "now": now}
    return list(session.scalars(_LIST_KEPT, values))


def has_any_in_column(session: Session, *, person_id: UUID, column_id: UUID, now: datetime) -> bool:
    """Whether a live entitlement opens the column or one of its works."""
    values = {"person_id": person_id, "column_id": column_id, "now": now}
    return bool(session.scalar(_HAS_ANY_IN_COLUMN, values))


def list_entitlements(session: Session, person_id: UUID, now: datetime) -> list[HeldEntitlement]:
    """What this person may open now, the oldest right first.

    The end is that of the last term in line; it counts terms that were bought ahead.
    """
    rows = session.execute(_LIST_ENTITLEMENTS, {"person_id": person_id, "now": now})
    return [HeldEntitlement(*row) for row in rows]


def list_run_out(
    session: Session, person_id: UUID, now: datetime, limit: int = 20
) -> list[HeldEntitlement]:
    """What this person could open until its term ran out, the last one to run out first."""
    rows = session.execute(_LIST_RUN_OUT, {"person_id": person_id, "now": now, "limit": limit})
    return [HeldEntitlement(*row) for row in rows]


def list_columns(session: Session, person_id: UUID, now: datetime) -> list[UUID]:
    """The columns in which something is open to this person, the oldest right first."""
    return list(session.scalars(_LIST_COLUMNS, {"person_id": person_id, "now": now}))


def claim_first(session: Session, wanted: Sequence[tuple[UUID, str, UUID]]) -> list[bool]:
    """Which of these rights would be the first of their kind, each locked until the unit ends.

    Nobody is waited for: what somebody else is working on counts as not the first. A right that
    was given meanwhile is caught by the unique key of entitlements.

    Args:
        wanted: (person as they stand for their human today, object type, object id).
    """
    person_ids, object_types, object_ids = zip(*wanted, strict=True)
    keys = [LINE_KEY.format(person_id=one[0], object_id=one[2]) for one in wanted]
    rows = run(
        session,
        _CLAIM_FIRST,
        (
            array_of(person_ids, Uuid()),
            array_of(object_types, String()),
            array_of(object_ids, Uuid()),
            array_of(keys, String()),
        ),
    )
    return [bool(is_first) for _position, is_first in sorted(tuple(row) for row in rows)]


def list_read(session: Session, person_id: UUID, work_ids: list[UUID]) -> list[UUID]:
    """Which of these works this person has ever opened; asked by every id the human has had."""
    if not work_ids:
        return []
    opened = session.scalars(
        select(WorkOpening.work_id)
        .where(
            WorkOpening.person_id.in_(people.family_of(person_id)),
            WorkOpening.work_id.in_(work_ids),
        )
        .distinct()
    )
    return list(opened)

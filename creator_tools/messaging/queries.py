"""Whom to tell, and about what."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.messaging.models import MutedNotice
from creator_tools.messaging.rules import CONTACT_WINDOW, KEEPING, REVIEW, SEAT
from creator_tools.orders import queries as orders
from creator_tools.people import queries as people
from creator_tools.refunds import queries as refunds
from creator_tools.works import queries as works


@dataclass(frozen=True)
class GroupDoor:
    """A fan group that stands open: whose readers it is for, and its link for ever."""

    column_title: str
    path: str


@dataclass(frozen=True)
class PaidNotice:
    """What a buyer is told after paying."""

    person_id: UUID
    title: str
    amount_fen: int
    path: str
    door: GroupDoor | None


def find_group_door(
    session: Session, *, person_id: UUID, column_id: UUID, now: datetime
) -> GroupDoor | None:
    """The fan group of a column that this person may enter and would get into now, or None."""
    group = fan_groups.find_door(session, column_id, person_id, now)
    if group is None:
        return None
    return GroupDoor(columns.get(session, column_id).title, f"/g/{group.code}")


def paid_notice(session: Session, order_id: UUID, now: datetime) -> PaidNotice | None:
    """The notice of a paid order, or None when there is nothing to tell.

    What it says about the fan group is what holds at `now`.
    """
    order = orders.find(session, order_id)
    if order is None or order.paid_at is None:
        return None
    line = orders.lines_of(session, order_id)[0]
    column_id = line.object_id
    if line.object_type == "work":
        column_id = works.get(session, line.object_id).column_id
    return PaidNotice(
        order.person_id,
        line.title,
        order.amount_fen,
        f"/h5/{line.object_type}s/{line.object_id}",
        find_group_door(session, person_id=order.person_id, column_id=column_id, now=now),
    )


def muted_notices(session: Session, person_id: UUID) -> frozenset[str]:
    """The kinds of notices that this human switched off."""
    muted = select(MutedNotice.kind).where(MutedNotice.person_id.in_(people.family_of(person_id)))
    return frozenset(session.scalars(muted))


def offered_notices(session: Session, person_id: UUID) -> list[str]:
    """The kinds of notices that may ever reach this human, as they are now.

    A seat is anybody's; reviews are a creator's, and warnings those of whoever keeps a group.
    """
    offered = [SEAT]
    if creators.find_by_person(session, person_id) is not None:
        offered.append(REVIEW)
    if fan_groups.list_kept(session, person_id):
        offered.append(KEEPING)
    return offered


@dataclass(frozen=True)
class RefundNotice:
    """What a fan is told of their refund; `words` are the operator's, on a no."""

    person_id: UUID
    title: str
    amount_fen: int
    path: str
    words: str | None
    ends_access: bool


def refund_notice(session: Session, refund_id: UUID) -> RefundNotice | None:
    """What to tell of a refund, or None when it belongs to nobody we know."""
    refund = refunds.get(session, refund_id)
    if refund.person_id is None or refund.order_id is None:
        return None
    given = refunds.lines_of(session, refund_id)
    titles = [line.title for _, line in given] or [
        line.title for line in orders.lines_of(session, refund.order_id)
    ]
    return RefundNotice(
        refund.person_id,
        "》《".join(titles),
        refund.amount_fen,
        f"/h5/orders/{refund.order_id}/refund",
        refund.decision_words,
        any(one.ends_access for one, _ in given),
    )


def may_write(session: Session, person_id: UUID, account_id: UUID, now: datetime) -> bool:
    """Whether the platform lets us write to this person: they wrote or paid within 48 hours."""
    heard_at = people.last_heard_at(session, person_id, account_id)
    if heard_at is not None and heard_at > now - CONTACT_WINDOW:
        return True
    return any(
        order.paid_at is not None and order.paid_at > now - CONTACT_WINDOW
        for order in orders.list_of_person(session, person_id, limit=5)
    )

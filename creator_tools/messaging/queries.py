"""Whom to tell, and about what."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from creator_tools.orders import queries as orders


@dataclass(frozen=True)
class PaidNotice:
    """What a buyer is told after paying."""

    person_id: UUID
    title: str
    amount_fen: int
    path: str


def paid_notice(session: Session, order_id: UUID) -> PaidNotice | None:
    """The notice of a paid order, or None when there is nothing to tell."""
    order = orders.find(session, order_id)
    if order is None or order.paid_at is None:
        return None
    line = orders.lines_of(session, order_id)[0]
    folder = "works" if line.object_type == "work" else "columns"
    return PaidNotice(
        order.person_id, line.title, order.amount_fen, f"/h5/{folder}/{line.object_id}"
    )

"""Reading in which columns works stand."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from creator_tools.works.models import ColumnWork, Work


def columns_standing(work_id: UUID) -> Select[UUID]:
    """The columns a work stands in besides its home, as part of another query."""
    return select(ColumnWork.column_id).where(
        ColumnWork.work_id == work_id, ColumnWork.removed_at.is_(None)
    )


def works_standing(column_id: UUID) -> Select[UUID]:
    """The works that stand in a column which is not their home, as part of another query."""
    return select(ColumnWork.work_id).where(
        ColumnWork.column_id == column_id, ColumnWork.removed_at.is_(None)
    )


def list_standing(session: Session, work_id: UUID) -> list[UUID]:
    """The columns a work stands in besides its home, in the order it came there."""
    return list(session.scalars(columns_standing(work_id).order_by(ColumnWork.added_at)))


def stands_in(column_id: UUID) -> ColumnElement[bool]:
    """The condition that a work stands in a column, at home or besides."""
    return or_(Work.column_id == column_id, Work.id.in_(works_standing(column_id)))


def has_stood_in(session: Session, work_id: UUID, column_id: UUID) -> bool:
    """Whether a work stands in a column that is not its home, or did: readers may go on there."""
    stood = select(ColumnWork.id).where(
        ColumnWork.work_id == work_id, ColumnWork.column_id == column_id
    )
    return bool(session.scalar(select(stood.exists())))

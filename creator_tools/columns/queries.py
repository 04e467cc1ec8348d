"""Reading columns."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from creator_tools.columns.errors import ColumnNotFound
from creator_tools.columns.models import Column
from creator_tools.columns.rules import TITLE_CHARS_MAX
from creator_tools.kernel import searching
from creator_tools.kernel.text import TextRefused, clean_line


def get(session: Session, column_id: UUID) -> Column:
    """The column with this id.

    Raises:
        ColumnNotFound: there is none.
    """
    column = session.get(Column, column_id)
    if column is None:
        raise ColumnNotFound(column_id=str(column_id))
    return column


def get_of_creator(session: Session, column_id: UUID, creator_id: UUID) -> Column:
    """The column with this id, if it is this creator's.

    Raises:
        ColumnNotFound: there is none, or it is not theirs.
    """
    column = session.scalar(
        select(Column).where(Column.id == column_id, Column.creator_id == creator_id)
    )
    if column is None:
        raise ColumnNotFound(column_id=str(column_id))
    return column


def find_by_title(session: Session, creator_id: UUID, title: str) -> Column | None:
    """The creator's column with this title, cleaned as titles are, or None."""
    try:
        cleaned = clean_line(title, "title", TITLE_CHARS_MAX)
    except TextRefused:
        return None
    return session.scalar(
        select(Column).where(Column.creator_id == creator_id, Column.title == cleaned)
    )


def list_of_creator(session: Session, creator_id: UUID) -> list[Column]:
    """The creator's columns, the oldest first, closed ones too."""
    return list(
        session.scalars(
            select(Column)
            .where(Column.creator_id == creator_id)
            .order_by(Column.created_at, Column.id)
        )
    )


def list_open(session: Session, *, limit: int = 50) -> list[Column]:
    """Columns that take new readers, the oldest first."""
    is_open = select(Column).where(Column.state == "open")
    return list(session.scalars(is_open.order_by(Column.created_at, Column.id).limit(limit)))


@dataclass(frozen=True)
class FoundColumn:
    """A column that was found, and its words."""

    column: Column
    text: str


def search(session: Session, query: searching.Query, *, limit: int = 20) -> list[FoundColumn]:
    """Open columns whose title, field or introduction holds every word, the oldest first."""
    is_open = select(Column).where(Column.state == "open").order_by(Column.created_at, Column.id)
    found = searching.first_holding(session, is_open, Column.id, "column", query, limit=limit)
    return [FoundColumn(column, text) for column, text in found]

"""Opening columns and changing them. A column that is not the asker's does not exist for them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from creator_tools.columns import queries
from creator_tools.columns.errors import ColumnNotFound, ColumnTitleTaken, TooManyColumns
from creator_tools.columns.models import FIELD_KINDS, STATES, Column
from creator_tools.columns.rules import (
    CADENCE_CHARS_MAX,
    COLUMNS_PER_CREATOR_MAX,
    FIELD_NAME_CHARS_MAX,
    INTRODUCTION_CHARS_MAX,
    PROMISED_COUNT_MAX,
    TITLE_CHARS_MAX,
)
from creator_tools.creators.queries import get as get_creator
from creator_tools.kernel import searching
from creator_tools.kernel.text import clean_body, clean_count, clean_line, refused
from creator_tools.kernel.unit_of_work import UnitOfWork

KIND = "column"


def create(
    uow: UnitOfWork,
    *,
    creator_id: UUID,
    title: str,
    field_kind: str,
    field_name: str,
    promised_cadence: str,
    promised_count: int,
    introduction: str = "",
) -> Column:
    """Open a column of `creator_id`.

    Args:
        field_kind: "interest" or "occupation".
        promised_cadence: how often works will come, in the creator's words.
        promised_count: how many works will come, 0 when there is no such promise.

    Raises:
        TextRefused: one of the texts or numbers cannot be kept.
        CreatorNotFound: there is no such creator.
        ColumnTitleTaken: the creator has a column of this title.
        TooManyColumns: the creator has 50 columns.
    """
    values = {
        "title": clean_line(title, "title", TITLE_CHARS_MAX),
        "introduction": clean_body(introduction, "introduction", INTRODUCTION_CHARS_MAX, 0),
        "field_kind": _one_of(field_kind, FIELD_KINDS, "field_kind"),
        "field_name": clean_line(field_name, "field_name", FIELD_NAME_CHARS_MAX),
        "promised_cadence": clean_line(promised_cadence, "promised_cadence", CADENCE_CHARS_MAX),
        "promised_count": clean_count(promised_count, "promised_count", 0, PROMISED_COUNT_MAX),
    }
    _refuse_too_many(uow, get_creator(uow.session, creator_id).id)
    column_id = uow.session.scalar(
        insert(Column)
        .values(
            id=uow.ids.new(),
            creator_id=creator_id,
            state="open",
            created_at=uow.now(),
            **values,
        )
        .on_conflict_do_nothing(index_elements=["creator_id", "title"])
        .returning(Column.id)
    )
    if column_id is None:
        raise ColumnTitleTaken(title=values["title"])
    uow.audit("column.created", "column", column_id, creator_id=str(creator_id))
    column = queries.get(uow.session, column_id)
    note_findable(uow, column)
    return column


def _refuse_too_many(uow: UnitOfWork, creator_id: UUID) -> None:
    columns_count = uow.session.scalar(
        select(func.count()).select_from(Column).where(Column.creator_id == creator_id)
    )
    if (columns_count or 0) >= COLUMNS_PER_CREATOR_MAX:
        raise TooManyColumns(limit=COLUMNS_PER_CREATOR_MAX)


def rename(uow: UnitOfWork, *, column_id: UUID, creator_id: UUID, title: str) -> Column:
    """Give a column another title.

    Raises:
        TextRefused: the title cannot be kept.
        ColumnNotFound: there is no such column of this creator.
        ColumnTitleTaken: another column of the creator has this title.
    """
    cleaned = clean_line(title, "title", TITLE_CHARS_MAX)
    column = _lock(uow, column_id, creator_id)
    before = column.title
    try:
        with uow.session.begin_nested():
            column.title = cleaned
    except IntegrityError as error:
        raise ColumnTitleTaken(title=cleaned) from error
    note_findable(uow, column)
    uow.audit("column.renamed", "column", column.id, before=before, after=cleaned)
    return column


def introduce(uow: UnitOfWork, *, column_id: UUID, creator_id: UUID, introduction: str) -> Column:
    """Change what a column says about itself; an empty text takes it away.

    Raises:
        TextRefused: the introduction cannot be kept.
        ColumnNotFound: there is no such column of this creator.
    """
    cleaned = clean_body(introduction, "introduction", INTRODUCTION_CHARS_MAX, 0)
    column = _lock(uow, column_id, creator_id)
    column.introduction = cleaned
    note_findable(uow, column)
    uow.audit("column.introduced", "column", column.id)
    return column


def promise(
    uow: UnitOfWork,
    *,
    column_id: UUID,
    creator_id: UUID,
    promised_cadence: str,
    promised_count: int,
) -> Column:
    """Change what a column promises.

    Raises:
        TextRefused: the cadence or the count cannot be kept.
        ColumnNotFound: there is no such column of this creator.
    """
    cadence = clean_line(promised_cadence, "promised_cadence", CADENCE_CHARS_MAX)
    count = clean_count(promised_count, "promised_count", 0, PROMISED_COUNT_MAX)
    column = _lock(uow, column_id, creator_id)
    column.promised_cadence, column.promised_count = cadence, count
    uow.audit("column.promised", "column", column.id, cadence=cadence, count=count)
    return column


def set_state(uow: UnitOfWork, *, column_id: UUID, creator_id: UUID, state: str) -> Column:
    """Open, pause or close a column; what was bought stays open to those who bought it.

    Raises:
        TextRefused: there is no such state.
        ColumnNotFound: there is no such column of this creator.
    """
    wanted = _one_of(state, STATES, "state")
    column = _lock(uow, column_id, creator_id)
    if column.state != wanted:
        before, column.state = column.state, wanted
        uow.audit("column.state_changed", "column", column.id, before=before, after=wanted)
    return column


def note_findable(uow: UnitOfWork, column: Column) -> None:
    """Let a column be found by its title, its field and what it says about itself."""
    text = f"{column.title}\n{column.field_name} {column.introduction}"
    searching.put(uow, KIND, column.id, creator_id=column.creator_id, text=text)


def note_missing(uow: UnitOfWork, *, limit: int) -> int:
    """Let columns be found that are not yet, as after an upgrade; returns how many."""
    lost = uow.session.scalars(
        select(Column).where(~searching.is_noted(KIND, Column.id)).limit(limit)
    ).all()
    for column in lost:
        note_findable(uow, column)
    return len(lost)


def _one_of(value: str, allowed: tuple[str, ...], field: str) -> str:
    if value not in allowed:
        listed = "、".join(allowed)
        raise refused(
            field, "not_allowed", f"只能是 {listed}。", f"must be one of {', '.join(allowed)}."
        )
    return value


def _lock(uow: UnitOfWork, column_id: UUID, creator_id: UUID) -> Column:
    column = uow.session.scalar(
        select(Column)
        .where(Column.id == column_id, Column.creator_id == creator_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if column is None:
        raise ColumnNotFound(column_id=str(column_id))
    return column

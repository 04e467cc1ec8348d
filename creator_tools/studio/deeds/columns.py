"""Deeds on columns: open, edit, rename, pause, reopen, close."""

from uuid import UUID

from creator_tools.catalogue import service as catalogue
from creator_tools.columns import queries, service
from creator_tools.columns.models import Column
from creator_tools.columns.rules import TITLE_CHARS_MAX
from creator_tools.kernel.text import clean_line
from creator_tools.studio.deeds.doer import Doer, Step, offer_undo
from creator_tools.studio.errors import MustConfirm

STATE_ZH = {"open": "更新中", "paused": "已暂停", "closed": "已关闭"}


def create(
    doer: Doer,
    *,
    title: str,
    field_kind: str,
    field_name: str,
    promised_cadence: str,
    promised_count: int,
    introduction: str = "",
) -> Column:
    """Open a column; see `columns.service.create` for what is refused."""
    return service.create(
        doer.uow,
        creator_id=doer.creator.id,
        title=title,
        field_kind=field_kind,
        field_name=field_name,
        promised_cadence=promised_cadence,
        promised_count=promised_count,
        introduction=introduction,
    )


def edit(
    doer: Doer,
    column_id: UUID,
    *,
    title: str,
    introduction: str,
    promised_cadence: str,
    promised_count: int,
) -> Column:
    """Change what a column says about itself, all at once; can be undone."""
    before = _step_of(queries.get_of_creator(doer.session, column_id, doer.creator.id))
    column = _edit(doer, column_id, title, introduction, promised_cadence, promised_count)
    if _step_of(column) != before:
        offer_undo(doer, f"专栏《{before['title']}》已改回原来的样子。", before)
    return column


def edit_back(doer: Doer, step: Step) -> None:
    """Give a column back what it said about itself before."""
    _edit(
        doer,
        UUID(step["column"]),
        step["title"],
        step["introduction"],
        step["promised_cadence"],
        step["promised_count"],
    )


def rename(doer: Doer, column_id: UUID, title: str) -> Column:
    """Give a column another title, its products too; can be undone."""
    before = queries.get_of_creator(doer.session, column_id, doer.creator.id).title
    column = rename_now(doer, column_id, title)
    step = {"do": "rename_column", "column": str(column_id), "title": before}
    offer_undo(doer, f"专栏已改回《{before}》。", step)
    return column


def rename_now(doer: Doer, column_id: UUID, title: str) -> Column:
    """As `rename`, for an undo."""
    cleaned = clean_line(title, "title", TITLE_CHARS_MAX)
    column = service.rename(
        doer.uow, column_id=column_id, creator_id=doer.creator.id, title=cleaned
    )
    catalogue.follow_column_title(doer.uow, column_id=column_id)
    return column


def pause(doer: Doer, column_id: UUID) -> Column:
    """Take no new readers for a while; can be undone."""
    return _set_state(doer, column_id, "paused")


def reopen(doer: Doer, column_id: UUID) -> Column:
    """Take new readers again; can be undone."""
    return _set_state(doer, column_id, "open")


def close(doer: Doer, column_id: UUID, *, confirmed: bool = False) -> Column:
    """Sell a column no more; can be undone.

    Raises:
        MustConfirm: always, until a second word was given.
    """
    queries.get_of_creator(doer.session, column_id, doer.creator.id)
    if not confirmed:
        raise MustConfirm({"do": "close_column", "column": str(column_id)})
    return _set_state(doer, column_id, "closed")


def set_state_now(doer: Doer, column_id: UUID, state: str) -> Column:
    """Open, pause or close a column, for an undo."""
    return service.set_state(doer.uow, column_id=column_id, creator_id=doer.creator.id, state=state)


def _set_state(doer: Doer, column_id: UUID, state: str) -> Column:
    before = queries.get_of_creator(doer.session, column_id, doer.creator.id).state
    column = set_state_now(doer, column_id, state)
    offer_undo(
        doer,
        f"专栏《{column.title}》已恢复为「{STATE_ZH[before]}」。",
        {"do": "column_state", "column": str(column.id), "state": before},
    )
    return column


def _edit(
    doer: Doer, column_id: UUID, title: str, introduction: str, cadence: str, count: int
) -> Column:
    known = {"column_id": column_id, "creator_id": doer.creator.id}
    column = queries.get_of_creator(doer.session, column_id, doer.creator.id)
    if clean_line(title, "title", TITLE_CHARS_MAX) != column.title:
        rename_now(doer, column_id, title)
    service.introduce(doer.uow, **known, introduction=introduction)
    return service.promise(doer.uow, **known, promised_cadence=cadence, promised_count=count)


def _step_of(column: Column) -> Step:
    return {
        "do": "edit_column",
        "column": str(column.id),
        "title": column.title,
        "introduction": column.introduction,
        "promised_cadence": column.promised_cadence,
        "promised_count": column.promised_count,
    }

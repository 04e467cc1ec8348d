"""Deeds on where a work stands: in a further column, or there no more."""

from uuid import UUID

from creator_tools.columns import queries as columns
from creator_tools.studio.deeds.doer import Doer, offer_undo
from creator_tools.works import queries, service


def put_in(doer: Doer, work_id: UUID, column_id: UUID) -> bool:
    """Let a work stand in another column, too; can be undone. False when it did already.

    Raises:
        WorkNotFound, ColumnNotFound, TooManyStandings: it cannot.
    """
    if not put_in_now(doer, work_id, column_id):
        return False
    offer_undo(
        doer, _told(doer, work_id, column_id, "已移出"), _step("take_out", work_id, column_id)
    )
    return True


def put_in_now(doer: Doer, work_id: UUID, column_id: UUID) -> bool:
    """As `put_in`, without an undo."""
    return service.put_in(
        doer.uow, work_id=work_id, creator_id=doer.creator.id, column_id=column_id
    )


def take_out(doer: Doer, work_id: UUID, column_id: UUID) -> None:
    """Let a work stand in a column no more; who bought the column before keeps it. Undoable.

    Raises:
        WorkNotFound, WorkAtHome, WorkNotThere: it cannot.
    """
    take_out_now(doer, work_id, column_id)
    told = _told(doer, work_id, column_id, "已放回")
    offer_undo(doer, told, _step("put_in", work_id, column_id))


def take_out_now(doer: Doer, work_id: UUID, column_id: UUID) -> None:
    """As `take_out`, without an undo."""
    service.take_out(doer.uow, work_id=work_id, creator_id=doer.creator.id, column_id=column_id)


def _told(doer: Doer, work_id: UUID, column_id: UUID, what: str) -> str:
    work = queries.get_own(doer.session, work_id, doer.creator.id)
    return f"《{work.title}》{what}《{columns.get(doer.session, column_id).title}》。"


def _step(do: str, work_id: UUID, column_id: UUID) -> dict[str, str]:
    return {"do": do, "work": str(work_id), "column": str(column_id)}

"""In which columns a work stands besides its home, which it never leaves.

Taking a work out takes no access that was sold: whoever bought the column before keeps the work
for as long as that purchase lives. The gate knows (`access.queries`); here the times are kept.
"""

from uuid import UUID

from sqlalchemy import func, select

from creator_tools.columns import queries as columns
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import queries
from creator_tools.works.errors import TooManyStandings, WorkAtHome, WorkNotThere
from creator_tools.works.models import ColumnWork

STANDINGS_MAX = 10


def put_in(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID, column_id: UUID) -> bool:
    """Let a work stand in another column of its creator, too; False when it did already.

    Raises:
        WorkNotFound, ColumnNotFound: not there, or somebody else's.
        TooManyStandings: it stands in as many columns as a work may.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    columns.get_of_creator(uow.session, column_id, creator_id)
    standing = queries.list_standing(uow.session, work_id)
    if column_id == work.column_id or column_id in standing:
        return False
    if len(standing) >= STANDINGS_MAX:
        raise TooManyStandings(limit=STANDINGS_MAX)
    last = uow.session.scalar(
        select(func.max(ColumnWork.position)).where(ColumnWork.column_id == column_id)
    )
    uow.session.add(
        ColumnWork(
            id=uow.ids.new(),
            creator_id=creator_id,
            column_id=column_id,
            work_id=work_id,
            position=(last or 0) + 1,
            added_at=uow.now(),
        )
    )
    uow.session.flush()
    uow.audit("work.put_in_column", "work", work_id, column_id=str(column_id))
    return True


def take_out(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID, column_id: UUID) -> None:
    """Let a work stand in this column no more.

    Raises:
        WorkNotFound: not there, or somebody else's.
        WorkAtHome: the column is the work's home.
        WorkNotThere: it does not stand in this column.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    if column_id == work.column_id:
        raise WorkAtHome(title=work.title)
    standing = uow.session.scalars(
        select(ColumnWork).where(
            ColumnWork.work_id == work_id,
            ColumnWork.column_id == column_id,
            ColumnWork.removed_at.is_(None),
        )
    ).one_or_none()
    if standing is None:
        raise WorkNotThere(title=work.title)
    standing.removed_at = uow.now()
    uow.session.flush()
    uow.audit("work.taken_out_of_column", "work", work_id, column_id=str(column_id))

"""When a loop last ended a round."""

from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.models import Heartbeat
from creator_tools.kernel.unit_of_work import UnitOfWork


def beat(uow: UnitOfWork, name: str) -> None:
    """Say that the loop called `name` is alive now."""
    row = insert(Heartbeat).values(name=name, at=uow.now())
    uow.session.execute(
        row.on_conflict_do_update(index_elements=["name"], set_={"at": row.excluded.at})
    )

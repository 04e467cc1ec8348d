"""Reading who came by a shared link."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from creator_tools.sharing.models import ShareVisit


def list_of_person(session: Session, person_id: UUID) -> list[ShareVisit]:
    """The visits in which this person was brought, or brought somebody, oldest first."""
    return list(
        session.scalars(
            select(ShareVisit)
            .where((ShareVisit.visitor_id == person_id) | (ShareVisit.inviter_id == person_id))
            .order_by(ShareVisit.visited_at, ShareVisit.id)
        )
    )


def is_known(
    session: Session, *, visitor_id: UUID, inviter_id: UUID, object_type: str, object_id: UUID
) -> bool:
    """Whether this very visit was counted before."""
    same = exists().where(
        ShareVisit.visitor_id == visitor_id,
        ShareVisit.inviter_id == inviter_id,
        ShareVisit.object_type == object_type,
        ShareVisit.object_id == object_id,
    )
    return bool(session.scalar(select(same)))

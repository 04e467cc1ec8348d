"""The picture that stands for a work in a list."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from creator_tools.works.models import Revision, Work

# As the sanitiser writes a picture of ours; nothing else can stand in a revision.
_SHOWN = 'src="/media/([0-9a-f]{64})"'


def list_covers(session: Session, work_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The first picture that everybody may see of each of these works, by the hash of its bytes.

    Args:
        work_ids: works in a list; one that is not published, or whose free part shows no picture,
            has no cover and is left out.
    """
    if not work_ids:
        return {}
    free_part = case((Work.is_free, Revision.body_html), else_=Revision.preview_html)
    first = func.substring(free_part, _SHOWN)
    rows = session.execute(
        select(Work.id, first.label("cover"))
        .join(Revision, Revision.id == Work.live_revision_id)
        .where(Work.id.in_(work_ids), Work.state == "published", first.is_not(None))
    )
    return {row.id: row.cover for row in rows}

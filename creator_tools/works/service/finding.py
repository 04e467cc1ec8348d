"""What of a work may be found by its words: its title and what of it is free, never the rest."""

from sqlalchemy import select

from creator_tools.kernel import searching
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import queries, rules
from creator_tools.works.models import Work

KIND = "work"


def note_findable(uow: UnitOfWork, work: Work) -> None:
    """Let a work be found as readers see it now; one that was never live is not found."""
    live = queries.find_revision(uow.session, work.live_revision_id)
    if live is None:
        return
    free_html = live.body_html if work.is_free else live.preview_html
    text = f"{live.title}\n{rules.text_of_html(free_html)}"
    searching.put(uow, KIND, work.id, creator_id=work.creator_id, text=text)


def note_missing(uow: UnitOfWork, *, limit: int) -> int:
    """Let published works be found that are not yet, as after an upgrade; returns how many."""
    lost = uow.session.scalars(
        select(Work)
        .where(Work.state == "published", ~searching.is_noted(KIND, Work.id))
        .order_by(Work.id)
        .limit(limit)
    ).all()
    for work in lost:
        note_findable(uow, work)
    return len(lost)

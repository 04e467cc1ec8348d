"""Deeds on works: draft, retitle, rewrite, submit, withdraw, restore, discard."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.studio.deeds.doer import Doer, Step, offer_undo
from creator_tools.studio.errors import MustConfirm, NothingToPublish, WorkUnpriced
from creator_tools.works import queries, service
from creator_tools.works.errors import WorkNotInThatState
from creator_tools.works.models import Revision, Work
from creator_tools.works.rules import STATE_ZH, Verdict

TITLE_CHARS_SHOWN_MAX = 30


@dataclass(frozen=True)
class Submitted:
    """A work on its way out: what the check says so far, and whether readers see an older text.

    `awaits_person` is what may be foreseen: a person will look, and no machine.
    """

    work: Work
    verdict: str
    is_update: bool
    awaits_person: bool


@dataclass(frozen=True)
class Rewritten:
    """A work whose author wrote something new, with what was written last before and now."""

    work: Work
    before: Revision
    after: Revision

    @property
    def is_changed(self) -> bool:
        """Whether anything differs."""
        return self.before.id != self.after.id


@dataclass(frozen=True)
class Retitled:
    """A work with another title; `submitted` when readers see the old one until it passed."""

    work: Work
    title: str
    submitted: Submitted | None


def draft(doer: Doer, *, column_id: UUID, title: str, markdown: str) -> Work:
    """Keep a text as a new draft; can be undone."""
    work = service.save_draft(
        doer.uow,
        creator_id=doer.creator.id,
        column_id=column_id,
        title=title,
        markdown=markdown,
    )
    offer_discard(doer, work)
    return work


def revise(
    doer: Doer, work_id: UUID, *, title: str | None = None, markdown: str | None = None
) -> Work:
    """Write the next revision, and call its product as it is called; no undo is offered."""
    work = service.revise(
        doer.uow, work_id=work_id, creator_id=doer.creator.id, title=title, markdown=markdown
    )
    catalogue.follow_work_title(doer.uow, work_id=work.id)
    return work


def rewrite(doer: Doer, work_id: UUID, *, markdown: str, title: str | None = None) -> Rewritten:
    """Write a work anew; can be undone."""
    own = queries.lock_own(doer.session, work_id, doer.creator.id)
    before = queries.newest_revision(doer.session, own)
    work = revise(doer, work_id, title=title, markdown=markdown)
    return _rewritten(doer, work, before)


def rewrite_as(doer: Doer, work_id: UUID, revision_id: UUID) -> Rewritten:
    """Write what an earlier revision said once more; can be undone.

    Raises:
        WorkNotInThatState: the revision is not there (any more) or another work's.
    """
    own = queries.lock_own(doer.session, work_id, doer.creator.id)
    before = queries.newest_revision(doer.session, own)
    work = _written_again(doer, work_id, revision_id)
    return _rewritten(doer, work, before)


def step_back(doer: Doer, work_id: UUID, revision_id: UUID) -> None:
    """As `rewrite_as`, for an undo: submitted at once when readers see something else now."""
    work = _written_again(doer, work_id, revision_id)
    if work.state == "published" and queries.has_changes(doer.session, work):
        _submit(doer, work, None)


def retitle(doer: Doer, work_id: UUID, title: str) -> Retitled:
    """Give a work another title; can be undone, and is checked again when readers see it."""
    own = queries.get_own(doer.session, work_id, doer.creator.id)
    before = queries.newest_revision(doer.session, own).title
    retitled = retitle_now(doer, work_id, title)
    shown = before if len(before) <= TITLE_CHARS_SHOWN_MAX else before[:29] + "…"
    step = {"do": "retitle", "work": str(work_id), "title": before}
    offer_undo(doer, f"标题已改回《{shown}》。", step)
    return retitled


def retitle_now(doer: Doer, work_id: UUID, title: str) -> Retitled:
    """As `retitle`, for an undo."""
    work = revise(doer, work_id, title=title)
    now_called = queries.newest_revision(doer.session, work).title
    submitted = _submit(doer, work, None) if work.state == "published" else None
    return Retitled(work, now_called, submitted)


def submit(doer: Doer, work_id: UUID, *, publish_at: datetime | None = None) -> Submitted:
    """Send what was written last to its check; it comes out when that passes; can be undone.

    Args:
        publish_at: aware; None means as soon as the check has passed.

    Raises:
        WorkUnpriced: nobody decided yet what readers pay, not even nothing.
        NothingToPublish: readers see this very text already.
    """
    work = queries.get_own(doer.session, work_id, doer.creator.id)
    if not has_price(doer, work):
        raise WorkUnpriced(title=work.title)
    if work.state == "published" and not queries.has_changes(doer.session, work):
        raise NothingToPublish(title=work.title)
    return _submit(doer, work, publish_at)


def has_price(doer: Doer, work: Work) -> bool:
    """Whether it is decided what readers pay for a work: alone, with its column, or nothing."""
    return work.is_free or bool(
        catalogue_queries.list_of_work(doer.session, work.id, work.column_id)
    )


def withdraw(doer: Doer, work_id: UUID, *, confirmed: bool = False) -> Work:
    """Take a work from the public, or call back one that is on its way; can be undone.

    Raises:
        MustConfirm: it was sold, and no second word was given.
    """
    work = queries.get_own(doer.session, work_id, doer.creator.id)
    is_sold = work.state == "published" and doer.desk.has_sold(doer.session, "work", work.id)
    if is_sold and not confirmed:
        raise MustConfirm({"do": "withdraw", "work": str(work.id)})
    publish_at = work.publish_at
    work = service.withdraw(doer.uow, work_id=work_id, creator_id=doer.creator.id)
    if work.state == "withdrawn":
        step = {"do": "restore", "work": str(work.id)}
        offer_undo(doer, f"《{work.title}》已重新上架。", step)
    else:
        hour = publish_at.isoformat() if publish_at else None
        again: Step = {"do": "submit", "work": str(work.id), "publish_at": hour}
        offer_undo(doer, f"《{work.title}》已重新提交。", again)
    return work


def submit_again(doer: Doer, step: Step) -> Submitted:
    """Send a work that was called back on its way again, for an undo; a past hour means now."""
    work = queries.get_own(doer.session, UUID(step["work"]), doer.creator.id)
    hour = datetime.fromisoformat(step["publish_at"]) if step["publish_at"] else None
    return _submit(doer, work, hour if hour and hour > doer.uow.now() else None)


def restore(doer: Doer, work_id: UUID) -> Work:
    """Bring a withdrawn work back; can be undone."""
    work = service.restore(doer.uow, work_id=work_id, creator_id=doer.creator.id)
    offer_undo(doer, f"《{work.title}》已下架。", {"do": "withdraw", "work": str(work.id)})
    return work


def restore_now(doer: Doer, work_id: UUID) -> Work:
    """As `restore`, for an undo."""
    return service.restore(doer.uow, work_id=work_id, creator_id=doer.creator.id)


def discard(doer: Doer, work_id: UUID) -> Work:
    """Put a draft away that readers never saw; can be undone."""
    work = discard_now(doer, work_id)
    offer_undo(doer, f"草稿《{work.title}》已找回。", {"do": "undiscard", "work": str(work.id)})
    return work


def discard_now(doer: Doer, work_id: UUID) -> Work:
    """As `discard`, for an undo."""
    return service.discard(doer.uow, work_id=work_id, creator_id=doer.creator.id)


def undiscard_now(doer: Doer, work_id: UUID) -> Work:
    """Bring a draft back that was put away, for an undo."""
    return service.undiscard(doer.uow, work_id=work_id, creator_id=doer.creator.id)


def offer_discard(doer: Doer, work: Work) -> None:
    """Let the draft that was just begun be thrown away again."""
    offer_undo(doer, f"草稿《{work.title}》已丢弃。", {"do": "discard", "work": str(work.id)})


def _rewritten(doer: Doer, work: Work, before: Revision) -> Rewritten:
    written = Rewritten(work, before, queries.newest_revision(doer.session, work))
    if written.is_changed:
        offer_undo(doer, "正文已改回上一版。", _step_to(work, before.id))
    return written


def _written_again(doer: Doer, work_id: UUID, revision_id: UUID) -> Work:
    work = queries.get_own(doer.session, work_id, doer.creator.id)
    kept = queries.find_revision(doer.session, revision_id)
    if kept is None or kept.work_id != work.id:
        raise WorkNotInThatState(title=work.title, state_zh=STATE_ZH[work.state])
    return revise(doer, work_id, title=kept.title, markdown=kept.markdown)


def _submit(doer: Doer, work: Work, publish_at: datetime | None) -> Submitted:
    live_id = work.live_revision_id if work.state == "published" else None
    check = service.submit(
        doer.uow,
        work_id=work.id,
        creator_id=doer.creator.id,
        text_check_subject_available=doer.desk.text_check_subject_available(
            doer.session, doer.person_id
        ),
        publish_at=publish_at,
    )
    catalogue.follow_work_title(doer.uow, work_id=work.id)
    if live_id is not None:
        offer_undo(doer, "修改已收回，读者看到的还是原来的。", _step_to(work, live_id))
    else:
        offer_undo(doer, f"《{work.title}》已撤回。", {"do": "withdraw", "work": str(work.id)})
    return Submitted(
        work,
        check.verdict,
        is_update=live_id is not None,
        awaits_person=_awaits_person(doer, check.verdict),
    )


def _awaits_person(doer: Doer, verdict: str) -> bool:
    if verdict != Verdict.PENDING:
        return verdict == Verdict.NEEDS_PERSON
    return not doer.desk.was_in_mini_program(doer.session, doer.person_id, doer.uow.now())


def _step_to(work: Work, revision_id: UUID) -> dict[str, str]:
    return {"do": "rewrite", "work": str(work.id), "revision": str(revision_id)}

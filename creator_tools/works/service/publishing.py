"""From a draft to readers and back: checks, verdicts, hours, withdrawing."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import queries, rules
from creator_tools.works.errors import CheckNotFound, PublishTimePassed, RevisionRefused
from creator_tools.works.models import ContentCheck, Revision, Work
from creator_tools.works.rules import Step, Verdict
from creator_tools.works.service.finding import note_findable
from creator_tools.works.service.steps import not_from_here, take

SCHEDULE_DAYS_MAX = 366
TEXT_CHECK = "text.check"


def submit(
    uow: UnitOfWork,
    *,
    work_id: UUID,
    creator_id: UUID,
    text_check_subject_available: bool,
    publish_at: datetime | None = None,
) -> ContentCheck:
    """Ask for the newest revision to be let out, now or at `publish_at`.

    A machine can only be asked about an author whom it knows and about words; otherwise a person
    is. A revision that already passed goes out at once; submitting twice asks once.

    Args:
        text_check_subject_available: the author has an identity that a machine may check.
        publish_at: aware; None means as soon as the verdict is there.

    Raises:
        PublishTimePassed: `publish_at` is not within the next year.
        RevisionRefused: these very bytes were refused before.
        WorkNotInThatState: a work that was live before cannot wait for an hour.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    _refuse_hour(uow, work, publish_at)
    revision = queries.newest_revision(uow.session, work)
    check = queries.find_check(uow.session, revision.id)
    if check is not None and check.verdict == Verdict.RISKY:
        raise RevisionRefused(title=revision.title)
    take(work, Step.SUBMIT)
    work.draft_revision_id = revision.id
    work.publish_at = publish_at
    if check is None:
        check = _ask(uow, revision, by_machine=text_check_subject_available)
    uow.audit("work.submitted", "work", work.id, check_id=str(check.id))
    if check.verdict == Verdict.PASS:
        _let_out(uow, work, revision)
    return check


def record_verdict(
    uow: UnitOfWork,
    *,
    check_id: UUID,
    verdict: str,
    detail: dict[str, Any],
    operator_id: UUID | None = None,
) -> Work:
    """Write down what a machine or a person said, and let the work out or take it down.

    A person beats a machine, and risky beats a machine's earlier pass. A verdict on bytes that
    were replaced meanwhile is kept and moves nothing.

    Args:
        verdict: "pass", "needs_person" or "risky".
        detail: what the checker said; labels and codes, no text of the work.
        operator_id: the person who decided, None for a machine.

    Raises:
        CheckNotFound: there is no such check.
    """
    check = uow.session.scalars(
        select(ContentCheck).where(ContentCheck.id == check_id).with_for_update()
    ).one_or_none()
    if check is None:
        raise CheckNotFound(check_id=str(check_id))
    work = queries.lock(uow.session, check.work_id)
    said = Verdict(verdict)
    if not rules.verdict_stands(
        Verdict(check.verdict),
        old_by_person=check.decided_by_operator_id is not None,
        new=said,
        new_by_person=operator_id is not None,
    ):
        return work
    check.verdict = said
    check.detail = detail
    check.decided_at = uow.now() if said in {Verdict.PASS, Verdict.RISKY} else None
    check.decided_by_operator_id = operator_id
    uow.audit("work.checked", "work", work.id, check_id=str(check_id), verdict=said.value)
    _follow(uow, work, check, said)
    return work


def publish_due(uow: UnitOfWork, *, limit: int = 50) -> list[UUID]:
    """Publish scheduled works whose hour has come; returns their ids."""
    due = uow.session.scalars(
        select(Work)
        .where(Work.state == "scheduled", Work.publish_at <= uow.now())
        .order_by(Work.publish_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    published = []
    for work in due:
        revision = queries.find_revision(uow.session, work.draft_revision_id)
        if revision is not None and queries.has_passed(uow.session, revision):
            _publish(uow, work, revision)
            published.append(work.id)
    return published


def withdraw(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID) -> Work:
    """Take a work from the public; who bought it keeps it. A waiting one is a draft again.

    Raises:
        WorkNotInThatState: it is neither published nor on its way.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    take(work, Step.WITHDRAW)
    work.publish_at = None
    if work.live_revision_id is not None:
        # A revision that is still being checked must not bring the work back by itself.
        work.draft_revision_id = work.live_revision_id
    uow.audit("work.withdrawn", "work", work.id, state=work.state)
    return work


def restore(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID) -> Work:
    """Publish a withdrawn work again, as it was when it was last live.

    Raises:
        WorkNotInThatState: it is not withdrawn, or was never live.
        RevisionRefused: its bytes do not pass (any more).
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    live = queries.find_revision(uow.session, work.live_revision_id)
    if live is None:
        raise not_from_here(work)
    if not queries.has_passed(uow.session, live):
        raise RevisionRefused(title=live.title)
    take(work, Step.RESTORE)
    uow.audit("work.restored", "work", work.id)
    return work


def discard(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID) -> Work:
    """Put a work away that was never live; `undiscard` brings it back."""
    work = queries.lock_own(uow.session, work_id, creator_id)
    if work.live_revision_id is not None:
        raise not_from_here(work)
    take(work, Step.DISCARD)
    work.publish_at = None
    work.draft_revision_id = None
    uow.audit("work.discarded", "work", work.id)
    return work


def undiscard(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID) -> Work:
    """Bring a discarded draft back; `WorkNotInThatState` when it was not discarded."""
    work = queries.lock_own(uow.session, work_id, creator_id)
    if work.live_revision_id is not None:
        raise not_from_here(work)
    take(work, Step.UNDISCARD)
    work.draft_revision_id = queries.newest_revision(uow.session, work).id
    uow.audit("work.undiscarded", "work", work.id)
    return work


def _refuse_hour(uow: UnitOfWork, work: Work, publish_at: datetime | None) -> None:
    if publish_at is None:
        return
    if not uow.now() < publish_at <= uow.now() + timedelta(days=SCHEDULE_DAYS_MAX):
        raise PublishTimePassed
    if work.live_revision_id is not None:
        raise not_from_here(work)


def _ask(uow: UnitOfWork, revision: Revision, *, by_machine: bool) -> ContentCheck:
    has_pictures = rules.shows_picture(revision.body_html)
    has_more_than_words = has_pictures or revision.attachments_count > 0
    verdict = Verdict.PENDING if by_machine and not has_more_than_words else Verdict.NEEDS_PERSON
    check = ContentCheck(
        id=uow.ids.new(),
        creator_id=revision.creator_id,
        work_id=revision.work_id,
        revision_id=revision.id,
        content_sha256=revision.content_sha256,
        verdict=verdict,
        detail={
            "has_pictures": has_pictures,
            "attachments_count": revision.attachments_count,
            "machine_may_ask": by_machine,
        },
        requested_at=uow.now(),
    )
    uow.session.add(check)
    uow.session.flush()
    if verdict == Verdict.PENDING:
        uow.promise(
            TEXT_CHECK,
            f"check:{check.id}",
            object_type="work",
            object_id=revision.work_id,
            payload={"check_id": str(check.id)},
        )
    return check


def _follow(uow: UnitOfWork, work: Work, check: ContentCheck, said: Verdict) -> None:
    is_wanted = work.draft_revision_id == check.revision_id
    is_live = work.live_revision_id == check.revision_id
    if said == Verdict.RISKY and (is_live or (is_wanted and work.live_revision_id is None)):
        take(work, Step.REFUSE)
        work.publish_at = None
        uow.audit("work.refused", "work", work.id, check_id=str(check.id))
    elif said == Verdict.PASS and is_wanted and not is_live and work.state != "draft":
        revision = queries.find_revision(uow.session, check.revision_id)
        if revision is not None:
            _let_out(uow, work, revision)
    elif said == Verdict.PASS and is_live and work.state == "rejected":
        take(work, Step.PUBLISH)
        uow.audit("work.published", "work", work.id, revision_id=str(check.revision_id))


def _let_out(uow: UnitOfWork, work: Work, revision: Revision) -> None:
    if work.publish_at is not None and work.publish_at > uow.now():
        take(work, Step.SCHEDULE)
        uow.audit("work.scheduled", "work", work.id, publish_at=work.publish_at.isoformat())
        return
    _publish(uow, work, revision)


def _publish(uow: UnitOfWork, work: Work, revision: Revision) -> None:
    take(work, Step.PUBLISH)
    work.live_revision_id = revision.id
    work.title = revision.title
    work.publish_at = None
    if work.published_at is None:
        work.published_at = uow.now()
    note_findable(uow, work)
    uow.audit("work.published", "work", work.id, revision_id=str(revision.id))

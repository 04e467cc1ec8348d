"""Saving a text from a page: nothing that was typed is lost, however many windows are open."""

from uuid import UUID

from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.kernel.text import clean_body, clean_line
from creator_tools.studio.deeds import works
from creator_tools.studio.deeds.doer import Doer
from creator_tools.works import queries
from creator_tools.works.models import Revision, Work
from creator_tools.works.service.writing import MARKDOWN_CHARS_MAX, TITLE_CHARS_MAX

# A text that is being checked or waits for its hour goes back to the drafts when it is changed:
# that is for a hand to decide, not for a clock.
_ONLY_BY_HAND = frozenset({"in_review", "scheduled"})


class WrittenElsewhere(DomainError):
    """Another window saved this work meanwhile; both texts are kept."""

    code = "written_elsewhere"
    kind = ErrorKind.CONFLICT
    sentence = (
        "另一个窗口刚保存过这篇作品，所以这一版没有盖过它，已存进历史版本（第 {number} 版）。"
    )
    sentence_en = (
        "Another window saved this work just now. Your text did not replace it; it is kept as "
        "version {number}."
    )


class NotByItself(DomainError):
    """A work on its way out is not saved by a clock."""

    code = "not_saved_by_itself"
    kind = ErrorKind.CONFLICT
    sentence = "这篇作品正在审核或等待定时发布，修改后请点「保存」，保存后会退回草稿。"
    sentence_en = "This work is on its way out; saving it by hand takes it back to the drafts."


def save(
    doer: Doer, work_id: UUID, *, base_id: UUID, title: str, markdown: str, by_itself: bool = False
) -> works.Rewritten | Revision:
    """Write the next revision of a work from a page.

    Args:
        base_id: the revision that the page was showing when the typing began.
        by_itself: saved by a clock; then no undo is offered, for nobody did anything.

    Returns:
        What was written. When another window wrote meanwhile, the revision in which this text is
        kept beside the other, which stays the newest; the caller commits, and tells.

    Raises:
        NotByItself: see `_ONLY_BY_HAND`.
        InputRefused: as of drafts.
    """
    work = queries.lock_own(doer.session, work_id, doer.creator.id)
    if by_itself and work.state in _ONLY_BY_HAND:
        raise NotByItself
    newest = queries.newest_revision(doer.session, work)
    wanted = _cleaned(title, markdown)
    if newest.id != base_id and wanted != (newest.title, newest.markdown):
        return _kept_aside(doer, work, newest, *wanted)
    if by_itself:
        revised = works.revise(doer, work_id, title=title, markdown=markdown)
        return works.Rewritten(revised, newest, queries.newest_revision(doer.session, revised))
    return works.rewrite(doer, work_id, title=title, markdown=markdown)


def _cleaned(title: str, markdown: str) -> tuple[str, str]:
    return (
        clean_line(title, "title", TITLE_CHARS_MAX),
        clean_body(markdown, "markdown", MARKDOWN_CHARS_MAX),
    )


def _kept_aside(doer: Doer, work: Work, newest: Revision, title: str, markdown: str) -> Revision:
    """Write the late text, and the newer one once more above it; the same late text only once."""
    known = queries.list_revisions(doer.session, work)
    for revision in known:
        if (revision.title, revision.markdown) == (title, markdown):
            return revision
    aside = queries.newest_revision(
        doer.session, works.revise(doer, work.id, title=title, markdown=markdown)
    )
    works.revise(doer, work.id, title=newest.title, markdown=newest.markdown)
    return aside

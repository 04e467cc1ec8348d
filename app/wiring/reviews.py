"""What follows a verdict on a work, whoever gave it: the work moves, and its author is told.

One function for the machine and for the desk, so that neither can forget half of it.
"""

from typing import Any
from uuid import UUID

from creator_tools.catalogue import service as catalogue
from creator_tools.creators import queries as creators
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.messaging import rules as words
from creator_tools.works import queries as works_queries
from creator_tools.works import service as works


def record_verdict(
    uow: UnitOfWork,
    *,
    check_id: UUID,
    verdict: str,
    detail: dict[str, Any],
    operator_id: UUID | None = None,
) -> None:
    """Write down a verdict, let the work follow it, and promise its author a message.

    The same verdict on the same check is told once. A verdict that did not stand against a
    person's, or that is about words replaced since, is told to nobody.

    Args:
        verdict: "pass", "needs_person" or "risky".
        detail: what the checker said; `reason` of a person goes to the author.
        operator_id: the person who decided, None for a machine.

    Raises:
        CheckNotFound: there is no such check.
    """
    live_before = works_queries.live_revision_of_checked(uow.session, check_id)
    work = works.record_verdict(
        uow, check_id=check_id, verdict=verdict, detail=detail, operator_id=operator_id
    )
    catalogue.follow_work_title(uow, work_id=work.id)
    check, title = works_queries.get_check(uow.session, check_id)
    stands = (check.verdict, check.decided_by_operator_id) == (verdict, operator_id)
    if not stands or check.revision_id not in {work.draft_revision_id, work.live_revision_id}:
        return
    said = words.review_words(
        title,
        verdict,
        work.state,
        is_update=live_before not in {None, check.revision_id},
        reason=str(detail.get("reason") or "") if operator_id is not None else "",
    )
    uow.promise(
        "customer_message.text",
        f"reviewed:{check_id}:{verdict}",
        object_type="work",
        object_id=work.id,
        payload={
            "person_id": str(creators.get(uow.session, work.creator_id).person_id),
            "words": said,
            "notice": words.REVIEW,
        },
    )

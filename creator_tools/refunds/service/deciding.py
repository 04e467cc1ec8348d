"""Somebody's yes or no to a refund that was asked for."""

from collections.abc import Collection
from uuid import UUID

from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.refunds import queries, rules
from creator_tools.refunds.errors import (
    ApprovalLimitExceeded,
    RefundDecided,
    RefundTooLarge,
    SecondPersonNeeded,
)
from creator_tools.refunds.models import Refund
from creator_tools.refunds.rules import RefundAction, RefundState
from creator_tools.refunds.service.undertaking import move, tell, undertake

WORDS_CHARS_MAX = 200


def approve(
    uow: UnitOfWork,
    *,
    refund_id: UUID,
    roles: Collection[str],
    amount_fen: int | None = None,
    keeps_access: bool = False,
    words: str = "",
) -> Refund:
    """Say yes: money and access are decided in this commit, the rail is told after it.

    Args:
        roles: of the operator who says so; their limit counts.
        amount_fen: another sum than was asked for.
        keeps_access: only money goes back.

    Raises:
        RefundNotFound, RefundDecided, RefundTooLarge: see errors.
        ApprovalLimitExceeded, SecondPersonNeeded: this operator may not decide it.
        InputRefused: the words are too long.
    """
    said = clean_line(words, "words", WORDS_CHARS_MAX) if words.strip() else None
    refund = _lock_undecided(uow, refund_id)
    if amount_fen is not None and amount_fen != refund.amount_fen:
        _resize(uow, refund, amount_fen)
    _require_right(uow, refund, roles)
    undertake(uow, refund, keeps_access=keeps_access, words=said)
    return refund


def decline(uow: UnitOfWork, *, refund_id: UUID, words: str) -> Refund:
    """Say no, and why; the fan reads the words.

    Raises:
        RefundNotFound, RefundDecided: see errors.
        InputRefused: no words, or too many.
    """
    said = clean_line(words, "words", WORDS_CHARS_MAX)
    refund = _lock_undecided(uow, refund_id)
    move(refund, RefundAction.DECLINE)
    refund.decided_by, refund.decided_by_id = uow.actor.type, uow.actor.id
    refund.decided_at, refund.decision_words = uow.now(), said
    uow.audit("refund.declined", "refund", refund.id, amount_fen=refund.amount_fen)
    uow.session.flush()
    tell(uow, refund)
    return refund


def _lock_undecided(uow: UnitOfWork, refund_id: UUID) -> Refund:
    refund = queries.lock(uow.session, refund_id)
    if refund.state != RefundState.REQUESTED:
        raise RefundDecided(refund_id=str(refund_id))
    return refund


def _resize(uow: UnitOfWork, refund: Refund, amount_fen: int) -> None:
    left_fen = sum(line["left_fen"] for line in refund.quote.get("lines", []))
    if refund.cause == "stray" or not 0 < amount_fen <= left_fen:
        raise RefundTooLarge(left_fen=left_fen)
    refund.amount_fen = amount_fen
    uow.session.flush()


def _require_right(uow: UnitOfWork, refund: Refund, roles: Collection[str]) -> None:
    limit_fen = rules.approval_limit_fen(roles)
    if limit_fen is not None and refund.amount_fen > limit_fen:
        raise ApprovalLimitExceeded(limit_fen=limit_fen, amount_fen=refund.amount_fen)
    is_own = (refund.requested_by, refund.requested_by_id) == (uow.actor.type, uow.actor.id)
    if is_own and refund.amount_fen > rules.SECOND_PERSON_ABOVE_FEN:
        raise SecondPersonNeeded(amount_fen=refund.amount_fen)

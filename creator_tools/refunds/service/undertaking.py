"""The commit in which money and access go together, and the one that takes both back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from creator_tools.access import service as access
from creator_tools.fan_groups import service as fan_groups
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import queries as ledger_queries
from creator_tools.ledger import rules as ledger_rules
from creator_tools.ledger import service as ledger
from creator_tools.ledger.rules import Line
from creator_tools.orders import queries as orders
from creator_tools.orders import service as orders_service
from creator_tools.orders.models import OrderLine
from creator_tools.refunds import queries, rules
from creator_tools.refunds.models import Refund, RefundLine
from creator_tools.refunds.rules import RefundAction, RefundState

ENDED_BY = "refund"


def undertake(
    uow: UnitOfWork, refund: Refund, *, keeps_access: bool = False, words: str | None = None
) -> None:
    """Decide a requested refund: its entry, what access ends, the promise to the rail.

    The payment's order is locked by the caller. Everything is in this commit; the rail is told
    after it, at the earliest a minute after the refund before it.

    Args:
        keeps_access: only money goes back; what was bought stays open.
        words: what the one who decided says about it.
    """
    move(refund, RefundAction.APPROVE)
    refund.decided_by, refund.decided_by_id = uow.actor.type, uow.actor.id
    refund.decided_at, refund.decision_words = uow.now(), words
    if refund.cause != "stray":
        put_through(uow, refund, keeps_access=keeps_access)
    uow.session.flush()
    book(uow, refund, "refund", at=uow.now())
    end_access(uow, refund)
    uow.audit("refund.approved", "refund", refund.id, amount_fen=refund.amount_fen)
    uow.promise(
        "refund.send",
        f"refund:{refund.refund_no}",
        object_type="refund",
        object_id=refund.id,
        not_before=_not_before(uow, refund),
    )
    tell(uow, refund)


def undo(uow: UnitOfWork, refund: Refund, *, code: str) -> None:
    """Take a decided refund back: the rail surely gave nothing, so books and access return."""
    book(uow, refund, "refund_failed", at=uow.now())
    move(refund, RefundAction.FAIL)
    refund.finished_at, refund.failure_code = uow.now(), code
    refund.next_query_at = None
    uow.session.flush()
    ended = [line for given, line in queries.lines_of(uow.session, refund.id) if given.ends_access]
    if refund.order_id is not None and ended:
        access.revive_source(
            uow, source_kind="order", source_id=refund.order_id, objects=_objects(ended)
        )
        orders_service.keep(uow, refund.order_id, cause="refund_failed")
    uow.audit("refund.failed", "refund", refund.id, code=code)
    uow.alarm(
        "refund_failed",
        str(refund.id),
        amount_fen=refund.amount_fen,
        error_code=code,
        order_id=str(refund.order_id) if refund.order_id else None,
    )
    tell(uow, refund)


def move(refund: Refund, action: RefundAction) -> None:
    """Take a refund one step; the caller has asked whether it can be taken.

    Raises:
        ValueError: it cannot; a bug.
    """
    after = rules.next_state(RefundState(refund.state), action)
    if after is None:
        raise ValueError(f"a refund that is {refund.state} cannot {action}")
    refund.state = after


def book(uow: UnitOfWork, refund: Refund, kind: str, *, at: datetime, again: bool = False) -> None:
    """Post one entry of a refund: that it is decided, done, or did not come true.

    Args:
        again: it was decided, taken back, and turned out to be true after all.
    """
    payment = orders.get_payment(uow.session, refund.payment_id)
    suffix = "/again" if again else ""
    column_id = None
    if refund.order_id is not None and refund.cause != "stray":
        column_id = orders.lines_of(uow.session, refund.order_id)[0].column_id
    cause = ledger.Cause(
        kind=kind,
        source_key=f"{kind}:{refund.id}{suffix}",
        rail=refund.rail,
        occurred_at=at,
        order_id=refund.order_id,
        payment_id=payment.id,
        creator_id=refund.creator_id if refund.cause != "stray" else None,
        column_id=column_id,
    )
    ledger.post(uow, cause, _lines(refund, kind))


def _lines(refund: Refund, kind: str) -> list[Line]:
    amount_fen, pots = Fen(refund.amount_fen), (refund.rail, refund.account_id)
    if kind == "refund_done":
        return ledger_rules.refund_done_lines(amount_fen, rail=pots[0], payee_account_id=pots[1])
    if refund.fee_fen + refund.platform_fen + refund.creator_fen == 0:
        lines = ledger_rules.suspense_refund_lines(
            amount_fen, rail=pots[0], payee_account_id=pots[1]
        )
    else:
        assert refund.creator_id is not None, "what was bought has a creator"
        back = ledger_rules.Division(
            amount_fen, Fen(refund.fee_fen), Fen(refund.platform_fen), Fen(refund.creator_fen)
        )
        lines = ledger_rules.refund_lines(
            back, rail=pots[0], payee_account_id=pots[1], creator_id=refund.creator_id
        )
    return ledger_rules.turned(lines) if kind == "refund_failed" else lines


def put_through(uow: UnitOfWork, refund: Refund, *, keeps_access: bool = False) -> None:
    """Say whose of its fen a refund takes, and put it on the lines of its order."""
    _cut(uow, refund)
    _put_on_lines(uow, refund, keeps_access=keeps_access)
    uow.session.flush()


def _cut(uow: UnitOfWork, refund: Refund) -> None:
    paid = ledger_queries.division_of(uow.session, refund.payment_id)
    assert paid is not None, "a settled payment was posted"
    before = [
        one for one in queries.list_live(uow.session, refund.payment_id) if one.id != refund.id
    ]
    back = ledger_rules.divide_back(paid, queries.gone_of(before), Fen(refund.amount_fen))
    refund.fee_fen, refund.platform_fen = back.fee_fen, back.platform_fen
    refund.creator_fen = back.creator_fen


def _put_on_lines(uow: UnitOfWork, refund: Refund, *, keeps_access: bool) -> None:
    assert refund.order_id is not None, "a purchase has an order"
    numbers = {line["line"]: line for line in refund.quote.get("lines", [])}
    chosen = [
        line
        for line in orders.lines_of(uow.session, refund.order_id)
        if not numbers or line.line in numbers
    ]
    asked = [numbers.get(line.line, {}).get("refundable_fen", 0) for line in chosen]
    left = [line.amount_fen - _given(uow, line.id) for line in chosen]
    given = rules.allotted(refund.amount_fen, asked, left)
    for line, amount_fen in zip(chosen, given, strict=True):
        uow.session.add(
            RefundLine(
                refund_id=refund.id,
                order_line_id=line.id,
                amount_fen=amount_fen,
                ends_access=not keeps_access,
            )
        )


def _given(uow: UnitOfWork, line_id: UUID) -> int:
    given_fen = uow.session.scalar(
        select(func.sum(RefundLine.amount_fen))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(RefundLine.order_line_id == line_id, Refund.state.in_(rules.LIVE_STATES))
    )
    return int(given_fen or 0)


def end_access(uow: UnitOfWork, refund: Refund) -> None:
    """End what the lines of a refund had opened, seats too; the order when nothing is left."""
    ended = [line for given, line in queries.lines_of(uow.session, refund.id) if given.ends_access]
    if refund.order_id is None or refund.person_id is None or not ended:
        return
    access.end_source(
        uow,
        source_kind="order",
        source_id=refund.order_id,
        reason=ENDED_BY,
        objects=_objects(ended),
    )
    fan_groups.leave_shut(
        uow, person_id=refund.person_id, column_ids={line.column_id for line in ended}
    )
    every = {line.id for line in orders.lines_of(uow.session, refund.order_id)}
    if every <= queries.returned_lines(uow.session, refund.order_id):
        orders_service.give_back(uow, refund.order_id, cause=ENDED_BY)


def _objects(lines: list[OrderLine]) -> set[tuple[str, UUID]]:
    return {(line.object_type, line.object_id) for line in lines}


def _not_before(uow: UnitOfWork, refund: Refund) -> datetime:
    last = uow.session.scalar(
        select(func.max(Refund.decided_at)).where(
            Refund.payment_id == refund.payment_id, Refund.id != refund.id
        )
    )
    return uow.now() if last is None else max(uow.now(), last + rules.ORDER_GAP)


def tell(uow: UnitOfWork, refund: Refund) -> None:
    """Promise to tell the fan how their refund stands now; money of nobody known is not told of."""
    if refund.person_id is None:
        return
    uow.promise(
        "customer_message.refund",
        f"{refund.state}:{refund.id}",
        object_type="refund",
        object_id=refund.id,
        payload={"state": refund.state},
    )

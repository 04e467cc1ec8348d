"""Payouts in the books, each at another point of its life, and what a hand may do to them."""

from uuid import UUID

from creator_tools.creators import queries as creators
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import rules as ledger_rules
from creator_tools.ledger import service as ledger
from creator_tools.payouts.models import Payout
from tests.integration.insights.books import Books, Shop

_AMOUNT_FEN = 100
_DECIDER = UUID(int=9)


def pay_out(books: Books, shop: Shop) -> dict[str, UUID]:
    """Three payouts: one waits for its receiver, one arrived, one failed; gives their ids."""
    with books.units("payouts.record") as uow:
        return {
            f"payout_{state}": _write(uow, books, shop, state)
            for state in ("waiting", "succeeded", "failed")
        }


def _write(uow: UnitOfWork, books: Books, shop: Shop, state: str) -> UUID:
    payout_id, merchant = uow.ids.new(), books.accounts["merchant"]
    payable = ledger_rules.creator_payable(shop.creator_id)
    is_over = state != "waiting"
    uow.session.add(
        Payout(
            id=payout_id,
            bill_no=payout_id.hex,
            pot_code=payable.code,
            creator_id=shop.creator_id,
            person_id=creators.get(uow.session, shop.creator_id).person_id,
            account_id=merchant,
            surface_id=books.accounts["oa"],
            amount_fen=_AMOUNT_FEN,
            state=state,
            requested_by="operator",
            requested_by_id=UUID(int=8),
            requested_at=uow.now(),
            decided_by="operator",
            decided_by_id=_DECIDER,
            decided_at=uow.now(),
            sent_at=uow.now(),
            finished_at=uow.now() if is_over else None,
            query_attempts_count=0,
            next_query_at=None if is_over else uow.now(),
        )
    )
    uow.session.flush()
    taken = ledger_rules.payout_lines(Fen(_AMOUNT_FEN), payable=payable, account_id=merchant)
    _post(uow, shop, "payout", payout_id, taken)
    if state == "succeeded":
        paid = ledger_rules.payout_paid_lines(Fen(_AMOUNT_FEN), account_id=merchant)
        _post(uow, shop, "payout_paid", payout_id, paid)
    if state == "failed":
        _post(uow, shop, "payout_returned", payout_id, ledger_rules.turned(taken))
    return payout_id


def _post(
    uow: UnitOfWork, shop: Shop, kind: str, payout_id: UUID, lines: list[ledger_rules.Line]
) -> None:
    cause = ledger.Cause(
        kind, f"{kind}:{payout_id}", "jsapi", uow.now(), creator_id=shop.creator_id
    )
    ledger.post(uow, cause, lines)


# name: (the SQL of the hand, the invariant that must find it)
PAYOUT_TAMPERINGS: dict[str, tuple[str, str]] = {
    "the receiver of a payout approved it": (
        "UPDATE payouts SET decided_by_id = person_id WHERE id = '{payout_succeeded}'",
        "payouts.two_people",
    ),
    "a payout replaces one that arrived": (
        "UPDATE payouts SET replaces_id = '{payout_succeeded}' WHERE id = '{payout_waiting}'",
        "payouts.replaces_failed",
    ),
    "a payout that failed is called paid": (
        "UPDATE payouts SET state = 'succeeded' WHERE id = '{payout_failed}'",
        "payouts.posted_as_they_stand",
    ),
    "a payout grew after it was taken from the account": (
        "UPDATE payouts SET amount_fen = amount_fen + 1 WHERE id = '{payout_succeeded}'",
        "payouts.posted_as_they_stand",
    ),
    "an entry of a payout lost its payout": (
        (
            "UPDATE journal_entries SET source_key = 'payout_paid:' || '{order}' "
            "WHERE source_key = 'payout_paid:' || '{payout_succeeded}'"
        ),
        "payouts.entries_have_payouts",
    ),
    "a payout on its way is forgotten": (
        (
            "UPDATE payouts SET state = 'cancelled', finished_at = now(), next_query_at = NULL "
            "WHERE id = '{payout_waiting}'"
        ),
        "payouts.in_flight_is_theirs",
    ),
    "nobody asks any more what became of a payout": (
        "UPDATE payouts SET next_query_at = NULL WHERE id = '{payout_waiting}'",
        "payouts.underway_is_followed",
    ),
}

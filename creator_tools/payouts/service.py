"""From an earner's wish for their money to the fen that arrived.

What may never happen: the same money taken out twice, by a race or by a second number; a payout
without its entries; one whose asker, receiver and approver are one person. The sum leaves the
account in the commit that asks, under the account's lock; the rail is told by a promise after
somebody else said yes, and whatever it says ends in `record_outcome`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creator_tools.creators import queries as creators
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import rules as ledger_rules
from creator_tools.ledger import service as ledger
from creator_tools.ledger.rules import Pot
from creator_tools.payouts import queries, rules
from creator_tools.payouts.errors import (
    PayoutAboveLimit,
    PayoutDecided,
    PayoutNotCancellable,
    PayoutTooLarge,
    PayoutTooSmall,
    ReceiverUnknown,
    SecondPersonRequired,
)
from creator_tools.payouts.models import Payout
from creator_tools.payouts.ports import TransferStatement
from creator_tools.payouts.rules import Limits, PayoutAction, PayoutState
from creator_tools.people.queries import family_of, subject_of
from creator_tools.splits.service import divide_due

WORDS_CHARS_MAX = 200
_ACTIONS = {
    "accepted": PayoutAction.ACCEPT,
    "waiting": PayoutAction.WAIT,
    "succeeded": PayoutAction.SUCCEED,
    "failed": PayoutAction.FAIL,
    "cancelled": PayoutAction.CANCEL,
}


@dataclass(frozen=True)
class Earner:
    """Whose account it is: the pot, and the person who receives what is taken out of it."""

    pot: Pot
    person_id: UUID
    creator_id: UUID | None = None


def earner_of(session: Session, creator_id: UUID) -> Earner:
    """A creator as somebody who earns: their account, and the person who receives.

    Raises:
        CreatorNotFound: there is none.
    """
    creator = creators.get(session, creator_id)
    return Earner(ledger_rules.creator_payable(creator.id), creator.person_id, creator.id)


@dataclass(frozen=True)
class Payer:
    """Which merchant account pays, and which Official Account knows the receiver."""

    account_id: UUID
    surface_id: UUID
    limits: Limits


def ask(
    uow: UnitOfWork,
    *,
    earner: Earner,
    payer: Payer,
    amount_fen: int,
    replaces_id: UUID | None = None,
) -> Payout:
    """Ask for money; it leaves the account in this commit, and comes back if nobody gets it.

    Raises:
        PayoutTooSmall, PayoutAboveLimit, PayoutTooLarge: see errors.
        ReceiverUnknown: the account that pays has never seen the receiver.
        PayoutDecided: what is to be replaced has not failed.
    """
    if amount_fen < rules.LEAST_FEN:
        raise PayoutTooSmall
    _take_turn(uow, payer.account_id, earner.pot.code)
    if earner.creator_id is not None:
        # What belongs to others by an agreement must be off this account before it is looked at.
        divide_due(uow, earner.creator_id)
    _check_limits(uow, earner, payer, amount_fen)
    if subject_of(uow.session, earner.person_id, payer.surface_id) is None:
        raise ReceiverUnknown
    balance = queries.balance_of(uow.session, earner.pot.code, uow.now())
    if amount_fen > balance.available_fen:
        raise PayoutTooLarge(available_fen=max(0, balance.available_fen))
    if replaces_id is not None and queries.get(uow.session, replaces_id).state not in (
        PayoutState.FAILED,
        PayoutState.CANCELLED,
    ):
        raise PayoutDecided
    payout_id = uow.ids.new()
    payout = Payout(
        id=payout_id,
        bill_no=payout_id.hex,
        pot_code=earner.pot.code,
        creator_id=earner.creator_id,
        person_id=earner.person_id,
        account_id=payer.account_id,
        surface_id=payer.surface_id,
        amount_fen=amount_fen,
        state=PayoutState.REQUESTED,
        replaces_id=replaces_id,
        requested_by=uow.actor.type,
        requested_by_id=uow.actor.id,
        requested_at=uow.now(),
        query_attempts_count=0,
    )
    uow.session.add(payout)
    uow.session.flush()
    ledger.post(
        uow,
        _cause(payout, "payout", uow.now()),
        ledger_rules.payout_lines(Fen(amount_fen), payable=earner.pot, account_id=payer.account_id),
    )
    uow.audit("payout.requested", "payout", payout_id, amount_fen=amount_fen)
    return payout


def approve(uow: UnitOfWork, *, payout_id: UUID, words: str = "") -> Payout:
    """Say yes: the rail is told after this commit, under the number that the payout has.

    Raises:
        PayoutNotFound, PayoutDecided: see errors.
        SecondPersonRequired: who says so asked for it, or receives it.
        InputRefused: the words are too long.
    """
    payout = _waiting_for_decision(uow, payout_id)
    _refuse_own(uow, payout)
    _decide(uow, payout, PayoutAction.APPROVE, words)
    uow.audit("payout.approved", "payout", payout.id, amount_fen=payout.amount_fen)
    uow.promise("payout.send", str(payout.id), object_type="payout", object_id=payout.id)
    return payout


def decline(uow: UnitOfWork, *, payout_id: UUID, words: str) -> Payout:
    """Say no, with words that the earner reads; the money is on the account again.

    Raises:
        PayoutNotFound, PayoutDecided: see errors.
        InputRefused: no words, or too many.
    """
    payout = _waiting_for_decision(uow, payout_id)
    _decide(uow, payout, PayoutAction.DECLINE, clean_line(words, "words", WORDS_CHARS_MAX))
    _give_back(uow, payout, at=uow.now())
    uow.audit("payout.declined", "payout", payout.id, amount_fen=payout.amount_fen)
    _tell(uow, payout)
    return payout


def withdraw(uow: UnitOfWork, *, payout_id: UUID, person_id: UUID) -> Payout:
    """Let an earner take back a wish that nobody has decided yet.

    Raises:
        PayoutNotFound: it is not theirs.
        PayoutDecided: somebody was faster.
    """
    queries.get_of_person(uow.session, payout_id, person_id)
    payout = _waiting_for_decision(uow, payout_id)
    _decide(uow, payout, PayoutAction.DECLINE, "")
    _give_back(uow, payout, at=uow.now())
    uow.audit("payout.withdrawn", "payout", payout.id, amount_fen=payout.amount_fen)
    return payout


def take_back(uow: UnitOfWork, payout_id: UUID) -> Payout:
    """Promise to take a payout back that its receiver has not confirmed.

    Raises:
        PayoutNotFound: there is none.
        PayoutNotCancellable: it does not wait for anybody.
    """
    payout = queries.lock(uow.session, payout_id)
    if payout.state != PayoutState.WAITING:
        raise PayoutNotCancellable
    uow.audit("payout.recalled", "payout", payout.id)
    uow.promise("payout.cancel", str(payout.id), object_type="payout", object_id=payout.id)
    return payout


def record_outcome(uow: UnitOfWork, statement: TransferStatement) -> UUID | None:
    """Take in what the rail says of a payout; again, late or in any order changes nothing.

    Returns:
        The payout, or None when the rail speaks of a transfer that nobody here asked for.
    """
    found = queries.find_by_number(uow.session, statement.account_id, statement.bill_no)
    if found is None:
        uow.alarm("payout_foreign", statement.bill_no, says=statement.says)
        return None
    payout = queries.lock(uow.session, found)
    if not _is_about(uow, payout, statement):
        return _restated(uow, payout, statement)
    payout.external_ref = payout.external_ref or statement.transfer_ref
    before, action = PayoutState(payout.state), _ACTIONS[statement.says]
    if action is PayoutAction.WAIT and statement.package is not None:
        payout.package = statement.package
    if before is rules.AFTER[action] or (
        before in rules.OVER and action in (PayoutAction.ACCEPT, PayoutAction.WAIT)
    ):
        return payout.id
    after = rules.next_state(before, action)
    if after is None:
        return _restated(uow, payout, statement)
    payout.sent_at = payout.sent_at or uow.now()
    payout.state = after
    _follow(uow, payout, statement)
    uow.session.flush()
    return payout.id


def record_absence(uow: UnitOfWork, *, payout_id: UUID, code: str) -> bool:
    """The rail refused the payout and has no trace of its number: nothing went, nothing will.

    Returns:
        False when the payout had ended before.
    """
    payout = queries.lock(uow.session, payout_id)
    if rules.next_state(PayoutState(payout.state), PayoutAction.FAIL) is None:
        return False
    payout.state, payout.failure_code = PayoutState.FAILED, code
    _end(uow, payout, at=uow.now())
    return True


def note_short_of_funds(uow: UnitOfWork, payout_id: UUID) -> None:
    """The merchant's balance is short: the payout waits under its number, and a person is told."""
    payout = queries.get(uow.session, payout_id)
    uow.alarm("payout_short_of_funds", str(payout.id), amount_fen=payout.amount_fen)


def claim_query(uow: UnitOfWork, payout_id: UUID) -> bool:
    """Take the right to ask the rail about this payout now; moves its next question forward."""
    payout = queries.lock(uow.session, payout_id)
    if payout.next_query_at is None or payout.next_query_at > uow.now():
        return False
    payout.query_attempts_count += 1
    payout.next_query_at = rules.next_query_at(payout.sent_at or uow.now(), uow.now())
    return True


def _take_turn(uow: UnitOfWork, account_id: UUID, pot_code: str) -> None:
    # In this order always; one merchant's day is shared by all earners, one account by its payouts.
    for name in (f"payouts:{account_id}", f"payouts:{pot_code}"):
        key = func.hashtextextended(name, 0)
        uow.session.execute(select(func.pg_advisory_xact_lock(key)))


def _check_limits(uow: UnitOfWork, earner: Earner, payer: Payer, amount_fen: int) -> None:
    limits, day = payer.limits, business_day_of(uow.now())
    single_fen = min(limits.single_fen, rules.SINGLE_FEN_MOST)
    by_person = queries.asked_on_day(uow.session, day, person_id=earner.person_id)
    by_merchant = queries.asked_on_day(uow.session, day, account_id=payer.account_id)
    if (
        amount_fen > single_fen
        or by_person + amount_fen > limits.person_day_fen
        or by_merchant + amount_fen > limits.merchant_day_fen
    ):
        raise PayoutAboveLimit(single_fen=single_fen, person_day_fen=limits.person_day_fen)


def _waiting_for_decision(uow: UnitOfWork, payout_id: UUID) -> Payout:
    payout = queries.lock(uow.session, payout_id)
    if payout.state != PayoutState.REQUESTED:
        raise PayoutDecided
    return payout


def _refuse_own(uow: UnitOfWork, payout: Payout) -> None:
    receives = set(uow.session.scalars(family_of(payout.person_id)))
    if uow.actor.id is None or uow.actor.id in {payout.requested_by_id, *receives}:
        raise SecondPersonRequired


def _decide(uow: UnitOfWork, payout: Payout, action: PayoutAction, words: str) -> None:
    payout.state = rules.AFTER[action]
    payout.decided_by, payout.decided_by_id = uow.actor.type, uow.actor.id
    payout.decided_at = uow.now()
    said = clean_line(words, "words", WORDS_CHARS_MAX) if words.strip() else ""
    payout.decision_words = said or None
    if payout.state == PayoutState.DECLINED:
        payout.finished_at = uow.now()
    uow.session.flush()


def _is_about(uow: UnitOfWork, payout: Payout, statement: TransferStatement) -> bool:
    if statement.amount_fen is not None and statement.amount_fen != payout.amount_fen:
        return False
    if statement.subject is None:
        return True
    return statement.subject == subject_of(uow.session, payout.person_id, payout.surface_id)


def _restated(uow: UnitOfWork, payout: Payout, statement: TransferStatement) -> UUID:
    """The same number told in another way is no repetition; a person must look at it."""
    uow.alarm(
        "payout_restated",
        str(payout.id),
        amount_fen=statement.amount_fen,
        says=statement.says,
        state=payout.state,
    )
    return payout.id


def _follow(uow: UnitOfWork, payout: Payout, statement: TransferStatement) -> None:
    """What follows from a state that the rail has just said."""
    at = statement.at or uow.now()
    if payout.state in rules.OVER:
        payout.failure_code = statement.code or None
        _end(uow, payout, at=at)
        return
    payout.next_query_at = rules.next_query_at(payout.sent_at or uow.now(), uow.now())
    if payout.state == PayoutState.WAITING:
        payout.confirm_until = uow.now() + rules.CONFIRM_WITHIN
        uow.audit("payout.waiting", "payout", payout.id)
        _tell(uow, payout)
    else:
        uow.audit("payout.sent", "payout", payout.id)


def _end(uow: UnitOfWork, payout: Payout, *, at: datetime) -> None:
    payout.finished_at, payout.next_query_at, payout.package = at, None, None
    uow.session.flush()
    if payout.state == PayoutState.SUCCEEDED:
        ledger.post(
            uow,
            _cause(payout, "payout_paid", at),
            ledger_rules.payout_paid_lines(Fen(payout.amount_fen), account_id=payout.account_id),
        )
        uow.audit("payout.succeeded", "payout", payout.id, amount_fen=payout.amount_fen)
    else:
        _give_back(uow, payout, at=at)
        uow.audit(f"payout.{payout.state}", "payout", payout.id, error_code=payout.failure_code)
    _tell(uow, payout)


def _give_back(uow: UnitOfWork, payout: Payout, *, at: datetime) -> None:
    lines = ledger_rules.payout_lines(
        Fen(payout.amount_fen), payable=_pot_of(payout), account_id=payout.account_id
    )
    ledger.post(uow, _cause(payout, "payout_returned", at), ledger_rules.turned(lines))


def _pot_of(payout: Payout) -> Pot:
    kind = payout.pot_code.partition(":")[0]
    return Pot(payout.pot_code, kind, creator_id=payout.creator_id)


def _cause(payout: Payout, kind: str, at: datetime) -> ledger.Cause:
    return ledger.Cause(kind, f"{kind}:{payout.id}", "jsapi", at, creator_id=payout.creator_id)


def _tell(uow: UnitOfWork, payout: Payout) -> None:
    uow.promise(
        "customer_message.payout",
        f"{payout.state}:{payout.id}",
        object_type="payout",
        object_id=payout.id,
        payload={"state": payout.state},
    )

"""Reading payouts, and what of an account may be taken out."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.fen import Fen
from creator_tools.payouts.errors import PayoutNotFound
from creator_tools.payouts.models import Payout
from creator_tools.payouts.ports import PayoutFacts
from creator_tools.payouts.rules import LIVE_STATES, OVER, Balance, HeldSale, PayoutState
from creator_tools.people.queries import family_of, subject_of
from creator_tools.refunds.rules.terms import OLDER_ORDERS

HELD_SHOWN_MAX = 50

# What an account has of each payment, and whether the buyer or the rail may still take it back.
# Entries without a payment (what was paid out) hold nothing.
_SALES = """
WITH moved AS (
    SELECT entry.payment_id, max(entry.order_id::text)::uuid AS order_id,
           -sum(posting.amount_fen)::bigint AS amount_fen
    FROM ledger_accounts AS account
    JOIN postings AS posting ON posting.account_id = account.id
    JOIN journal_entries AS entry ON entry.id = posting.entry_id
    WHERE account.code = :code
    GROUP BY entry.payment_id
), sale AS (
    SELECT moved.amount_fen, orders.id AS order_id, orders.trade_no, paid.rail, orders.paid_at,
           orders.paid_at + make_interval(days => greatest(
               coalesce((orders.refund_terms ->> 'window_days')::int, :window_days),
               coalesce((orders.refund_terms ->> 'promise_days')::int, :promise_days)
                   * (EXISTS (SELECT FROM order_lines AS line WHERE line.order_id = orders.id
                              AND line.object_type = 'column'))::int)) AS window_ends_at,
           EXISTS (SELECT FROM journal_entries AS settled
                   WHERE settled.source_key = 'settlement:' || paid.id) AS is_settled
    FROM moved
    JOIN journal_entries AS paid ON paid.source_key = 'payment:' || moved.payment_id
    JOIN orders ON orders.id = paid.order_id
    WHERE moved.amount_fen <> 0
)
"""
_TERMS = {"window_days": OLDER_ORDERS.window_days, "promise_days": OLDER_ORDERS.promise_days}
_HELD_SUM = text(
    f"{_SALES} SELECT coalesce(sum(amount_fen), 0)::bigint FROM sale "  # noqa: S608 - a constant
    "WHERE window_ends_at > :now OR NOT is_settled"
)
_HELD = text(
    f"{_SALES} SELECT order_id, trade_no, rail, amount_fen, paid_at, window_ends_at, is_settled "  # noqa: S608 - a constant
    "FROM sale WHERE window_ends_at > :now OR NOT is_settled "
    "ORDER BY greatest(window_ends_at, :now), paid_at LIMIT :limit"
)
_TOTAL = text("""
SELECT coalesce(-sum(posting.amount_fen), 0)::bigint
FROM ledger_accounts AS account JOIN postings AS posting ON posting.account_id = account.id
WHERE account.code = :code
""")


def get(session: Session, payout_id: UUID) -> Payout:
    """The payout with this id.

    Raises:
        PayoutNotFound: there is none.
    """
    payout = session.get(Payout, payout_id)
    if payout is None:
        raise PayoutNotFound(payout_id=str(payout_id))
    return payout


def get_of_person(session: Session, payout_id: UUID, person_id: UUID) -> Payout:
    """A payout to this person; somebody else's is not found.

    Raises:
        PayoutNotFound: there is none to this person.
    """
    payout = session.scalars(
        select(Payout).where(Payout.id == payout_id, Payout.person_id.in_(family_of(person_id)))
    ).one_or_none()
    if payout is None:
        raise PayoutNotFound(payout_id=str(payout_id))
    return payout


def lock(session: Session, payout_id: UUID) -> Payout:
    """One payout, locked until the unit ends.

    Raises:
        PayoutNotFound: there is none with this id.
    """
    get(session, payout_id)
    return session.scalars(
        select(Payout)
        .where(Payout.id == payout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def find_by_number(session: Session, account_id: UUID, bill_no: str) -> UUID | None:
    """The payout that our number names, or None."""
    return session.scalar(
        select(Payout.id).where(Payout.bill_no == bill_no, Payout.account_id == account_id)
    )


def list_of_pot(
    session: Session, pot_code: str, *, before: UUID | None = None, limit: int = 20
) -> list[Payout]:
    """The payouts from one account, newest first."""
    found = select(Payout).where(Payout.pot_code == pot_code)
    if before is not None:
        found = found.where(Payout.id < before)
    return list(session.scalars(found.order_by(Payout.id.desc()).limit(limit)))


def list_waiting(session: Session, person_id: UUID) -> list[Payout]:
    """The payouts that wait for this person to take them."""
    return list(
        session.scalars(
            select(Payout)
            .where(Payout.person_id.in_(family_of(person_id)), Payout.state == PayoutState.WAITING)
            .order_by(Payout.id)
        )
    )


def balance_of(session: Session, pot_code: str, now: datetime) -> Balance:
    """What stands on an account and what of it may be taken out, added up from postings."""
    total_fen = session.execute(_TOTAL, {"code": pot_code}).scalar_one()
    held_fen = session.execute(_HELD_SUM, {"code": pot_code, "now": now, **_TERMS}).scalar_one()
    by_state: dict[str, int] = {
        state: int(amount_fen)
        for state, amount_fen in session.execute(
            select(Payout.state, func.sum(Payout.amount_fen))
            .where(Payout.pot_code == pot_code)
            .group_by(Payout.state)
        )
    }
    underway = sum(sum_fen for state, sum_fen in by_state.items() if state not in OVER)
    return Balance(
        available_fen=total_fen - held_fen,
        held_fen=held_fen,
        underway_fen=underway,
        paid_fen=by_state.get(PayoutState.SUCCEEDED, 0),
    )


def list_held(session: Session, pot_code: str, now: datetime) -> list[HeldSale]:
    """The sales that are held, whose window ends soonest first; fifty at most."""
    asked: dict[str, Any] = {"code": pot_code, "now": now, "limit": HELD_SHOWN_MAX, **_TERMS}
    return [HeldSale(*row) for row in session.execute(_HELD, asked)]


def asked_on_day(session: Session, day: date, **of: UUID) -> int:
    """How much was asked for on a business day and has not come back, in fen.

    Args:
        of: `person_id` or `account_id` of the payouts that count.
    """
    begins = datetime.combine(day, time(), BEIJING)
    found = select(func.coalesce(func.sum(Payout.amount_fen), 0)).where(
        Payout.state.in_(LIVE_STATES),
        Payout.requested_at >= begins,
        Payout.requested_at < begins + timedelta(days=1),
    )
    return int(session.scalar(found.filter_by(**of)) or 0)


def facts_of(session: Session, payout_id: UUID) -> PayoutFacts:
    """What a gateway must know of a payout.

    Raises:
        PayoutNotFound: there is none with this id.
    """
    payout = get(session, payout_id)
    return PayoutFacts(
        id=payout.id,
        bill_no=payout.bill_no,
        account_id=payout.account_id,
        surface_id=payout.surface_id,
        amount_fen=Fen(payout.amount_fen),
        is_over=payout.state in OVER or payout.state == PayoutState.WAITING,
        subject=subject_of(session, payout.person_id, payout.surface_id),
    )


def list_query_due(session: Session, now: datetime, *, limit: int = 50) -> Sequence[UUID]:
    """Payouts about which the rail should be asked again, longest due first."""
    return session.scalars(
        select(Payout.id)
        .where(Payout.next_query_at <= now)
        .order_by(Payout.next_query_at)
        .limit(limit)
    ).all()

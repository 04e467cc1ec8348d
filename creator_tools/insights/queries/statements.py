"""What one creator's account says of a period: what it began with, each entry, what it ended with.

Read from postings alone, so that `opening + lines = closing` holds by what was booked and not by
how it is told. Entries of every kind that touches the account are there; one that nobody here
knows yet is shown by its kind rather than left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from creator_tools.creators import queries as creators
from creator_tools.insights.errors import StatementTooLong
from creator_tools.ledger.rules import creator_payable

# A spreadsheet takes a million rows; a request does not.
LINES_MAX = 50_000
PAGE_SIZE = 50


@dataclass(frozen=True)
class StatementLine:
    """One entry as the account's owner sees it; amounts in fen, into the account positive.

    Attributes:
        gross_fen: what fans paid, or (negative) got back; zero where no fan is concerned.
        fee_fen, platform_fen: what of it the rail and the platform kept, with the same sign.
        shared_fen: what went to other parties of an agreement, or came back from them.
        own_fen: by how much the account changed.
        product_kind: what was sold; None where nothing was.
    """

    entry_id: UUID
    business_day: date
    occurred_at: datetime
    kind: str
    rail: str
    number: str
    title: str
    product_kind: str | None
    gross_fen: int
    fee_fen: int
    platform_fen: int
    shared_fen: int
    own_fen: int


@dataclass(frozen=True)
class StatementSums:
    """Some lines added up, in fen."""

    count: int = 0
    gross_fen: int = 0
    fee_fen: int = 0
    platform_fen: int = 0
    shared_fen: int = 0
    own_fen: int = 0


@dataclass(frozen=True)
class Statement:
    """An account from `first` to `last`, both included; `opening + own of all lines = closing`."""

    creator_id: UUID
    creator_name: str
    first: date
    last: date
    opening_fen: int
    closing_fen: int
    lines: tuple[StatementLine, ...]

    @property
    def total(self) -> StatementSums:
        """All lines added up."""
        return added_up(self.lines)

    @property
    def by_kind(self) -> dict[str, StatementSums]:
        """The lines added up by what happened."""
        return _grouped(self.lines, lambda line: line.kind)

    @property
    def by_income_type(self) -> dict[str, StatementSums]:
        """The lines of sales, less what went back of them, by what was sold."""
        sales = [line for line in self.lines if line.product_kind is not None]
        return _grouped(sales, lambda line: line.product_kind or "")


@dataclass(frozen=True)
class Month:
    """One month in which the account moved, and by how much, in fen."""

    first: date
    last: date
    count: int
    own_fen: int


@dataclass(frozen=True)
class Owed:
    """What a creator's account holds now, in fen."""

    handle: str
    name: str
    balance_fen: int


@dataclass(frozen=True)
class BalancePage:
    """Some accounts by handle, how many there are in all, and where the next page begins."""

    items: tuple[Owed, ...]
    total_count: int
    next_cursor: str | None


_LINES = text("""
WITH account AS (SELECT id FROM ledger_accounts WHERE code = :code),
touched AS (
    SELECT posting.entry_id, -sum(posting.amount_fen)::bigint AS own_fen
    FROM postings AS posting JOIN journal_entries AS entry ON entry.id = posting.entry_id
    WHERE posting.account_id = (SELECT id FROM account)
      AND entry.business_day BETWEEN :first AND :last
    GROUP BY 1
)
SELECT entry.id AS entry_id, entry.business_day, entry.occurred_at, entry.kind, entry.rail,
       coalesce(orders.trade_no, entry.source_key) AS number, coalesce(line.title, '') AS title,
       product.kind AS product_kind,
       money.gross_fen, money.fee_fen, money.platform_fen, money.shared_fen, touched.own_fen
FROM touched
JOIN journal_entries AS entry ON entry.id = touched.entry_id
LEFT JOIN orders ON orders.id = entry.order_id
LEFT JOIN order_lines AS line ON line.order_id = entry.order_id AND line.line = 1
LEFT JOIN products AS product ON product.id = line.product_id
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(posting.amount_fen) FILTER (WHERE
               entry.kind IN ('payment', 'refund', 'refund_failed')
               AND pot.kind IN ('fee', 'platform_share', 'creator_payable')), 0)::bigint
               AS gross_fen,
           coalesce(-sum(posting.amount_fen) FILTER (WHERE pot.kind = 'fee'), 0)::bigint
               AS fee_fen,
           coalesce(-sum(posting.amount_fen) FILTER (WHERE pot.kind = 'platform_share'), 0)::bigint
               AS platform_fen,
           coalesce(-sum(posting.amount_fen) FILTER (WHERE entry.kind = 'split'
               AND pot.id <> (SELECT id FROM account)), 0)::bigint AS shared_fen
    FROM postings AS posting JOIN ledger_accounts AS pot ON pot.id = posting.account_id
    WHERE posting.entry_id = entry.id
) AS money
ORDER BY entry.business_day, entry.occurred_at, entry.id
LIMIT :limit
""")

_BALANCES = text("""
SELECT coalesce(-sum(posting.amount_fen) FILTER (WHERE entry.business_day < :first), 0)::bigint,
       coalesce(-sum(posting.amount_fen), 0)::bigint
FROM ledger_accounts AS account
JOIN postings AS posting ON posting.account_id = account.id
JOIN journal_entries AS entry ON entry.id = posting.entry_id
WHERE account.code = :code AND entry.business_day <= :last
""")

_MONTHS = text("""
SELECT date_trunc('month', entry.business_day)::date AS first,
       (date_trunc('month', entry.business_day) + interval '1 month - 1 day')::date AS last,
       count(DISTINCT entry.id), -sum(posting.amount_fen)::bigint
FROM ledger_accounts AS account
JOIN postings AS posting ON posting.account_id = account.id
JOIN journal_entries AS entry ON entry.id = posting.entry_id
WHERE account.code = :code
GROUP BY 1, 2
ORDER BY 1 DESC
LIMIT 36
""")


_OWED = text("""
SELECT creators.handle, creators.name, coalesce((
    SELECT -sum(posting.amount_fen) FROM ledger_accounts AS account
    JOIN postings AS posting ON posting.account_id = account.id
    WHERE account.code = 'creator_payable:' || creators.id), 0)::bigint
FROM creators WHERE creators.handle > :after ORDER BY creators.handle LIMIT :limit
""")
_CREATORS_COUNT = text("SELECT count(*) FROM creators")


def statement(session: Session, creator_id: UUID, *, first: date, last: date) -> Statement:
    """What a creator's account says of the business days from `first` to `last`, both included.

    Args:
        session: reads `of_one_moment`; a sale between two queries would be in one of them.

    Raises:
        CreatorNotFound: there is no such creator.
        StatementTooLong: more entries than one file holds; a shorter period has fewer.
    """
    code = creator_payable(creator_id).code
    asked = {"code": code, "first": first, "last": last, "limit": LINES_MAX + 1}
    lines = tuple(StatementLine(*row) for row in session.execute(_LINES, asked))
    if len(lines) > LINES_MAX:
        raise StatementTooLong(first=first.isoformat(), last=last.isoformat())
    opening_fen, closing_fen = session.execute(_BALANCES, asked).one()
    return Statement(
        creator_id=creator_id,
        creator_name=creators.get(session, creator_id).name,
        first=first,
        last=last,
        opening_fen=opening_fen,
        closing_fen=closing_fen,
        lines=lines,
    )


def statement_months(session: Session, creator_id: UUID) -> list[Month]:
    """The months in which a creator's account moved, newest first, three years at most."""
    found = session.execute(_MONTHS, {"code": creator_payable(creator_id).code})
    return [Month(*row) for row in found]


def list_balances(session: Session, *, after_handle: str | None) -> BalancePage:
    """What is owed to each creator now, by handle, a page of them."""
    found = session.execute(_OWED, {"after": after_handle or "", "limit": PAGE_SIZE + 1})
    owed = tuple(Owed(*row) for row in found)
    total_count = session.execute(_CREATORS_COUNT).scalar_one()
    more = owed[PAGE_SIZE - 1].handle if len(owed) > PAGE_SIZE else None
    return BalancePage(owed[:PAGE_SIZE], total_count, more)


def added_up(lines: Iterable[StatementLine]) -> StatementSums:
    """Lines added up."""
    kept = list(lines)
    return StatementSums(
        len(kept),
        sum(line.gross_fen for line in kept),
        sum(line.fee_fen for line in kept),
        sum(line.platform_fen for line in kept),
        sum(line.shared_fen for line in kept),
        sum(line.own_fen for line in kept),
    )


def _grouped(
    lines: Iterable[StatementLine], key: Callable[[StatementLine], str]
) -> dict[str, StatementSums]:
    groups: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return {one: added_up(groups[one]) for one in groups}

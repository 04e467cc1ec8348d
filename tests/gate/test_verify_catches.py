"""`verify` finds what got past every guard: a hand at the database that could do anything.

A true sale is made first, and `verify` is content. Then somebody who owns the cluster switches the
guards off and changes one thing at a time; `verify` must fail and name the invariant.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import pytest

from app.launcher.cluster import Cluster
from creator_tools.insights.queries.verification import INVARIANTS
from tests.channel import open_channel, until
from tests.gate.conftest import Install
from tests.installation import REPOSITORY, Installation

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

LOCKED = "付费以后才看得到的这一句"


@dataclass(frozen=True)
class Tampering:
    """One change by hand, the table it is made in, and the invariants that must tell."""

    what: str
    table: str
    statement: str
    broken: frozenset[str]


TAMPERINGS = (
    Tampering(
        "the amount of a posting",
        "postings",
        "UPDATE postings SET amount_fen = amount_fen + 1 WHERE amount_fen > 0",
        frozenset({"ledger.balanced", "ledger.gross_is_payment"}),
    ),
    Tampering(
        "a fen moved from the creator to the platform, in balance",
        "postings",
        "UPDATE postings SET amount_fen = postings.amount_fen + CASE account.kind "
        "WHEN 'creator_payable' THEN 1 ELSE -1 END FROM ledger_accounts AS account "
        "WHERE account.id = postings.account_id "
        "AND account.kind IN ('creator_payable', 'platform_share')",
        frozenset({"ledger.divided_by_rule"}),
    ),
    Tampering(
        "a fee that no table knows, in balance",
        "postings",
        "UPDATE postings SET amount_fen = postings.amount_fen + CASE account.kind "
        "WHEN 'creator_payable' THEN 1 ELSE -1 END FROM ledger_accounts AS account "
        "WHERE account.id = postings.account_id AND account.kind IN ('creator_payable', 'fee')",
        frozenset({"ledger.fee_by_table"}),
    ),
    Tampering(
        "a deleted posting",
        "postings",
        "DELETE FROM postings WHERE amount_fen > 0",
        frozenset({"ledger.balanced"}),
    ),
    Tampering(
        "a deleted entry",
        "journal_entries",
        "DELETE FROM journal_entries",
        frozenset({"ledger.no_orphan", "orders.paid_has_entry"}),
    ),
    Tampering(
        "the amount of an order",
        "orders",
        "UPDATE orders SET amount_fen = 1 WHERE state = 'paid'",
        frozenset({"orders.amount_is_quoted", "payments.settled_agrees"}),
    ),
    Tampering(
        "an order declared paid",
        "orders",
        "UPDATE orders SET state = 'paid', paid_at = created_at WHERE state = 'pending'",
        frozenset({"orders.paid_has_payment", "access.paid_order_opens"}),
    ),
    Tampering(
        "the disposition of a payment",
        "payments",
        "UPDATE payments SET disposition = 'wrong_amount'",
        frozenset({"payments.stray_is_suspended", "orders.paid_has_payment", "ledger.has_cause"}),
    ),
    Tampering(
        "an entitlement by hand",
        "entitlements",
        "INSERT INTO entitlements (id, creator_id, person_id, object_type, object_id, created_at) "
        "SELECT gen_random_uuid(), creator_id, (SELECT id FROM people WHERE id NOT IN "
        "(SELECT person_id FROM entitlements) LIMIT 1), object_type, object_id, created_at "
        "FROM entitlements LIMIT 1",
        frozenset({"access.has_source"}),
    ),
    Tampering(
        "a source that names an order that never was",
        "entitlement_sources",
        "UPDATE entitlement_sources SET source_id = gen_random_uuid() WHERE kind = 'order'",
        frozenset({"access.source_has_paid_order", "access.paid_order_opens"}),
    ),
    Tampering(
        "the text of a published revision",
        "revisions",
        "UPDATE revisions SET body_html = body_html || '<p>从未审核的一句</p>'",
        frozenset({"works.revision_is_its_hash"}),
    ),
)


@pytest.fixture(scope="module")
def house(install: Install) -> Installation:
    """An installation in which something was sold, left unpaid, and then came to rest."""
    made = install()
    made.start_house()
    shelf = open_channel(made, locked=LOCKED)
    buyer = made.world.person("买过的人", "android")
    made.world.buy(buyer, "oa", shelf.work_product_id)
    idle = made.world.person("没付的人", "android")
    token = made.world.sign_in(idle["id"], "oa")
    asked = {"product_id": shelf.work_product_id, "device": "android"}
    quote = made.world.api("POST", "quotes", token=token, **asked)
    order = made.world.api("POST", "orders", token=token, quote_id=quote["quote_id"])
    assert order["state"] == "pending"
    until(lambda: verify(made).returncode == 0, "all is well after a true sale")
    # Nobody may mend, or add to, what the hand does.
    made.kill_house()
    return made


@pytest.fixture(scope="module")
def hand(house: Installation, postgres_server: Cluster) -> Iterator[psycopg.Connection]:
    """Somebody who owns the cluster and has switched triggers and foreign keys off."""
    name = urlsplit(house.environment["DATABASE_URL"]).path.lstrip("/")
    with postgres_server.connect(name) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def verify(house: Installation) -> subprocess.CompletedProcess[str]:
    """Run the command as whoever runs the installation does."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "verify"],
        cwd=REPOSITORY,
        env=house.environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def marked(said: str) -> dict[str, tuple[str, int]]:
    """The mark and the count of rows that the command printed, by invariant."""
    found = {}
    for line in said.splitlines():
        words = line.split()
        if words and words[0] in {"✓", "✗"}:
            assert words[3] == "rows", line
            found[words[1]] = (words[0], int(words[2]))
    return found


def broken(said: str) -> set[str]:
    """The invariants that the command says are broken."""
    return {name for name, (mark, _) in marked(said).items() if mark == "✗"}


def test_verify_is_content_with_a_true_sale_and_says_what_it_looked_at(
    house: Installation, report_count: Callable[[str, int], None]
) -> None:
    ran = verify(house)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = marked(ran.stdout)
    assert set(rows) == {invariant.id for invariant in INVARIANTS}
    assert broken(ran.stdout) == set()
    spoken_of = set().union(*(one.broken for one in TAMPERINGS))
    # Whatever stands here over no row at all could not have failed.
    examined = {name for name, (_, count) in rows.items() if count > 0}
    assert spoken_of - examined == {"payments.stray_is_suspended"}
    report_count("invariants checked", len(rows))
    report_count("rows examined", sum(count for _, count in rows.values()))
    report_count("tamperings to be named", len(TAMPERINGS) + 1)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.what.replace(" ", "-"))
def test_verify_names_what_a_hand_has_changed(
    house: Installation, hand: psycopg.Connection, tampering: Tampering
) -> None:
    table = tampering.table
    hand.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}".encode())
    try:
        changed = hand.execute(tampering.statement.encode())
        assert changed.rowcount > 0, "nothing was tampered with"
        ran = verify(house)
    finally:
        hand.execute(f"DELETE FROM {table}".encode())
        hand.execute(f"INSERT INTO {table} SELECT * FROM kept".encode())
        hand.execute("DROP TABLE kept")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert tampering.broken <= broken(ran.stdout), ran.stdout
    again = verify(house)
    assert again.returncode == 0, again.stdout


def test_verify_names_a_guard_that_was_switched_off(
    house: Installation, hand: psycopg.Connection
) -> None:
    hand.execute("ALTER TABLE postings DISABLE TRIGGER USER")
    try:
        ran = verify(house)
    finally:
        hand.execute("ALTER TABLE postings ENABLE TRIGGER USER")
    assert (ran.returncode, broken(ran.stdout)) == (1, {"guards.stand"}), ran.stdout
    assert verify(house).returncode == 0

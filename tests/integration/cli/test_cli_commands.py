"""What the commands print, and with which code they end."""

import json
import shutil
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from creator_tools.kernel.models import AuditEvent, InboxProgress
from creator_tools.operators import rules
from creator_tools.operators.models import Operator
from tests.integration.cli.conftest import Command
from tests.integration.insights.books import Books


def test_verify_counts_the_rows_of_healthy_books_and_ends_with_zero(
    books: Books, command: Command
) -> None:
    books.sell(books.open_shop("mei"))
    books.beat()
    ended = command("verify")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = {line.split()[1]: line for line in ended.stdout.splitlines()[:-1]}
    assert lines["ledger.balanced"].startswith("✓ ledger.balanced")
    assert " 4 rows " in lines["ledger.balanced"]
    assert " 1 rows " in lines["orders.paid_has_entry"]
    assert "违反 0 条" in ended.stdout.splitlines()[-1]


def test_verify_says_what_is_open_in_the_clearing_accounts(books: Books, command: Command) -> None:
    sale = books.sell(books.open_shop("mei"))
    code = f"receivable:jsapi:{books.accounts['merchant']}"
    said = command("verify").stdout
    assert any(
        line.split()[0] == code and str(sale.payment_id) in line for line in said.splitlines()
    )
    found = json.loads(command("verify", "--json").stdout)
    (account,) = [one for one in found if one["id"] == f"clearing.{code}"]
    assert (account["rows_examined"], account["violations"]) == (1, [])
    assert (account["open_fen"], account["oldest_id"]) == (990, str(sale.payment_id))
    assert account["oldest_age_s"] >= 0


def test_verify_ends_with_one_after_a_row_was_tampered_with(
    books: Books, command: Command, superuser_database_url: str
) -> None:
    sale = books.sell(books.open_shop("mei"))
    with psycopg.connect(superuser_database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE postings SET amount_fen = amount_fen + 1 WHERE line = 1")
    ended = command("verify")
    assert ended.returncode == 1
    assert "✗ ledger.balanced" in ended.stdout
    assert f"entry_id={sale.entry_id}, off_by_fen=1" in ended.stdout
    found = json.loads(command("verify", "--json").stdout)
    (balanced,) = [one for one in found if one["id"] == "ledger.balanced"]
    assert balanced["rows_examined"] == 4
    assert balanced["violations"] == [{"entry_id": str(sale.entry_id), "off_by_fen": "1"}]


def test_postings_are_shown_by_id_and_by_trade_number(books: Books, command: Command) -> None:
    sale = books.sell(books.open_shop("mei"))
    by_id = json.loads(command("postings", str(sale.order_id), "--json").stdout)
    by_number = json.loads(command("postings", sale.trade_no, "--json").stdout)
    assert by_id == by_number
    assert by_id["order_id"] == str(sale.order_id)
    assert by_id["sum_fen"] == 0
    (entry,) = by_id["entries"]
    assert entry["entry_id"] == str(sale.entry_id)
    assert (entry["kind"], entry["rail"], entry["business_day"]) == (
        "payment",
        "jsapi",
        "2026-05-20",
    )
    assert [line["amount_fen"] for line in entry["postings"]] == [990, -6, -98, -886]
    assert entry["postings"][1]["account"] == "fee:jsapi"
    assert "9.90" in command("postings", sale.trade_no).stdout


@pytest.mark.parametrize("order", ["nothing", "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
def test_postings_of_an_unknown_order_end_with_five(
    books: Books, command: Command, order: str
) -> None:
    ended = command("postings", order, "--json")
    assert (ended.returncode, ended.stdout) == (5, "")
    assert "没有找到这笔订单" in ended.stderr
    assert "There is no such order" in ended.stderr


def test_a_dead_fact_is_replayed_once(books: Books, command: Command) -> None:
    fact_id = books.keep_fact(state="dead")
    ended = command("inbox", "replay", str(fact_id))
    assert ended.returncode == 0, ended.stderr
    with books.units.reading() as session:
        assert session.get_one(InboxProgress, fact_id).state == "new"
        told = session.scalars(select(AuditEvent.action)).all()
    assert "inbox.replayed" in told
    assert command("inbox", "replay", str(fact_id)).returncode == 5
    assert command("inbox", "replay", "no-id").returncode == 5


def test_an_operator_is_made_and_the_secrets_are_shown_once(books: Books, command: Command) -> None:
    ended = command("operator", "create", "--login", "mei", "--role", "owner", "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert shown["roles"] == ["owner"]
    assert shown["totp_uri"].startswith("otpauth://totp/")
    with books.units.reading() as session:
        made = session.get_one(Operator, UUID(shown["operator_id"]))
        assert rules.is_password(made.password_hash, shown["password"])
    again = command("operator", "create", "--login", "mei", "--role", "owner")
    assert again.returncode == 5
    assert "已经有人用了" in again.stderr


def test_a_password_may_come_from_the_input_and_is_not_shown(
    books: Books, command: Command
) -> None:
    password = "correct-horse-battery"
    words = ("operator", "create", "--login", "tao", "--role", "finance", "--role", "auditor")
    ended = command(*words, "--password-stdin", typed=password + "\n")
    assert ended.returncode == 0, ended.stderr
    assert password not in ended.stdout
    with books.units.reading() as session:
        made = session.scalars(select(Operator)).one()
        assert made.roles == ["finance", "auditor"]
        assert rules.is_password(made.password_hash, password)
    short = command(*words[:3], "kai", *words[4:], "--password-stdin", typed="short\n")
    assert short.returncode == 5


def test_an_unknown_role_is_a_mistyped_command(books: Books, command: Command) -> None:
    ended = command("operator", "create", "--login", "mei", "--role", "king")
    assert ended.returncode == 2


def test_doctor_finds_a_healthy_installation_and_says_what_is_missing(
    clean_database: str, command: Command
) -> None:
    ended = command("doctor", "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = {one["name"]: one for one in json.loads(ended.stdout)}
    states = {name: one["state"] for name, one in found.items()}
    # A machine may or may not have it; that is said, and is no fault.
    assert states.pop("ffmpeg") == ("ok" if shutil.which("ffprobe") else "warning")
    assert states == {
        "settings": "ok",
        "database": "ok",
        "migrations": "ok",
        "roles": "ok",
        "clock": "ok",
        "sweep": "warning",
        "accounts": "warning",
        "pay keys": "warning",
        "seals": "ok",
        "broker": "ok",
        "storage": "ok",
    }
    assert "oa, mini, merchant, xpay" in found["accounts"]["english"]


def test_doctor_warns_of_one_role_for_all_and_of_an_absent_broker(
    clean_database: str, command: Command, migrator_database_url: str
) -> None:
    ended = command(
        "doctor",
        "--json",
        DATABASE_URL=migrator_database_url,
        BROKER_URL="redis://:pw@127.0.0.1:1/0",
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    states = {one["name"]: one["state"] for one in json.loads(ended.stdout)}
    assert (states["roles"], states["broker"]) == ("warning", "warning")


def test_doctor_finds_keys_that_do_not_open_the_accounts(
    clean_database: str, books: Books, command: Command
) -> None:
    ended = command("doctor")
    assert ended.returncode == 1
    assert "✗ accounts" in ended.stdout


@pytest.mark.parametrize("words", [("doctor",), ("verify",), ("postings", "x", "--json")])
def test_an_absent_database_is_told_without_its_password(
    command: Command, words: tuple[str, ...]
) -> None:
    secret = "n0t-t0-be-sh0wn"
    ended = command(*words, DATABASE_URL=f"postgresql://juanliu_app:{secret}@127.0.0.1:1/none")
    assert ended.returncode == (1 if words == ("doctor",) else 4)
    assert secret not in ended.stdout + ended.stderr
    assert "DATABASE_URL" in ended.stdout + ended.stderr


def test_missing_settings_are_all_named_and_end_with_three(command: Command) -> None:
    ended = command("verify", SECRET_KEY="", XPAY_OFFER_ID="")
    assert ended.returncode == 3
    assert "SECRET_KEY" in ended.stderr
    assert "XPAY_OFFER_ID" in ended.stderr
    assert "Traceback" not in ended.stderr

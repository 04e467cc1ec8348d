"""The same push fifty times at once: one payment, one entry, one entitlement, one answer.

A relay stands before the house. It lets pushes through, or keeps their bytes as the platform
signed and sealed them, so that a test can send one of them as often and as fast as it likes.
"""

import http.client
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest

from app.launcher.ports import free_port
from creator_tools.creators import service as creators
from tests.channel import (
    Shelf,
    book_differences,
    open_channel,
    sell_in_mini_program,
    until,
    violations,
)
from tests.gate.conftest import Install
from tests.gate.outside import Outside
from tests.installation import Installation
from wechat_simulator.pushcrypto import open_box
from wechat_simulator.xmlform import read_xml

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

COPIES = 50
PAYMENT_ROUNDS = 20
XPAY_ROUNDS = 5
CHAT_ROUNDS = 10
_NOT_CARRIED = frozenset({"host", "content-length", "connection", "accept-encoding"})

_OF_ORDER = """
SELECT (SELECT count(*) FROM payments WHERE order_id = %(id)s) AS payments,
       (SELECT count(*) FROM journal_entries WHERE order_id = %(id)s) AS entries,
       (SELECT count(*) FROM entitlement_sources WHERE source_id IN (
           SELECT id FROM orders WHERE id = %(id)s
           UNION SELECT id FROM order_lines WHERE order_id = %(id)s)) AS sources,
       (SELECT count(*) FROM effects WHERE kind = 'customer_message.paid'
           AND object_id = %(id)s) AS messages
"""


@dataclass(frozen=True)
class Letter:
    """One push, byte for byte."""

    path: str
    headers: dict[str, str]
    body: bytes


class Relay:
    """Carries pushes to the house, or keeps them and says that they were received."""

    def __init__(self) -> None:
        self.house_port = 0
        self.kept: list[Letter] = []
        self.keeping = False
        relay = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {
                    name: text
                    for name, text in self.headers.items()
                    if name.lower() not in _NOT_CARRIED
                }
                status, said = relay.receive(Letter(self.path, headers, body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="relay", daemon=True).start()

    def receive(self, letter: Letter) -> tuple[int, bytes]:
        """Status and body of the answer to one push."""
        if self.keeping:
            self.kept.append(letter)
            return 200, b"success"
        return deliver(letter, self.house_port)

    @contextmanager
    def holding(self) -> Iterator[list[Letter]]:
        """Keep what comes meanwhile instead of carrying it."""
        self.kept, self.keeping = [], True
        try:
            yield self.kept
        finally:
            self.keeping = False

    def close(self) -> None:
        """Stop carrying."""
        self._server.shutdown()
        self._server.server_close()


def deliver(letter: Letter, port: int, start: threading.Barrier | None = None) -> tuple[int, bytes]:
    """Post one push to a house; with `start`, not before all who share it are connected."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        connection.connect()
        if start is not None:
            start.wait(30)
        connection.request("POST", letter.path, letter.body, letter.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def deliver_at_once(letter: Letter, ports: list[int]) -> list[tuple[int, bytes]]:
    """Post the same push to all these ports in the same instant."""
    start = threading.Barrier(len(ports))
    with ThreadPoolExecutor(len(ports)) as pool:
        return list(pool.map(lambda port: deliver(letter, port, start), ports))


@dataclass
class Stage:
    """A running house behind its relay, and what is on sale."""

    house: Installation
    relay: Relay
    shelf: Shelf
    outside: Outside


@pytest.fixture(scope="module")
def stage(install: Install) -> Iterator[Stage]:
    """A house whose platform knows it by the relay's address only."""
    house, relay = install(), Relay()
    relay.house_port = house.web_port
    house.environment["PUBLIC_BASE_URL"] = relay.url
    house.world.control(
        "PUT",
        "accounts",
        oa={"callback_url": f"{relay.url}/wechat/official-account"},
        mini={"callback_url": f"{relay.url}/wechat/mini-program"},
    )
    house.start_house()
    shelf = open_channel(house, locked="付费以后才看得到的这一句")
    sell_in_mini_program(house, shelf)
    outside = Outside(house, "fifty")
    yield Stage(house, relay, shelf, outside)
    outside.close()
    relay.close()


def paid_but_untold(stage: Stage, surface: str, device: str) -> tuple[str, Letter]:
    """An order that was paid, and the one push that would tell us."""
    outside = stage.outside
    fan = outside.person(device)
    token = outside.sign_in(fan, surface)
    placed = outside.order(fan, token, stage.shelf.work_product_id)
    with stage.relay.holding() as kept:
        outside.pay(fan, placed)
    (letter,) = kept
    return str(placed["order_id"]), letter


def counted(stage: Stage, query: str, **given: Any) -> dict[str, int]:
    """One row of counts."""
    url = stage.house.environment["DATABASE_URL"]
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        row = connection.execute(query.encode(), given).fetchone()
    assert row is not None
    return row


def facts_count(stage: Stage) -> int:
    """How many pushes are kept, each once."""
    return counted(stage, "SELECT count(*) AS facts FROM inbox_facts")["facts"]


def everything_once(stage: Stage, order_id: str) -> dict[str, int]:
    """What an order has led to, once it is paid."""
    until(lambda: counted(stage, _OF_ORDER, id=order_id)["payments"], "the payment is recorded")
    return counted(stage, _OF_ORDER, id=order_id)


def books_are_whole(stage: Stage) -> None:
    """Nothing is broken, and WeChat's books are ours."""
    people = {one["id"] for one in stage.outside.people}
    with closing(stage.house.wiring()) as wiring:
        assert book_differences(stage.house, wiring, people) == []
        assert violations(wiring) == []


@pytest.mark.parametrize(
    ("surface", "device", "rounds"),
    [("oa", "android", PAYMENT_ROUNDS), ("mini", "android", XPAY_ROUNDS)],
    ids=["payment notification", "xpay delivery"],
)
def test_fifty_equal_pushes_at_once_pay_once(
    stage: Stage,
    surface: str,
    device: str,
    rounds: int,
    report_count: Callable[[str, int], None],
) -> None:
    began, statuses = time.monotonic(), Counter[int]()
    orders = []
    for _ in range(rounds):
        order_id, letter = paid_but_untold(stage, surface, device)
        before = facts_count(stage)
        answers = deliver_at_once(letter, [stage.house.web_port] * COPIES)
        statuses.update(status for status, _ in answers)
        assert facts_count(stage) == before + 1
        orders.append(order_id)
        assert everything_once(stage, order_id) == ONCE
    # Nothing that a straggler did comes later either.
    assert [everything_once(stage, one) for one in orders] == [ONCE] * rounds
    report_count("pushes sent", rounds * COPIES)
    report_count("pushes acknowledged", statuses[200] + statuses[204])
    report_count("payments recorded", len(orders))
    report_count("ms", round((time.monotonic() - began) * 1000))
    assert statuses[200] + statuses[204] == rounds * COPIES, statuses
    books_are_whole(stage)


ONCE = {"payments": 1, "entries": 1, "sources": 1, "messages": 1}


@pytest.fixture
def three_ports(stage: Stage) -> Iterator[list[int]]:
    """Three houses, each a process of its own, over one database."""
    house = stage.house
    first = (house.web_port, house.base_url, house.house_pid)
    ports, pids = [house.web_port], []
    try:
        for _ in range(2):
            house.web_port = free_port()
            house.base_url = f"http://127.0.0.1:{house.web_port}"
            house.start_house()
            assert house.house_pid is not None
            ports.append(house.web_port)
            pids.append(house.house_pid)
        house.web_port, house.base_url, house.house_pid = first
        yield ports
    finally:
        house.web_port, house.base_url, house.house_pid = first
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def opened(stage: Stage, body: bytes) -> bytes:
    """The plaintext of an answer that was sealed for the platform."""
    account = stage.house.secrets.oa
    return open_box(str(read_xml(body)["Encrypt"]), account.appid, account.aes_key)


def test_three_houses_answer_one_message_once_and_alike(
    stage: Stage, three_ports: list[int], report_count: Callable[[str, int], None]
) -> None:
    world, later_count = stage.house.world, 0
    for number in range(CHAT_ROUNDS):
        fan = world.person(f"想写作的人 {number}", "android")
        with closing(stage.house.wiring()) as wiring:
            code = wiring.units.run("creators.invite", creators.invite)
        # Whoever handles it a second time finds the invitation used up, and says so.
        with stage.relay.holding() as kept:
            words = {"type": "text", "text": f"成为创作者 {code}"}
            world.control("POST", f"people/{fan['id']}/send", **words)
        (letter,) = kept
        before = counted(stage, _AROUND_CHAT)
        answers = deliver_at_once(letter, three_ports)
        assert [status for status, _ in answers] == [200, 200, 200]
        replies = {opened(stage, body) for _, body in answers}
        assert len(replies) == 1
        assert "欢迎成为创作者" in replies.pop().decode()
        after = counted(stage, _AROUND_CHAT)
        assert {name: after[name] - before[name] for name in after} == _ONE_MESSAGE
        # A straggler hears the same words.
        late = deliver(letter, three_ports[2])
        assert opened(stage, late[1]) == opened(stage, answers[0][1])
        assert counted(stage, _AROUND_CHAT) == after
        later_count += 1
    report_count("messages", CHAT_ROUNDS)
    report_count("deliveries to three houses", CHAT_ROUNDS * len(three_ports) + later_count)
    books_are_whole(stage)


_AROUND_CHAT = """
SELECT (SELECT count(*) FROM inbox_facts) AS facts,
       (SELECT count(*) FROM inbox_progress WHERE state = 'done') AS handled,
       (SELECT count(*) FROM creators) AS creators,
       (SELECT count(*) FROM invitations WHERE used_at IS NOT NULL) AS invitations
"""
_ONE_MESSAGE = {"facts": 1, "handled": 1, "creators": 1, "invitations": 1}

"""The short way says and leaves what the long way would, or leaves nothing and lets it answer."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import event, text

from app.wiring import callbacks
from app.wiring import offhand as short_way
from app.wiring.container import Process, open_wiring
from creator_tools.kernel import at_once
from creator_tools.kernel.at_once import AtOnce
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.people.queries import find_person
from creator_tools.studio import exchanges
from creator_tools.studio.exchanges import Exchange
from tests.factories import make_creator, make_published_work
from tests.integration.http.conftest import House, Scene, house, scene, wechat  # noqa: F401
from tests.integration.wiring.test_answering import rows, sealed
from wechat_simulator.pushcrypto import open_box

TEXTS = (
    "你好",
    "帮助",
    "h",
    "。。。",
    "",
    "  \x00 ",
    "今天天气不错",
    "hello 你好 12",
    "一句很长很长的话，长得不像任何一个作品的名字，也不是命令",
    "两行\n的话",
    "第一课",
    "「第一课」",
    "光影",
    "《》",
    "50%",
    "5_%",
    "专栏",
    "看 1",
    "3",
    "1234",
    "发布 9.9",
    "取消",
    "成为创作者",
    "ABCD2345",
    "https://work.weixin.qq.com/gm/abc",
    "新建专栏 光 兴趣 摄影 每周1篇 共12篇",
)
MESSAGES: tuple[dict[str, Any], ...] = (
    *({"MsgType": "text", "Content": words} for words in TEXTS),
    {"MsgType": "voice", "MediaId": "m", "Format": "amr"},
    {"MsgType": "voice", "MediaId": "m", "Format": "amr", "Recognition": "帮助"},
    {"MsgType": "image", "MediaId": "m", "PicUrl": "http://127.0.0.1/p"},
    {"MsgType": "video", "MediaId": "m", "ThumbMediaId": "t"},
    {"MsgType": "location", "Location_X": "1.5", "Location_Y": "2", "Scale": "20", "Label": "x"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "help"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "browse"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "KEY_whatever"},
    {"MsgType": "event", "Event": "SCAN", "EventKey": "scene", "Ticket": "t"},
    {"MsgType": "event", "Event": "subscribe"},
    {"MsgType": "event", "Event": "unsubscribe"},
    {"MsgType": "event", "Event": "VIEW", "EventKey": "http://127.0.0.1/"},
    {"MsgType": "event", "Event": "LOCATION", "Latitude": "1", "Longitude": "2", "Precision": "3"},
    {"MsgType": "event", "Event": "something_new", "What": "x"},
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SITUATIONS = ("stranger", "known", "waiting", "creator")


def deliver(house: House, fields: dict[str, Any]) -> dict[str, Any] | None:  # noqa: F811
    """What a push to the Official Account is answered, opened; None for "success"."""
    query, body = sealed(house, fields, "oa")
    answer = house.wiring.callbacks.answer("oa", None, query, body)
    if answer == b"success":
        return None
    held = house.wiring.accounts.first("oa")
    box = json.loads(answer)["Encrypt"]
    opened: dict[str, Any] = json.loads(
        open_box(box, held.external_id, held.credentials["aes_key"])
    )
    return opened


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is not the point here, and a busy machine is slow."""
    monkeypatch.setattr(callbacks, "ANSWER_BUDGET_MS", 10_000)
    monkeypatch.setattr(short_way, "PATIENCE_S", 10.0)
    slow = re.sub("= (200|300);", "= 10000;", at_once._MANNERS)
    monkeypatch.setattr(at_once, "_MANNERS", slow)


class Senders:
    """New people, each in the situation asked for."""

    def __init__(self, house: House) -> None:  # noqa: F811
        self.house = house
        self.count = 0

    def in_situation(self, situation: str) -> str:
        self.count += 1
        sender = f"o-{self.count:04d}-{situation}"
        if situation != "stranger":
            self.say(sender, "成为创作者" if situation == "waiting" else "你好")
        if situation == "creator":
            oa_id = self.house.wiring.accounts.first("oa").id
            with self.house.wiring.units("studio.act") as uow:
                found = find_person(uow.session, oa_id, sender)
                make_creator(uow, person_id=found, name="新创作者")
        return sender

    def say(self, sender: str, words: str) -> dict[str, Any] | None:
        return self.send(sender, {"MsgType": "text", "Content": words})

    def send(self, sender: str, message: dict[str, Any]) -> dict[str, Any] | None:
        self.count += 1
        fields = {"FromUserName": sender} | message
        if message["MsgType"] != "event":
            fields["MsgId"] = 10**9 + self.count
        return deliver(self.house, fields)


TRACES = """
SELECT i.follows, i.last_message_at IS NOT NULL, p.nickname, p.merged_into_id,
    (SELECT d.step || d.memory::text FROM studio_dialogs d WHERE d.person_id = p.id),
    (SELECT array_agg(a.action || a.actor_type || a.facts::text ORDER BY a.id)
        FROM audit_events a WHERE a.object_type = 'person' AND a.object_id = p.id),
    (SELECT array_agg(e.kind || e.state ORDER BY e.id) FROM effects e WHERE e.object_id = p.id)
FROM identities i JOIN people p ON p.id = i.person_id WHERE i.subject = '{sender}'
"""
FACTS = """
SELECT f.kind, f.source, p.state, p.attempts_count, p.error_code, p.handled_at IS NOT NULL,
    p.sealed_reply IS NOT NULL, y.sealed_payload IS NOT NULL, y.kept_until - f.received_at
FROM inbox_facts f JOIN inbox_progress p ON p.fact_id = f.id JOIN inbox_payloads y
    ON y.fact_id = f.id ORDER BY f.received_at DESC, f.id DESC LIMIT 1
"""


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("juanliu_offhand_total", {"result": result}) or 0.0


@pytest.mark.parametrize("situation", SITUATIONS)
def test_both_ways_say_and_leave_the_same(
    house: House,  # noqa: F811
    scene: Scene,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    situation: str,
) -> None:
    with house.wiring.units("studio.act") as uow:
        column = uow.session.execute(text("SELECT * FROM columns")).one()
        make_published_work(uow, column, title="省50%的办法")  # type: ignore[arg-type]  # has its ids
    senders = Senders(house)
    for message in MESSAGES:
        by_way = {}
        for way in ("short", "long"):
            sender = senders.in_situation(situation)
            with monkeypatch.context() as patch:
                if way == "long":
                    patch.setattr(short_way, "offhand_reply", lambda _: None)
                said = senders.send(sender, message)
            if said is not None:
                assert (said.pop("ToUserName"), said.pop("FromUserName")) == (sender, "gh_1")
                said.pop("CreateTime")
            traces = rows(house, TRACES.format(sender=sender))
            # What was made has ids of its own.
            by_way[way] = _ID.sub("id", repr((said, traces, rows(house, FACTS))))
        assert by_way["short"] == by_way["long"], message


@contextmanager
def statements(house: House) -> Iterator[list[str]]:  # noqa: F811
    """Every statement that is sent while this is open, on whatever connection."""
    sent: list[str] = []
    run = AtOnce.run

    def note(*arguments: Any) -> None:
        sent.append(str(arguments[2]))

    def noted(self: AtOnce, statement: str, values: Any) -> Any:
        sent.append(statement)
        return run(self, statement, values)

    event.listen(house.wiring.engine, "before_cursor_execute", note)
    AtOnce.run = noted  # type: ignore[method-assign]  # a spy, not a stand-in
    try:
        yield sent
    finally:
        AtOnce.run = run  # type: ignore[method-assign]
        event.remove(house.wiring.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "message",
    [
        {"MsgType": "text", "Content": "今天天气不错"},
        {"MsgType": "text", "Content": "帮助"},
        {"MsgType": "event", "Event": "CLICK", "EventKey": "help"},
        {"MsgType": "event", "Event": "something_new", "What": "x"},
        {"MsgType": "video", "MediaId": "m", "ThumbMediaId": "t"},
    ],
)
@pytest.mark.parametrize("situation", ["stranger", "known"])
def test_what_needs_no_conversation_is_one_statement_and_a_repetition_none(
    house: House,  # noqa: F811
    message: dict[str, Any],
    situation: str,
) -> None:
    senders = Senders(house)
    sender = senders.in_situation(situation)
    push = {"FromUserName": sender} | message
    if message["MsgType"] != "event":
        push["MsgId"] = 77
    deliver(house, {"FromUserName": "o-other", "MsgType": "text", "Content": "你好", "MsgId": 1})
    with statements(house) as sent:
        first = deliver(house, push)
    assert len(sent) == 1
    with statements(house) as sent:
        assert deliver(house, push) == first
    assert sent == []
    house.wiring.callbacks._offhand._recent._replies.clear()
    with statements(house) as sent:
        assert deliver(house, push) == first
    assert len(sent) == 1


# Savepoint and release are two of them; what a command does comes on top.
CONVERSATION_MAX = 14


def test_a_conversation_stays_within_its_budget(house: House) -> None:  # noqa: F811
    senders = Senders(house)
    sender = senders.in_situation("creator")
    with statements(house) as sent:
        senders.say(sender, "帮助")
    assert len(sent) <= CONVERSATION_MAX, "\n".join(sent)


def test_one_message_to_three_houses_is_one_fact_and_one_answer(house: House) -> None:  # noqa: F811
    others = [open_wiring(house.wiring.settings, Process("tests", pool_size=4)) for _ in range(2)]
    houses = [house.wiring, *others]
    for wiring in houses:
        assert wiring.callbacks is not None
        wiring.accounts.first("oa")
    try:
        for number, words in enumerate(("今天天气不错", "取消", "第一课")):
            push = {"FromUserName": "o-one", "MsgType": "text", "Content": words, "MsgId": number}
            query, body = sealed(house, push, "oa")
            together = threading.Barrier(12)

            def knock(
                at: int,
                query: Any = query,
                body: bytes = body,
                together: threading.Barrier = together,
            ) -> Any:
                together.wait()
                answer = houses[at % 3].callbacks.answer("oa", None, query, body)
                held = house.wiring.accounts.first("oa")
                box = json.loads(answer)["Encrypt"]
                return open_box(box, held.external_id, held.credentials["aes_key"])

            with ThreadPoolExecutor(12) as crowd:
                answers = set(crowd.map(knock, range(12)))
            assert len(answers) == 1
            assert rows(house, "SELECT count(*) FROM inbox_facts") == [(number + 1,)]
        assert rows(house, "SELECT count(*) FROM people") == [(1,)]
    finally:
        for wiring in others:
            wiring.close()


def exchange(house: House, sender: str, key: str) -> Exchange:  # noqa: F811
    return Exchange(
        account_id=house.wiring.accounts.first("oa").id,
        source="message",
        source_key=key,
        kind="TextMessage:xml",
        payload="<xml/>",
        reply="<xml>你好</xml>",
        subject=sender,
        said_at_epoch_s=1_800_000_000,
        is_for_fans=True,
        takes_turn=True,
    )


@pytest.mark.parametrize("table", ["studio_dialogs", "identities"])
def test_whoever_is_busy_takes_the_long_way_and_nobody_waits_for_them(
    house: House,  # noqa: F811
    table: str,
) -> None:
    senders = Senders(house)
    busy, free = senders.in_situation("known"), senders.in_situation("known")
    facts = rows(house, "SELECT count(*) FROM inbox_facts")
    with house.wiring.engine.connect() as holder:
        oa_id = house.wiring.accounts.first("oa").id
        with house.wiring.reading() as session:
            person_id = find_person(session, oa_id, busy)
        holder.execute(
            text(f"SELECT 1 FROM {table} WHERE person_id = :id FOR UPDATE"), {"id": person_id}
        )
        ended = exchanges.keep_all(
            house.wiring.units,
            [exchange(house, busy, "k1"), exchange(house, free, "k2")],
            Actor("platform"),
        )
        holder.rollback()
    assert ended[0] is None
    assert ended[1] is not None
    assert ended[1].is_new
    assert rows(house, "SELECT count(*) FROM inbox_facts") == [(facts[0][0] + 1,)]


def test_a_connection_that_was_cut_is_replaced(house: House) -> None:  # noqa: F811
    senders = Senders(house)
    assert senders.say("o-one", "今天天气不错")
    rows(
        house,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND query LIKE '%json_to_recordset%'",
    )
    before = counted("answered")
    assert senders.say("o-one", "今天天气也不错")
    assert counted("answered") == before + 1


def test_while_the_statement_fails_the_long_way_answers(
    house: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        exchanges, "_KEEP", "SELECT 1 / 0 FROM json_to_recordset(%(said)s) AS s(a int)"
    )
    passed_on = counted("passed_on")
    said = Senders(house).say("o-one", "今天天气不错")
    assert said is not None
    assert "没太明白" in said["Content"]
    assert counted("passed_on") == passed_on + 1

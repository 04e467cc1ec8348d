"""No byte of what is locked leaves, whoever asks, by whatever door, in whatever dress.

Words that stand nowhere else are put into the paid part of every work. Then every address that the
application has is asked for, with true ids and false ones, by visitors who have not paid; they
chat, too. No answer, no message and no line of the log may hold one of those words.
"""

import base64
import json
import re
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import text

from app.http.assembly import build_application
from config.settings import Settings
from creator_tools.creators import queries as creators
from creator_tools.kernel.sealing import Sealed
from creator_tools.payouts.models import Payout
from creator_tools.splits import service as splits
from tests.channel import (
    JOIN_URL,
    Shelf,
    article,
    become_creator,
    linked,
    open_channel,
    publish,
    sell_in_mini_program,
)
from tests.gate.conftest import Install
from tests.gate.locked_words import (
    ANDROID,
    IPHONE,
    Seen,
    dresses,
    locked_part,
    locked_words,
    needles,
)
from tests.installation import Installation

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

UNKNOWN = (str(uuid.UUID(int=7)), "no-such-thing", "../../etc/passwd", "0", "%00")
CHAT = (
    *("你好", "帮助", "专栏", "看 1", "看 2", "更多", "1", "购买", "搜索 清晨", "看 1", "购买"),
    *("我的购买", "更多", "进群", "我的", "预览", "发布", "我的作品", "今日收入", "撤销"),
)
_HOLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")
# What WeChat and everybody else may see of us.
_PUBLIC = {"mchid", "merchant_serial", "platform_public_key_pem", "public_key_id", "xpay_offer_id"}


@dataclass
class Market:
    """What is on sale, the words that are locked, and the ids of everything."""

    house: Installation
    shelf: Shelf
    markers: tuple[str, ...]
    work_ids: list[str]
    ids: dict[str, list[str]]
    buyer: dict[str, Any]
    people: list[dict[str, Any]]
    tokens: list[str]


@pytest.fixture(scope="module")
def market(install: Install) -> Market:
    """Works of two creators, one of them a draft, and one true buyer."""
    house = install()
    house.start_house()
    words = [locked_words() for _ in range(4)]
    shelf = open_channel(house, locked=locked_part(words[0]))
    second = publish(
        house, shelf.creator, title="夜里的街道", locked=locked_part(words[1]), price="19.9"
    )
    house.world.say(shelf.creator["id"], "专栏定价 99")
    other = become_creator(house, "周老师", "老电影 兴趣 电影 每周1篇 共12篇")
    third = publish(house, other, title="放映机", locked=locked_part(words[2]), price="6")
    draft = linked(
        "works", house.world.say(other["id"], article("未完成的一篇", locked_part(words[3])))
    )
    sell_in_mini_program(house, shelf)
    buyer = house.world.person("买过的人", "android")
    order = house.world.buy(buyer, "oa", shelf.work_product_id)
    token = house.world.sign_in(buyer["id"], "oa")
    _share_and_pay_out(house, shelf)
    markers = (*(word for three in words for word in three), JOIN_URL)
    ids = {
        **_ids(house),
        "order_id": [order["order_id"]],
        "filename": ["h5.css", "../factory.py", "..%2ffactory.py"],
        "name": ["0123456789abcdef"],
        "extension": ["csv", "xlsx", "pdf"],
        # A true link is its holder's; what becomes of it elsewhere is tried in test_media_attacks.
        "token": ["A" * 99],
    }
    return Market(
        house, shelf, markers, [shelf.work_id, second, third, draft], ids, buyer,
        [shelf.creator, other, buyer], [token],
    )  # fmt: skip


def _share_and_pay_out(house: Installation, shelf: Shelf) -> None:
    """An agreement that nobody has joined yet, and a payout of one that failed long ago."""
    with closing(house.wiring()) as wiring, wiring.units("studio.act") as uow:
        creator = creators.get(uow.session, shelf.creator_id)
        splits.open_agreement(uow, creator=creator, column_id=None)
        payer, payout_id = wiring.payouts.payer, uow.ids.new()
        uow.session.add(
            Payout(
                id=payout_id,
                bill_no=payout_id.hex,
                pot_code=f"creator_payable:{creator.id}",
                creator_id=creator.id,
                person_id=creator.person_id,
                account_id=payer.account_id,
                surface_id=payer.surface_id,
                amount_fen=100,
                state="declined",
                requested_by="person",
                requested_at=uow.now(),
                finished_at=uow.now(),
                query_attempts_count=0,
            )
        )


def _ids(house: Installation) -> dict[str, list[str]]:
    tables = {
        "work_id": "SELECT id FROM works",
        "column_id": "SELECT id FROM columns",
        "product_id": "SELECT id FROM products",
        "fan_group_id": "SELECT id FROM fan_groups",
        "group_id": "SELECT id FROM fan_groups",
        "revision_id": "SELECT id FROM revisions",
        "link": "SELECT code FROM studio_desk_sessions",
        "code": "SELECT code FROM fan_groups",
        "handle": "SELECT handle FROM creators",
        "account_id": "SELECT id FROM platform_accounts",
        "entry_id": "SELECT id FROM journal_entries",
        "sha256": "SELECT content_sha256 FROM revisions",
        "attachment_id": "SELECT id FROM attachments",
        "upload_id": "SELECT id FROM media_uploads",
        "payout_id": "SELECT id FROM payouts",
        "agreement_id": "SELECT id FROM split_agreements",
    }
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        return {
            name: [str(row[0]) for row in session.execute(text(query))]
            for name, query in tables.items()
        }


@pytest.fixture(scope="module")
def addresses(market: Market) -> dict[str, list[str]]:
    """Every rule that answers GET, with the paths that it is asked by."""
    with closing(market.house.wiring()) as wiring:
        rules = list(build_application(wiring).url_map.iter_rules())
    return {
        rule.rule: _paths(rule.rule, market.ids)
        for rule in rules
        if rule.methods is not None and "GET" in rule.methods
    }


def _paths(rule: str, ids: dict[str, list[str]]) -> list[str]:
    holes = _HOLE.findall(rule)
    # Of several holes the last one is tried with everything, those before it with what is there.
    for hole in holes[:-1]:
        rule = _HOLE.sub(lambda _: ids[hole][0], rule, count=1)  # noqa: B023 - used at once
    holes = holes[-1:]
    if not holes:
        queries = ("?limit=1", "?cursor=%00", "?from=x&to=y&by=z", "?guest=1", "?page=99")
        return [rule, *(rule + one for one in queries)]
    if holes[0] not in ids and not rule.startswith("/operator"):
        raise AssertionError(f"no true id is known for {rule}")
    fillings = [*ids.get(holes[0], ()), *(quote(one, safe="%") for one in UNKNOWN)]
    paths = [_HOLE.sub(lambda _: one, rule) for one in fillings]  # noqa: B023 - used at once
    return [*paths, f"{paths[0]}?guest=1", f"{paths[0]}/"]


@pytest.fixture(scope="module")
def visitors(market: Market) -> dict[str, dict[str, str]]:
    """Headers of everybody who has not paid, by who they are."""
    found = {
        "anonymous": {"User-Agent": "Mozilla/5.0"},
        "anonymous for JSON": {"User-Agent": "Mozilla/5.0", "Accept": "application/json"},
        "anonymous in WeChat": {"User-Agent": ANDROID},
    }
    for device, agent in {"android": ANDROID, "ios": IPHONE}.items():
        for surface in ("oa", "mini"):
            fan = market.house.world.person(f"没买的人 {device}", device)
            token = market.house.world.sign_in(fan["id"], surface)
            market.people.append(fan)
            market.tokens.append(token)
            held = {"Cookie": f"juanliu={token}"}
            if surface == "mini":
                held = {"Authorization": f"Bearer {token}"}
            found[f"{surface} {device}"] = {"User-Agent": agent, **held}
    return found


def _ask(browser: requests.Session, url: str, headers: dict[str, str]) -> requests.Response:
    plain = {**headers, "Accept-Encoding": "identity"}
    return browser.get(url, headers=plain, timeout=60, allow_redirects=False)


def _bytes_of(answer: requests.Response) -> bytes:
    return answer.content + b"\n" + str(dict(answer.headers)).encode()


def test_the_search_finds_every_locked_word_where_it_may_stand(market: Market) -> None:
    # Whoever has paid reads the words of that work: the search is not blind.
    url = f"{market.house.base_url}/h5/works/{market.work_ids[0]}"
    headers = {"Cookie": f"juanliu={market.tokens[0]}", "User-Agent": ANDROID}
    with requests.Session() as browser:
        page = _ask(browser, url, headers)
        seen = Seen(needles(market.markers))
        seen.look("page", page.content)
        assert {one.partition(": ")[2] for one in seen.found} == set(market.markers[:3])
        door = f"{market.house.base_url}/api/v1/fan-groups/{market.shelf.fan_group_id}/door"
        bearer = {"Authorization": f"Bearer {market.tokens[0]}"}
        assert JOIN_URL.encode() in _ask(browser, door, bearer).content
    for word in market.markers:
        for around in ("", "x", "xy"):
            wrapped = base64.b64encode(f"{around}{word} and more".encode())
            assert any(dress in wrapped for dress in dresses(word)), (word, around)


@pytest.fixture(scope="module")
def crawled(
    market: Market, addresses: dict[str, list[str]], visitors: dict[str, dict[str, str]]
) -> Seen:
    """Every address asked for by every visitor."""
    seen = Seen(needles(market.markers))
    with requests.Session() as browser:
        for who, headers in visitors.items():
            for rule, paths in addresses.items():
                for path in paths:
                    answer = _ask(browser, market.house.base_url + path, headers)
                    seen.look(f"{who} at {path}", _bytes_of(answer))
                    assert answer.status_code < 500, (who, path, answer.text)
                    if answer.status_code == 200:
                        seen.served.add(rule)
    return seen


def test_no_door_gives_locked_words_to_who_has_not_paid(
    crawled: Seen,
    addresses: dict[str, list[str]],
    visitors: dict[str, dict[str, str]],
    report_count: Callable[[str, int], None],
) -> None:
    seen = crawled
    assert seen.found == []
    assert {"/h5/works/<work_id>", "/api/v1/works/<work_id>", "/metrics"} <= seen.served
    report_count("GET routes", len(addresses))
    report_count("routes × visitors", len(addresses) * len(visitors))
    report_count("answers searched", seen.answers_count)
    report_count("bytes searched", seen.bytes_count)


@pytest.fixture(scope="module")
def chatted(market: Market, visitors: dict[str, dict[str, str]]) -> Seen:
    """Everything that was answered to, shown to and sent to fans who have not paid."""
    assert len(visitors) > 0
    world = market.house.world
    seen = Seen(needles(market.markers))
    # Half a word finds the work if the paid part can be searched; all of it would be an echo.
    halves = [f"搜索 {word[: len(word) // 2]}" for word in market.markers]
    unpaid = [one for one in market.people if one["nickname"].startswith("没买的人")]
    for fan in unpaid:
        for said in (*CHAT, *halves):
            seen.look(f"reply to {said}", world.say(fan["id"], said).encode())
        for work_id in market.work_ids:
            page = world.control(
                "POST",
                f"people/{fan['id']}/open",
                url=f"{market.house.base_url}/h5/works/{work_id}",
            )
            seen.look(f"opened {work_id}", json.dumps(page, ensure_ascii=False).encode())
        inbox = world.control("GET", f"people/{fan['id']}/messages")
        assert len(inbox["items"]) >= len(CHAT)
        seen.look("messages", json.dumps(inbox, ensure_ascii=False).encode())
    return seen


def test_no_chat_and_no_message_gives_locked_words(
    chatted: Seen, report_count: Callable[[str, int], None]
) -> None:
    seen = chatted
    assert seen.found == []
    report_count("chat answers and pages searched", seen.answers_count)
    report_count("bytes of chat searched", seen.bytes_count)


def test_the_log_holds_no_locked_word_no_secret_and_nobody(
    market: Market, crawled: Seen, chatted: Seen, report_count: Callable[[str, int], None]
) -> None:
    assert min(crawled.answers_count, chatted.answers_count) > 0
    house = market.house
    forbidden = [*market.markers, *_secrets_of(house), *market.tokens, *_session_keys(house)]
    for person in market.people:
        forbidden += [person["oa_openid"], person["mini_openid"], person["unionid"]]
    hay = house.log_file.read_bytes()
    assert b"/h5/works/" in hay, "the log tells of the visits"
    told = [word[:6] for word in forbidden if any(one in hay for one in dresses(word))]
    assert told == []
    report_count("canaries looked for in the log", len(forbidden))
    report_count("bytes of log searched", len(hay))


def _secrets_of(house: Installation) -> list[str]:
    found = [str(one) for one in Settings.from_env(house.environment).secrets()]
    for name, value in asdict(house.secrets).items():
        if isinstance(value, dict):
            found += [value[key] for key in ("secret", "token", "aes_key")]
        elif name.endswith("private_key_pem"):
            found += value.splitlines()[1:-1]
        elif name not in _PUBLIC:
            found.append(value.rpartition(":")[2])
    return [one for one in found if len(one) >= 12]


def _session_keys(house: Installation) -> list[str]:
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        rows = session.execute(
            text(
                "SELECT id, session_key_id, sealed_session_key FROM identities "
                "WHERE sealed_session_key IS NOT NULL"
            )
        ).all()
        sealer = wiring.units.sealer
        keys = [
            sealer.open(Sealed(key_id, sealed), purpose=f"session_key:{identity}").decode()
            for identity, key_id, sealed in rows
        ]
    assert keys
    return keys

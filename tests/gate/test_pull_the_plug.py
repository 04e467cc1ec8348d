"""Kill -9 at every fail-point: nothing that was acknowledged is lost, nothing happens twice.

A dry run tells which fail-points each scenario reaches, and how often. Then every one of them
kills the house once per seed, in the middle of its scenario; a new house answers whoever knocks
next. After each seed everything must come to rest, no invariant be broken, WeChat's books and
ours agree to the fen, and whatever was acknowledged be in the database.
"""

import base64
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psycopg
import pytest
import requests
from sqlalchemy import text

from app.cli.demo_world import DemoStuck
from app.launcher.cluster import RUNNER, Cluster
from app.wiring.container import Wiring
from benchmarks.pushes import signed_notification
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.kernel import failpoints
from creator_tools.kernel.clock import WallClock
from creator_tools.kernel.sealing import Sealed
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.operators import rules as operator_rules
from creator_tools.operators import service as operators
from creator_tools.people import queries as people
from tests.channel import (
    Shelf,
    article,
    become_creator,
    book_differences,
    open_channel,
    publish,
    sell_in_mini_program,
    until,
)
from tests.channel import violations as broken_invariants
from tests.gate.conftest import Install
from tests.gate.outside import Outside
from tests.installation import Installation

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

SEEDS = (1, 2, 3, 4, 5)
QUIET_WITHIN_S = 180.0
PASSWORD = "correct-horse-battery"
_PICTURES_IN_DRAFTS = text("""
SELECT coalesce(sum((length(markdown) - length(replace(markdown, '![]', ''))) / 3), 0)::bigint
FROM (SELECT DISTINCT ON (work_id) markdown FROM revisions ORDER BY work_id, id DESC) AS newest
""")
_LATE_ANSWERS = text("""
SELECT i.subject, e.payload->>'words', count(*) FROM effects e
JOIN people p ON p.id = e.object_id
JOIN identities i ON i.person_id = coalesce(p.merged_into_id, p.id)
WHERE e.kind = 'customer_message.text' AND e.idempotency_key LIKE 'chat:%' GROUP BY 1, 2
""")
_BEATS = "SELECT extract(epoch FROM max(at))::bigint * 10 FROM heartbeats"
_SUBJECT = re.compile(r"<FromUserName><!\[CDATA\[([^\]]+)")
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


@dataclass
class Scene:
    """One run of the world: who is outside, and what is on sale."""

    house: Installation
    outside: Outside
    shelf: Shelf
    painter: dict[str, Any]
    operator_key: bytes
    free_product_id: str
    chance: random.Random


# --- what happens ---------------------------------------------------------------------------


def follow_and_chat(scene: Scene) -> None:
    """Somebody follows, looks around, searches."""
    fan = scene.outside.person()
    scene.outside.follow(fan)
    scene.outside.say(fan, f"搜索 {scene.outside.word()}")
    scene.outside.say(fan, f"搜索 {scene.outside.word()}")


def buy_on_jsapi(scene: Scene) -> None:
    """A sale by WeChat Pay, told by its notification."""
    _buy(scene, "android", "oa")


def pay_twice_for_one_thing(scene: Scene) -> None:
    """Two orders of one work, both paid: the second is not ordinary and takes the long way."""
    outside = scene.outside
    fan = outside.person()
    token = outside.sign_in(fan, "oa")
    first = outside.order(fan, token, scene.shelf.work_product_id)
    # Two taps are one order, unless the first has so little time left that a second is given.
    outside.control("POST", "clock", advance_s=28 * 60 + 10)
    second = outside.order(fan, token, scene.shelf.work_product_id)
    assert first["order_id"] != second["order_id"]
    if outside.api("GET", f"orders/{first['order_id']}", token=token)["state"] != "pending":
        return  # a starved machine has let it lapse
    for order in (first, second):
        outside.pay(fan, order)
        outside.wait_until_paid(token, order["order_id"], step_s=2)


def hear_of_a_refund(scene: Scene) -> None:
    """A notification that nothing acts on yet: it is kept alone, and parked."""
    number = scene.chance.getrandbits(32)
    about = {"mchid": scene.house.secrets.mchid, "refund_id": f"refund-{scene.outside.word()}"}
    for _ in range(20):
        at = int(WallClock(scene.house.tree.clock_file).now().timestamp())
        headers, body = signed_notification(
            scene.house.secrets, "REFUND.SUCCESS", about, number=number, at=at
        )
        url = f"{scene.house.base_url}/wechat-pay/notifications/refund"
        try:
            answer = requests.post(url, data=body, headers=headers, timeout=10)
        except requests.RequestException:  # the house died; the platform comes again
            time.sleep(0.1)
            continue
        assert answer.status_code == 204, answer.text
        scene.outside.acknowledged.pushes_count += 1
        return
    raise AssertionError("nobody heard of the refund")


def buy_on_xpay(scene: Scene) -> None:
    """A sale by virtual payment, told by its delivery."""
    _buy(scene, scene.chance.choice(["android", "ios"]), "mini")


def _buy(scene: Scene, device: str, surface: str) -> None:
    outside = scene.outside
    fan = _talkative(outside, device)
    token = outside.sign_in(fan, surface)
    placed = outside.order(fan, token, scene.shelf.work_product_id)
    outside.pay(fan, placed)
    # WeChat repeats a push that met a dead house, on its own clock.
    outside.wait_until_paid(token, placed["order_id"], step_s=2)
    outside.open_door(token, scene.shelf.fan_group_id)


def ask_on_jsapi(scene: Scene) -> None:
    """A payment whose notification never comes: the rail is asked."""
    _ask(scene, "oa", "android", "payment")


def ask_on_xpay(scene: Scene) -> None:
    """The same on virtual payment, which must be told of the delivery afterwards."""
    _ask(scene, "mini", scene.chance.choice(["android", "ios"]), "xpay")


def _talkative(outside: Outside, device: str) -> dict[str, Any]:
    """Somebody who has written, and may be written to for two days: a second telling arrives."""
    fan = outside.person(device)
    outside.follow(fan)
    outside.say(fan, f"搜索 {outside.word()}")
    return fan


def _ask(scene: Scene, surface: str, device: str, push: str) -> None:
    outside = scene.outside
    fan = _talkative(outside, device)
    token = outside.sign_in(fan, surface)
    placed = outside.order(fan, token, scene.shelf.work_product_id)
    with dropping(scene.house, push):
        outside.pay(fan, placed)
        outside.wait_until_paid(token, placed["order_id"], step_s=1)
        _settle_effects(scene)


@contextmanager
def dropping(house: Installation, push: str) -> Iterator[None]:
    """Let every push of a kind be lost on the way."""
    rule = {"route": f"push:{push}", "fault": "drop", "times": 100_000}
    house.world.control("PUT", "faults", rules=[rule])
    try:
        yield
    finally:
        house.world.control("PUT", "faults", rules=[{**rule, "times": 0}])


def leave_unpaid(scene: Scene) -> None:
    """An order that nobody pays is closed after its time, on the rail first."""
    outside = scene.outside
    fan = outside.person()
    token = outside.sign_in(fan, "oa")
    placed = outside.order(fan, token, scene.shelf.work_product_id)
    for step_s in (1830, 400, 400, 400, 400, 400):
        outside.control("POST", "clock", advance_s=step_s)
        time.sleep(0.3)
        state = outside.api("GET", f"orders/{placed['order_id']}", token=token)["state"]
        outside.acknowledged.orders[placed["order_id"]] = state
        if state == "closed":
            return


def take_what_is_free(scene: Scene) -> None:
    """An order for nothing."""
    outside = scene.outside
    fan = outside.person()
    token = outside.sign_in(fan, scene.chance.choice(["oa", "mini"]))
    outside.order(fan, token, scene.free_product_id)


def write_and_publish(scene: Scene) -> None:
    """The creator writes; the platform checks; the price becomes a good of the mini-program."""
    outside, word = scene.outside, scene.outside.word()
    outside.sign_in(scene.shelf.creator, "mini")
    written = article(word, f"锁住的 {word}")
    outside.say(scene.shelf.creator, written)
    price = scene.chance.randrange(200, 4000)
    outside.say(scene.shelf.creator, f"发布 {price / 100:.2f}")
    outside.control("POST", "clock", advance_s=20)
    time.sleep(0.5)
    outside.control("POST", "clock", advance_s=700)


def send_a_picture(scene: Scene) -> None:
    """The creator sends a picture, which is fetched afterwards."""
    scene.outside.send_picture(scene.painter)
    _settle_effects(scene)


def read_a_page(scene: Scene) -> None:
    """A fan opens a page of ours in WeChat and is recognised on the way."""
    fan = scene.outside.person()
    url = f"{scene.house.base_url}/h5/works/{scene.shelf.work_id}"
    for _ in range(8):
        try:
            page = scene.outside.control("POST", f"people/{fan['id']}/open", url=url)
        except DemoStuck:  # the house died under the page
            continue
        if page["status"] == 200:
            return
        time.sleep(0.1)
    raise AssertionError("the page never opened")


def look_at_the_desk(scene: Scene) -> None:
    """An operator signs in and out."""
    scene.outside.control("POST", "clock", advance_s=60)  # a one-time code is good once
    with requests.Session() as browser:
        for _ in range(6):
            try:
                if _sign_in_operator(scene, browser):
                    return
            except requests.RequestException:
                time.sleep(0.1)
            scene.outside.control("POST", "clock", advance_s=60)
    raise AssertionError("the operator could not sign in")


def _sign_in_operator(scene: Scene, browser: requests.Session) -> bool:
    desk = f"{scene.house.base_url}/operator"
    page = browser.get(f"{desk}/login", timeout=60)
    step = operator_rules.totp_step(WallClock(scene.house.tree.clock_file).now())
    code = operator_rules.totp_code(scene.operator_key, step)
    form = {"csrf_token": _token_in(page), "login": "owner", "password": PASSWORD, "totp": code}
    entered = browser.post(f"{desk}/login", data=form, timeout=60)
    if entered.status_code != 200:
        return False
    left = browser.post(f"{desk}/logout", data={"csrf_token": _token_in(entered)}, timeout=60)
    return left.status_code == 200


def _token_in(page: requests.Response) -> str:
    found = _FORM_TOKEN.search(page.text)
    assert found is not None, page.text[:300]
    return found[1]


def use_an_old_token(scene: Scene) -> None:
    """The access tokens have expired when the next call needs one."""
    scene.outside.control("POST", "clock", advance_s=7300)
    fan = scene.outside.person()
    scene.outside.follow(fan)
    _settle_effects(scene)


def publish_the_menu(scene: Scene) -> None:
    """Somebody changes the menu."""
    with closing(scene.house.wiring()) as wiring:
        account_id, word = wiring.accounts.first("oa").id, scene.outside.word()
        menu = {"button": [{"type": "click", "name": "看专栏", "key": "browse"}]}

        def promise(uow: UnitOfWork) -> None:
            uow.promise(
                "menu.publish",
                f"menu:{word}",
                object_type="platform_account",
                object_id=account_id,
                payload={"account_id": str(account_id), "menu": menu},
            )

        wiring.units.run("studio.act", promise)
    _settle_effects(scene)


def _settle_effects(scene: Scene) -> None:
    """Let the sweep keep what was promised; a promise of a dead house waits for its lease."""
    with connected(scene.house) as connection:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            left = connection.execute(
                "SELECT count(*) FROM effects WHERE state = 'due' AND attempts_count = 0"
            ).fetchone()
            if left == (0,):
                return
            time.sleep(0.05)


def let_hours_pass(scene: Scene) -> None:
    """What is done once in a while is done."""
    scene.outside.control("POST", "clock", advance_s=6 * 3600)
    with connected(scene.house) as connection:
        before = _count(connection, _BEATS)
        deadline = time.monotonic() + 5
        while _count(connection, _BEATS) < before + 3 and time.monotonic() < deadline:
            time.sleep(0.05)


SCENARIOS: dict[str, Callable[[Scene], None]] = {
    one.__name__: one
    for one in (
        follow_and_chat, buy_on_jsapi, pay_twice_for_one_thing, hear_of_a_refund,
        buy_on_xpay, ask_on_jsapi, ask_on_xpay, leave_unpaid,
        take_what_is_free, write_and_publish, send_a_picture, read_a_page, look_at_the_desk,
        use_an_old_token, publish_the_menu, let_hours_pass,
    )
}  # fmt: skip


# --- the house that dies --------------------------------------------------------------------


class Electrician:
    """Puts a new house where one has died."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="electrician")
        self._kills_before_count = len(house.killed_by())
        self.deaths_count = 0

    def __enter__(self) -> Self:
        self._house.start_house()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._house.kill_house()

    def kills(self) -> list[str]:
        """The fail-points at which the plug was pulled in this watch, in order."""
        return self._house.killed_by()[self._kills_before_count :]

    def was_killed_at(self, point: str, kills_count: int, within_s: float = 1.0) -> bool:
        """Whether one of the kills after the first so many was at this point.

        What was promised may still be on its way to the point, so it is waited for; and so is
        the new house, which must hear of the next point that is armed.
        """
        deadline = time.monotonic() + within_s
        while len(self.kills()) == kills_count and time.monotonic() < deadline:
            time.sleep(0.01)
        until(self._is_a_new_house_there, "a new house stands where one was killed")
        return point in self.kills()[kills_count:]

    def _is_a_new_house_there(self) -> bool:
        return self.deaths_count >= len(self.kills()) and self._house.is_house_alive()

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            if not self._house.is_house_alive():
                self.deaths_count += 1
                self._house.start_house()


@contextmanager
def connected(house: Installation) -> Iterator[psycopg.Connection]:
    """A plain look into the database."""
    url = house.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@dataclass
class Tally:
    """What a proof has to show."""

    kills: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    other_deaths_count: int = 0
    violations: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    acknowledged_count: int = 0


# --- what must hold afterwards --------------------------------------------------------------


def come_to_rest(scene: Scene) -> None:
    """Let time pass until nothing is due any more."""
    deadline = time.monotonic() + QUIET_WITHIN_S
    with connected(scene.house) as connection:
        while left := _still_due(connection):
            assert time.monotonic() < deadline, f"not quiet: {left}"
            scene.outside.control("POST", "clock", advance_s=400)
            time.sleep(0.3)


def _still_due(connection: psycopg.Connection) -> dict[str, int]:
    due = {
        "effects": "SELECT count(*) FROM effects WHERE state IN ('due', 'unknown', 'in_flight')",
        "inbox": "SELECT count(*) FROM inbox_progress WHERE state = 'new'",
        "orders": "SELECT count(*) FROM orders WHERE state = 'pending'",
    }
    counts = {name: _count(connection, query) for name, query in due.items()}
    return {name: count for name, count in counts.items() if count}


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def look_for_losses(scene: Scene, wiring: Wiring) -> list[str]:
    """Everything that was acknowledged and is not there."""
    said = scene.outside.acknowledged
    kept, replies = _kept_messages(wiring)
    joined, answered = "\n".join(kept), "\n".join(replies)
    followers = {one for push in kept if "subscribe" in push for one in _SUBJECT.findall(push)}
    lost = [f"message {one}" for one in said.texts if one not in joined]
    lost += [f"reply to {one}" for one, reply in said.texts.items() if reply[-20:] not in answered]
    lost += [f"follow {one}" for one in said.follows - followers]
    now = wiring.units.clock.now()
    with wiring.reading() as session:
        lost += ["session" for one in said.tokens if people.find_session(session, one, now) is None]
        orders = session.execute(text("SELECT id, state FROM orders"))
        rows = {str(row[0]): str(row[1]) for row in orders}
        quotes = {str(row[0]) for row in session.execute(text("SELECT id FROM quotes"))}
        paid = {str(row[0]) for row in session.execute(text("SELECT trade_no FROM payments"))}
        # Time passes here by hours, and a seat that nobody takes up goes to the next.
        lapsed = "SELECT count(*) FROM audit_events WHERE action = 'seat.lapsed'"
        seats = session.execute(
            text(f"SELECT (SELECT count(*) FROM seats) + ({lapsed})")
        ).scalar_one()
    lost += [f"quote {one}" for one in said.quotes - quotes]
    lost += [f"order {one}" for one in said.orders.keys() - rows.keys()]
    lost += [f"payment {one}" for one in said.payments - paid]
    lost += [
        f"order {one} was {state}, is {rows[one]}"
        for one, state in said.orders.items()
        if one in rows and state == "paid" and rows[one] != "paid"
    ]
    if len({token for _, token in said.doors}) > seats:
        lost.append("a seat in the fan group")
    return lost


def _kept_messages(wiring: Wiring) -> tuple[list[str], list[str]]:
    sealer = wiring.units.sealer
    with wiring.reading() as session:
        payloads = session.execute(
            text("SELECT fact_id, key_id, sealed_payload FROM inbox_payloads")
        ).all()
        replies = session.execute(
            text(
                "SELECT fact_id, reply_key_id, sealed_reply FROM inbox_progress "
                "WHERE sealed_reply IS NOT NULL"
            )
        ).all()
    opened = [
        sealer.open(Sealed(key_id, sealed), purpose=f"inbox:{fact_id}").decode()
        for fact_id, key_id, sealed in payloads
    ]
    answered = [
        sealer.open(Sealed(key_id, sealed), purpose=f"reply:{fact_id}").decode()
        for fact_id, key_id, sealed in replies
    ]
    return opened, answered


def look_for_repetitions(scene: Scene, wiring: Wiring) -> list[str]:
    """Everything that may happen once and happened twice."""
    once = {
        "entries": "SELECT order_id::text FROM journal_entries WHERE kind = 'payment'",
        "entitlement sources": "SELECT source_id::text || entitlement_id FROM entitlement_sources",
        "works of a title": "SELECT title FROM works",
        "seats": "SELECT person_id::text || fan_group_id FROM seats",
    }
    twice: list[str] = []
    with wiring.reading() as session:
        for name, query in once.items():
            found = Counter(row[0] for row in session.execute(text(query)))
            twice += [f"{name}: {key} × {count}" for key, count in found.items() if count > 1]
        pictures = session.execute(_PICTURES_IN_DRAFTS).scalar_one()
    if pictures > scene.outside.acknowledged.pictures_count:
        twice.append(f"a picture was put into a draft {pictures} times")
    return twice + _told_twice(scene, wiring)


def _told_twice(scene: Scene, wiring: Wiring) -> list[str]:
    """What people were told more often than they had asked for it.

    A slow machine answers the chat later, with a message of its own: one for each question.
    """
    with wiring.reading() as session:
        answers = {
            (subject, words): count for subject, words, count in session.execute(_LATE_ANSWERS)
        }
    twice = []
    for person in [*scene.outside.people, scene.shelf.creator]:
        told = Counter(
            str(one.get("text") or one.get("content"))
            for one in scene.outside.control("GET", f"people/{person['id']}/messages")["oa"]
            if one["via"] != "reply"
        )
        twice += [
            f"told twice: {words}"
            for words, count in told.items()
            if count > answers.get((person["oa_openid"], words), 1)
        ]
    return twice


# --- the proof ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """An installation with a channel, whose database is the mould of every run."""

    house: Installation
    cluster: Cluster
    mould: str
    shelf: Shelf
    painter: dict[str, Any]
    operator_key: bytes
    free_product_id: str


@pytest.fixture(scope="module")
def prepared(install: Install, postgres_server: Cluster) -> Prepared:
    """The channel, made once."""
    house = install()
    house.keep_door, house.sweep_period_s = True, 0.1
    house.start_house()
    shelf = open_channel(house, locked="锁住的一句")
    sell_in_mini_program(house, shelf)
    free = publish(house, shelf.creator, title="送给大家", locked="其余也不要钱", price="免费")
    painter = become_creator(house, "画画的人", "水彩小品 兴趣 水彩 不定期")
    with closing(house.wiring()) as wiring, wiring.units("operators.create") as uow:
        _, secret = operators.create(uow, login="owner", password=PASSWORD, roles=["owner"])
        product = catalogue_queries.find_of_work(uow.session, UUID(free))
    assert product is not None
    house.kill_house()
    mould = house.environment["DATABASE_URL"].rpartition("/")[2]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return Prepared(house, postgres_server, mould, shelf, painter, key, str(product.id))


@contextmanager
def scene_of(prepared: Prepared, seed: int) -> Iterator[Scene]:
    """A world of its own: a copy of the database, people whom nobody has seen."""
    house, name = prepared.house, f"{prepared.mould}_{seed}"[-60:]
    prepared.cluster.create_database(name, prepared.mould)
    kept = house.environment["DATABASE_URL"]
    house.environment["DATABASE_URL"] = prepared.cluster.url(RUNNER, name)
    outside = Outside(house, f"s{seed}x")
    try:
        chance = random.Random(seed)
        key, free = prepared.operator_key, prepared.free_product_id
        yield Scene(house, outside, prepared.shelf, prepared.painter, key, free, chance)
    finally:
        outside.close()
        house.environment["DATABASE_URL"] = kept
        prepared.cluster.drop_database(name)


def reached_by_scenario(prepared: Prepared, folder: Path) -> dict[str, dict[str, int]]:
    """A dry run: which fail-points each scenario reaches, and how often."""
    reached: dict[str, dict[str, int]] = {}
    seen = folder / "seen"
    prepared.house.seen_file = seen
    with scene_of(prepared, 0) as scene, Electrician(prepared.house) as electrician:
        for name, play in SCENARIOS.items():
            come_to_rest(scene)  # what the one before left to do is not this one's
            seen.write_text("")
            play(scene)
            reached[name] = dict(Counter(seen.read_text().split()))
        come_to_rest(scene)
        assert electrician.deaths_count == 0
    prepared.house.seen_file = None
    return reached


def plan_of(
    reached: dict[str, dict[str, int]], chance: random.Random
) -> list[tuple[str, list[tuple[str, int]]]]:
    """Every reached point once, with the tries to reach it again (scenario, hit); shuffled."""
    plan = []
    for point in sorted({point for points in reached.values() for point in points}):
        where = sorted(name for name, points in reached.items() if point in points)
        first = chance.choice(where)
        # What the sweep does over and over is hit early, so that the scenario is not over.
        tries = [(first, chance.randint(1, min(reached[first][point], 3)))]
        others = [name for _, name in sorted((-reached[name][point], name) for name in where)]
        plan.append((point, tries + [(name, 1) for name in others[:3]]))
    chance.shuffle(plan)
    return plan


def run_seed(prepared: Prepared, reached: dict[str, dict[str, int]], seed: int) -> Tally:
    """Play every scenario of the plan while its point kills the house; then look."""
    tally = Tally()
    with scene_of(prepared, seed) as scene, Electrician(prepared.house) as electrician:
        for point, tries in plan_of(reached, scene.chance):
            for scenario, hit in tries:
                kills_count = len(electrician.kills())
                prepared.house.arm(point, hit)
                SCENARIOS[scenario](scene)
                if electrician.was_killed_at(point, kills_count):
                    tally.kills[point] += 1
                    break
            else:
                tally.missed.append(point)
        prepared.house.disarm()
        come_to_rest(scene)
        tally.other_deaths_count = electrician.deaths_count - len(electrician.kills())
        with closing(prepared.house.wiring()) as wiring:
            people_here = {one["id"] for one in scene.outside.people}
            tally.violations = broken_invariants(wiring)
            tally.violations += book_differences(prepared.house, wiring, people_here)
            tally.lost = look_for_losses(scene, wiring)
            tally.twice = look_for_repetitions(scene, wiring)
        said = scene.outside.acknowledged
        tally.acknowledged_count = said.pushes_count + said.answers_count
    return tally


def test_no_kill_loses_or_doubles_anything(
    prepared: Prepared, tmp_path: Path, report_count: Callable[[str, int], None]
) -> None:
    reached = reached_by_scenario(prepared, tmp_path)
    points = {point for found in reached.values() for point in found}
    began = time.monotonic()
    tallies = [run_seed(prepared, reached, seed) for seed in SEEDS]
    hit = {point for tally in tallies for point in tally.kills}
    report_count("fail-points listed", len(failpoints.all_names()))
    report_count("fail-points reached", len(points))
    report_count("fail-points that killed", len(hit))
    report_count("kills", sum(sum(tally.kills.values()) for tally in tallies))
    report_count("kills that did not happen", sum(len(tally.missed) for tally in tallies))
    report_count("deaths of anything else", sum(tally.other_deaths_count for tally in tallies))
    report_count("seconds", round(time.monotonic() - began))
    report_count("acknowledged", sum(tally.acknowledged_count for tally in tallies))
    report_count("violations", sum(len(tally.violations) for tally in tallies))
    report_count("acknowledged but lost", sum(len(tally.lost) for tally in tallies))
    report_count("happened twice", sum(len(tally.twice) for tally in tallies))
    assert [tally.other_deaths_count for tally in tallies] == [0 for _ in SEEDS]
    assert [tally.violations for tally in tallies] == [[] for _ in SEEDS]
    assert [tally.lost for tally in tallies] == [[] for _ in SEEDS]
    assert [tally.twice for tally in tallies] == [[] for _ in SEEDS]
    assert sorted(points - hit) == [], [tally.missed for tally in tallies]
    assert len(points) >= 40

"""What people, platforms and clocks do in the proof of the pulled plug, one story at a time."""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import requests

from app.cli.demo_world import DemoStuck
from benchmarks.pushes import signed_notification
from creator_tools.kernel.clock import WallClock
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.operators import rules as operator_rules
from tests.channel import (
    Shelf,
    article,
)
from tests.gate.outside import Outside
from tests.installation import Installation

PASSWORD = "correct-horse-battery"
_BEATS = "SELECT extract(epoch FROM max(at))::bigint * 10 FROM heartbeats"
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


@contextmanager
def connected(house: Installation) -> Iterator[psycopg.Connection]:
    """A plain look into the database."""
    url = house.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def counted(connection: psycopg.Connection, query: str) -> int:
    """What a query counts."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


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
    """A refund of a payment that we never saw: it is kept alone, and a person is told of it."""
    number = scene.chance.getrandbits(32)
    about = {
        "mchid": scene.house.secrets.mchid,
        "refund_id": f"refund-{scene.outside.word()}",
        "out_refund_no": f"foreign-{scene.outside.word()}",
        "transaction_id": f"4200{number}",
        "out_trade_no": f"foreign-{number}",
        "refund_status": "SUCCESS",
        "success_time": "2026-05-20T12:00:00+08:00",
        "amount": {"total": 990, "refund": 990, "payer_total": 990, "payer_refund": 990},
    }
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


def get_money_back(scene: Scene) -> None:
    """A fan buys, asks for the money back on the page, and it comes; now and then unheard of."""
    outside = scene.outside
    fan = _talkative(outside, "android")
    token = outside.sign_in(fan, "oa")
    placed = outside.order(fan, token, scene.shelf.work_product_id)
    outside.pay(fan, placed)
    outside.wait_until_paid(token, placed["order_id"], step_s=2)
    read = outside.api("GET", f"works/{scene.shelf.work_id}", token=token)
    assert read["unlocked"], read
    if scene.chance.random() < 0.5:
        _ask_for_money(scene, token, placed["order_id"])
        return
    with dropping(scene.house, "payment"):
        _ask_for_money(scene, token, placed["order_id"])


def _ask_for_money(scene: Scene, token: str, order_id: str) -> None:
    """Send the page's form until the order says that it is refunded; then let the money go."""
    outside = scene.outside
    url = f"{scene.house.base_url}/h5/orders/{order_id}/refund"
    with requests.Session() as browser:
        browser.trust_env = False
        browser.cookies.set("juanliu", token)
        for _ in range(40):
            try:
                page = browser.get(url, timeout=10)
                if found := _FORM_TOKEN.search(page.text):
                    form = {"csrf_token": found[1], "reason": "changed_mind"}
                    browser.post(url, data=form, timeout=10)
            except requests.RequestException:  # the house died; the fan tries again
                time.sleep(0.1)
            state = outside.api("GET", f"orders/{order_id}", token=token)["state"]
            if state == "refunded":
                outside.acknowledged.orders[order_id] = state
                break
        else:
            raise AssertionError("the refund was never taken")
    for _ in range(4):
        outside.control("POST", "clock", advance_s=15)
        time.sleep(0.3)
    _settle_effects(scene)


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
        before = counted(connection, _BEATS)
        deadline = time.monotonic() + 5
        while counted(connection, _BEATS) < before + 3 and time.monotonic() < deadline:
            time.sleep(0.05)


SCENARIOS: dict[str, Callable[[Scene], None]] = {
    one.__name__: one
    for one in (
        follow_and_chat, buy_on_jsapi, pay_twice_for_one_thing, hear_of_a_refund,
        get_money_back,
        buy_on_xpay, ask_on_jsapi, ask_on_xpay, leave_unpaid,
        take_what_is_free, write_and_publish, send_a_picture, read_a_page, look_at_the_desk,
        use_an_old_token, publish_the_menu, let_hours_pass,
    )
}  # fmt: skip

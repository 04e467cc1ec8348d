"""The plug is pulled out of the running demo ten times, while people buy.

Everything that `./run` started dies at once, the databases and WeChat's simulator too. After the
next start `verify` finds nothing broken within a minute, and nobody has lost what they were told:
no session, no order, no payment that was acknowledged, and none that the simulator's books hold.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from app.cli.demo_world import DemoStuck, DemoWorld
from config.settings import process_environment
from tests.gate.launched import Launch, Launched

pytestmark = [
    pytest.mark.gate,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in Linux's /proc"),
]

ROUNDS = 10
SEED = 20261201
SHOPPERS = 3
QUIET_WITHIN_S = 60.0


@dataclass
class Told:
    """What people were told before the plug was pulled."""

    orders: dict[str, str] = field(default_factory=dict)  # order → its buyer's token
    paid: set[str] = field(default_factory=set)  # orders whose notification was accepted
    lock: threading.Lock = field(default_factory=threading.Lock)


class Demo:
    """The running demo as people outside see it."""

    def __init__(self, running: Launched) -> None:
        self.base_url = running.base_url
        place = running.tree.checkout / ".local" / "demo.json"
        self.facts: dict[str, Any] = json.loads(place.read_text("utf-8"))
        self.world = DemoWorld(
            simulator_url=self.facts["simulator_url"], base_url=self.facts["base_url"]
        )

    def work_on_sale(self) -> str:
        """A product that somebody in the official account may buy."""
        person = self.world.person("看货的人", "android")
        token = self.world.sign_in(person["id"], "oa")
        for creator in self.facts["creators"]:
            for column_id in creator["column_ids"]:
                column = self.world.api("GET", f"columns/{column_id}", token=token)
                for work in column["works"]:
                    sold = self.world.api("GET", f"works/{work['id']}", token=token)["products"]
                    if sold:
                        return str(sold[0]["id"])
        raise AssertionError("the demo sells nothing")


def shop(world: DemoWorld, product_id: str, told: Told, until: threading.Event) -> None:
    """Buy, each time as somebody new, until nobody answers any more."""
    try:
        while not until.is_set():
            person = world.person("买东西的人", "android")
            token = world.sign_in(person["id"], "oa")
            quote = world.api(
                "POST", "quotes", token=token, product_id=product_id, device="android"
            )
            order = world.api("POST", "orders", token=token, quote_id=quote["quote_id"])
            with told.lock:
                told.orders[order["order_id"]] = token
            answer = world.control(
                "POST", f"people/{person['id']}/pay", rail=order["rail"], payment=order["pay"]
            )
            if any(push["status"] in (200, 204) for push in answer["pushes"]):
                with told.lock:
                    told.paid.add(order["order_id"])
    except (requests.RequestException, DemoStuck):
        return  # the plug is out


def pull_the_plug(running: Launched) -> int:
    """Kill everything that lives of it, at once; returns how many died."""
    victims = running.alive()
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    running.process.communicate(timeout=120)
    return len(victims)


def verified_within_s(checkout: Path) -> float:
    """How long after a start `verify` finds nothing broken."""
    began = time.monotonic()
    while True:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "verify"],
            cwd=checkout,
            env=process_environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        took_s = time.monotonic() - began
        if done.returncode == 0:
            return took_s
        assert took_s < QUIET_WITHIN_S, done.stdout[-3000:] + done.stderr[-2000:]


def state_of(demo: Demo, order_id: str, token: str) -> str:
    return str(demo.world.api("GET", f"orders/{order_id}", token=token)["state"])


def lost_in(demo: Demo, told: Told) -> Iterator[str]:
    """What people were told and is not there, after a minute at most."""
    books = demo.world.control("GET", "books")["payments"]
    paid_in_books = {one["trade_no"] for one in books if one["state"] == "SUCCESS"}
    deadline = time.monotonic() + QUIET_WITHIN_S
    for order_id, token in told.orders.items():
        state = state_of(demo, order_id, token)
        must_be_paid = order_id in told.paid or order_id.replace("-", "") in paid_in_books
        while must_be_paid and state != "paid" and time.monotonic() < deadline:
            time.sleep(0.2)
            state = state_of(demo, order_id, token)
        if must_be_paid and state != "paid":
            yield f"{order_id} is {state}"


def test_the_plug_is_pulled_ten_times_and_nothing_is_lost(
    launch: Launch, checkout: Path, report_count: Callable[[str, int], None]
) -> None:
    chance, told = random.Random(SEED), Told()
    deaths, slowest_s = 0, 0.0
    running = launch()
    for _ in range(ROUNDS):
        demo, stop = Demo(running), threading.Event()
        product_id = demo.work_on_sale()
        shoppers = [
            threading.Thread(target=shop, args=(demo.world.again(), product_id, told, stop))
            for _ in range(SHOPPERS)
        ]
        for one in shoppers:
            one.start()
        time.sleep(chance.uniform(0.3, 4.0))  # the moment is what is varied here
        deaths += pull_the_plug(running)
        stop.set()
        for one in shoppers:
            one.join(timeout=120)
        running = launch()
        slowest_s = max(slowest_s, verified_within_s(checkout))
        assert list(lost_in(Demo(running), told)) == []
    assert told.paid, "nobody bought anything: this proof has seen nothing"
    report_count("processes of the demo killed", deaths)
    report_count("orders acknowledged", len(told.orders))
    report_count("payments acknowledged", len(told.paid))
    report_count("lost", 0)
    report_count("most seconds until verify found nothing", round(slowest_s))

"""The network is lost in the pay sheet: whoever paid reads, nobody pays twice, on every rail."""

from contextlib import closing
from typing import Any

import pytest

from app.cli.demo_world import DemoStuck
from tests.channel import Shelf, open_channel, sell_in_mini_program, until, violations
from tests.installation import Installation

# rail → device, surface
RAILS = {
    "jsapi": ("android", "oa"),
    "xpay_android": ("android", "mini"),
    "xpay_ios": ("ios", "mini"),
}
# Longer than anybody retries: what was lost stays lost until the rail is asked.
LOST_PUSHES = [
    {"route": route, "fault": "drop", "times": 50} for route in ("push:payment", "push:xpay")
]


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat, sold on both surfaces."""
    made = open_channel(house, locked="付费以后才看得到的这一句 MARK-lost")
    sell_in_mini_program(house, made)
    return made


class Buyer:
    """Somebody before the pay sheet of one work."""

    def __init__(self, house: Installation, shelf: Shelf, rail: str, name: str) -> None:
        self.world, self.shelf, self.rail = house.world, shelf, rail
        self.device, surface = RAILS[rail]
        self.person = self.world.person(f"{name} {rail}", self.device)
        self.token = self.world.sign_in(self.person["id"], surface)

    def order(self) -> dict[str, Any]:
        """A new quote and what comes of it."""
        asked = {"product_id": self.shelf.work_product_id, "device": self.device}
        quote = self.world.api("POST", "quotes", token=self.token, **asked)
        placed: dict[str, Any] = self.world.api(
            "POST", "orders", token=self.token, quote_id=quote["quote_id"]
        )
        return placed

    def meet_sheet(self, placed: dict[str, Any], outcome: str) -> dict[str, Any]:
        """What the page that called the sheet hears, and what happened behind it."""
        asked = {"rail": self.rail, "payment": placed["pay"], "outcome": outcome}
        said: dict[str, Any] = self.world.control(
            "POST", f"people/{self.person['id']}/pay", **asked
        )
        return said

    def state(self, placed: dict[str, Any]) -> str:
        """What the house says when it is asked, as a page does."""
        told: dict[str, Any] = self.world.api(
            "GET", f"orders/{placed['order_id']}", token=self.token
        )
        return str(told["state"])

    def reads(self) -> bool:
        """Whether the work is open to them."""
        shown = self.world.api("GET", f"works/{self.shelf.work_id}", token=self.token)
        return bool(shown["unlocked"])

    def paid_fen(self) -> list[int]:
        """What WeChat's books say that they paid."""
        booked = self.world.control("GET", "books")["payments"]
        return [one["amount_fen"] for one in booked if one["person_id"] == self.person["id"]]


@pytest.mark.parametrize("rail", RAILS)
def test_a_network_lost_before_paying_costs_nothing_and_leaves_the_way_open(
    house: Installation, shelf: Shelf, rail: str
) -> None:
    buyer = Buyer(house, shelf, rail, "断在前")
    first = buyer.order()
    said = buyer.meet_sheet(first, "lost_before")
    assert (said["err_msg"], said["payment_ref"], said["pushes"]) == (None, None, [])
    assert (buyer.state(first), buyer.reads(), buyer.paid_fen()) == ("pending", False, [])

    again = buyer.order()
    # WeChat Pay takes a number again; a number of virtual payment is shown once.
    assert (again["order_id"] == first["order_id"]) is (rail == "jsapi")
    assert buyer.meet_sheet(again, "pay")["err_msg"].endswith(":ok")
    until(lambda: buyer.state(again) == "paid", "the second try is paid")
    assert (buyer.reads(), buyer.paid_fen()) == (True, [990])


@pytest.mark.parametrize("rail", RAILS)
def test_a_network_lost_after_paying_is_told_as_soon_as_somebody_asks(
    house: Installation, shelf: Shelf, rail: str
) -> None:
    buyer = Buyer(house, shelf, rail, "断在后")
    placed = buyer.order()
    said = buyer.meet_sheet(placed, "lost_after")
    assert (said["err_msg"], said["trade_no"]) == (None, placed["order_id"].replace("-", ""))
    assert buyer.paid_fen() == [990]
    until(lambda: buyer.state(placed) == "paid", "the house says that it was paid")
    assert buyer.reads()


@pytest.mark.parametrize("rail", RAILS)
def test_who_paid_unheard_and_taps_again_is_not_asked_for_money(
    house: Installation, shelf: Shelf, rail: str
) -> None:
    """Neither the page nor the house was told: the rail is asked before another number is made."""
    buyer = Buyer(house, shelf, rail, "都没听到")
    house.world.control("PUT", "faults", rules=LOST_PUSHES)
    try:
        placed = buyer.order()
        assert buyer.meet_sheet(placed, "lost_after")["pushes"] == [{"status": 0, "tries": 1}]
        again = buyer.order()
    finally:
        house.world.control("PUT", "faults", rules=[])
    assert (again["order_id"], again["state"], again["pay"]) == (placed["order_id"], "paid", None)
    assert (buyer.reads(), buyer.paid_fen()) == (True, [990])
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


@pytest.mark.parametrize("rail", ["xpay_android", "xpay_ios"])
def test_while_the_rail_does_not_say_no_second_number_is_given(
    house: Installation, shelf: Shelf, rail: str
) -> None:
    buyer = Buyer(house, shelf, rail, "通道不说")
    away = {"route": "POST /xpay/query_order", "fault": "errcode", "errcode": -1, "times": 50}
    house.world.control("PUT", "faults", rules=[*LOST_PUSHES, away])
    try:
        placed = buyer.order()
        buyer.meet_sheet(placed, "lost_after")
        with pytest.raises(DemoStuck, match="payment_unavailable"):
            buyer.order()
    finally:
        house.world.control("PUT", "faults", rules=[])
    assert buyer.order()["state"] == "paid"
    assert buyer.paid_fen() == [990]

"""What people do: look, buy, hesitate, pay late, ask for their money; and what goes wrong with it.

Everything goes through the doors that people have: the API, the pages, the pay sheet.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.year.town import DEVICES, Fan, Town, Ware, call, new_fan, sign_in
from tests.year.universe import Universe
from wechat_simulator.pay import notices
from wechat_simulator.pay import orders as pay_orders
from wechat_simulator.pay.office import office_of

_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
_FORM = {"Content_Type": "application/x-www-form-urlencoded"}
# How a person ends at the pay sheet, of a hundred.
OUTCOMES = (("pay", 84), ("cancel", 5), ("fail", 3), ("lost_before", 3), ("lost_after", 5))
# Of a hundred payments on jsapi: the platform takes another sum, or the same order twice.
WRONG_AMOUNT, TWICE = 1.0, 1.0
REASONS = ("changed_mind", "bought_twice", "not_as_described", "other")


@dataclass
class Bought:
    """A paid purchase."""

    fan: Fan
    ware: Ware
    order_id: str
    rail: str
    paid_at: float
    # The platform booked something odd on this order; nobody asks for it back by the page.
    is_odd: bool = False


@dataclass
class Later:
    """A pay sheet that is still open on somebody's telephone."""

    fan: Fan
    rail: str
    pay: dict[str, Any]
    due_at: float


@dataclass
class Deeds:
    """The people of a town at work; keeps what they remember and counts what they did."""

    universe: Universe
    town: Town
    bought: list[Bought] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    late: list[Later] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    _keys: int = 0

    def come(self, fans_count: int) -> None:
        """New people come; a person costs nothing until they sign in."""
        for _ in range(fans_count):
            self.town.fans.append(new_fan(self.universe, self.universe.chance.choice(DEVICES)))
            self.did["fans"] += 1

    def buy(self, fan: Fan) -> None:
        """Quote, order, meet the pay sheet, and end there as people do."""
        chance = self.universe.chance
        ware = chance.choice(self.town.wares)
        surface = "mini" if fan.device == "ios" or chance.random() < 0.5 else "oa"
        placed = self._ordered(fan, ware, surface)
        if placed is None:
            return
        if placed["rail"] != "jsapi" and chance.random() < 0.05:
            wait_s = chance.randint(1900, 40_000)
            due_at = self.universe.time.now() + wait_s
            self.later.append(Later(fan, placed["rail"], placed["pay"], due_at))
            self.did["sheets_left_open"] += 1
            return
        self._meet_sheet(fan, ware, placed)

    def _ordered(self, fan: Fan, ware: Ware, surface: str) -> dict[str, Any] | None:
        universe = self.universe
        token = sign_in(universe, fan, surface)
        asked = {"product_id": ware.product_id, "device": fan.device}
        quote = call(universe, "POST", "quotes", token=token, **asked)
        if quote["status"] == 401:
            token = sign_in(universe, fan, surface, anew=True)
            quote = call(universe, "POST", "quotes", token=token, **asked)
        self.did["quotes"] += 1
        if quote.get("rail") is None:
            self.did["quotes_without_rail"] += 1
            return None
        return self._placed(fan, surface, token, quote["quote_id"])

    def _placed(self, fan: Fan, surface: str, token: str, quote_id: str) -> dict[str, Any] | None:
        """Place the order; what the network spoils is tried again under the same key."""
        universe = self.universe
        self._keys += 1
        key = f"{universe.seed}-{self._keys:08d}"
        for _ in range(6):
            given = {"quote_id": quote_id}
            if surface == "mini":
                login = universe.control("POST", f"people/{fan.id}/login", app="mini")
                given["login_code"] = login["code"]
            placed = call(universe, "POST", "orders", token=token, key=key, **given)
            if placed["status"] < 300:
                self.did["orders"] += 1
                return placed if placed.get("pay") else None
            self.did[f"order_{placed.get('code')}"] += 1
            if placed["status"] not in {502, 503, 504}:
                return None
            key += "r"
            universe.wait(2)
        return None

    def _meet_sheet(self, fan: Fan, ware: Ware, placed: dict[str, Any]) -> None:
        universe, chance = self.universe, self.universe.chance
        names = [name for name, _ in OUTCOMES]
        (outcome,) = chance.choices(names, [weight for _, weight in OUTCOMES])
        rail = placed["rail"]
        is_odd = rail == "jsapi" and chance.random() * 100 < WRONG_AMOUNT
        if is_odd:
            self._alter_sum(placed["order_id"])
        said = universe.control(
            "POST", f"people/{fan.id}/pay", rail=rail, payment=placed["pay"], outcome=outcome
        )
        self.did[f"sheet_{outcome}"] += 1
        if said.get("payment_ref") is None:
            self.did["wrong_amounts_unpaid"] += is_odd
            return
        self.did[f"paid_{rail}"] += 1
        self.did["paid_wrong_amount"] += is_odd
        if rail == "jsapi" and not is_odd and chance.random() * 100 < TWICE:
            self._charge_again(placed["order_id"])
            is_odd = True
        self.bought.append(Bought(fan, ware, placed["order_id"], rail, universe.time.now(), is_odd))

    def _alter_sum(self, order_id: str) -> None:
        """The platform takes another sum than the one it was told."""
        order = office_of(self.universe.world).records.orders[order_id.replace("-", "")]
        order.total_fen += self.universe.chance.choice((-1, 1, 100))

    def _charge_again(self, order_id: str) -> None:
        """The platform takes the money of one order a second time."""
        world, office = self.universe.world, office_of(self.universe.world)
        order = office.records.orders[order_id.replace("-", "")]
        with world.lock:
            desk, person_id = office.desk(), office._person_of(order.appid, order.openid or "")
            pay_orders.pay(
                desk, order, openid=order.openid or "", person_id=person_id or "", now=office.now()
            )
            notice = notices.of_payment(desk, order, office.now())
        office.post(notice)
        self.did["paid_twice"] += 1

    def pay_late(self) -> None:
        """Who left a sheet open comes back to it; our order may be closed by then."""
        universe = self.universe
        now = universe.time.now()
        due = [one for one in self.later if one.due_at <= now]
        self.later = [one for one in self.later if one.due_at > now]
        self.late += due
        for one in due:
            # A login in between made the sheet's signature stale, as it does on telephones.
            said = universe.control(
                "POST", f"people/{one.fan.id}/pay", rail=one.rail, payment=one.pay
            )
            self.did["paid_late" if said.get("payment_ref") else "paid_late_refused"] += 1

    def get_known(self, one: Bought) -> None:
        """Who may want something back follows the account: their pages are there."""
        if one.rail == "xpay_android":
            self.universe.control("POST", f"people/{one.fan.id}/follow")
            sign_in(self.universe, one.fan, "oa", anew=True)

    def ask_back(self, one: Bought) -> None:
        """Ask for the money on the page, as a fan does."""
        universe = self.universe
        if one.rail == "xpay_ios":
            trade_no = one.order_id.replace("-", "")
            answer = universe.simulator.call("POST", "/_sim/apple-refund", {"trade_no": trade_no})
            self.did["apple_refunds" if answer.status == 200 else "apple_refused"] += 1
            return
        token = sign_in(universe, one.fan, "oa", anew=True)
        path, cookie = f"/h5/orders/{one.order_id}/refund", f"juanliu={token}"
        page = universe.ask("GET", path, Cookie=cookie)
        found = _FORM_TOKEN.search(page.body.decode())
        if page.status != 200 or found is None:
            self.did[f"refund_page_{page.status}"] += 1
            return
        form = {"csrf_token": found[1], "reason": universe.chance.choice(REASONS)}
        answer = universe.ask("POST", path, urlencode(form).encode(), Cookie=cookie, **_FORM)
        self.did[f"refund_asked_{answer.status}"] += 1
        assert answer.status < 500, answer.body[:500]

"""Who cancelled or failed to pay tries again at once, on every rail, and pays once."""

import pytest

from tests.channel import Shelf, open_channel, sell_in_mini_program
from tests.installation import Installation

# rail → device, surface
RAILS = {
    "jsapi": ("android", "oa"),
    "xpay_android": ("android", "mini"),
    "xpay_ios": ("ios", "mini"),
}


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat, sold on both surfaces."""
    made = open_channel(house, locked="付费以后才看得到的这一句 MARK-again")
    sell_in_mini_program(house, made)
    return made


@pytest.mark.parametrize("outcome", ["cancel", "fail"])
@pytest.mark.parametrize("rail", RAILS)
def test_who_did_not_pay_at_first_pays_at_once(
    house: Installation, shelf: Shelf, rail: str, outcome: str
) -> None:
    """A virtual payment that failed has used up its number: the next order has another."""
    device, surface = RAILS[rail]
    world = house.world
    fan = world.person(f"再来 {rail} {outcome}", device)
    token = world.sign_in(fan["id"], surface)
    quote = world.api(
        "POST", "quotes", token=token, product_id=shelf.work_product_id, device=device
    )
    first = world.api("POST", "orders", token=token, quote_id=quote["quote_id"])
    asked = {"rail": rail, "payment": first["pay"], "outcome": outcome}
    said = world.control("POST", f"people/{fan['id']}/pay", **asked)
    assert not said["err_msg"].endswith(":ok")
    assert world.buy(fan, surface, shelf.work_product_id)["state"] == "paid"
    books = world.control("GET", "books")["payments"]
    assert [one["rail"] for one in books if one["person_id"] == fan["id"]] == [rail]
    assert len(world.api("GET", "me/entitlements", token=token)["items"]) == 1

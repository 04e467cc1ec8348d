"""Pages of ours are signed for WeChat's JS-SDK, and no others."""

import hashlib

from tests.integration.http.conftest import BASE_URL, House
from wechat_simulator.simulator import Simulator

PAGE = f"{BASE_URL}/h5/?from=singlemessage"


def test_our_page_is_signed_as_wechat_checks_it(house: House, wechat: Simulator) -> None:
    answer = house.client().get("/h5/js-sdk", query_string={"url": PAGE})
    assert answer.status_code == 200
    signed = answer.get_json()
    assert signed["appId"] == wechat.world.accounts.oa.appid
    ticket = next(iter(wechat.world.things.tickets.values()))[0]
    text = (
        f"jsapi_ticket={ticket}&noncestr={signed['nonceStr']}"
        f"&timestamp={signed['timestamp']}&url={PAGE}"
    )
    assert signed["signature"] == hashlib.sha1(text.encode()).hexdigest()


def test_the_page_says_which_address_was_shown(house: House) -> None:
    html = house.client().get("/h5/?guest=1").get_data(as_text=True)
    assert f'<meta name="page-address" content="{BASE_URL}/h5/?guest=1">' in html


def test_a_strangers_page_is_not_signed(house: House) -> None:
    for url in ("https://evil.example/h5/", "", f"{BASE_URL}.evil.example/", "\u202e"):
        answer = house.client().get("/h5/js-sdk", query_string={"url": url})
        assert answer.status_code == 422

"""The server calls of virtual payment, over the routes a backend uses."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.unit.wechat_simulator_pay.shop import HOST, Shop
from wechat_simulator.entities import AccessToken
from wechat_simulator.routes import Request, Router
from wechat_simulator.xpay import crypto
from wechat_simulator.xpay.cashier import person_pays
from wechat_simulator.xpay.door import add_routes

KEY = "c2Vzc2lvbi1rZXktb25lISE="
TOKEN = "t" * 40


class Console:
    """A backend that calls /xpay/… with its token and its signature."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.router = Router()
        add_routes(self.router, shop.world)
        now = shop.clock.now()
        appid = shop.accounts.mini.appid
        token = AccessToken(TOKEN, appid, "stable", now, now + 10**8)
        token.issued_at = now + 10**8  # these tests let days pass; the token is not their matter
        shop.world.things.tokens[TOKEN] = token
        shop.accounts.mini.callback_url = f"https://{HOST}/mini"
        shop.xpay.put_good("tier-990", 990)
        shop.log_in(shop.fan, KEY)

    def __call__(self, name: str, body: Any, **changed: str) -> dict[str, Any]:
        """Send one call; `changed` replaces a query parameter."""
        text = body if isinstance(body, str) else json.dumps(body)
        path = f"/xpay/{name}"
        xpay = self.shop.accounts.xpay
        env = body.get("env", 0) if isinstance(body, dict) else 0
        key = xpay.sandbox_app_key if env == 1 else xpay.app_key
        query = {
            "access_token": TOKEN,
            "pay_sig": crypto.pay_sig(key, path, text),
            "signature": crypto.user_signature(KEY, text),
        } | changed
        target = f"{path}?" + "&".join(f"{name}={value}" for name, value in query.items())
        answer: dict[str, Any] = json.loads(self.send("POST", target, text.encode()))
        return answer

    def send(self, method: str, target: str, body: bytes = b"") -> bytes:
        request = Request(method, target, {"host": "127.0.0.1:9"}, body)
        route, _ = self.router.find(request)
        assert route is not None
        response = route.handler(request)
        assert response.status == 200
        return response.body

    def order(self, **changed: Any) -> dict[str, Any]:
        asked = {"openid": self.shop.fan.mini_openid, "env": 0, "order_id": "virtual-001"}
        answer = self("query_order", asked | changed)
        order: dict[str, Any] = answer.get("order", answer)
        return order

    def pay(self) -> dict[str, Any]:
        sheet = self.shop.virtual_payment(KEY)
        return person_pays(self.shop.world, self.shop.fan, "xpay_android", sheet)

    def refund(self, **changed: Any) -> dict[str, Any]:
        asked = {
            "openid": self.shop.fan.mini_openid,
            "env": 0,
            "order_id": "virtual-001",
            "refund_order_id": "refund-001",
            "left_fee": 990,
            "refund_fee": 990,
            "biz_meta": "",
            "refund_reason": "0",
            "req_from": "1",
        }
        return self("refund_order", asked | changed)


@pytest.fixture
def console(shop: Shop) -> Console:
    return Console(shop)


def test_a_paid_order_is_shown_with_all_its_numbers(console: Console) -> None:
    paid = console.pay()

    order = console.order()

    assert (order["status"], order["order_type"], order["env_type"]) == (4, 0, 1)
    assert (order["order_fee"], order["paid_fee"], order["left_fee"]) == (990, 990, 990)
    assert order["wxpay_order_id"] == paid["payment_ref"]
    assert console.order(order_id="", wx_order_id=order["wx_order_id"]) == order


def test_an_order_settles_after_three_days_with_its_fee(console: Console) -> None:
    console.pay()
    before = console.order()
    console.shop.wait(3 * 86400)
    after = console.order()

    assert (before["sett_state"], before["platform_fee_fen"]) == (0, 0)
    assert (after["sett_state"], after["platform_fee_fen"]) == (2, 10)
    balance = console("query_biz_balance", {"env": 0})["balance_available"]
    assert balance == {"amount": "9.80", "currency_code": "CNY"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"order_id": "virtual-999"}, 268490002),
        ({"order_id": ""}, 268490002),
        ({"env": 1}, 268490002),
        ({"env": 5}, 268490002),
        ({"openid": "oNobody"}, 268490001),
        ({"openid": 5}, 268490001),
    ],
)
def test_a_wrong_question_gets_its_code(
    console: Console, changed: dict[str, Any], code: int
) -> None:
    console.pay()

    assert console.order(**changed)["errcode"] == code


def test_signatures_and_tokens_are_checked(console: Console) -> None:
    asked = {"openid": console.shop.fan.mini_openid, "env": 0, "order_id": "virtual-001"}
    balance = {"openid": console.shop.fan.mini_openid, "env": 0, "user_ip": "127.0.0.1"}
    good = crypto.pay_sig(
        console.shop.accounts.xpay.app_key, "/xpay/query_order", json.dumps(asked)
    )

    assert console("query_order", asked, pay_sig=good.upper())["errcode"] == 268490003
    assert console("query_order", asked, pay_sig="")["errcode"] == 268490003
    assert console("query_order", asked, access_token="")["errcode"] == 41001
    assert console("query_order", asked, access_token="x" * 40)["errcode"] == 40001
    assert console("query_user_balance", balance)["errcode"] == 0
    assert console("query_user_balance", balance, signature="")["errcode"] == 268490003
    assert console("query_nothing", {"env": 0})["errcode"] == 48001
    assert console("query_order", "{")["errcode"] == 268490002
    assert console("query_order", "[]")["errcode"] == 268490002


def test_the_official_accounts_token_opens_nothing_here(console: Console) -> None:
    console.shop.world.things.tokens[TOKEN].appid = console.shop.accounts.oa.appid

    assert console("query_biz_balance", {"env": 0})["errcode"] == 48001


def test_a_balance_needs_a_session(console: Console) -> None:
    stranger = console.shop.person("stranger")
    asked = {"openid": stranger.mini_openid, "env": 0, "user_ip": "127.0.0.1"}

    assert console("query_user_balance", asked)["errcode"] == 268490009


def test_a_merchant_may_say_delivered_when_pushes_failed(console: Console) -> None:
    console.shop.answers = [500]
    console.pay()
    before = console.order()["status"]

    said = console("notify_provide_goods", {"order_id": "virtual-001", "env": 0})

    assert (before, said["errcode"], console.order()["status"]) == (3, 0, 4)
    assert console("notify_provide_goods", {"order_id": "no-order-1", "env": 0})["errcode"]


def test_a_refund_is_accepted_then_done_then_told(console: Console) -> None:
    console.pay()

    accepted = console.refund()
    running = console.order(order_id="refund-001")
    console.shop.wait(5)

    assert accepted["errcode"] == 0
    assert accepted["pay_order_id"] == "virtual-001"
    assert (running["order_type"], running["status"]) == (1, 1)
    order = console.order()
    assert (order["status"], order["refund_fee"], order["left_fee"]) == (5, 990, 0)
    assert console.order(order_id="refund-001")["status"] == 5
    assert len(console.shop.received) == 2
    assert console.shop.world.books.shown()["refunds"][0]["fee_fen"] == 10
    assert console.refund()["errcode"] == 268490004


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"left_fee": 989}, 268490016),
        ({"refund_fee": 991}, 268490002),
        ({"refund_fee": 0}, 268490002),
        ({"refund_fee": "990"}, 268490002),
        ({"refund_order_id": "short"}, 268490002),
        ({"refund_reason": "9"}, 268490002),
        ({"req_from": 1}, 268490002),
        ({"order_id": "virtual-999"}, 268490002),
        ({"biz_meta": "x" * 1025}, 268490002),
    ],
)
def test_a_wrong_refund_gets_its_code(console: Console, changed: dict[str, Any], code: int) -> None:
    console.pay()

    assert console.refund(**changed)["errcode"] == code
    assert console.order()["refund_fee"] == 0


def test_one_refund_runs_at_a_time_and_keeps_its_parameters(console: Console) -> None:
    console.pay()
    console.refund(refund_fee=100)

    other = console.refund(refund_order_id="refund-002", refund_fee=100)
    changed = console.refund(refund_fee=200)
    same = console.refund(refund_fee=100)

    assert (other["errcode"], changed["errcode"], same["errcode"]) == (268490014, 268490002, 0)
    console.shop.wait(5)
    assert console.order()["left_fee"] == 890


def test_an_apple_order_is_not_the_merchants_to_refund(console: Console) -> None:
    apple = console.shop.person("apple", "ios")
    console.shop.log_in(apple, KEY)
    person_pays(console.shop.world, apple, "xpay_ios", console.shop.virtual_payment(KEY))

    refused = console.refund(openid=apple.mini_openid)

    assert refused["errcode"] == 268490002
    assert console.order(openid=apple.mini_openid)["order_type"] == 7


def upload(**changed: Any) -> dict[str, Any]:
    item = {
        "id": "tier-1990",
        "name": "一档",
        "price": 1990,
        "remark": "",
        "item_url": "https://shop.test/tier.png",
    }
    return {"env": 0, "upload_item": [item | changed]}


def test_an_item_is_uploaded_published_and_sold_ten_minutes_later(console: Console) -> None:
    assert console("query_upload_goods", {"env": 0})["status"] == 0
    assert console("start_upload_goods", upload())["errcode"] == 0
    uploaded = console("query_upload_goods", {"env": 0})
    publish = {"env": 0, "publish_item": [{"id": "tier-1990"}]}
    assert console("start_publish_goods", publish)["errcode"] == 0
    published = console("query_publish_goods", {"env": 0})

    assert (uploaded["status"], uploaded["upload_item"][0]["upload_status"]) == (3, 2)
    assert (published["status"], published["publish_item"][0]["publish_status"]) == (3, 2)
    sheet = console.shop.virtual_payment(KEY, productId="tier-1990", goodsPrice=1990)
    fan, world = console.shop.fan, console.shop.world
    assert person_pays(world, fan, "xpay_android", sheet)["err_code"] == -15014
    console.shop.wait(600)
    assert person_pays(world, fan, "xpay_android", sheet)["err_code"] == 0


def test_an_item_keeps_its_price_and_each_environment_its_items(console: Console) -> None:
    console("start_upload_goods", upload())
    console("start_upload_goods", upload(price=1))
    again = console("query_upload_goods", {"env": 0})

    assert (again["status"], again["upload_item"][0]["upload_status"]) == (2, 1)
    assert console.shop.xpay.records.goods[0, "tier-1990"].price_fen == 1990
    sandbox = {"env": 1, "publish_item": [{"id": "tier-1990"}]}
    assert console("start_publish_goods", sandbox)["errcode"] == 268490002


def test_an_upload_takes_its_time(console: Console) -> None:
    console.shop.xpay.records.settings.upload_latency_s = 30
    publish = {"env": 0, "publish_item": [{"id": "tier-1990"}]}
    console("start_upload_goods", upload())

    assert console("query_upload_goods", {"env": 0})["status"] == 1
    assert console("start_upload_goods", upload(id="tier-2990"))["errcode"] == 268490012
    assert console("start_publish_goods", publish)["errcode"] == 268490002
    console.shop.wait(30)
    assert console("start_publish_goods", publish)["errcode"] == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "有中文"},
        {"id": "x" * 65},
        {"name": ""},
        {"name": "x" * 21},
        {"price": 0},
        {"price": "1"},
    ],
)
def test_a_wrong_item_is_refused(console: Console, changed: dict[str, Any]) -> None:
    assert console("start_upload_goods", upload(**changed))["errcode"] == 268490002


def test_items_come_one_at_a_time(console: Console) -> None:
    item = upload()["upload_item"][0]

    assert console("start_upload_goods", {"env": 0, "upload_item": [item] * 2})["errcode"]
    assert console("start_upload_goods", {"env": 0, "upload_item": "x"})["errcode"]
    assert console("start_publish_goods", {"env": 0, "publish_item": []})["errcode"]


def test_a_bill_is_made_on_the_second_asking(console: Console) -> None:
    console.pay()
    days = {"begin_ds": 20260520, "end_ds": 20260520}

    first = console("download_bill", days)
    console.shop.wait(10)
    second = console("download_bill", days)

    assert first["errcode"] == 268490011
    parts = urlsplit(second["url"])
    file = console.send("GET", f"{parts.path}?{parts.query}").decode("utf-8-sig")
    assert "`virtual-001" in file
    assert "`9.90,`0.10\r\n" in file
    assert console("download_bill", {"begin_ds": 20260599, "end_ds": 20260520})["errcode"]

"""The virtual pay sheet: every check of WeChat, then the charge on the device's own rail."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.wechat_simulator_pay.shop import HOST, Shop
from wechat_simulator.entities import Person
from wechat_simulator.pushcrypto import open_box
from wechat_simulator.xmlform import read_xml
from wechat_simulator.xpay.cashier import person_pays

KEY = "c2Vzc2lvbi1rZXktb25lISE="
FORMER = "Zm9ybWVyLXNlc3Npb24ta2V5"


@pytest.fixture
def kiosk(shop: Shop) -> Shop:
    """A shop whose mini-program sells one published item of 9.90 yuan to a logged-in fan."""
    shop.accounts.mini.callback_url = f"https://{HOST}/mini"
    shop.xpay.put_good("tier-990", 990)
    shop.log_in(shop.fan, KEY, FORMER)
    return shop


@pytest.fixture
def apple_fan(kiosk: Shop) -> Person:
    """A logged-in person with an iPhone."""
    person = kiosk.person("apple", "ios")
    kiosk.log_in(person, KEY)
    return person


def pay(kiosk: Shop, outcome: str = "pay", **changed: Any) -> dict[str, Any]:
    sheet = kiosk.virtual_payment(KEY, **changed)
    return person_pays(kiosk.world, kiosk.fan, "xpay_android", sheet, outcome)


def pushed(kiosk: Shop, place: int = -1) -> dict[str, Any]:
    _, _, body = kiosk.received[place]
    mini = kiosk.accounts.mini
    return read_xml(open_box(read_xml(body)["Encrypt"], mini.appid, mini.aes_key))


def test_an_android_payment_is_booked_pushed_and_delivered(kiosk: Shop) -> None:
    result = pay(kiosk)

    assert (result["err_msg"], result["err_code"]) == ("requestVirtualPayment:ok", 0)
    assert result["pushes"] == [{"status": 200, "tries": 1}]
    order = kiosk.xpay.records.orders[0, "virtual-001"]
    assert (int(order.status), int(order.order_type)) == (4, 0)
    told = pushed(kiosk)
    assert told["Event"] == "xpay_goods_deliver_notify"
    assert told["OpenId"] == kiosk.fan.mini_openid
    assert told["FromUserName"] != kiosk.fan.mini_openid
    assert told["WeChatPayInfo"]["TransactionId"] == result["payment_ref"]
    assert told["GoodsInfo"] == {
        "ProductId": "tier-990",
        "Quantity": "1",
        "OrigPrice": "990",
        "ActualPrice": "990",
        "Attach": "order 1",
    }
    booked = kiosk.world.books.shown()["payments"][0]
    assert (booked["rail"], booked["amount_fen"], booked["fee_fen"]) == ("xpay_android", 990, 10)
    assert booked["mchid"] != kiosk.mchid


def test_an_apple_payment_names_no_wechat_pay(kiosk: Shop, apple_fan: Person) -> None:
    sheet = kiosk.virtual_payment(KEY)

    result = person_pays(kiosk.world, apple_fan, "xpay_ios", sheet)

    assert result["err_code"] == 0
    assert "WeChatPayInfo" not in pushed(kiosk)
    order = kiosk.xpay.records.orders[0, "virtual-001"]
    assert int(order.order_type) == 7
    booked = kiosk.world.books.shown()["payments"][0]
    assert (booked["rail"], booked["fee_fen"]) == ("xpay_ios", 119)
    assert booked["payment_ref"] == order.wx_order_id


@pytest.mark.parametrize(
    ("device", "rail"),
    [("ios", "xpay_android"), ("android", "xpay_ios"), ("windows", "xpay_ios")],
)
def test_the_device_decides_the_rail(kiosk: Shop, device: str, rail: str) -> None:
    person = kiosk.person("other", device)
    kiosk.log_in(person, KEY)

    result = person_pays(kiosk.world, person, rail, kiosk.virtual_payment(KEY))

    assert result["err_code"] == "RAIL_CONTRADICTS_DEVICE"
    assert kiosk.xpay.records.orders == {}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"offerId": 1450000000}, -15016),
        ({"offerId": "another"}, -15001),
        ({"buyQuantity": "1"}, -15016),
        ({"buyQuantity": 0}, -15001),
        ({"buyQuantity": True}, -15016),
        ({"env": 2}, -15001),
        ({"currencyType": "USD"}, -15004),
        ({"productId": "tier-1"}, -15010),
        ({"goodsPrice": 989}, -15013),
        ({"goodsPrice": 9.9}, -15016),
        ({"activitySellingPrice": 395}, -15013),
        ({"activitySellingPrice": 991}, -15013),
        ({"outTradeNo": "short"}, -15001),
        ({"outTradeNo": "_virtual-001"}, -15001),
        ({"attach": None}, -15016),
        ({"platform": "android"}, -15005),
    ],
)
def test_wrong_sign_data_is_refused_with_wechats_code(
    kiosk: Shop, changed: dict[str, Any], code: int
) -> None:
    env = changed.pop("env", 0)
    sheet = kiosk.virtual_payment(KEY, **({"env": 0} | changed))
    if env:
        sheet = kiosk.virtual_payment(KEY, env=env)

    result = person_pays(kiosk.world, kiosk.fan, "xpay_android", sheet)

    assert (result["err_code"], result["pushes"]) == (code, [])
    assert kiosk.world.books.shown()["payments"] == []


@pytest.mark.parametrize(
    ("part", "spoil", "code"),
    [
        ("paySig", lambda text: text.upper(), -15006),
        ("paySig", lambda text: "0" * 64, -15006),
        ("paySig", lambda text: None, -15006),
        ("signature", lambda text: text.upper(), -15005),
        ("signature", lambda text: "", -15005),
        ("signData", lambda text: text + " ", -15006),
        ("signData", lambda text: "{", -15016),
        ("signData", lambda text: "[]", -15016),
        ("signData", lambda text: None, 1001),
        ("mode", lambda text: "short_series_coin", -15009),
        ("mode", lambda text: "goods", 1001),
    ],
)
def test_a_spoilt_part_is_refused_with_wechats_code(
    kiosk: Shop, part: str, spoil: Any, code: int
) -> None:
    sheet = kiosk.virtual_payment(KEY)
    sheet[part] = spoil(sheet[part])

    assert person_pays(kiosk.world, kiosk.fan, "xpay_android", sheet)["err_code"] == code


def test_a_session_key_that_was_replaced_is_told_from_a_wrong_one(kiosk: Shop) -> None:
    def code(key: str) -> int:
        sheet = kiosk.virtual_payment(key)
        return int(person_pays(kiosk.world, kiosk.fan, "xpay_android", sheet)["err_code"])

    assert code(FORMER) == -15007
    assert code("bm9ib2R5cy1zZXNzaW9uLWtleQ==") == -15005
    assert code(KEY) == 0


def test_a_person_who_never_logged_in_cannot_pay(kiosk: Shop) -> None:
    stranger = kiosk.person("stranger")

    result = person_pays(kiosk.world, stranger, "xpay_android", kiosk.virtual_payment(KEY))

    assert result["err_code"] == -15007


def test_the_key_of_the_other_environment_is_refused(kiosk: Shop) -> None:
    kiosk.xpay.put_good("tier-990", 990, env=1)
    live, sandbox = kiosk.virtual_payment(KEY), kiosk.virtual_payment(KEY, env=1)

    crossed = sandbox | {"paySig": live["paySig"]}

    assert person_pays(kiosk.world, kiosk.fan, "xpay_android", crossed)["err_code"] == -15006
    assert person_pays(kiosk.world, kiosk.fan, "xpay_android", sandbox)["err_code"] == 0
    assert pushed(kiosk)["Env"] == "1"
    # Sandbox money is no money: it stands in no book.
    assert kiosk.world.books.shown()["payments"] == []


def test_apple_knows_no_sandbox_and_no_price_below_a_yuan(kiosk: Shop, apple_fan: Person) -> None:
    kiosk.xpay.put_good("tier-990", 990, env=1)
    kiosk.xpay.put_good("tier-99", 99)

    sandbox = kiosk.virtual_payment(KEY, env=1)
    cheap = kiosk.virtual_payment(KEY, productId="tier-99", goodsPrice=99)

    assert person_pays(kiosk.world, apple_fan, "xpay_ios", sandbox)["err_code"] == -15001
    assert person_pays(kiosk.world, apple_fan, "xpay_ios", cheap)["err_code"] == -15001
    assert person_pays(kiosk.world, kiosk.fan, "xpay_android", cheap)["err_code"] == 0


def test_a_number_is_paid_once_and_failed_numbers_are_dead(kiosk: Shop) -> None:
    assert pay(kiosk, "cancel")["err_code"] == -2
    assert pay(kiosk, attach="another line")["err_code"] == -15002
    assert pay(kiosk)["err_code"] == 0
    assert pay(kiosk)["err_code"] == -15002
    assert pay(kiosk, "fail", outTradeNo="virtual-002")["err_code"] == -1
    assert pay(kiosk, outTradeNo="virtual-002")["err_code"] == -15012
    assert len(kiosk.world.books.shown()["payments"]) == 1


def test_a_promotion_price_is_what_is_charged(kiosk: Shop) -> None:
    pay(kiosk, activitySellingPrice=500)

    told = pushed(kiosk)["GoodsInfo"]
    assert (told["OrigPrice"], told["ActualPrice"]) == ("990", "500")
    assert kiosk.world.books.shown()["payments"][0]["amount_fen"] == 500


def test_an_item_is_sold_only_after_its_publication_took_effect(kiosk: Shop) -> None:
    published_at = datetime.fromtimestamp(kiosk.clock.now() + 600, UTC)
    kiosk.xpay.records.goods[0, "tier-990"].effective_at = published_at

    assert pay(kiosk)["err_code"] == -15014
    kiosk.wait(600)
    assert pay(kiosk)["err_code"] == 0


def test_a_refused_push_is_repeated_with_its_count_and_delivers_at_last(kiosk: Shop) -> None:
    kiosk.answers = [500, 500, 500]
    times: list[float] = []
    kiosk.while_answering = lambda: times.append(kiosk.clock.now())

    result = pay(kiosk)
    order = kiosk.xpay.records.orders[0, "virtual-001"]
    before = int(order.status)
    kiosk.wait(2 + 4 + 8)

    assert result["pushes"] == [{"status": 500, "tries": 1}]
    assert [pushed(kiosk, n)["RetryTimes"] for n in range(4)] == ["0", "1", "2", "3"]
    assert [later - sooner for sooner, later in itertools.pairwise(times)] == [2, 4, 8]
    assert (before, int(order.status)) == (3, 4)


def test_an_error_code_in_the_answer_is_a_refusal(kiosk: Shop) -> None:
    kiosk.answer_body = b"<xml><ErrCode>1</ErrCode><ErrMsg>no</ErrMsg></xml>"

    pay(kiosk)
    kiosk.wait(2**17)

    assert len(kiosk.received) == 16
    assert int(kiosk.xpay.records.orders[0, "virtual-001"].status) == 3


@pytest.mark.parametrize(
    ("fault", "at_once", "within_a_minute"),
    [("drop", 0, 1), ("delay", 0, 1), ("duplicate", 2, 2), ("reorder", 0, 1)],
)
def test_pushes_suffer_the_faults_that_were_ordered(
    kiosk: Shop, fault: str, at_once: int, within_a_minute: int
) -> None:
    rule = {"route": "push:xpay", "fault": fault, "times": 1, "delay_s": 30}
    kiosk.world.faults.replace([rule])

    pay(kiosk)
    sent = len(kiosk.received)
    kiosk.wait(60)

    assert (sent, len(kiosk.received)) == (at_once, within_a_minute)
    assert int(kiosk.xpay.records.orders[0, "virtual-001"].status) == 4


def test_apple_gives_the_money_back_and_the_merchant_is_told(
    kiosk: Shop, apple_fan: Person
) -> None:
    person_pays(kiosk.world, apple_fan, "xpay_ios", kiosk.virtual_payment(KEY))

    kiosk.xpay.refund_by_apple(0, "virtual-001")

    told = pushed(kiosk)
    assert told["Event"] == "xpay_refund_notify"
    assert (told["MchOrderId"], told["RefundFee"], told["RetCode"]) == ("virtual-001", "990", "0")
    refund = kiosk.world.books.shown()["refunds"][0]
    assert (refund["rail"], refund["amount_fen"], refund["fee_fen"]) == ("xpay_ios", 990, 119)


def test_goods_outlive_a_reset_and_orders_do_not(kiosk: Shop) -> None:
    first = pay(kiosk)
    kiosk.world.reset(7)
    kiosk.fan = kiosk.person("fan")
    kiosk.log_in(kiosk.fan, KEY)

    second = pay(kiosk)

    assert second["err_code"] == 0
    assert second["payment_ref"] != first["payment_ref"]
    assert len(kiosk.world.books.shown()["payments"]) == 1


def test_virtual_payment_goes_on_from_a_state_file(
    kiosk: Shop, pems: tuple[str, str], tmp_path: Any
) -> None:
    kiosk.answers = [500]
    pay(kiosk)
    kiosk.world.save(tmp_path / "state.json")

    again = Shop(*pems)
    again.world.load(tmp_path / "state.json")
    again.wait(2)

    assert pushed(again)["RetryTimes"] == "1"
    assert int(again.xpay.records.orders[0, "virtual-001"].status) == 4

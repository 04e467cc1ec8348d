"""The pay sheet and what follows: one payment, one booking, notifications until answered."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.unit.wechat_simulator_pay.shop import Shop
from wechat_simulator.pay import crypto
from wechat_simulator.pay.cashier import person_confirms_transfer, person_pays
from wechat_simulator.pay.notices import RETRY_AFTER_S


def payments(shop: Shop) -> list[dict[str, Any]]:
    return list(shop.world.books.shown()["payments"])


def test_paying_books_the_money_and_tells_the_merchant_before_it_returns(shop: Shop) -> None:
    result = person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))

    assert result["err_msg"] == "get_brand_wcpay_request:ok"
    assert result["err_code"] == 0
    assert result["trade_no"] == "order-001"
    assert result["pushes"] == [{"status": 200, "tries": 1}]
    told = shop.opened()
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert told["resource"]["out_trade_no"] == "order-001"
    assert told["resource"]["transaction_id"] == result["payment_ref"]
    assert told["resource"]["amount"]["total"] == 990
    assert payments(shop) == [
        {
            "rail": "jsapi",
            "trade_no": "order-001",
            "payment_ref": result["payment_ref"],
            "appid": shop.appid,
            "mchid": shop.mchid,
            "person_id": "fan",
            "amount_fen": 990,
            "fee_fen": 6,
            "state": "SUCCESS",
            "paid_at": "2026-05-20T12:00:00+00:00",
        }
    ]


@pytest.mark.parametrize(
    ("outcome", "err_msg", "err_code"),
    [
        ("cancel", "get_brand_wcpay_request:cancel", -2),
        ("fail", "get_brand_wcpay_request:fail", -1),
    ],
)
def test_a_person_may_turn_away_and_pay_later(
    shop: Shop, outcome: str, err_msg: str, err_code: int
) -> None:
    sheet = shop.pay_object(shop.place())

    result = person_pays(shop.world, shop.fan, sheet, outcome)

    assert (result["err_msg"], result["err_code"]) == (err_msg, err_code)
    assert result["payment_ref"] is None
    assert payments(shop) == []
    assert shop.received == []
    assert person_pays(shop.world, shop.fan, sheet)["err_code"] == 0


def test_a_network_lost_before_paying_is_heard_by_nobody_and_costs_nothing(shop: Shop) -> None:
    sheet = shop.pay_object(shop.place())

    result = person_pays(shop.world, shop.fan, sheet, "lost_before")

    assert (result["err_msg"], result["err_code"]) == (None, None)
    assert (result["payment_ref"], payments(shop), shop.received) == (None, [], [])
    assert person_pays(shop.world, shop.fan, sheet)["err_code"] == 0


def test_a_network_lost_after_paying_is_heard_by_the_merchant_alone(shop: Shop) -> None:
    sheet = shop.pay_object(shop.place())

    result = person_pays(shop.world, shop.fan, sheet, "lost_after")

    assert (result["err_msg"], result["err_code"]) == (None, None)
    assert [one["payment_ref"] for one in payments(shop)] == [result["payment_ref"]]
    assert shop.opened()["resource"]["transaction_id"] == result["payment_ref"]
    assert person_pays(shop.world, shop.fan, sheet)["err_desc"] == "该订单已支付"


@pytest.mark.parametrize(
    "key", ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"]
)
def test_a_changed_pay_object_is_refused(shop: Shop, key: str) -> None:
    sheet = shop.pay_object(shop.place())

    for value in (sheet[key] + "x", "", None, 5):
        result = person_pays(shop.world, shop.fan, {**sheet, key: value})
        assert (result["err_code"], result["pushes"]) == (-1, [])

    assert payments(shop) == []


def test_someone_elses_signature_is_refused(shop: Shop, pems: tuple[str, str]) -> None:
    sheet = shop.pay_object(shop.place())
    parts = (sheet["appId"], sheet["timeStamp"], sheet["nonceStr"], sheet["package"])
    stranger = crypto.read_private_key(pems[1])
    sheet["paySign"] = crypto.sign(stranger, crypto.cashier_message(*parts))

    result = person_pays(shop.world, shop.fan, sheet)

    assert (result["err_code"], result["err_desc"]) == (-1, "支付验证签名失败")


def test_another_person_a_second_time_and_too_late_are_refused(shop: Shop) -> None:
    sheet = shop.pay_object(shop.place())
    stranger = shop.person("stranger")

    assert person_pays(shop.world, stranger, sheet)["err_code"] == -1
    shop.clock.advance(2 * 3600)
    assert "过期" in person_pays(shop.world, shop.fan, sheet)["err_desc"]
    fresh = shop.pay_object(shop.place())
    assert person_pays(shop.world, shop.fan, fresh)["err_code"] == 0
    assert person_pays(shop.world, shop.fan, fresh)["err_desc"] == "该订单已支付"
    assert len(payments(shop)) == 1


def test_the_last_moment_to_pay_is_no_close_but_nobody_pays_after_it(shop: Shop) -> None:
    sheet = shop.pay_object(shop.place(time_expire="2026-05-20T20:10:00+08:00"))
    shop.clock.advance(601)

    assert person_pays(shop.world, shop.fan, sheet)["err_code"] == -1
    assert shop.pay.records.orders["order-001"].state == "NOTPAY"


def test_a_sheet_confirmed_on_many_telephones_at_once_is_paid_once(shop: Shop) -> None:
    sheet = shop.pay_object(shop.place())

    with ThreadPoolExecutor(8) as many:
        codes = list(
            many.map(lambda _: person_pays(shop.world, shop.fan, sheet)["err_code"], range(16))
        )

    assert sorted(codes) == [-1] * 15 + [0]
    assert (len(payments(shop)), len(shop.received)) == (1, 1)


def test_an_unknown_outcome_is_a_mistake_of_the_caller(shop: Shop) -> None:
    with pytest.raises(ValueError, match="outcome"):
        person_pays(shop.world, shop.fan, shop.pay_object(shop.place()), "perhaps")


def test_a_refused_notification_comes_back_on_the_whole_schedule(shop: Shop) -> None:
    shop.answers = [500] * 100

    result = person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    shop.wait(sum(RETRY_AFTER_S) + 3600)

    assert result["pushes"] == [{"status": 500, "tries": 1}]
    times = [int(headers["Wechatpay-Timestamp"]) for _, headers, _ in shop.received]
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert gaps == list(RETRY_AFTER_S)
    assert sum(RETRY_AFTER_S) == 24 * 3600 + 4 * 60
    assert len({json.loads(body)["id"] for _, _, body in shop.received}) == 1


@pytest.mark.parametrize("status", [200, 204])
def test_an_answered_notification_does_not_come_again(shop: Shop, status: int) -> None:
    shop.answers = [500, status]

    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    shop.wait(3600)

    assert len(shop.received) == 2


def test_a_merchant_may_ask_back_while_it_answers(shop: Shop) -> None:
    seen: list[int] = []
    path = f"/v3/pay/transactions/out-trade-no/order-001?mchid={shop.mchid}"
    shop.while_answering = lambda: seen.append(shop.call("GET", path).status)

    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))

    assert seen == [200]


def fault(shop: Shop, name: str, **more: Any) -> None:
    rule = {"route": "push:payment", "fault": name, "times": 1, **more}
    shop.world.faults.replace([rule])


def test_a_dropped_push_comes_with_the_next_try(shop: Shop) -> None:
    fault(shop, "drop")

    result = person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))

    assert (result["pushes"], shop.received) == ([{"status": 0, "tries": 1}], [])
    shop.wait(15)
    assert shop.opened()["resource"]["out_trade_no"] == "order-001"


def test_a_delayed_push_comes_at_its_time(shop: Shop) -> None:
    fault(shop, "delay", delay_s=100)

    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    shop.wait(99)
    early = len(shop.received)
    shop.wait(1)

    assert (early, len(shop.received)) == (0, 1)


def test_a_duplicate_push_comes_twice_alike(shop: Shop) -> None:
    fault(shop, "duplicate")

    result = person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))

    assert [push["status"] for push in result["pushes"]] == [200, 200]
    assert shop.received[0] == shop.received[1]


@pytest.mark.parametrize("name", ["tamper", "wrong_key"])
def test_a_spoilt_push_does_not_open_and_the_proper_one_follows(shop: Shop, name: str) -> None:
    fault(shop, name)
    shop.answers = [401]

    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))

    with pytest.raises((AssertionError, crypto.BoxDoesNotOpen)):
        shop.opened()
    shop.wait(15)
    assert shop.opened()["resource"]["out_trade_no"] == "order-001"


def test_a_reordered_push_is_overtaken(shop: Shop) -> None:
    fault(shop, "reorder")

    person_pays(shop.world, shop.fan, shop.pay_object(shop.place("first-001")))
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place("second-01")))
    shop.wait(3600)

    numbers = [shop.opened(place)["resource"]["out_trade_no"] for place in range(2)]
    assert (numbers, len(shop.received)) == (["second-01", "first-001"], 2)


def test_a_lonely_reordered_push_comes_after_all(shop: Shop) -> None:
    fault(shop, "reorder")

    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    shop.wait(60)

    assert len(shop.received) == 1


def test_a_probe_goes_before_the_proper_notification(shop: Shop) -> None:
    sheet = shop.pay_object(shop.place())
    shop.pay.records.settings.probe_rate = 1.0

    person_pays(shop.world, shop.fan, sheet)

    marks = [
        h["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/") for _, h, _ in shop.received
    ]
    assert marks == [True, False]
    assert shop.opened()["resource"]["out_trade_no"] == "order-001"


def transfer_body(shop: Shop, **changed: Any) -> dict[str, Any]:
    return {
        "appid": shop.appid,
        "out_bill_no": "bill001",
        "transfer_scene_id": "1005",
        "openid": shop.fan.oa_openid,
        "transfer_amount": 400,
        "transfer_remark": "五月稿酬",
        "notify_url": "https://shop.test/transfer",
        "transfer_scene_report_infos": [{"info_type": "岗位类型", "info_content": "作者"}],
    } | changed


TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"


def test_a_transfer_waits_for_the_person_and_is_told_when_taken(shop: Shop) -> None:
    asked = json.loads(shop.call("POST", TRANSFERS, transfer_body(shop)).body)
    again = json.loads(shop.call("POST", TRANSFERS, transfer_body(shop)).body)

    taken = person_confirms_transfer(shop.world, shop.fan, asked["package_info"])

    assert asked == again
    assert asked["state"] == "WAIT_USER_CONFIRM"
    assert taken["state"] == "SUCCESS"
    assert shop.opened()["resource"]["state"] == "SUCCESS"
    found = json.loads(shop.call("GET", f"{TRANSFERS}/out-bill-no/bill001").body)
    assert (found["state"], found["mch_id"]) == ("SUCCESS", shop.mchid)
    assert shop.world.books.shown()["transfers"][0]["amount_fen"] == 400
    assert person_confirms_transfer(shop.world, shop.fan, asked["package_info"])["state"] is None


def test_a_transfer_nobody_takes_lapses_after_a_day(shop: Shop) -> None:
    asked = json.loads(shop.call("POST", TRANSFERS, transfer_body(shop)).body)
    stranger = shop.person("stranger")

    assert person_confirms_transfer(shop.world, stranger, asked["package_info"])["state"] is None
    shop.wait(24 * 3600)

    told = shop.opened()["resource"]
    assert (told["state"], told["fail_reason"]) == ("FAIL", "OVERDUE_CLOSE")
    assert shop.world.books.shown()["transfers"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"transfer_amount": 401}, "ALREADY_EXISTS"),
        ({"out_bill_no": "bill-2"}, "PARAM_ERROR"),
        ({"transfer_scene_report_infos": []}, "PARAM_ERROR"),
        ({"out_bill_no": "bill2", "transfer_amount": 200_000}, "PARAM_ERROR"),
        ({"out_bill_no": "bill2", "user_name": "张三"}, "PARAM_ERROR"),
        ({"out_bill_no": "bill2", "openid": "oNobody"}, "INVALID_REQUEST"),
    ],
)
def test_a_wrong_transfer_is_refused(shop: Shop, changed: dict[str, Any], code: str) -> None:
    shop.call("POST", TRANSFERS, transfer_body(shop))

    reply = shop.call("POST", TRANSFERS, transfer_body(shop, **changed))

    assert (reply.status, json.loads(reply.body)["code"]) == (400, code)

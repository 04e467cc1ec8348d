"""A push is answered in time or kept, and nothing that was said is lost."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app.launcher.ports import free_port
from app.wiring import callbacks as wired
from app.wiring.payments import Payments
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries as orders_queries
from creator_tools.orders.ports import Queried
from tests.integration.http.conftest import House, Scene, house, scene, wechat  # noqa: F401
from wechat_handlers.inbound import router
from wechat_handlers.inbound.conversation import Conversation
from wechat_handlers.inbound.messages import Message, TextMessage
from wechat_handlers.inbound.parser import parse_plaintext
from wechat_handlers.inbound.replies import NoReply, Reply
from wechat_handlers.inbound.xpay_delivery import delivery_of
from wechat_handlers.wire.errors import WireRefused
from wechat_simulator.pushcrypto import seal, sha1_of

Handler = Callable[[Message, Conversation], Reply]
OUR_ANSWER_BUDGET_MS, OUR_KEEP_BUDGET_MS = wired.ANSWER_BUDGET_MS, wired.KEEP_BUDGET_MS


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is proven here is mostly not how fast the machine is; who means the time says so."""
    monkeypatch.setattr(wired, "ANSWER_BUDGET_MS", 10_000)
    monkeypatch.setattr(wired, "KEEP_BUDGET_MS", 5_000)


def push(house: House, fields: dict[str, Any]) -> bytes:  # noqa: F811
    """Deliver JSON to the mini-program's door."""
    query, body = sealed(house, fields)
    return house.wiring.callbacks.answer("mini", None, query, body)


def sealed(
    house: House,  # noqa: F811
    fields: dict[str, Any],
    kind: str = "mini",
) -> tuple[dict[str, list[str]], bytes]:
    """Query and body of a push, sealed as the platform seals."""
    account = house.wiring.accounts.first(kind)
    held, now = account.credentials, int(house.wiring.clock.now().timestamp())
    plaintext = json.dumps({"ToUserName": "gh_1", "CreateTime": now} | fields)
    encrypted = seal(plaintext.encode(), account.external_id, held["aes_key"], random.Random(1))
    stamp, nonce = str(now), "42"
    query = {
        "timestamp": [stamp],
        "nonce": [nonce],
        "encrypt_type": ["aes"],
        "msg_signature": [sha1_of(held["token"], stamp, nonce, encrypted)],
        "signature": [sha1_of(held["token"], stamp, nonce)],
    }
    body = json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()
    return query, body


def said(number: int, sender: str = "o-somebody") -> dict[str, Any]:
    return {"FromUserName": sender, "MsgType": "text", "Content": "你好", "MsgId": number}


def rows(house: House, query: str) -> list[Any]:  # noqa: F811
    with house.wiring.reading() as session:
        return [tuple(row) for row in session.execute(text(query))]


@pytest.fixture
def answer_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], None]:
    """Let a handler of the test answer texts."""

    def put(handler: Handler) -> None:
        monkeypatch.setitem(router.HANDLERS, TextMessage, handler)

    return put


def test_many_slow_statements_do_not_add_up_beyond_a_second(
    house: House,  # noqa: F811
    answer_with: Callable[[Handler], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wired, "ANSWER_BUDGET_MS", OUR_ANSWER_BUDGET_MS)
    begun_count = 0

    def slow(message: Message, talk: Conversation) -> Reply:
        nonlocal begun_count
        for _ in range(20):
            begun_count += 1
            talk.uow.session.execute(text("SELECT pg_sleep(0.25)"))
        return NoReply()

    answer_with(slow)
    assert push(house, said(1)) == wired.NOTHING_TO_SAY
    # Counted, not timed: the third is under way when the time is over, on any machine.
    assert begun_count <= OUR_ANSWER_BUDGET_MS // 250 + 1
    assert OUR_ANSWER_BUDGET_MS + OUR_KEEP_BUDGET_MS < 1000
    assert rows(house, "SELECT state FROM inbox_progress") == [("new",)]


def test_a_bug_in_an_answer_loses_no_message(
    house: House,  # noqa: F811
    answer_with: Callable[[Handler], None],
) -> None:
    def broken(message: Message, talk: Conversation) -> Reply:
        raise KeyError("a bug of ours")

    answer_with(broken)
    assert push(house, said(1)) == wired.NOTHING_TO_SAY
    assert rows(house, "SELECT state FROM inbox_progress") == [("new",)]
    house.wiring.sweep.step("inbox")
    assert rows(house, "SELECT attempts_count, error_code FROM inbox_progress") == [(1, "KeyError")]


def test_while_the_database_is_away_nothing_is_acknowledged(
    house: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query, body = sealed(house, said(1))
    nowhere = open_engine(f"postgresql://x@127.0.0.1:{free_port()}/x", application_name="tests")
    with monkeypatch.context() as patch:
        patch.setattr(house.wiring.units, "_sessions", sessionmaker(nowhere))
        answer = house.client().post("/wechat/mini-program", query_string=query, data=body)
        assert answer.status_code == 503
    assert house.client().post("/wechat/mini-program", query_string=query, data=body).data
    assert rows(house, "SELECT state FROM inbox_progress") == [("done",)]


DELIVERY = {
    "FromUserName": "o-somebody",
    "MsgType": "event",
    "Event": "xpay_goods_deliver_notify",
    "OpenId": "o-somebody",
    "OutTradeNo": "0" * 32,
    "Env": 0,
    "WeChatPayInfo": {"MchOrderNo": "m", "TransactionId": "4200", "PaidTime": 1_800_000_000},
    "GoodsInfo": {
        "ProductId": "price_990_fen",
        "Quantity": 1,
        "OrigPrice": 990,
        "ActualPrice": 990,
        "Attach": "",
    },
}


def buy(house: House, scene: Scene) -> tuple[str, str]:  # noqa: F811
    """An order of the mini-program; gives its number and the buyer's openid."""
    fan = house.fan()
    login = house.bearer(fan, "mini")
    asked = {"product_id": str(scene.work_product_id), "device": "android"}
    quote = house.client().post("/api/v1/quotes", json=asked, headers=login).get_json()
    placed = house.client().post(
        "/api/v1/orders",
        json={"quote_id": quote["quote_id"], "login_code": house.login_code(fan, "mini")},
        headers=login | {"Idempotency-Key": "k-12345678"},
    )
    assert placed.status_code in {200, 201}, placed.text
    return placed.get_json()["order_id"].replace("-", ""), fan["mini_openid"]


@pytest.mark.parametrize(
    ("changes", "goods", "disposition"),
    [
        ({}, {}, "settled"),
        ({"OpenId": "o-another-person"}, {}, "wrong_payer"),
        ({}, {"ProductId": "price_1_fen"}, "wrong_goods"),
        ({}, {"ProductId": ""}, "wrong_goods"),
        ({}, {"Quantity": 2}, "wrong_goods"),
        ({}, {"ActualPrice": 1}, "wrong_amount"),
    ],
)
def test_a_delivery_is_compared_with_its_order(
    house: House,  # noqa: F811
    scene: Scene,  # noqa: F811
    changes: dict[str, Any],
    goods: dict[str, Any],
    disposition: str,
) -> None:
    trade_no, openid = buy(house, scene)
    told = DELIVERY | {"OutTradeNo": trade_no, "OpenId": openid} | changes
    told["GoodsInfo"] = DELIVERY["GoodsInfo"] | goods  # type: ignore[operator]  # a dict
    push(house, told)
    assert rows(house, "SELECT disposition FROM payments") == [(disposition,)]
    is_settled = disposition == "settled"
    assert rows(house, "SELECT count(*) FROM entitlement_sources") == [(int(is_settled),)]
    alarms = rows(house, "SELECT code FROM alarms")
    assert alarms == ([] if is_settled else [(f"payment_{disposition}",)])
    assert rows(house, "SELECT facts::text FROM audit_events WHERE facts::text LIKE '%o-%'") == []


def test_a_push_of_the_sandbox_moves_no_money_and_does_not_hide_the_real_one(
    house: House,  # noqa: F811
    scene: Scene,  # noqa: F811
) -> None:
    trade_no, openid = buy(house, scene)
    told = DELIVERY | {"OutTradeNo": trade_no, "OpenId": openid}
    push(house, told | {"Env": 1})
    assert rows(house, "SELECT count(*) FROM payments") == [(0,)]
    assert rows(house, "SELECT count(*) FROM postings") == [(0,)]
    assert rows(house, "SELECT state, error_code FROM inbox_progress") == [
        ("parked", "other_environment")
    ]
    push(house, told)
    assert rows(house, "SELECT disposition FROM payments") == [("settled",)]


def test_what_the_platform_sealed_and_we_cannot_read_is_told_to_a_person(
    house: House,  # noqa: F811
) -> None:
    for goods in ({"ProductId": "p"}, DELIVERY["GoodsInfo"] | {"ActualPrice": 0}):  # type: ignore[operator]  # a dict
        with pytest.raises(WireRefused):
            push(house, DELIVERY | {"GoodsInfo": goods})
    assert rows(house, "SELECT code FROM alarms") == [("push_unreadable",)]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (
            {
                "Event": "xpay_refund_notify",
                "WxRefundId": "r",
                "MchOrderId": "0" * 32,
                "RefundFee": 990,
                "RetCode": 0,
            },
            "refund_foreign",
        ),
        (
            {
                "Event": "xpay_coin_pay_notify",
                "OutTradeNo": "1" * 32,
                "Env": 0,
                "CoinInfo": {"Quantity": 1, "OrigPrice": 100, "ActualPrice": 100, "Attach": ""},
            },
            "xpay_coins_paid",
        ),
    ],
)
def test_money_that_no_order_waits_for_is_told_to_a_person(
    house: House,  # noqa: F811
    event: dict[str, Any],
    code: str,
) -> None:
    told = {"FromUserName": "o-somebody", "MsgType": "event", "OpenId": "o-somebody"} | event
    answer = push(house, told)
    assert (answer == wired.NOTHING_TO_SAY) == (code != "refund_foreign")
    assert rows(house, "SELECT code FROM alarms") == [(code,)]


REFUNDED: dict[str, Any] = {
    "FromUserName": "o-somebody",
    "MsgType": "event",
    "Event": "xpay_refund_notify",
    "WxRefundId": "wx-refund-1",
    "MchRefundId": "",
    "WxOrderId": "wx-order-1",
    "RetCode": 0,
    "RetMsg": "",
    "RetryTimes": 0,
}


def test_a_refund_that_nobody_began_here_is_booked_before_its_answer(
    house: House,  # noqa: F811
    scene: Scene,  # noqa: F811
) -> None:
    trade_no, openid = buy(house, scene)
    push(house, DELIVERY | {"OutTradeNo": trade_no, "OpenId": openid})
    told = REFUNDED | {"OpenId": openid, "MchOrderId": trade_no, "RefundFee": 990}
    push(house, told | {"RetCode": 268490013})
    assert rows(house, "SELECT count(*) FROM refunds") == [(0,)]
    for tries in range(3):
        push(house, told | {"RetryTimes": tries})
    assert rows(house, "SELECT rail, cause, state, amount_fen FROM refunds") == [
        ("xpay_android", "outside", "succeeded", 990)
    ]
    assert rows(house, "SELECT state FROM orders") == [("refunded",)]
    assert rows(house, "SELECT count(*) FROM entitlement_sources WHERE ended_at IS NULL") == [(0,)]
    assert rows(house, "SELECT sum(amount_fen)::bigint FROM postings GROUP BY account_id") == [
        (0,)
    ] * len(rows(house, "SELECT DISTINCT account_id FROM postings"))
    assert rows(house, "SELECT code FROM alarms ORDER BY code") == [
        ("refund_foreign",),
        ("refund_from_outside",),
    ]


def test_a_refund_we_cannot_read_is_refused_and_told_to_a_person(
    house: House,  # noqa: F811
) -> None:
    told = REFUNDED | {"OpenId": "o-somebody", "MchOrderId": "", "RefundFee": 990}
    with pytest.raises(WireRefused):
        push(house, told)
    assert rows(house, "SELECT code FROM alarms") == [("push_unreadable",)]
    assert rows(house, "SELECT count(*) FROM inbox_facts") == [(0,)]


def test_a_payment_in_suspense_is_not_called_delivered(house: House, scene: Scene) -> None:  # noqa: F811
    payments: Payments = house.wiring.payments
    trade_no, openid = buy(house, scene)
    with house.wiring.units("orders.prepaid") as uow:
        _cheapen(uow)
    order_id = rows(house, "SELECT id FROM orders")[0][0]
    delivery = delivery_of(
        parse_plaintext(  # type: ignore[arg-type]  # it is a delivery
            json.dumps(
                DELIVERY
                | {"ToUserName": "gh", "CreateTime": 1, "OutTradeNo": trade_no, "OpenId": openid}
            ),
            "json",
            "mini",
        )
    )
    account_id = house.wiring.accounts.first("mini").id
    statement = house.wiring.wechat.rails.xpay(account_id).statement(delivery, seen_by="query")
    payments._record_queried(order_id, Queried("paid", statement, is_delivered=False))
    assert rows(house, "SELECT disposition FROM payments") == [("wrong_amount",)]
    assert rows(house, "SELECT kind FROM effects WHERE kind = 'xpay.provide'") == []


def test_an_order_under_which_other_money_came_is_closed_when_it_is_over(
    house: House,  # noqa: F811
    scene: Scene,  # noqa: F811
) -> None:
    payments: Payments = house.wiring.payments
    buy(house, scene)
    order_id = rows(house, "SELECT id FROM orders")[0][0]
    with house.wiring.reading() as session:
        facts = orders_queries.facts_of(session, order_id)
    for waited_s, state in ((0, "pending"), (31 * 60, "closed")):
        house.advance(waited_s)
        payments._close_set_aside(facts, Queried("paid"))
        assert rows(house, "SELECT state FROM orders") == [(state,)]


def _cheapen(uow: UnitOfWork) -> None:
    uow.session.execute(text("UPDATE orders SET amount_fen = 1"))

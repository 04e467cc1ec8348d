"""What virtual payment says of a refund, by a push and by the answer to a question."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wechat_handlers.inbound.messages import XpayRefunded, source_key
from wechat_handlers.inbound.xpay_refund import refund_of
from wechat_handlers.statements.xpay_refund import XpayRefundTold
from wechat_handlers.wire.errors import WireRefused

TRADE_NO = "T20270115000001"
PUSHED = XpayRefunded(
    account_kind="mini",
    sender="official",
    recipient="gh_1",
    created_at_epoch_s=1_800_000_100,
    buyer="o-buyer",
    wx_refund_id="wx-1",
    mch_refund_id="01a2303dd1797784940911902722fd69",
    wx_order_id="wx-0",
    out_trade_no=TRADE_NO,
    refund_fen=990,
    ret_code=0,
    ret_message="ok",
    started_at_epoch_s=1_800_000_000,
    succeeded_at_epoch_s=1_800_000_050,
    retry_count=0,
)
ASKED: dict[str, Any] = {
    "order_id": "01a2303dd1797784940911902722fd69",
    "wx_order_id": "wx-1",
    "status": 5,
    "order_type": 1,
    "order_fee": 990,
    "paid_time": 1_800_000_050,
}


def test_push_and_question_say_the_same() -> None:
    assert refund_of(PUSHED) == XpayRefundTold.from_order(ASKED, trade_no=TRADE_NO)
    assert refund_of(PUSHED).succeeded_at == datetime.fromtimestamp(1_800_000_050, UTC)


def test_what_we_never_asked_for_goes_by_the_number_of_the_platform() -> None:
    assert refund_of(replace(PUSHED, mch_refund_id="")).refund_no == "wx-1"


def test_a_refund_that_did_not_go_is_closed_and_may_still_go() -> None:
    failed = replace(PUSHED, ret_code=268490013)
    told = refund_of(failed)
    assert (told.says, told.succeeded_at) == ("closed", None)
    assert source_key(failed) != source_key(PUSHED)
    assert source_key(PUSHED) == source_key(replace(PUSHED, retry_count=3))


@pytest.mark.parametrize(
    "changes", [{"out_trade_no": ""}, {"wx_refund_id": ""}, {"refund_fen": 0}, {"refund_fen": -1}]
)
def test_a_push_without_order_number_or_sum_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WireRefused) as refused:
        refund_of(replace(PUSHED, **changes))
    assert refused.value.code == "malformed"


@pytest.mark.parametrize(
    ("status", "says"),
    [(0, "processing"), (1, "processing"), (3, "processing"), (5, "succeeded"), (7, "closed")],
)
def test_the_state_of_a_refund_is_read(status: int, says: str) -> None:
    told = XpayRefundTold.from_order(ASKED | {"status": status}, trade_no=TRADE_NO)
    assert told.says == says
    assert (told.succeeded_at is None) == (says != "succeeded")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 4},
        {"status": 6},
        {"status": 99},
        {"order_type": 0},
        {"order_type": 7},
        {"order_fee": -1},
        {"order_fee": True},
        {"wx_order_id": ""},
    ],
)
def test_what_is_no_refund_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WireRefused) as refused:
        XpayRefundTold.from_order(ASKED | changes, trade_no=TRADE_NO)
    assert refused.value.code == "malformed"

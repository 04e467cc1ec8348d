"""Transfers to a person: asked for by the merchant, waiting until the person confirms."""

import json
from datetime import datetime, timedelta
from typing import Any

from wechat_simulator.books import TransferBooked
from wechat_simulator.pay import fields
from wechat_simulator.pay.crypto import BoxDoesNotOpen, open_field
from wechat_simulator.pay.fields import Address, Text, Whole
from wechat_simulator.pay.model import PayDesk, Transfer
from wechat_simulator.pay.numbers import beijing
from wechat_simulator.pay.refusals import Refused

TRANSFER_LAPSES = "pay-transfer-lapses"

_CONFIRM_WITHIN = timedelta(hours=24)
_NAME_FROM_FEN = 200_000
_NAME_NOT_BELOW_FEN = 30
_FIELDS: tuple[fields.Field, ...] = (
    Text("appid", 32),
    Text("out_bill_no", 32, pattern="[0-9A-Za-z]+"),
    Text("transfer_scene_id", 36),
    Text("openid", 64),
    Whole("transfer_amount"),
    Text("transfer_remark", 32),
    Address("notify_url", most=256, required=False),
    Text("user_recv_perception", 64, least=0, required=False),
)


def ask(desk: PayDesk, body: bytes, now: datetime) -> dict[str, Any]:
    """Answer a transfer request; the same number with the same parameters is the same bill.

    Raises:
        Refused: a parameter, the binding, or the number used with other parameters.
    """
    asked = fields.read_object(body)
    fields.check_fields(asked, _FIELDS)
    _check_reports(asked)
    _check_name(desk, asked)
    if asked["appid"] not in desk.appids():
        raise Refused(400, "INVALID_REQUEST", "appid 与商户号未绑定")
    if desk.person_of(asked["appid"], asked["openid"]) is None:
        raise Refused(400, "INVALID_REQUEST", "openid 与 appid 不匹配")
    # A sealed name is sealed anew at every try, so it is no part of "the same request".
    fingerprint = json.dumps({k: v for k, v in asked.items() if k != "user_name"}, sort_keys=True)
    bill = desk.records.transfers.get(asked["out_bill_no"])
    if bill is None:
        bill = _open_bill(desk, asked, fingerprint, now)
    elif bill.asked != fingerprint:
        raise Refused(400, "ALREADY_EXISTS", "商户单号已存在，且参数与首次请求时不一致")
    answer = {
        "out_bill_no": bill.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "create_time": beijing(bill.created_at),
        "state": bill.state,
    }
    if bill.state == "WAIT_USER_CONFIRM":
        answer["package_info"] = bill.package_info
    return answer


def find(desk: PayDesk, out_bill_no: str) -> Transfer:
    """The transfer of this merchant's number.

    Raises:
        Refused: NOT_FOUND.
    """
    bill = desk.records.transfers.get(out_bill_no)
    if bill is None:
        raise Refused(404, "NOT_FOUND", "转账单不存在")
    return bill


def find_by_platform_number(desk: PayDesk, transfer_bill_no: str) -> Transfer:
    """The transfer of the platform's number.

    Raises:
        Refused: NOT_FOUND.
    """
    for bill in desk.records.transfers.values():
        if bill.transfer_bill_no == transfer_bill_no:
            return bill
    raise Refused(404, "NOT_FOUND", "转账单不存在")


def cancel(desk: PayDesk, out_bill_no: str, now: datetime) -> dict[str, Any]:
    """Take a transfer back before the person confirmed it.

    Raises:
        Refused: no such bill, or it has ended.
    """
    bill = find(desk, out_bill_no)
    if bill.state not in ("WAIT_USER_CONFIRM", "CANCELLED"):
        raise Refused(400, "INVALID_REQUEST", "转账单状态不支持撤销")
    bill.state, bill.updated_at = "CANCELLED", now
    return {
        "out_bill_no": bill.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "state": bill.state,
        "update_time": beijing(now),
    }


def confirm(desk: PayDesk, bill: Transfer, person_id: str, now: datetime) -> bool:
    """The person takes the money; False when the bill waits for nobody any more."""
    if bill.state != "WAIT_USER_CONFIRM":
        return False
    bill.state, bill.updated_at = "SUCCESS", now
    desk.books.transfers.append(
        TransferBooked(
            bill_no=bill.out_bill_no,
            transfer_ref=bill.transfer_bill_no,
            appid=bill.appid,
            mchid=bill.mchid,
            person_id=person_id,
            amount_fen=bill.amount_fen,
            state="SUCCESS",
            transferred_at=now,
        )
    )
    return True


def lapse(desk: PayDesk, out_bill_no: str, now: datetime) -> Transfer | None:
    """Close a bill nobody confirmed for a day; None when it had ended before."""
    bill = desk.records.transfers[out_bill_no]
    if bill.state != "WAIT_USER_CONFIRM":
        return None
    bill.state, bill.fail_reason, bill.updated_at = "FAIL", "OVERDUE_CLOSE", now
    return bill


def shown(bill: Transfer) -> dict[str, Any]:
    """The bill as a query prints it."""
    return {"appid": bill.appid, "transfer_remark": bill.remark} | notified(bill)


def notified(bill: Transfer) -> dict[str, Any]:
    """The bill as its notification seals it."""
    answer: dict[str, Any] = {
        "mch_id": bill.mchid,
        "out_bill_no": bill.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "state": bill.state,
        "transfer_amount": bill.amount_fen,
        "openid": bill.openid,
        "create_time": beijing(bill.created_at),
        "update_time": beijing(bill.updated_at),
    }
    if bill.fail_reason is not None:
        answer["fail_reason"] = bill.fail_reason
    return answer


def _check_reports(asked: dict[str, Any]) -> None:
    reports = asked.get("transfer_scene_report_infos")
    if not isinstance(reports, list) or not reports:
        raise Refused(400, "PARAM_ERROR", "transfer_scene_report_infos 不能为空")
    for report in reports:
        if not isinstance(report, dict):
            raise Refused(400, "PARAM_ERROR", "transfer_scene_report_infos 格式错误")
        fields.check_fields(report, (Text("info_type", 15), Text("info_content", 32)))


def _check_name(desk: PayDesk, asked: dict[str, Any]) -> None:
    named = bool(asked.get("user_name"))
    if named:
        try:
            open_field(desk.keys.platform_key, str(asked["user_name"]))
        except BoxDoesNotOpen:
            raise Refused(
                400, "PARAM_ERROR", "user_name 解密失败，请使用微信支付公钥加密"
            ) from None
    if asked["transfer_amount"] >= _NAME_FROM_FEN and not named:
        raise Refused(400, "PARAM_ERROR", "转账金额大于等于 2,000 元时，收款用户姓名必填")
    if asked["transfer_amount"] < _NAME_NOT_BELOW_FEN and named:
        raise Refused(400, "PARAM_ERROR", "转账金额小于 0.3 元时，不支持传入收款用户姓名")


def _open_bill(desk: PayDesk, asked: dict[str, Any], fingerprint: str, now: datetime) -> Transfer:
    bill = Transfer(
        appid=asked["appid"],
        mchid=desk.keys.mchid,
        out_bill_no=asked["out_bill_no"],
        transfer_bill_no=desk.numbers.transfer_bill_no(now),
        openid=asked["openid"],
        amount_fen=asked["transfer_amount"],
        remark=asked["transfer_remark"],
        notify_url=asked.get("notify_url"),
        package_info="ABBQO+oYAAABAAAA" + desk.numbers.hexadecimal(48),
        asked=fingerprint,
        created_at=now,
        updated_at=now,
    )
    desk.records.transfers[bill.out_bill_no] = bill
    desk.plan(now + _CONFIRM_WITHIN, TRANSFER_LAPSES, {"out_bill_no": bill.out_bill_no})
    return bill

"""WeChat Pay's transfers to people (商家转账): asked for, asked about, taken back.

Source: https://pay.weixin.qq.com/doc/v3/merchant/4012716434
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from wechat_handlers.wire.error_sentences import pay_refusal
from wechat_handlers.wire.pay_client import PayClient, payable_text

REMARK_LENGTH_MAX = 32
_PATH = "/v3/fund-app/mch-transfer/transfer-bills"
_BILL_NO = re.compile(r"[0-9A-Za-z]{1,32}\Z", re.ASCII)


def transfer(
    client: PayClient,
    *,
    appid: str,
    out_bill_no: str,
    openid: str,
    amount_fen: int,
    remark: str,
    scene_id: str,
    reports: Iterable[tuple[str, str]],
    notify_url: str,
) -> dict[str, Any]:
    """Ask for a transfer to a person, who has a day to take it.

    The same number with the same arguments is the same transfer, for ever; another number is
    another transfer, whatever became of the first.

    Args:
        remark: what the person reads, 32 characters at most.
        reports: what the scene wants to be told, name and text.

    Raises:
        PayApiRefused: see its `outcome`.
        ValueError: a number that WeChat Pay cannot take.
    """
    asked = {
        "appid": appid,
        "out_bill_no": _checked(out_bill_no),
        "transfer_scene_id": scene_id,
        "openid": openid,
        "transfer_amount": amount_fen,
        "transfer_remark": payable_text(remark, REMARK_LENGTH_MAX),
        "transfer_scene_report_infos": [
            {"info_type": name, "info_content": text} for name, text in reports
        ],
        "notify_url": notify_url,
    }
    body = json.dumps(asked, ensure_ascii=False).encode("utf-8")
    return _own(client, "pay.transfer", "POST", _PATH, body, out_bill_no)


def query_transfer(client: PayClient, out_bill_no: str) -> dict[str, Any]:
    """What WeChat Pay knows of our transfer, as it says it (`state` and so on).

    Raises:
        PayApiRefused: `NOT_FOUND` when WeChat Pay never heard of it.
    """
    target = f"{_PATH}/out-bill-no/{_checked(out_bill_no)}"
    return _own(client, "pay.transfer_query", "GET", target, b"", out_bill_no)


def cancel_transfer(client: PayClient, out_bill_no: str) -> dict[str, Any]:
    """Take a transfer back that nobody has confirmed; again is no error.

    Raises:
        PayApiRefused: it was confirmed or has ended, or see `outcome`.
    """
    target = f"{_PATH}/out-bill-no/{_checked(out_bill_no)}/cancel"
    return _own(client, "pay.transfer_cancel", "POST", target, b"", out_bill_no)


def _own(
    client: PayClient, name: str, method: str, target: str, body: bytes, out_bill_no: str
) -> dict[str, Any]:
    answer = client.exchange(name, method, target, body)
    if answer.get("out_bill_no") != out_bill_no:
        raise pay_refusal(name, "bad_answer", 200)
    return answer


def _checked(out_bill_no: str) -> str:
    if _BILL_NO.match(out_bill_no) is None:
        raise ValueError("out_bill_no must be at most 32 of 0-9 A-Z a-z")
    return out_bill_no

"""Notifications: sealed with the APIv3 key, signed by the platform, repeated for a day."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechat_simulator.pay import crypto, platform
from wechat_simulator.pay.model import MerchantKeys, Notice, Order, PayDesk, Refund, Transfer
from wechat_simulator.pay.numbers import Numbers, beijing
from wechat_simulator.pay.orders import shown as order_shown
from wechat_simulator.pay.refunds import notified as refund_notified
from wechat_simulator.pay.transfers import notified as transfer_notified

RETRY_AFTER_S: Sequence[int] = (
    *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600),
    *(10800, 10800, 10800, 21600, 21600),
)
TRANSFER_RETRY_AFTER_S: Sequence[int] = (*[15] * 3, *[300] * 3, *[1800] * 3, *[3600] * 22)

_PROBE = "WECHATPAY/SIGNTEST/"
_REFUND_WORDS = {"SUCCESS": "退款成功", "ABNORMAL": "退款异常", "CLOSED": "退款关闭"}


@dataclass(frozen=True)
class Letter:
    """One notification ready to be posted."""

    url: str
    headers: dict[str, str]
    body: bytes


def of_payment(desk: PayDesk, order: Order, now: datetime) -> Notice:
    """The notification that an order was paid."""
    told = order_shown(order)
    return _keep(
        desk, order.notify_url, "TRANSACTION.SUCCESS", "transaction", "支付成功", told, now
    )


def of_refund(desk: PayDesk, refund: Refund, now: datetime) -> Notice | None:
    """The notification that a refund has ended, or None when nobody asked to be told."""
    url = refund.notify_url
    if url is None:
        return None
    words = _REFUND_WORDS[refund.status]
    told = refund_notified(refund)
    return _keep(desk, url, f"REFUND.{refund.status}", "refund", words, told, now)


def of_transfer(desk: PayDesk, bill: Transfer, now: datetime) -> Notice | None:
    """The notification that a transfer has ended, or None when nobody asked to be told."""
    if bill.notify_url is None:
        return None
    event, kind = "MCHTRANSFER.BILL.FINISHED", "mch_payment"
    told = transfer_notified(bill)
    return _keep(desk, bill.notify_url, event, kind, "商家转账单据终态通知", told, now)


def write(desk: PayDesk, notice: Notice, now: datetime, *, probe: bool = False) -> Letter:
    """Seal and sign a notification for this try; a probe carries a signature that cannot hold."""
    nonce = desk.numbers.nonce(12)
    envelope = {
        "id": notice.notice_id,
        "create_time": beijing(notice.created_at),
        "resource_type": "encrypt-resource",
        "event_type": notice.event_type,
        "summary": notice.summary,
        "resource": {
            "original_type": notice.original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": crypto.seal(
                desk.keys.apiv3_key, nonce, notice.original_type, notice.resource.encode()
            ),
            "associated_data": notice.original_type,
            "nonce": nonce,
        },
    }
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    keys = platform.for_notice(desk, now)
    headers = signed_headers(keys, desk.numbers, body, now, probe=probe)
    headers |= {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "Mozilla/4.0"}
    return Letter(url=notice.url, headers=headers, body=body)


def signed_headers(
    keys: MerchantKeys, numbers: Numbers, body: bytes, now: datetime, *, probe: bool = False
) -> dict[str, str]:
    """The five Wechatpay headers over `body`; a probe's signature is wrong on purpose."""
    timestamp, nonce = str(int(now.timestamp())), numbers.nonce()
    signature = crypto.sign(keys.platform_key, crypto.reply_message(timestamp, nonce, body))
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": _PROBE + signature[len(_PROBE) :] if probe else signature,
        "Wechatpay-Serial": keys.platform_key_id,
        "Wechatpay-Signature-Type": crypto.SCHEME,
    }


def tampered(letter: Letter) -> Letter:
    """The same letter with one character of its ciphertext changed after it was signed."""
    place = letter.body.index(b'"ciphertext":"') + len(b'"ciphertext":"')
    other = b"A" if letter.body[place : place + 1] != b"A" else b"B"
    body = letter.body[:place] + other + letter.body[place + 1 :]
    return Letter(url=letter.url, headers=letter.headers, body=body)


def wait_after(notice: Notice) -> int | None:
    """Seconds until the next try, or None when the platform gives up."""
    waits = TRANSFER_RETRY_AFTER_S if notice.original_type == "mch_payment" else RETRY_AFTER_S
    return waits[notice.tries - 1] if notice.tries <= len(waits) else None


def _keep(
    desk: PayDesk,
    url: str,
    event_type: str,
    original_type: str,
    summary: str,
    told: dict[str, Any],
    now: datetime,
) -> Notice:
    notice = Notice(
        notice_id=desk.numbers.notification_id(),
        url=url,
        event_type=event_type,
        original_type=original_type,
        summary=summary,
        resource=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
    )
    desk.records.notices[notice.notice_id] = notice
    return notice

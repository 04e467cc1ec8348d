"""The key under which a push is kept once, however often it comes.

Messages: (sender, MsgId). Events: (sender, CreateTime, Event, and what tells two events of the
same second apart). xpay: the order and the kind of event, since its retries span hours. The
account is added by the caller. WeChat may encrypt a retry anew, so nothing of the envelope is in
here; and a retry counts its tries, so no counter is either.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from wechat_handlers.inbound import person_messages, service_messages, xpay_messages
from wechat_handlers.inbound.message import Message, Unknown

KEY_LENGTH_MAX = 160
_COUNTERS = frozenset({"retrytimes", "retry_times"})
_COMMON = frozenset(field.name for field in fields(Message))


def source_key(message: Message) -> str:
    """The same text for the same push, another for any other; at most 160 characters."""
    if message.msg_id is not None:
        return _joined("message", message.sender, message.msg_id)
    xpay = _xpay_parts(message)
    if xpay is not None:
        return _joined(*xpay)
    name = message.name.lower() if isinstance(message, Unknown) else _kind(message)
    return _joined(
        "event", message.sender, str(message.created_at_epoch_s), name, *_discriminator(message)
    )


def _kind(message: Message) -> str:
    return type(message).__name__


def _xpay_parts(message: Message) -> tuple[str, ...] | None:
    name = _kind(message)
    match message:
        case xpay_messages.XpayGoodsDelivered() | xpay_messages.XpayCoinPaid():
            paid = message.wechat_pay.transaction_id if message.wechat_pay else ""
            return ("xpay", name, str(message.env), message.out_trade_no, paid)
        case xpay_messages.XpayRefunded():
            # One that did not go may yet go under the same number.
            ended = "done" if message.ret_code == 0 else "failed"
            return ("xpay", name, message.wx_refund_id or message.mch_refund_id, ended)
        case xpay_messages.XpayComplaint():
            asked = str(message.complained_at_epoch_s)
            return ("xpay", name, message.wx_order_id, asked, message.request_id)
        case xpay_messages.XpayIosRefundQuery():
            return ("xpay", name, message.out_trade_no, message.asked_at)
        case _:
            return None


def _discriminator(message: Message) -> tuple[str, ...]:
    match message:
        case person_messages.FollowEvent():
            return (message.event_key,)
        case person_messages.ScanEvent():
            return (message.scene,)
        case person_messages.MenuClickEvent():
            return (message.key,)
        case person_messages.MenuViewEvent():
            return (message.url,)
        case person_messages.ViewMiniProgramEvent():
            return (message.page_path,)
        case service_messages.TemplateSendFinished() | service_messages.MassSendFinished():
            return (message.job_id,)
        case service_messages.PublishFinished():
            return (message.publish_id,)
        case service_messages.MediaChecked():
            return (message.trace_id,)
        case Unknown():
            return (_digest(_without_counters(message.fields)),)
        case _:
            own = {
                field.name: repr(getattr(message, field.name))
                for field in fields(message)
                if field.name not in _COMMON
            }
            return (_digest(own),) if own else ()


def _without_counters(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if name.lower() not in _COUNTERS}


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def _joined(*parts: str) -> str:
    # A colon inside a part must not look like the border between two parts.
    key = ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)
    if len(key) <= KEY_LENGTH_MAX:
        return key
    return f"{parts[0]}:sha256:{hashlib.sha256(key.encode('utf-8')).hexdigest()}"

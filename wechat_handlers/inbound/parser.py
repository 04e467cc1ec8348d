"""From decrypted text to a typed message.

Names of types and events are compared without regard to case, because WeChat writes `CLICK` and
`view_miniprogram`; a name we do not know becomes `Unknown`, because new ones appear unannounced.
"""

from typing import Any

from wechat_handlers.inbound import person_parsers, service_parsers, xpay_parsers
from wechat_handlers.inbound.common_fields import Builder, CommonFields
from wechat_handlers.inbound.message import Message, Unknown
from wechat_handlers.wire import strict_json, strict_xml
from wechat_handlers.wire.envelope import Format
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.field_reader import FieldReader

EVENT_BUILDERS: dict[str, Builder] = {
    **person_parsers.EVENT_BUILDERS,
    **service_parsers.EVENT_BUILDERS,
    **xpay_parsers.EVENT_BUILDERS,
}
NAME_LENGTH_MAX = 64


def parse_plaintext(plaintext: str, body_format: Format, account_kind: str) -> Message:
    """Understand one decrypted push.

    Args:
        plaintext: what was in the envelope.
        body_format: "xml" or "json", as the envelope came.
        account_kind: which of our accounts it came to: "oa", "mini", "wecom".

    Returns:
        A typed message, or `Unknown`.

    Raises:
        WireRefused: `malformed`: not XML or JSON of the shape that WeChat describes.
    """
    try:
        fields = _parsed(plaintext.removeprefix("\ufeff"), body_format)
    except WireRefused as refusal:
        raise WireRefused("malformed", str(refusal)) from None
    reader = FieldReader(fields)
    common = _common(reader, account_kind)
    kind = reader.text("MsgType").lower()
    if kind == "event":
        # An event has no MsgId of its own; one that carries a job's id under that name is no
        # message from a person.
        common["msg_id"] = None
        name = reader.text("Event")
        builder = EVENT_BUILDERS.get(name.lower())
    else:
        name = kind or reader.text("Event", "InfoType")
        builder = person_parsers.MESSAGE_BUILDERS.get(kind)
    if builder is None:
        return Unknown(**common, name=name[:NAME_LENGTH_MAX], fields=fields)
    return builder(common, reader)


def _parsed(plaintext: str, body_format: Format) -> dict[str, Any]:
    if body_format == "xml":
        return strict_xml.parse(plaintext)
    fields = strict_json.parse(plaintext)
    if not isinstance(fields, dict):
        raise WireRefused("malformed", "not an object")
    return fields


def _common(reader: FieldReader, account_kind: str) -> CommonFields:
    return {
        "account_kind": account_kind,
        "sender": reader.text("FromUserName"),
        "recipient": reader.text("ToUserName"),
        "created_at_epoch_s": reader.epoch_s("CreateTime"),
        "msg_id": reader.text("MsgId") or None,
    }

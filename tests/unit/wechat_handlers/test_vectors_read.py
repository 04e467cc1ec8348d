"""The samples in the reference folder are read as their index says."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.wechat_handlers.vectors import entries, json_of, needs_vectors, text_of
from wechat_handlers.inbound import messages
from wechat_handlers.inbound.parser import parse_plaintext
from wechat_handlers.wire import strict_xml

pytestmark = needs_vectors

MESSAGES = entries("messages") + entries("xpay")
XML_SAMPLES = entries("messages", ".xml") + entries("replies", ".xml")

# Type and event as the sample spells them, and what we make of it.
TYPES: dict[str, type[messages.Message]] = {
    "text": messages.TextMessage,
    "image": messages.ImageMessage,
    "voice": messages.VoiceMessage,
    "video": messages.VideoMessage,
    "shortvideo": messages.ShortVideoMessage,
    "location": messages.LocationMessage,
    "link": messages.LinkMessage,
    "event:click": messages.MenuClickEvent,
    "event:view": messages.MenuViewEvent,
    "event:view_miniprogram": messages.ViewMiniProgramEvent,
    "event:subscribe": messages.FollowEvent,
    "event:unsubscribe": messages.UnfollowEvent,
    "event:scan": messages.ScanEvent,
    "event:location": messages.LocationReportEvent,
    "event:scancode_push": messages.ScanCodeEvent,
    "event:scancode_waitmsg": messages.ScanCodeEvent,
    "event:pic_sysphoto": messages.PhotoEvent,
    "event:pic_photo_or_album": messages.PhotoEvent,
    "event:pic_weixin": messages.PhotoEvent,
    "event:masssendjobfinish": messages.MassSendFinished,
    "event:publishjobfinish": messages.PublishFinished,
    "event:templatesendjobfinish": messages.TemplateSendFinished,
    "event:subscribe_msg_popup_event": messages.SubscribePopup,
    "event:subscribe_msg_change_event": messages.SubscribeChange,
    "event:subscribe_msg_sent_event": messages.SubscribeSent,
    "event:kf_close_session": messages.KfSessionClosed,
    "event:kf_switch_session": messages.KfSessionSwitched,
    "event:user_info_modified": messages.UserInfoModified,
    "event:user_authorization_revoke": messages.AuthorizationRevoked,
    "event:user_enter_tempsession": messages.EnterSession,
    "event:wxa_media_check": messages.MediaChecked,
    "event:submit_invoice_title": messages.Unknown,
    "event:xpay_goods_deliver_notify": messages.XpayGoodsDelivered,
    "event:xpay_refund_notify": messages.XpayRefunded,
    "event:xpay_complaint_notify": messages.XpayComplaint,
    "": messages.Unknown,  # a push to third-party platforms, which has an InfoType instead
}


def parsed(entry: dict[str, Any]) -> messages.Message:
    name: str = entry["file"]
    return parse_plaintext(text_of(name), "json" if name.endswith(".json") else "xml", "oa")


def spelt(entry: dict[str, Any]) -> dict[str, Any]:
    name: str = entry["file"]
    if name.endswith(".json"):
        fields: dict[str, Any] = json_of(name)
        return fields
    return strict_xml.parse(text_of(name))


@pytest.mark.parametrize("entry", MESSAGES, ids=lambda entry: entry["file"])
def test_every_push_becomes_the_type_that_its_name_says(entry: dict[str, Any]) -> None:
    fields = spelt(entry)
    kind = str(fields.get("MsgType", "")).lower()
    name = f"event:{fields['Event']}".lower() if kind == "event" else kind

    message = parsed(entry)

    assert type(message) is TYPES[name]
    assert message.created_at_epoch_s == int(fields["CreateTime"])
    assert message.sender == fields.get("FromUserName", "")
    assert message.recipient == fields.get("ToUserName", "")
    assert messages.source_key(message) == messages.source_key(parsed(entry))


@pytest.mark.parametrize("entry", XML_SAMPLES, ids=lambda entry: entry["file"])
def test_our_xml_reader_sees_the_leaves_that_the_index_expects(entry: dict[str, Any]) -> None:
    leaves = {
        name: value.strip()
        for name, value in strict_xml.parse(text_of(entry["file"])).items()
        if isinstance(value, str)
    }

    assert leaves == entry["expect"]


def test_two_samples_share_a_key_only_when_they_say_the_same() -> None:
    by_key: dict[str, list[messages.Message]] = {}
    for entry in MESSAGES:
        message = replace(parsed(entry), recipient="")
        if message.msg_id is not None:
            continue  # the samples reuse one MsgId for messages of several kinds
        known = by_key.setdefault(messages.source_key(message), [])
        known.extend([] if message in known else [message])

    assert {key: found for key, found in by_key.items() if len(found) > 1} == {}
    assert len(by_key) > 20

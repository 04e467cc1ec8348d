"""Passive replies: what we answer inside the five seconds, and how it is written down.

Source: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
"""

import json
from dataclasses import dataclass, field
from typing import Any

from wechat_handlers.inbound.message import Message
from wechat_handlers.wire.envelope import Format
from wechat_handlers.wire.strict_xml import cdata
from wechat_handlers.wire.text_limit import cut_to_bytes

TEXT_BYTES_MAX = 2048
ARTICLES_MAX = 8


@dataclass(frozen=True)
class NoReply:
    """Nothing to say: the caller answers the literal `success`."""


@dataclass(frozen=True)
class TextReply:
    """Words; links as `<a href="…">` are allowed."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class ImageReply:
    """A picture that was uploaded before."""

    media_id: str


@dataclass(frozen=True)
class VoiceReply:
    """A sound that was uploaded before."""

    media_id: str


@dataclass(frozen=True)
class VideoReply:
    """A video that was uploaded before."""

    media_id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True)
class MusicReply:
    """A piece of music by its addresses; `thumb_media_id` is its cover."""

    title: str
    description: str
    music_url: str
    hq_music_url: str
    thumb_media_id: str


@dataclass(frozen=True)
class Article:
    """One card of a `NewsReply`."""

    title: str
    description: str
    picture_url: str
    url: str


@dataclass(frozen=True)
class NewsReply:
    """Cards. Answering a person's message WeChat shows one; answering a menu tap, up to eight."""

    articles: tuple[Article, ...]


@dataclass(frozen=True)
class TransferToCustomerService:
    """Hand the conversation to a human agent; the only passive reply of a mini-program."""

    agent: str = ""


Reply = (
    NoReply
    | TextReply
    | ImageReply
    | VoiceReply
    | VideoReply
    | MusicReply
    | NewsReply
    | TransferToCustomerService
)


def render_reply(reply: Reply, message: Message, created_at: int, body_format: Format) -> str:
    """Write `reply` to the sender of `message`, as the plaintext that goes into the envelope.

    Args:
        created_at: seconds since 1970.
        body_format: that of the message, "xml" or "json".

    Returns:
        XML or JSON; empty for `NoReply` and for a `NewsReply` without articles.
    """
    if isinstance(reply, TextReply) and body_format == "xml":
        return _text_xml(reply, message, created_at)
    body = _body(reply, message)
    if body is None:
        return ""
    document = {
        "ToUserName": message.sender,
        "FromUserName": message.recipient,
        "CreateTime": created_at,
        **body,
    }
    if body_format == "json":
        text = json.dumps(document, ensure_ascii=False)
        return text.encode("utf-8", "replace").decode("utf-8")
    return f"<xml>{_xml(document)}</xml>"


def _text_xml(reply: TextReply, message: Message, created_at: int) -> str:
    """What `_xml` would make of it, for the reply that is given a hundred times as often."""
    return (
        f"<xml><ToUserName>{cdata(message.sender)}</ToUserName>"
        f"<FromUserName>{cdata(message.recipient)}</FromUserName>"
        f"<CreateTime>{created_at}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(cut_to_bytes(reply.text, TEXT_BYTES_MAX))}</Content></xml>"
    )


def _body(reply: Reply, message: Message) -> dict[str, Any] | None:
    match reply:
        case NoReply():
            return None
        case TextReply(text):
            return {"MsgType": "text", "Content": cut_to_bytes(text, TEXT_BYTES_MAX)}
        case ImageReply(media_id):
            return {"MsgType": "image", "Image": {"MediaId": media_id}}
        case VoiceReply(media_id):
            return {"MsgType": "voice", "Voice": {"MediaId": media_id}}
        case VideoReply():
            return {"MsgType": "video", "Video": _video(reply)}
        case MusicReply():
            return {"MsgType": "music", "Music": _music(reply)}
        case NewsReply(articles):
            return _news(articles, from_person=message.msg_id is not None)
        case TransferToCustomerService(agent):
            transfer: dict[str, Any] = {"MsgType": "transfer_customer_service"}
            return transfer | ({"TransInfo": {"KfAccount": agent}} if agent else {})


def _video(reply: VideoReply) -> dict[str, str]:
    return {
        "MediaId": reply.media_id,
        "Title": reply.title,
        "Description": reply.description,
    }


def _music(reply: MusicReply) -> dict[str, str]:
    return {
        "Title": reply.title,
        "Description": reply.description,
        "MusicUrl": reply.music_url,
        "HQMusicUrl": reply.hq_music_url,
        "ThumbMediaId": reply.thumb_media_id,
    }


def _news(articles: tuple[Article, ...], *, from_person: bool) -> dict[str, Any] | None:
    shown = articles[: 1 if from_person else ARTICLES_MAX]
    if not shown:
        return None
    items = [
        {
            "Title": article.title,
            "Description": article.description,
            "PicUrl": article.picture_url,
            "Url": article.url,
        }
        for article in shown
    ]
    return {"MsgType": "news", "ArticleCount": len(items), "Articles": {"item": items}}


def _xml(fields: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>{_xml(value)}</{name}>"
    return f"<{name}>{value if isinstance(value, int) else cdata(value)}</{name}>"

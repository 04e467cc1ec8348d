"""Reading a backend's answer to a push as strictly as WeChat does."""

import json
from typing import Any

from wechat_simulator.entities import Account
from wechat_simulator.pushcrypto import BoxDoesNotOpen, open_box, same, sha1_of
from wechat_simulator.xmlform import XmlUnreadable, read_xml

TYPES = {
    "text",
    "image",
    "voice",
    "video",
    "music",
    "news",
    "transfer_customer_service",
}
TEXT_BYTES = 2048


class ReplyRefused(Exception):
    """An answer that WeChat calls bad; the text says why."""


def read_reply(account: Account, body: bytes, openid: str, kind: str) -> dict[str, Any] | None:
    """The decrypted reply; None for an empty answer or `success`.

    Raises:
        ReplyRefused: the answer is in the clear, badly signed or sealed, for someone else, or of
            no known type; an xpay answer is not "delivered".
    """
    if body.strip() in {b"", b"success"}:
        return None
    outer = _parse(account, body)
    if kind == "xpay":
        return _business(account, outer)
    if "Encrypt" not in outer:
        raise ReplyRefused("the answer is not encrypted though the account is in safe mode")
    fields = _parse(account, _opened(account, outer))
    _check_addresses(account, fields, openid)
    _check_type(account, fields)
    return fields


def _business(account: Account, outer: dict[str, Any]) -> dict[str, Any]:
    fields = _parse(account, _opened(account, outer)) if "Encrypt" in outer else outer
    code = fields.get("ErrCode", fields.get("Errcode"))
    if str(code) != "0":
        raise ReplyRefused("ErrCode is not 0")
    return fields


def _parse(account: Account, body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body.decode()) if account.format == "json" else read_xml(body)
    except (ValueError, XmlUnreadable) as error:
        raise ReplyRefused(f"the answer is not {account.format}") from error
    if not isinstance(fields, dict):
        raise ReplyRefused(f"the answer is not a {account.format} object")
    return fields


def _opened(account: Account, outer: dict[str, Any]) -> bytes:
    parts = [outer.get(name) for name in ("TimeStamp", "Nonce", "Encrypt", "MsgSignature")]
    if any(part is None or part == "" for part in parts):
        raise ReplyRefused("the answer lacks TimeStamp, Nonce, Encrypt or MsgSignature")
    timestamp, nonce, sealed, signature = (str(part) for part in parts)
    if not timestamp.isdigit():
        raise ReplyRefused("TimeStamp is not a number")
    if not same(sha1_of(account.token, timestamp, nonce, sealed), signature):
        raise ReplyRefused("MsgSignature is wrong")
    for key in (account.aes_key, account.aes_key_previous):
        if key is None:
            continue
        try:
            return open_box(sealed, account.appid, key)
        except BoxDoesNotOpen:
            continue
    raise ReplyRefused("Encrypt cannot be opened with this account's key and appid")


def _check_addresses(account: Account, fields: dict[str, Any], openid: str) -> None:
    if fields.get("ToUserName") != openid:
        raise ReplyRefused("ToUserName is not the person's openid")
    if fields.get("FromUserName") != account.original_id:
        raise ReplyRefused("FromUserName is not the account's original id")
    if not str(fields.get("CreateTime", "")).isdigit():
        raise ReplyRefused("CreateTime is not a number")


def _check_type(account: Account, fields: dict[str, Any]) -> None:
    kind = fields.get("MsgType")
    if kind not in TYPES:
        raise ReplyRefused("MsgType is unknown")
    if account.kind == "mini" and kind != "transfer_customer_service":
        raise ReplyRefused("a mini-program may only reply transfer_customer_service")
    if kind == "text":
        text = fields.get("Content")
        if not isinstance(text, str) or not text:
            raise ReplyRefused("Content is empty")
        if len(text.encode()) > TEXT_BYTES:
            raise ReplyRefused(f"Content is longer than {TEXT_BYTES} bytes")
    elif kind == "news":
        _check_news(fields)
    elif kind in {"image", "voice", "video"} and not _media_id(fields, str(kind)):
        raise ReplyRefused("MediaId is empty")


def _check_news(fields: dict[str, Any]) -> None:
    articles = fields.get("Articles")
    if items := (articles.get("item") if isinstance(articles, dict) else articles):
        count = len(items) if isinstance(items, list) else 1
        if str(fields.get("ArticleCount")) == str(count):
            return
    raise ReplyRefused("ArticleCount is not the number of articles")


def _media_id(fields: dict[str, Any], kind: str) -> str:
    inside = fields.get(kind.capitalize())
    return str(inside.get("MediaId", "")) if isinstance(inside, dict) else ""

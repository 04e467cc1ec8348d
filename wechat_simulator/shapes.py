"""What people see: replies and customer-service messages in one plain shape."""

from typing import Any

from wechat_simulator.entities import Message

Shown = tuple[str, dict[str, Any]]


def shown_reply(fields: dict[str, Any]) -> Shown:
    """A passive reply (the decrypted fields) as (type, what the person sees)."""
    kind = str(fields["MsgType"])
    if kind == "text":
        return kind, {"text": fields["Content"]}
    if kind == "news":
        articles = fields["Articles"]
        items = articles["item"] if isinstance(articles, dict) else articles
        items = items if isinstance(items, list) else [items]
        # A reply to a message shows its first article only.
        return kind, {"articles": [_article(one) for one in items[:1]]}
    if kind == "transfer_customer_service":
        inside = fields.get("TransInfo")
        return kind, {"kf_account": inside.get("KfAccount") if isinstance(inside, dict) else None}
    return kind, _lowered(fields.get(kind.capitalize(), {}))


def shown_custom(body: dict[str, Any]) -> Shown:
    """A customer-service message (its JSON) as (type, what the person sees)."""
    kind = str(body["msgtype"])
    inside = body.get(kind, {})
    if kind == "text":
        return kind, {"text": inside["content"]}
    if kind == "news":
        return kind, {"articles": [_article(one) for one in inside["articles"]]}
    if kind == "msgmenu":
        return kind, {
            "head": inside.get("head_content", ""),
            "list": inside.get("list", []),
            "tail": inside.get("tail_content", ""),
        }
    return kind, dict(inside)


def shown_message(message: Message) -> dict[str, Any]:
    """A kept message as JSON values."""
    return {
        "id": message.id,
        "at": message.at,
        "channel": message.channel,
        "via": message.via,
        "type": message.type,
        **message.fields,
    }


def _article(given: dict[str, Any]) -> dict[str, Any]:
    low = {name.lower(): value for name, value in given.items()}
    return {
        "title": low.get("title", ""),
        "description": low.get("description", ""),
        "pic_url": low.get("picurl", ""),
        "url": low.get("url", ""),
    }


def _lowered(given: Any) -> dict[str, Any]:
    names: dict[str, str] = {
        "MediaId": "media_id",
        "Title": "title",
        "Description": "description",
        "MusicUrl": "music_url",
        "HQMusicUrl": "hq_music_url",
        "ThumbMediaId": "thumb_media_id",
    }
    fields: dict[str, Any] = given if isinstance(given, dict) else {}
    return {names.get(name, name): value for name, value in fields.items()}

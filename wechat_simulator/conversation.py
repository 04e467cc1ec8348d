"""What people do in the chat: write, send things, tap the menu, open the service window."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from wechat_simulator import allowances
from wechat_simulator.api.media import LIVES_S, address, keep
from wechat_simulator.callbacks import Delivery, deliver
from wechat_simulator.entities import Account, Media, Person
from wechat_simulator.impossible import Impossible
from wechat_simulator.people import event_fields, show_reply, the_person
from wechat_simulator.world import World

TEXT_CHARS = 20_000
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
_AMR = b"#!AMR\n" + bytes([0x3C]) + bytes(31)
_MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00\x00\x00\x08free"
_FILES: dict[str, tuple[str, str, bytes]] = {
    "image": ("photo.png", "image/png", _PNG),
    "voice": ("voice.amr", "audio/amr", _AMR),
    "video": ("video.mp4", "video/mp4", _MP4),
    "shortvideo": ("sight.mp4", "video/mp4", _MP4),
    "thumb": ("thumb.png", "image/png", _PNG),
}
Given = dict[str, Any]


def send(world: World, person_id: str, app: str, given: Given) -> Delivery:
    """Send a message to an account.

    `given` holds `type` and that type's fields; `event` sends any event with its `fields`.

    Raises:
        Impossible: an unknown person, app or type, or a field of a wrong form.
    """
    person = the_person(world, person_id)
    account = the_account(world, app)
    kind = given.get("type", "text")
    if kind == "event":
        return _send_event(world, person, account, given)
    if not isinstance(kind, str) or kind not in _WRITERS:
        raise Impossible("type", f"type is one of {', '.join([*_WRITERS, 'event'])}")
    with world.lock:
        content = _WRITERS[kind](world, account, given)
        number = world.count("msg_id")
        fields = {
            "ToUserName": account.original_id,
            "FromUserName": person.openid(account.kind),
            "CreateTime": int(world.clock.now()),
            "MsgType": kind,
            **content,
            "MsgId": 24_000_000_000_000_000 + number * 1_000 + world.rng.randrange(1_000),
        }
        world.said(person_id, account.kind, kind, _as_seen(kind, content))
        allowances.allow(world, account.kind, person_id, "message")
        world.things.active[f"{account.kind}/{person_id}"] = world.clock.now()
    delivery = deliver(world, account, fields, notify=person_id)
    show_reply(world, person_id, account, delivery)
    return delivery


def enter(world: World, person_id: str, session_from: str = "") -> Delivery:
    """Open the mini-program's customer-service window."""
    given = {"event": "user_enter_tempsession", "fields": {"SessionFrom": session_from}}
    return _send_event(world, the_person(world, person_id), world.accounts.mini, given)


def the_account(world: World, app: Any) -> Account:
    """The account named `oa` or `mini`.

    Raises:
        Impossible: another name.
    """
    if app not in ("oa", "mini"):
        raise Impossible("app", "app is oa or mini")
    return world.accounts.oa if app == "oa" else world.accounts.mini


def _send_event(world: World, person: Person, account: Account, given: Given) -> Delivery:
    name = _text(given, "event", 1, 64)
    extra = given.get("fields", {})
    if not isinstance(extra, dict):
        raise Impossible("fields", "fields is an object of the event's own fields")
    reserved = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"} & set(extra)
    if reserved:
        raise Impossible("fields", f"{min(reserved)} is set by the platform")
    if not all(one.isidentifier() for one in extra):
        raise Impossible("fields", "the names of fields are letters, digits and _")
    with world.lock:
        mini = account.kind == "mini"
        fields = event_fields(world, person, {"Event": name, **extra}, mini=mini)
        if name == "user_enter_tempsession" and mini:
            allowances.allow(world, "mini", person.id, "enter")
    delivery = deliver(world, account, fields)
    show_reply(world, person.id, account, delivery)
    return delivery


def _write_text(world: World, account: Account, given: Given) -> Given:
    del world, account
    content: Given = {"Content": _text(given, "text", 1, TEXT_CHARS)}
    if "bizmsgmenuid" in given:
        content["bizmsgmenuid"] = _text(given, "bizmsgmenuid", 1, 64)
    return content


def _write_image(world: World, account: Account, given: Given) -> Given:
    media = _file(world, account, "image", given)
    return {"PicUrl": address(world, media), "MediaId": media.media_id}


def _write_voice(world: World, account: Account, given: Given) -> Given:
    media = _file(world, account, "voice", given)
    content: Given = {"MediaId": media.media_id, "Format": "amr"}
    if "recognition" in given:
        content["Recognition"] = _text(given, "recognition", 0, 2_000)
    return content


def _write_video(world: World, account: Account, given: Given) -> Given:
    media = _file(world, account, "video", given)
    thumb = _file(world, account, "thumb", {})
    return {"MediaId": media.media_id, "ThumbMediaId": thumb.media_id}


def _write_location(world: World, account: Account, given: Given) -> Given:
    del world, account
    return {
        "Location_X": _number(given, "latitude", -90, 90, 30.2741),
        "Location_Y": _number(given, "longitude", -180, 180, 120.1551),
        "Scale": int(_number(given, "scale", 1, 30, 15)),
        "Label": _text({"label": given.get("label", "杭州市西湖区")}, "label", 0, 500),
    }


def _write_link(world: World, account: Account, given: Given) -> Given:
    del world, account
    return {
        "Title": _text(given, "title", 1, 500),
        "Description": _text({"d": given.get("description", "")}, "d", 0, 2_000),
        "Url": _text(given, "url", 1, 2_000),
    }


def _write_file(world: World, account: Account, given: Given) -> Given:
    content = _bytes(given, b"file")
    del account
    return {
        "Title": _text({"title": given.get("title", "文件.pdf")}, "title", 1, 500),
        "Description": _text({"d": given.get("description", "")}, "d", 0, 2_000),
        "FileKey": f"{world.rng.getrandbits(128):032x}",
        "FileMd5": hashlib.md5(content).hexdigest(),
        "FileTotalLen": len(content),
    }


def _write_page(world: World, account: Account, given: Given) -> Given:
    if account.kind != "mini":
        raise Impossible("type", "miniprogrampage goes to the mini-program only: app is mini")
    thumb = _file(world, account, "thumb", {})
    return {
        "Title": _text(given, "title", 1, 500),
        "AppId": account.appid,
        "PagePath": _text({"p": given.get("page_path", "pages/index/index")}, "p", 1, 1_000),
        "ThumbUrl": address(world, thumb),
        "ThumbMediaId": thumb.media_id,
    }


_WRITERS: dict[str, Callable[[World, Account, Given], Given]] = {
    "text": _write_text,
    "image": _write_image,
    "voice": _write_voice,
    "video": _write_video,
    "shortvideo": _write_video,
    "location": _write_location,
    "link": _write_link,
    "file": _write_file,
    "miniprogrampage": _write_page,
}


def _file(world: World, account: Account, kind: str, given: Given) -> Media:
    filename, content_type, standard = _FILES[kind]
    content = _bytes(given, standard)
    until = world.clock.now() + LIVES_S
    return keep(world, account.appid, kind, filename, content_type, content, until)


def _bytes(given: Given, standard: bytes) -> bytes:
    encoded = given.get("content_base64")
    if encoded is None:
        return standard
    try:
        content = base64.b64decode(encoded, validate=True)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Impossible("content_base64", "content_base64 is not base64") from error
    if not content:
        raise Impossible("content_base64", "content_base64 is empty")
    return content


def _text(given: Given, name: str, least: int, most: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise Impossible(name, f"{name} is a text of {least} to {most} characters")
    if any("\ud800" <= one <= "\udfff" for one in value):
        raise Impossible(name, f"{name} holds half a character")
    return value


def _number(given: Given, name: str, least: float, most: float, standard: float) -> float:
    value = given.get(name, standard)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Impossible(name, f"{name} is a number from {least} to {most}")
    return value


def _as_seen(kind: str, content: Given) -> Given:
    if kind == "text":
        return {"text": content["Content"]}
    names = {"PicUrl": "pic_url", "MediaId": "media_id", "Title": "title", "Url": "url"}
    names |= {"Description": "description", "Label": "label", "ThumbUrl": "pic_url"}
    names |= {"Recognition": "recognition", "PagePath": "page_path"}
    return {names[name]: value for name, value in content.items() if name in names}

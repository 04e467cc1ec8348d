"""Tapping the menu under the chat."""

from dataclasses import dataclass
from typing import Any

from wechat_simulator import allowances
from wechat_simulator.api.menu import buttons_of
from wechat_simulator.callbacks import Delivery, deliver
from wechat_simulator.impossible import Impossible
from wechat_simulator.people import event_fields, show_reply, the_person
from wechat_simulator.world import World

_PICTURES = {"pic_sysphoto", "pic_photo_or_album", "pic_weixin"}
_SCANS = {"scancode_push", "scancode_waitmsg"}
_SILENT = {"media_id", "view_limited", "article_id", "article_view_limited"}


@dataclass
class Tapped:
    """What a tap did: the push, and the page that opens on the telephone."""

    delivery: Delivery
    opens: str | None = None


def tap(world: World, person_id: str, key: Any, given: dict[str, Any]) -> Tapped:
    """Tap the button with this key, address, page path or name.

    Raises:
        Impossible: no such person, or no such button in the menu as it is now.
    """
    person = the_person(world, person_id)
    account = world.accounts.oa
    with world.lock:
        button = _button(world, key)
        kind = button["type"]
        if kind in _SILENT:
            return Tapped(Delivery(0, 0))
        fields = event_fields(world, person, _event(button, given))
        allowances.allow(world, "oa", person_id, "menu")
    notify = person_id if kind in {"click", "scancode_waitmsg"} else None
    delivery = deliver(world, account, fields, notify=notify)
    show_reply(world, person_id, account, delivery)
    return Tapped(delivery, button["url"] if kind == "view" else None)


def _button(world: World, key: Any) -> dict[str, Any]:
    buttons = buttons_of(world, world.accounts.oa.appid)
    for name in ("key", "url", "pagepath", "name"):
        for button in buttons:
            if isinstance(key, str) and button.get(name) == key:
                return button
    names = [str(one.get("key") or one.get("url") or one.get("pagepath")) for one in buttons]
    there = f"there are: {', '.join(names)}" if names else "the account has no menu yet"
    raise Impossible("button_unknown", f"no button has this key; {there}", 404)


def _event(button: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    kind = button["type"]
    if kind == "click":
        return {"Event": "CLICK", "EventKey": button["key"]}
    if kind == "view":
        return {"Event": "VIEW", "EventKey": button["url"]}
    if kind == "miniprogram":
        return {"Event": "view_miniprogram", "EventKey": button["pagepath"]}
    event: dict[str, Any] = {"Event": kind, "EventKey": button["key"]}
    if kind in _SCANS:
        result = str(given.get("scan_result", "1"))[:2_000]
        event["ScanCodeInfo"] = {"ScanType": "qrcode", "ScanResult": result}
    elif kind in _PICTURES:
        picture = {"item": [{"PicMd5Sum": "5a75aaca956d97be686719218f275c6b"}]}
        event["SendPicsInfo"] = {"Count": 1, "PicList": picture}
    else:
        event["SendLocationInfo"] = {
            "Location_X": "30.2741",
            "Location_Y": "120.1551",
            "Scale": "15",
            "Label": "杭州市西湖区",
            "Poiname": "",
        }
    return event

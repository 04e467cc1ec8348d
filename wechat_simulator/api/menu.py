"""The menu under the chat, checked for sizes as WeChat checks it."""

import re
from typing import Any

from wechat_simulator.api.entry import Call, serve
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Kind
from wechat_simulator.routes import Response, Router
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
NEEDS: dict[str, tuple[str, ...]] = {
    "click": ("key",),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "scancode_push": ("key",),
    "scancode_waitmsg": ("key",),
    "pic_sysphoto": ("key",),
    "pic_photo_or_album": ("key",),
    "pic_weixin": ("key",),
    "location_select": ("key",),
    "media_id": ("media_id",),
    "view_limited": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}


def register(router: Router, world: World) -> None:
    """Serve menu create, get, delete and the current menu."""
    oa: tuple[Kind, ...] = ("oa",)
    serve(router, world, "POST", "/cgi-bin/menu/create", create, kinds=oa, quota=1000)
    serve(router, world, "GET", "/cgi-bin/menu/get", get, kinds=oa, quota=10_000)
    serve(router, world, "GET", "/cgi-bin/menu/delete", delete, kinds=oa, quota=1000)
    serve(router, world, "GET", "/cgi-bin/get_current_selfmenu_info", current, kinds=oa)


def create(call: Call) -> dict[str, Any]:
    """Replace the menu."""
    if re.search(rb"\\u[0-9a-fA-F]{4}", call.request.raw_body):
        raise Refused(40033)
    buttons = call.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refused(40016)
    for button in buttons:
        _check_top(button)
    call.world.things.menus[call.account.appid] = buttons
    return OK


def get(call: Call) -> dict[str, Any]:
    """The menu as it was created."""
    buttons = call.world.things.menus.get(call.account.appid)
    if buttons is None:
        raise Refused(46003)
    return {"menu": {"button": buttons}}


def delete(call: Call) -> dict[str, Any]:
    """Remove the menu."""
    call.world.things.menus.pop(call.account.appid, None)
    return OK


def current(call: Call) -> dict[str, Any] | Response:
    """The menu in the form of the console."""
    buttons = call.world.things.menus.get(call.account.appid)
    if buttons is None:
        return {"is_menu_open": 0}
    return {"is_menu_open": 1, "selfmenu_info": {"button": buttons}}


def buttons_of(world: World, appid: str) -> list[dict[str, Any]]:
    """Every button that can be tapped, sub-buttons included."""
    flat: list[dict[str, Any]] = []
    for button in world.things.menus.get(appid, []):
        flat.extend(button.get("sub_button") or [button])
    return flat


def _check_top(button: Any) -> None:
    if not isinstance(button, dict):
        raise Refused(40015)
    _check_text(button, "name", 16, 40018)
    subs = button.get("sub_button")
    if not subs:
        _check_action(button, 40017, 40019, 40020)
        return
    if not isinstance(subs, list) or len(subs) > 5:
        raise Refused(40023)
    for sub in subs:
        if not isinstance(sub, dict):
            raise Refused(40024)
        _check_text(sub, "name", 60, 40025)
        _check_action(sub, 40024, 40026, 40027)


def _check_action(button: dict[str, Any], type_code: int, key_code: int, url_code: int) -> None:
    kind = button.get("type")
    if not isinstance(kind, str) or kind not in NEEDS:
        raise Refused(type_code)
    for name in NEEDS[kind]:
        limit, code = {"key": (128, key_code), "url": (1024, url_code)}.get(name, (1024, 40035))
        _check_text(button, name, limit, code)
    if kind == "view" and not re.match(r"https?://\S+$", button["url"]):
        raise Refused(40055)


def _check_text(button: dict[str, Any], name: str, most_bytes: int, errcode: int) -> None:
    value = button.get(name)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most_bytes:
        raise Refused(errcode)

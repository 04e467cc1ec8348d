"""What the telephone checks and shows for a page: the JS-SDK signature, the pay sheet."""

import hashlib
import re
from typing import Any

from wechat_simulator.pay.office import office_of
from wechat_simulator.pushcrypto import same
from wechat_simulator.routes import Request
from wechat_simulator.world import World


def check_config(world: World, request: Request) -> dict[str, Any]:
    """Whether `wx.config` of a page is signed with the account's ticket for that very address."""
    given = _object(request)
    parts = [given.get(name) for name in ("appId", "nonceStr", "timestamp", "signature", "url")]
    if not all(isinstance(part, str | int) and part for part in parts):
        return {"ok": False, "errMsg": "config:invalid parameter"}
    appid, nonce, timestamp, signature, url = (str(part) for part in parts)
    kept = world.things.tickets.get(f"{appid} jsapi")
    if kept is None:
        return {"ok": False, "errMsg": "config:invalid signature"}
    address = url.partition("#")[0]
    text = f"jsapi_ticket={kept[0]}&noncestr={nonce}&timestamp={timestamp}&url={address}"
    if not same(hashlib.sha1(text.encode()).hexdigest(), signature):
        return {"ok": False, "errMsg": "config:invalid signature"}
    return {"ok": True, "errMsg": "config:ok"}


def pay_sheet(world: World, request: Request) -> dict[str, Any]:
    """Amount and description behind `package`; an empty sheet for an unknown one."""
    package = _object(request).get("package")
    found = re.fullmatch(r"prepay_id=(\S+)", package) if isinstance(package, str) else None
    if found is None:
        return {"known": False}
    office = office_of(world)
    with world.lock:
        order = office.desk().prepaid_order(found[1])
    if order is None:
        return {"known": False}
    return {"known": True, "amount_fen": order.total_fen, "description": order.description}


def _object(request: Request) -> dict[str, Any]:
    try:
        given = request.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}

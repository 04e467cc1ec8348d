"""Followers, tags, tickets and parametric QR codes of the Official Account."""

from typing import Any

from wechat_simulator import chance, qrimage
from wechat_simulator.api.entry import Call, serve, serve_open
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Follower, Kind, Person, QrCode
from wechat_simulator.routes import MP, Request, Response, Router
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
OA: tuple[Kind, ...] = ("oa",)
TICKET_S = 7200
LONGEST_S = 2_592_000


def register(router: Router, world: World) -> None:
    """Serve user info, batchget, list and remark, the JS ticket and the QR codes."""
    serve(router, world, "GET", "/cgi-bin/user/info", info, kinds=OA, quota=5_000_000)
    serve(router, world, "POST", "/cgi-bin/user/info/batchget", batchget, kinds=OA)
    serve(router, world, "GET", "/cgi-bin/user/get", listing, kinds=OA, quota=500)
    serve(router, world, "POST", "/cgi-bin/user/info/updateremark", remark, kinds=OA)
    serve(router, world, "GET", "/cgi-bin/ticket/getticket", ticket)
    serve(router, world, "POST", "/cgi-bin/qrcode/create", create_qr, kinds=OA, quota=100_000)
    serve_open(router, world, "GET", "/cgi-bin/showqrcode", show_qr, host=MP)


def info(call: Call) -> dict[str, Any]:
    """What the account may know of one person: no name, no picture."""
    return _info(call, call.request.query.get("openid", ""))


def batchget(call: Call) -> dict[str, Any]:
    """The same for up to 100 people."""
    asked = call.body.get("user_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= 100:
        raise Refused(40035, "hint: [user_list]")
    if not all(isinstance(one, dict) for one in asked):
        raise Refused(47001)
    return {"user_info_list": [_info(call, str(one.get("openid", ""))) for one in asked]}


def listing(call: Call) -> dict[str, Any]:
    """Everybody who follows, 10,000 at a time."""
    following = [
        call.world.people[one.person_id].oa_openid
        for one in call.world.things.followers.values()
        if one.following
    ]
    start = call.request.query.get("next_openid", "")
    if start and start not in following:
        raise Refused(40003)
    page = following[following.index(start) + 1 if start else 0 :][:10_000]
    answer: dict[str, Any] = {"total": len(following), "count": len(page)}
    if page:
        answer["data"] = {"openid": page}
    return {**answer, "next_openid": page[-1] if page else ""}


def remark(call: Call) -> dict[str, Any]:
    """The account's own name for a follower."""
    follower = _follower(call, call.text("openid", 40003))
    text = call.body.get("remark", "")
    if not isinstance(text, str) or len(text.encode()) >= 30 * 3:
        raise Refused(40035, "hint: [remark]")
    if follower is None:
        raise Refused(43004)
    follower.remark = text
    return OK


def ticket(call: Call) -> dict[str, Any]:
    """The ticket for signing JS-SDK pages; the same one until it nears its end."""
    kind = call.request.query.get("type", "")
    if kind not in {"jsapi", "wx_card"}:
        raise Refused(40097, "hint: [type]")
    name = f"{call.account.appid} {kind}"
    now = call.world.clock.now()
    kept = call.world.things.tickets.get(name)
    if kept is None or kept[1] - now < 300:
        kept = (f"sM4AOVdWfPE4DxkXGEs8V{chance.letters(call.world.rng, 65)}", now + TICKET_S)
        call.world.things.tickets[name] = kept
    return {**OK, "ticket": kept[0], "expires_in": int(kept[1] - now)}


def create_qr(call: Call) -> dict[str, Any]:
    """A QR code that brings a scene along."""
    action = call.body.get("action_name")
    scene = _scene(action, call.body.get("action_info"))
    lives = _lives(action, call.body.get("expire_seconds"))
    now = call.world.clock.now()
    if lives is None:
        permanent = [one for one in call.world.things.qr_codes.values() if one.expires_at is None]
        if len(permanent) >= 100_000:
            raise Refused(40053)
    code = QrCode(
        ticket="gQ" + chance.letters(call.world.rng, 92) + "==",
        scene=scene,
        url="http://weixin.qq.com/q/" + chance.letters(call.world.rng, 22),
        expires_at=None if lives is None else now + lives,
    )
    call.world.things.qr_codes[code.ticket] = code
    answer: dict[str, Any] = {"ticket": code.ticket, "url": code.url}
    if lives is not None:
        answer["expire_seconds"] = lives
    return answer


def show_qr(world: World, request: Request) -> Response:
    """The picture of a QR code."""
    code = world.things.qr_codes.get(request.query.get("ticket", ""))
    if code is None or (code.expires_at is not None and world.clock.now() > code.expires_at):
        return Response(404)
    return Response(200, qrimage.png(code.url), {"Content-Type": "image/png"})


def _follower(call: Call, openid: str) -> Follower | None:
    person = _person(call, openid)
    found = call.world.things.followers.get(person.id)
    return found if found is not None and found.following else None


def _person(call: Call, openid: str) -> Person:
    person = call.world.person_by_openid(openid, "oa")
    if person is None:
        raise Refused(40003)
    return person


def _info(call: Call, openid: str) -> dict[str, Any]:
    person = _person(call, openid)
    follower = _follower(call, openid)
    if follower is None:
        return {"subscribe": 0, "openid": openid, "unionid": person.unionid}
    number = follower.qr_scene.isdigit()
    return {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": int(follower.at),
        "unionid": person.unionid,
        "remark": follower.remark,
        "groupid": 0,
        "tagid_list": list(follower.tags),
        "subscribe_scene": follower.scene,
        "qr_scene": int(follower.qr_scene) if number else 0,
        "qr_scene_str": "" if number else follower.qr_scene,
    }


def _scene(action: Any, given: Any) -> str:
    scene = given.get("scene") if isinstance(given, dict) else None
    if not isinstance(scene, dict):
        raise Refused(40053)
    if action in ("QR_SCENE", "QR_LIMIT_SCENE"):
        number = scene.get("scene_id")
        most = 100_000 if action == "QR_LIMIT_SCENE" else 2**32 - 1
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
            raise Refused(40053)
        return str(number)
    if action in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise Refused(40053)
        return text
    raise Refused(40053)


def _lives(action: Any, given: Any) -> int | None:
    if action in ("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        return None
    if given is None:
        return 30
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= LONGEST_S:
        raise Refused(40053)
    return given

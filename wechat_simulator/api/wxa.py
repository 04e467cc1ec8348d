"""Mini-program services: text checks, phone numbers, codes, links, pay-order shipping."""

import re
from typing import Any

from wechat_simulator import chance, qrimage
from wechat_simulator.api.entry import Call, serve
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Kind
from wechat_simulator.routes import Response, Router
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
MINI: tuple[Kind, ...] = ("mini",)
ACTIVE_S = 2 * 3600
KEYWORDS: dict[int, tuple[str, ...]] = {
    10001: ("加微信领红包", "代开发票", "刷单兼职"),
    20001: ("颠覆政权演练",),
    20002: ("色情测试词", "约炮"),
    20003: ("去死吧傻子",),
    20006: ("出售枪支", "贩毒测试词"),
    20008: ("稳赚不赔", "转账到安全账户"),
    20012: ("低俗测试词",),
    20013: ("盗版资源合集",),
}
REVIEW: tuple[str, ...] = ("内幕消息", "包治百病", "需要人工看一看")
_SCENE = re.compile(r"[0-9a-zA-Z!#$&'()*+,/:;=?@\-._~]{1,32}")


def register(router: Router, world: World) -> None:
    """Serve the calls under /wxa."""
    serve(router, world, "POST", "/wxa/msg_sec_check", check_text, quota=1_000_000, a_minute=2_000)
    serve(router, world, "POST", "/wxa/business/getuserphonenumber", phone_number, kinds=MINI)
    serve(router, world, "POST", "/wxa/getwxacodeunlimit", code_unlimited, kinds=MINI)
    serve(router, world, "POST", "/wxa/generate_urllink", url_link, kinds=MINI, quota=500_000)
    serve(router, world, "POST", "/wxa/generatescheme", scheme, kinds=MINI, quota=500_000)


def check_text(call: Call) -> dict[str, Any]:
    """Judge a text by the list above; `\\uXXXX` left in it hides the words from the judge."""
    if call.body.get("version") != 2:
        raise Refused(40097, "hint: [version]")
    if call.body.get("scene") not in (1, 2, 3, 4):
        raise Refused(40097, "hint: [scene]")
    openid = call.text("openid", 40003)
    person = call.world.person_by_openid(openid, call.account.kind)
    if person is None:
        raise Refused(40003)
    seen = call.world.things.active.get(f"{call.account.kind}/{person.id}", 0)
    if call.world.clock.now() - seen > ACTIVE_S:
        raise Refused(61010)
    content = call.text("content", 44004)
    if len(content) > 2_500:
        raise Refused(45002)
    text = content + "".join(str(call.body.get(name, "")) for name in ("nickname", "title"))
    suggest, label, word = _judged(text)
    detail: dict[str, Any] = {"strategy": "keyword", "errcode": 0}
    if word:
        detail |= {"suggest": suggest, "label": label, "level": 90, "keyword": word}
    model = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label}
    return {
        **OK,
        "detail": [model | {"prob": 90}, detail] if word else [model],
        "trace_id": f"{chance.hexadecimal(call.world.rng, 8)}-{call.world.count('trace'):08x}",
        "result": {"suggest": suggest, "label": label},
    }


def phone_number(call: Call) -> dict[str, Any]:
    """The number behind the code of the phone button."""
    code = call.world.things.codes.get(call.text("code", 40029))
    now = call.world.clock.now()
    if code is None or code.purpose != "phone" or code.used or now > code.expires_at:
        raise Refused(40029)
    code.used = True
    number = call.world.people[code.person_id].phone
    return {
        **OK,
        "phone_info": {
            "phoneNumber": number,
            "purePhoneNumber": number,
            "countryCode": "86",
            "watermark": {"timestamp": int(now), "appid": call.account.appid},
        },
    }


def code_unlimited(call: Call) -> Response:
    """A picture that leads to a page of the mini-program; here a QR code of page and scene."""
    scene, page = call.body.get("scene"), call.body.get("page", "pages/index/index")
    if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
        raise Refused(40129)
    if not isinstance(page, str) or page.startswith("/") or "?" in page:
        raise Refused(41030)
    width = call.body.get("width", 430)
    if isinstance(width, bool) or not isinstance(width, int) or not 280 <= width <= 1280:
        raise Refused(40097, "hint: [width]")
    picture = qrimage.png(f"wxacode:{page}?scene={scene}", scale=max(4, width // 50))
    return Response(200, picture, {"Content-Type": "image/png"})


def url_link(call: Call) -> dict[str, Any]:
    """A web address that opens the mini-program."""
    _check_jump(call.body)
    return {**OK, "url_link": f"https://wxaurl.cn/{chance.letters(call.world.rng, 11)}"}


def scheme(call: Call) -> dict[str, Any]:
    """A scheme address that opens the mini-program."""
    jump = call.body.get("jump_wxa", {})
    if not isinstance(jump, dict):
        raise Refused(47001, "hint: [jump_wxa]")
    _check_jump(jump)
    ticket = chance.letters(call.world.rng, 11)
    return {**OK, "openlink": f"weixin://dl/business/?t={ticket}"}


def _check_jump(given: dict[str, Any]) -> None:
    path, query = given.get("path", ""), given.get("query", "")
    if not isinstance(path, str) or path.startswith("/") or "?" in path:
        raise Refused(41030)
    if not isinstance(query, str) or len(query) > 1_024:
        raise Refused(40097, "hint: [query]")


def _judged(text: str) -> tuple[str, int, str]:
    for label, words in KEYWORDS.items():
        for word in words:
            if word in text:
                return "risky", label, word
    for word in REVIEW:
        if word in text:
            return "review", 21000, word
    return "pass", 100, ""

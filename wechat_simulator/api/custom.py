"""Customer-service messages and the typing sign."""

from typing import Any

from wechat_simulator import allowances
from wechat_simulator.api.entry import Call, serve
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Person
from wechat_simulator.routes import Router
from wechat_simulator.shapes import shown_custom
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
OA_TYPES = {
    "text",
    "image",
    "voice",
    "video",
    "music",
    "news",
    "mpnews",
    "mpnewsarticle",
    "msgmenu",
    "wxcard",
    "miniprogrampage",
}
MINI_TYPES = {"text", "image", "link", "miniprogrampage"}
TEXT_BYTES = 2048
_NEEDED: dict[str, tuple[str, ...]] = {
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "music": ("musicurl", "thumb_media_id"),
    "mpnews": ("media_id",),
    "mpnewsarticle": ("article_id",),
    "msgmenu": ("list",),
    "wxcard": ("card_id",),
    "link": ("title", "url"),
    "miniprogrampage": ("title", "pagepath"),
}


def register(router: Router, world: World) -> None:
    """Serve custom/send and custom/typing."""
    serve(router, world, "POST", "/cgi-bin/message/custom/send", send, quota=500_000)
    serve(router, world, "POST", "/cgi-bin/message/custom/typing", typing)
    serve(router, world, "POST", "/cgi-bin/message/custom/business/typing", typing)


def addressee(call: Call) -> Person:
    """The person named by `touser`.

    Raises:
        Refused: 40003, no openid of this account; 43004, not following.
    """
    person = call.world.person_by_openid(call.text("touser", 40003), call.account.kind)
    if person is None:
        raise Refused(40003)
    follower = call.world.things.followers.get(person.id)
    if call.account.kind == "oa" and follower is not None and not follower.following:
        raise Refused(43004)
    return person


def send(call: Call) -> dict[str, Any]:
    """Send a message inside a window that the person opened."""
    person = addressee(call)
    _check(call)
    refusal = allowances.use(call.world, call.account.kind, person.id)
    if refusal:
        raise Refused(refusal)
    kind, fields = shown_custom(call.body)
    call.world.reached(person.id, call.account.kind, "custom", kind, fields)
    return OK


def typing(call: Call) -> dict[str, Any]:
    """Show or hide the typing sign; needs a message of the person in the last 30 seconds."""
    person = addressee(call)
    command = call.body.get("command")
    if command not in ("Typing", "CancelTyping"):
        raise Refused(45072)
    now = call.world.clock.now()
    spoke = call.world.things.active.get(f"{call.account.kind}/{person.id}", 0)
    if now - spoke > 30:
        raise Refused(45080)
    signs = call.world.things.active
    name = f"typing/{call.account.kind}/{person.id}"
    if command == "Typing" and signs.get(name, 0) > now:
        raise Refused(45081)
    signs[name] = now + 15 if command == "Typing" else 0
    return OK


def _check(call: Call) -> None:
    kind = call.body.get("msgtype")
    if not isinstance(kind, str):
        raise Refused(47001, "hint: [msgtype]")
    if kind not in (OA_TYPES if call.account.kind == "oa" else MINI_TYPES):
        raise Refused(40008, "hint: [msgtype]")
    inside = call.body.get(kind)
    if not isinstance(inside, dict):
        raise Refused(47001, f"hint: [{kind}]")
    if kind == "text":
        _check_text(inside.get("content"))
    if kind == "news":
        _check_news(inside)
    for name in _NEEDED.get(kind, ()):
        if not inside.get(name):
            raise Refused(40007 if name == "media_id" else 47001, f"hint: [{kind}.{name}]")
    if "media_id" in inside and str(inside["media_id"]) not in call.world.things.media:
        raise Refused(40007)


def _check_text(text: Any) -> None:
    if not isinstance(text, str) or not text:
        raise Refused(44004)
    if len(text.encode("utf-8", "replace")) > TEXT_BYTES:
        raise Refused(45002)


def _check_news(inside: dict[str, Any]) -> None:
    articles = inside.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refused(44003)
    if len(articles) > 1:
        raise Refused(45008)
    if not isinstance(articles[0], dict):
        raise Refused(47001, "hint: [articles]")

"""Drafts and publishing of articles."""

from typing import Any

from wechat_simulator import chance
from wechat_simulator.api.entry import Call, serve
from wechat_simulator.api.refusals import Refused
from wechat_simulator.callbacks import deliver
from wechat_simulator.entities import Due, Kind
from wechat_simulator.routes import Router
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
OA: tuple[Kind, ...] = ("oa",)
PUBLISH_DUE = "article-published"
PUBLISH_S = 5
CONTENT_CHARS = 20_000


def register(router: Router, world: World) -> None:
    """Serve draft/* and freepublish/*."""
    for name, handler, quota in (
        ("draft/add", add, 1_000),
        ("draft/get", get, 500),
        ("draft/update", update, 1_000),
        ("draft/delete", delete, 1_000),
        ("draft/batchget", batchget, 1_000),
        ("freepublish/submit", submit, 100),
        ("freepublish/get", published, 100),
    ):
        serve(router, world, "POST", f"/cgi-bin/{name}", handler, kinds=OA, quota=quota)
    serve(router, world, "GET", "/cgi-bin/draft/count", count, kinds=OA, quota=1_000)
    world.scheduler.on(PUBLISH_DUE, lambda due: _finish(world, due))


def add(call: Call) -> dict[str, Any]:
    """Keep a draft of up to eight articles."""
    articles = call.body.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refused(44003)
    if len(articles) > 8:
        raise Refused(45008)
    for one in articles:
        _check(call.world, one)
    media_id = chance.letters(call.world.rng, 64)
    call.world.things.drafts[media_id] = articles
    return {"media_id": media_id}


def get(call: Call) -> dict[str, Any]:
    """The articles of a draft."""
    return {"news_item": _draft(call)}


def update(call: Call) -> dict[str, Any]:
    """Replace one article of a draft."""
    draft, index = _draft(call), call.body.get("index", 0)
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(draft):
        raise Refused(40097, "hint: [index]")
    _check(call.world, call.body.get("articles"))
    draft[index] = call.body["articles"]
    return OK


def delete(call: Call) -> dict[str, Any]:
    """Throw a draft away."""
    _draft(call)
    del call.world.things.drafts[call.body["media_id"]]
    return OK


def count(call: Call) -> dict[str, Any]:
    """How many drafts there are."""
    return {"total_count": len(call.world.things.drafts)}


def batchget(call: Call) -> dict[str, Any]:
    """Drafts, up to 20 at a time."""
    offset, most = call.body.get("offset", 0), call.body.get("count", 20)
    if not isinstance(offset, int) or not isinstance(most, int) or not 1 <= most <= 20:
        raise Refused(40097)
    drafts = list(call.world.things.drafts.items())[max(offset, 0) :][:most]
    items = [{"media_id": name, "content": {"news_item": one}} for name, one in drafts]
    total = len(call.world.things.drafts)
    return {"total_count": total, "item_count": len(items), "item": items}


def submit(call: Call) -> dict[str, Any]:
    """Ask for publication; whether it worked comes later."""
    draft = _draft(call)
    number = str(2_247_483_647 + call.world.count("publish"))
    article_id = chance.letters(call.world.rng, 43)
    call.world.things.published[number] = {"status": 1, "article_id": article_id, "items": draft}
    due_at = call.world.clock.now() + PUBLISH_S
    call.world.scheduler.schedule(due_at, PUBLISH_DUE, {"publish_id": number})
    del call.world.things.drafts[call.body["media_id"]]
    return {**OK, "publish_id": number, "msg_data_id": str(2_247_490_000 + int(number[-4:]))}


def published(call: Call) -> dict[str, Any]:
    """How a publication stands: 1 in progress, 0 done."""
    number = call.text("publish_id", 40097)
    job = call.world.things.published.get(number)
    if job is None:
        raise Refused(53600)
    return {"publish_id": number, **_state(call.world, job)}


def _state(world: World, job: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"publish_status": job["status"], "fail_idx": []}
    if job["status"] == 0:
        items = [
            {"idx": number, "article_url": f"{world.public_url}/s/{job['article_id']}/{number}"}
            for number in range(1, len(job["items"]) + 1)
        ]
        detail = {"count": len(items), "item": items}
        answer |= {"article_id": job["article_id"], "article_detail": detail}
    return answer


def _finish(world: World, due: Due) -> None:
    number = due.payload["publish_id"]
    with world.lock:
        job = world.things.published.get(number)
        if job is None:
            return
        job["status"] = 0
        fields = {
            "ToUserName": world.accounts.oa.original_id,
            "FromUserName": chance.openid(world.rng, "mphel"),
            "CreateTime": int(world.clock.now()),
            "MsgType": "event",
            "Event": "PUBLISHJOBFINISH",
            "PublishEventInfo": {"publish_id": number, **_state(world, job)},
        }
    deliver(world, world.accounts.oa, fields)


def _draft(call: Call) -> list[dict[str, Any]]:
    draft = call.world.things.drafts.get(call.text("media_id", 40007))
    if draft is None:
        raise Refused(40007)
    found: list[dict[str, Any]] = draft
    return found


def _check(world: World, given: Any) -> None:
    if not isinstance(given, dict):
        raise Refused(47001, "hint: [articles]")
    title, content = given.get("title"), given.get("content")
    if not isinstance(title, str) or not 1 <= len(title) <= 64:
        raise Refused(45003)
    if not isinstance(content, str) or not content:
        raise Refused(44004)
    if len(content) > CONTENT_CHARS:
        raise Refused(45002)
    news = given.get("article_type", "news") == "news"
    if news and str(given.get("thumb_media_id")) not in world.things.media:
        raise Refused(40007)

"""Fan groups: the page behind a WeCom join link, and who has joined by it.

The simulator makes no groups of its own accord: a backend hands out links, and the first person
who opens one makes its group known here.
"""

import html
import re
from typing import Any

from wechat_simulator.api.authorize import PERSON_HEADER
from wechat_simulator.entities import FanGroup
from wechat_simulator.routes import WORK, Request, Response, Router
from wechat_simulator.world import World

CAPACITY = 200
CODE = re.compile(r"[0-9a-fA-F]{6,64}\Z")
_FACES = 12


def register(router: Router, world: World) -> None:
    """Serve the join links."""
    router.add("GET", "/gm/{code}", lambda request: join_page(world, request), host=WORK)


def join_page(world: World, request: Request) -> Response:
    """The group as the person sees it, who has joined it by opening the link.

    A stranger's browser is told to open the link in WeChat and joins nothing.
    """
    code = request.params["code"].lower()
    if CODE.match(code) is None:
        return _page("链接已失效", "<p>这个入群链接已失效，请向群主要一个新的。</p>", 404)
    person_id = request.header(PERSON_HEADER) or ""
    if person_id not in world.people:
        return _page("请在微信客户端打开链接", "<p>请在微信客户端打开链接</p>")
    with world.lock:
        group = the_group(world, code)
        if person_id not in group.members:
            if len(group.members) >= group.capacity:
                return _page(group.name, "<p>该群聊人数已满，请联系群主换一个群。</p>")
            group.members[person_id] = world.clock.now()
        names = [world.people[one].nickname for one in group.members if one in world.people]
    return _page(group.name, _inside(group.name, names))


def groups_of(world: World, person_id: str) -> list[dict[str, Any]]:
    """The groups a person is in, in the order of joining."""
    with world.lock:
        mine = [one for one in world.things.groups.values() if person_id in one.members]
        mine.sort(key=lambda one: one.members[person_id])
        return [
            {"code": one.code, "name": one.name, "url": join_url(one.code), "joined_at": joined_at}
            for one in mine
            for joined_at in [one.members[person_id]]
        ]


def the_group(world: World, code: str) -> FanGroup:
    """The group behind a link; a new one for a link not seen before. Hold the world's lock."""
    group = world.things.groups.get(code)
    if group is None:
        group = FanGroup(code=code, name=f"粉丝群 {code[:6]}", capacity=CAPACITY)
        world.things.groups[code] = group
    return group


def join_url(code: str) -> str:
    """The link whose end is `code`."""
    return f"https://{WORK}/gm/{code}"


def _inside(name: str, names: list[str]) -> str:
    shown = "".join(f"<li>{html.escape(one)}</li>" for one in names[-_FACES:])
    return (
        f"<h1>{html.escape(name)}</h1><p>群成员（{len(names)}）</p><ul>{shown}</ul>"
        "<p><strong>你已加入群聊</strong></p>"
    )


def _page(title: str, inside: str, status: int = 200) -> Response:
    body = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title></head><body>{inside}</body></html>"
    )
    return Response(status, body.encode(), {"Content-Type": "text/html; charset=utf-8"})

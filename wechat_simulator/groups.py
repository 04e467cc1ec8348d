"""Fan groups: the page behind a WeCom join link, and who has joined by it.

The simulator makes no groups of its own accord: a backend hands out links, and the first person
who opens one makes its group known here.
"""

import hashlib
import html
import re
from typing import Any

from wechat_simulator.api.authorize import PERSON_HEADER
from wechat_simulator.entities import FanGroup
from wechat_simulator.routes import WEIXIN, WORK, Request, Response, Router
from wechat_simulator.wecom.model import Way
from wechat_simulator.wecom.office import Office
from wechat_simulator.world import World

CAPACITY = 200
CODE = re.compile(r"[0-9a-fA-F]{6,64}\Z")
SCANNED = re.compile(r"[0-9A-Za-z_~.-]{4,200}\Z")
_FACES = 12


def register(router: Router, world: World, office: Office) -> None:
    """Serve the join links of WeCom, and what the codes of ordinary groups say."""
    router.add("GET", "/gm/{code}", lambda request: join_page(world, request, office), host=WORK)
    router.add("GET", "/g/{code}", lambda request: scan_page(world, request), host=WEIXIN)


def scan_page(world: World, request: Request) -> Response:
    """What opens when the code of an ordinary group is scanned: the scanner joins."""
    said = request.params["code"]
    if SCANNED.match(said) is None:
        return _page("二维码已失效", "<p>该二维码已失效，请向群成员要一个新的。</p>", 404)
    return _joined(world, request, hashlib.sha256(said.encode()).hexdigest()[:32])


def join_page(world: World, request: Request, office: Office) -> Response:
    """The group as the person sees it, who has joined it by opening the link.

    A stranger's browser is told to open the link in WeChat and joins nothing.
    """
    code = request.params["code"].lower()
    if CODE.match(code) is None:
        return _page("链接已失效", "<p>这个入群链接已失效，请向群主要一个新的。</p>", 404)
    with world.lock:
        way = office.way_of(code)
    return _joined(world, request, code) if way is None else _by_way(world, request, office, way)


def _by_way(world: World, request: Request, office: Office, way: Way) -> Response:
    person_id = request.header(PERSON_HEADER) or ""
    if person_id not in world.people:
        return _page("请在微信客户端打开链接", "<p>请在微信客户端打开链接</p>")
    with world.lock:
        room, events = office.join(way, person_id)
        members = [] if room is None else [one for one in room.members if one in world.people]
        names = [world.people[one].nickname for one in members]
    office.push(events)
    if room is None:
        return _page("群已满", "<p>该群聊人数已满，请联系群主换一个群。</p>")
    return _page(room.name, _inside(room.name, names))


def _joined(world: World, request: Request, code: str) -> Response:
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

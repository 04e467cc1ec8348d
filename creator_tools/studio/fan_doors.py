"""The fan groups that a person may enter, one tap away."""

from uuid import UUID

from creator_tools.access import queries as access
from creator_tools.columns import queries as columns
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.fan_groups.errors import FanGroupNotFound
from creator_tools.fan_groups.models import FanGroup
from creator_tools.studio import sentences
from creator_tools.studio.dialogs import Answer, Talk
from creator_tools.studio.grammar import Command

LISTED_MAX = 8
COLUMNS_MAX = 60


def groups(talk: Talk, command: Command) -> Answer:
    """List the doors this person may go through, or open the one of that number."""
    item = talk.listed(command.number)
    if item is not None and item[0] == "group":
        return open_group(talk, item[1])
    found = enterable(talk)
    if not found:
        return Answer(
            "你还没有能进的群。成为专栏的读者以后，就能进它的读者群；发「专栏」看看有什么。"
        )
    if command.number is not None and 1 <= command.number <= len(found):
        return open_group(talk, found[command.number - 1].id)
    talk.remember_list([("group", group.id) for group in found])
    shown = found[:LISTED_MAX]
    talk.remember(shown=len(shown))
    lines = ["你能进的群："]
    lines += [f"{at}. {line(talk, group.id)}" for at, group in enumerate(shown, start=1)]
    rest = "，「更多」看下一页" if len(found) > len(shown) else ""
    lines.append(f"点下面的链接进群{rest}。")
    return sentences.fitted("\n".join(lines), *map(link, shown))


def open_group(talk: Talk, group_id: UUID) -> Answer:
    """The door of one group; the door itself decides who goes through."""
    try:
        group = fan_groups.get(talk.session, group_id)
    except FanGroupNotFound:
        return Answer("这个群已经不在了。发「进群」看看别的群。")
    if group.state != "open":
        return Answer(f"「{group.name}」现在不接受新成员。发「进群」看看别的群。")
    return Answer(f"点下面的链接进「{group.name}」，名额会为你留好。", (link(group),))


def enterable(talk: Talk) -> list[FanGroup]:
    """The open groups whose gate lets this person in: their columns' first, then for all."""
    held = access.list_columns(talk.session, talk.person_id, talk.uow.now())[:COLUMNS_MAX]
    if talk.creator is not None:
        own = columns.list_of_creator(talk.session, talk.creator.id)
        held += [column.id for column in own]
    found = fan_groups.list_of_columns(talk.session, held)
    found += [group for group in fan_groups.list_for_all(talk.session) if group not in found]
    now = talk.uow.now()
    return [
        group for group in found if fan_groups.may_enter(talk.session, group, talk.person_id, now)
    ]


def line(talk: Talk, group_id: UUID) -> str:
    """A group on one line: its name and its column."""
    group = fan_groups.get(talk.session, group_id)
    title = sentences.shortened(columns.get(talk.session, group.column_id).title, 16)
    has_room = fan_groups.has_room_for(talk.session, group, talk.person_id, talk.uow.now())
    return f"「{group.name}」《{title}》读者群{'' if has_room else '（满了，可以排队）'}"


def link(group: FanGroup) -> tuple[str, str]:
    """The group's link for ever."""
    return (f"进群：{group.name}", f"/g/{group.code}")

"""A creator's fan groups by chat: open one, give it a link, see its seats, close it.

The address of a group's link for ever never changes; the join ways behind it come and go.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from creator_tools.columns import queries as columns
from creator_tools.columns.models import Column
from creator_tools.creators.models import Creator
from creator_tools.fan_groups import queries
from creator_tools.fan_groups.models import FanGroup
from creator_tools.fan_groups.rules import (
    CAPACITY_COUNT_MAX,
    NAME_CHARS_MAX,
    clean_join_link,
)
from creator_tools.kernel.text import clean_count, clean_line
from creator_tools.studio import sentences, work_desk
from creator_tools.studio.deeds import groups as deeds
from creator_tools.studio.dialogs import Answer, Talk, ask_confirmation
from creator_tools.studio.errors import MustConfirm
from creator_tools.studio.grammar import Command, around_address, item_number

# As many as a group of the platform takes by one code.
CAPACITY_COUNT = 200
DAYS_MAX = 366
LISTED_MAX = 8
_CAPACITY = re.compile(r"(\d{1,6})\s*(?:个?名额|个?人|位)")
_DAYS = re.compile(r"(\d{1,4})\s*天")
_ONE_MORE = re.compile(r"再加|追加|另加|多加|备用|加一个|\badd\b")
_NUMBER_FIRST = re.compile(r"^第?\s*(\d{1,3})\s*(?:个|号)?$")
_WRAPPING = " 　\"'“”‘’「」『』《》【】，,。:：;；"
_SKIP = frozenset({"跳过", "skip", "没有", "暂时没有", "还没有", "以后再说"})


@dataclass(frozen=True)
class Link:
    """A way into a group as a creator described it: in the place of the present one or beside."""

    url: str
    capacity_count: int
    days: int | None
    is_one_more: bool

    def kept(self) -> list[object]:
        """As a conversation remembers it."""
        return [self.url, self.capacity_count, self.days, self.is_one_more]


@dataclass(frozen=True)
class Said:
    """A link, and what stands around it: a name or a number."""

    words: str
    link: Link | None


def understood(text: str) -> Said:
    """Cut a line into words and link: "摄影群 https://… 200人 7天".

    Raises:
        TextRefused: the address, the number of places or of days cannot be kept.
    """
    before, address, after = around_address(text)
    if not address:
        return Said(before.strip(_WRAPPING), None)
    capacity, span = _CAPACITY.search(after), _DAYS.search(after)
    places = int(capacity.group(1)) if capacity is not None else CAPACITY_COUNT
    link = Link(
        clean_join_link(address),
        clean_count(places, "capacity_count", 1, CAPACITY_COUNT_MAX),
        None if span is None else clean_count(int(span.group(1)), "days", 1, DAYS_MAX),
        is_one_more=_ONE_MORE.search(f"{before} {after}") is not None,
    )
    words = _ONE_MORE.sub(" ", before).strip(_WRAPPING)
    if not words:
        words = _ONE_MORE.sub(" ", _DAYS.sub(" ", _CAPACITY.sub(" ", after))).strip(_WRAPPING)
    return Said(" ".join(words.split()), link)


def new_group(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Open a group from one line, or ask for what the line lacks."""
    if not _columns_of(talk, creator):
        return Answer(sentences.NO_COLUMN)
    talk.remember(group_name=None, group_link=None, group=None)
    return take_name(talk, command.rest)


def take_name(talk: Talk, said: str) -> Answer:
    """The answer to "what is it called?"; a link that comes with it is taken too."""
    creator = work_desk.known_creator(talk)
    found = understood(said)
    if found.link is not None:
        talk.remember(group_link=found.link.kept())
    if not found.words:
        talk.wait_for("group_name")
        return Answer(f"给粉丝群起个名字吧（{NAME_CHARS_MAX} 字以内），比如：城市摄影读者群。")
    talk.remember(group_name=clean_line(found.words, "name", NAME_CHARS_MAX))
    own = _columns_of(talk, creator)
    if len(own) == 1:
        return _create(talk, own[0])
    return _ask_column(talk, own)


def take_column(talk: Talk, said: str) -> Answer:
    """The answer to "for the readers of which column?": its number or its title."""
    creator = work_desk.known_creator(talk)
    own = _columns_of(talk, creator)
    number = item_number(said)
    title = said.strip(_WRAPPING)
    chosen = [
        column
        for at, column in enumerate(own, start=1)
        if at == number or (number is None and column.title == title)
    ]
    return _create(talk, chosen[0]) if chosen else _ask_column(talk, own)


def join_way(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Give a group a link, in the place of the one that is in use or beside it."""
    said = understood(command.rest)
    own = _groups_of(talk, creator)
    if not own:
        return Answer(sentences.NO_GROUP)
    talk.remember(group=None, group_link=said.link.kept() if said.link is not None else None)
    number = _NUMBER_FIRST.match(said.words)
    if number is not None:
        group = chosen_group(talk, creator, int(number.group(1)))
    else:
        group = next((each for each in own if said.words and each.name == said.words), None)
        group = group or (own[0] if len(own) == 1 else None)
    if group is None:
        return _ask_group(talk, own)
    return _link(talk, group)


def take_group(talk: Talk, said: str) -> Answer:
    """The answer to "which group?"."""
    creator = work_desk.known_creator(talk)
    own = _groups_of(talk, creator)
    number = item_number(said)
    if number is None or not 1 <= number <= len(own):
        return _ask_group(talk, own)
    return _link(talk, own[number - 1])


def take_link(talk: Talk, said: str) -> Answer:
    """The answer to "what is its link?"."""
    creator = work_desk.known_creator(talk)
    if said.strip(_WRAPPING).lower() in _SKIP:
        talk.wait_for("")
        return Answer("好，有了链接随时发「进群链接 https://…」。没有链接之前，读者还进不了群。")
    found = understood(said)
    if found.link is None:
        return Answer(sentences.ASK_LINK)
    group_id = talk.recall_id("group")
    if group_id is None:
        return join_way(talk, Command("join_way", said), creator)
    talk.remember(group_link=found.link.kept())
    group = queries.get_of_creator(talk.session, group_id, creator.id)
    return _link(talk, group)


def my_groups(talk: Talk, _command: Command, creator: Creator) -> Answer:
    """List the creator's groups with their seats and their links for ever."""
    own = _groups_of(talk, creator)
    if not own:
        return Answer(sentences.NO_GROUP)
    talk.remember_list([("group", group.id) for group in own])
    shown = own[:LISTED_MAX]
    talk.remember(shown=len(shown))
    lines = ["我的群："]
    for number, group in enumerate(shown, start=1):
        title = sentences.shortened(columns.get(talk.session, group.column_id).title, 12)
        waiting = queries.count_waiting(talk.session, group.id)
        queue = f"，{waiting} 人排队" if waiting else ""
        lines.append(f"{number}. 「{group.name}」《{title}》· {_seats(talk, group)}{queue}")
    if len(own) > len(shown):
        lines.append(f"共 {len(own)} 个，「更多」看下一页。")
    lines.append(
        "可以发：群二维码图片、进群链接 1 https://…、进群门槛 1 关注、关群 1、建群 群名。"
        "下面的群链接永远不变："
    )
    links = [(f"{at}. {group.name}", f"/g/{group.code}") for at, group in enumerate(shown, 1)]
    return sentences.fitted("\n".join(lines), *links)


def close(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Let nobody in any more; a group with seats needs a code."""
    group = chosen_group(talk, creator, command.number)
    if group is None:
        return my_groups(talk, command, creator)
    if group.state == "closed":
        return Answer(f"「{group.name}」已经关了。想再开就发「开群」加编号。")
    try:
        return stands(talk, deeds.close(talk.doer(), group.id))
    except MustConfirm as asked:
        code = ask_confirmation(talk, asked.step)
        seats_count = asked.facts["seats_count"]
    return Answer(
        f"「{group.name}」已经给 {seats_count} 位读者留了名额。关掉后群链接不再放人进，"
        f"已经在群里的人不受影响。\n10 分钟内回复「确认 {code}」才会关。"
    )


def reopen(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Let readers in again."""
    group = chosen_group(talk, creator, command.number)
    if group is None:
        return my_groups(talk, command, creator)
    return stands(talk, deeds.set_state(talk.doer(), group.id, "open"))


def stands(talk: Talk, group: FanGroup) -> Answer:
    """What to say of a group that was just opened or closed."""
    if group.state == "open":
        return Answer(f"「{group.name}」已开放，{_seats(talk, group)}。", (_forever(group),))
    return Answer(f"「{group.name}」已关，群链接不再放人进。回复「撤销」可恢复。")


def chosen_group(talk: Talk, creator: Creator, number: int | None) -> FanGroup | None:
    """The group that a number means; without one, the only one there is."""
    own = _groups_of(talk, creator)
    if number is None:
        return own[0] if len(own) == 1 else None
    item = talk.listed(number)
    listed = [group for group in own if item == ("group", group.id)]
    if listed:
        return listed[0]
    return own[number - 1] if 1 <= number <= len(own) else None


def _create(talk: Talk, column: Column) -> Answer:
    name = talk.recall("group_name")
    if not isinstance(name, str):
        return take_name(talk, "")
    group = deeds.create(talk.doer(), column_id=column.id, name=name)
    made = f"粉丝群「{group.name}」建好了，给《{column.title}》的读者。"
    answer = _link(talk, group)
    deeds.offer_close(talk.doer(), group)
    return sentences.fitted(f"{made}\n{answer.text}", *answer.links)


def _link(talk: Talk, group: FanGroup) -> Answer:
    """Give a group the link that was said, or ask for it."""
    kept = talk.recall("group_link")
    talk.remember(group=str(group.id), group_name=None, group_link=None)
    if not kept:
        talk.wait_for("group_link")
        return Answer(f"「{group.name}」的进群链接是什么？{sentences.ASK_LINK}")
    talk.wait_for("")
    link = Link(*kept)
    given = deeds.give_link(
        talk.doer(),
        group.id,
        url=link.url,
        capacity_count=link.capacity_count,
        expires_at=None if link.days is None else talk.uow.now() + timedelta(days=link.days),
        is_one_more=link.is_one_more,
    )
    did = "换成了新的进群链接" if given.closed else "有了新的进群链接"
    closed = "（群现在是关着的，发「开群」才会放人进）" if group.state == "closed" else ""
    return Answer(
        f"「{group.name}」{did}，{_seats(talk, group)}{closed}。读者点下面的群链接进群，"
        "链接永远不变。",
        (_forever(group),),
    )


def _ask_column(talk: Talk, own: list[Column]) -> Answer:
    talk.wait_for("group_column")
    lines = ["这个群给哪个专栏的读者？回复编号："]
    lines += [
        f"{number}. 《{sentences.shortened(column.title, 20)}》"
        for number, column in enumerate(own, start=1)
    ]
    return sentences.fitted("\n".join(lines))


def _ask_group(talk: Talk, own: list[FanGroup]) -> Answer:
    talk.wait_for("group_choice")
    lines = ["是哪个群的链接？回复编号："]
    lines += [f"{number}. 「{group.name}」" for number, group in enumerate(own, start=1)]
    return sentences.fitted("\n".join(lines))


def _seats(talk: Talk, group: FanGroup) -> str:
    ways = queries.list_join_ways(talk.session, group.id)
    taken = sum(way.seats_count for way in ways)
    if group.state == "closed":
        return f"已关，留过 {taken} 个名额"
    if not any(queries.is_usable(way, talk.uow.now()) for way in ways):
        return f"已留 {taken} 个名额，没有能用的进群链接"
    free = queries.count_free_seats(talk.session, group.id, talk.uow.now())
    return f"已留 {taken} 个名额，还能进 {free} 人"


def _forever(group: FanGroup) -> tuple[str, str]:
    return (f"进群：{group.name}", f"/g/{group.code}")


def _columns_of(talk: Talk, creator: Creator) -> list[Column]:
    own = columns.list_of_creator(talk.session, creator.id)
    return [column for column in own if column.state != "closed"]


def _groups_of(talk: Talk, creator: Creator) -> list[FanGroup]:
    return queries.list_of_creator(talk.session, creator.id)

"""A group's code, sent into the chat as a picture: it takes the place of the one that is dying.

The keeper of a group may be somebody who writes nothing here, so no step of this desk asks for a
creator; every one asks whether the person keeps the group at this moment.
"""

from dataclasses import dataclass

from creator_tools.fan_groups import queries
from creator_tools.fan_groups.errors import GroupCodeMissing
from creator_tools.fan_groups.models import FanGroup
from creator_tools.kernel.errors import DomainError
from creator_tools.studio import sentences
from creator_tools.studio.deeds import groups as deeds
from creator_tools.studio.dialogs import Answer, Talk
from creator_tools.studio.grammar import item_number
from creator_tools.studio.moments import in_beijing

STEP = "code_group"
_WAITING_STEPS = frozenset({"group_link", STEP})
_WRITING_STEPS = frozenset({"writing", "rewriting", "introduction"})


@dataclass(frozen=True)
class ScannedPicture:
    """What a picture's code says, or why it is not the code of a group."""

    said: str | None = None
    refusal: DomainError | None = None


def take_picture(talk: Talk, scanned: ScannedPicture) -> Answer | None:
    """Use a picture as a group's code; None when it is meant for something else.

    Raises:
        DomainError: a code was waited for, and this is none.
    """
    kept = _kept_open(talk)
    if not kept or talk.step in _WRITING_STEPS:
        return None
    if scanned.said is None:
        is_only_keeper = talk.creator is None
        if scanned.refusal is not None and (talk.step in _WAITING_STEPS or is_only_keeper):
            raise scanned.refusal
        return None
    group = _meant(talk, kept)
    if group is not None:
        return _use(talk, group, scanned.said)
    talk.remember(group_code=scanned.said)
    talk.wait_for(STEP)
    lines = ["收到群二维码。是哪个群的？回复编号："]
    lines += [f"{number}. 「{each.name}」" for number, each in enumerate(kept, start=1)]
    return sentences.fitted("\n".join(lines))


def remark(talk: Talk, scanned: ScannedPicture) -> str:
    """What else to say of a picture that went into a draft while a group needs a new code."""
    refusal = scanned.refusal
    if refusal is None or isinstance(refusal, GroupCodeMissing):
        return ""
    if not any(_needs_code(talk, group) for group in _kept_open(talk)):
        return ""
    return f"\n（要换群二维码吗？{refusal.in_chinese()}）"


def take_group(talk: Talk, said: str) -> Answer:
    """The answer to "the code of which group?"."""
    kept = _kept_open(talk)
    number = item_number(said)
    code = talk.recall("group_code")
    if not isinstance(code, str) or not kept:
        talk.wait_for("")
        return Answer("请把群二维码的图片再发一次。")
    if number is None or not 1 <= number <= len(kept):
        return Answer(f"回复 1 到 {len(kept)} 之间的编号，告诉我是哪个群的二维码。")
    return _use(talk, kept[number - 1], code)


def _use(talk: Talk, group: FanGroup, said: str) -> Answer:
    given = deeds.give_code(talk, group.id, said=said, terms=talk.desk.group_terms())
    way, closed = given.way, given.closed
    talk.wait_for("")
    talk.remember(group_code=None, group=None)
    did = "换上了新的群二维码" if closed else "有了新的群二维码"
    free = queries.count_free_seats(talk.session, group.id, talk.uow.now())
    waiting = queries.count_waiting(talk.session, group.id)
    queue = f"正在排队的 {waiting} 位会依次收到通知。" if waiting else ""
    until = f"{in_beijing(way.expires_at)} 前有效，" if way.expires_at is not None else ""
    return Answer(
        f"「{group.name}」{did}，{until}还能进 {free} 人。{queue}群链接不变，回复「撤销」可恢复。",
        ((f"进群：{group.name}", f"/g/{group.code}"),),
    )


def _kept_open(talk: Talk) -> list[FanGroup]:
    kept = queries.list_kept(talk.session, talk.person_id)
    return [group for group in kept if group.state == "open"]


def _meant(talk: Talk, kept: list[FanGroup]) -> FanGroup | None:
    asked = talk.recall_id("group") if talk.step == "group_link" else None
    for group in kept:
        if group.id == asked:
            return group
    if len(kept) == 1:
        return kept[0]
    in_need = [group for group in kept if _needs_code(talk, group)]
    return in_need[0] if len(in_need) == 1 else None


def _needs_code(talk: Talk, group: FanGroup) -> bool:
    now = talk.uow.now()
    ways = queries.list_open_ways(talk.session, group.id)
    return all(queries.is_dying(way, now) for way in ways)

"""What a creator is called and says about themselves, and whom they invite."""

from creator_tools.creators import queries as creator_queries
from creator_tools.creators.errors import TooManyInvitations
from creator_tools.creators.models import Creator
from creator_tools.creators.rules import (
    HANDLE_CHARS_MAX,
    HANDLE_CHARS_MIN,
    INTRODUCTION_CHARS_MAX,
    NAME_CHARS_MAX,
)
from creator_tools.studio import front_desk, sentences
from creator_tools.studio.deeds import profile as deeds
from creator_tools.studio.dialogs import Answer, Link, Talk
from creator_tools.studio.grammar import Command
from creator_tools.studio.moments import in_beijing

_QUOTES = ' 「」『』“”"《》'
_NO_INTRODUCTION = frozenset({"清空", "无", "没有", "删除"})


def rename(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Change the name that readers see; can be undone."""
    name = command.rest.strip(_QUOTES)
    if not name:
        talk.wait_for("pen_name")
        return Answer(
            f"你现在叫「{creator.name}」。新的笔名是什么？直接发来（{NAME_CHARS_MAX} 字以内）。"
        )
    after = deeds.rename(talk.doer(), name).name
    talk.wait_for("")
    return Answer(f"好，读者看到的名字是「{after}」了。回复「撤销」可改回。", (_page_of(creator),))


def change_handle(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Change the last part of the address of the creator's page; can be undone."""
    wanted = command.rest.strip(_QUOTES)
    if not wanted:
        talk.wait_for("handle")
        return Answer(
            f"你的主页名是 {creator.handle}。新的主页名是什么？直接发来："
            f"{HANDLE_CHARS_MIN} 到 {HANDLE_CHARS_MAX} 个小写字母、数字或短横线，以字母开头。"
        )
    after = deeds.change_handle(talk.doer(), wanted).handle
    talk.wait_for("")
    return Answer(
        f"主页名改成 {after} 了，以前发出去的主页链接从现在起打不开。回复「撤销」可改回。",
        (_page_of(creator),),
    )


def introduce(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Change what stands below the name on the creator's page; can be undone."""
    said = command.rest.strip()
    if not said:
        talk.wait_for("introduction")
        now = f"现在的简介：{sentences.shortened(creator.introduction, 100)}\n"
        return Answer(
            f"{now if creator.introduction else ''}"
            f"新的简介是什么？直接发来（{INTRODUCTION_CHARS_MAX} 字以内）；不要简介就发「清空」。"
        )
    text = "" if said in _NO_INTRODUCTION else said
    deeds.introduce(talk.doer(), text)
    talk.wait_for("")
    done = "简介已更新" if text else "简介已清空"
    return Answer(f"{done}，读者在你的主页上看得到。回复「撤销」可改回。", (_page_of(creator),))


def take_introduction(talk: Talk, said: str) -> Answer:
    """The answer to "what do you say about yourself?", which may have many lines."""
    if talk.creator is None:
        return front_desk.unknown(talk)
    return introduce(talk, Command("introduction", said), talk.creator)


def invite(talk: Talk, _command: Command) -> Answer:
    """Make one invitation code to give away; whoever is no creator is asked for theirs."""
    creator = talk.creator
    if creator is None:
        return front_desk.become(talk, Command("become"))
    try:
        code = deeds.invite(talk.doer())
    except TooManyInvitations as refusal:
        return _list_unused(talk, creator, refusal)
    (made, *_) = (
        one
        for one in creator_queries.list_invitations(talk.session, creator.id)
        if one.code == code
    )
    return Answer(
        f"邀请码：{code}\n发给想邀请的人，让 TA 关注本号后直接把邀请码发来，就能成为创作者。"
        f"只能用一次，{in_beijing(made.expires_at)} 前有效。"
    )


def _list_unused(talk: Talk, creator: Creator, refusal: TooManyInvitations) -> Answer:
    unused = creator_queries.unused_invitations(talk.session, creator.id, talk.uow.now())
    lines = [f"· {one.code}（{in_beijing(one.expires_at)} 前有效）" for one in unused]
    return sentences.fitted("\n".join([refusal.in_chinese(), *lines]))


def _page_of(creator: Creator) -> Link:
    return ("我的主页", f"/h5/creators/{creator.handle}")


def unlike_introduction(kept: Answer) -> Answer:
    """What is said where a text began like an introduction and is too long to be one."""
    hint = f"如果这是你的简介：它最多 {INTRODUCTION_CHARS_MAX} 字，缩短后再发「简介 …」。"
    return Answer(f"{kept.text}\n{hint}", kept.links)

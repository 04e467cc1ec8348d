"""Who is it, what can they do: greetings, help, becoming a creator, today's income."""

import re
from datetime import datetime, timedelta

from creator_tools.creators import service as creators
from creator_tools.creators.models import Creator
from creator_tools.creators.rules import CODE_LENGTH, tidied_code
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import format_yuan
from creator_tools.kernel.rng import CODE_ALPHABET
from creator_tools.studio import sentences
from creator_tools.studio.dialogs import Answer, Talk, forget_confirmation
from creator_tools.studio.grammar import Command, days
from creator_tools.studio.moments import in_beijing

INCOME_DAYS_MAX = 90
_LOOKS_LIKE_CODE = re.compile(rf"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")
_FIELD_WORDS = re.compile(r"^(?:邀请码|激活码|code)[\s:：]*", re.IGNORECASE)


def help_with(talk: Talk, _command: Command) -> Answer:
    """What this person can do now; a creator may do it on a page as well."""
    links = () if talk.creator is None else (sentences.STUDIO_PAGE,)
    return Answer(f"{_where(talk)}{_menu_of(talk)}", links)


def greet(talk: Talk, command: Command) -> Answer:
    """A greeting with the menu."""
    name = f"，{talk.creator.name}" if talk.creator is not None else ""
    return sentences.greeting(name, help_with(talk, command).text)


def welcome(talk: Talk) -> Answer:
    """What somebody reads who has just followed."""
    return sentences.welcome(help_with(talk, Command("help")).text)


def unknown(talk: Talk) -> Answer:
    """A short, friendly menu for what was not understood."""
    return sentences.not_understood(_menu_of(talk))


def cancel(talk: Talk, _command: Command) -> Answer:
    """Leave the step; what was already kept stays kept."""
    was_waiting = bool(talk.step) or talk.recall("title") is not None
    talk.wait_for("")
    talk.remember(title=None, column_title=None, column_field=None, column_kind=None)
    talk.remember(group_name=None, group_link=None, group=None)
    forget_confirmation(talk)
    return Answer(sentences.CANCELLED if was_waiting else sentences.NOTHING_TO_CANCEL)


def looks_like_code(said: str) -> bool:
    """Whether a message may be an invitation code and nothing else."""
    bare = _FIELD_WORDS.sub("", said.strip())
    return (
        len(bare) <= CODE_LENGTH * 3
        and bare.isascii()
        and _LOOKS_LIKE_CODE.fullmatch(tidied_code(bare)) is not None
    )


def become(talk: Talk, command: Command) -> Answer:
    """Use an invitation, or ask for one."""
    if talk.creator is not None:
        talk.wait_for("")
        return sentences.fitted(
            f"你已经是创作者「{talk.creator.name}」了。\n{sentences.CREATOR_MENU}",
            sentences.STUDIO_PAGE,
        )
    code = _FIELD_WORDS.sub("", command.rest.strip())
    if not code:
        talk.wait_for("invitation")
        return Answer(sentences.ASK_CODE)
    made = creators.become_creator(talk.uow, person_id=talk.person_id, code=code)
    talk.creator = made
    talk.wait_for("column_title")
    return Answer(
        f"欢迎成为创作者，{made.name}！先建一个专栏：直接发专栏名字，"
        "或一句话说完：新建专栏 城市摄影 兴趣 摄影 每周1篇 共12篇。"
    )


def take_code(talk: Talk, said: str) -> Answer:
    """The answer to "what is your code?"."""
    return become(talk, Command("become", said))


def income(talk: Talk, command: Command, creator: Creator) -> Answer:
    """What today or the last days brought: orders, what readers paid, the creator's own part."""
    span_days = days(command.rest) if command.rest else 1
    if span_days is None or not 1 <= span_days <= INCOME_DAYS_MAX:
        return Answer(f"可以这样查：今日收入、收入 7天、收入 30天（最多 {INCOME_DAYS_MAX} 天）。")
    now: datetime = talk.uow.now()
    today = business_day_of(now)
    first = today - timedelta(days=span_days - 1)
    earned = talk.desk.income_fen(talk.session, creator.id, first, today)
    heading = (
        "今日收入"
        if span_days == 1
        else f"最近 {span_days} 天收入（{first.month}月{first.day}日起，含今天）"
    )
    return Answer(
        f"{heading}（截至 {in_beijing(now)}）\n"
        f"订单 {earned.orders_count} 笔，成交 ¥{format_yuan(earned.gross_fen)}\n"
        f"扣除通道费和平台分成后，你的收入 ¥{format_yuan(earned.creator_fen)}。"
    )


def _menu_of(talk: Talk) -> str:
    return sentences.FAN_MENU if talk.creator is None else sentences.CREATOR_MENU


def _where(talk: Talk) -> str:
    waiting = {
        "invitation": "正在等你的邀请码。",
        "column_title": "正在等专栏的名字，",
        "column_field": "正在等专栏的领域，",
        "column_promise": "正在等更新计划，",
        "writing": "正在等正文，",
        "price": "正在等价格，",
        "retitle": "正在等新标题，",
        "schedule": "正在等发布时间，",
        "rewriting": "正在等新的正文，",
        "rename_column": "正在等专栏的新名字，",
        "pen_name": "正在等新的笔名，",
        "handle": "正在等新的主页名，",
        "introduction": "正在等新的简介，",
        "group_name": "正在等群的名字，",
        "group_column": "正在等专栏的编号，",
        "group_choice": "正在等群的编号，",
        "group_link": "正在等进群链接，",
    }.get(talk.step, "")
    return f"{waiting}发「取消」可以退出。\n" if waiting else ""

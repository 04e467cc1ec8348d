"""Letting a browser at a desk in by chat: the code that it shows is sent here."""

import unicodedata

from creator_tools.creators.models import Creator
from creator_tools.studio.deeds import desks
from creator_tools.studio.dialogs import Answer, Talk
from creator_tools.studio.grammar import Command

_HOW = "请在电脑上打开工作室，把上面的 6 位数字发来，比如：登录 123456。"


def sign_in(talk: Talk, command: Command, _creator: Creator) -> Answer:
    """Let the browser in that shows this code."""
    typed = unicodedata.normalize("NFKC", command.rest)
    code = "".join(char for char in typed if char.isascii() and char.isdigit())
    if len(code) != desks.CODE_LENGTH:
        return Answer(f"{_HOW}两分钟内有效。")
    asking = desks.let_in_by_code(talk.doer(), code)
    if asking is None:
        return Answer(f"这个登录码不对，或者已经过期。{_HOW}")
    return Answer(
        f"已让「{asking.browser}」登录工作室，12 小时内有效。\n"
        "不是你本人？马上回复「撤销」，那台电脑立刻退出。"
    )

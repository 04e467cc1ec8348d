"""Taking a step back, and giving the code that a dangerous one waits for."""

import unicodedata
from typing import Any
from uuid import UUID

from creator_tools.columns import queries as columns
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.studio import column_desk, group_desk, sentences, work_desk
from creator_tools.studio.deeds import groups
from creator_tools.studio.deeds.doer import take_undo
from creator_tools.studio.deeds.prices import change
from creator_tools.studio.deeds.steps import carry_out
from creator_tools.studio.dialogs import (
    CONFIRMATION_TRIES_MAX,
    Answer,
    Talk,
    find_confirmation,
    forget_confirmation,
)
from creator_tools.studio.grammar import Command
from creator_tools.works import queries as works


def confirm(talk: Talk, command: Command) -> Answer:
    """Do what waits for its code; three wrong codes end the waiting."""
    pending = find_confirmation(talk)
    if pending is None or talk.creator is None:
        return Answer(sentences.NOTHING_TO_CONFIRM)
    code = unicodedata.normalize("NFKC", command.rest).strip()
    if not code:
        return Answer("请连同 4 位确认码一起发，比如：确认 1234。")
    if code != pending.code:
        pending.attempts_count += 1
        left = CONFIRMATION_TRIES_MAX - pending.attempts_count
        if left > 0:
            return Answer(f"确认码不对，还可以试 {left} 次。")
        forget_confirmation(talk)
        return Answer("确认码错了 3 次，操作已作废。需要的话请重新发一次命令。")
    step = dict(pending.command)
    forget_confirmation(talk)
    return _confirmed(talk, step)


def undo(talk: Talk, _command: Command) -> Answer:
    """Take the last step back."""
    kept = take_undo(talk)
    if kept is None:
        return Answer(sentences.NOTHING_TO_UNDO)
    step = dict(kept.command)
    if step["do"] == "group_code":
        # Whoever keeps a group need not be a creator.
        groups.take_code_back(talk, step)
    elif talk.creator is None:
        return Answer(sentences.NOTHING_TO_UNDO)
    else:
        carry_out(talk.doer(), step)
        _mind(talk, step)
    talk.wait_for("")
    return Answer(f"已撤销。{kept.sentence}")


def _confirmed(talk: Talk, step: dict[str, Any]) -> Answer:
    if step["do"] == "price":
        product = change(talk.doer(), step, confirmed=True)
        return Answer(f"已修改：{product.title} {sentences.yuan(product.price_fen)}。")
    carry_out(talk.doer(), step)
    if step["do"] == "close_group":
        group = fan_groups.get(talk.session, UUID(step["group"]))
        return group_desk.stands(talk, group)
    if step["do"] == "close_column":
        return column_desk.closed(columns.get(talk.session, UUID(step["column"])))
    return work_desk.withdrawn(works.get(talk.session, UUID(step["work"])))


def _mind(talk: Talk, step: dict[str, Any]) -> None:
    """Have at hand what came back, and no longer what went."""
    if step["do"] == "discard":
        talk.remember(work=None, pictures=None)
    elif step["do"] in {"undiscard", "rewrite"}:
        talk.remember(work=step["work"])

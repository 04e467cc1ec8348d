"""Taking a step back, and giving the code that a dangerous one waits for."""

import unicodedata
from typing import Any
from uuid import UUID

from creator_tools.columns import service as columns_service
from creator_tools.creators.models import Creator
from creator_tools.studio import (
    column_desk,
    group_desk,
    price_desk,
    profile_desk,
    rewrite_desk,
    sentences,
    work_desk,
)
from creator_tools.studio.dialogs import (
    CONFIRMATION_TRIES_MAX,
    Answer,
    Talk,
    find_confirmation,
    forget_confirmation,
    take_undo,
)
from creator_tools.studio.grammar import Command
from creator_tools.works import service as works_service


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
    return _do(talk, talk.creator, step)


def undo(talk: Talk, _command: Command) -> Answer:
    """Take the last step back."""
    kept = take_undo(talk)
    if kept is None or talk.creator is None:
        return Answer(sentences.NOTHING_TO_UNDO)
    _do(talk, talk.creator, dict(kept.command))
    talk.wait_for("")
    return Answer(f"已撤销。{kept.sentence}")


def _do(talk: Talk, creator: Creator, step: dict[str, Any]) -> Answer:
    what = step["do"]
    if what == "price":
        product = price_desk.set_now(talk, creator, step)
        return Answer(f"已修改：{product.title} {sentences.yuan(product.price_fen)}。")
    if what == "unprice":
        price_desk.unprice(talk, creator, step)
    elif what == "column_state":
        columns_service.set_state(
            talk.uow,
            column_id=UUID(step["column"]),
            creator_id=creator.id,
            state=step["state"],
        )
    elif what == "close_column":
        return column_desk.close_now(talk, creator, UUID(step["column"]))
    elif what == "withdraw":
        return work_desk.withdraw_now(talk, creator, UUID(step["work"]))
    elif what == "rename_column":
        column_desk.rename_now(talk, creator, UUID(step["column"]), step["title"])
    elif what in {"pen_name", "handle", "introduction"}:
        return profile_desk.take_back(talk, creator, step)
    elif "group" in step or what == "join_way":
        return _do_with_group(talk, creator, what, step)
    else:
        _do_with_work(talk, creator, what, step)
    return Answer("好了。")


def _do_with_group(talk: Talk, creator: Creator, what: str, step: dict[str, Any]) -> Answer:
    if what == "join_way":
        closed_ids = [UUID(key) for key in step["closed"]]
        group_desk.take_link_back(talk, creator, UUID(step["way"]), closed_ids)
        return Answer("好了。")
    state = "closed" if what == "close_group" else step["state"]
    return group_desk.set_state(talk, creator, UUID(step["group"]), state)


def _do_with_work(talk: Talk, creator: Creator, what: str, step: dict[str, Any]) -> None:
    work_id = UUID(step["work"])
    if what == "discard":
        work_desk.discard_now(talk, creator, work_id)
    elif what == "undiscard":
        works_service.undiscard(talk.uow, work_id=work_id, creator_id=creator.id)
        talk.remember(work=str(work_id))
    elif what == "restore":
        works_service.restore(talk.uow, work_id=work_id, creator_id=creator.id)
    elif what == "rewrite":
        rewrite_desk.step_back(talk, creator, work_id, UUID(step["revision"]))
    elif what == "retitle":
        work_desk.retitle_now(talk, creator, work_id, step["title"])
    else:
        raise ValueError(f"no step is called {what!r}")

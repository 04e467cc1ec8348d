"""Doing what was kept: the way back of an undo, or what waited for a second word."""

from collections.abc import Callable
from uuid import UUID

from creator_tools.studio.deeds import (
    columns,
    desks,
    groups,
    media,
    prices,
    profile,
    standing,
    works,
)
from creator_tools.studio.deeds.doer import Doer, Step


def carry_out(doer: Doer, step: Step) -> None:
    """Do what a kept step says.

    Raises:
        ValueError: no step is called so.
        DomainError: things have changed since, and it cannot be done any more.
    """
    do = _STEPS.get(step["do"])
    if do is None:
        raise ValueError(f"no step is called {step['do']!r}")
    do(doer, step)


def _work(step: Step) -> UUID:
    return UUID(step["work"])


def _column(step: Step) -> UUID:
    return UUID(step["column"])


def _group(step: Step) -> UUID:
    return UUID(step["group"])


_STEPS: dict[str, Callable[[Doer, Step], object]] = {
    "price": prices.set_now,
    "unprice": prices.unprice_now,
    "column_state": lambda doer, step: columns.set_state_now(doer, _column(step), step["state"]),
    "close_column": lambda doer, step: columns.close(doer, _column(step), confirmed=True),
    "rename_column": lambda doer, step: columns.rename_now(doer, _column(step), step["title"]),
    "edit_column": columns.edit_back,
    "withdraw": lambda doer, step: works.withdraw(doer, _work(step), confirmed=True),
    "submit": works.submit_again,
    "restore": lambda doer, step: works.restore_now(doer, _work(step)),
    "discard": lambda doer, step: works.discard_now(doer, _work(step)),
    "undiscard": lambda doer, step: works.undiscard_now(doer, _work(step)),
    "retitle": lambda doer, step: works.retitle_now(doer, _work(step), step["title"]),
    "rewrite": lambda doer, step: works.step_back(doer, _work(step), UUID(step["revision"])),
    "attach": lambda doer, step: media.attach_now(
        doer, _work(step), UUID(step["media"]), step["title"]
    ),
    "detach": lambda doer, step: media.detach_now(doer, _work(step), UUID(step["attachment"])),
    "group_state": lambda doer, step: groups.set_state(doer, _group(step), step["state"]),
    "close_group": lambda doer, step: groups.close(doer, _group(step), confirmed=True),
    "rename_group": lambda doer, step: groups.rename_now(doer, _group(step), step["name"]),
    "group_gate": lambda doer, step: groups.set_gate_now(doer, _group(step), step["gate"]),
    "group_keeper": lambda doer, step: groups.name_keeper_now(
        doer, _group(step), UUID(step["keeper"])
    ),
    "join_way": groups.take_link_back,
    "group_code": groups.take_code_back,
    "end_desk_session": desks.end_by_step,
    "put_in": lambda doer, step: standing.put_in_now(doer, _work(step), _column(step)),
    "take_out": lambda doer, step: standing.take_out_now(doer, _work(step), _column(step)),
    "pen_name": profile.take_back,
    "handle": profile.take_back,
    "introduction": profile.take_back,
}

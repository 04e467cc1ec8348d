"""The chat: one message in, one answer out, for creators and for fans.

A message is a command, the answer to the step that waits, or a text that somebody wrote. What is
refused leaves no trace: the work of one message is a savepoint inside the caller's unit.
"""

from collections.abc import Callable
from uuid import UUID

from creator_tools.creators.models import Creator
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio import (
    care_desk,
    code_desk,
    column_desk,
    fan_browse,
    fan_doors,
    front_desk,
    grammar,
    group_desk,
    price_desk,
    profile_desk,
    rewrite_desk,
    second_thoughts,
    sentences,
    sign_in_desk,
    standing_desk,
    work_desk,
)
from creator_tools.studio.code_desk import ScannedPicture
from creator_tools.studio.dialogs import Answer, Talk, find_confirmation, open_talk
from creator_tools.studio.errors import NotACreator
from creator_tools.studio.grammar import Command
from creator_tools.studio.ports import Desk

_ANYONE: dict[str, Callable[[Talk, Command], Answer]] = {
    "help": front_desk.help_with,
    "greet": front_desk.greet,
    "cancel": front_desk.cancel,
    "become": front_desk.become,
    "invite": profile_desk.invite,
    "confirm": second_thoughts.confirm,
    "undo": second_thoughts.undo,
    "more": fan_browse.more,
    "browse": fan_browse.browse,
    "open": fan_browse.open_item,
    "buy": fan_browse.buy,
    "purchases": fan_browse.purchases,
    "search": fan_browse.search,
    "groups": fan_doors.groups,
    "take_keeping": care_desk.take_keeping,
}
_CREATORS: dict[str, Callable[[Talk, Command, Creator], Answer]] = {
    "new_column": column_desk.new_column,
    "my_columns": column_desk.my_columns,
    "choose_column": column_desk.choose_column,
    "put_in": standing_desk.put_in,
    "take_out": standing_desk.take_out,
    "pause_column": column_desk.pause,
    "open_column": column_desk.reopen,
    "close_column": column_desk.close,
    "column_price": price_desk.price_column,
    "column_month": price_desk.price_column,
    "column_quarter": price_desk.price_column,
    "column_year": price_desk.price_column,
    "write": work_desk.write,
    "price": price_desk.price_work,
    "free": price_desk.make_free,
    "preview": work_desk.preview,
    "publish": price_desk.publish,
    "schedule": work_desk.schedule,
    "withdraw": work_desk.withdraw,
    "restore": work_desk.restore,
    "discard": work_desk.discard,
    "my_works": work_desk.my_works,
    "retitle": work_desk.retitle,
    "rewrite": rewrite_desk.rewrite,
    "rename_column": column_desk.rename,
    "new_group": group_desk.new_group,
    "join_way": group_desk.join_way,
    "my_groups": group_desk.my_groups,
    "close_group": group_desk.close,
    "open_group": group_desk.reopen,
    "group_gate": care_desk.gate,
    "offer_keeping": care_desk.offer_keeping,
    "end_keeping": care_desk.end_keeping,
    "income": front_desk.income,
    "sign_in": sign_in_desk.sign_in,
    "pen_name": profile_desk.rename,
    "handle": profile_desk.change_handle,
    "introduction": profile_desk.introduce,
}
# A step that waits for these takes any text for its answer; the rest are completed commands.
_TEXT_STEPS: dict[str, Callable[[Talk, str], Answer]] = {
    "invitation": front_desk.take_code,
    "column_title": column_desk.take_title,
    "column_field": column_desk.take_field,
    "column_promise": column_desk.take_promise,
    "writing": work_desk.take_text,
    "rewriting": rewrite_desk.take_body,
    "group_name": group_desk.take_name,
    "group_column": group_desk.take_column,
    "group_choice": group_desk.take_group,
    "group_link": group_desk.take_link,
    code_desk.STEP: code_desk.take_group,
    "introduction": profile_desk.take_introduction,
}
# Looking around does not end a step; doing something else does.
ANSWER_TO_STEP_CHARS_MAX = 80
_WRITING_STEPS = frozenset({"writing", "rewriting", "introduction"})
# Leaving a step is for `cancel` itself: it says whether there was one.
_KEEPS_STEP = frozenset({"help", "greet", "confirm", "more", "cancel"})


def answer(uow: UnitOfWork, *, person_id: UUID, text: str, desk: Desk) -> Answer:
    """Answer one message of a person.

    Bad input ends in a sentence that says what to do, and then nothing was written.
    """
    talk = open_talk(uow, person_id, desk)
    said = grammar.cleaned(text)
    return _guarded(talk, lambda: _reply(talk, said))


def press(uow: UnitOfWork, *, person_id: UUID, key: str, desk: Desk) -> Answer:
    """Answer a tap on the menu as if its words had been typed."""
    said = grammar.words_of_key(key)
    return answer(uow, person_id=person_id, text=said, desk=desk)


def group_picture(
    uow: UnitOfWork, *, person_id: UUID, scanned: ScannedPicture, desk: Desk
) -> Answer | None:
    """Take a picture for the code of a group, if it is meant for one; else None."""
    talk = open_talk(uow, person_id, desk)
    taken: list[Answer | None] = []

    def take() -> Answer:
        taken.append(code_desk.take_picture(talk, scanned))
        return taken[0] or Answer("")

    answer = _guarded(talk, take)
    return None if taken == [None] else answer


def picture(
    uow: UnitOfWork,
    *,
    person_id: UUID,
    picture_path: str,
    desk: Desk,
    scanned: ScannedPicture | None = None,
) -> Answer:
    """Take a picture into the draft at hand.

    Args:
        scanned: what its code says, when it was looked for one.
        picture_path: `/media/<sha256>` of a picture that was kept for this creator before.
    """
    talk = open_talk(uow, person_id, desk)
    creator = talk.creator
    if creator is None:
        return sentences.fitted(f"收到图片。{sentences.FAN_MENU}")
    answer = _guarded(talk, lambda: work_desk.add_picture(talk, creator, picture_path))
    note = "" if scanned is None else code_desk.remark(talk, scanned)
    return Answer(f"{answer.text}{note}", answer.links)


def sound(
    uow: UnitOfWork, *, person_id: UUID, media_id: UUID, is_playable: bool, desk: Desk
) -> Answer:
    """Take a spoken message into the draft at hand.

    Args:
        media_id: an object that was kept for this creator before.
        is_playable: readers will be able to play it in the page.
    """
    talk = open_talk(uow, person_id, desk)
    creator = talk.creator
    if creator is None:
        return sentences.fitted(f"收到语音。{sentences.FAN_MENU}")
    return _guarded(
        talk,
        lambda: standing_desk.add_sound(talk, creator, media_id, is_playable=is_playable),
    )


def is_command(said: str) -> bool:
    """Whether spoken words ask for something, rather than being something to publish."""
    command = grammar.parse(grammar.cleaned(said))
    return command is not None and not command.is_loose


def welcome(uow: UnitOfWork, *, person_id: UUID, desk: Desk) -> Answer:
    """What somebody reads who has just followed the account."""
    return front_desk.welcome(open_talk(uow, person_id, desk))


def _guarded(talk: Talk, work: Callable[[], Answer]) -> Answer:
    try:
        with talk.session.begin_nested():
            return work()
    except DomainError as refusal:
        talk.session.refresh(talk.dialog)
        leave = "（发「取消」退出这一步）" if talk.step else ""
        return sentences.fitted(f"{refusal.in_chinese()}{leave}")


def _reply(talk: Talk, said: str) -> Answer:
    if not said:
        return front_desk.unknown(talk)
    command = grammar.parse(said)
    step = talk.step
    if step and (command is None or command.is_loose):
        return _answer_step(talk, step, said, command)
    if step == "writing" and command is not None and command.verb == "retitle" and command.rest:
        return work_desk.take_text(talk, command.rest)
    if command is not None and not (command.is_loose and _is_prose(talk, command, said)):
        if step and command.verb not in _KEEPS_STEP:
            talk.wait_for("")
            talk.remember(title=None)
        return _do(talk, command)
    return _take_prose(talk, said)


def _answer_step(talk: Talk, step: str, said: str, command: Command | None) -> Answer:
    if step not in _WRITING_STEPS and _is_article(talk, said):
        return _take_prose(talk, said)
    take = _TEXT_STEPS.get(step)
    if take is not None:
        return take(talk, said)
    if command is not None and command.verb == "confirm":
        return _do(talk, command)
    return _do(talk, Command(step, said))


def _do(talk: Talk, command: Command) -> Answer:
    if command.verb == "confirm" and command.is_loose and find_confirmation(talk) is None:
        return front_desk.unknown(talk)
    if command.verb in _ANYONE:
        return _ANYONE[command.verb](talk, command)
    if talk.creator is None:
        raise NotACreator
    return _CREATORS[command.verb](talk, command, talk.creator)


def _is_prose(talk: Talk, command: Command, said: str) -> bool:
    if command.verb == "introduction" and grammar.said_of_oneself(said):
        return False
    return talk.creator is not None and grammar.is_free_text(said)


def _is_article(talk: Talk, said: str) -> bool:
    # Longer than any answer to a question: somebody began to write, and nothing may be lost.
    # An address is long by nature and belongs to the answer.
    before, _, after = grammar.around_address(said)
    is_long = len(before) + len(after) > ANSWER_TO_STEP_CHARS_MAX
    return talk.creator is not None and ("\n" in said or is_long)


def _take_prose(talk: Talk, said: str) -> Answer:
    if talk.creator is None:
        if front_desk.looks_like_code(said):
            return front_desk.become(talk, Command("become", said))
        return fan_browse.find(talk, said) or front_desk.unknown(talk)
    if talk.recall("pictures") is not None or grammar.is_free_text(said):
        kept = work_desk.draft_from(talk, talk.creator, said)
        return profile_desk.unlike_introduction(kept) if grammar.said_of_oneself(said) else kept
    return front_desk.unknown(talk)

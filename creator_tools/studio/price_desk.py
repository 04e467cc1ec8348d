"""Prices by chat: of the work at hand, of a column for ever or for a term."""

from creator_tools.creators.models import Creator
from creator_tools.studio import column_desk, sentences, work_desk
from creator_tools.studio.deeds import prices as deeds
from creator_tools.studio.deeds.doer import Step
from creator_tools.studio.dialogs import Answer, Talk, ask_confirmation
from creator_tools.studio.errors import MustConfirm
from creator_tools.studio.grammar import Amount, Command, amount
from creator_tools.works import queries as works
from creator_tools.works.models import Work

_TERMS: dict[str, tuple[int | None, str]] = {
    "column_price": (None, "永久"),
    "column_month": (30, "包月（30 天）"),
    "column_quarter": (90, "包季（90 天）"),
    "column_year": (365, "包年（365 天）"),
}
_UNFINISHED = frozenset({"draft", "rejected", "in_review", "scheduled"})


def price_work(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Set the price of a work, or ask for it."""
    if not command.rest:
        work_desk.chosen_work(talk, creator, None)
        talk.wait_for("price")
        return Answer(sentences.ASK_PRICE)
    wanted = amount(command.rest)
    if wanted is None:
        return Answer(sentences.PRICE_UNCLEAR)
    return _price(talk, work_desk.chosen_work(talk, creator, wanted.number), wanted)


def make_free(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Let everyone read a work."""
    work = work_desk.chosen_work(talk, creator, command.number)
    free = amount("免费")
    return Answer(sentences.PRICE_UNCLEAR) if free is None else _price(talk, work, free)


def publish(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Publish the work at hand or the one of that number; "发布 9.9" prices it on the way."""
    if not command.rest:
        return work_desk.publish(talk, work_desk.chosen_work(talk, creator, None))
    numbered = _unpublished(talk, creator, command.number)
    if numbered is not None:
        return work_desk.publish(talk, numbered)
    wanted = amount(command.rest)
    if wanted is None:
        return Answer(sentences.PRICE_UNCLEAR)
    work = work_desk.chosen_work(talk, creator, wanted.number)
    question = _change(talk, deeds.step_of_work(work, wanted.price_fen))
    if question is not None:
        return question
    published = work_desk.publish(talk, work)
    return sentences.fitted(
        f"定价 {sentences.yuan(wanted.price_fen)}。{published.text}", *published.links
    )


def price_column(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Set the price of a column, for ever or for a term."""
    term_days, name = _TERMS[command.verb]
    if not command.rest:
        talk.wait_for(command.verb)
        return Answer(f"整个专栏{name}卖多少钱？发个数字就行，比如 99。")
    wanted = amount(command.rest)
    if wanted is None or wanted.price_fen == 0:
        return Answer("专栏的价格在 0.01 到 50000 元之间，比如：专栏定价 99。")
    column = column_desk.chosen_column(talk, creator, wanted.number)
    if column is None:
        return Answer(sentences.no_such_column(wanted.number))
    question = _change(talk, deeds.step_of_column(column.id, term_days, wanted.price_fen))
    if question is not None:
        return question
    return Answer(
        f"专栏《{column.title}》{name} {sentences.yuan(wanted.price_fen)}，已开售。",
        (sentences.column_link(column.id),),
    )


def _price(talk: Talk, work: Work, wanted: Amount) -> Answer:
    question = _change(talk, deeds.step_of_work(work, wanted.price_fen))
    if question is not None:
        return question
    following = "，回复「预览」看试读，「发布」就发布" if work.state in _UNFINISHED else "，已生效"
    return Answer(f"《{work.title}》定价 {sentences.yuan(wanted.price_fen)}{following}。")


def _change(talk: Talk, step: Step) -> Answer | None:
    """Set a price; or the question that must be answered first."""
    talk.wait_for("")
    try:
        deeds.change(talk.doer(), step)
    except MustConfirm as asked:
        code = ask_confirmation(talk, asked.step)
        before_fen = asked.facts["before_fen"]
    else:
        return None
    assert isinstance(before_fen, int), "a price is whole fen"
    return Answer(
        f"已经有人按 {sentences.yuan(before_fen)} 买过，改成 "
        f"{sentences.yuan(step['price_fen'])} 变化超过一半。\n"
        f"10 分钟内回复「确认 {code}」才会修改。"
    )


def _unpublished(talk: Talk, creator: Creator, number: int | None) -> Work | None:
    item = talk.listed(number)
    if item is None or item[0] != "work":
        return None
    own = {work.id: work for work in works.list_of_creator(talk.session, creator.id)}
    work = own.get(item[1])
    if work is None or (work.state == "published" and not works.has_changes(talk.session, work)):
        return None
    talk.remember(work=str(work.id))
    return work

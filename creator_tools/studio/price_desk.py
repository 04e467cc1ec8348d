"""Prices by chat: of the work at hand, of a column for ever or for a term.

A sold thing whose price moves by more than half is probably a slip of the thumb: it needs a code.
"""

from typing import Any
from uuid import UUID

from creator_tools.catalogue import queries as catalogue
from creator_tools.catalogue import service
from creator_tools.catalogue.models import Product
from creator_tools.creators.models import Creator
from creator_tools.studio import column_desk, sentences, work_desk
from creator_tools.studio.dialogs import Answer, Talk, ask_confirmation, offer_undo
from creator_tools.studio.grammar import Amount, Command, amount
from creator_tools.works import queries as works
from creator_tools.works.models import Work

_TERMS: dict[str, tuple[str, int | None, str]] = {
    "column_price": ("column_forever", None, "永久"),
    "column_month": ("column_term", 30, "包月（30 天）"),
    "column_quarter": ("column_term", 90, "包季（90 天）"),
    "column_year": ("column_term", 365, "包年（365 天）"),
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
    return _price(talk, creator, work_desk.chosen_work(talk, creator, wanted.number), wanted)


def make_free(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Let everyone read a work."""
    work = work_desk.chosen_work(talk, creator, command.number)
    free = amount("免费")
    return Answer(sentences.PRICE_UNCLEAR) if free is None else _price(talk, creator, work, free)


def publish(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Publish the work at hand or the one of that number; "发布 9.9" prices it on the way."""
    if not command.rest:
        return work_desk.publish(talk, creator, work_desk.chosen_work(talk, creator, None))
    numbered = _unpublished(talk, creator, command.number)
    if numbered is not None:
        return work_desk.publish(talk, creator, numbered)
    wanted = amount(command.rest)
    if wanted is None:
        return Answer(sentences.PRICE_UNCLEAR)
    work = work_desk.chosen_work(talk, creator, wanted.number)
    question = _change(talk, creator, _step_of_work(work, wanted))
    if question is not None:
        return question
    published = work_desk.publish(talk, creator, work)
    return sentences.fitted(
        f"定价 {sentences.yuan(wanted.price_fen)}。{published.text}", *published.links
    )


def price_column(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Set the price of a column, for ever or for a term."""
    kind, term_days, name = _TERMS[command.verb]
    if not command.rest:
        talk.wait_for(command.verb)
        return Answer(f"整个专栏{name}卖多少钱？发个数字就行，比如 99。")
    wanted = amount(command.rest)
    if wanted is None or wanted.price_fen == 0:
        return Answer("专栏的价格在 0.01 到 50000 元之间，比如：专栏定价 99。")
    column = column_desk.chosen_column(talk, creator, wanted.number)
    if column is None:
        return Answer(sentences.NO_COLUMN)
    step = _step(kind, column.id, None, term_days, wanted.price_fen)
    question = _change(talk, creator, step)
    if question is not None:
        return question
    return Answer(
        f"专栏《{column.title}》{name} {sentences.yuan(wanted.price_fen)}，已开售。",
        (sentences.column_link(column.id),),
    )


def set_now(talk: Talk, creator: Creator, step: dict[str, Any]) -> Product:
    """Set a price that was decided: by a command, a code or an undo."""
    return service.set_price(
        talk.uow,
        creator_id=creator.id,
        kind=step["kind"],
        column_id=UUID(step["column"]),
        work_id=UUID(step["work"]) if step["work"] else None,
        term_days=step["term_days"],
        price_fen=step["price_fen"],
    )


def unprice(talk: Talk, creator: Creator, step: dict[str, Any]) -> None:
    """Take off sale what had no price before."""
    product = _product_of(talk, step)
    if product is not None:
        service.take_off_sale(talk.uow, creator_id=creator.id, product_id=product.id)


def _price(talk: Talk, creator: Creator, work: Work, wanted: Amount) -> Answer:
    question = _change(talk, creator, _step_of_work(work, wanted))
    if question is not None:
        return question
    following = "，回复「预览」看试读，「发布」就发布" if work.state in _UNFINISHED else "，已生效"
    return Answer(f"《{work.title}》定价 {sentences.yuan(wanted.price_fen)}{following}。")


def _change(talk: Talk, creator: Creator, step: dict[str, Any]) -> Answer | None:
    """Set a price and offer to take it back; or the question that must be answered first."""
    talk.wait_for("")
    before = _product_of(talk, step)
    if before is None or before.state != "on_sale":
        set_now(talk, creator, step)
        offer_undo(talk, "定价已取消，恢复为未定价。", {**step, "do": "unprice"})
        return None
    before_fen = before.price_fen
    if _is_slip(talk, before, step):
        code = ask_confirmation(talk, step)
        return Answer(
            f"已经有人按 {sentences.yuan(before_fen)} 买过，改成 "
            f"{sentences.yuan(step['price_fen'])} 变化超过一半。\n"
            f"10 分钟内回复「确认 {code}」才会修改。"
        )
    set_now(talk, creator, step)
    said = f"价格已改回 {sentences.yuan(before_fen)}。"
    offer_undo(talk, said, {**step, "price_fen": before_fen})
    return None


def _is_slip(talk: Talk, before: Product, step: dict[str, Any]) -> bool:
    moves_far = abs(step["price_fen"] - before.price_fen) * 2 > before.price_fen
    object_type = "column" if before.work_id is None else "work"
    object_id = before.work_id or before.column_id
    return moves_far and talk.desk.has_sold(talk.session, object_type, object_id)


def _product_of(talk: Talk, step: dict[str, Any]) -> Product | None:
    if step["work"]:
        return catalogue.find_of_work(talk.session, UUID(step["work"]))
    column_id = UUID(step["column"])
    products = catalogue.list_of_column(talk.session, column_id, include_off_sale=True)
    return next((each for each in products if each.term_days == step["term_days"]), None)


def _step_of_work(work: Work, wanted: Amount) -> dict[str, Any]:
    return _step("work", work.column_id, work.id, None, wanted.price_fen)


def _step(
    kind: str, column_id: UUID, work_id: UUID | None, term_days: int | None, price_fen: int
) -> dict[str, Any]:
    return {
        "do": "price",
        "kind": kind,
        "column": str(column_id),
        "work": str(work_id) if work_id else None,
        "term_days": term_days,
        "price_fen": price_fen,
    }


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

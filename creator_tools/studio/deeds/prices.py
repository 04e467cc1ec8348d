"""Deeds on prices: of a work, of a column for ever or for a term.

A sold thing whose price moves by more than half is probably a slip of the thumb: it needs a
second word.
"""

from uuid import UUID

from creator_tools.catalogue import queries, service
from creator_tools.catalogue.models import Product
from creator_tools.kernel.fen import format_yuan
from creator_tools.studio.deeds.doer import Doer, Step, offer_undo
from creator_tools.studio.errors import MustConfirm
from creator_tools.works.models import Work


def step_of_work(work: Work, price_fen: int) -> Step:
    """What to do so that a work costs this much; 0 is free."""
    return _step("work", work.column_id, work.id, None, price_fen)


def step_of_column(column_id: UUID, term_days: int | None, price_fen: int) -> Step:
    """What to do so that a column costs this much for a term, or for ever without one."""
    kind = "column_forever" if term_days is None else "column_term"
    return _step(kind, column_id, None, term_days, price_fen)


def change(doer: Doer, step: Step, *, confirmed: bool = False) -> Product:
    """Set a price; can be undone.

    Raises:
        MustConfirm: somebody paid the price of before, the new one is far from it, and no second
            word was given. Its facts are `before_fen` and `price_fen`.
    """
    before = product_of(doer, step)
    if before is None or before.state != "on_sale":
        product = set_now(doer, step)
        offer_undo(doer, "定价已取消，恢复为未定价。", {**step, "do": "unprice"})
        return product
    before_fen = before.price_fen
    if not confirmed and _is_slip(doer, before, step):
        raise MustConfirm(step, before_fen=before_fen, price_fen=step["price_fen"])
    product = set_now(doer, step)
    said = f"价格已改回 {_yuan(before_fen)}。"
    offer_undo(doer, said, {**step, "price_fen": before_fen})
    return product


def take_off_sale(doer: Doer, step: Step) -> Product | None:
    """Stop selling what was for sale; can be undone. None when it was not for sale."""
    product = product_of(doer, step)
    if product is None or product.state != "on_sale":
        return None
    price_fen = product.price_fen
    unprice_now(doer, step)
    said = f"已按 {_yuan(price_fen)} 恢复出售。"
    offer_undo(doer, said, {**step, "do": "price", "price_fen": price_fen})
    return product


def set_now(doer: Doer, step: Step) -> Product:
    """Set a price that was decided, for an undo."""
    return service.set_price(
        doer.uow,
        creator_id=doer.creator.id,
        kind=step["kind"],
        column_id=UUID(step["column"]),
        work_id=UUID(step["work"]) if step["work"] else None,
        term_days=step["term_days"],
        price_fen=step["price_fen"],
    )


def unprice_now(doer: Doer, step: Step) -> None:
    """Take off sale, for an undo."""
    product = product_of(doer, step)
    if product is not None:
        service.take_off_sale(doer.uow, creator_id=doer.creator.id, product_id=product.id)


def product_of(doer: Doer, step: Step) -> Product | None:
    """The product that a step is about, on sale or not, or None while there is none."""
    if step["work"]:
        return queries.find_of_work(doer.session, UUID(step["work"]))
    products = queries.list_of_column(doer.session, UUID(step["column"]), include_off_sale=True)
    return next((each for each in products if each.term_days == step["term_days"]), None)


def _is_slip(doer: Doer, before: Product, step: Step) -> bool:
    moves_far = abs(step["price_fen"] - before.price_fen) * 2 > before.price_fen
    object_type = "column" if before.work_id is None else "work"
    object_id = before.work_id or before.column_id
    return moves_far and doer.desk.has_sold(doer.session, object_type, object_id)


def _step(
    kind: str, column_id: UUID, work_id: UUID | None, term_days: int | None, price_fen: int
) -> Step:
    return {
        "do": "price",
        "kind": kind,
        "column": str(column_id),
        "work": str(work_id) if work_id else None,
        "term_days": term_days,
        "price_fen": price_fen,
    }


def _yuan(price_fen: int) -> str:
    return "免费" if price_fen == 0 else f"¥{format_yuan(price_fen)}"

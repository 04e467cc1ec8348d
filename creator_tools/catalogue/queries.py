"""Reading products, quotes and price tiers."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, SQLColumnExpression, and_, or_, select, text
from sqlalchemy.orm import Session

from creator_tools.catalogue.errors import ProductNotFound, QuoteNotFound
from creator_tools.catalogue.models import PriceTier, Product, Quote
from creator_tools.people.queries import family_of

_GoodsId = ScalarSelect[str]


class Offered(NamedTuple):
    """A product that is on sale, as a list shows it; its fields are columns of products."""

    id: UUID
    kind: str
    title: str
    term_days: int | None
    price_fen: int


def _opening(work_id: str, column_id: str) -> str:
    """Where the products on sale come from that open a work; both given as SQL.

    Naming the kinds of a column lets the unique index find them: by the column alone it would be
    all works ever priced in it.
    """
    return f"""
        FROM products p
        WHERE p.state = 'on_sale' AND (p.work_id = {work_id} OR (
            p.work_id IS NULL AND p.kind IN ('column_forever', 'column_term')
            AND p.column_id = ANY (ARRAY(
                SELECT {column_id} UNION ALL
                SELECT cw.column_id FROM column_works cw
                WHERE cw.work_id = {work_id} AND cw.removed_at IS NULL))))
    """  # noqa: S608 - put together from constants


def _order(column_id: str) -> str:
    """A work's own first, then its home's, for ever before terms, longest first."""
    return f"""
        CASE WHEN p.work_id IS NOT NULL THEN 0 WHEN p.column_id = {column_id} THEN 1 ELSE 2 END,
        p.term_days DESC NULLS FIRST, p.id
    """


_LIST_OF_WORK = text(
    f"SELECT p.* {_opening(':work_id', ':column_id')} ORDER BY {_order(':column_id')}"
)
TIER_ASK_AGAIN = timedelta(seconds=15)
TIER_TRY_AGAIN = timedelta(minutes=10)


def get(session: Session, product_id: UUID) -> Product:
    """The product with this id, on sale or not.

    Raises:
        ProductNotFound: there is none.
    """
    product = session.get(Product, product_id)
    if product is None:
        raise ProductNotFound(product_id=str(product_id))
    return product


def get_quote(session: Session, quote_id: UUID, person_id: UUID) -> Quote:
    """A quote made for this person; somebody else's is not found.

    Raises:
        QuoteNotFound: there is none for this person.
    """
    quote = session.scalars(
        select(Quote).where(Quote.id == quote_id, Quote.person_id.in_(family_of(person_id)))
    ).one_or_none()
    if quote is None:
        raise QuoteNotFound(quote_id=str(quote_id))
    return quote


def list_of_column(
    session: Session, column_id: UUID, *, include_off_sale: bool = False
) -> list[Product]:
    """The products that open a whole column: for ever first, then terms, longest first."""
    found = select(Product).where(Product.column_id == column_id, Product.work_id.is_(None))
    if not include_off_sale:
        found = found.where(Product.state == "on_sale")
    longest_first = Product.term_days.desc().nulls_first()
    return list(session.scalars(found.order_by(longest_first)))


def list_of_work(session: Session, work_id: UUID, column_id: UUID) -> list[Product]:
    """Every product on sale that opens a work: its own first, then those of its columns."""
    found = select(Product).from_statement(_LIST_OF_WORK)
    return list(session.scalars(found, {"work_id": work_id, "column_id": column_id}))


def offers_at(work_id: str, column_id: str) -> str:
    """What `list_of_work` lists, as one value of a larger query in SQL; read by `offers_in`."""
    columns = ", ".join(f"p.{name}" for name in Offered._fields)
    return f"""(
        SELECT json_agg(json_build_array({columns}) ORDER BY {_order(column_id)})
        {_opening(work_id, column_id)}
    )"""


def offers_in(listed: list[list[Any]] | None) -> list[Offered]:
    """The offers in the value of `offers_at`."""
    return [Offered(UUID(one[0]), *one[1:]) for one in listed or ()]


def find_of_work(session: Session, work_id: UUID) -> Product | None:
    """The product that sells one work alone, on sale or not, or None when it has no price."""
    return session.scalars(select(Product).where(Product.work_id == work_id)).one_or_none()


def list_of_works(session: Session, work_ids: list[UUID]) -> dict[UUID, Product]:
    """The products of many works by work, on sale or not; works without one are missing."""
    found = session.scalars(select(Product).where(Product.work_id.in_(work_ids)))
    return {product.work_id: product for product in found if product.work_id is not None}


def goods_id_at(
    account_id: SQLColumnExpression[UUID], price_fen: SQLColumnExpression[int]
) -> _GoodsId:
    """The good that stands for a price in an account, as a part of a larger query."""
    return (
        select(PriceTier.goods_id)
        .where(PriceTier.account_id == account_id, PriceTier.price_fen == price_fen)
        .scalar_subquery()
    )


def find_live_tier(session: Session, account_id: UUID, price_fen: int) -> PriceTier | None:
    """The published good for a price in one account, or None while there is none."""
    return session.scalars(
        select(PriceTier).where(
            PriceTier.account_id == account_id,
            PriceTier.price_fen == price_fen,
            PriceTier.state == "live",
        )
    ).one_or_none()


def find_tier(session: Session, account_id: UUID, price_fen: int) -> PriceTier | None:
    """The good for a price in one account, however far its publication has come."""
    return session.scalars(
        select(PriceTier).where(
            PriceTier.account_id == account_id, PriceTier.price_fen == price_fen
        )
    ).one_or_none()


def accounts_uploading(session: Session) -> set[UUID]:
    """Mini-programs with a price on its way up; a platform takes one at a time."""
    uploading = select(PriceTier.account_id).where(PriceTier.state == "uploading")
    return set(session.scalars(uploading))


def list_tiers_due(session: Session, now: datetime, *, limit: int = 20) -> list[PriceTier]:
    """Tiers whose next step is due: wanted ones at once, others after a pause, oldest first."""
    return list(
        session.scalars(
            select(PriceTier)
            .where(
                or_(
                    PriceTier.state == "wanted",
                    and_(
                        PriceTier.state.in_(("uploading", "publishing")),
                        PriceTier.updated_at <= now - TIER_ASK_AGAIN,
                    ),
                    and_(
                        PriceTier.state == "failed",
                        PriceTier.updated_at <= now - TIER_TRY_AGAIN,
                    ),
                )
            )
            .order_by(PriceTier.updated_at, PriceTier.id)
            .limit(limit)
        )
    )

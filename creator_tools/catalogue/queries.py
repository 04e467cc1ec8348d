"""Reading products, quotes and price tiers."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ScalarSelect, SQLColumnExpression, and_, case, or_, select
from sqlalchemy.orm import Session

from creator_tools.catalogue.errors import ProductNotFound, QuoteNotFound
from creator_tools.catalogue.models import PriceTier, Product, Quote
from creator_tools.people.queries import family_of
from creator_tools.works import queries as works

_GoodsId = ScalarSelect[str]
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
    found = select(Product).where(
        Product.state == "on_sale",
        or_(
            Product.work_id == work_id,
            and_(
                or_(
                    Product.column_id == column_id,
                    Product.column_id.in_(works.columns_standing(work_id)),
                ),
                Product.work_id.is_(None),
            ),
        ),
    )
    own_first = case(
        (Product.work_id.is_not(None), 0), (Product.column_id == column_id, 1), else_=2
    )
    return list(session.scalars(found.order_by(own_first, Product.term_days.desc().nulls_first())))


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

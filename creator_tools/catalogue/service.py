"""Pricing, quoting, and the price tiers that the mini-program needs ahead of a sale."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.catalogue import queries, rules
from creator_tools.catalogue.errors import ProductNotFound, TierNotFound
from creator_tools.catalogue.models import DEVICES, PriceTier, Product, Quote
from creator_tools.catalogue.ports import RailPolicy
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.models import PlatformAccount
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import queries as works
from creator_tools.works import service as works_service
from creator_tools.works.errors import WorkNotFound

# These rails sell goods that were published ahead, one per price.
TIERED_RAILS = frozenset({"xpay_android", "xpay_ios"})
_CLOSED_TO_NEW_READERS = frozenset({"paused", "closed"})


@dataclass(frozen=True)
class _Frozen:
    """What a quote keeps of the moment it was made."""

    rail: str | None
    may_show_price: bool
    reasons: list[str]


def set_price(
    uow: UnitOfWork,
    *,
    creator_id: UUID,
    kind: str,
    column_id: UUID,
    work_id: UUID | None = None,
    term_days: int | None = None,
    price_fen: int,
) -> Product:
    """Put a work or a column on sale at a price; the same thing again keeps its product.

    A price of 0 makes a single work free for everyone. Quotes and orders that were made before
    keep their own price. Every mini-program of the house is asked to publish the price ahead.

    Args:
        kind: "work", "column_forever" or "column_term".
        price_fen: 1 … 5,000,000; for a work also 0.

    Raises:
        ColumnNotFound, WorkNotFound: not there, somebody else's, or not in that column.
        PriceRefused, TermRefused: outside of what can be sold.
    """
    rules.check_price(kind, price_fen)
    rules.check_term(kind, term_days)
    title = _title_of_own(uow, creator_id, kind, column_id, work_id, term_days)
    product = _kept(uow, creator_id, kind, column_id, work_id, term_days)
    before_fen, before_state = product.price_fen, product.state
    product.title = title
    product.price_fen = price_fen
    product.state = "on_sale"
    product.updated_at = uow.now()
    if work_id is not None:
        works_service.mark_free(uow, work_id=work_id, creator_id=creator_id, is_free=price_fen == 0)
    if price_fen > 0:
        _want_everywhere(uow, price_fen)
    uow.audit(
        "product.priced",
        "product",
        product.id,
        price_fen=price_fen,
        before_fen=before_fen,
        before_state=before_state,
    )
    return product


def take_off_sale(uow: UnitOfWork, *, creator_id: UUID, product_id: UUID) -> Product:
    """Stop selling; who bought keeps what was bought. A free work is no longer free.

    Raises:
        ProductNotFound: not there or somebody else's.
    """
    product = _locked_own(uow, creator_id, product_id)
    if product.state == "off_sale":
        return product
    product.state = "off_sale"
    product.updated_at = uow.now()
    if product.work_id is not None:
        works_service.mark_free(uow, work_id=product.work_id, creator_id=creator_id, is_free=False)
    uow.audit("product.taken_off_sale", "product", product.id, price_fen=product.price_fen)
    return product


def follow_work_title(uow: UnitOfWork, *, work_id: UUID) -> None:
    """Call the product of a work as the work is called now; orders keep the name they had."""
    product = queries.find_of_work(uow.session, work_id)
    if product is not None:
        _call(uow, product, works.get(uow.session, work_id).title)


def follow_column_title(uow: UnitOfWork, *, column_id: UUID) -> None:
    """Call every product of a column as the column is called now, those off sale too."""
    title = columns.get(uow.session, column_id).title
    for product in queries.list_of_column(uow.session, column_id, include_off_sale=True):
        _call(uow, product, title)


def quote(
    uow: UnitOfWork,
    *,
    product_id: UUID,
    person_id: UUID,
    account_id: UUID,
    surface: str,
    device: str,
    policy: RailPolicy,
) -> Quote:
    """Freeze price, rail and reasons for one person for 15 minutes.

    What cannot be sold now is quoted with rail None and says why.

    Args:
        account_id, surface: of the session, never of the request.
        device: a hint of the client; anything unheard of counts as "unknown".

    Raises:
        ProductNotFound: there is no such product.
    """
    product = queries.get(uow.session, product_id)
    known_device = device if device in DEVICES else "unknown"
    obstacle = _obstacle(uow, product)
    frozen = _decided(uow, product, account_id, surface, known_device, policy)
    if obstacle is not None:
        frozen = _Frozen(None, frozen.may_show_price, [obstacle])
    made = Quote(
        id=uow.ids.new(),
        creator_id=product.creator_id,
        product_id=product.id,
        person_id=person_id,
        account_id=account_id,
        device=known_device,
        rail=frozen.rail,
        payable_fen=product.price_fen,
        may_show_price=frozen.may_show_price,
        reasons=[rules.reason(code) for code in frozen.reasons],
        expires_at=uow.now() + rules.QUOTE_LIFETIME,
        created_at=uow.now(),
    )
    uow.session.add(made)
    uow.session.flush()
    uow.audit("quote.made", "quote", made.id, product_id=str(product.id), rail=frozen.rail)
    return made


def want_tier(uow: UnitOfWork, *, account_id: UUID, price_fen: int) -> None:
    """Ask that a good of this price be published in an account; asking again changes nothing."""
    asked = uow.session.execute(
        insert(PriceTier)
        .values(
            id=uow.ids.new(),
            account_id=account_id,
            goods_id=rules.goods_id_of(price_fen),
            price_fen=price_fen,
            state="wanted",
            updated_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["account_id", "price_fen"])
        .returning(PriceTier.id)
    ).scalar_one_or_none()
    if asked is not None:
        uow.audit("tier.wanted", "price_tier", asked, price_fen=price_fen)


def note_tier_state(uow: UnitOfWork, *, tier_id: UUID, state: str) -> PriceTier:
    """Write down how far the platform is with a tier; a live tier stays live.

    Args:
        state: "uploading", "publishing", "live" or "failed".

    Raises:
        TierNotFound: there is no such tier.
    """
    tier = uow.session.scalars(
        select(PriceTier).where(PriceTier.id == tier_id).with_for_update()
    ).one_or_none()
    if tier is None:
        raise TierNotFound(tier_id=str(tier_id))
    if tier.state == "live":
        return tier
    if tier.state != state:
        uow.audit("tier.moved", "price_tier", tier.id, before=tier.state, state=state)
    tier.state = state
    tier.updated_at = uow.now()
    tier.live_at = uow.now() if state == "live" else None
    return tier


def _call(uow: UnitOfWork, product: Product, object_title: str) -> None:
    title = rules.product_title(product.kind, object_title, product.term_days)
    if product.title == title:
        return
    before, product.title = product.title, title
    product.updated_at = uow.now()
    uow.audit("product.retitled", "product", product.id, before=before, after=title)


def _decided(
    uow: UnitOfWork,
    product: Product,
    account_id: UUID,
    surface: str,
    device: str,
    policy: RailPolicy,
) -> _Frozen:
    day = business_day_of(uow.now())
    kind = "free" if product.price_fen == 0 else "virtual"
    decision = policy.decide(surface, device, kind, day)
    rail, reasons = decision.rail, list(decision.reasons)
    if rail is not None and rail != "free":
        if product.price_fen < policy.least_fen(rail, day):
            return _Frozen(None, decision.may_show_price, ["below_rail_floor"])
        if rail in TIERED_RAILS and not _has_live_tier(uow, account_id, product.price_fen):
            return _Frozen(None, decision.may_show_price, ["tier_not_live"])
    return _Frozen(rail, decision.may_show_price, reasons)


def _has_live_tier(uow: UnitOfWork, account_id: UUID, price_fen: int) -> bool:
    if queries.find_live_tier(uow.session, account_id, price_fen) is not None:
        return True
    want_tier(uow, account_id=account_id, price_fen=price_fen)
    return False


def _obstacle(uow: UnitOfWork, product: Product) -> str | None:
    if product.state != "on_sale":
        return "not_on_sale"
    if creators.get(uow.session, product.creator_id).state != "active":
        return "creator_paused"
    column = columns.get(uow.session, product.column_id)
    if product.work_id is None:
        return "column_not_open" if column.state in _CLOSED_TO_NEW_READERS else None
    work = works.get(uow.session, product.work_id)
    return None if work.state == "published" else "work_not_published"


def _title_of_own(
    uow: UnitOfWork,
    creator_id: UUID,
    kind: str,
    column_id: UUID,
    work_id: UUID | None,
    term_days: int | None,
) -> str:
    column = columns.get_of_creator(uow.session, column_id, creator_id)
    if work_id is None:
        return rules.product_title(kind, column.title, term_days)
    work = works.get_own(uow.session, work_id, creator_id)
    if work.column_id != column_id:
        raise WorkNotFound(work_id=str(work_id))
    return rules.product_title(kind, work.title, term_days)


def _kept(
    uow: UnitOfWork,
    creator_id: UUID,
    kind: str,
    column_id: UUID,
    work_id: UUID | None,
    term_days: int | None,
) -> Product:
    row = {"kind": kind, "column_id": column_id, "work_id": work_id, "term_days": term_days}
    uow.session.execute(
        insert(Product)
        .values(
            id=uow.ids.new(),
            creator_id=creator_id,
            title="",
            price_fen=0,
            state="off_sale",
            created_at=uow.now(),
            updated_at=uow.now(),
            **row,
        )
        .on_conflict_do_nothing(index_elements=list(row))
    )
    return uow.session.scalars(
        select(Product)
        .where(*(getattr(Product, name).is_not_distinct_from(row[name]) for name in row))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _locked_own(uow: UnitOfWork, creator_id: UUID, product_id: UUID) -> Product:
    product = uow.session.scalars(
        select(Product)
        .where(Product.id == product_id, Product.creator_id == creator_id)
        .with_for_update()
    ).one_or_none()
    if product is None:
        raise ProductNotFound(product_id=str(product_id))
    return product


def _want_everywhere(uow: UnitOfWork, price_fen: int) -> None:
    mini_programs = select(PlatformAccount.id).where(PlatformAccount.kind == "mini")
    for account_id in uow.session.scalars(mini_programs).all():
        want_tier(uow, account_id=account_id, price_fen=price_fen)

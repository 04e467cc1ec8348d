"""Products, frozen quotes, and the price tiers that the mini-program can sell."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

PRODUCT_KINDS = ("work", "column_forever", "column_term")
PRODUCT_STATES = ("on_sale", "off_sale")
DEVICES = ("android", "ios", "windows", "mac", "harmony", "unknown")
TIER_STATES = ("wanted", "uploading", "publishing", "live", "failed")


class Product(Model):
    """What can be bought: one work, or a column for ever or for a term."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(one_of("kind", PRODUCT_KINDS), name="kind"),
        CheckConstraint(one_of("state", PRODUCT_STATES), name="state"),
        CheckConstraint("price_fen >= 0", name="price_not_negative"),
        CheckConstraint("(kind = 'work') = (work_id IS NOT NULL)", name="work_has_work"),
        CheckConstraint("(kind = 'column_term') = (term_days IS NOT NULL)", name="term_has_days"),
        UniqueConstraint(
            "kind", "column_id", "work_id", "term_days", postgresql_nulls_not_distinct=True
        ),
        Index("ix_products_column_id", "column_id"),
        Index("ix_products_work_id", "work_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    kind: Mapped[str]
    column_id: Mapped[UUID] = mapped_column(ForeignKey("columns.id"))
    work_id: Mapped[UUID | None] = mapped_column(ForeignKey("works.id"))
    term_days: Mapped[int | None]
    title: Mapped[str]
    price_fen: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Quote(Model):
    """A price, a rail and their reasons, frozen for one person for some minutes."""

    __tablename__ = "quotes"
    __table_args__ = (
        CheckConstraint("payable_fen >= 0", name="payable_not_negative"),
        CheckConstraint(one_of("device", DEVICES), name="device"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    device: Mapped[str]
    rail: Mapped[str | None]
    payable_fen: Mapped[int]
    may_show_price: Mapped[bool]
    reasons: Mapped[list[Any]] = mapped_column(JSONB)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class PriceTier(Model):
    """One good per price point, published ahead, because publishing takes its time."""

    __tablename__ = "price_tiers"
    __table_args__ = (
        UniqueConstraint("account_id", "price_fen"),
        CheckConstraint(one_of("state", TIER_STATES), name="state"),
        CheckConstraint("price_fen > 0", name="price_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    goods_id: Mapped[str]
    price_fen: Mapped[int]
    state: Mapped[str]
    live_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

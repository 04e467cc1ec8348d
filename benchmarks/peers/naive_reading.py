"""Reading a paid article as the ORM's tutorial leads to it: the article, then the right to it."""

import json
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The tables of the naive reader."""


class Article(Base):
    """An article with its text."""

    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    column_id: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    is_free: Mapped[bool]


class Grant(Base):
    """The right of a fan to a column."""

    __tablename__ = "grants"
    fan_id: Mapped[int] = mapped_column(primary_key=True)
    column_id: Mapped[int] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]


def read(engine: Engine, fan_id: int, article_id: int) -> str:
    """What the fan may see of the article, as JSON."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with Session(engine) as session:
        article = session.get_one(Article, article_id)
        is_open = article.is_free or (
            session.scalar(
                select(Grant).where(
                    Grant.fan_id == fan_id,
                    Grant.column_id == article.column_id,
                    Grant.ends_at > now,
                )
            )
            is not None
        )
        body = article.body if is_open else article.body[:200]
        return json.dumps({"title": article.title, "body": body})

"""Tables and the way to them: one dialect, one naming convention, no surprises.

PostgreSQL only. Constraint names follow a convention so that a migration can name what it
changes, and columns carry their unit in their name (`_fen`, `_at`, `_bp`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Engine, LargeBinary, MetaData, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """The declarative root of every table of the house."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        datetime: DateTime(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
        bytes: LargeBinary,
    }


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a CHECK that `column` is one of `values`.

    Written the way PostgreSQL prints it back, so that model and database compare equal.
    """
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def as_uuid(text: str) -> UUID | None:
    """An id that came from outside, or None when it is none: an unknown id, not an error."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


# For statements that are planned once and kept: the plan is made while tables may be empty, and
# must still be right when they are full. Whatever can be found by a key is found by the key.
BY_KEY = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


def open_engine(
    url: str,
    *,
    application_name: str,
    statement_timeout_ms: int = 5_000,
    pool_size: int = 8,
    is_by_key: bool = False,
) -> Engine:
    """An engine whose every connection is bounded in time.

    Args:
        url: a PostgreSQL address in any of its usual spellings.
        application_name: shown in `pg_stat_activity`, so that a stuck query has an owner.
        statement_timeout_ms: 5 s for people who wait, more for sweeps.
        pool_size: connections kept; as many again may come for a moment.
        is_by_key: every statement is planned at once and once, see `BY_KEY`.
    """
    planned = " ".join(f"-c {name}={text}" for name, text in BY_KEY.items()) if is_by_key else ""
    options = (
        f"-c lock_timeout=2000 -c statement_timeout={statement_timeout_ms} "
        f"-c idle_in_transaction_session_timeout=15000 -c timezone=UTC {planned}"
    )
    return create_engine(
        _for_psycopg(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        # The one that was used last has its plans and is warm; the others may lie idle.
        pool_use_lifo=True,
        pool_timeout=3,
        # What a statement was given may be a name or a sealed secret; no error shall repeat it.
        hide_parameters=True,
        connect_args={
            "options": options,
            "application_name": application_name,
            "connect_timeout": 3,
            # Not at once: the empty statement that looks whether a connection lives would be, too.
            **({"prepare_threshold": 1} if is_by_key else {}),
        },
    )


def _for_psycopg(url: str) -> str:
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("DATABASE_URL must be a PostgreSQL address")

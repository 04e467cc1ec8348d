"""One request, message or task is one unit of work: one commit at the edge, or none.

Inside a unit nobody commits, sleeps or calls the network. What must follow is a row in the same
commit (`promise`), what changed is told in the same commit (`audit`). Leaving the unit commits
it; an exception leaves nothing.
"""

import contextvars
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from creator_tools.kernel import failpoints
from creator_tools.kernel.at_once import AtOnce
from creator_tools.kernel.clock import Clock
from creator_tools.kernel.models import Alarm, AuditEvent, Effect
from creator_tools.kernel.rng import Ids, IdsOf, Rng
from creator_tools.kernel.sealing import Sealer

T = TypeVar("T")

# Serialization failure, deadlock, lock timeout, connection gone: the whole unit may run again.
_RETRYABLE = frozenset({"40001", "40P01", "55P03", "57P01", "08006", "08003", "08000"})
ATTEMPTS_MAX = 5

_open_units: contextvars.ContextVar[int] = contextvars.ContextVar("open_units", default=0)


def in_unit_of_work() -> bool:
    """True while a unit is open here; the one function that sends HTTP refuses then."""
    return _open_units.get() > 0


@dataclass(frozen=True)
class Actor:
    """Who is behind a unit: a person, an operator, a platform or the system itself."""

    type: str
    id: UUID | None = None
    request_id: str | None = None


SYSTEM = Actor("system")


class UnitOfWork:
    """What code inside a unit may use; it is handed down, never fetched."""

    def __init__(
        self, session: Session, *, now: datetime, ids: IdsOf, rng: Rng, sealer: Sealer, actor: Actor
    ) -> None:
        self.session = session
        self.ids = ids
        self.rng = rng
        self.sealer = sealer
        self.actor = actor
        self._now = now

    def now(self) -> datetime:
        """The one moment at which everything in this unit happens; aware, UTC."""
        return self._now

    def audit(self, action: str, object_type: str, object_id: UUID | None, **facts: object) -> None:
        """Tell that something changed; facts hold no secret and no subject of a platform."""
        self.session.add(AuditEvent(**self.audit_row(action, object_type, object_id, **facts)))

    def audit_row(
        self, action: str, object_type: str, object_id: UUID | None, **facts: object
    ) -> dict[str, Any]:
        """What `audit` writes, for a unit that writes many at once."""
        return {
            "id": self.ids.new(),
            "actor_type": self.actor.type,
            "actor_id": self.actor.id,
            "action": action,
            "object_type": object_type,
            "object_id": object_id,
            "facts": facts,
            "request_id": self.actor.request_id,
            "at": self._now,
        }

    def promise(
        self,
        kind: str,
        idempotency_key: str,
        *,
        object_type: str,
        object_id: UUID | None,
        payload: dict[str, Any] | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Promise one call to the outside; the same kind and key again promises nothing new."""
        row = self.promise_row(
            kind,
            idempotency_key,
            object_type=object_type,
            object_id=object_id,
            payload=payload,
            not_before=not_before,
        )
        self.session.execute(
            insert(Effect)
            .values(**row)
            .on_conflict_do_nothing(index_elements=["kind", "idempotency_key"])
        )

    def promise_row(
        self,
        kind: str,
        idempotency_key: str,
        *,
        object_type: str,
        object_id: UUID | None,
        payload: dict[str, Any] | None = None,
        not_before: datetime | None = None,
    ) -> dict[str, Any]:
        """What `promise` writes, for a unit that writes many at once."""
        return {
            "id": self.ids.new(),
            "kind": kind,
            "idempotency_key": idempotency_key,
            "object_type": object_type,
            "object_id": object_id,
            "payload": payload or {},
            "state": "due",
            "attempts_count": 0,
            "next_at": not_before or self._now,
            "created_at": self._now,
        }

    def alarm(self, code: str, object_key: str, **facts: object) -> None:
        """Raise something that a person must look at; once per code and object."""
        self.session.execute(
            insert(Alarm)
            .values(
                id=self.ids.new(),
                code=code,
                object_key=object_key,
                facts=facts,
                raised_at=self._now,
            )
            .on_conflict_do_nothing(index_elements=["code", "object_key"])
        )


class UnitsOfWork:
    """Opens units, and reading views, over one database."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        clock: Clock,
        rng: Rng,
        sealer: Sealer,
        sleep: Callable[[float], None] = time.sleep,
        by_key: sessionmaker[Session] | None = None,
    ) -> None:
        """Bind units to a database.

        Args:
            by_key: sessions for units of many, whose connections plan by keys; `sessions` if None.
        """
        self._sessions = sessions
        self._by_key = by_key or sessions
        self.clock = clock
        self.rng = rng
        self.ids = Ids(clock, rng)
        self.sealer = sealer
        self._sleep = sleep
        self._at_once = AtOnce(sessions)

    def __call__(self, name: str, actor: Actor = SYSTEM) -> AbstractContextManager[UnitOfWork]:
        """Open the unit called `name`; leaving it commits, an exception rolls back.

        Raises:
            ValueError: the name is not listed among the fail-points.
        """
        return self._opened(self._sessions, name, actor)

    def of_many(self, name: str, actor: Actor = SYSTEM) -> AbstractContextManager[UnitOfWork]:
        """Open a unit that does for many what few statements can; like a call otherwise.

        Its statements are planned once for ever, so only what is found by keys belongs in it.
        """
        return self._opened(self._by_key, name, actor)

    @contextmanager
    def _opened(
        self, sessions: sessionmaker[Session], name: str, actor: Actor
    ) -> Iterator[UnitOfWork]:
        if name not in failpoints.UNITS:
            raise ValueError(f"unit {name!r} is not listed in failpoints.UNITS")
        mark = _open_units.set(_open_units.get() + 1)
        try:
            with sessions() as session:
                now = self.clock.now()
                yield UnitOfWork(
                    session,
                    now=now,
                    ids=self.ids.of(now),
                    rng=self.rng,
                    sealer=self.sealer,
                    actor=actor,
                )
                session.flush()
                failpoints.reach(f"unit.{name}.before")
                session.commit()
        finally:
            _open_units.reset(mark)
        failpoints.reach(f"unit.{name}.after")

    def run(self, name: str, work: Callable[[UnitOfWork], T], actor: Actor = SYSTEM) -> T:
        """Run `work` in a unit, and the whole of it again when the database asks for that.

        Only serialization failures, deadlocks, lock time-outs and lost connections are repeated,
        at most 5 times; `work` must be safe to run again after a commit whose answer was lost.
        """
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with self(name, actor) as uow:
                    result = work(uow)
            except DBAPIError as error:
                if attempt == ATTEMPTS_MAX or not is_worth_repeating(error):
                    raise
                self._sleep(0.01 + 0.19 * self.rng.random())
            else:
                return result
        raise AssertionError("unreachable: the last attempt returns or raises")

    def at_once(
        self, name: str, statement: str, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Run one statement that is the whole unit called `name`; gives its rows.

        One round trip, which is also the commit. For hot paths whose work is one statement.

        Raises:
            psycopg.Error: it left nothing, or the connection broke and nobody knows.
        """
        mark = _open_units.set(_open_units.get() + 1)
        try:
            failpoints.reach(f"unit.{name}.before")
            rows = self._at_once.run(statement, values)
        finally:
            _open_units.reset(mark)
        failpoints.reach(f"unit.{name}.after")
        return rows

    def glance(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one query that needs no other beside it; gives its rows.

        One round trip without a transaction around it. For hot paths that are one query; what it
        sees is the moment of the query. A query that is too slow here is asked in a session.
        """
        try:
            return self._at_once.run(statement, values)
        except psycopg.Error:
            with self.reading() as session:
                found = session.connection().exec_driver_sql(statement, dict(values))
                return [tuple(row) for row in found]

    @contextmanager
    def reading(self, *, of_one_moment: bool = False) -> Iterator[Session]:
        """A session for queries; it never commits, and what was read outlives it.

        Args:
            of_one_moment: whether all its queries see the database as it was at the first.
        """
        with self._sessions() as session:
            if of_one_moment:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session
            session.expunge_all()
            session.rollback()


def is_worth_repeating(error: DBAPIError) -> bool:
    """Whether the database says "try the whole unit again"."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in _RETRYABLE

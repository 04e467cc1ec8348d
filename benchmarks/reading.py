"""A paid work read by a fan who is entitled to it: beside the ORM's way, and beside a bare route.

Without a request: the gate's one query beside the ORM's two, CPU of this process. Over HTTP: the
API with its session, gate and offers, beside a Flask route that does nothing, on the same server.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from app.launcher.cluster import OWNER
from benchmarks.contenders import Contender
from benchmarks.ground import Ground, laid
from benchmarks.load import Answered, request_bytes
from benchmarks.machine import load_1m
from benchmarks.mass import tidy
from benchmarks.payments import sell_first
from benchmarks.peers import naive_reading
from benchmarks.peers.bare_json import BODY
from config.settings import process_environment
from creator_tools.access import queries as access
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people import queries as people_queries
from creator_tools.people import service as people

ROUNDS, PER_ROUND, CONNECTIONS = 5, 300, 8
NAIVE_DATABASE = "naive_reading"


def measured(rounds: int = ROUNDS) -> dict[str, Any]:
    """The figures of one run."""
    before = load_1m()
    with laid(1) as ground:
        sell_first(ground)
        tidy(ground)
        engine = _naive_engine(ground)
        try:
            cpu_us = _beside_the_orm(ground, engine, rounds)
        finally:
            engine.dispose()
        ours, bare = _beside_a_bare_route(ground, rounds)
    return {
        "load_1m": [before, load_1m()],
        "cpu_us": cpu_us,
        "contenders": [ours, bare],
        "ratios": {
            "CPU of the ORM's way over ours": round(cpu_us["orm"] / cpu_us["ours"], 2),
            "CPU of a bare route over ours": round(bare["cpu_us"] / ours["cpu_us"], 2),
            "rate over a bare route": round(ours["per_s"] / bare["per_s"], 2),
        },
    }


def _naive_engine(ground: Ground) -> Engine:
    ground.cluster.create_database(NAIVE_DATABASE)
    url = ground.cluster.url(OWNER, NAIVE_DATABASE)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    naive_reading.Base.metadata.create_all(engine)
    ends_at = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=300)
    with Session(engine) as session, session.begin():
        session.add_all(
            naive_reading.Article(id=n, column_id=n % 50, title="清晨", body=BODY, is_free=False)
            for n in range(1000)
        )
        session.add_all(
            naive_reading.Grant(fan_id=fan, column_id=column, ends_at=ends_at)
            for fan in range(40)
            for column in range(50)
        )
    return engine


def _beside_the_orm(ground: Ground, engine: Engine, rounds: int) -> dict[str, float]:
    wiring, person_id = ground.wiring, _buyer(ground)

    def ours(_number: int) -> str:
        read = access.glance_at_work(
            wiring.units, work_id=ground.work_id, person_id=person_id, now=wiring.clock.now()
        )
        assert read is not None, "it is published"
        assert read.opened.html is not None, "it was bought"
        return json.dumps({"title": read.opened.title, "body": read.opened.html})

    ways: dict[str, Callable[[int], str]] = {
        "ours": ours,
        "orm": lambda number: naive_reading.read(engine, number % 40, number % 1000),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, read in ways.items():
            began = time.process_time()
            for number in range(PER_ROUND):
                read(number)
            if turn:
                took[name].append((time.process_time() - began) / PER_ROUND * 1e6)
    return {name: round(statistics.median(all_), 1) for name, all_ in took.items()}


def _buyer(ground: Ground) -> UUID:
    with ground.wiring.reading() as session:
        person_id = people_queries.find_person(
            session, ground.wiring.accounts.first("oa").id, ground.orders[0].subject
        )
    assert person_id is not None, "somebody ordered"
    return person_id


def _token(ground: Ground) -> str:
    oa_id, subject = ground.wiring.accounts.first("oa").id, ground.orders[0].subject

    def sign_in(uow: UnitOfWork) -> str:
        known = people.recognise(uow, account_id=oa_id, subject=subject, union_subject=None)
        return people.open_session(uow, identity_id=known.identity_id, surface="oa")

    return ground.wiring.units.run("people.sign_in", sign_in)


def _beside_a_bare_route(ground: Ground, rounds: int) -> tuple[dict[str, Any], dict[str, Any]]:
    ours = Contender("ours", "app.http.wsgi:application", ground.house.environment)
    bare = Contender("bare", "benchmarks.peers.bare_json:application", process_environment())
    path = f"/api/v1/works/{ground.work_id}"
    bearer = {"Authorization": f"Bearer {_token(ground)}"}
    asked = {
        ours.name: request_bytes("GET", path, bearer, port=ours.port),
        bare.name: request_bytes("GET", "/article", {}, port=bare.port),
    }
    try:
        for one in (ours, bare):
            one.start(ground.house.folder)
        for turn in range(rounds + 1):
            for one in (ours, bare):
                requests = [asked[one.name]] * PER_ROUND
                _all_read(one.play(requests, connections=CONNECTIONS, counts=turn > 0))
    finally:
        for one in (ours, bare):
            one.stop()
    return ours.figures(), bare.figures()


def _all_read(answered: Answered) -> None:
    assert set(answered.statuses) == {200}, answered.statuses

"""`reseal` seals anew what an old key sealed, until the old key can be thrown away."""

import base64
import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import sessionmaker

from app.wiring.sealed_places import SEALED_PLACES
from app.wiring.sealing import FieldKeySealer
from config.settings import FieldKey
from creator_tools.kernel import accounts, inbox, resealing
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.rng import seeded_rng
from creator_tools.kernel.sealing import Sealed, Sealer
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.operators import service as operators
from creator_tools.people import service as people
from migrations.tables import CAPABILITIES
from tests.factories import START, make_person
from tests.integration.cli.conftest import Command

OLD = FieldKey("k1", bytes(range(32)))
NEW = FieldKey("k2", bytes(range(32, 64)))
FIELD_KEYS = ",".join(f"{one.key_id}:{base64.b64encode(one.key).decode()}" for one in (NEW, OLD))
FACTS_COUNT = 5


def units_with(engine: Engine, *keys: FieldKey) -> UnitsOfWork:
    return UnitsOfWork(
        sessionmaker(engine, expire_on_commit=False),
        clock=ManualClock(START),
        rng=seeded_rng(7),
        sealer=FieldKeySealer(keys),
    )


@pytest.fixture
def sealed_before(clean_database: str, engine: Engine) -> dict[str, list[bytes]]:
    """Something of every kind, sealed with the old key; what is in it, by place."""
    units = units_with(engine, OLD)
    with units("accounts.seed") as uow:
        account_id = accounts.seed(
            uow, kind="oa", external_id="wx1", name="账号", credentials={"secret": "s"}
        )
        accounts.try_lease_token(uow, account_id, "access_token", lease_s=3)
        later = uow.now() + timedelta(hours=2)
        accounts.write_token(uow, account_id, "access_token", value="t", expires_at=later)
        for number in range(FACTS_COUNT):
            kept = inbox.keep(
                uow, account_id=account_id, source="message", source_key=f"{number:064d}",
                kind="TextMessage:xml", payload=f"你好 {number}",
            )  # fmt: skip
            inbox.mark_done(uow, kept.id, reply=f"您好 {number}")
        identity_id = make_person(uow, account_id).identity_id
        people.store_session_key(uow, identity_id=identity_id, session_key="c2Vzc2lvbg==")
        operators.create(uow, login="owner", password="correct-horse-battery", roles=["owner"])
    return contents(units)


def contents(units: UnitsOfWork) -> dict[str, list[bytes]]:
    """Everything that is sealed, opened, in the order of its rows."""
    with units.reading() as session:
        return {
            place.name: [
                opened(units.sealer, place, row)
                for row in session.scalars(
                    select(place.model)
                    .where(getattr(place.model, place.key_id).is_not(None))
                    .order_by(*inspect(place.model).primary_key)
                )
            ]
            for place in SEALED_PLACES
        }


def opened(sealer: Sealer, place: resealing.SealedPlace, row: object) -> bytes:
    kept = Sealed(getattr(row, place.key_id), getattr(row, place.ciphertext))
    return sealer.open(kept, purpose=place.purpose(row))


def keys_in_use(engine: Engine) -> Counter[str]:
    found: Counter[str] = Counter()
    with units_with(engine, NEW).reading() as session:
        for place in SEALED_PLACES:
            found.update(resealing.count_by_key(session, place))
    return found


def test_every_sealed_column_is_a_place_that_is_sealed_anew() -> None:
    tables = {table for module in CAPABILITIES for table in module.Model.metadata.tables.values()}
    columns = {(table.name, one.name) for table in tables for one in table.columns}
    sealed = {one for one in columns if one[1].startswith("sealed_")}
    assert sealed == {(place.model.__tablename__, place.ciphertext) for place in SEALED_PLACES}


def test_afterwards_the_new_key_alone_opens_everything(
    sealed_before: dict[str, list[bytes]], engine: Engine, command: Command
) -> None:
    rows_count = sum(len(rows) for rows in sealed_before.values())
    assert keys_in_use(engine) == {"k1": rows_count}
    assert all(sealed_before.values()), "there is something in every place"

    ended = command("reseal", "--batch", "2", FIELD_KEYS=FIELD_KEYS)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"重新加密 {FACTS_COUNT} 行" in ended.stdout
    assert keys_in_use(engine) == {"k2": rows_count}
    assert contents(units_with(engine, NEW)) == sealed_before
    again = command("reseal", FIELD_KEYS=FIELD_KEYS)
    assert again.returncode == 0
    assert again.stdout.count("重新加密 0 行") == len(SEALED_PLACES)


def test_whoever_was_interrupted_goes_on_with_what_is_left(
    sealed_before: dict[str, list[bytes]], engine: Engine, command: Command
) -> None:
    units = units_with(engine, NEW, OLD)
    done = units.run(
        "upkeep.reseal",
        lambda uow: resealing.reseal_batch(uow, inbox.SEALED_PAYLOADS, after=None, limit=2),
    )
    assert (done.resealed_count, done.broken_count) == (2, 0)
    ended = command("reseal", FIELD_KEYS=FIELD_KEYS)
    assert f"payloads               重新加密 {FACTS_COUNT - 2} 行" in ended.stdout
    assert contents(units_with(engine, NEW)) == sealed_before


def test_a_row_that_does_not_open_is_told_and_stops_no_other(
    sealed_before: dict[str, list[bytes]], engine: Engine, command: Command
) -> None:
    rows_count = sum(len(rows) for rows in sealed_before.values())
    first = "SELECT fact_id FROM inbox_payloads ORDER BY fact_id LIMIT 1"
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE inbox_payloads SET sealed_payload = 'x' WHERE fact_id IN ({first})")
        )
    ended = command("reseal", "--batch", "1", FIELD_KEYS=FIELD_KEYS)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "打不开 1 行" in ended.stdout
    assert keys_in_use(engine) == {"k1": 1, "k2": rows_count - 1}


def test_doctor_counts_what_hangs_on_old_keys(
    sealed_before: dict[str, list[bytes]], command: Command
) -> None:
    rows_count = sum(len(rows) for rows in sealed_before.values())

    def seals(field_keys: str) -> tuple[str, str]:
        found = json.loads(command("doctor", "--json", FIELD_KEYS=field_keys).stdout)
        (one,) = [one for one in found if one["name"] == "seals"]
        return one["state"], one["english"]

    new, old = FIELD_KEYS.split(",")
    assert seals(old) == ("ok", "everything is sealed with the current key")
    state, said = seals(FIELD_KEYS)
    assert state == "ok"
    assert f"k1: {rows_count}" in said
    state, said = seals(new)
    assert state == "fault"
    assert f"k1: {rows_count}" in said

"""A creator's columns: titles apart, promises in range, and nobody else's hands on them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from creator_tools.columns import queries, service
from creator_tools.columns.errors import ColumnNotFound, ColumnTitleTaken, TooManyColumns
from creator_tools.columns.models import Column
from creator_tools.creators.errors import CreatorNotFound
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.text import TextRefused
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import make_column, make_creator

UNIT = "studio.act"
GOOD: dict[str, Any] = {
    "title": "一人食",
    "field_kind": "interest",
    "field_name": "做饭",
    "promised_cadence": "每周一篇",
    "promised_count": 12,
}


def creator_of(units: UnitsOfWork) -> UUID:
    with units(UNIT) as uow:
        return make_creator(uow).id


def opened(units: UnitsOfWork, creator_id: UUID, **changes: Any) -> Column:
    with units(UNIT) as uow:
        return service.create(uow, creator_id=creator_id, **(GOOD | changes))


def titles(units: UnitsOfWork, creator_id: UUID) -> list[str]:
    with units.reading() as session:
        return [column.title for column in queries.list_of_creator(session, creator_id)]


def test_a_column_keeps_what_was_said(units: UnitsOfWork) -> None:
    creator_id = creator_of(units)
    column_id = opened(units, creator_id, introduction="第一行\n\n第二行").id
    with units.reading() as session:
        column = queries.get(session, column_id)
        assert {name: getattr(column, name) for name in GOOD} == GOOD
        assert (column.state, column.introduction) == ("open", "第一行\n\n第二行")
        assert queries.get_of_creator(session, column_id, creator_id).id == column_id
        created = AuditEvent.action == "column.created"
        assert session.scalars(select(AuditEvent.object_id).where(created)).all() == [column_id]


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "'); DELETE FROM columns;--",
        "🍜👩🏽\u200d🍳",
        "يوميات",
        "7" * 20,
    ],
)
def test_text_is_kept_as_typed(units: UnitsOfWork, text: str) -> None:
    creator_id = creator_of(units)
    values = {"title": text, "field_name": text[:20], "promised_cadence": text[:20]}
    column_id = opened(units, creator_id, introduction=text, **values).id
    with units.reading() as session:
        column = queries.get(session, column_id)
        assert (column.title, column.introduction) == (text, text)
        found = queries.find_by_title(session, creator_id, f" {text}\u200b")
        assert found is not None
        assert found.id == column_id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "\u200b\u202e"),
        ("title", "长" * 31),
        ("title", "两\n行"),
        ("title", "\x00"),
        ("field_kind", "hobby"),
        ("field_kind", ""),
        ("field_name", ""),
        ("field_name", "长" * 21),
        ("promised_cadence", " "),
        ("promised_cadence", "长" * 21),
        ("promised_count", -1),
        ("promised_count", 1001),
        ("promised_count", 10**30),
        ("promised_count", True),
        ("introduction", "长" * 501),
        ("introduction", "坏\x07"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(
    units: UnitsOfWork, field: str, value: object
) -> None:
    creator_id = creator_of(units)
    with pytest.raises(TextRefused) as refused:
        opened(units, creator_id, **{field: value})
    assert [error.field for error in refused.value.fields] == [field]
    assert titles(units, creator_id) == []


def test_a_title_is_unique_for_its_creator_and_free_for_others(units: UnitsOfWork) -> None:
    creator_id, other_id = creator_of(units), creator_of(units)
    opened(units, creator_id)
    opened(units, other_id)
    for same in ("一人食", " 一人食\u200b", "一\u202e人食"):
        with pytest.raises(ColumnTitleTaken) as refused:
            opened(units, creator_id, title=same)
        assert "一人食" in refused.value.in_chinese()
    assert titles(units, creator_id) == ["一人食"]


def test_two_columns_of_one_title_at_once_are_one(units: UnitsOfWork) -> None:
    creator_id = creator_of(units)
    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            service.create(uow, creator_id=creator_id, **GOOD)
            waiting = pool.submit(opened, units, creator_id)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        with pytest.raises(ColumnTitleTaken):
            waiting.result(timeout=60)
    assert titles(units, creator_id) == ["一人食"]


def test_a_column_may_be_renamed_but_not_to_a_taken_title(units: UnitsOfWork) -> None:
    creator_id = creator_of(units)
    first, second = opened(units, creator_id), opened(units, creator_id, title="二")
    with units(UNIT) as uow:
        with pytest.raises(ColumnTitleTaken):
            service.rename(uow, column_id=second.id, creator_id=creator_id, title="一人食")
        # The unit goes on: what follows a refusal is not lost with it.
        service.introduce(uow, column_id=second.id, creator_id=creator_id, introduction="好")
        service.rename(uow, column_id=first.id, creator_id=creator_id, title="一人食")
        service.rename(uow, column_id=first.id, creator_id=creator_id, title="三")
    assert titles(units, creator_id) == ["三", "二"]


def test_promise_and_state_change_and_are_audited_once(units: UnitsOfWork) -> None:
    creator_id = creator_of(units)
    column_id = opened(units, creator_id).id
    mine = {"column_id": column_id, "creator_id": creator_id}
    with units(UNIT) as uow:
        service.promise(uow, promised_cadence="每天", promised_count=0, **mine)
        service.set_state(uow, state="closed", **mine)
        service.set_state(uow, state="closed", **mine)
        with pytest.raises(TextRefused):
            service.set_state(uow, state="gone", **mine)
    with units.reading() as session:
        column = queries.get(session, column_id)
        assert (column.promised_cadence, column.promised_count) == ("每天", 0)
        assert column.state == "closed"
        changed = AuditEvent.action == "column.state_changed"
        assert session.scalar(select(func.count()).where(changed)) == 1


def test_somebody_elses_column_does_not_exist(units: UnitsOfWork) -> None:
    creator_id, thief_id = creator_of(units), creator_of(units)
    column_id = opened(units, creator_id).id
    refusals = []

    def try_all(uow: UnitOfWork, wanted: UUID) -> None:
        theirs = {"column_id": wanted, "creator_id": thief_id}
        for change in (
            lambda: service.rename(uow, title="偷", **theirs),
            lambda: service.introduce(uow, introduction="偷", **theirs),
            lambda: service.promise(uow, promised_cadence="偷", promised_count=1, **theirs),
            lambda: service.set_state(uow, state="closed", **theirs),
            lambda: queries.get_of_creator(uow.session, wanted, thief_id),
        ):
            with pytest.raises(ColumnNotFound) as refused:
                change()
            refusals.append((refused.value.code, refused.value.in_chinese()))

    with units(UNIT) as uow:
        try_all(uow, column_id)
        try_all(uow, uow.ids.new())
    assert len(refusals) == 10
    assert len(set(refusals)) == 1
    with units.reading() as session:
        column = queries.get(session, column_id)
        assert (column.title, column.state, column.introduction) == ("一人食", "open", "")


def test_an_unknown_column_title_or_creator_is_not_found(units: UnitsOfWork) -> None:
    creator_id = creator_of(units)
    with units.reading() as session:
        with pytest.raises(ColumnNotFound):
            queries.get(session, units.ids.new())
        for title in ("", "没有", "\x00", "\ud83d", "x" * 10_000):
            assert queries.find_by_title(session, creator_id, title) is None
    with pytest.raises(CreatorNotFound):
        opened(units, units.ids.new())


def test_a_creator_has_fifty_columns_at_most(units: UnitsOfWork) -> None:
    creator_id = creator_of(units)
    with units(UNIT) as uow:
        for _ in range(50):
            make_column(uow, creator_id=creator_id)
    with pytest.raises(TooManyColumns) as refused:
        opened(units, creator_id)
    assert "50" in refused.value.in_chinese()

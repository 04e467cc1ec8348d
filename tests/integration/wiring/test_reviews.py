"""Whoever gives a verdict, the work follows it and its author is told, once."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select

from app.wiring import reviews
from app.wiring.effects import EffectRunner
from app.wiring.promises import Promises
from creator_tools.catalogue import service as catalogue
from creator_tools.catalogue.models import Product
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.models import Alarm, Effect
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.operators import service as operators
from creator_tools.works.models import ContentCheck, Work
from tests.integration.wiring.conftest import Author
from wechat_handlers.wire.errors import WeChatApiRefused


def judge(
    units: UnitsOfWork, check_id: UUID, verdict: str, *, by: UUID | None = None, reason: str = ""
) -> None:
    with units("works.review") as uow:
        reviews.record_verdict(
            uow, check_id=check_id, verdict=verdict, detail={"reason": reason}, operator_id=by
        )


@pytest.fixture
def operator_id(units: UnitsOfWork) -> UUID:
    with units("operators.create") as uow:
        made, _ = operators.create(
            uow, login="editor", password="correct-horse-battery", roles=["editor"]
        )
        return made


@pytest.mark.parametrize(
    ("verdict", "state", "said"),
    [
        ("pass", "published", "已通过审核并发布"),
        ("risky", "rejected", "没有通过"),
        ("needs_person", "in_review", "人工看一眼"),
    ],
)
def test_the_author_is_told_of_each_verdict_once(
    author: Author, units: UnitsOfWork, verdict: str, state: str, said: str
) -> None:
    work_id, check_id = author.submitted()
    for _ in range(2):
        judge(units, check_id, verdict)
    (told,) = author.told()
    assert said in told
    with units.reading() as session:
        assert session.get_one(Work, work_id).state == state


def test_a_persons_no_is_told_with_its_reason_and_a_machine_cannot_take_it_back(
    author: Author, units: UnitsOfWork, operator_id: UUID
) -> None:
    _, check_id = author.submitted()
    judge(units, check_id, "needs_person", reason="author_not_active")
    judge(units, check_id, "risky", by=operator_id, reason="有联系方式")
    judge(units, check_id, "pass")
    first, second = author.told()
    assert "author_not_active" not in first
    assert "没有通过" in second
    assert "原因：有联系方式" in second


def test_an_update_keeps_what_readers_see_until_it_passes(
    author: Author, units: UnitsOfWork, operator_id: UUID
) -> None:
    work_id, check_id = author.submitted()
    judge(units, check_id, "pass")
    with units("studio.act") as uow:
        catalogue.set_price(
            uow,
            creator_id=author.creator_id,
            kind="work",
            column_id=author.column_id,
            work_id=work_id,
            price_fen=990,
        )
    author.revise(work_id, "傍晚的街道")
    judge(units, author.submit(work_id), "risky", by=operator_id)
    assert "读者看到的还是原来的版本" in author.told()[-1]
    assert titles(units) == ("清晨的街道", "清晨的街道")
    author.revise(work_id, "午后的街道")
    judge(units, author.submit(work_id), "pass", by=operator_id)
    assert "新的版本" in author.told()[-1]
    # What is sold is called as what is read.
    assert titles(units) == ("午后的街道", "午后的街道")


def titles(units: UnitsOfWork) -> tuple[str | None, str | None]:
    with units.reading() as session:
        return session.scalar(select(Work.title)), session.scalar(select(Product.title))


def test_a_verdict_on_words_that_were_replaced_is_told_to_nobody(
    author: Author, units: UnitsOfWork
) -> None:
    work_id, check_id = author.submitted()
    author.revise(work_id, "另一个标题")
    judge(units, check_id, "pass")
    assert author.told() == []
    with units.reading() as session:
        assert session.get_one(Work, work_id).state == "draft"


class Checker:
    """A platform that answers a text check as a test tells it."""

    def __init__(self, answer: Exception | str) -> None:
        self.answer = answer
        self.asked_count = 0

    def msg_sec_check(self, *_: object, **__: object) -> SimpleNamespace:
        self.asked_count += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(suggestion=self.answer, label=100, trace_id="t")


def no_answer(*, retryable: bool, outcome: str) -> WeChatApiRefused:
    return WeChatApiRefused(
        call="api.text_check",
        errcode=None,
        sentence="没有回答。",
        retryable=retryable,
        outcome=cast("Any", outcome),
    )


def run_all(author: Author, checker: Checker, clock: ManualClock) -> None:
    """Keep promises as long as any text check is not settled."""
    parts: dict[str, Any] = {
        "units": author.units,
        "accounts": SimpleNamespace(ids_of=lambda _kind: [author.mini_id]),
        "wechat": SimpleNamespace(api=checker),
        "blobs": None,
        "desk": None,
        "public_base_url": "",
        "intake": None,
        "makes_playable": False,
    }
    kinds = {"text.check": Promises(**parts).kinds()["text.check"]}
    runner = EffectRunner(author.units, kinds)
    for _ in range(20):
        runner.run_due(kinds=("text.check",))
        clock.advance(timedelta(minutes=11))


@pytest.mark.parametrize(
    ("answer", "asked_count"),
    [
        (no_answer(retryable=True, outcome="not_done"), 8),
        (no_answer(retryable=True, outcome="unknown"), 8),
        (no_answer(retryable=False, outcome="not_done"), 1),
        (RuntimeError("broken"), 8),
        ("something new", 1),
    ],
)
def test_a_check_that_gets_no_verdict_is_left_to_a_person(
    author: Author,
    units: UnitsOfWork,
    clock: ManualClock,
    answer: Exception | str,
    asked_count: int,
) -> None:
    work_id, check_id = author.submitted()
    checker = Checker(answer)
    run_all(author, checker, clock)
    assert checker.asked_count == asked_count
    with units.reading() as session:
        check = session.get_one(ContentCheck, check_id)
        assert (check.verdict, check.decided_at) == ("needs_person", None)
        assert session.get_one(Work, work_id).state == "in_review"
        effect = session.scalars(select(Effect).where(Effect.kind == "text.check")).one()
        assert effect.state == "done"
        of_checks = select(Alarm).where(Alarm.object_key.startswith("text.check"))
        assert session.scalars(of_checks).all() == []
    assert "人工看一眼" in author.told()[0]


def test_a_person_who_was_faster_is_not_overruled_by_silence(
    author: Author, units: UnitsOfWork, clock: ManualClock, operator_id: UUID
) -> None:
    work_id, check_id = author.submitted()
    judge(units, check_id, "pass", by=operator_id)
    run_all(author, Checker(no_answer(retryable=False, outcome="not_done")), clock)
    with units.reading() as session:
        assert session.get_one(Work, work_id).state == "published"
    assert len(author.told()) == 1

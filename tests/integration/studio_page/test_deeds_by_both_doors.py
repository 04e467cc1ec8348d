"""Each deed by page and by chat: the same rows, the same undo, the same audit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.wiring import reviews
from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.columns.models import Column
from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio.models import Undo
from creator_tools.works import queries as works
from tests.integration.studio_page.conftest import TEXT, Author, creator_of

TITLE = "清晨的街道"


def newest_work(author: Author) -> Any:
    return author.read(lambda session: works.list_own(session, author.creator_id, limit=1))[0]


def kept_undo(author: Author) -> dict[str, Any] | None:
    kept = author.read(
        lambda session: session.scalar(select(Undo).where(Undo.person_id == author.person_id))
    )
    return None if kept is None else dict(kept.command)


def audited(author: Author, object_id: UUID) -> list[str]:
    return list(
        author.read(
            lambda session: session.scalars(
                select(AuditEvent.action)
                .where(AuditEvent.object_id == object_id)
                .order_by(AuditEvent.at, AuditEvent.id)
            ).all()
        )
    )


def story(author: Author, column: Column) -> tuple[Any, ...]:
    """What is left of a work after everything: its row without ids, its price, its audit."""
    work = newest_work(author)
    product = author.read(lambda session: catalogue.find_of_work(session, work.id))
    revision = author.read(lambda session: works.newest_revision(session, work))
    undo = kept_undo(author)
    return (
        work.title,
        work.state,
        work.is_free,
        revision.number,
        revision.markdown,
        revision.preview_html,
        (product.kind, product.price_fen, product.state, product.title) if product else None,
        undo and undo["do"],
        audited(author, work.id),
        audited(author, product.id) if product else [],
    )


def passed(author: Author, page: str) -> None:
    """The content check says that the work may come out."""

    def record(uow: UnitOfWork) -> None:
        work = works.get(uow.session, UUID(page.rpartition("/")[2]))
        check = works.find_check(uow.session, work.draft_revision_id)
        assert check is not None
        reviews.record_verdict(uow, check_id=check.id, verdict="pass", detail={})

    author.house.wiring.units.run("works.review", record)


Doing = Callable[[Author, str], object]
BY_PAGE: dict[str, Doing] = {
    "price": lambda author, page: author.done(page, f"{page}/price", price="9.9"),
    "free": lambda author, page: author.done(page, f"{page}/price", kind="free"),
    "publish": lambda author, page: author.done(page, f"{page}/publish", when="now"),
    "withdraw": lambda author, page: author.done(page, f"{page}/step", step="withdraw"),
    "restore": lambda author, page: author.done(page, f"{page}/step", step="restore"),
    "discard": lambda author, page: author.done(page, f"{page}/step", step="discard"),
    "undo": lambda author, page: author.undo("/studio/"),
    "rewrite": lambda author, page: author.done(page, page, title=TITLE, markdown=TEXT * 2),
    "pass": passed,
}
BY_CHAT: dict[str, Doing] = {
    "price": lambda author, page: author.say("定价 1 9.9"),
    "free": lambda author, page: author.say("免费 1"),
    "publish": lambda author, page: author.say("发布 1"),
    "withdraw": lambda author, page: author.say("下架 1"),
    "restore": lambda author, page: author.say("上架 1"),
    "discard": lambda author, page: author.say("删除 1"),
    "undo": lambda author, page: author.say("撤销"),
    "rewrite": lambda author, page: author.say(f"改正文 1\n{TEXT * 2}"),
    "pass": passed,
}
STORIES = (
    ("price",),
    ("price", "undo"),
    ("free",),
    ("price", "publish"),
    ("price", "publish", "undo"),
    ("price", "publish", "withdraw"),
    ("price", "publish", "pass", "withdraw"),
    ("price", "publish", "pass", "withdraw", "restore"),
    ("price", "publish", "pass", "rewrite", "publish"),
    ("rewrite",),
    ("rewrite", "undo"),
    ("discard",),
    ("discard", "undo"),
    ("price", "rewrite", "publish", "undo", "price"),
)


@pytest.mark.parametrize("deeds", STORIES, ids="-".join)
def test_the_page_and_the_chat_leave_the_same_rows(
    new_author: Callable[[str], Author], deeds: tuple[str, ...]
) -> None:
    left = []
    for doors in (BY_PAGE, BY_CHAT):
        author = new_author("林老师")
        column = author.column()
        if doors is BY_PAGE:
            page = author.draft(column)
        else:
            author.say(f"{TITLE}\n{TEXT}")
            page = f"/studio/works/{newest_work(author).id}"
        author.say("我的作品")
        for deed in deeds:
            doors[deed](author, page)
        if deeds == ("discard",):
            assert author.work(page).state == "withdrawn"
            left.append((kept_undo(author) or {})["do"])
        else:
            left.append(story(author, column))
    assert left[0] == left[1]


# An update that waits is no difference to a reader; taking it back is told of in the rows above.
TAKEN_BACK = [deeds for deeds in STORIES if "rewrite" not in deeds[:-1]]


@pytest.mark.parametrize("deeds", TAKEN_BACK, ids="-".join)
def test_what_one_door_did_the_other_takes_back(author: Author, deeds: tuple[str, ...]) -> None:
    for doing, undoing in ((BY_PAGE, BY_CHAT), (BY_CHAT, BY_PAGE)):
        page = author.draft(author.column(title=f"专栏 {doing is BY_PAGE}"))
        author.say("我的作品")
        for deed in (deed for deed in deeds if deed != "undo"):
            before = snapshot(author, page)
            doing[deed](author, page)
            assert snapshot(author, page) != before, deed
        undoing["undo"](author, page)
        assert snapshot(author, page) == before


def snapshot(author: Author, page: str) -> tuple[Any, ...]:
    """What a person would see of a work."""
    work = author.work(page)
    product = author.read(lambda session: catalogue.find_of_work(session, work.id))
    written = author.read(lambda session: works.newest_revision(session, work))
    on_sale = product.price_fen if product and product.state == "on_sale" else None
    return (work.state, work.is_free, written.title, written.markdown, on_sale)


def test_a_page_takes_back_only_the_deed_that_it_shows(author: Author) -> None:
    page = author.draft(author.column())
    shown = author.done(page, f"{page}/price", price="9.9")
    author.say("定价 19.9")
    old = shown.text.partition('name="step" value="')[2].partition('"')[0]
    token = shown.text.partition('name="csrf_token" value="')[2][:64]
    answer = author.client.post("/studio/undo", data={"csrf_token": token, "step": old})
    assert answer.status_code == 409
    work = author.work(page)
    product = author.read(lambda session: catalogue.find_of_work(session, work.id))
    assert product.price_fen == 1990


def test_columns_by_both_doors(author: Author) -> None:
    answer = author.send(
        "/studio/columns/new", "/studio/columns",
        title="城市摄影", field_kind="interest", field_name="摄影",
        promised_cadence="每周1篇", promised_count="12", introduction="",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    page = answer.location.partition("?")[0]
    key = UUID(page.rpartition("/")[2])

    def column() -> Column:
        found: Column = author.read(lambda session: columns.get(session, key))
        return found

    author.done(page, f"{page}/state", state="paused")
    assert column().state == "paused"
    assert "已撤销" in author.say("撤销")
    assert column().state == "open"
    asking = author.send(page, f"{page}/state", state="closed")
    assert column().state == "open"
    assert author.confirmed(asking, f"{page}/state").status_code == 303
    assert column().state == "closed"
    assert "更新中" in author.say("撤销")
    author.done(
        page,
        page,
        title="夜晚摄影",
        introduction="夜里的光",
        promised_cadence="每天",
        promised_count="0",
    )
    assert (column().title, column().introduction) == ("夜晚摄影", "夜里的光")
    author.say("撤销")
    assert (column().title, column().introduction, column().promised_count) == ("城市摄影", "", 12)
    author.done(page, f"{page}/price", term="", price="99")
    author.done(page, f"{page}/price", term="30", price="19.9")
    listed = author.read(lambda session: catalogue.list_of_column(session, key))
    assert [(one.kind, one.term_days, one.price_fen) for one in listed] == [
        ("column_forever", None, 9900),
        ("column_term", 30, 1990),
    ]
    author.done(page, f"{page}/price", term="30", off="1")
    author.undo("/studio/")
    listed = author.read(lambda session: catalogue.list_of_column(session, key))
    assert [one.price_fen for one in listed] == [9900, 1990]


def test_the_profile_by_both_doors(author: Author) -> None:
    author.done("/studio/profile", "/studio/profile/name", name="林间")
    assert creator_of(author).name == "林间"
    author.say("撤销")
    assert creator_of(author).name == "林老师"
    author.done("/studio/profile", "/studio/profile/handle", handle="linjian")
    author.done("/studio/profile", "/studio/profile/introduction", introduction="写城市\n写光")
    author.undo("/studio/")
    assert (creator_of(author).handle, creator_of(author).introduction) == ("linjian", "")
    shown = author.done("/studio/profile", "/studio/profile/invitations")
    code = author.read(
        lambda session: (
            session.execute(text("SELECT code FROM invitations WHERE used_at IS NULL"))
            .scalars()
            .one()
        )
    )
    assert code in shown.text


def test_a_scheduled_work_by_both_doors(author: Author) -> None:
    page = author.draft(author.column())
    author.done(page, f"{page}/price", price="9.9")
    hour = author.house.wiring.units.clock.now() + timedelta(days=30)
    typed = hour.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
    author.done(page, f"{page}/publish", when="later", publish_at=typed)
    assert author.work(page).publish_at == hour.replace(second=0, microsecond=0)
    author.say("我的作品")
    author.say("下架 1")
    assert (author.work(page).state, author.work(page).publish_at) == ("draft", None)
    author.undo("/studio/")
    assert author.work(page).publish_at == hour.replace(second=0, microsecond=0)
    passed(author, page)
    assert author.work(page).state == "scheduled"

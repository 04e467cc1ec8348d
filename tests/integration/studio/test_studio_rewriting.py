"""What was written can be written anew; readers keep the old text until the new one has passed."""

import pytest
from sqlalchemy import select

from creator_tools.catalogue.models import Product
from creator_tools.columns.models import Column
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio import sentences
from creator_tools.studio.ports import Income
from creator_tools.works import service as works_service
from creator_tools.works.models import ContentCheck, Revision, Work
from tests.integration.studio.conftest import Chat, ToldDesk

ARTICLE = "清晨的街道\n第一句话在这里。第二句话是要付钱的，它比较长一些。\n第三句也锁着。"
NEW_TEXT = "这是全新的第一句。这是全新的第二句，读者要等检查通过以后才能看到它。"


def pass_checks(units: UnitsOfWork) -> None:
    with units("works.review") as uow:
        waiting = uow.session.scalars(
            select(ContentCheck).where(ContentCheck.decided_at.is_(None))
        ).all()
        for check in waiting:
            works_service.record_verdict(uow, check_id=check.id, verdict="pass", detail={})


def seen(units: UnitsOfWork) -> tuple[str, str | None]:
    """State and live text of the only work."""
    with units.reading() as session:
        work = session.scalars(select(Work)).one()
        live = session.get(Revision, work.live_revision_id) if work.live_revision_id else None
        return work.state, live.markdown if live is not None else None


def product_titles(units: UnitsOfWork) -> set[str]:
    with units.reading() as session:
        return set(session.scalars(select(Product.title)))


@pytest.fixture
def published(author: Chat, units: UnitsOfWork) -> Chat:
    """The author of one published work for 9.90 yuan."""
    author.say(ARTICLE)
    author.say("发布 9.9")
    pass_checks(units)
    author.say("我的作品")
    return author


@pytest.mark.parametrize("way", ["two messages", "one message", "with its title"])
def test_a_published_text_is_replaced_only_when_the_new_one_has_passed(
    published: Chat, units: UnitsOfWork, way: str
) -> None:
    before = seen(units)
    if way == "one message":
        answer = published.say(f"改正文 1\n{NEW_TEXT}")
    else:
        assert "会替换现在的" in published.say("改正文 1")
        title = "清晨的街道\n" if way == "with its title" else ""
        answer = published.say(f"{title}{NEW_TEXT}")
    assert "读者现在看到的还是原来的" in answer
    assert seen(units) == before
    assert "有修改未上线" in published.say("我的作品")
    assert "自动换上" in published.say("发布")
    assert seen(units) == before
    pass_checks(units)
    assert seen(units) == ("published", NEW_TEXT)
    assert "没有新的修改" in published.say("发布")


def test_the_number_of_a_changed_work_publishes_it_and_does_not_price_it(
    published: Chat, units: UnitsOfWork
) -> None:
    published.say(f"改正文 1\n{NEW_TEXT}")
    published.say("我的作品")
    assert "修改已提交" in published.say("发布 1")
    with units.reading() as session:
        assert session.scalars(select(Product.price_fen)).one() == 990


def test_who_looks_at_a_change_is_said(published: Chat, desk: ToldDesk) -> None:
    desk.was_there = False
    published.say(f"改正文 1\n{NEW_TEXT}")
    assert "由运营来看，通过后自动换上" in published.say("发布")


def test_a_change_is_taken_back_before_and_after_it_was_submitted(
    published: Chat, units: UnitsOfWork
) -> None:
    before = seen(units)
    published.say(f"改正文 1\n{NEW_TEXT}")
    assert "改回上一版" in published.say("撤销")
    assert "没有新的修改" in published.say("发布")
    published.say(f"改正文 1\n{NEW_TEXT}")
    published.say("发布")
    assert "修改已收回" in published.say("撤销")
    # The verdict on what was taken back moves nothing.
    pass_checks(units)
    assert seen(units) == before


def test_a_draft_is_written_anew_and_a_waiting_one_is_a_draft_again(
    author: Chat, units: UnitsOfWork
) -> None:
    author.say(ARTICLE)
    author.say("免费")
    author.say("改正文")
    assert "新正文已存好" in author.say(NEW_TEXT)
    author.say("发布")
    assert "重新提交" in author.say(f"改正文\n{NEW_TEXT}还有第三句。")
    assert seen(units)[0] == "draft"
    pass_checks(units)
    assert seen(units) == ("draft", None)
    author.say("发布")
    pass_checks(units)
    assert seen(units) == ("published", f"{NEW_TEXT}还有第三句。")


def test_a_slip_replaces_nothing(published: Chat, units: UnitsOfWork) -> None:
    published.say("改正文 1")
    assert "没有替换" in published.say("怎么改？")
    assert "没有替换" in published.say("<b></b>")
    assert "取消" in published.say("帮助")
    published.say("取消")
    with units.reading() as session:
        assert len(session.scalars(select(Revision)).all()) == 1
    for message in ("改正文 99", "改正文 abc", f"改正文 7\n{NEW_TEXT}"):
        assert published.say(message)
    with units.reading() as session:
        assert len(session.scalars(select(Revision)).all()) == 1


def test_what_is_sold_is_called_as_what_is_read(published: Chat, units: UnitsOfWork) -> None:
    published.say("专栏定价 99")
    assert product_titles(units) == {"清晨的街道", "城市摄影 · 永久"}
    published.say("修改标题 傍晚的街道")
    # Readers still see the old title.
    assert product_titles(units) == {"清晨的街道", "城市摄影 · 永久"}
    assert "已改名为《街头摄影》" in published.say("专栏改名 街头摄影")
    assert product_titles(units) == {"清晨的街道", "街头摄影 · 永久"}
    assert "改回《城市摄影》" in published.say("撤销")
    assert product_titles(units) == {"清晨的街道", "城市摄影 · 永久"}


def test_a_drafts_product_follows_its_title(author: Chat, units: UnitsOfWork) -> None:
    author.say(ARTICLE)
    author.say("定价 9.9")
    author.say("修改标题 傍晚的街道")
    assert product_titles(units) == {"傍晚的街道"}
    author.say("撤销")
    assert product_titles(units) == {"清晨的街道"}


def test_one_of_several_columns_is_renamed_by_its_number(author: Chat, units: UnitsOfWork) -> None:
    author.say("新建专栏 产品笔记 职业 产品经理 每周1篇")
    assert "改哪个专栏" in author.say("专栏改名")
    assert "已改名为《职场笔记》" in author.say("2 职场笔记")
    assert "已经有一个叫" in author.say("专栏改名 2 城市摄影")
    assert "最多 30 个字" in author.say(f"专栏改名 2 {'长' * 31}")
    with units.reading() as session:
        assert set(session.scalars(select(Column.title))) == {"城市摄影", "职场笔记"}


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("收入", 1),
        ("今日收入", 1),
        ("收入 7天", 7),
        ("我的收入 三十天", 30),
        ("收入 近30天", 30),
        ("近7天收入", 7),
        ("7天的收入", 7),
    ],
)
def test_income_of_some_days_ends_today(
    author: Chat, desk: ToldDesk, message: str, days: int
) -> None:
    desk.income = Income(3, 2970, 2656)
    assert "¥26.56" in author.say(message)
    assert desk.asked_days is not None
    first, last = desk.asked_days
    assert ((last - first).days + 1, last.isoformat()) == (days, "2026-05-20")


@pytest.mark.parametrize("message", ["收入 0天", "收入 999天", "收入 上个月", "收入 -7天"])
def test_income_of_anything_else_says_what_can_be_asked(
    author: Chat, desk: ToldDesk, message: str
) -> None:
    assert "收入 7天" in author.say(message)
    assert desk.asked_days is None


def test_search_suggests_what_there_is_when_nothing_is_found(published: Chat, fan: Chat) -> None:
    answer = fan.say("搜索 量子力学")
    assert "没有找到和「量子力学」有关的内容" in answer
    assert "1. 《城市摄影》" in answer
    assert "2. 《清晨的街道》" in answer
    assert "《清晨的街道》" in fan.say("2")
    assert "《清晨的街道》" in fan.say("搜索 《清晨的街道》")
    assert "《清晨的街道》" in fan.say("清晨")
    assert "没太明白" in fan.say("今天天气不错")


@pytest.mark.parametrize("asked", ["修改标题", "改正文", "写"])
def test_cancel_says_that_the_step_was_left(published: Chat, asked: str) -> None:
    published.say(asked)
    assert published.say("取消") == sentences.CANCELLED
    assert published.say("取消") == sentences.NOTHING_TO_CANCEL

"""A creator does everything by chat, one short message for each step."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from creator_tools.catalogue.models import Product
from creator_tools.columns.models import Column
from creator_tools.creators import service as creators
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio.ports import Income
from creator_tools.works import service as works_service
from creator_tools.works.models import ContentCheck, Revision, Work
from tests.integration.studio.conftest import Chat, ToldDesk

ARTICLE = "清晨的街道\n第一句话在这里。第二句话是要付钱的，它比较长一些。\n第三句也锁着。"


def works_of(units: UnitsOfWork) -> list[Work]:
    with units.reading() as session:
        return list(session.scalars(select(Work).order_by(Work.id)))


def only_work(units: UnitsOfWork) -> Work:
    (work,) = works_of(units)
    return work


def pass_checks(units: UnitsOfWork) -> None:
    with units("works.review") as uow:
        for check in uow.session.scalars(select(ContentCheck)).all():
            works_service.record_verdict(uow, check_id=check.id, verdict="pass", detail={})


def price_fen(units: UnitsOfWork) -> int | None:
    with units.reading() as session:
        return session.scalar(select(Product.price_fen).where(Product.state == "on_sale"))


def code_in(text: str) -> str:
    found = re.search(r"确认 (\d{4})", text)
    assert found is not None, text
    return found.group(1)


def publish_one(author: Chat, units: UnitsOfWork) -> None:
    author.say(ARTICLE)
    author.say("发布 9.9")
    pass_checks(units)


@pytest.mark.parametrize("shape", ["{}", "成为创作者 {}", "邀请码：{}", "我要成为创作者|{}"])
def test_an_invitation_makes_a_creator(fan: Chat, invitation: str, shape: str) -> None:
    for message in shape.split("|"):
        answer = fan.say(message.format(invitation.upper()))
    assert "欢迎成为创作者" in answer


def test_a_wrong_code_is_told_and_asked_again(fan: Chat, invitation: str) -> None:
    fan.say("成为创作者")
    assert "没有找到这个邀请码" in fan.say("zzzzzzzz")
    assert "欢迎成为创作者" in fan.say(invitation)


def test_a_column_is_made_step_by_step(fan: Chat, invitation: str, units: UnitsOfWork) -> None:
    fan.say(invitation)
    for message in ("新建专栏", "城市摄影", "职业 摄影师", "每周1篇 共12篇"):
        answer = fan.say(message)
    assert "建好了" in answer
    with units.reading() as session:
        column = session.scalars(select(Column)).one()
    assert (column.title, column.field_kind, column.field_name) == (
        "城市摄影",
        "occupation",
        "摄影师",
    )
    assert (column.promised_cadence, column.promised_count) == ("每周1篇", 12)


def test_a_column_is_made_in_one_line(author: Chat, units: UnitsOfWork) -> None:
    with units.reading() as session:
        column = session.scalars(select(Column)).one()
    assert (column.title, column.field_kind, column.field_name) == ("城市摄影", "interest", "摄影")
    assert "已经有一个叫" in author.say("新建专栏 城市摄影 兴趣 摄影 每周1篇 共12篇")


def test_a_text_before_the_first_column_is_kept(
    fan: Chat, invitation: str, units: UnitsOfWork
) -> None:
    fan.say(invitation)
    assert "替你留着" in fan.say(ARTICLE)
    for message in ("城市摄影", "摄影"):
        fan.say(message)
    assert "已存草稿《清晨的街道》" in fan.say("跳过")
    assert only_work(units).title == "清晨的街道"


def test_a_text_becomes_a_draft_is_priced_and_published(author: Chat, units: UnitsOfWork) -> None:
    assert "定价 9.9" in author.say(ARTICLE)
    assert "还没有定价" in author.say("发布")
    assert "¥9.90" in author.say("定价 9.9")
    shown = author.say("预览")
    assert "第一句话在这里。" in shown
    assert "第二句" not in shown
    assert "已提交" in author.say("发布")
    assert only_work(units).state == "in_review"
    pass_checks(units)
    assert only_work(units).state == "published"
    assert price_fen(units) == 990


def test_one_message_prices_and_publishes(author: Chat, units: UnitsOfWork) -> None:
    author.say(ARTICLE)
    assert "定价 ¥9.90" in author.say("发布９．９")
    assert (only_work(units).state, price_fen(units)) == ("in_review", 990)


def test_without_an_eligible_author_the_answer_says_that_a_person_looks(
    author: Chat, desk: ToldDesk
) -> None:
    desk.was_there = False
    author.say(ARTICLE)
    said = author.say("发布 免费")
    assert "由运营来看" in said
    assert "到时会告诉你" in said
    assert "一分钟" not in said


def test_who_was_in_the_mini_program_lately_hears_how_long_a_machine_takes(author: Chat) -> None:
    author.say(ARTICLE)
    said = author.say("发布 免费")
    assert "一分钟内，到时会告诉你" in said
    assert "运营" not in said


def test_of_a_text_that_no_machine_may_judge_the_answer_says_that_a_person_looks(
    author: Chat, desk: ToldDesk
) -> None:
    desk.may_check = False
    author.say(ARTICLE)
    assert "由运营来看" in author.say("发布 免费")


def test_writing_is_guided(author: Chat, units: UnitsOfWork) -> None:
    assert "正文" in author.say("写")
    assert "标题：秋天" in author.say("秋天")
    assert "已存草稿《秋天》" in author.say("正文来了。还有一句。")
    assert only_work(units).title == "秋天"


def test_the_last_step_can_be_taken_back(author: Chat, units: UnitsOfWork) -> None:
    author.say(ARTICLE)
    author.say("定价 9.9")
    author.say("定价 8.8")
    assert "¥9.90" in author.say("撤销")
    assert price_fen(units) == 990
    assert "没有可以撤销" in author.say("undo")
    author.say("修改标题 傍晚的街道")
    assert only_work(units).title == "傍晚的街道"
    author.say("撤销")
    assert only_work(units).title == "清晨的街道"
    author.say(ARTICLE)
    author.say("撤销")
    assert [work.state for work in works_of(units)] == ["draft", "withdrawn"]


def test_an_unsold_work_is_withdrawn_at_once_and_brought_back(
    author: Chat, units: UnitsOfWork
) -> None:
    publish_one(author, units)
    author.say("我的作品")
    assert "已下架" in author.say("下架 1")
    assert only_work(units).state == "withdrawn"
    author.say("撤销")
    assert only_work(units).state == "published"
    author.say("下架")
    assert "已重新上架" in author.say("上架 1")


def test_a_sold_work_is_withdrawn_only_with_its_code(
    author: Chat, units: UnitsOfWork, desk: ToldDesk
) -> None:
    publish_one(author, units)
    desk.sold.add(only_work(units).id)
    code = code_in(author.say("下架 1"))
    assert only_work(units).state == "published"
    author.say(f"确认 {code}")
    assert only_work(units).state == "withdrawn"
    assert "没有等待确认" in author.say(f"确认 {code}")


def test_a_code_dies_after_three_wrong_tries(
    author: Chat, units: UnitsOfWork, desk: ToldDesk
) -> None:
    publish_one(author, units)
    desk.sold.add(only_work(units).id)
    code = code_in(author.say("下架"))
    wrong = f"{(int(code) + 1) % 10000:04d}"
    assert "还可以试 2 次" in author.say(f"确认 {wrong}")
    assert "还可以试 1 次" in author.say(wrong)
    assert "已作废" in author.say(f"确认 {wrong}")
    assert "没有等待确认" in author.say(f"确认 {code}")
    assert only_work(units).state == "published"


def test_a_code_dies_after_ten_minutes(
    author: Chat, units: UnitsOfWork, clock: ManualClock
) -> None:
    code = code_in(author.say("关闭专栏"))
    clock.advance(timedelta(minutes=10))
    assert "没有等待确认" in author.say(f"确认 {code}")
    with units.reading() as session:
        assert session.scalars(select(Column.state)).one() == "open"


def test_a_column_is_closed_with_its_code_and_reopened_by_undo(
    author: Chat, units: UnitsOfWork
) -> None:
    author.say(f"确认 {code_in(author.say('关闭专栏'))}")
    with units.reading() as session:
        assert session.scalars(select(Column.state)).one() == "closed"
    author.say("撤销")
    with units.reading() as session:
        assert session.scalars(select(Column.state)).one() == "open"


@pytest.mark.parametrize(("to_yuan", "asks"), [("15", True), ("14.85", False), ("4", True)])
def test_a_sold_price_moves_by_more_than_half_only_with_a_code(
    author: Chat, units: UnitsOfWork, desk: ToldDesk, to_yuan: str, asks: bool
) -> None:
    publish_one(author, units)
    desk.sold.add(only_work(units).id)
    answer = author.say(f"定价 {to_yuan}")
    assert ("确认" in answer) is asks
    if asks:
        assert price_fen(units) == 990
        author.say(f"确认 {code_in(answer)}")
    assert price_fen(units) == round(float(to_yuan) * 100)


def test_a_column_is_priced_for_ever_and_for_terms(author: Chat, units: UnitsOfWork) -> None:
    for message in ("专栏定价 99", "专栏包月 19.9", "包年 199", "包季"):
        author.say(message)
    assert "包季" in author.say("49")
    with units.reading() as session:
        rows = session.execute(select(Product.term_days, Product.price_fen))
        assert {tuple(row) for row in rows} == {(None, 9900), (30, 1990), (365, 19900), (90, 4900)}


def test_a_work_is_scheduled(author: Chat, units: UnitsOfWork, clock: ManualClock) -> None:
    author.say(ARTICLE)
    assert "还没有定价" in author.say("定时 明天 8:00")
    author.say("免费")
    assert "5月21日 08:00" in author.say("定时 明天 8:00")
    pass_checks(units)
    assert only_work(units).state == "scheduled"
    clock.advance(timedelta(days=1))
    with units("works.publish_due") as uow:
        assert len(works_service.publish_due(uow)) == 1
    author.say(ARTICLE)
    author.say("免费")
    assert "现在之后" in author.say("定时 2026-01-01 08:00")
    # Eight hours before the first moment that there is.
    assert "现在之后" in author.say("定时 0001-01-01 07:00")


def test_pictures_and_text_become_one_draft(author: Chat, units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        creator_id = uow.session.scalars(select(Column.creator_id)).one()
        picture, _ = works_service.add_picture(uow, creator_id=creator_id, original=PNG)
    path = f"/media/{picture.sha256}"
    assert "图片已存成草稿" in author.send_picture(path).text
    assert "图片已加到" in author.send_picture(path).text
    author.say(ARTICLE)
    work = only_work(units)
    assert work.title == "清晨的街道"
    with units.reading() as session:
        body = session.get_one(Revision, work.draft_revision_id).body_html
    assert body.count(f'src="{path}"') == 2
    assert "再发一次" in author.send_picture("/etc/passwd").text
    assert "不是你上传的" in author.send_picture("/media/" + "0" * 64).text


def test_income_is_told_to_the_fen(author: Chat, desk: ToldDesk) -> None:
    desk.income = Income(3, 2970, 2656)
    answer = author.say("今日收入")
    assert "订单 3 笔" in answer
    assert "¥29.70" in answer
    assert "¥26.56" in answer


def test_another_creators_work_cannot_be_reached_by_number(
    author: Chat, new_chat: Callable[[], Chat], units: UnitsOfWork
) -> None:
    publish_one(author, units)
    other = new_chat()
    with units("creators.invite") as uow:
        code = creators.invite(uow)
    other.say(code)
    other.say("新建专栏 别的 兴趣 别的 每周1篇")
    other.say("浏览")
    for message in ("下架 2", "定价 2 1", "预览 2", "修改标题 偷走", "删除 2"):
        other.say(message)
    work = only_work(units)
    assert (work.state, work.title, price_fen(units)) == ("published", "清晨的街道", 990)


@pytest.mark.parametrize(
    "message",
    [
        "定价 abc",
        "定价 -1",
        "定价 99999999",
        "发布 9.999",
        "定时 昨天",
        "下架 99",
        "换专栏 9",
        "专栏定价 0",
    ],
)
def test_bad_input_ends_in_a_friendly_line_and_changes_nothing(
    author: Chat, units: UnitsOfWork, message: str
) -> None:
    author.say(ARTICLE)
    before = counts(units)
    assert len(author.say(message)) > 5
    assert counts(units) == before


def test_what_is_refused_in_the_middle_leaves_nothing_behind(
    author: Chat, units: UnitsOfWork
) -> None:
    author.say(ARTICLE)
    author.say("发布 9.9")
    with units("works.review") as uow:
        check = uow.session.scalars(select(ContentCheck)).one()
        works_service.record_verdict(uow, check_id=check.id, verdict="risky", detail={})
    # The new price is set before the publishing is refused; both must be gone.
    assert "没有通过内容检查" in author.say("发布 5")
    assert (only_work(units).state, price_fen(units)) == ("rejected", 990)


def counts(units: UnitsOfWork) -> list[int]:
    with units.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Product, Column, Work, Revision, ContentCheck)
        ]


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def test_a_price_that_cannot_be_becomes_no_draft(author: Chat) -> None:
    told = author.say("定价 99999999999999999999")
    assert "草稿" not in told
    assert author.say("我的作品").count("《") == 0


def test_a_number_that_no_column_has_is_not_told_as_having_none(author: Chat) -> None:
    told = author.say("专栏定价 99 99")
    assert "没有编号为 99 的专栏" in told
    assert "还没有专栏" not in told

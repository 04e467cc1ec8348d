"""A fan browses, opens, buys and searches by chat; nothing locked is ever said."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from creator_tools.access import service as access
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio import grammar, service
from creator_tools.works import service as works_service
from creator_tools.works.models import ContentCheck, Work
from tests.integration.studio.conftest import Chat, ToldDesk

LOCKED = "LOCKED-MARKER"
ARTICLE = f"清晨的街道\n第一句话可以试读。第二句话要付钱才能读，{LOCKED}，它比较长。"


@pytest.fixture
def shelf(author: Chat, units: UnitsOfWork) -> Chat:
    """A column with one published work for 9.90 yuan; gives its author."""
    author.say(ARTICLE)
    author.say("发布 9.9")
    with units("works.review") as uow:
        for check in uow.session.scalars(select(ContentCheck)).all():
            works_service.record_verdict(uow, check_id=check.id, verdict="pass", detail={})
    return author


@pytest.mark.usefixtures("shelf")
def test_a_fan_browses_opens_and_is_shown_where_to_buy(fan: Chat) -> None:
    listed = fan.say("专栏")
    assert "1. 《城市摄影》" in listed
    assert "2. 《清晨的街道》 ¥9.90" in listed
    opened = fan.ask("打开 2")
    assert "第一句话可以试读。" in opened.text
    assert LOCKED not in opened.text
    assert opened.links[0][1].startswith("/h5/works/")
    bought = fan.ask("购买 2")
    assert "¥9.90" in bought.text
    assert bought.links == (("去购买", opened.links[0][1]),)
    column = fan.ask("１")
    assert column.links[0][1].startswith("/h5/columns/")
    assert "《清晨的街道》" in fan.ask("1").text


@pytest.mark.usefixtures("shelf")
def test_where_no_price_may_be_shown_none_is_said(fan: Chat, desk: ToldDesk) -> None:
    desk.shows_price = False
    for message in ("专栏", "看 2", "买 2", "看 1", "搜索 街道"):
        answer = fan.ask(message)
        assert "9.9" not in answer.text
        assert all("购买" not in label for label, _ in answer.links), message


def test_what_was_bought_is_listed_and_open(fan: Chat, shelf: Chat, units: UnitsOfWork) -> None:
    assert "还没有买过" in fan.say("我的购买")
    with units("payments.record") as uow:
        work = uow.session.scalars(select(Work)).one()
        access.grant(
            uow,
            person_id=fan.person_id,
            creator_id=work.creator_id,
            object_type="work",
            object_id=work.id,
            source_kind="gift",
            source_id=uow.ids.new(),
            starts_at=uow.now(),
            ends_at=None,
        )
    assert "1. 《清晨的街道》 · 永久" in fan.say("已购")
    assert "已解锁" in fan.say("1")
    assert "不用再买" in fan.say("买 1")
    shelf.say("下架 1")
    fan.say("我的购买")
    assert "已解锁" in fan.say("1")


def test_what_has_run_out_is_told_with_its_end(shelf: Chat, fan: Chat, units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = uow.session.scalars(select(Work)).first()
        assert work is not None
        access.grant(
            uow,
            person_id=fan.person_id,
            creator_id=work.creator_id,
            object_type="column",
            object_id=work.column_id,
            source_kind="gift",
            source_id=uow.ids.new(),
            starts_at=uow.now() - timedelta(days=31),
            ends_at=uow.now() - timedelta(days=1),
        )
    said = fan.say("我的购买")
    assert "已到期，打开可以续期" in said
    assert "还没有买过" not in said
    assert "1" in fan.say("1")


@pytest.mark.usefixtures("shelf")
def test_search_finds_titles_and_fields_and_never_locked_words(fan: Chat) -> None:
    assert "《清晨的街道》" in fan.say("搜索 街道")
    assert "《城市摄影》" in fan.say("搜索摄影")
    assert "没有找到" in fan.say(f"搜索 {LOCKED}")
    assert "关键词" in fan.say("搜索")
    assert "《清晨的街道》" in fan.say("清晨")


def test_a_long_list_is_paged(fan: Chat, author: Chat) -> None:
    for number in range(12):
        author.say(f"新建专栏 第{number:02d}栏 兴趣 领域 每周1篇")
    first = fan.say("专栏")
    assert "8. " in first
    assert "9. " not in first
    second = fan.say("更多")
    assert "9. " in second
    assert "没有更多了" in fan.say("更多")
    assert fan.ask("9").links[0][1].startswith("/h5/columns/")


def test_an_empty_shelf_a_wrong_number_and_chatter_get_a_friendly_line(fan: Chat) -> None:
    assert "还没有作品" in fan.say("浏览")
    assert "没有这个编号" in fan.say("看 7")
    assert "没有这个编号" in fan.say("看 99999")
    assert "专栏" in fan.say("今天天气不错")
    assert "创作者的功能" in fan.say("发布 9.9")
    assert "你好" in fan.say("在吗")
    assert "专栏" in fan.say("")


def test_menu_keys_are_commands(fan: Chat, units: UnitsOfWork, desk: ToldDesk) -> None:
    for key in grammar.KEYS:
        with units("chat.message") as uow:
            pressed = service.press(uow, person_id=fan.person_id, key=key, desk=desk)
        assert pressed.text
    with units("chat.message") as uow:
        assert "欢迎" in service.welcome(uow, person_id=fan.person_id, desk=desk).text


COMMANDS = st.sampled_from(
    [
        *grammar.KEYS.values(),
        "新建专栏",
        "发布 9.9",
        "定价",
        "包月",
        "预览",
        "下架 1",
        "上架",
        "撤销",
        "取消",
        "确认 1234",
        "1",
        "买 1",
        "更多",
        "定时",
        "修改标题",
        "关闭专栏",
        "暂停专栏",
        "删除",
        "换专栏 1",
        ARTICLE,
    ]
)
ANYTHING = st.one_of(
    COMMANDS,
    st.text(max_size=60),
    st.text(alphabet="\u202e\u200b<>'\";%\\\x00\ud800🎉１２3.-\n", max_size=30),
    st.integers(-(10**20), 10**20).map(str),
    COMMANDS.flatmap(lambda command: st.text(max_size=20).map(lambda tail: f"{command} {tail}")),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(ANYTHING, min_size=1, max_size=8))
def test_any_conversation_gets_short_answers_and_never_a_fault(
    new_chat: Callable[[], Chat], author: Chat, shelf: Chat, messages: list[str]
) -> None:
    fan = new_chat()
    for message in messages:
        for chat in (fan, author):
            answer = chat.ask(message)
            assert 0 < len(answer.text) <= 600
            assert "\x00" not in answer.text
        # What the fan is told never holds what the author locked.
        assert LOCKED not in fan.say(message) or LOCKED in message

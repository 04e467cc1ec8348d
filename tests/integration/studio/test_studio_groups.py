"""A creator opens fan groups by chat, and a reader gets in with one tap."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from creator_tools.access import service as access
from creator_tools.columns.models import Column
from creator_tools.creators import service as creators
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.models import FanGroup, JoinWay, Seat
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitsOfWork
from tests.integration.studio.conftest import Chat

LINK = "https://work.weixin.qq.com/gm/0123abcdef"
OTHER = "https://work.weixin.qq.com/gm/ffff9999="


def only_group(units: UnitsOfWork) -> FanGroup:
    with units.reading() as session:
        return session.scalars(select(FanGroup)).one()


def open_ways(units: UnitsOfWork) -> list[tuple[str, int]]:
    with units.reading() as session:
        ways = session.scalars(
            select(JoinWay).where(JoinWay.closed_at.is_(None)).order_by(JoinWay.id)
        )
        return [(way.url, way.capacity_count) for way in ways]


def let_in(units: UnitsOfWork, fan: Chat, column_title: str = "城市摄影") -> None:
    with units("payments.record") as uow:
        column = uow.session.scalars(select(Column).where(Column.title == column_title)).one()
        access.grant(
            uow,
            person_id=fan.person_id,
            creator_id=column.creator_id,
            object_type="column",
            object_id=column.id,
            source_kind="gift",
            source_id=uow.ids.new(),
            starts_at=uow.now(),
            ends_at=None,
        )


def take_seat(units: UnitsOfWork, fan: Chat) -> str:
    with units("fan_groups.seat") as uow:
        group_id = uow.session.scalars(select(FanGroup.id)).one()
        place = service.door(uow, fan_group_id=group_id, person_id=fan.person_id)
    assert isinstance(place, service.OpenDoor)
    return place.url


def code_in(text: str) -> str:
    found = re.search(r"确认 (\d{4})", text)
    assert found is not None, text
    return found.group(1)


@pytest.mark.parametrize(
    "message",
    [
        f"建群 摄影读者群 {LINK}",
        f"建群「摄影读者群」{LINK}，200人",
        f"建群 {LINK} 摄影读者群",
        f"新建粉丝群：摄影读者群 {LINK}",
    ],
)
def test_one_line_opens_a_group_with_its_link(
    author: Chat, units: UnitsOfWork, message: str
) -> None:
    answer = author.ask(message)
    group = only_group(units)
    assert (group.name, group.state) == ("摄影读者群", "open")
    assert open_ways(units) == [(LINK, 200)]
    assert answer.links == (("进群：摄影读者群", f"/g/{group.code}"),)
    assert "建好了" in answer.text


def test_a_group_is_opened_step_by_step_in_the_column_of_that_number(
    author: Chat, units: UnitsOfWork
) -> None:
    author.say("新建专栏 产品笔记 职业 产品经理 每周1篇")
    assert "起个名字" in author.say("建群")
    assert "2. 《产品笔记》" in author.say("笔记读者群")
    assert "回复编号" in author.say("9")
    assert "进群链接是什么" in author.say("2")
    assert "https://" in author.say("没看懂")
    # A link is longer than any answer that is talk, and must not become a draft.
    long_link = f"{LINK}?{'q' * 200}="
    assert "有了新的进群链接" in author.say(long_link)
    assert open_ways(units) == [(long_link, 200)]
    with units.reading() as session:
        wanted = session.scalars(select(Column.id).where(Column.title == "产品笔记")).one()
    assert only_group(units).column_id == wanted


def test_a_group_without_a_link_waits_for_one(author: Chat, units: UnitsOfWork) -> None:
    author.say("建群 摄影读者群")
    assert "还进不了群" in author.say("跳过")
    assert "没有能用的进群链接" in author.say("我的群")
    author.say(f"进群链接{LINK}")
    assert open_ways(units) == [(LINK, 200)]


def test_a_new_link_takes_the_place_of_the_old_one_and_undo_brings_it_back(
    author: Chat, units: UnitsOfWork
) -> None:
    author.say(f"建群 摄影读者群 {LINK} 50人")
    code = only_group(units).code
    answer = author.ask(f"进群链接 {OTHER} 30人 7天")
    assert "换成了新的进群链接" in answer.text
    assert answer.links[0][1] == f"/g/{code}"
    assert open_ways(units) == [(OTHER, 30)]
    assert "恢复" in author.say("撤销")
    assert open_ways(units) == [(LINK, 50)]
    author.say(f"进群链接 再加 {OTHER}")
    assert open_ways(units) == [(LINK, 50), (OTHER, 200)]


def test_a_full_link_stays_beside_the_new_one(author: Chat, fan: Chat, units: UnitsOfWork) -> None:
    author.say(f"建群 摄影读者群 {LINK} 1人")
    let_in(units, fan)
    assert take_seat(units, fan) == LINK
    author.say(LINK.replace("0123", "4567"))
    assert open_ways(units) == [(LINK, 1), (LINK.replace("0123", "4567"), 200)]
    assert take_seat(units, fan) == LINK
    assert "已留 1 个名额，还能进 200 人" in author.say("我的群")


def test_with_several_groups_the_link_asks_for_its_group(author: Chat, units: UnitsOfWork) -> None:
    author.say(f"建群 一群 {LINK}")
    author.say(f"建群 二群 {LINK}")
    assert "1. 「一群」" in author.say(f"进群链接 {OTHER}")
    assert "二群" in author.say("2")
    assert open_ways(units) == [(LINK, 200), (OTHER, 200)]
    author.say(f"进群链接 1 {OTHER}")
    assert open_ways(units) == [(OTHER, 200), (OTHER, 200)]


def test_an_empty_group_is_closed_at_once_and_one_with_seats_by_its_code(
    author: Chat, fan: Chat, units: UnitsOfWork
) -> None:
    author.say(f"建群 摄影读者群 {LINK}")
    assert "已关" in author.say("关群 1")
    assert only_group(units).state == "closed"
    author.say("撤销")
    assert only_group(units).state == "open"
    let_in(units, fan)
    take_seat(units, fan)
    code = code_in(author.say("关群 1"))
    assert only_group(units).state == "open"
    author.say(f"确认 {code}")
    assert only_group(units).state == "closed"
    assert "已经关了" in author.say("关群 1")
    author.say("开群 1")
    assert only_group(units).state == "open"


def test_a_reader_finds_the_door_and_a_stranger_does_not(
    author: Chat, fan: Chat, new_chat: Callable[[], Chat], units: UnitsOfWork
) -> None:
    author.say(f"建群 摄影读者群 {LINK}")
    author.say("新建专栏 产品笔记 职业 产品经理 每周1篇")
    let_in(units, fan)
    group = only_group(units)
    for message in ("进群", "群", "进群 1", "1"):
        answer = fan.ask(message)
        assert answer.links == (("进群：摄影读者群", f"/g/{group.code}"),), message
        assert LINK not in answer.text
    stranger = new_chat()
    assert "还没有能进的群" in stranger.say("进群")
    assert stranger.ask("群").links == ()
    author.say("关群 1")
    assert "还没有能进的群" in fan.say("进群")


def test_a_creator_cannot_reach_another_creators_group(
    author: Chat, new_chat: Callable[[], Chat], units: UnitsOfWork
) -> None:
    author.say(f"建群 摄影读者群 {LINK}")
    other = new_chat()
    with units("creators.invite") as uow:
        code = creators.invite(uow)
    other.say(code)
    other.say("新建专栏 别的 兴趣 别的 每周1篇")
    for message in ("关群 1", "开群 1", f"进群链接 1 {OTHER}", "我的群", f"进群链接 {OTHER}"):
        assert "还没有粉丝群" in other.say(message)
    assert (only_group(units).state, open_ways(units)) == ("open", [(LINK, 200)])


def test_a_link_that_ended_is_told_and_replaced(
    author: Chat, units: UnitsOfWork, clock: ManualClock
) -> None:
    author.say(f"建群 摄影读者群 {LINK} 7天")
    clock.advance(timedelta(days=7))
    assert "没有能用的进群链接" in author.say("我的群")
    author.say(f"进群链接 {OTHER}")
    assert open_ways(units) == [(OTHER, 200)]
    # What has ended is not brought back.
    author.say("撤销")
    assert open_ways(units) == []


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("建群 群 http://work.weixin.qq.com/gm/a", "https://"),
        ("建群 群 https://127.0.0.1/a", "https://"),
        ("建群 群 https://work.weixin.qq.com/gm/中文", "https://"),
        ("建群 群 https://a.example/join", "只支持企业微信群的"),
        ("建群 群 https://weixin.qq.com/g/AwYAAtheGroup", "群二维码的图片"),
        (f"建群 {'长' * 31} {LINK}", "最多 30 个字"),
        (f"建群 群 {LINK} 0人", "1 到 2000"),
        (f"建群 群 {LINK} 99999人", "1 到 2000"),
        (f"建群 群 {LINK} 0天", "1 到 366"),
        ("进群链接 javascript:alert(1)", "还没有粉丝群"),
        ("关群 3", "还没有粉丝群"),
    ],
)
def test_a_bad_line_is_told_and_nothing_is_written(
    author: Chat, units: UnitsOfWork, message: str, told: str
) -> None:
    assert told in author.say(message)
    with units.reading() as session:
        assert (
            queries.list_of_creator(session, session.scalars(select(Column.creator_id)).one()) == []
        )


def test_a_fan_who_sends_a_link_is_told_whose_it_is(fan: Chat) -> None:
    assert "创作者的功能" in fan.say(LINK)
    assert "创作者的功能" in fan.say("建群 我的群")


WORDS = st.sampled_from(
    ["建群", "进群链接", "我的群", "关群", "开群", "进群", "群", "撤销", "跳过", "取消", "1", "2"]
)
TAILS = st.one_of(
    st.sampled_from([LINK, OTHER, f"1 {LINK}", "1", "99", f"{LINK} 5人 3天", "https://", "「群」"]),
    st.text(max_size=30),
    st.text(alphabet="\u202e\u200b<>'\";%\\\x00🎉１https:/. -\n", max_size=40),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(st.tuples(WORDS, TAILS, st.booleans()), min_size=1, max_size=10))
def test_any_talk_about_groups_gets_a_short_line_and_keeps_the_books_of_seats(
    author: Chat, fan: Chat, units: UnitsOfWork, messages: list[tuple[str, str, bool]]
) -> None:
    for word, tail, is_bare in messages:
        for chat in (author, fan):
            answer = chat.ask(word if is_bare else f"{word} {tail}")
            assert 0 < len(answer.text) <= 600
            assert "\x00" not in answer.text
        assert "https://work" not in fan.say("进群")
    with units.reading() as session:
        for way in session.scalars(select(JoinWay)):
            assert way.url.startswith("https://")
            assert 0 <= way.seats_count <= way.capacity_count
        assert session.scalars(select(Seat)).all() == []

"""A group's code comes into the chat as a picture, from its creator or its keeper."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from creator_tools.creators.models import Creator
from creator_tools.fan_groups import queries
from creator_tools.fan_groups.errors import GroupCodeMissing, GroupCodeOfPerson
from creator_tools.fan_groups.models import FanGroup, JoinWay
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio import service
from creator_tools.studio.code_desk import ScannedPicture
from creator_tools.studio.dialogs import Answer
from tests.integration.studio.conftest import Chat

CODE = "https://weixin.qq.com/g/AQYAAcode{}"
DAY = timedelta(days=1)


def send(chat: Chat, name: str) -> Answer | None:
    return scan(chat, ScannedPicture(said=CODE.format(name)))


def scan(chat: Chat, scanned: ScannedPicture) -> Answer | None:
    with chat.units("studio.act") as uow:
        return service.group_picture(uow, person_id=chat.person_id, scanned=scanned, desk=chat.desk)


def open_urls(units: UnitsOfWork, name: str) -> list[str]:
    with units.reading() as session:
        group = session.scalars(select(FanGroup).where(FanGroup.name == name)).one()
        ways = queries.list_open_ways(session, group.id)
    return [way.url.removeprefix(CODE.format("")) for way in ways]


@pytest.fixture
def owner(author: Chat) -> Chat:
    """A creator with a group that has no way in."""
    author.say("建群 晨拍群")
    author.say("跳过")
    return author


def test_a_picture_opens_the_group_and_can_be_taken_back(
    owner: Chat, units: UnitsOfWork, clock: ManualClock
) -> None:
    answer = send(owner, "a")
    assert answer is not None
    assert "「晨拍群」有了新的群二维码" in answer.text
    assert "还能进 200 人" in answer.text
    assert open_urls(units, "晨拍群") == ["a"]
    clock.advance(6 * DAY)
    replaced = send(owner, "b")
    assert replaced is not None
    assert "换上了新的群二维码" in replaced.text
    assert open_urls(units, "晨拍群") == ["b"]
    assert "已恢复" in owner.say("撤销")
    assert open_urls(units, "晨拍群") == ["a"]
    assert "没有可以撤销" in owner.say("撤销")


def test_healthy_codes_make_a_pool_and_the_same_one_twice_is_refused(
    owner: Chat, units: UnitsOfWork
) -> None:
    for name in ("a", "b", "c"):
        send(owner, name)
    again = send(owner, "b")
    assert again is not None
    assert "已经在用" in again.text
    assert open_urls(units, "晨拍群") == ["a", "b", "c"]


def test_with_several_groups_it_is_asked_which(owner: Chat, units: UnitsOfWork) -> None:
    owner.say("建群 夜拍群")
    owner.say("取消")
    asked = send(owner, "a")
    assert asked is not None
    assert "是哪个群" in asked.text
    assert "1 到 2" in owner.say("三百")
    assert "「夜拍群」" in owner.say("2")
    # One group is in need of a code: no question is needed.
    send(owner, "b")
    assert open_urls(units, "晨拍群") == ["b"]
    assert open_urls(units, "夜拍群") == ["a"]


def test_the_step_that_waits_for_a_link_takes_a_picture_too(
    owner: Chat, units: UnitsOfWork
) -> None:
    assert "群二维码" in owner.say("建群 夜拍群")
    refused = scan(owner, ScannedPicture(refusal=GroupCodeOfPerson()))
    assert refused is not None
    assert "名片" in refused.text
    send(owner, "a")
    assert open_urls(units, "夜拍群") == ["a"]
    assert open_urls(units, "晨拍群") == []


def test_a_picture_of_something_else_goes_on_to_the_draft(owner: Chat) -> None:
    assert scan(owner, ScannedPicture(refusal=GroupCodeMissing())) is None
    assert scan(owner, ScannedPicture(refusal=GroupCodeOfPerson())) is None
    path = f"/media/{'a' * 64}"
    with owner.units("studio.act") as uow:
        added = service.picture(
            uow,
            person_id=owner.person_id,
            picture_path=path,
            desk=owner.desk,
            scanned=ScannedPicture(refusal=GroupCodeOfPerson()),
        )
    # The group is without a way in, so it may have been meant for it.
    assert "要换群二维码吗" in added.text


def test_while_writing_even_the_code_of_a_group_is_for_the_draft(owner: Chat) -> None:
    owner.say("写")
    assert send(owner, "a") is None


def test_a_keeper_changes_the_code_and_takes_it_back_and_nobody_else_can(
    owner: Chat, new_chat: Callable[[], Chat], units: UnitsOfWork
) -> None:
    keeper, stranger = new_chat(), new_chat()
    assert send(keeper, "x") is None
    code = owner.say("群管家 1").rpartition("管群 ")[2].strip()
    assert "由你来管" in keeper.say(f"管群 {code}")
    assert "不对或者已经过期" in stranger.say(f"管群 {code}")
    given = send(keeper, "a")
    assert given is not None
    assert open_urls(units, "晨拍群") == ["a"]
    refused = scan(keeper, ScannedPicture(refusal=GroupCodeMissing()))
    assert refused is not None
    assert "没有找到二维码" in refused.text
    assert send(stranger, "x") is None
    assert "已撤销" in keeper.say("撤销")
    assert open_urls(units, "晨拍群") == []
    send(keeper, "a")
    assert "改由你自己管" in owner.say("取消群管家 1")
    # The right went in between: the code is not theirs to change, nor to take back.
    assert send(keeper, "b") is None
    assert "没有找到" in keeper.say("撤销")
    assert open_urls(units, "晨拍群") == ["a"]


def test_a_paused_creator_changes_nothing(owner: Chat, units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        uow.session.scalars(select(Creator)).one().state = "paused"
    refused = send(owner, "a")
    assert refused is not None
    assert open_urls(units, "晨拍群") == []


def test_the_gate_is_set_by_a_word_and_taken_back(owner: Chat, units: UnitsOfWork) -> None:
    def gate() -> str:
        with units.reading() as session:
            return session.scalars(select(FanGroup.gate)).one()

    assert "专栏的读者能进" in owner.say("进群门槛 1")
    for said, meant in (("关注", "follower"), ("所有人", "free"), ("读者", "buyer")):
        owner.say(f"进群门槛 1 {said}")
        assert gate() == meant
    owner.say("撤销")
    assert gate() == "free"


def test_everybody_finds_a_free_group_by_chat(owner: Chat, fan: Chat, units: UnitsOfWork) -> None:
    send(owner, "a")
    assert "晨拍群" not in fan.say("进群")
    owner.say("进群门槛 1 所有人")
    listed = fan.ask("进群")
    assert "晨拍群" in listed.text
    assert "排队" not in listed.text
    with units("studio.act") as uow:
        way = uow.session.scalars(select(JoinWay)).one()
        way.closed_at = uow.now()
    assert "可以排队" in fan.say("进群")


def test_somebody_elses_group_is_out_of_reach(
    owner: Chat, new_chat: Callable[[], Chat], units: UnitsOfWork
) -> None:
    thief = new_chat()
    with units.reading() as session:
        group_id: UUID = session.scalars(select(FanGroup.id)).one()
    for said in ("群管家 1", "进群门槛 1 所有人", "取消群管家 1"):
        assert "创作者的功能" in thief.say(said)
    with units("studio.act") as uow:
        uow.session.get_one(FanGroup, group_id)
    assert send(thief, "x") is None
    assert open_urls(units, "晨拍群") == []

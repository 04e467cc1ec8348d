"""A creator says who they are, takes it back, and invites others."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from creator_tools.creators.models import Creator, Invitation
from creator_tools.creators.rules import UNUSED_INVITATIONS_MAX
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio import sentences
from creator_tools.studio.dialogs import ANSWER_CHARS_MAX
from tests.integration.studio.conftest import Chat


def only_creator(units: UnitsOfWork) -> Creator:
    with units.reading() as session:
        return session.scalars(select(Creator)).one()


def code_in(text: str) -> str:
    found = re.search(r"邀请码：([0-9a-z]{8})\n", text)
    assert found is not None, text
    return found.group(1)


@pytest.mark.parametrize(
    "shape", ["笔名 林间", "我叫 林间", "我叫林间", "笔名「林间」", "笔名|林间"]
)
def test_a_name_is_changed_and_taken_back(author: Chat, units: UnitsOfWork, shape: str) -> None:
    before = only_creator(units).name
    for message in shape.split("|"):
        told = author.say(message)
    assert "「林间」" in told
    assert only_creator(units).name == "林间"
    assert before in author.say("撤销")
    assert only_creator(units).name == before


@pytest.mark.parametrize("shape", ["主页名 LinJian", "handle linjian", "主页名|linjian"])
def test_a_handle_is_changed_and_taken_back(author: Chat, units: UnitsOfWork, shape: str) -> None:
    before = only_creator(units).handle
    for message in shape.split("|"):
        told = author.ask(message)
    assert told.links == (("我的主页", "/h5/creators/linjian"),)
    assert only_creator(units).handle == "linjian"
    author.say("撤销")
    assert only_creator(units).handle == before


def test_a_handle_that_cannot_be_changes_nothing(author: Chat, units: UnitsOfWork) -> None:
    before = only_creator(units).handle
    assert "保留" in author.say("主页名 admin")
    assert "短横线" in author.say("主页名 林间的光")
    assert only_creator(units).handle == before


def test_an_introduction_may_be_long_and_is_taken_back(author: Chat, units: UnitsOfWork) -> None:
    author.say("简介 拍清晨的街道")
    long = "拍了十年清晨的街道。\n" + "也写一点。" * 30
    assert "拍清晨的街道" in author.say("简介")
    author.say(long)
    assert only_creator(units).introduction == long
    author.say("撤销")
    assert only_creator(units).introduction == "拍清晨的街道"
    author.say("简介 清空")
    assert only_creator(units).introduction == ""


def test_a_reader_has_no_pen_name(fan: Chat) -> None:
    assert fan.say("笔名 林间") == sentences.NOT_A_CREATOR


@pytest.mark.parametrize("asked", ["邀请", "邀请码"])
def test_a_creator_invites_somebody(
    author: Chat, new_chat: Callable[[], Chat], units: UnitsOfWork, asked: str
) -> None:
    code = code_in(author.say(asked))
    assert "欢迎成为创作者" in new_chat().say(code)
    with units.reading() as session:
        given = session.get_one(Invitation, code)
        inviter = session.get_one(Creator, given.invited_by_creator_id)
    assert inviter.person_id == author.person_id


def test_only_so_many_codes_wait_for_their_use(
    author: Chat, new_chat: Callable[[], Chat], clock: ManualClock
) -> None:
    codes = [code_in(author.say("邀请码")) for _ in range(UNUSED_INVITATIONS_MAX)]
    full = author.say("邀请码")
    assert all(code in full for code in codes)
    new_chat().say(codes[0])
    assert code_in(author.say("邀请码")) not in codes
    assert "没用过" in author.say("邀请码")
    clock.advance(timedelta(days=31))
    code_in(author.say("邀请码"))


def test_the_bare_word_asks_a_reader_for_their_code(fan: Chat, invitation: str) -> None:
    assert fan.say("邀请码") == sentences.ASK_CODE
    assert "欢迎成为创作者" in fan.say(f"邀请码 {invitation}")


def test_help_names_the_commands_and_fits(author: Chat) -> None:
    author.say("简介")
    told = author.say("帮助")
    assert len(told) <= ANSWER_CHARS_MAX
    assert all(word in told for word in ("笔名", "主页名", "简介", "邀请码", "正在等新的简介"))


def test_help_shows_a_creator_the_way_to_their_page_and_a_fan_none(author: Chat, fan: Chat) -> None:
    assert author.ask("帮助").links == (sentences.STUDIO_PAGE,)
    assert fan.ask("帮助").links == ()


@pytest.mark.parametrize(
    "words",
    ["拍了十年清晨的街道。" * 20, "拍了十年，清晨。\n\n街道：雨。", "摄影，" * 166 + "完。"],
)
def test_an_introduction_may_be_long_and_have_lines(
    author: Chat, units: UnitsOfWork, words: str
) -> None:
    assert "简介已更新" in author.say(f"简介：{words}")
    assert only_creator(units).introduction == words


def test_what_is_too_long_for_an_introduction_is_kept_as_a_draft(
    author: Chat, units: UnitsOfWork
) -> None:
    told = author.say("简介 " + "字" * 501)
    assert "已存草稿" in told
    assert "最多 500 字" in told
    assert only_creator(units).introduction == ""


def test_a_text_that_is_being_written_may_begin_with_the_word(
    author: Chat, units: UnitsOfWork
) -> None:
    author.say("写")
    assert "已存草稿" in author.say("简介\n" + "这本书的每一章都讲一条街。" * 5)
    assert only_creator(units).introduction == ""

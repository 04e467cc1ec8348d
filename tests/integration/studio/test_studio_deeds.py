"""Deeds as such: what a paused creator may, and that a second word can be taken back."""

import re
from collections.abc import Callable
from uuid import UUID

from creator_tools.creators import queries as creators
from creator_tools.creators import service as creator_service
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio.deeds.doer import find_undo
from creator_tools.works import queries as works
from tests.integration.studio.conftest import Chat, ToldDesk

TEXT = "街角的光\n" + "黄昏时分走到街角，看光怎样落在墙上。" * 4


def creator_id_of(chat: Chat) -> UUID:
    with chat.units.reading() as session:
        creator = creators.find_by_person(session, chat.person_id)
    assert creator is not None
    return creator.id


def test_a_paused_creator_is_told_and_nothing_is_written(author: Chat) -> None:
    author.say(TEXT)
    creator_id = creator_id_of(author)
    with author.units("studio.act") as uow:
        creator_service.set_state(uow, creator_id=creator_id, state="paused")
    for said in (
        TEXT.replace("街角", "河边"),
        "定价 9.9",
        "发布 免费",
        "暂停专栏",
        "撤销",
        "笔名 林间",
    ):
        assert "暂停" in author.say(said), said
    with author.units.reading() as session:
        (work,) = works.list_of_creator(session, creator_id)
        assert (work.state, works.newest_revision(session, work).number) == ("draft", 1)
        assert find_undo(session, author.person_id, author.units.clock.now()) is not None
    assert "今日收入" in author.say("今日收入")
    assert "街角" in author.say("我的作品")


def test_a_price_that_needed_a_second_word_can_be_taken_back(
    author: Chat, desk: ToldDesk, new_chat: Callable[[], Chat], units: UnitsOfWork
) -> None:
    author.say(TEXT)
    author.say("定价 9.9")
    with units.reading() as session:
        (work,) = works.list_of_creator(session, creator_id_of(author))
    desk.sold.add(work.id)
    asked = author.say("定价 99")
    code = re.search(r"确认 (\d{4})", asked)
    assert code is not None, asked
    assert "¥99" in author.say(f"确认 {code.group(1)}")
    assert "¥9.90" in author.say("撤销")

"""A person at the chat, and a desk whose facts a test sets."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from creator_tools.creators import service as creators
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.studio import service
from creator_tools.studio.dialogs import Answer
from creator_tools.studio.ports import Income
from migrations import tables  # noqa: F401 - a row is written only when every table is known
from tests.factories import make_person


class ToldDesk:
    """A desk that answers what a test tells it."""

    def __init__(self) -> None:
        self.income = Income(0, 0, 0)
        self.asked_days: tuple[date, date] | None = None
        self.may_check = True
        self.was_there = True
        self.shows_price = True
        self.sold: set[UUID] = set()
        self.terms = GroupTerms()

    def income_fen(self, session: Session, creator_id: UUID, first: date, last: date) -> Income:
        self.asked_days = (first, last)
        return self.income

    def text_check_subject_available(self, session: Session, person_id: UUID) -> bool:
        return self.may_check

    def was_in_mini_program(self, session: Session, person_id: UUID, now: datetime) -> bool:
        return self.was_there

    def group_terms(self) -> GroupTerms:
        return self.terms

    def may_show_price(self, session: Session, person_id: UUID) -> bool:
        return self.shows_price

    def has_sold(self, session: Session, object_type: str, object_id: UUID) -> bool:
        return object_id in self.sold


class Chat:
    """One person who writes to the account; each message is a unit of its own."""

    def __init__(self, units: UnitsOfWork, desk: ToldDesk, person_id: UUID) -> None:
        self.units = units
        self.desk = desk
        self.person_id = person_id

    def ask(self, text: str) -> Answer:
        with self.units("chat.message") as uow:
            return service.answer(uow, person_id=self.person_id, text=text, desk=self.desk)

    def say(self, text: str) -> str:
        return self.ask(text).text

    def send_picture(self, path: str) -> Answer:
        with self.units("chat.message") as uow:
            return service.picture(uow, person_id=self.person_id, picture_path=path, desk=self.desk)


@pytest.fixture
def desk() -> ToldDesk:
    """The desk of this test."""
    return ToldDesk()


@pytest.fixture
def new_chat(units: UnitsOfWork, desk: ToldDesk) -> Callable[[], Chat]:
    """Makes strangers who write to the account."""

    def make() -> Chat:
        with units("people.sign_in") as uow:
            person_id = make_person(uow).person_id
        return Chat(units, desk, person_id)

    return make


@pytest.fixture
def fan(new_chat: Callable[[], Chat]) -> Chat:
    """A fan."""
    return new_chat()


@pytest.fixture
def invitation(units: UnitsOfWork) -> str:
    """A fresh invitation code."""
    with units("creators.invite") as uow:
        return creators.invite(uow)


@pytest.fixture
def author(new_chat: Callable[[], Chat], invitation: str) -> Chat:
    """A creator with one column."""
    chat = new_chat()
    chat.say(invitation)
    chat.say("新建专栏 城市摄影 兴趣 摄影 每周1篇 共12篇")
    return chat

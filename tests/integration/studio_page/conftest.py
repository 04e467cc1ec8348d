"""The creator's page over a whole installation, and the same creator's chat beside it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creator_tools.columns.models import Column
from creator_tools.creators import queries as creators
from creator_tools.studio import service as chat
from creator_tools.works.models import Work
from tests.factories import make_column, make_creator
from tests.integration.http.conftest import (  # noqa: F401 - fixtures are found by their names
    House,
    house,
    wechat,
)

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_ACTION = re.compile(r'action="([^"]*)"')
_INPUT = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_NAMED = re.compile(r'name="([^"]*)" value="([^"]*)"')
TEXT = "天刚亮的时候街上没有人。" + "我沿着河走，看光一点一点落在墙上。" * 8


def forms_of(page: str) -> dict[str, dict[str, str]]:
    """The hidden fields of each form on a page, by the address it goes to."""
    found: dict[str, dict[str, str]] = {}
    for form in _FORM.findall(page):
        action = _ACTION.search(form)
        assert action is not None, form
        hidden = [_NAMED.search(one) for one in _INPUT.findall(form)]
        found.setdefault(action.group(1), {one.group(1): one.group(2) for one in hidden if one})
    return found


@dataclass
class Author:
    """A creator with a browser inside WeChat and a chat, both the same person's."""

    house: House
    client: FlaskClient
    person_id: UUID
    creator_id: UUID
    fan: dict[str, Any]

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self.client.get(path)

    def send(self, page: str, to: str, **typed: str) -> TestResponse:
        """Open a page, fill in its form that goes to `to`, and send it."""
        shown = self.get(page)
        assert shown.status_code == 200, shown.text
        hidden = forms_of(shown.text)[to]
        return self.client.post(to, data=hidden | typed)

    def done(self, page: str, to: str, **typed: str) -> TestResponse:
        """As `send`, and follow to the page that says what was done."""
        answer = self.send(page, to, **typed)
        assert answer.status_code == 303, answer.text
        followed = self.get(answer.location)
        assert followed.status_code == 200, followed.text
        return followed

    def confirmed(self, asking: TestResponse, to: str) -> TestResponse:
        """Give the second word that a page asks for."""
        assert asking.status_code == 200, asking.text
        return self.client.post(to, data=forms_of(asking.text)[to])

    def say(self, words: str) -> str:
        """What the chat answers to the same person."""
        with self.house.wiring.units("chat.message") as uow:
            return chat.answer(
                uow, person_id=self.person_id, text=words, desk=self.house.wiring.desk
            ).text

    def undo(self, page: str) -> TestResponse:
        """Press the button that takes the last deed back, on a page that shows it."""
        return self.done(page, "/studio/undo")

    def column(self, title: str = "城市摄影") -> Column:
        """A column of this creator."""
        with self.house.wiring.units("studio.act") as uow:
            return make_column(uow, creator_id=self.creator_id, title=title)

    def draft(self, column: Column, title: str = "清晨的街道", text: str = TEXT) -> str:
        """A draft, written on the page; gives its address."""
        answer = self.send(
            "/studio/works/new", "/studio/works", column=str(column.id), title=title, markdown=text
        )
        assert answer.status_code == 303, answer.text
        return str(answer.location).partition("?")[0]

    def read(self, look: Callable[[Any], Any]) -> Any:
        """Look into the database."""
        with self.house.wiring.units.reading() as session:
            return look(session)

    def work(self, page: str) -> Work:
        """The work whose editor has this address."""
        found: Work = self.read(lambda session: session.get(Work, UUID(page.rpartition("/")[2])))
        return found


@pytest.fixture
def new_author(house: House) -> Callable[[str], Author]:  # noqa: F811 - the fixture above
    """Makes creators who are signed in inside WeChat."""

    def make(name: str) -> Author:
        fan = house.fan()
        client = house.signed_in(fan)
        person_id = house.person_behind(client)
        with house.wiring.units("studio.act") as uow:
            creator = make_creator(uow, person_id=person_id, name=name)
        return Author(house, client, person_id, creator.id, fan)

    return make


@pytest.fixture
def author(new_author: Callable[[str], Author]) -> Author:
    """A creator."""
    return new_author("林老师")


@pytest.fixture
def rival(new_author: Callable[[str], Author]) -> Author:
    """Another creator."""
    return new_author("别的作者")


def creator_of(author: Author) -> Any:
    """The creator as the database has them."""
    return author.read(lambda session: creators.get(session, author.creator_id))

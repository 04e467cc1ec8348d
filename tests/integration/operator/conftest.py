"""The desk on a bare application, over books, with somebody who can sign in."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from app.http import errors, language, request_log, security_headers, static_files
from app.http.metrics import Metrics
from app.http.operator.desk import register
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.operators import rules, service
from tests.integration.insights.books import Books, units_on

BASE_URL = "http://localhost"
PASSWORD = "correct-horse-battery"
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


class NothingStored:
    """A store without a byte: no work of these books carries a file or a picture."""

    def stream(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """Never anything."""
        raise FileNotFoundError(name, start, length)

    def get(self, sha256: str) -> bytes | None:
        """Never anything."""
        del sha256


@dataclass(frozen=True)
class BareWiring:
    """The parts that the desk names."""

    units: UnitsOfWork
    public_base_url: str = BASE_URL
    secret_key: str = "0123456789abcdef0123456789abcdef"
    media_bytes: NothingStored = field(default_factory=NothingStored)
    pictures: NothingStored = field(default_factory=NothingStored)


@dataclass
class Desk:
    """The desk and whoever sits at it."""

    app: Flask
    books: Books

    def visitor(self) -> FlaskClient:
        """Somebody whom nobody knows, with a cookie jar of their own."""
        return self.app.test_client()

    def seated(self, *roles: str) -> FlaskClient:
        """An operator with these roles, signed in through the form."""
        login = f"op-{'-'.join(roles)}"
        code = self.hire(login, *roles)
        client = self.visitor()
        answer = self.sign_in(client, login=login, totp=code())
        assert answer.status_code == 303, answer.text
        return client

    def hire(self, login: str, *roles: str) -> Callable[[], str]:
        """A new operator; gives a function for the one-time code of this moment."""
        with self.books.units("operators.create") as uow:
            _, secret_text = service.create(uow, login=login, password=PASSWORD, roles=roles)
        secret = _unpadded(secret_text)
        return lambda: rules.totp_code(secret, rules.totp_step(self.books.units.clock.now()))

    def sign_in(
        self, client: FlaskClient, *, login: str, totp: str, password: str = PASSWORD, **more: str
    ) -> TestResponse:
        """Fill in the form and send it."""
        token = form_token(client.get("/operator/login"))
        return client.post(
            "/operator/login",
            data={"csrf_token": token, "login": login, "password": password, "totp": totp} | more,
        )

    def advance(self, **span: float) -> None:
        """Let time pass."""
        clock = self.books.units.clock
        assert isinstance(clock, ManualClock)
        clock.advance(timedelta(**span))


def form_token(answer: TestResponse) -> str:
    """What a form of this page carries."""
    found = _FORM_TOKEN.search(answer.text)
    assert found is not None, answer.text
    return found.group(1)


def _unpadded(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


@pytest.fixture
def books(clean_database: str, engine: Engine) -> Books:
    """Empty books with the platform's accounts."""
    written = Books(units_on(engine))
    written.open_accounts()
    return written


@pytest.fixture
def desk(books: Books) -> Desk:
    """The desk, hung on an application with the house's headers, errors and request log."""
    return Desk(desk_app(BareWiring(books.units)), books)


def desk_app(wiring: BareWiring) -> Flask:
    """An application with nothing but the desk and what stands in front of every door."""
    app = Flask("app.http")
    app.config.update(SECRET_KEY=wiring.secret_key)
    request_log.install(app, Metrics())
    security_headers.install(app, public_base_url=wiring.public_base_url)
    errors.install(app)
    language.install(app)
    static_files.install(app)
    register(app, wiring)
    return app

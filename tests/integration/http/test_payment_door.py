"""The door before Flask answers a notification as the view would, or lets it."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.http.payment_door import PaymentDoor
from app.wiring import payments as wired
from tests.integration.http.conftest import House
from tests.unit.wechat_handlers import merchant

PATH = "/wechat-pay/notifications/payment"
Case = tuple[str, list[tuple[str, str]], bytes]


@pytest.fixture(autouse=True)
def _keys_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wired, "pay_keys", lambda _account: merchant.pay_keys())


def signed(house: House, body: bytes, path: str = PATH, **signing: Any) -> Case:
    now = str(int(house.wiring.clock.now().timestamp()))
    return path, merchant.signed_headers(body, timestamp=now, **signing), body


def genuine(house: House) -> Case:
    return signed(house, merchant.notification())


CASES: dict[str, Callable[[House], Case]] = {
    "genuine": genuine,
    "forged": lambda house: signed(house, merchant.notification(), key="stranger"),
    "changed": lambda house: (*genuine(house)[:2], genuine(house)[2] + b" "),
    "unsigned": lambda house: (PATH, [], genuine(house)[2]),
    "empty": lambda house: signed(house, b""),
    "no_json": lambda house: signed(house, b"{"),
    "too_large": lambda house: signed(house, genuine(house)[2] + b" " * 65_536),
    "another_door": lambda house: signed(
        house, merchant.notification(), "/wechat-pay/notifications/refund"
    ),
    "of_a_refund": lambda house: signed(
        house,
        merchant.notification(
            {"mchid": merchant.MCHID, "refund_id": "r-1"},
            event_type="REFUND.SUCCESS",
            original_type="refund",
        ),
        "/wechat-pay/notifications/refund",
    ),
    "no_such_door": lambda house: signed(
        house, merchant.notification(), "/wechat-pay/notifications/else"
    ),
}


def asked(application: Any, case: Case, method: str = "POST") -> tuple[str, Any, bytes]:
    """Status, headers and body of an answer."""
    path, headers, body = case
    environ = EnvironBuilder(path, method=method, headers=headers, data=body).get_environ()
    answered, status, said = run_wsgi_app(application, environ, buffered=True)
    return status, said, b"".join(answered)


def shape(answer: tuple[str, Any, bytes]) -> Any:
    """All of an answer but chance."""
    status, headers, body = answer
    chance = {"X-Request-ID", "Content-Security-Policy", "Content-Length"}
    said = sorted((name, "" if name in chance else text) for name, text in headers)
    return status, said, body if status.startswith(("2", "401")) else b""


@pytest.fixture
def behind(house: House) -> Any:
    """The application as it is behind the door."""
    door = house.app.wsgi_app._app  # type: ignore[attr-defined]
    assert isinstance(door, PaymentDoor)
    return door._app


@pytest.mark.parametrize("case", CASES)
def test_the_door_answers_what_the_view_answers(house: House, behind: Any, case: str) -> None:
    pushed = CASES[case](house)
    assert shape(asked(house.app, pushed)) == shape(asked(behind, pushed))


def test_only_posts_are_answered_by_the_door(house: House, behind: Any) -> None:
    pushed = genuine(house)
    assert asked(house.app, pushed, "PUT")[0] == asked(behind, pushed, "PUT")[0]


def test_door_and_view_count_the_same(house: House, behind: Any) -> None:
    def kept() -> float:
        labels = {"kind": "payment", "result": "kept"}
        return REGISTRY.get_sample_value("juanliu_pay_notifications_total", labels) or 0.0

    before = kept()
    pushed = genuine(house)
    assert asked(house.app, pushed)[0] == asked(behind, pushed)[0] == "204 NO CONTENT"
    assert kept() == before + 2

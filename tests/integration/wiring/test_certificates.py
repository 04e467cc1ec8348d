"""Platform certificates are looked for by the clock alone, and a look that dies is done again."""

from typing import Any

import pytest
from sqlalchemy import text

from app.wiring.key_rings import list_key_rings
from creator_tools.kernel import failpoints
from creator_tools.kernel.platform_certificates import Certificate, SerialReused, keep
from tests.integration.http.conftest import House, asked, house, wechat  # noqa: F401 - fixtures
from tests.unit.wechat_handlers import merchant
from tests.unit.wechat_handlers.platform_lists import NEXT_SERIAL, SERIAL, Made


class PlugPulled(Exception):
    """The process died here."""


@pytest.fixture(autouse=True)
def _certificates_are_there(house: House) -> Any:  # noqa: F811
    asked(house.wechat, "PUT", "/_sim/settings", {"pay": {"key_mode": "both"}})
    yield
    asked(house.wechat, "PUT", "/_sim/settings", {"pay": {"key_mode": "public_key"}})
    failpoints.disarm_all()


def rows(house: House, question: str) -> list[Any]:  # noqa: F811
    with house.wiring.reading() as session:
        return list(session.execute(text(question)))


def look(house: House) -> int:  # noqa: F811
    return house.wiring.sweep.step("certificates")


def test_one_look_an_hour_whoever_sweeps(house: House) -> None:  # noqa: F811
    assert [look(house), look(house)] == [1, 0]
    assert len(rows(house, "SELECT FROM platform_certificates")) == 1
    house.advance(3599)
    assert look(house) == 0
    house.advance(2)
    assert look(house) == 1
    assert len(rows(house, "SELECT FROM platform_certificates")) == 1


@pytest.mark.parametrize("serial", [SERIAL, "PUB_KEY_ID_0114232134912410000000000000", "x" * 40])
def test_a_callback_under_an_unknown_serial_asks_for_nothing(
    house: House,  # noqa: F811
    serial: str,
) -> None:
    look(house)
    before = rows(house, "SELECT * FROM certificate_checks")
    called: list[str] = []
    failpoints.observe(called.append)
    body = merchant.notification()
    now = str(int(house.wiring.clock.now().timestamp()))
    headers = dict(merchant.signed_headers(body, timestamp=now, serial=serial, key="stranger"))
    for _ in range(3):
        answer = house.client().post(
            "/wechat-pay/notifications/payment", data=body, headers=headers
        )
        assert (answer.status_code, answer.json["message"]) == (401, "unknown_serial")
    assert look(house) == 0
    assert called == []
    assert rows(house, "SELECT * FROM certificate_checks") == before
    assert rows(house, "SELECT FROM alarms") == []


@pytest.mark.parametrize(
    "place",
    [
        "unit.certificates.claim.before",
        "unit.certificates.claim.after",
        "call.pay.certificates.before",
        "call.pay.certificates.after",
        "unit.certificates.keep.before",
        "unit.certificates.keep.after",
    ],
)
def test_a_look_that_dies_is_done_again(house: House, place: str) -> None:  # noqa: F811
    def die() -> None:
        raise PlugPulled

    failpoints.arm(place, die)
    look(house)
    house.advance(31)
    look(house)
    assert len(rows(house, "SELECT FROM platform_certificates")) == 1
    assert rows(house, "SELECT outcome FROM certificate_checks") == [("kept",)]


def test_a_certificate_is_never_exchanged_under_its_serial_nor_taken_away(house: House) -> None:  # noqa: F811
    look(house)
    account_id = house.wiring.accounts.first("merchant").id
    held = house.wiring.accounts.fresh(account_id).certificates
    other = Certificate(held[0].serial_no, Made().pem(), held[0].effective_at, held[0].expires_at)
    new = Made(serial=NEXT_SERIAL, key="platform-next").certificate()
    with pytest.raises(SerialReused), house.wiring.units("certificates.keep") as uow:
        keep(uow, account_id, [new, other])
    assert len(rows(house, "SELECT FROM platform_certificates")) == 1
    with house.wiring.units("certificates.keep") as uow:
        assert keep(uow, account_id, [new]) == 1
        assert keep(uow, account_id, [new, *held]) == 0
    house.advance(2)
    assert len(house.wiring.accounts.fresh(account_id).certificates) == 2


def test_the_page_of_keys_shows_what_is_held(house: House) -> None:  # noqa: F811
    look(house)
    with house.wiring.reading() as session:
        rings = list_key_rings(session, house.wiring.units.sealer, house.wiring.clock.now())
    assert [(ring.mode, len(ring.certificates), ring.ending) for ring in rings] == [
        ("both", 1, None)
    ]

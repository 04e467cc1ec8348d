"""A merchant with certificates, on its way to the public key, and there: every payment is taken in.

One journey, since each station of a merchant's change begins where the one before ended.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.launcher.cluster import RUNNER, Cluster
from tests.channel import Shelf, open_channel, until, violations
from tests.installation import REPOSITORY, Installation
from tests.services import TEMPLATE, ServiceAddresses

LIST = "GET /v3/certificates"
NAMES = ("WECHATPAY_PUBLIC_KEY_ID", "WECHATPAY_PUBLIC_KEY_FILE")
DAY_S = 24 * 3600
FORGED = {
    "foreign_ca": "wrong_recipient",
    "merchant_certificate": "wrong_recipient",
    "self_signed": "wrong_recipient",
    "expired_certificate": "expired_certificate",
    "reused_serial": "serial_reused",
    "foreign_apiv3_key": "undecryptable",
    "tampered_certificate": "undecryptable",
    "wrong_key": "bad_signature",
    "status": "busy",
}


@pytest.fixture(scope="module")
def house(
    postgres_server: Cluster,
    service_addresses: ServiceAddresses,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """A house without a public key, before a WeChat Pay that signs with certificates."""
    name, folder = f"juanliu_{worker_id}_keys", Path(tmp_path_factory.mktemp("house"))
    postgres_server.create_database(name, TEMPLATE)
    installed = Installation(
        folder, postgres_server.url(RUNNER, name), service_addresses.valkey_url(15)
    )
    installed.environment = {
        key: value for key, value in installed.environment.items() if key not in NAMES
    }
    try:
        installed.start_simulator()
        sign(installed, key_mode="certificate", certificate_days=60)
        installed.start_house()
        yield installed
    finally:
        installed.stop()
        postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel."""
    until(lambda: serials(house), "the certificates came by themselves")
    return open_channel(house, locked="MARK-keys-41aa")


def sign(house: Installation, **switches: Any) -> None:
    """Tell the simulator how to sign."""
    house.world.control("PUT", "settings", pay=switches)


def serials(house: Installation) -> list[str]:
    """The serial numbers that are held."""
    return column(house, "SELECT serial_no FROM platform_certificates ORDER BY kept_at, id")


def alarms(house: Installation) -> list[str]:
    """The codes of all alarms about certificates."""
    return column(
        house, "SELECT code FROM alarms WHERE code LIKE 'platform_certificate%' ORDER BY id"
    )


def column(house: Installation, question: str) -> list[str]:
    """The first column of an answer of the database."""
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        return list(session.scalars(text(question)))


def doctor(house: Installation) -> dict[str, Any]:
    """What `doctor` says of the keys."""
    told = subprocess.run(
        [sys.executable, "-m", "app.cli", "doctor", "--json"],
        cwd=REPOSITORY,
        env=dict(house.environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return next(one for one in json.loads(told.stdout) if one["name"] == "pay keys")


def sell(house: Installation, shelf: Shelf, name: str) -> list[int]:
    """Sell the work to somebody new; gives how the pushes of the payment were answered."""
    world = house.world
    fan = world.person(name, "android")
    token = world.sign_in(fan["id"], "oa")
    quote = world.api(
        "POST", "quotes", token=token, product_id=shelf.work_product_id, device="android"
    )
    order = world.api("POST", "orders", token=token, quote_id=quote["quote_id"])
    paid = world.control("POST", f"people/{fan['id']}/pay", rail="jsapi", payment=order["pay"])
    until(
        lambda: world.api("GET", f"orders/{order['order_id']}", token=token)["state"] == "paid",
        f"{name} has paid",
    )
    return [one["status"] for one in paid["pushes"]]


def advance(house: Installation, seconds: int) -> None:
    """Let time pass, once no look for certificates is under way, and wait for one that is due."""
    until(lambda: is_calm(house), "no look is under way")
    house.world.control("POST", "clock", advance_s=seconds)
    until(lambda: is_calm(house), "the look that is due was taken")


def is_calm(house: Installation) -> bool:
    """Whether no look is due or under way: one that is has a claim of half a minute."""
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        calm = text(
            "SELECT 1 FROM certificate_checks "
            "WHERE next_at > :now AND next_at > asked_at + interval '31 s'"
        )
        return session.scalar(calm, {"now": wiring.clock.now()}) is not None


def outcome(house: Installation) -> str:
    """How the last look for certificates ended."""
    return column(house, "SELECT outcome FROM certificate_checks")[0]


def look_again(house: Installation) -> None:
    """Let more than an hour pass, and wait for the look that is due then."""
    advance(house, 3601)


def test_a_merchant_goes_from_certificates_to_the_public_key_and_back(
    house: Installation, shelf: Shelf
) -> None:
    starts_and_sells_with_certificates_alone(house, shelf)
    for fault in FORGED:
        believes_no_forged_list(house, shelf, fault)
    believes_an_honest_one(house)
    has_the_successor_before_it_signs(house, shelf)
    takes_in_both_kinds_during_the_change(house, shelf)
    loses_nothing_with_the_public_key_alone(house, shelf)
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


def starts_and_sells_with_certificates_alone(house: Installation, shelf: Shelf) -> None:
    """Without a public key the certificates come by themselves."""
    assert sell(house, shelf, "证书时代的读者") == [204]
    assert len(serials(house)) == 1
    told = doctor(house)
    assert (told["state"], "certificate" in told["english"]) == ("ok", True)
    assert serials(house)[0] in told["english"]


def believes_no_forged_list(house: Installation, shelf: Shelf, fault: str) -> None:
    """A forged list changes nothing and is told; what is held goes on verifying."""
    held, told = serials(house), len(alarms(house))
    house.world.control("PUT", "faults", rules=[{"route": LIST, "fault": fault}])
    look_again(house)
    assert outcome(house) == FORGED[fault]
    assert serials(house) == held
    if fault == "status":
        assert len(alarms(house)) == told
    else:
        assert "platform_certificates_refused" in alarms(house)
    assert sell(house, shelf, f"读者 {fault}") == [204]


def believes_an_honest_one(house: Installation) -> None:
    """The next look mends it."""
    look_again(house)
    assert outcome(house) == "kept"
    assert len(serials(house)) == 1


def has_the_successor_before_it_signs(house: Installation, shelf: Shelf) -> None:
    """The end is told of, once, until a successor is listed."""
    advance(house, 32 * DAY_S)
    look_again(house)
    assert alarms(house).count("platform_certificate_ends") == 1
    assert doctor(house)["state"] == "warning"
    advance(house, 20 * DAY_S)
    look_again(house)
    assert len(serials(house)) == 2
    assert doctor(house)["state"] == "ok"
    assert sell(house, shelf, "交替时的读者") == [204]
    advance(house, 8 * DAY_S)
    assert sell(house, shelf, "新证书的读者") == [204]


def takes_in_both_kinds_during_the_change(house: Installation, shelf: Shelf) -> None:
    """Pushes under either kind of serial number are taken in, in any turn."""
    sign(house, key_mode="both", public_key_share=0.0)
    kept = {
        "WECHATPAY_PUBLIC_KEY_ID": house.secrets.public_key_id,
        "WECHATPAY_PUBLIC_KEY_FILE": str(house.folder / "platform.pem"),
    }
    Path(kept["WECHATPAY_PUBLIC_KEY_FILE"]).write_text(house.secrets.platform_public_key_pem)
    house.kill_house()
    house.environment = {**house.environment, **kept}
    house.start_house()
    told = doctor(house)
    assert (told["state"], " both " in told["english"]) == ("ok", True)
    for turn, share in enumerate((0.0, 1.0, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5)):
        sign(house, public_key_share=share)
        assert sell(house, shelf, f"过渡期读者 {turn}") == [204]
    look_again(house)
    assert outcome(house) == "kept"


def loses_nothing_with_the_public_key_alone(house: Installation, shelf: Shelf) -> None:
    """Neither at the end of the change, nor when the merchant goes back."""
    sign(house, key_mode="public_key")
    assert sell(house, shelf, "公钥时代的读者") == [204]
    look_again(house)
    assert outcome(house) == "none"
    assert len(serials(house)) == 2
    # And back again, as the console allows.
    sign(house, key_mode="both", public_key_share=0.0)
    assert sell(house, shelf, "退回证书的读者") == [204]

"""The platform's keys: by mode, by the request's serial, by the clock."""

from typing import Any

import pytest
from cryptography import x509

from tests.unit.wechat_simulator_pay.shop import Shop, read
from wechat_simulator.pay import crypto, platform

LIST = "/v3/certificates"
DAY_S = 24 * 3600


def switch(shop: Shop, **switches: Any) -> None:
    for name, value in switches.items():
        setattr(shop.pay.records.settings, name, value)


def listed(shop: Shop) -> dict[str, str]:
    """The listed certificates by serial number, opened."""
    return {
        one["serial_no"]: crypto.unseal(
            shop.accounts.merchant.apiv3_key,
            one["encrypt_certificate"]["nonce"],
            one["encrypt_certificate"]["associated_data"],
            one["encrypt_certificate"]["ciphertext"],
        ).decode()
        for one in read(shop.call("GET", LIST))["data"]
    }


def signer_of_a_notice(shop: Shop) -> str:
    """The serial number under the next notification."""
    return platform.for_notice(shop.pay.desk(), shop.pay.now()).platform_key_id


def test_the_list_is_signed_with_a_certificate_inside(shop: Shop) -> None:
    switch(shop, key_mode="certificate")
    reply = shop.call("GET", LIST)
    (serial, pem), *more = listed(shop).items()
    message = crypto.reply_message(
        reply.headers["Wechatpay-Timestamp"], reply.headers["Wechatpay-Nonce"], reply.body
    )
    assert more == []
    assert reply.headers["Wechatpay-Serial"] == serial
    assert crypto.is_signed(
        crypto.read_public_key(pem), message, reply.headers["Wechatpay-Signature"]
    )
    certificate = x509.load_pem_x509_certificate(pem.encode())
    assert f"{certificate.serial_number:040X}" == serial


def test_a_successor_is_listed_ten_days_before_and_signs_five_days_before(shop: Shop) -> None:
    switch(shop, key_mode="certificate", certificate_days=60)
    first = list(listed(shop))
    shop.wait(49 * DAY_S)
    assert list(listed(shop)) == first
    shop.wait(2 * DAY_S)
    both = list(listed(shop))
    assert (len(both), both[:1]) == (2, first)
    assert signer_of_a_notice(shop) == both[0]
    shop.wait(5 * DAY_S)
    assert signer_of_a_notice(shop) == both[1]
    shop.wait(5 * DAY_S)
    assert list(listed(shop)) == both[1:]


@pytest.mark.parametrize(("share", "kinds"), [(0.0, {False}), (1.0, {True}), (0.5, {False, True})])
def test_during_the_change_a_share_of_notices_comes_under_the_public_key(
    shop: Shop, share: float, kinds: set[bool]
) -> None:
    switch(shop, key_mode="both", public_key_share=share)
    public = shop.accounts.merchant.public_key_id
    assert {signer_of_a_notice(shop) == public for _ in range(40)} == kinds


def test_a_reset_keeps_the_certificates(shop: Shop) -> None:
    switch(shop, key_mode="certificate")
    before = listed(shop)
    shop.world.reset(3)
    assert listed(shop) == before

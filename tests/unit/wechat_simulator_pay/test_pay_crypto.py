"""The simulator's signatures and boxes against samples that nobody of this project wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from wechat_simulator.pay import crypto
from wechat_simulator.xpay import crypto as xpay_crypto

VECTORS = Path(__file__).parents[4] / "shared" / "reference" / "vectors"

needs_vectors = pytest.mark.skipif(
    not VECTORS.exists(), reason="put the public samples into ../shared/reference/vectors"
)


def sample(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def key_text(name: str) -> str:
    return (VECTORS / "pay-crypto" / name).read_text(encoding="utf-8")


@needs_vectors
@pytest.mark.parametrize("name", ["sign-post-jsapi-body.json", "sign-get-path-refund.json"])
def test_a_request_message_is_built_as_the_platform_builds_it(name: str) -> None:
    told = sample(f"pay-crypto/{name}")

    message = crypto.request_message(
        told["method"],
        told["url_path"],
        told["timestamp"],
        told["nonce_str"],
        told["body"].encode(),
    )

    assert message == told["message"].encode()


@needs_vectors
@pytest.mark.parametrize("name", ["sign-post-jsapi-body.json", "sign-get-path-refund.json"])
def test_a_request_signature_is_made_as_the_official_samples_print_it(name: str) -> None:
    told = sample(f"pay-crypto/{name}")
    file = VECTORS / "pay-crypto" / told["private_key_file"]
    if not file.exists():
        pytest.skip(f"the samples here lack {told['private_key_file']}; add it beside them")
    key = crypto.read_private_key(file.read_text(encoding="utf-8"))

    assert crypto.sign(key, told["message"].encode()) == told["signature"]
    assert crypto.is_signed(key.public_key(), told["message"].encode(), told["signature"])


@needs_vectors
def test_the_official_authorization_header_is_read() -> None:
    told = sample("pay-crypto/authorization-header-official.json")

    read = crypto.parse_authorization(told["header"])

    assert {
        "mchid": read.mchid,
        "nonce_str": read.nonce,
        "timestamp": read.timestamp,
        "serial_no": read.serial_no,
    } == told["expected"]


@needs_vectors
def test_a_pay_sign_message_has_four_lines() -> None:
    told = sample("pay-crypto/paysign-miniprogram.json")

    message = crypto.cashier_message(
        told["appId"], told["timeStamp"], told["nonceStr"], told["package"]
    )

    assert message == told["message"].encode()


@needs_vectors
@pytest.mark.parametrize("name", ["response-verify-h5.json", "notify-verify-go.json"])
def test_answers_and_notifications_verify_and_a_changed_byte_does_not(name: str) -> None:
    told = sample(f"pay-crypto/{name}")
    key = crypto.read_public_key(key_text(told["certificate_file"]))
    headers, body = told["headers"], told["body"].encode()
    message = crypto.reply_message(headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body)

    assert crypto.is_signed(key, message, headers["Wechatpay-Signature"])
    assert not crypto.is_signed(key, message + b" ", headers["Wechatpay-Signature"])


@needs_vectors
def test_raw_signatures_of_two_foreign_clients_verify() -> None:
    for name in ("go-raw-sign.json", "skit-raw-verify.json"):
        told = sample(f"pay-crypto/{name}")
        key = crypto.read_public_key(key_text(told["certificate_file"]))
        assert crypto.is_signed(key, told["message"].encode(), told["signature"])
        assert not crypto.is_signed(key, b"wrong source", told["signature"])


@needs_vectors
@pytest.mark.parametrize("name", ["gcm-axios-hello.json", "gcm-java.json"])
def test_a_sealed_resource_opens_and_seals_again_to_the_same_bytes(name: str) -> None:
    told = sample(f"pay-crypto/{name}")
    parts = (told["api_v3_key"], told["nonce"], told["associated_data"])

    assert crypto.unseal(*parts, told["ciphertext"]) == told["plaintext"].encode()
    assert crypto.seal(*parts, told["plaintext"].encode()) == told["ciphertext"]


@needs_vectors
def test_a_box_with_other_associated_data_or_nonce_does_not_open() -> None:
    told = sample("pay-crypto/gcm-java.json")
    key, bad = told["api_v3_key"], told["negative"]

    with pytest.raises(crypto.BoxDoesNotOpen):
        crypto.unseal(key, told["nonce"], bad["associated_data"], told["ciphertext"])
    with pytest.raises(crypto.BoxDoesNotOpen):
        crypto.unseal(key, bad["nonce"], told["associated_data"], told["ciphertext"])


@needs_vectors
def test_the_public_transaction_notification_opens_to_json() -> None:
    told = sample("pay-crypto/gcm-transaction-notify.json")

    plain = crypto.unseal(
        told["api_v3_key"], told["nonce"], told["associated_data"], told["ciphertext"]
    )

    assert {"mchid", "transaction_id", "out_trade_no", "trade_state"} <= json.loads(plain).keys()


@needs_vectors
def test_the_official_pay_sig_comes_out_to_the_letter() -> None:
    told = sample("crypto/xpay-paysig-official.json")

    assert xpay_crypto.pay_sig(told["app_key"], told["uri"], told["body"]) == told["pay_sig"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer abc",
        f'{crypto.SCHEME} mchid="1"',
        f'{crypto.SCHEME} mchid="1",mchid="1",nonce_str="a",signature="a",timestamp="1"',
        f'{crypto.SCHEME} mchid="1",nonce_str="a",signature="a",timestamp="x",serial_no="a"',
        f'{crypto.SCHEME} mchid="1",nonce_str="a",signature="a",timestamp="٣",serial_no="a"',
    ],
)
def test_another_form_of_authorization_is_malformed(header: str) -> None:
    with pytest.raises(crypto.AuthorizationMalformed):
        crypto.parse_authorization(header)


def test_padding_bits_of_a_signature_may_not_be_played_with(pems: tuple[str, str]) -> None:
    key = crypto.read_private_key(pems[0])
    signature = crypto.sign(key, b"message")
    last = signature[-3]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(last) ^ 1]

    assert crypto.is_signed(key.public_key(), b"message", signature)
    assert not crypto.is_signed(key.public_key(), b"message", signature[:-3] + other + "==")

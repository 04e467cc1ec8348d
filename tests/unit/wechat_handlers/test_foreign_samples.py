"""The remaining samples of the reference folder: signatures, ciphertexts and payloads of others."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wechat_handlers import merchant
from tests.unit.wechat_handlers.vectors import entries, json_of, needs_vectors, text_of
from wechat_handlers.wire import message_crypto, pay_gate, pay_keys
from wechat_handlers.wire.envelope import MessageKeys, verify_url
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.pay_gate import open_notification
from wechat_handlers.wire.user_payload import open_user_payload, require_raw_signature

KEYS = merchant.pay_keys()

# Every sample of these folders is read by a test of this package. A new one fails here until
# somebody reads it, too.
READ_ELSEWHERE = {
    # test_envelope, test_xpay, test_api_client
    "crypto/encrypt-cjk-short.json", "crypto/jssdk-official.json",
    "crypto/reply-json-official.json", "crypto/safe-json-official.json",
    "crypto/safe-xml-qdg6ek.json", "crypto/url-verify-official.json",
    "crypto/wecom-decrypt-wechatpy.json", "crypto/wecom-echostr-wechatpy.json",
    "crypto/xpay-paysig-official.json",
    # test_pay_gate
    "pay-crypto/gcm-axios-hello.json", "pay-crypto/gcm-java.json",
    "pay-crypto/gcm-transaction-notify.json", "pay-crypto/notify-verify-go.json",
    "pay-crypto/response-verify-h5.json", "pay-notify/resource-complaintresource.json",
    "pay-notify/resource-merchanttransferauthorizationconfirmedresource.json",
    "pay-notify/resource-profitsharingresource.json", "pay-notify/resource-refundresource.json",
    "pay-notify/resource-transactionresource.json",
}  # fmt: skip
READ_HERE = {
    "crypto/check-signature-wechatpy.json", "crypto/rawdata-signature-official.json",
    "crypto/userinfo-official.json", "pay-crypto/authorization-header-official.json",
    "pay-crypto/certificates-response-java.json", "pay-crypto/go-raw-sign.json",
    "pay-crypto/paysign-miniprogram.json", "pay-crypto/response-headers-pubkey-shape.json",
    "pay-crypto/sign-get-path-refund.json", "pay-crypto/sign-post-jsapi-body.json",
    "pay-crypto/skit-raw-verify.json", "pay-notify/mchtransfer-batch-envelope.json",
    "pay-notify/papay-pay-notify.json",
    "pay-notify/resource-merchanttransferbillfinishedresource.json",
}  # fmt: skip
# Its private key is not among the samples, and we decrypt no such field.
NOT_OURS = {"pay-crypto/oaep-yansongda.json"}


@needs_vectors
def test_no_sample_is_left_unread() -> None:
    found = {
        entry["file"]
        for folder in ("crypto", "pay-crypto", "pay-notify")
        for entry in entries(folder, ".json")
    }

    assert found == READ_ELSEWHERE | READ_HERE | NOT_OURS


@needs_vectors
def test_the_foreign_query_signature_is_accepted_and_its_neighbour_refused() -> None:
    sample = json_of("crypto/check-signature-wechatpy.json")
    keys = MessageKeys(token=sample["token"], aes_key="A" * 43, recipient="wx1")
    query = {
        "timestamp": [sample["timestamp"]],
        "nonce": [sample["nonce"]],
        "echostr": ["42"],
    }

    assert verify_url(keys, query | {"signature": [sample["signature"]]}) == "42"
    with pytest.raises(WireRefused, match="bad_signature"):
        verify_url(keys, query | {"signature": [sample["bad_signature"]]})


# --- user payloads ----------------------------------------------------------------------------


def user_sample() -> dict[str, str]:
    sample = json_of("crypto/userinfo-official.json")
    return {
        "session_key": sample["session_key"],
        "iv": sample["iv"],
        "encrypted": sample["encrypted_data"],
        "appid": sample["appid"],
    }


@needs_vectors
def test_a_foreign_user_payload_opens() -> None:
    expected = json.loads(json_of("crypto/userinfo-official.json")["expected_plaintext"])

    assert open_user_payload(**user_sample()) == expected


@needs_vectors
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"session_key": base64.b64encode(bytes(16)).decode()}, "undecryptable"),
        ({"session_key": "short"}, "malformed"),
        ({"session_key": base64.b64encode(bytes(32)).decode()}, "malformed"),
        ({"iv": ""}, "malformed"),
        ({"encrypted": ""}, "malformed"),
        ({"encrypted": "AAAA"}, "malformed"),
        ({"appid": "wx0"}, "wrong_recipient"),
    ],
)
def test_a_stale_key_or_another_program_is_refused(change: dict[str, str], code: str) -> None:
    with pytest.raises(WireRefused) as caught:
        open_user_payload(**(user_sample() | change))

    assert caught.value.code == code


@settings(max_examples=200, deadline=None)
@given(
    session_key=st.binary(min_size=16, max_size=16),
    blocks=st.binary(max_size=80).map(lambda raw: raw[: len(raw) // 16 * 16]),
)
def test_no_user_payload_raises_anything_but_a_refusal(session_key: bytes, blocks: bytes) -> None:
    with pytest.raises(WireRefused):
        open_user_payload(
            session_key=base64.b64encode(session_key).decode(),
            iv=base64.b64encode(bytes(16)).decode(),
            encrypted=base64.b64encode(blocks).decode(),
            appid="wx1",
        )


@needs_vectors
def test_a_foreign_raw_signature_is_accepted_and_no_other() -> None:
    sample = json_of("crypto/rawdata-signature-official.json")
    key, raw, signature = sample["session_key"], sample["raw_data"], sample["signature"]

    require_raw_signature(session_key=key, raw=raw, signature=signature)
    for altered in (signature.upper(), signature[:-1], "é", "\ud800"):
        with pytest.raises(WireRefused, match="bad_signature"):
            require_raw_signature(session_key=key, raw=raw, signature=altered)


# --- WeChat Pay -------------------------------------------------------------------------------


def keys_of(sample: dict[str, Any]) -> pay_keys.PayKeys:
    certificate = load_pem_x509_certificate(
        text_of(f"pay-crypto/{sample['certificate_file']}").encode()
    )
    public = certificate.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return replace(KEYS, public_key_pem=pem)


@needs_vectors
@pytest.mark.parametrize("name", ["go-raw-sign", "skit-raw-verify"])
def test_a_foreign_raw_signature_of_any_key_size_verifies(name: str) -> None:
    sample = json_of(f"pay-crypto/{name}.json")
    keys, message = keys_of(sample), sample["message"].encode()
    signature = base64.b64decode(sample["signature"])

    assert pay_keys.is_signed_with(keys.public_key_pem or "", message, signature)
    assert not pay_keys.is_signed_with(keys.public_key_pem or "", message + b"\n", signature)
    assert not pay_keys.is_signed_with(keys.public_key_pem or "", message, signature[:-1])


@needs_vectors
def test_a_foreign_certificate_list_opens_with_its_key() -> None:
    sample = json_of("pay-crypto/certificates-response-java.json")
    keys = replace(KEYS, apiv3_key=sample["api_v3_key"], apiv3_key_previous=None)

    for item in sample["response"]["data"]:
        opened = pay_gate.opened(keys, item["encrypt_certificate"])
        certificate = load_pem_x509_certificate(opened)
        assert f"{certificate.serial_number:X}" == item["serial_no"].lstrip("0")


@needs_vectors
@pytest.mark.parametrize("name", ["sign-get-path-refund", "sign-post-jsapi-body"])
def test_our_request_text_is_the_official_one(name: str) -> None:
    sample = json_of(f"pay-crypto/{name}.json")

    assert (
        pay_keys.signed_text(
            sample["method"],
            sample["url_path"],
            sample["timestamp"],
            sample["nonce_str"],
            sample["body"],
        )
        == sample["message"].encode()
    )


@needs_vectors
def test_our_pay_sheet_text_is_the_official_one() -> None:
    sample = json_of("pay-crypto/paysign-miniprogram.json")

    assert (
        pay_keys.signed_text(
            sample["appId"], sample["timeStamp"], sample["nonceStr"], sample["package"]
        )
        == sample["message"].encode()
    )


@needs_vectors
def test_the_official_authorization_header_has_the_pairs_that_ours_has() -> None:
    official = json_of("pay-crypto/authorization-header-official.json")["header"]

    assert official.startswith("WECHATPAY2-SHA256-RSA2048 mchid=")
    assert set(re.findall(r'(\w+)="', official)) == {
        "mchid",
        "nonce_str",
        "signature",
        "timestamp",
        "serial_no",
    }


@needs_vectors
def test_the_headers_of_a_public_key_answer_have_a_form_that_we_accept() -> None:
    headers = json_of("pay-crypto/response-headers-pubkey-shape.json")["headers"]
    # The sample leaves the signature out, because the page's own does not verify.
    headers["Wechatpay-Signature"] = base64.b64encode(bytes(256)).decode()
    keys = replace(KEYS, public_key_id=headers["Wechatpay-Serial"])

    with pytest.raises(WireRefused) as caught:
        pay_gate.verify_signed(
            keys, headers.items(), b"{}", now_epoch_s=int(headers["Wechatpay-Timestamp"])
        )

    assert caught.value.code == "bad_signature"


@needs_vectors
def test_a_foreign_envelope_whose_key_is_not_ours_is_refused_at_the_last_lock() -> None:
    body = text_of("pay-notify/mchtransfer-batch-envelope.json").encode()

    with pytest.raises(WireRefused, match="undecryptable"):
        open_notification(KEYS, merchant.signed_headers(body), body, now_epoch_s=merchant.NOW)


@needs_vectors
@pytest.mark.parametrize(
    ("name", "event_type"),
    [
        ("papay-pay-notify", "TRANSACTION.SUCCESS"),
        ("resource-merchanttransferbillfinishedresource", "MCHTRANSFER.BILL.FINISHED"),
    ],
)
def test_a_foreign_resource_is_handed_over_as_it_is(name: str, event_type: str) -> None:
    resource = json_of(f"pay-notify/{name}.json")
    keys = replace(KEYS, mchid=resource["mchid"])
    body = merchant.notification(resource, event_type=event_type)

    opened = open_notification(keys, merchant.signed_headers(body), body, now_epoch_s=merchant.NOW)

    assert opened.resource == resource


@needs_vectors
def test_the_signature_of_the_sample_is_ours() -> None:
    sample = json_of("crypto/check-signature-wechatpy.json")

    assert (
        message_crypto.sign(sample["token"], sample["timestamp"], sample["nonce"])
        == sample["signature"]
    )

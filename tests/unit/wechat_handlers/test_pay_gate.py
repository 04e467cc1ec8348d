"""No notification opens anything unless WeChat Pay signed these bytes, for us, now."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wechat_handlers import merchant
from tests.unit.wechat_handlers.merchant import NOW, TRANSACTION, Headers, notification
from tests.unit.wechat_handlers.vectors import json_of, needs_vectors, text_of
from wechat_handlers.statements.payment import PaymentSucceeded
from wechat_handlers.statements.refund import RefundFinished
from wechat_handlers.wire import pay_gate
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.pay_gate import PayNotification, open_notification, verify_signed
from wechat_handlers.wire.pay_keys import PayKeys

KEYS = merchant.pay_keys()
BODY = notification()
HEADERS = merchant.signed_headers(BODY)


def opened(headers: Headers = HEADERS, body: bytes = BODY, now: int = NOW) -> PayNotification:
    return open_notification(KEYS, headers, body, now_epoch_s=now)


def refusal(headers: Headers = HEADERS, body: bytes = BODY, now: int = NOW) -> str:
    with pytest.raises(WireRefused) as caught:
        opened(headers, body, now)
    return caught.value.code


def signed(body: bytes) -> str:
    """The refusal of a body that WeChat Pay did sign."""
    return refusal(merchant.signed_headers(body), body)


def with_header(name: str, value: str | None) -> Headers:
    kept = [pair for pair in HEADERS if pair[0].lower() != name.lower()]
    return kept if value is None else [*kept, (name, value)]


def test_a_true_notification_is_opened() -> None:
    seen = opened()

    assert seen == PayNotification(
        notification_id="EV-2018022511223320873",
        event_type="TRANSACTION.SUCCESS",
        original_type="transaction",
        create_time="2027-01-15T16:00:01+08:00",
        resource=TRANSACTION,
    )
    assert "o-buyer" not in repr(seen)


def test_the_signature_type_may_be_absent_and_header_names_may_be_small() -> None:
    small = [(name.lower(), value) for name, value in HEADERS if "Type" not in name]

    assert opened(small).resource == TRANSACTION


def test_the_previous_apiv3_key_still_opens() -> None:
    body = notification(apiv3_key=merchant.OLD_APIV3_KEY)

    assert opened(merchant.signed_headers(body), body).resource == TRANSACTION


def test_no_flipped_bit_of_the_body_is_accepted() -> None:
    accepted = 0
    for index in range(len(BODY)):
        for bit in range(8):
            altered = BODY[:index] + bytes([BODY[index] ^ 1 << bit]) + BODY[index + 1 :]
            with pytest.raises(WireRefused):
                accepted += opened(body=altered) is not None

    assert accepted == 0
    assert len(BODY) * 8 > 8_000


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature", "Serial"])
def test_no_flipped_bit_of_a_signature_header_is_accepted(name: str) -> None:
    header = f"Wechatpay-{name}"
    value = dict(HEADERS)[header].encode()
    for index in range(len(value)):
        for bit in range(8):
            altered = value[:index] + bytes([value[index] ^ 1 << bit]) + value[index + 1 :]
            assert refusal(with_header(header, altered.decode("latin-1")))


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature", "Serial"])
def test_header_games_are_refused(name: str) -> None:
    header = f"Wechatpay-{name}"
    value = dict(HEADERS)[header]

    assert refusal(with_header(header, None)) == "missing_header"
    assert refusal(with_header(header, "")) == "missing_header"
    assert refusal([*HEADERS, (header, value)]) == "duplicate_header"
    assert refusal([(header.upper(), "x"), *HEADERS]) == "duplicate_header"
    for game in (
        f"{value},{value}", f" {value}", f"{value} ", f"{value}\n", f"{value}\t", f"0{value}",
        f"+{value}", f"-{value}", f"{value}.0", f"{value}\x00", "x" * 10_000,
        "１８００００００００", "null", "0", "-1", "1e9", value[::-1], value[:-1], "\ud800", "é",
    ):  # fmt: skip
        assert refusal(with_header(header, game)) in {
            "bad_signature",
            "malformed",
            "stale_timestamp",
            "unknown_serial",
        }


def test_another_spelling_of_the_same_signature_is_refused() -> None:
    value = dict(HEADERS)["Wechatpay-Signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stem = value.rstrip("=")
    assert stem != value
    twin = stem[:-1] + alphabet[alphabet.index(stem[-1]) + 1] + value[len(stem) :]
    assert base64.b64decode(twin) == base64.b64decode(value)

    for spelling in (
        twin,
        stem,
        value + "=",
        value.replace("+", "-"),
        value[:4] + "\n" + value[4:],
    ):
        if spelling != value:
            assert refusal(with_header("Wechatpay-Signature", spelling)) == "bad_signature"


def test_a_probe_is_refused_and_counted_apart() -> None:
    probe = with_header("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc!")

    assert refusal(probe) == "probe"


def test_a_serial_that_is_not_ours_is_refused() -> None:
    for serial in ("D7CE59D1F522D701", "PUB_KEY_ID_0", merchant.PUBLIC_KEY_ID.lower(), "'--"):
        assert refusal(with_header("Wechatpay-Serial", serial)) == "unknown_serial"


def test_a_notification_more_than_five_minutes_off_is_refused() -> None:
    assert refusal(now=NOW + 301) == "stale_timestamp"
    assert refusal(now=NOW - 301) == "stale_timestamp"
    assert opened(now=NOW + 300).resource == TRANSACTION


def test_anothers_key_is_refused() -> None:
    assert refusal(merchant.signed_headers(BODY, key="stranger")) == "bad_signature"


def test_an_unknown_signature_type_is_refused() -> None:
    assert refusal(with_header("Wechatpay-Signature-Type", "none")) == "bad_signature"


def test_a_body_over_64_kilobytes_is_refused() -> None:
    body = BODY + b" " * 64 * 1024

    assert signed(body) == "too_large"


def test_what_wechat_signed_but_is_not_for_us_is_refused() -> None:
    foreign = {**TRANSACTION, "mchid": "1900000001"}
    nobody = {name: value for name, value in TRANSACTION.items() if name != "mchid"}

    assert signed(notification(foreign)) == "wrong_recipient"
    assert signed(notification({**TRANSACTION, "mchid": int(merchant.MCHID)})) == "wrong_recipient"
    assert signed(notification(nobody)) == "malformed"
    assert signed(notification(apiv3_key="x" * 32)) == "undecryptable"


def test_a_complaint_names_no_merchant_and_is_opened() -> None:
    body = notification({"complaint_id": "1"}, event_type="COMPLAINT.CREATE")

    assert opened(merchant.signed_headers(body), body).resource == {"complaint_id": "1"}


def test_what_wechat_signed_but_makes_no_sense_is_refused() -> None:
    envelope = json.loads(BODY)
    sealed = envelope["resource"]
    bad: list[Any] = [
        [],
        None,
        {**envelope, "resource_type": "plain"},
        {**envelope, "resource": None},
        {**envelope, "resource": {**sealed, "algorithm": "AEAD_SM4_GCM"}},
        {**envelope, "resource": {**sealed, "nonce": "short"}},
        {**envelope, "resource": {**sealed, "nonce": None}},
        {**envelope, "resource": {**sealed, "nonce": "十二个字节"}},
        {**envelope, "resource": {**sealed, "ciphertext": "!"}},
        {**envelope, "resource": {**sealed, "ciphertext": 1}},
        {**envelope, "event_type": 1},
        {**envelope, "id": None},
    ]
    for members in bad:
        assert signed(json.dumps(members).encode()) == "malformed"
    for field in ("associated_data", "ciphertext"):
        altered = {**envelope, "resource": {**sealed, field: "AAAA"}}
        assert signed(json.dumps(altered).encode()) == "undecryptable"
    assert signed(BODY[:-1] + b',"id":"again"}') == "duplicate_key"
    assert signed(b"\xff" + BODY) == "malformed"
    assert signed(b"") == "malformed"


def test_an_opened_resource_with_a_repeated_key_is_refused() -> None:
    raw = json.dumps(TRANSACTION).encode()[:-1] + b',"mchid":"1900007291"}'

    assert signed(notification(raw=raw)) == "duplicate_key"


@settings(max_examples=300, deadline=None)
@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from([name for name, _ in HEADERS]) | st.text(max_size=10),
            st.text(max_size=80),
        ),
        max_size=8,
    ),
    body=st.binary(max_size=200),
)
def test_nothing_unsigned_raises_anything_but_a_refusal(headers: Headers, body: bytes) -> None:
    assert refusal(headers, body)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=200))
def test_nothing_signed_raises_anything_but_a_refusal(raw: bytes) -> None:
    assert signed(raw)
    assert signed(notification(raw=raw))


# --- foreign samples --------------------------------------------------------------------------


def keys_of_certificate(name: str, serial: str) -> PayKeys:
    certificate = load_pem_x509_certificate(text_of(f"pay-crypto/{name}").encode())
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return replace(KEYS, public_key_id=serial, public_key_pem=pem.decode())


def sample_bodies(sample: dict[str, Any]) -> bytes:
    body: str = sample["body"]
    return body.encode()


@needs_vectors
@pytest.mark.parametrize("name", ["notify-verify-go", "response-verify-h5"])
def test_a_foreign_signature_is_accepted_over_its_bytes_and_no_others(name: str) -> None:
    sample = json_of(f"pay-crypto/{name}.json")
    headers = list(sample["headers"].items())
    keys = keys_of_certificate(sample["certificate_file"], sample["headers"]["Wechatpay-Serial"])
    now = int(sample["headers"]["Wechatpay-Timestamp"]) + 299
    body = sample_bodies(sample)

    verify_signed(keys, headers, body, now_epoch_s=now)
    for altered in (body + b"\n", body[:-1], body.replace(b":", b": ", 1)):
        with pytest.raises(WireRefused, match="bad_signature"):
            verify_signed(keys, headers, altered, now_epoch_s=now)


@needs_vectors
@pytest.mark.parametrize("name", ["gcm-java", "gcm-transaction-notify"])
def test_a_foreign_ciphertext_opens_to_its_plaintext(name: str) -> None:
    sample = json_of(f"pay-crypto/{name}.json")
    keys = replace(KEYS, apiv3_key=sample["api_v3_key"], apiv3_key_previous=None)
    sealed = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": sample["nonce"],
        "associated_data": sample["associated_data"],
        "ciphertext": sample["ciphertext"],
    }

    plain = pay_gate.opened(keys, sealed)

    if isinstance(sample["plaintext"], str):
        assert plain.decode() == sample["plaintext"]
    else:
        assert json.loads(plain) == sample["plaintext"]
    for wrong in sample.get("negative", {"associated_data": "other"}).items():
        with pytest.raises(WireRefused, match="undecryptable"):
            pay_gate.opened(keys, {**sealed, wrong[0]: wrong[1]})


@needs_vectors
def test_a_sixteen_byte_nonce_is_refused_although_gcm_would_take_it() -> None:
    sample = json_of("pay-crypto/gcm-axios-hello.json")

    with pytest.raises(WireRefused, match="malformed"):
        pay_gate.opened(KEYS, {**sample, "algorithm": "AEAD_AES_256_GCM"})


@needs_vectors
def test_a_foreign_payment_is_translated() -> None:
    resource = json_of("pay-notify/resource-transactionresource.json")

    payment = PaymentSucceeded.from_resource(resource)

    assert payment.trade_no == resource["out_trade_no"]
    assert payment.payment_ref == resource["transaction_id"]
    assert payment.total_fen == resource["amount"]["total"]
    assert payment.paid_at == datetime.fromisoformat(resource["success_time"])
    assert payment.subject == resource["payer"]["openid"]


@needs_vectors
def test_a_foreign_refund_is_translated() -> None:
    resource = json_of("pay-notify/resource-refundresource.json")

    refund = RefundFinished.from_resource(resource)

    assert (refund.refund_no, refund.refund_ref) == (
        resource["out_refund_no"],
        resource["refund_id"],
    )
    assert (refund.refund_fen, refund.total_fen) == (999, 999)
    assert refund.status == "SUCCESS"


@needs_vectors
@pytest.mark.parametrize(
    "name",
    [
        "complaintresource",
        "merchanttransferauthorizationconfirmedresource",
        "profitsharingresource",
    ],
)
def test_what_is_no_payment_is_not_taken_for_one(name: str) -> None:
    with pytest.raises(WireRefused, match="malformed"):
        PaymentSucceeded.from_resource(json_of(f"pay-notify/resource-{name}.json"))


def test_the_price_is_the_total_and_not_what_the_payer_paid() -> None:
    payment = PaymentSucceeded.from_resource(TRANSACTION)

    assert (payment.total_fen, payment.payer_total_fen) == (990, 890)


# --- strict types -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "time", ["2027-01-15T16:00:00+08:00", "2027-01-15T16:00:00.120+08:00", "2027-01-15T08:00:00Z"]
)
def test_a_time_is_read_with_and_without_milliseconds(time: str) -> None:
    payment = PaymentSucceeded.from_resource({**TRANSACTION, "success_time": time})

    assert payment.paid_at.replace(microsecond=0) == datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "time",
    ["", "2027-01-15", "2027-01-15T16:00:00", "2027-13-15T16:00:00Z", "2027W011", 1, None,
     "0001-01-01T00:00:00+14:00", "2027-01-15T16:00:00+99:00", "٢٠٢٧-01-15T16:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_refused(time: object) -> None:
    with pytest.raises(WireRefused, match="malformed"):
        PaymentSucceeded.from_resource({**TRANSACTION, "success_time": time})


@pytest.mark.parametrize("total", [True, False, "990", 9.9, -1, None, 10**13, [990], "9.90"])
def test_an_amount_that_is_no_whole_number_of_fen_is_refused(total: object) -> None:
    amount = {**TRANSACTION["amount"], "total": total}

    with pytest.raises(WireRefused, match="malformed"):
        PaymentSucceeded.from_resource({**TRANSACTION, "amount": amount})


@pytest.mark.parametrize("name", ["appid", "mchid", "out_trade_no", "transaction_id", "amount"])
def test_a_payment_without_one_of_its_facts_is_refused(name: str) -> None:
    for value in (None, "", 1, [], {}):
        with pytest.raises(WireRefused, match="malformed"):
            PaymentSucceeded.from_resource({**TRANSACTION, name: value})


@settings(max_examples=200, deadline=None)
@given(
    changes=st.dictionaries(
        st.sampled_from(sorted(TRANSACTION)),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
        min_size=1,
    )
)
def test_no_resource_raises_anything_but_a_refusal(changes: dict[str, Any]) -> None:
    resource = TRANSACTION | changes
    try:
        payment = PaymentSucceeded.from_resource(resource)
    except WireRefused:
        return
    assert payment.trade_no == resource["out_trade_no"]

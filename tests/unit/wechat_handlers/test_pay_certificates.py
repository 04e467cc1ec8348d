"""Platform certificates are opened, proven and used by their serial; a forged one never is."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1

from creator_tools.kernel.platform_certificates import ends_soon
from tests.unit.wechat_handlers import merchant
from tests.unit.wechat_handlers import platform_lists as lists
from tests.unit.wechat_handlers.platform_lists import AT, NEXT_SERIAL, SERIAL, Made
from wechat_handlers.wire import pay_keys
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.pay_certificates import read_answer
from wechat_handlers.wire.pay_gate import open_notification
from wechat_handlers.wire.pay_keys import PayKeys

BARE = replace(merchant.pay_keys(), public_key_id=None, public_key_pem=None)
BOTH = replace(merchant.pay_keys(), certificates=(Made().certificate(),))
NEXT = Made(serial=NEXT_SERIAL, key="platform-next", ends=AT + timedelta(days=1800))


def read(
    body: bytes, *, serial: str = SERIAL, key: str = "platform", keys: PayKeys = BARE
) -> object:
    """What an answer signed by this key gives: serial numbers, or the code of the refusal."""
    headers = merchant.signed_headers(body, key=key, serial=serial)
    try:
        return [one.serial_no for one in read_answer(keys, headers, body, AT)]
    except WireRefused as refused:
        return refused.code


def test_an_answer_signed_with_a_certificate_inside_is_believed() -> None:
    assert read(lists.listed(Made())) == [SERIAL]
    assert read(lists.listed(Made(), NEXT)) == [SERIAL, NEXT_SERIAL]
    assert read(lists.listed(Made(), NEXT), serial=NEXT_SERIAL, key="platform-next") == [
        SERIAL,
        NEXT_SERIAL,
    ]


def test_an_answer_sealed_with_the_key_before_still_opens() -> None:
    assert read(lists.listed(Made(), apiv3_key=merchant.OLD_APIV3_KEY)) == [SERIAL]
    assert read(lists.listed(Made(), apiv3_key="x" * 32)) == "undecryptable"


def test_an_answer_signed_with_the_public_key_is_believed_by_who_has_it() -> None:
    body, named = lists.listed(Made()), merchant.PUBLIC_KEY_ID
    assert read(body, serial=named, key="wechat", keys=merchant.pay_keys()) == [SERIAL]
    assert read(body, serial=named, key="wechat") == "unknown_serial"


def test_what_is_over_is_left_out_and_what_begins_later_is_kept() -> None:
    over = Made(serial="6" + SERIAL[1:], ends=AT - timedelta(seconds=1))
    later = replace(NEXT, begins=AT + timedelta(days=3))
    assert read(lists.listed(Made(), over, later)) == [SERIAL, NEXT_SERIAL]
    assert read(lists.listed(over), serial=over.serial) == "expired_certificate"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (lists.listed(Made(issuer=("Example", "Example Root CA"))), "wrong_recipient"),
        (lists.listed(Made(subject=("微信商户系统", merchant.MCHID))), "wrong_recipient"),
        (lists.listed(Made(signed_by="platform")), "wrong_recipient"),
        (lists.listed(Made(), told_serial=NEXT_SERIAL), "malformed"),
        (lists.listed(Made(), told_serial=SERIAL.lower()), "malformed"),
        (lists.listed(Made(), Made()), "malformed"),
        (lists.listed(), "malformed"),
        (b'{"data":[{"serial_no":"x"}]}', "malformed"),
        (b'{"data":null}', "malformed"),
        (b"[]", "malformed"),
        (b"\xff", "malformed"),
    ],
)
def test_forged_and_broken_lists_are_refused(body: bytes, code: str) -> None:
    assert read(body) == code


def test_a_changed_byte_or_another_signer_is_refused() -> None:
    body = lists.listed(Made())
    assert read(body, key="stranger") == "bad_signature"
    place = body.index(b'"ciphertext": "') + 20
    changed = body[:place] + (b"A" if body[place : place + 1] != b"A" else b"B") + body[place + 1 :]
    assert read(changed) in {"undecryptable", "malformed"}


def opens(keys: PayKeys, serial: str, key: str, *, later: timedelta = timedelta()) -> str:
    """Whether a payment notification signed so opens, or why not."""
    now = int((AT + later).timestamp())
    body = merchant.notification()
    headers = merchant.signed_headers(body, key=key, serial=serial, timestamp=str(now))
    try:
        return open_notification(keys, headers, body, now_epoch_s=now).event_type
    except WireRefused as refused:
        return refused.code


def test_during_the_change_both_kinds_of_serial_are_verified() -> None:
    assert opens(BOTH, SERIAL, "platform") == "TRANSACTION.SUCCESS"
    assert opens(BOTH, merchant.PUBLIC_KEY_ID, "wechat") == "TRANSACTION.SUCCESS"


def test_a_key_is_good_under_its_own_serial_only() -> None:
    assert opens(BOTH, merchant.PUBLIC_KEY_ID, "platform") == "bad_signature"
    assert opens(BOTH, SERIAL, "wechat") == "bad_signature"
    assert opens(BOTH, NEXT_SERIAL, "platform") == "unknown_serial"
    assert opens(BOTH, "", "platform") == "missing_header"
    assert opens(BOTH, "None", "platform") == "unknown_serial"
    assert opens(BARE, "None", "platform") == "unknown_serial"


@pytest.mark.parametrize("serial", [SERIAL, NEXT_SERIAL, merchant.PUBLIC_KEY_ID])
def test_a_probe_is_refused_as_one_whatever_key_it_names(serial: str) -> None:
    body = merchant.notification()
    headers = [
        (name, f"WECHATPAY/SIGNTEST/{value[19:]}" if name == "Wechatpay-Signature" else value)
        for name, value in merchant.signed_headers(body, key="platform", serial=serial)
    ]
    with pytest.raises(WireRefused) as refused:
        open_notification(BOTH, headers, body, now_epoch_s=merchant.NOW)
    assert refused.value.code == "probe"


def test_a_certificate_is_good_within_its_term_only() -> None:
    assert opens(BOTH, SERIAL, "platform", later=timedelta(days=99)) == "TRANSACTION.SUCCESS"
    assert opens(BOTH, SERIAL, "platform", later=timedelta(days=101)) == "expired_certificate"
    early = replace(BARE, certificates=(replace(NEXT, begins=AT + timedelta(1)).certificate(),))
    assert opens(early, NEXT_SERIAL, "platform-next") == "expired_certificate"


def test_requests_name_the_public_key_or_else_the_newest_certificate_in_force() -> None:
    newest = replace(BARE, certificates=(NEXT.certificate(), Made().certificate()))
    assert BOTH.named_at(AT) == (merchant.PUBLIC_KEY_ID, merchant.public_pem("wechat"))
    assert (newest.named_at(AT) or ("",))[0] in {SERIAL, NEXT_SERIAL}
    begins_later = replace(NEXT, begins=AT + timedelta(days=3)).certificate()
    held = replace(BARE, certificates=(begins_later, Made().certificate()))
    assert (held.named_at(AT) or ("",))[0] == SERIAL
    assert (held.named_at(AT + timedelta(days=4)) or ("",))[0] == NEXT_SERIAL
    assert BARE.named_at(AT) is None


def test_a_sealed_field_opens_for_the_holder_of_the_key_alone() -> None:
    sha1 = SHA1()
    for pem, key in ((Made().pem(), "platform"), (merchant.public_pem("wechat"), "wechat")):
        sealed = base64.b64decode(pay_keys.seal_field(pem, "张三"))
        opened = merchant.rsa_key(key).decrypt(sealed, OAEP(MGF1(sha1), sha1, None))
        assert opened.decode() == "张三"


def test_the_end_is_told_of_within_thirty_days_unless_another_follows() -> None:
    soon = Made(ends=AT + timedelta(days=30)).certificate()
    assert ends_soon([soon], AT) == soon
    assert ends_soon([soon, NEXT.certificate()], AT) is None
    assert ends_soon([Made().certificate()], AT) is None
    assert ends_soon([], AT) is None

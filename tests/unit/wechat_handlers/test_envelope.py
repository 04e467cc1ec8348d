"""What is let in, and what is not."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from tests.unit.wechat_handlers.sealing import (
    KEYS,
    NOW,
    TEXT_XML,
    block_of,
    encrypt,
    envelope,
    sealed,
    signature,
)
from tests.unit.wechat_handlers.vectors import json_of, needs_vectors
from wechat_handlers.wire.envelope import (
    MessageKeys,
    OpenedMessage,
    check_freshness,
    open_message,
    seal_reply,
    verify_url,
)
from wechat_handlers.wire.errors import WireRefused

OLD_KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvut"


def opened(query: dict[str, list[str]], body: bytes, keys: MessageKeys = KEYS) -> OpenedMessage:
    return open_message(keys, query, body, now_epoch_s=NOW, freshness_s=300)


def refusal(query: dict[str, list[str]], body: bytes, keys: MessageKeys = KEYS) -> str:
    with pytest.raises(WireRefused) as caught:
        opened(query, body, keys)
    return caught.value.code


def flips(text: str) -> list[str]:
    """`text` with each of its bits turned once."""
    raw = text.encode()
    return [
        (raw[:index] + bytes([raw[index] ^ 1 << bit]) + raw[index + 1 :]).decode("latin-1")
        for index in range(len(raw))
        for bit in range(8)
    ]


# --- official samples -------------------------------------------------------------------------


def test_the_official_address_check_is_answered_with_its_echo() -> None:
    keys = MessageKeys(token="AAAAA", aes_key="A" * 43, recipient="wxba5fad812f8e6fb9")
    query = {
        "signature": ["f464b24fc39322e44b38aa78f5edd27bd1441696"],
        "timestamp": ["1714036504"],
        "nonce": ["1514711492"],
        "echostr": ["4375120948345356249"],
    }

    assert verify_url(keys, query) == "4375120948345356249"


def test_the_official_reply_is_sealed_to_the_same_bytes() -> None:
    keys = MessageKeys(token="AAAAA", aes_key="A" * 43, recipient="wxba5fad812f8e6fb9")
    request = OpenedMessage(
        plaintext="", format="json", key_used="current", timestamp=0, nonce="415670741"
    )

    reply = seal_reply(
        keys,
        request,
        '{"demo_resp":"good luck"}',
        timestamp=1713424427,
        nonce="415670741",
        random16=b"707722b803182950",
    )

    assert json.loads(reply) == {
        "Encrypt": "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1"
        "L32tmxSQ==",
        "MsgSignature": "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
        "TimeStamp": 1713424427,
        "Nonce": "415670741",
    }


@needs_vectors
@pytest.mark.parametrize(
    "name", ["safe-json-official", "safe-xml-qdg6ek", "wecom-decrypt-wechatpy"]
)
def test_a_foreign_sample_opens_to_its_plaintext(name: str) -> None:
    sample = json_of(f"crypto/{name}.json")
    keys = MessageKeys(
        token=sample["token"],
        aes_key=sample["encoding_aes_key"],
        recipient=sample.get("appid") or sample["receive_id"],
    )
    body = (
        json.dumps(sample["body"]).encode()
        if "body" in sample
        else f"<xml><Encrypt><![CDATA[{sample['encrypt']}]]></Encrypt></xml>".encode()
    )
    query = {key: [value] for key, value in sample["query"].items()}

    message = open_message(
        keys, query, body, now_epoch_s=int(sample["query"]["timestamp"]) + 10, freshness_s=10
    )

    assert message.plaintext == sample["expected_plaintext"]
    assert message.format == sample["format"]


@needs_vectors
def test_an_encrypted_echo_is_answered_with_its_plaintext() -> None:
    sample = json_of("crypto/wecom-echostr-wechatpy.json")
    keys = MessageKeys(
        token=sample["token"],
        aes_key=sample["encoding_aes_key"],
        recipient=sample["receive_id"],
    )
    query = {key: [value] for key, value in sample["query"].items()}

    assert verify_url(keys, query) == sample["expected_response_body"]
    with pytest.raises(WireRefused, match="bad_signature"):
        verify_url(keys, query | {"nonce": [sample["negative"]["nonce"]]})


@needs_vectors
def test_a_chinese_plaintext_is_sealed_by_its_bytes_not_its_characters() -> None:
    sample = json_of("crypto/encrypt-cjk-short.json")
    keys = MessageKeys(
        token=sample["token"], aes_key=sample["encoding_aes_key"], recipient=sample["appid"]
    )
    request = OpenedMessage(plaintext="", format="json", key_used="current", timestamp=0, nonce="")

    reply = seal_reply(
        keys,
        request,
        sample["plaintext"],
        timestamp=NOW,
        nonce="n",
        random16=sample["random16"].encode(),
    )

    assert json.loads(reply)["Encrypt"] == sample["expected_encrypt"]


def test_a_foreign_encoder_is_understood_and_understands_our_reply() -> None:
    foreign = WeChatCrypto(KEYS.token, KEYS.aes_key, KEYS.recipient)
    body = foreign.encrypt_message(TEXT_XML, "992211", str(NOW))
    fields = {child.tag: child.text or "" for child in ET.fromstring(body)}
    query = {
        "timestamp": [str(NOW)],
        "nonce": ["992211"],
        "encrypt_type": ["aes"],
        "msg_signature": [fields["MsgSignature"]],
    }

    message = opened(query, body.encode())
    reply = seal_reply(
        KEYS, message, "<xml>好</xml>", timestamp=NOW, nonce="31", random16=b"0123456789abcdef"
    )

    assert message.plaintext == TEXT_XML
    sealed_reply = {child.tag: child.text or "" for child in ET.fromstring(reply)}
    assert (
        foreign.decrypt_message(
            reply.decode(), sealed_reply["MsgSignature"], sealed_reply["TimeStamp"], "31"
        )
        == "<xml>好</xml>"
    )


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
def test_no_flipped_bit_of_a_signed_parameter_is_accepted(name: str) -> None:
    query, body = sealed()

    refused = [refusal(query | {name: [flipped]}, body) for flipped in flips(query[name][0])]

    assert len(refused) == 8 * len(query[name][0])


def test_no_flipped_bit_of_the_ciphertext_is_accepted() -> None:
    encrypted = encrypt(block_of(TEXT_XML.encode()))
    query, body = envelope(encrypted)

    accepted = 0
    for flipped in flips(encrypted):
        altered = body.replace(encrypted.encode(), flipped.encode("latin-1"))
        try:
            accepted += opened(query, altered).plaintext is not None
        except WireRefused:
            continue

    assert accepted == 0
    assert len(encrypted) * 8 > 2_000


def test_a_flipped_bit_anywhere_in_the_body_has_no_effect_but_the_originals() -> None:
    query, body = sealed()
    accepted: set[str] = set()
    for index in range(len(body)):
        for bit in range(8):
            altered = body[:index] + bytes([body[index] ^ 1 << bit]) + body[index + 1 :]
            try:
                accepted.add(opened(query, altered).plaintext)
            except WireRefused:
                continue

    assert accepted == {TEXT_XML}


def test_ciphertext_signed_with_our_token_but_broken_inside_is_refused() -> None:
    message = TEXT_XML.encode()
    content = block_of(message, padding=b"")
    count = 64 - len(content) % 32
    zero = content + bytes(count)
    too_far = content + bytes([33]) * count
    uneven = content + bytes([1]) + bytes([count % 32 or 32]) * (count - 1)
    uneven = uneven[:-2] + b"\x07\x08"
    long_length = b"r" * 16 + (10**6).to_bytes(4, "big") + message + KEYS.recipient.encode()
    long_length += bytes([32 - len(long_length) % 32]) * (32 - len(long_length) % 32)

    for block in (zero, too_far, uneven, long_length, b"\x10" * 16, b"\x20" * 32):
        assert refusal(*envelope(encrypt(block))) == "undecryptable"
    assert refusal(*envelope(encrypt(block_of(b"\xff\xfe<xml/>")))) == "malformed"
    assert refusal(*envelope("AAAA")) == "malformed"
    assert refusal(*envelope("")) == "malformed"


def test_a_length_field_one_off_is_refused() -> None:
    message = TEXT_XML.encode()
    for wrong in (len(message) - 1, len(message) + 1):
        content = b"r" * 16 + wrong.to_bytes(4, "big") + message + KEYS.recipient.encode()
        count = 32 - len(content) % 32
        assert refusal(*envelope(encrypt(content + bytes([count]) * count))) == "wrong_recipient"


@pytest.mark.parametrize(
    "recipient",
    ["wx0123456789abcdeF", "wx0123456789abcde", "wx0123456789abcdef0", "", "wx" * 20],
)
def test_a_message_for_another_account_is_refused(recipient: str) -> None:
    block = block_of(TEXT_XML.encode(), recipient)

    assert refusal(*envelope(encrypt(block))) == "wrong_recipient"


def test_another_spelling_of_the_same_base64_is_refused_even_when_signed() -> None:
    encrypted = encrypt(block_of(b"x" * 20))
    assert encrypted.endswith("=")
    spelt_again = encrypted.rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(spelt_again[-1]) + 1]
    twin = spelt_again[:-1] + last + encrypted[len(spelt_again) :]

    assert twin != encrypted
    assert refusal(*envelope(twin)) == "malformed"
    assert refusal(*envelope(encrypted.replace("=", ""))) == "malformed"


def test_ciphertext_cannot_be_moved_into_the_nonce_under_the_same_signature() -> None:
    # The token sorts first, so nonce and ciphertext stand side by side in what is signed.
    keys = MessageKeys(token="!token", aes_key=KEYS.aes_key, recipient=KEYS.recipient)
    inner = b"<xml><FromUserName>someone-else</FromUserName></xml>"
    tail = len(inner).to_bytes(4, "big") + inner + KEYS.recipient.encode()
    victim = b"r" * 16 + b"\x00\x00\x00\xff" + b"." * 28 + b"s" * 16 + tail
    count = 32 - len(victim) % 32
    encrypted = encrypt(victim + bytes([count]) * count)
    query, _ = envelope(encrypted, token=keys.token, nonce="00")
    moved, rest = encrypted[:64], encrypted[64:]
    _, body = envelope(rest, token=keys.token)
    if not query["timestamp"][0] < "00" + moved < rest:
        query["nonce"] = ["00" + moved]  # sorted elsewhere, the trick fails by itself

    assert refusal(query | {"nonce": ["00" + moved]}, body, keys) == "malformed"


def test_an_old_envelope_and_an_early_one_are_refused() -> None:
    assert refusal(*sealed(timestamp=str(NOW - 301))) == "stale_timestamp"
    assert refusal(*sealed(timestamp=str(NOW + 301))) == "stale_timestamp"
    assert opened(*sealed(timestamp=str(NOW - 300))).timestamp == NOW - 300


def test_freshness_may_be_left_to_the_caller() -> None:
    query, body = sealed(timestamp="1700000000")

    message = open_message(KEYS, query, body, now_epoch_s=NOW, freshness_s=None)

    with pytest.raises(WireRefused, match="stale_timestamp"):
        check_freshness(message, NOW, 86_400)


def test_plain_and_compatible_mode_are_refused() -> None:
    query, body = sealed()
    plain = {key: value for key, value in query.items() if key != "msg_signature"}

    assert refusal(plain, body) == "plain_mode_refused"
    assert refusal(query | {"encrypt_type": ["raw"]}, body) == "plain_mode_refused"
    assert refusal(query, TEXT_XML.encode()) == "plain_mode_refused"
    both = body.replace(b"</xml>", b"<MsgType>text</MsgType></xml>")
    assert refusal(query, both) == "plain_mode_refused"


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature", "encrypt_type"])
def test_a_parameter_given_twice_is_refused(name: str) -> None:
    query, body = sealed()

    assert refusal(query | {name: query[name] * 2}, body) == "duplicate_parameter"


@pytest.mark.parametrize("name", ["timestamp", "nonce"])
def test_a_missing_parameter_is_refused(name: str) -> None:
    query, body = sealed()
    del query[name]

    assert refusal(query, body) == "missing_parameter"


def test_declarations_are_refused_before_anything_is_parsed() -> None:
    query, body = sealed()
    for prolog in (
        b'<!DOCTYPE xml [<!ENTITY a "b">]>',
        b'<?xml version="1.0" encoding="UTF-16"?>',
        b"<!-- -->",
        b'<?xml-stylesheet href="x"?>',
    ):
        assert refusal(query, prolog + body) == "dtd_refused"
    assert opened(query, b'<?xml version="1.0" encoding="utf-8"?>' + body).plaintext == TEXT_XML


def test_other_encodings_do_not_smuggle_anything_in() -> None:
    query, body = sealed()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
        assert refusal(query, ("<!DOCTYPE x>" + body.decode()).encode(encoding)) in {
            "malformed",
            "dtd_refused",
        }
    assert opened(query, b"\xef\xbb\xbf" + body).plaintext == TEXT_XML


def test_two_ciphertexts_are_refused() -> None:
    query, body = sealed()
    twice = body.replace(b"</xml>", b"<Encrypt>AAAA</Encrypt></xml>")
    assert refusal(query, twice) == "duplicate_key"

    query, body = sealed(body_format="json")
    assert refusal(query, body[:-1] + b',"Encrypt":"AAAA"}') == "duplicate_key"


def test_a_body_over_64_kilobytes_is_refused_unread() -> None:
    query, _ = sealed()

    assert refusal(query, b"<" * (64 * 1024 + 1)) == "too_large"


def test_the_signature_of_the_query_does_not_pass_for_that_of_the_message() -> None:
    query, body = sealed()

    assert refusal(query | {"msg_signature": query["signature"]}, body) == "bad_signature"


@pytest.mark.parametrize("echo", ["<script>", "a b", "a\nb", "", "é", "x" * 257])
def test_an_echo_that_could_mean_something_is_not_echoed(echo: str) -> None:
    query = {
        "signature": [signature(KEYS.token, str(NOW), "1")],
        "timestamp": [str(NOW)],
        "nonce": ["1"],
        "echostr": [echo],
    }

    with pytest.raises(WireRefused, match="malformed"):
        verify_url(KEYS, query)


def test_the_address_check_opens_no_message_for_who_overheard_one() -> None:
    query, body = sealed()
    overheard = ET.fromstring(body).findtext("Encrypt") or ""

    with pytest.raises(WireRefused, match="malformed"):
        verify_url(KEYS, query | {"echostr": [overheard]})


# --- keys -------------------------------------------------------------------------------------


def test_the_previous_key_still_opens_and_seals_the_answer() -> None:
    keys = MessageKeys(
        token=KEYS.token,
        aes_key=KEYS.aes_key,
        aes_key_previous=OLD_KEY,
        recipient=KEYS.recipient,
    )
    query, body = envelope(encrypt(block_of(TEXT_XML.encode()), OLD_KEY))

    message = opened(query, body, keys)
    reply = seal_reply(
        keys, message, "good", timestamp=NOW, nonce="1", random16=b"0123456789abcdef"
    )

    assert message.key_used == "previous"
    fields = {child.tag: child.text or "" for child in ET.fromstring(reply)}
    old = WeChatCrypto(KEYS.token, OLD_KEY, KEYS.recipient)
    assert old.decrypt_message(reply.decode(), fields["MsgSignature"], str(NOW), "1") == "good"
    assert refusal(query, body, KEYS) in {"undecryptable", "wrong_recipient"}


def test_the_meaningless_bits_of_a_key_are_ignored() -> None:
    assert KEYS.aes_key[-1] == "G"
    query, body = sealed()

    def with_last(character: str) -> MessageKeys:
        aes_key = KEYS.aes_key[:-1] + character
        return MessageKeys(token=KEYS.token, aes_key=aes_key, recipient=KEYS.recipient)

    assert {opened(query, body, with_last(last)).plaintext for last in "EFGH"} == {TEXT_XML}
    assert refusal(query, body, with_last("I")) in {"undecryptable", "wrong_recipient"}


@pytest.mark.parametrize("key", ["", "short", "A" * 42, "A" * 44, "A" * 42 + "!"])
def test_a_key_that_is_none_is_our_fault_and_said_plainly(key: str) -> None:
    keys = MessageKeys(token=KEYS.token, aes_key=key, recipient=KEYS.recipient)

    with pytest.raises(ValueError, match="EncodingAESKey"):
        opened(*sealed(), keys)


def test_keys_and_plaintext_are_in_no_repr() -> None:
    message = opened(*sealed())

    assert KEYS.token not in repr(KEYS)
    assert KEYS.aes_key not in repr(KEYS)
    assert "o-fan" not in repr(message)


# --- whatever comes ---------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=400))
def test_no_body_raises_anything_but_a_refusal(body: bytes) -> None:
    query, _ = sealed()

    with pytest.raises(WireRefused):
        opened(query, body)


PARAMETERS = st.dictionaries(
    st.sampled_from(
        ["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "echostr"]
    ),
    st.lists(st.text(max_size=60), max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(query=PARAMETERS, text=st.text(max_size=200))
def test_no_query_raises_anything_but_a_refusal(query: dict[str, list[str]], text: str) -> None:
    _, body = sealed()
    for attempt in (
        lambda: opened(query, body),
        lambda: opened(query, text.encode("utf-8", "surrogatepass")),
        lambda: verify_url(KEYS, query),
    ):
        with pytest.raises(WireRefused):
            attempt()


@settings(max_examples=200, deadline=None)
@given(block=st.binary(min_size=16, max_size=200).map(lambda raw: raw[: len(raw) // 16 * 16]))
def test_no_signed_ciphertext_raises_anything_but_a_refusal(block: bytes) -> None:
    with pytest.raises(WireRefused):
        opened(*envelope(encrypt(block)))


@settings(max_examples=200, deadline=None)
@given(message=st.text(max_size=300), body_format=st.sampled_from(["xml", "json"]))
def test_whatever_was_sealed_is_opened_again(message: str, body_format: str) -> None:
    query, body = sealed(message, body_format=body_format)

    assert opened(query, body).plaintext == message

"""Pushes: sealed as WeChat seals them, tried three times, answers judged as strictly."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from wechat_simulator.callbacks import FAULT_NOTICE, plaintext, verify_address
from wechat_simulator.clock import ManualClock
from wechat_simulator.entities import Account
from wechat_simulator.pushcrypto import BoxDoesNotOpen, open_box, seal, sha1_of

VECTORS = Path(__file__).parents[4] / "shared" / "reference" / "vectors" / "crypto"


def send(desk: Any, person: dict[str, Any], text: str = "你好 & <b> 😀") -> Any:
    return desk.control("POST", f"people/{person['id']}/send", {"type": "text", "text": text})


def test_a_foreign_sdk_opens_the_push_and_its_reply_is_opened(desk: Any) -> None:
    person = desk.person()
    answer = send(desk, person)
    assert answer == {
        "status": 200,
        "tries": 1,
        "reply": {"type": "text", "text": "你好 & <b> 😀"},
    }
    seen = desk.backend.seen[0]
    assert seen["FromUserName"] == person["oa_openid"]
    assert seen["ToUserName"] == desk.oa.original_id
    assert 2**53 < int(seen["MsgId"]) < 2**63
    inbox = desk.control("GET", f"people/{person['id']}/messages")
    assert [one["text"] for one in inbox["oa"]] == ["你好 & <b> 😀"]


def test_the_address_is_verified_by_its_echo(desk: Any) -> None:
    assert verify_address(desk.world, desk.oa)
    assert desk.control("POST", "accounts/oa/verify") == {"verified": True}
    desk.backend.account = desk.mini
    assert not verify_address(desk.world, desk.oa)


def test_a_text_may_hold_what_ends_a_cdata_section(desk: Any) -> None:
    desk.backend.answers = [lambda _: ("200 OK", b"success")]
    send(desk, desk.person(), "a]]>b<![CDATA[c")
    assert desk.backend.seen[0]["Content"] == "a]]>b<![CDATA[c"


def bad_answers(desk: Any) -> dict[str, Any]:
    sealed = desk.backend.sealed
    return {
        "the status is not 200": lambda _: ("500 No", b"success"),
        "the answer is not xml": lambda _: ("200 OK", b"ok"),
        "not encrypted": lambda _: ("200 OK", b"<xml><MsgType>text</MsgType></xml>"),
        "MsgSignature is wrong": lambda f: ("200 OK", sealed(f, "x", token="another")),
        "FromUserName": lambda f: ("200 OK", sealed(f, "x", source="gh_other")),
        "ToUserName": lambda f: ("200 OK", sealed(f, "x", target="oSomebody")),
        "longer than 2048": lambda f: ("200 OK", sealed(f, "好" * 683)),
        "Content is empty": lambda f: ("200 OK", sealed(f, "")),
    }


@pytest.mark.parametrize("number", range(8))
def test_a_bad_answer_is_tried_three_times_then_the_person_is_told(desk: Any, number: int) -> None:
    why, bad = list(bad_answers(desk).items())[number]
    desk.backend.answers = [bad, bad, bad]
    person = desk.person()
    answer = send(desk, person)
    assert answer["tries"] == 3
    assert why in answer["failure"]
    assert answer["reply"] is None
    assert len(set(desk.backend.plain)) == 1, "every try carries the same plaintext"
    inbox = desk.control("GET", f"people/{person['id']}/messages")["oa"]
    assert [one["text"] for one in inbox] == [FAULT_NOTICE]


def test_success_and_silence_end_the_tries(desk: Any) -> None:
    person = desk.person()
    desk.backend.answers = [lambda _: ("200 OK", b"success"), lambda _: ("200 OK", b"")]
    for _ in range(2):
        assert send(desk, person) == {"status": 200, "tries": 1, "reply": None}


def test_first_delivery_lost_third_arrives(desk: Any) -> None:
    desk.control(
        "PUT", "faults", {"rules": [{"route": "push:message", "fault": "drop", "times": 2}]}
    )
    answer = send(desk, desk.person(), "在吗")
    assert answer["tries"] == 3
    assert answer["reply"]["text"] == "在吗"
    assert len(desk.backend.seen) == 1


@pytest.mark.parametrize("fault", ["tamper", "wrong_key"])
def test_a_forged_push_is_refused_by_the_foreign_sdk(desk: Any, fault: str) -> None:
    rule = {"route": "push:message", "fault": fault, "times": 1}
    desk.control("PUT", "faults", {"rules": [rule]})
    answer = send(desk, desk.person(), "在吗")
    assert answer["tries"] == 2
    assert len(desk.backend.seen) == 1


def test_duplicate_delay_reorder_and_lost_answer(desk: Any) -> None:
    person = desk.person()

    def rule(fault: str, **more: int) -> None:
        rules = [{"route": "push:message", "fault": fault, **more}]
        desk.control("PUT", "faults", {"rules": rules})

    rule("duplicate")
    send(desk, person, "一")
    assert [one["Content"] for one in desk.backend.seen] == ["一", "一"]
    assert len({one["MsgId"] for one in desk.backend.seen}) == 1
    desk.backend.seen.clear()
    rule("reorder")
    assert send(desk, person, "二")["tries"] == 0
    send(desk, person, "三")
    assert [one["Content"] for one in desk.backend.seen] == ["三", "二"]
    desk.backend.seen.clear()
    rule("delay", delay_s=30)
    send(desk, person, "四")
    assert desk.backend.seen == []
    desk.control("POST", "clock", {"advance_s": 29})
    assert desk.backend.seen == []
    desk.control("POST", "clock", {"advance_s": 1})
    assert [one["Content"] for one in desk.backend.seen] == ["四"]
    desk.backend.seen.clear()
    rule("status", status=504)
    assert send(desk, person, "五")["tries"] == 2
    assert [one["Content"] for one in desk.backend.seen] == ["五", "五"]


def test_a_rotated_key_leaves_the_old_one_readable(desk: Any) -> None:
    old = desk.oa.aes_key
    desk.control("PUT", "accounts", {"oa": {"aes_key": "B" * 43}})
    assert desk.world.accounts.oa.aes_key_previous == old
    person = desk.person()
    # The backend still holds the old key only: what is sealed with the new one it cannot open.
    assert send(desk, person, "换了钥匙")["status"] == 500
    desk.control("PUT", "accounts", {"oa": {"push_with": "previous"}})
    assert send(desk, person, "旧钥匙")["reply"]["text"] == "旧钥匙"


def test_json_format_speaks_json(desk: Any) -> None:
    fields = {"ToUserName": "gh_1", "CreateTime": 5, "Event": "user_enter_tempsession"}
    desk.mini.format = "json"
    assert json.loads(plaintext(desk.mini, fields)) == fields


@pytest.mark.skipif(not VECTORS.is_dir(), reason="needs ../shared/reference/vectors beside it")
def test_the_published_samples_open() -> None:
    for name in ("safe-json-official.json", "safe-xml-qdg6ek.json"):
        sample = json.loads((VECTORS / name).read_text(encoding="utf-8"))
        query = sample["query"]
        sealed = sample["encrypt"] if "encrypt" in sample else sample["body"]["Encrypt"]
        signed = sha1_of(sample["token"], query["timestamp"], query["nonce"], sealed)
        assert signed == query["msg_signature"]
        assert open_box(sealed, sample["appid"], sample["encoding_aes_key"])


def test_every_wrong_box_stays_shut() -> None:
    rng = random.Random(3)
    key = "A" * 43
    sealed = seal("你好".encode(), "wx1", key, rng)
    assert open_box(sealed, "wx1", key).decode() == "你好"
    for wrong in (sealed[:-4], "%%%%", "", "QUJD", sealed[:10]):
        with pytest.raises(BoxDoesNotOpen):
            open_box(wrong, "wx1", key)
    with pytest.raises(BoxDoesNotOpen):
        open_box(sealed, "wx2", key)
    account = Account("oa", "wx1", "s", "t", key)
    assert b"]]]]><![CDATA[>" in plaintext(account, {"Content": "a]]>b"})
    assert ManualClock(5).now() == 5

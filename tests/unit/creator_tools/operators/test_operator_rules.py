"""One-time codes after RFC 6238, roles, logins and passwords."""

from datetime import UTC, datetime, timedelta

import pytest

from creator_tools.kernel.text import TextRefused
from creator_tools.operators import rules

# RFC 6238, appendix B: the secret and the codes of SHA-1, eight digits.
RFC_SECRET = b"12345678901234567890"
RFC_VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    step = rules.totp_step(at(seconds))
    assert rules.totp_code(RFC_SECRET, step, digits=8) == code
    assert rules.totp_code(RFC_SECRET, step) == code[2:]
    assert rules.matching_step(RFC_SECRET, code[2:], at(seconds)) == step


def test_a_code_is_taken_one_step_early_or_late_and_not_two() -> None:
    now = at(1_234_567_890)
    step = rules.totp_step(now)
    for away in (-2, -1, 0, 1, 2):
        code = rules.totp_code(RFC_SECRET, step + away)
        expected = step + away if abs(away) <= 1 else None
        assert rules.matching_step(RFC_SECRET, code, now) == expected


@pytest.mark.parametrize(
    "typed",
    ["", "00592", "0059244", "００５９２４", "+05924", "0059.4", "abcdef", "①②③④⑤⑥", "\x00" * 6],
)
def test_what_is_not_six_digits_is_no_code(typed: str) -> None:
    assert rules.matching_step(RFC_SECRET, typed, at(1_234_567_890)) is None


def test_spaces_in_a_code_do_not_matter() -> None:
    assert rules.matching_step(RFC_SECRET, " 005 924 ", at(1_234_567_890)) is not None


def test_the_secret_is_told_in_base32() -> None:
    assert rules.totp_secret_text(RFC_SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_a_role_may_what_is_listed_and_nothing_else() -> None:
    assert rules.may({"finance"}, "revenue.read")
    assert not rules.may({"moderator"}, "revenue.read")
    assert rules.may({"moderator", "finance"}, "revenue.read")
    assert not rules.may(set(), "revenue.read")
    assert not rules.may({"nobody", "Owner", ""}, "revenue.read")
    for action in rules.Action:
        assert rules.may({"owner"}, action)
        assert rules.may({"auditor"}, action) is action.value.endswith(".read")
    for role in set(rules.ROLES) - {"owner"}:
        assert not rules.may({role}, "operators.keep")


def test_a_slip_of_the_pen_is_not_a_refusal() -> None:
    with pytest.raises(ValueError, match=r"revenue\.raed"):
        rules.may({"owner"}, "revenue.raed")


@pytest.mark.parametrize(
    "login", ["", "ab", "x" * 33, "1abc", "a b c", "a@b.c", "运营", "abc\u202e\n", "a'--", "-abc"]
)
def test_a_login_of_other_characters_is_refused(login: str) -> None:
    if login == "abc\u202e\n":
        assert rules.clean_login(login) == "abc"
        return
    with pytest.raises(TextRefused) as refused:
        rules.clean_login(login)
    assert refused.value.fields[0].field == "login"


def test_a_login_has_no_case() -> None:
    assert rules.clean_login(" Chen.Li_2 ") == "chen.li_2" == rules.typed_login(" Ｃhen.Li_2")


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 129, "aaaaaaaaaaaa", "password2026!", "my-chen-secret", "QWERTYUIOP12"],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(TextRefused) as refused:
        rules.checked_password(password, "chen")
    assert refused.value.fields[0].field == "password"
    assert not password or password not in str(refused.value.facts)


def test_a_password_is_known_again_from_another_keyboard() -> None:
    kept = rules.hash_password(rules.checked_password("ｃorrect horse 電池", "chen"))
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert rules.is_password(kept, "correct horse 電池")
    assert not rules.is_password(kept, "correct horse 電地")
    assert not rules.is_password("not a hash", "correct horse")


def test_nobodys_hash_is_a_hash_of_the_same_cost() -> None:
    cost = rules.hash_password("some password").rsplit("$", 2)[0]
    assert rules.NOBODYS_HASH.rsplit("$", 2)[0] == cost
    assert not rules.is_password(rules.NOBODYS_HASH, "")


@pytest.mark.parametrize("roles", [[], ["admin"], ["owner", "root"], ["Owner"]])
def test_unknown_roles_are_refused(roles: list[str]) -> None:
    with pytest.raises(TextRefused):
        rules.clean_roles(roles)
    assert rules.clean_roles(["finance", "owner", "finance"]) == ["owner", "finance"]


def test_addresses_of_one_place_count_together() -> None:
    assert rules.address_key("2001:db8::1") == rules.address_key("2001:db8::ffff:1")
    assert rules.address_key("2001:db8::1") != rules.address_key("2001:db8:0:1::1")
    assert rules.address_key("::ffff:192.0.2.1") == rules.address_key("192.0.2.1")
    assert rules.address_key("192.0.2.1") != rules.address_key("192.0.2.2")
    assert rules.address_key("") == rules.address_key("x\ud83d") == "address:unknown"


def test_what_is_kept_of_a_try_tells_neither_login_nor_address() -> None:
    assert "chen" not in rules.login_key("chen")
    assert "192" not in rules.address_key("192.0.2.1")
    assert rules.login_key(" CHEN ") == rules.login_key("chen")


def test_steps_are_thirty_seconds() -> None:
    moment = at(1_234_567_890)
    assert rules.totp_step(moment + timedelta(seconds=30)) == rules.totp_step(moment) + 1

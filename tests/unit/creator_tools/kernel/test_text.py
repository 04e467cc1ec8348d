"""What people type is kept readable: nothing invisible, nothing lost that means something."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.kernel.text import (
    _PLAIN,
    MARKS_IN_A_ROW_MAX,
    TextRefused,
    _without_invisible,
    clean_body,
    clean_count,
    clean_line,
    perceived_length,
)

INVISIBLE = (
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
    "\u3164\u2800\u115f\uffa0\u061c\u034f\ufff9\ufffb\U000e0041\U000e007f\uffff"
)
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


def line(value: object, max_chars: int = 30, min_chars: int = 1) -> str:
    return clean_line(value, "title", max_chars, min_chars)


def code_of(error: pytest.ExceptionInfo[TextRefused]) -> str:
    return error.value.fields[0].code


@pytest.mark.parametrize("char", sorted(INVISIBLE))
def test_an_invisible_character_never_makes_two_titles_differ(char: str) -> None:
    assert line(f"每日{char}一菜{char}") == "每日一菜"


@pytest.mark.parametrize("char", sorted(INVISIBLE + "\u200c\u200d\ufe0f\u3000\u00a0 "))
def test_a_name_of_nothing_is_refused(char: str) -> None:
    with pytest.raises(TextRefused) as refused:
        line(char * 3)
    assert code_of(refused) == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Bob'); DROP TABLE columns;--",
        "{{7*7}} ${jndi:ldap://x}",
        "9" * 30,
        "مرحبا بالعالم",
        "می\u200cخواهم",
        "क्\u200dष",
        "👍🏽 好",
        "❤️",
        "👩🏽\u200d⚕️ 日记",
        "🏳️\u200d🌈",
        "1️⃣",
        FAMILY,
        SCOTLAND,
        "𠮷野家",
        "=1+1",
    ],
)
def test_markup_sql_and_every_script_stay_as_they_were_typed(text: str) -> None:
    assert line(text) == text
    assert clean_body(text, "markdown", 100) == text


@pytest.mark.parametrize("char", [chr(code) for code in (*range(32), 127, 128, 0x85, 0x9F)])
def test_a_control_character_inside_a_line_is_refused(char: str) -> None:
    with pytest.raises(TextRefused) as refused:
        line(f"每日{char}一菜")
    assert code_of(refused) == "control_character"


def test_half_a_surrogate_pair_is_refused_because_no_database_can_keep_it() -> None:
    for clean in (line, lambda value: clean_body(value, "markdown", 100)):
        with pytest.raises(TextRefused) as refused:
            clean("坏\ud83d字")
        assert code_of(refused) == "control_character"


def test_a_body_keeps_its_lines_and_refuses_other_controls() -> None:
    assert clean_body("一\r\n\r二\u2028\t三  \n", "markdown", 100) == "一\n\n二\n\t三"
    with pytest.raises(TextRefused):
        clean_body("一\x00二", "markdown", 100)


@pytest.mark.parametrize(
    ("text", "length"),
    [("好" * 3, 3), (FAMILY, 1), ("👍🏽", 1), ("🇨🇳🇨🇳", 2), ("e\u0301", 1), ("1️⃣", 1), (SCOTLAND, 1)],
)
def test_length_is_what_a_person_counts(text: str, length: int) -> None:
    assert perceived_length(text) == length
    assert line(text, max_chars=length) == unicodedata.normalize("NFC", text)
    with pytest.raises(TextRefused) as refused:
        line(text + "好", max_chars=length)
    assert code_of(refused) == "too_long"


def test_marks_are_not_piled_up_to_the_ceiling() -> None:
    piled = line("Z" + "\u0335" * 200)
    assert piled == "Z" + "\u0335" * MARKS_IN_A_ROW_MAX


def test_equal_looking_titles_become_equal() -> None:
    assert line("cafe\u0301\u3000 日记") == line("café 日记") == "café 日记"


@pytest.mark.parametrize("value", [None, 7, b"bytes", ["list"], True])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(TextRefused) as refused:
        line(value)
    assert code_of(refused) == "not_text"


def test_the_refusal_names_the_field_and_says_what_to_do() -> None:
    with pytest.raises(TextRefused) as refused:
        line("长" * 31)
    assert refused.value.in_chinese() == "标题最多 30 个字，请删短一些再发。"
    assert refused.value.in_english() == "The title may have at most 30 characters; shorten it."
    assert refused.value.code == "input_refused"


@pytest.mark.parametrize("value", [0, 1001, 10**30, -1, True, 1.5, "5", None])
def test_a_count_outside_its_range_is_refused(value: object) -> None:
    with pytest.raises(TextRefused) as refused:
        clean_count(value, "promised_count", 1, 1000)
    assert code_of(refused) == "out_of_range"
    assert clean_count(1000, "promised_count", 1, 1000) == 1000


def test_the_short_way_for_plain_text_and_the_long_way_agree() -> None:
    for code in range(0x20, 0x10000):
        char = chr(code)
        if _PLAIN.fullmatch(char):
            assert _without_invisible(unicodedata.normalize("NFC", char)) == char


NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(INVISIBLE + "\u200c\u200d\ufe0f\U0001f3f4 \n\u0301👩👧🏽میक्"),
    ),
    max_size=40,
)


@given(NASTY)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    for clean in (
        lambda value: clean_line(value, "title", 100, 0),
        lambda value: clean_body(value, "markdown", 100, 0),
    ):
        try:
            once = clean(text)
        except TextRefused:
            continue
        assert clean(once) == once


@given(NASTY)
def test_what_is_kept_holds_nothing_invisible_and_can_be_stored(text: str) -> None:
    try:
        kept = clean_line(text, "title", 100, 0)
    except TextRefused:
        return
    kept.encode("utf-8")
    assert unicodedata.normalize("NFC", kept) == kept
    assert kept == kept.strip()
    assert "  " not in kept
    for char in kept.replace(SCOTLAND, ""):
        assert unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert char not in INVISIBLE or char in "\U000e0041\U000e007f"

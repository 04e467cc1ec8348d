"""Chinese is found by its pairs of characters, whatever the width and the case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.kernel.searching import fold, grams_of, quote, read_query

TEXT = "清晨的街道\n天刚亮的时候，ＩＳＯ 调到 800，街上没有人。Slow shutter works."


@pytest.mark.parametrize(
    "typed",
    [
        "街道",
        "清晨 街上",
        "iso",
        "ISO 800",
        "《清晨的街道》",
        "shutter",
        "SLOW",
        "晨",
        "亮的时候，iso",
    ],
)
def test_what_stands_in_a_text_is_found(typed: str) -> None:
    query = read_query(typed)
    assert query.grams
    assert set(query.grams) <= set(grams_of(TEXT))
    assert query.stands_in(TEXT)


@pytest.mark.parametrize("typed", ["道街", "夜晚", "街道 夜晚", "90", "shutters"])
def test_what_does_not_stand_there_is_not(typed: str) -> None:
    query = read_query(typed)
    assert not (set(query.grams) <= set(grams_of(TEXT)) and query.stands_in(TEXT))


@pytest.mark.parametrize("typed", ["", " ", "%", "。，", "《》", "\x00", "😀"])
def test_nothing_is_looked_for_when_there_is_no_word(typed: str) -> None:
    assert read_query(typed).grams == []


def test_a_quotation_marks_what_was_looked_for_as_it_is_written() -> None:
    pieces = quote(TEXT, read_query("iso 街上"))
    assert [piece.text for piece in pieces if piece.is_hit] == ["ＩＳＯ", "街上"]


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=8))
def test_a_quotation_is_the_text_and_no_other(text: str, typed: str) -> None:
    pieces = quote(text, read_query(typed))
    shown = "".join(piece.text for piece in pieces).strip("…")
    assert shown in " ".join(text.split()) + "…"
    assert len(fold(text)) == len(text)


@given(
    st.text(alphabet="街道清晨ab 1，", min_size=1, max_size=40),
    st.integers(0, 39),
    st.integers(1, 5),
)
def test_every_piece_of_a_text_finds_it(text: str, start: int, length: int) -> None:
    query = read_query(text[start : start + length])
    assert set(query.grams) <= set(grams_of(text))

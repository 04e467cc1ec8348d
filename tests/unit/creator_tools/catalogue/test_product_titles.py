"""What a product is called, and reading its term back out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.catalogue.rules import TERM_DAYS, product_title, title_parts

TITLES = st.text(min_size=1, max_size=40)


@given(TITLES, st.sampled_from([None, *TERM_DAYS]))
def test_what_was_put_together_comes_apart_again(object_title: str, days: int | None) -> None:
    sold_as = product_title("column_forever" if days is None else "column_term", object_title, days)

    assert title_parts(sold_as) == (object_title, days or "forever")


@pytest.mark.parametrize(
    "title", ["永久", " · 永久", "茶 · 31 天", "茶 · 030 天", "茶·30 天", "茶"]
)
def test_a_title_that_only_looks_like_it_is_left_whole(title: str) -> None:
    assert title_parts(title) == (title, None)

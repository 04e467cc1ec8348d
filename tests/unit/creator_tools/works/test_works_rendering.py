"""Markdown becomes HTML that is safe to show, and nothing after the cut is in the preview."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.works.rules import content_sha256, render, shows_picture

PICTURE = "/media/" + "a1" * 32
VOID = {"br", "hr", "img"}


class TagCheck(HTMLParser):
    """Follows open tags; `fault` tells the first that does not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fault = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = self.fault or tag


def assert_balanced(html: str) -> None:
    check = TagCheck()
    check.feed(html)
    check.close()
    assert (check.fault, check.open) == ("", [])


def test_script_and_event_handlers_are_shown_as_text_and_never_as_tags() -> None:
    body = render("<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>").body_html
    assert "<script" not in body
    assert "<img" not in body
    assert "&lt;script&gt;" in body


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.test/x", "/h5/me"],
)
def test_a_link_that_is_not_http_loses_its_address(address: str) -> None:
    assert "href" not in render(f"[看这里](<{address}>)").body_html


def test_a_web_link_opens_without_our_window_and_without_our_name() -> None:
    body = render('[站点](https://example.com/a?b=1 "标题")').body_html
    assert body == ('<p><a href="https://example.com/a?b=1" rel="noopener nofollow">站点</a></p>')


def test_only_our_own_pictures_are_shown_and_a_foreign_one_becomes_its_words() -> None:
    rendered = render(f"![日出]({PICTURE})\n\n![外链](https://example.com/a.png)")
    assert rendered.picture_sha256s == ("a1" * 32,)
    assert f'<img src="{PICTURE}" alt="日出">' in rendered.body_html
    assert "example.com" not in rendered.body_html
    assert "外链" in rendered.body_html
    assert shows_picture(rendered.body_html)
    assert not shows_picture(render('文字里写 <img src="x">').body_html)


def test_tables_and_code_are_kept() -> None:
    body = render("|a|b|\n|-|-|\n|1|2|\n\n```python\nx < 1\n```").body_html
    assert "<table>" in body
    assert "<td>2</td>" in body
    assert "<pre><code>x &lt; 1\n</code></pre>" in body


def test_the_preview_of_a_single_sentence_is_its_title_alone() -> None:
    for text in (
        "只有一句话。",
        "只有一句话",
        "# 小标题\n\n只有一句话。",
        f"一句。\n\n![x]({PICTURE})",
    ):
        assert render(text).preview_html == ""


def test_the_preview_holds_at_least_one_sentence_and_ends_at_a_sentence() -> None:
    first = "这是第一句，它比三成还要长得多。"
    assert render(first + "短句。").preview_html == f"<p>{first}</p>"


def test_the_preview_is_about_three_tenths_of_the_text() -> None:
    text = "".join(f"第{number:02d}句话在这里结束。" for number in range(40))
    preview = render(text).preview_text
    assert preview == "".join(f"第{number:02d}句话在这里结束。" for number in range(12))


def test_the_preview_never_has_more_than_400_characters() -> None:
    text = "".join(f"第{number:04d}句话在这里就结束。" for number in range(400))
    preview = render(text).preview_text
    assert 380 <= len(preview) <= 400
    assert preview.endswith("。")


def test_a_first_sentence_of_more_than_400_characters_is_not_shown() -> None:
    assert render("长" * 401 + "。后面。").preview_html == ""


def test_a_closing_quote_stays_with_its_sentence() -> None:
    assert render("他说：“走吧。”然后我们走了很远很远很远的路。").preview_text == "他说：“走吧。”"


def test_numbers_do_not_end_a_sentence() -> None:
    text = "价格是 9.90 元而且不会再变。之后的内容在这里继续写下去。"
    assert render(text).preview_text == "价格是 9.90 元而且不会再变。"


def test_tags_that_the_cut_opens_are_closed() -> None:
    html = render("> - **粗体第一句。粗体第二句**\n> - 另一项比较长的文字放在这里").preview_html
    assert_balanced(html)
    assert "粗体第一句。" in html
    assert "第二句" not in html


def test_the_author_may_set_the_end_of_the_preview() -> None:
    for marker in (
        "<!--more-->",
        "<!-- MORE -->",
        "---试读结束---",
        "——试读结束——",
        "【试读结束】",
    ):
        rendered = render(f"第一句。第二句。\n\n![图]({PICTURE})\n{marker}\n第三句。")
        assert rendered.preview_text == "第一句。第二句。", marker
        assert PICTURE in rendered.preview_html
        assert "试读结束" not in rendered.body_html
        assert "第三句" in rendered.body_html


def test_a_marker_inside_code_is_code() -> None:
    assert "more" in render("```\n<!--more-->\n```\n后文。还有。").body_html


def test_pictures_and_addresses_stay_out_of_an_automatic_preview() -> None:
    text = (
        f"![封面]({PICTURE})\n\n第一句。[链接](https://secret.example/x)第二句"
        "还有很长很长很长很长很长很长的一段话。"
    )
    preview = render(text).preview_html
    assert preview.startswith("<p>第一句。")
    assert "img" not in preview
    assert "secret" not in preview


WORDS = st.text(
    alphabet="一二三四五六七八九十，。！？abc XY01*_~`[]()#>|-+!\\&<\"'\n\t", max_size=40
)


@given(st.lists(WORDS, min_size=1, max_size=12), st.booleans())
def test_nothing_after_the_cut_is_in_the_preview(parts: list[str], with_marker: bool) -> None:
    # Every part carries a marker of its own; those in the preview must be a prefix of those in
    # the body, and the text of the preview a prefix of the text of the body.
    marked = [f"{part}【K{number:02d}Z】" for number, part in enumerate(parts)]
    if with_marker:
        marked.insert(len(marked) // 2, "\n\n<!--more-->\n\n")
    rendered = render("".join(marked))
    assert_balanced(rendered.body_html)
    assert_balanced(rendered.preview_html)
    in_body = re.findall(r"K\d\dZ", rendered.text)
    in_preview = re.findall(r"K\d\dZ", rendered.preview_html)
    assert in_preview == in_body[: len(in_preview)]
    squeezed = "".join(rendered.text.split())
    assert squeezed.startswith("".join(rendered.preview_text.split()))
    if not with_marker:
        shown = len("".join(rendered.preview_text.split()))
        assert shown <= 400
        assert shown < rendered.char_count or rendered.char_count == 0


@given(st.text(max_size=300))
def test_any_text_is_rendered_and_balanced(text: str) -> None:
    rendered = render(text)
    assert_balanced(rendered.body_html)
    assert_balanced(rendered.preview_html)
    for banned in ("<script", "javascript:", "<iframe", "<style"):
        assert banned not in rendered.body_html.lower().replace("&lt;", "")


@pytest.mark.parametrize(
    "hostile",
    ["[" * 20_000, "*a " * 12_000, "> " * 10_000, "![" * 10_000, "`" * 20_000 + "a", "- " * 9_000],
)
def test_a_hostile_text_is_rendered_within_seconds(hostile: str) -> None:
    assert_balanced(render(hostile).body_html)


def test_the_hash_tells_title_markdown_and_html_apart() -> None:
    assert content_sha256("a", "b", "c") != content_sha256("ab", "", "c")
    assert content_sha256("a", "b", "c") != content_sha256("a", "b", "d")

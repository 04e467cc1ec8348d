"""Markdown into HTML that can be shown to anyone, and the part of it that is free.

Markdown is parsed into tokens, the tokens are put right (addresses, pictures), rendered, and the
HTML is sanitised as if somebody else had written it. Raw HTML in a text is shown as text.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from creator_tools.works.rules.preview import (
    PREVIEW_END,
    count_visible,
    free_part,
    visible_in,
)

PICTURE_PATH = re.compile(r"^/media/([0-9a-f]{64})$")
_WEB_ADDRESS = re.compile(r"^https?://[^\s/?#]+", re.IGNORECASE)
# What a page writes where the author wants the free part to end; one of those understood below.
PREVIEW_MARK = "【试读结束】"
_MARKER = re.compile(
    r"<!--\s*more\s*-->|[-—–]{2,}\s*试读结束\s*[-—–]{2,}|【试读结束】", re.IGNORECASE
)
_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|tr|pre|blockquote)>|<br>|<hr>")
_EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|<br>)*</p>\n?")


@dataclass(frozen=True)
class Rendered:
    """A text in all the forms that are needed of it.

    `char_count` counts visible characters; `text` is for checks and search and is as locked as
    the body; `preview_text` is what may be quoted anywhere.
    """

    body_html: str
    preview_html: str
    text: str
    char_count: int
    preview_text: str
    picture_sha256s: tuple[str, ...]


def render(markdown: str) -> Rendered:
    """Render a text; never raises, whatever the text is."""
    parsed = [_put_right(token) for token in _PARSER.parse(markdown)]
    body = [token for token in parsed if token.type != PREVIEW_END]
    free = free_part(parsed)
    text = _text_of(body)
    return Rendered(
        body_html=_html_of(body),
        preview_html=_html_of(free),
        text=text,
        char_count=count_visible(text),
        preview_text=_text_of(free),
        picture_sha256s=tuple(dict.fromkeys(_pictures_in(body))),
    )


def content_sha256(
    title: str, markdown: str, body_html: str, attached: Sequence[tuple[str, str]] = ()
) -> str:
    """The hash of what readers are shown; a verdict belongs to it. The parts cannot hold NUL.

    Args:
        attached: the hash of each attachment's bytes, and its title, in order.
    """
    parts = [title, markdown, body_html, *(f"{sha256}:{called}" for sha256, called in attached)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def text_of_html(html: str) -> str:
    """The words of rendered HTML, a line per block; for messages that know no HTML."""
    lines = _BLOCK_END.sub("\n", html)
    bare = unescape(_BARE.clean(lines))
    return "\n".join(line.strip() for line in bare.splitlines() if line.strip())


def shows_picture(body_html: str) -> bool:
    """Whether rendered HTML shows a picture; text holds no bare tag, so a look suffices."""
    return "<img " in body_html


def _html_of(tokens: Sequence[Token]) -> str:
    html = _PARSER.renderer.render(list(tokens), _PARSER.options, {})
    return _EMPTY_PARAGRAPH.sub("", _CLEANER.clean(html)).strip()


def _text_of(tokens: Sequence[Token]) -> str:
    parts = (visible_in(token).strip() for token in tokens)
    return "\n".join(part for part in parts if part)


def _pictures_in(tokens: Sequence[Token]) -> list[str]:
    found = []
    for token in tokens:
        for child in token.children or ():
            path = PICTURE_PATH.match(_attr(child, "src")) if child.type == "image" else None
            if path is not None:
                found.append(path.group(1))
    return found


def _put_right(token: Token) -> Token:
    """Links that lead nowhere safe lose their address; foreign pictures become their words."""
    if token.type != "inline":
        return token
    children: list[Token] = []
    open_links: list[bool] = []
    for child in token.children or ():
        if child.type == "link_open":
            open_links.append(_WEB_ADDRESS.match(_attr(child, "href")) is not None)
            keep = open_links[-1]
        elif child.type == "link_close":
            keep = open_links.pop()
        else:
            keep = True
        if child.type == "image" and not PICTURE_PATH.match(_attr(child, "src")):
            children.append(Token("text", "", 0, content=child.content))
        elif keep:
            children.append(child)
    token.children = children
    return token


def _attr(token: Token, name: str) -> str:
    return str(token.attrs.get(name, ""))


def _mark_preview_end(state: StateBlock, start_line: int, _end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    first = state.bMarks[start_line] + state.tShift[start_line]
    if not _MARKER.fullmatch(state.src[first : state.eMarks[start_line]].strip()):
        return False
    if not silent:
        state.push(PREVIEW_END, "", 0)
        state.line = start_line + 1
    return True


def _parser() -> MarkdownIt:
    # A chat has no "two spaces at the end of the line": a line break is a line break.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough"])
    parser.block.ruler.before(
        "table",
        "preview_end",
        _mark_preview_end,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    return parser


def _only_safe_addresses(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("a", "href"):
        return value if _WEB_ADDRESS.match(value) else None
    if (tag, attribute) == ("img", "src"):
        return value if PICTURE_PATH.match(value) else None
    return value


_TAGS = {
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
_PARSER = _parser()
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    # The empty set for every tag keeps `title`, which a preview would carry past its end, out.
    attributes={"*": set(), "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
    attribute_filter=_only_safe_addresses,
    url_schemes={"http", "https"},
    link_rel="noopener nofollow",
    strip_comments=True,
)
_BARE = nh3.Cleaner(tags=set())

"""Where the free part of a work ends, found in the structure of the text and not in its HTML.

About the first 30 %, at most 400 characters, at least one sentence, cut at the end of a sentence;
a work of one sentence shows its title alone. The author may set the end by a marker on a line of
its own. Links lose their address in a preview and pictures stay out unless the author's marker
stands after them: an address may be defined, and a picture may be, what is being sold.
"""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from markdown_it.token import Token

PREVIEW_SHARE_PERCENT = 30
PREVIEW_CHARS_MAX = 400
PREVIEW_END = "preview_end"

_CLOSERS = "”’」』）】》\"')\\]"
_SENTENCE_END = re.compile(
    rf"[。！？…]+[{_CLOSERS}]*|[!?]+[{_CLOSERS}]*(?=\s|[\u2e80-\uffef])|[.][{_CLOSERS}]*(?=\s)"
)


@dataclass(frozen=True)
class _Stop:
    """A place where a preview may end: before `children[child].content[offset:]` of `block`."""

    block: int
    child: int
    offset: int
    chars_before: int


def free_part(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of the preview, every tag closed; empty when only the title is free."""
    for index, token in enumerate(tokens):
        if token.type == PREVIEW_END:
            return _closed([_unlinked(kept) for kept in tokens[:index]])
    stop = _chosen(tokens)
    if stop is None:
        return []
    return _closed([_unlinked(kept, with_pictures=False) for kept in _head(tokens, stop)])


def count_visible(text: str) -> int:
    """Characters a reader sees: white space does not count."""
    return sum(1 for char in text if not char.isspace())


def visible_in(token: Token) -> str:
    """The text of one token as a reader sees it; a picture has none."""
    if token.type == "inline":
        return "".join(visible_in(child) for child in token.children or ())
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    if token.type in {"text", "code_inline", "fence", "code_block"}:
        return token.content
    return ""


def _chosen(tokens: Sequence[Token]) -> _Stop | None:
    total = sum(count_visible(visible_in(token)) for token in tokens)
    # Only a stop with text on both sides is one: nothing before is no sentence, and nothing
    # after would give the whole work away.
    stops = [stop for stop in _stops(tokens) if 0 < stop.chars_before < total]
    if not stops:
        return None
    budget = min(PREVIEW_CHARS_MAX, total * PREVIEW_SHARE_PERCENT // 100)
    within = [stop for stop in stops if stop.chars_before <= budget]
    if within:
        return within[-1]
    return stops[0] if stops[0].chars_before <= PREVIEW_CHARS_MAX else None


def _stops(tokens: Sequence[Token]) -> Iterator[_Stop]:
    seen = 0
    whole: list[str] = []  # open headings and tables, which are shown whole or not at all
    for block, token in enumerate(tokens):
        if token.type in {"heading_open", "table_open"}:
            whole.append(token.type)
        elif token.type in {"heading_close", "table_close"}:
            whole.pop()
            if token.type == "table_close":
                yield _Stop(block + 1, 0, 0, seen)
        elif token.type == "inline":
            if not whole:
                yield from _stops_within(block, token, seen)
            seen += count_visible(visible_in(token))
        elif token.type in {"fence", "code_block"}:
            seen += count_visible(token.content)
            yield _Stop(block + 1, 0, 0, seen)


def _stops_within(block: int, token: Token, seen: int) -> Iterator[_Stop]:
    children = token.children or []
    for index, child in enumerate(children):
        if child.type == "text":
            for found in _SENTENCE_END.finditer(child.content):
                before = count_visible(child.content[: found.end()])
                yield _Stop(block, index, found.end(), seen + before)
        seen += count_visible(visible_in(child))
    yield _Stop(block, len(children), 0, seen)


def _head(tokens: Sequence[Token], stop: _Stop) -> list[Token]:
    kept = list(tokens[: stop.block])
    if stop.block < len(tokens) and tokens[stop.block].type == "inline":
        partial = copy(tokens[stop.block])
        children = partial.children or []
        head = list(children[: stop.child])
        if stop.offset:
            last = copy(children[stop.child])
            last.content = last.content[: stop.offset]
            head.append(last)
        partial.children = _closed(head)
        # The source of the whole paragraph must not travel with its first sentence.
        partial.content = ""
        kept.append(partial)
    return kept


def _closed(tokens: list[Token]) -> list[Token]:
    still_open: list[Token] = []
    for token in tokens:
        if token.nesting == 1:
            still_open.append(token)
        elif token.nesting == -1:
            still_open.pop()
    closing = [_closing(token) for token in reversed(still_open)]
    return tokens + closing


def _closing(opened: Token) -> Token:
    return Token(
        opened.type.removesuffix("_open") + "_close",
        opened.tag,
        -1,
        level=opened.level,
        markup=opened.markup,
        block=opened.block,
        hidden=opened.hidden,
    )


def _unlinked(token: Token, *, with_pictures: bool = True) -> Token:
    if token.type != "inline":
        return token
    dropped = {"link_open", "link_close"} | (set() if with_pictures else {"image"})
    bare = copy(token)
    bare.children = [child for child in token.children or () if child.type not in dropped]
    return bare

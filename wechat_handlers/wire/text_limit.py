"""Cuts a text that is too long where a reader would: at the end of a line or a sentence."""

import re
import unicodedata

ELLIPSIS = "\n……（太长了，先发到这里）"
_ENDS = "\n。！？!?；;…"
_JOINER = "\u200d"
_ANCHOR = re.compile(r"<a\b[^>]*>.*?</a\s*>", re.IGNORECASE | re.DOTALL)
_OPEN_ANCHOR = re.compile(r"<a\b(?!.*</a\s*>).*\Z", re.IGNORECASE | re.DOTALL)
_OPEN_TAG = re.compile(r"<[^>]*\Z")


def cut_to_bytes(text: str, limit: int) -> str:
    """`text`, or its beginning with a hint that more was meant, in at most `limit` UTF-8 bytes.

    Never ends inside a character, an emoji made of several, or a link.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text.encode("utf-8")) <= limit:
        return text
    hint = ELLIPSIS if len(ELLIPSIS.encode("utf-8")) < limit else ""
    room = limit - len(hint.encode("utf-8"))
    head = text.encode("utf-8")[:room].decode("utf-8", "ignore")
    head = _whole_characters(head, text[len(head) :])
    head = _whole_links(head)
    return _at_an_end(head).rstrip() + hint


def _whole_characters(head: str, rest: str) -> str:
    while head and rest and (_joins(rest[0]) or head[-1] == _JOINER):
        head, rest = head[:-1], head[-1] + rest
    return head


def _joins(character: str) -> bool:
    return (
        character == _JOINER
        or unicodedata.combining(character) != 0
        or "\ufe00" <= character <= "\ufe0f"  # variation selectors
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )


def _whole_links(head: str) -> str:
    head = _OPEN_ANCHOR.sub("", head)
    return _OPEN_TAG.sub("", head) if "<a" in head[-300:].lower() else head


def _at_an_end(head: str) -> str:
    # Not further back than half: better a cut sentence than half the answer gone.
    links = [match.span() for match in _ANCHOR.finditer(head)]
    for index in range(len(head) - 1, len(head) // 2, -1):
        inside = any(start <= index < end - 1 for start, end in links)
        if head[index] in _ENDS and not inside:
            return head[: index + 1]
    return head

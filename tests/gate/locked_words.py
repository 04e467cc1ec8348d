"""Words that stand in paid parts alone, and the dresses in which they might leave."""

import base64
import html
import json
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote_plus

WECHAT = "Mozilla/5.0 ({}) AppleWebKit/537.36 Mobile MicroMessenger/8.0.50"
ANDROID = WECHAT.format("Linux; Android 14; Pixel 8")
IPHONE = WECHAT.format("iPhone; CPU iPhone OS 17_5 like Mac OS X")
_TAG = re.compile(r"<[^>]*>")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BLANKS = re.compile(r"[\s\u200b-\u200d\ufeff]+")


@dataclass
class Seen:
    """All bytes that reached somebody, where from, and the needles found in them."""

    needles: dict[bytes, str]
    found: list[str] = field(default_factory=list)
    bytes_count: int = 0
    answers_count: int = 0
    served: set[str] = field(default_factory=set)

    def look(self, where: str, hay: bytes) -> None:
        """Search these bytes."""
        self.bytes_count += len(hay)
        self.answers_count += 1
        self.found += [f"{where}: {what}" for one, what in self.needles.items() if one in hay]


def dresses(word: str) -> set[bytes]:
    """The ways in which a word could stand in an answer."""
    raw = word.encode()
    as_json = json.dumps(word)[1:-1]
    texts = {html.escape(word), html.escape(word, quote=False), quote(word), quote_plus(word)}
    texts |= {as_json, as_json.upper().replace("\\U", "\\u"), json.dumps(word, ensure_ascii=False)}
    numeric = "".join(char if char.isascii() else f"&#{ord(char)};" for char in word)
    found = {raw, numeric.encode(), *(one.strip('"').encode() for one in texts)}
    found |= {raw.hex().encode(), raw.hex().upper().encode()}
    found |= {word.encode("utf-16-le"), word.encode("utf-16-be")}
    for offset in range(3):
        # Only the middle is sure: its neighbours share the first and the last character.
        whole = base64.b64encode(b"\0" * offset + raw)
        end = (offset + len(raw)) // 3 * 4
        middle = whole[(0, 2, 3)[offset] : end]
        found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def needles(words: tuple[str, ...] | list[str]) -> dict[bytes, str]:
    """Every dress of every word, and which word it is."""
    return {dress: word for word in words for dress in dresses(word)}


def undressed(hay: bytes) -> bytes:
    """What a person would read: no tags, no escapes, no blanks that could part a word."""
    text = hay.decode("utf-8", "replace")
    text = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text)
    text = html.unescape(unquote_plus(_TAG.sub("", text)))
    return _BLANKS.sub("", text).encode("utf-8", "replace")


def locked_words() -> tuple[str, str, str]:
    """Words for one work: plain, Chinese, and with signs that HTML escapes."""
    return (
        f"locked-{secrets.token_hex(8)}",
        f"只给买过的人看{secrets.token_hex(4)}的结局",
        f"甲&乙'{secrets.token_hex(6)}",
    )


def locked_part(words: tuple[str, str, str]) -> str:
    """A paid part with a word in a paragraph, a heading, a list and code."""
    plain, chinese, signs = words
    return f"{plain}\n\n## {chinese}\n\n- {signs}\n\n`{plain}`"

"""The small part of XML that WeChat speaks: elements, text, CDATA. Nothing else is read.

Document types, entities, comments and processing instructions are refused before the parser sees
a byte: they are how XML reads files, fetches addresses and grows without bound.
"""

import re
from typing import Any
from xml.parsers import expat

from wechat_handlers.wire.errors import WireRefused

_CDATA_SECTION = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_DECLARATION = re.compile(
    r"\s*<\?xml\s+version=(['\"])1\.0\1(\s+encoding=(['\"])utf-8\3)?(\s+standalone=(['\"])(yes|no)\5)?\s*\?>",
    re.IGNORECASE,
)
# What XML 1.0 cannot hold, escaped or not.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What WeChat mostly sends: one level of elements, each plain or one CDATA section, and no character
# that a parser would change. Such a text can be read by pattern; see `_flat`.
_FIELD = (
    r"[ \t\n]*<([A-Za-z][A-Za-z0-9]*)>"
    "(?:<!\\[CDATA\\[([^\\]\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]*)\\]\\]>|([A-Za-z0-9_.@-]*))"
    r"</\1>"
)
_FLAT = re.compile(f"<xml>(?:{_FIELD})+[ \t\n]*</xml>[ \t\n]*")
_FIELDS = re.compile(_FIELD)

DEPTH_MAX = 16


def parse(text: str) -> dict[str, Any]:
    """The children of the root: text, or a dict of children, or a list where a name repeats.

    Characters that XML cannot hold, which people do manage to send, become U+FFFD.

    Raises:
        WireRefused: `dtd_refused` for any declaration, `malformed` for anything else.
    """
    flat = _flat(text)
    if flat is not None:
        return flat
    # Not only because expat stops at such a character: text with a NUL after every letter would
    # pass the search for declarations, and then be recognised by expat as UTF-16.
    text = _NOT_XML.sub("\ufffd", text)
    _refuse_declarations(text)
    tree = _Tree()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = tree.open_element
    parser.EndElementHandler = tree.close_element
    parser.CharacterDataHandler = tree.add_text
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError):
        raise WireRefused("malformed", "not XML") from None
    if not isinstance(tree.root, dict):
        raise WireRefused("malformed", "the root holds no elements")
    return tree.root


def cdata(text: str) -> str:
    """`text` as CDATA that cannot be left early; characters XML cannot hold become U+FFFD."""
    safe = _NOT_XML.sub("\ufffd", text)
    return "<![CDATA[" + safe.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _flat(text: str) -> dict[str, Any] | None:
    """The fields of a text that holds nothing but them, as the parser would read it; else None."""
    if _FLAT.fullmatch(text) is None:
        return None
    found = _FIELDS.findall(text)
    fields: dict[str, Any] = {name: section or plain for name, section, plain in found}
    return fields if len(fields) == len(found) else None


def _refuse_declarations(text: str) -> None:
    # A follower may well write "<!DOCTYPE" into the chat: inside CDATA it is text.
    bare = _CDATA_SECTION.sub("", text)
    bare = _DECLARATION.sub("", bare, count=1) if _DECLARATION.match(bare) else bare
    if "<!" in bare or "<?" in bare:
        raise WireRefused("dtd_refused", "declarations are not read here")


class _Tree:
    """Collects expat's events into nested dicts."""

    def __init__(self) -> None:
        self.root: dict[str, Any] | str | None = None
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def open_element(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH_MAX:
            raise WireRefused("malformed", "nested too deeply")
        self._open.append((name, {}, []))

    def add_text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def close_element(self, _name: str) -> None:
        name, children, texts = self._open.pop()
        value: dict[str, Any] | str = children or "".join(texts)
        if not self._open:
            self.root = value
            return
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

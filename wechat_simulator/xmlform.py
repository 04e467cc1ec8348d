"""The XML of the message push: written with CDATA, read without any DTD."""

import re
from typing import Any
from xml.etree import ElementTree as ET  # a DTD is refused before this parser sees the text

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlUnreadable(Exception):
    """The text is not the XML that WeChat reads."""


def write_xml(fields: dict[str, Any]) -> str:
    """`<xml>…</xml>`: texts in CDATA, numbers bare, objects nested, lists as repeated elements."""
    return f"<xml>{_inside(fields)}</xml>"


def read_xml(text: bytes) -> dict[str, Any]:
    """The fields of an `<xml>` document; repeated elements become a list.

    Raises:
        XmlUnreadable: not well formed, with a DTD, or with another root.
    """
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise XmlUnreadable("a document type is not allowed")
    try:
        root = ET.fromstring(text.decode("utf-8"))  # noqa: S314  DTDs were refused above
    except (ET.ParseError, UnicodeDecodeError, ValueError) as error:
        raise XmlUnreadable("the text is not well-formed XML") from error
    if root.tag != "xml":
        raise XmlUnreadable("the root element is not xml")
    read = _fields(root)
    return read if isinstance(read, dict) else {}


def _inside(fields: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{_value(one)}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _inside(value)
    if isinstance(value, bool | int | float):
        return str(int(value) if isinstance(value, bool) else value)
    text = _NOT_XML.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"


def _fields(element: ET.Element) -> dict[str, Any] | str:
    if len(element) == 0:
        return element.text or ""
    fields: dict[str, Any] = {}
    for child in element:
        value = _fields(child)
        if child.tag in fields:
            before = fields[child.tag]
            fields[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            fields[child.tag] = value
    return fields

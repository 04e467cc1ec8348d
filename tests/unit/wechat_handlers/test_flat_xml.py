"""What is read by pattern is read as the parser would read it."""

import random

import pytest

from wechat_handlers.wire import strict_xml

FLAT = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<FromUserName><![CDATA[o-fan]]></FromUserName>"
    "<CreateTime>1800000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[<b>你好</b> & 12]]></Content><MsgId>12345678901234</MsgId></xml>"
)
PIECES = (
    *("<", ">", "</", "]]>", "<![CDATA[", "\r", "\n", " ", "&amp;", "]", "\x00", "\x85", "\u2028"),
    *("\ufffe", "\x7f", "é", "1", "<a>", "</a>", "<b></b>", "<xml>", "</xml>"),
)


def spoiled(chance: random.Random) -> str:
    """The flat text with one to three changes."""
    text = FLAT
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(PIECES) + text[at + chance.choice((0, 0, 1, 3)) :]
    return text


def test_pattern_and_parser_agree_on_whatever_the_pattern_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(7)
    texts = [FLAT, *(spoiled(chance) for _ in range(5_000))]
    flat = {text: fields for text in texts if (fields := strict_xml._flat(text)) is not None}
    monkeypatch.setattr(strict_xml, "_flat", lambda _: None)
    assert len(flat) > 100
    for text, fields in flat.items():
        assert strict_xml.parse(text) == fields, text


@pytest.mark.parametrize(
    "inner",
    [
        "<A><B>1</B></A>",
        "<A>1</A><A>2</A>",
        "<A>1</B>",
        "<A><![CDATA[1]]><![CDATA[2]]></A>",
        "<A><![CDATA[a]b]]></A>",
        "<A><![CDATA[a\rb]]></A>",
        "<A>&lt;</A>",
        '<A b="c">1</A>',
        "<!-- A --><A>1</A>",
        "",
    ],
)
def test_what_is_not_flat_is_left_to_the_parser(inner: str) -> None:
    assert strict_xml._flat(f"<xml>{inner}</xml>") is None

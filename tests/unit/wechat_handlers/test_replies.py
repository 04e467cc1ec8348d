"""What is written back, and that nobody's words can leave their place in it."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wechat_handlers.vectors import entries, needs_vectors, text_of
from wechat_handlers.inbound import messages, replies
from wechat_handlers.inbound.replies import render_reply
from wechat_handlers.wire import strict_xml
from wechat_handlers.wire.text_limit import ELLIPSIS, cut_to_bytes

ASKED = messages.TextMessage(
    account_kind="oa",
    sender="o-fan",
    recipient="gh_1",
    created_at_epoch_s=1_800_000_000,
    msg_id="1",
    text="hi",
)
TAPPED = messages.MenuClickEvent(
    account_kind="oa",
    sender="o-fan",
    recipient="gh_1",
    created_at_epoch_s=1_800_000_000,
    key="BUY",
)
CARD = replies.Article(title="题", description="述", picture_url="p", url="u")


def in_xml(reply: replies.Reply, message: messages.Message = ASKED) -> ET.Element:
    return ET.fromstring(render_reply(reply, message, 1_800_000_001, "xml"))


def test_a_reply_swaps_sender_and_recipient() -> None:
    root = in_xml(replies.TextReply("你好"))

    assert {child.tag: child.text for child in root} == {
        "ToUserName": "o-fan",
        "FromUserName": "gh_1",
        "CreateTime": "1800000001",
        "MsgType": "text",
        "Content": "你好",
    }


@pytest.mark.parametrize("body_format", ["xml", "json"])
def test_no_reply_is_nothing(body_format: str) -> None:
    assert render_reply(replies.NoReply(), ASKED, 1, body_format) == ""  # type: ignore[arg-type]
    assert render_reply(replies.NewsReply(()), ASKED, 1, body_format) == ""  # type: ignore[arg-type]


def test_a_json_account_gets_the_same_names_as_json() -> None:
    reply = json.loads(
        render_reply(replies.TransferToCustomerService("kf@1"), ASKED, 1_800_000_001, "json")
    )

    assert reply == {
        "ToUserName": "o-fan",
        "FromUserName": "gh_1",
        "CreateTime": 1_800_000_001,
        "MsgType": "transfer_customer_service",
        "TransInfo": {"KfAccount": "kf@1"},
    }


def test_a_person_is_answered_with_one_card_and_a_tap_with_up_to_eight() -> None:
    ten = replies.NewsReply((CARD,) * 10)

    assert in_xml(ten).findtext("ArticleCount") == "1"
    assert in_xml(ten, TAPPED).findtext("ArticleCount") == "8"
    assert len(in_xml(ten, TAPPED).findall("Articles/item")) == 8


OURS: dict[str, replies.Reply] = {
    "image": replies.ImageReply("m"),
    "voice": replies.VoiceReply("m"),
    "video": replies.VideoReply("m", "t", "d"),
    "music": replies.MusicReply("t", "d", "u", "h", "m"),
    "news": replies.NewsReply((CARD, CARD)),
    "text": replies.TextReply("x"),
    "transfer_customer_service": replies.TransferToCustomerService(),
}


def paths(element: ET.Element, prefix: str = "") -> set[str]:
    found = {prefix + element.tag}
    for child in element:
        found |= paths(child, prefix + element.tag + "/")
    return found


@needs_vectors
@pytest.mark.parametrize("entry", entries("replies"), ids=lambda entry: entry["file"])
def test_our_replies_have_the_elements_of_the_foreign_samples(entry: dict[str, str]) -> None:
    sample = ET.fromstring(text_of(entry["file"]))
    ours = in_xml(OURS[sample.findtext("MsgType") or ""], TAPPED)

    assert paths(sample) <= paths(ours)


@settings(max_examples=300, deadline=None)
@given(words=st.text(max_size=120) | st.text(alphabet="]>[<!&CDATA/xml", max_size=60))
def test_nobodys_words_can_leave_their_element(words: str) -> None:
    root = in_xml(replies.VideoReply("m", words, words))
    expected = strict_xml._NOT_XML.sub("\ufffd", words).replace("\r\n", "\n").replace("\r", "\n")

    assert paths(root) == paths(in_xml(replies.VideoReply("m", "t", "d")))
    assert (root.findtext("Video/Title") or "") == expected


# --- the limit --------------------------------------------------------------------------------


def test_a_text_that_fits_is_left_alone() -> None:
    exact = "好" * 682 + "ab"
    assert len(exact.encode()) == 2048

    assert cut_to_bytes(exact, 2048) == exact
    assert cut_to_bytes(exact + "c", 2048) != exact + "c"


def test_a_long_text_ends_with_a_whole_sentence_and_a_hint() -> None:
    text = "".join(f"第{number}句话就到这里。" for number in range(200))

    cut = cut_to_bytes(text, 2048)

    assert cut.endswith("。" + ELLIPSIS)
    assert text.startswith(cut.removesuffix(ELLIPSIS))
    assert 1900 < len(cut.encode()) <= 2048


def test_a_long_list_ends_with_a_whole_line() -> None:
    lines = [f"{number}. 一篇关于做饭的作品，标题比较长" for number in range(100)]

    cut = cut_to_bytes("\n".join(lines), 2048)

    kept = cut.removesuffix(ELLIPSIS).split("\n")
    assert kept == lines[: len(kept)]


@pytest.mark.parametrize("offset", range(0, 60, 7))
def test_a_link_is_kept_whole_or_not_at_all(offset: int) -> None:
    link = '<a href="https://example.test/a?b=1&c=2">去看。看看</a>'
    text = "x" * (1960 + offset) + link + "y" * 500

    cut = cut_to_bytes(text, 2048)

    assert cut.count("<a") == cut.count("</a>")
    assert "<a" not in cut or link in cut


def test_an_emoji_made_of_several_is_not_cut_inside() -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"
    text = family * 200

    cut = cut_to_bytes(text, 2048).removesuffix(ELLIPSIS)

    assert cut == family * (len(cut) // len(family))


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=400), limit=st.integers(40, 300))
def test_a_cut_text_never_exceeds_its_limit_and_stays_text(text: str, limit: int) -> None:
    cut = cut_to_bytes(text, limit)

    assert len(cut.encode("utf-8")) <= limit
    kept = cut.removesuffix(ELLIPSIS).rstrip()
    assert text.encode("utf-8", "replace").decode("utf-8").startswith(kept)

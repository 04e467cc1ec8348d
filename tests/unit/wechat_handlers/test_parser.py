"""From text to types: names, numbers, lists of one, and whatever else comes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wechat_handlers.inbound import messages
from wechat_handlers.inbound.parser import EVENT_BUILDERS, parse_plaintext
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.strict_xml import cdata

COMMON = {"ToUserName": "gh_1", "FromUserName": "o-fan", "CreateTime": 1_800_000_000}


def from_json(**fields: Any) -> messages.Message:
    return parse_plaintext(json.dumps(COMMON | fields), "json", "mini")


def from_xml(inner: str) -> messages.Message:
    head = (
        "<ToUserName>gh_1</ToUserName><FromUserName>o-fan</FromUserName>"
        "<CreateTime>1800000000</CreateTime>"
    )
    return parse_plaintext(f"<xml>{head}{inner}</xml>", "xml", "oa")


def event(name: str, inner: str = "") -> messages.Message:
    return from_xml(f"<MsgType>event</MsgType><Event>{name}</Event>{inner}")


def test_a_text_message_keeps_its_words_and_its_long_number_exactly() -> None:
    words = "  <b>好</b> ]]> & 😀 \n"
    message = from_xml(
        f"<MsgType>text</MsgType><Content>{cdata(words)}</Content>"
        "<MsgId>9007199254740993</MsgId><bizmsgmenuid>101</bizmsgmenuid>"
    )

    assert message == messages.TextMessage(
        account_kind="oa",
        sender="o-fan",
        recipient="gh_1",
        created_at_epoch_s=1_800_000_000,
        msg_id="9007199254740993",
        text=words,
        menu_choice="101",
    )


def test_a_number_of_a_json_message_stays_exact_beyond_what_floats_hold() -> None:
    message = from_json(MsgType="text", Content="hi", MsgId=9007199254740993)

    assert message.msg_id == "9007199254740993"


@pytest.mark.parametrize("name", ["CLICK", "click", "Click"])
def test_the_case_of_an_event_does_not_matter(name: str) -> None:
    message = event(name, "<EventKey>BUY</EventKey>")

    assert isinstance(message, messages.MenuClickEvent)
    assert message.key == "BUY"


def test_following_by_a_code_gives_its_scene_without_the_prefix() -> None:
    by_code = event("subscribe", "<EventKey>qrscene_col_7</EventKey><Ticket>T</Ticket>")
    by_search = event("subscribe", "<EventKey/>")
    already = event("SCAN", "<EventKey>col_7</EventKey><Ticket>T</Ticket>")

    assert isinstance(by_code, messages.FollowEvent)
    assert (by_code.scene, by_code.ticket) == ("col_7", "T")
    assert isinstance(by_search, messages.FollowEvent)
    assert by_search.scene == ""
    assert isinstance(already, messages.ScanEvent)
    assert already.scene == "col_7"


def test_places_are_read_as_degrees() -> None:
    sent = from_xml(
        "<MsgType>location</MsgType><Location_X>23.134521</Location_X>"
        "<Location_Y>-113.358803</Location_Y><Scale>20</Scale><Label>here</Label><MsgId>1</MsgId>"
    )

    assert isinstance(sent, messages.LocationMessage)
    assert (sent.latitude, sent.longitude, sent.scale) == (23.134521, -113.358803, 20)


@pytest.mark.parametrize("name", ["PUBLISHJOBFINISH", "FREEPUBLISHJOBFINISH"])
def test_both_spellings_of_a_finished_publication_are_one_event(name: str) -> None:
    message = event(
        name,
        "<PublishEventInfo><publish_id>2247503051</publish_id><publish_status>2</publish_status>"
        "<article_id>A</article_id><article_detail><count>1</count><item><idx>1</idx>"
        "<article_url>u1</article_url></item></article_detail><fail_idx>2</fail_idx>"
        "<fail_idx>3</fail_idx></PublishEventInfo>",
    )

    assert isinstance(message, messages.PublishFinished)
    assert message.publish_status == 2
    assert message.articles == (messages.PublishedArticle(position=1, url="u1"),)
    assert message.failed_positions == (2, 3)
    twin = "FREEPUBLISHJOBFINISH" if name == "PUBLISHJOBFINISH" else "PUBLISHJOBFINISH"
    other = event(
        twin,
        "<PublishEventInfo><publish_id>2247503051</publish_id>"
        "<publish_status>2</publish_status></PublishEventInfo>",
    )
    assert messages.source_key(message) == messages.source_key(other)


@pytest.mark.parametrize("wrapped", [True, False], ids=["a list of one", "the one itself"])
def test_a_list_of_one_consent_may_come_as_the_one(*, wrapped: bool) -> None:
    one = {"TemplateId": "T", "SubscribeStatusString": "accept", "PopupScene": "2"}

    message = from_json(
        MsgType="event",
        Event="subscribe_msg_popup_event",
        CreateTime="1620973045",
        List=[one] if wrapped else one,
    )

    assert isinstance(message, messages.SubscribePopup)
    assert message.created_at_epoch_s == 1620973045
    assert message.consents == (messages.Consent(template_id="T", answer="accept", scene=2),)


def test_a_wecom_group_change_names_what_changed() -> None:
    message = event(
        "change_external_chat",
        "<ChatId>C</ChatId><ChangeType>update</ChangeType><UpdateDetail>add_member</UpdateDetail>"
        "<JoinScene>0</JoinScene><MemChangeCnt>2</MemChangeCnt>"
        "<MemChangeList><Item>J1</Item><Item>J2</Item></MemChangeList><CurMemVer>v2</CurMemVer>",
    )

    assert isinstance(message, messages.WecomExternalChat)
    assert (message.join_scene, message.quit_scene) == (0, None)
    assert message.members == ("J1", "J2")


DELIVERY: dict[str, Any] = {
    "MsgType": "event",
    "Event": "xpay_goods_deliver_notify",
    "OpenId": "o-buyer",
    "OutTradeNo": "order_123",
    "Env": 0,
    "WeChatPayInfo": {"MchOrderNo": "m", "TransactionId": "t", "PaidTime": 1_800_000_000},
    "GoodsInfo": {
        "ProductId": "p",
        "Quantity": 1,
        "OrigPrice": 100,
        "ActualPrice": "90",
        "Attach": "a",
    },
}


def test_a_delivery_is_read_in_json_and_in_xml_alike() -> None:
    in_json = from_json(**DELIVERY)
    in_xml = event(
        "xpay_goods_deliver_notify",
        "<OpenId>o-buyer</OpenId><OutTradeNo>order_123</OutTradeNo><Env>0</Env>"
        "<WeChatPayInfo><MchOrderNo>m</MchOrderNo><TransactionId>t</TransactionId>"
        "<PaidTime>1800000000</PaidTime></WeChatPayInfo><GoodsInfo><ProductId>p</ProductId>"
        "<Quantity>1</Quantity><OrigPrice>100</OrigPrice><ActualPrice>90</ActualPrice>"
        "<Attach>a</Attach></GoodsInfo>",
    )

    assert isinstance(in_json, messages.XpayGoodsDelivered)
    assert isinstance(in_xml, messages.XpayGoodsDelivered)
    assert (in_json.wechat_pay, in_json.goods) == (in_xml.wechat_pay, in_xml.goods)
    assert in_json.goods.actual_price_fen == 90


def test_a_delivery_without_wechat_pay_is_apples() -> None:
    fields = {name: value for name, value in DELIVERY.items() if name != "WeChatPayInfo"}

    message = from_json(**fields)

    assert isinstance(message, messages.XpayGoodsDelivered)
    assert message.wechat_pay is None


@pytest.mark.parametrize("price", ["0.9", "90.0", True, None, "", "1e3", [90], {"fen": 90}, 1.5])
def test_a_delivery_whose_price_is_no_whole_number_is_refused(price: object) -> None:
    goods = DELIVERY["GoodsInfo"] | {"ActualPrice": price}

    with pytest.raises(WireRefused, match="malformed"):
        from_json(**(DELIVERY | {"GoodsInfo": goods}))


def test_what_we_do_not_know_keeps_its_name_and_its_fields() -> None:
    message = from_json(MsgType="event", Event="channels_ec_order_Pay", order_info={"id": 1})
    kind = from_json(MsgType="hologram", MsgId=1)
    third_party = parse_plaintext(
        "<xml><InfoType>notify_third</InfoType><CreateTime>1</CreateTime></xml>", "xml", "oa"
    )

    assert isinstance(message, messages.Unknown)
    assert message.name == "channels_ec_order_Pay"
    assert message.fields["order_info"] == {"id": 1}
    assert isinstance(kind, messages.Unknown)
    assert kind.name == "hologram"
    assert isinstance(third_party, messages.Unknown)
    assert third_party.name == "notify_third"


def test_only_xpay_pushes_may_be_old() -> None:
    assert messages.is_exempt_from_freshness(from_json(**DELIVERY))
    assert messages.is_exempt_from_freshness(from_json(MsgType="event", Event="xpay_new_kind"))
    assert not messages.is_exempt_from_freshness(event("CLICK"))
    assert not messages.is_exempt_from_freshness(from_json(MsgType="text", Event="xpay_x"))


@pytest.mark.parametrize(
    "plaintext",
    [
        "",
        "null",
        "[]",
        "1",
        '"x"',
        "{",
        '{"a":NaN}',
        '{"MsgType":"text","MsgType":"event"}',
        '{"MsgType":["text"]}',
        '{"MsgType":"text","CreateTime":"soon"}',
        '{"MsgType":"text","CreateTime":-1}',
        '{"MsgType":"text","CreateTime":99999999999999999999999}',
        '{"MsgType":"text","CreateTime":253402300800}',
        '{"MsgType":"text","Content":{"a":1}}',
        '{"FromUserName":true}',
        "[" * 100_000,
        '{"MsgType":"new","a":' + "[" * 40 + "]" * 40 + "}",
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "1" * 10_000,
    ],
)
def test_json_of_another_shape_is_refused(plaintext: str) -> None:
    with pytest.raises(WireRefused, match="malformed"):
        parse_plaintext(plaintext, "json", "mini")


@pytest.mark.parametrize(
    "plaintext",
    [
        "",
        "x",
        "<xml/>",
        "<xml>",
        "<xml>text</xml>",
        "<xml><a>&b;</a></xml>",
        "<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>",
        "<xml><!-- --><MsgType>text</MsgType></xml>",
        "<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>",
        "<xml><MsgType><a>text</a></MsgType></xml>",
        "<a>" * 50 + "</a>" * 50,
    ],
)
def test_xml_of_another_shape_is_refused(plaintext: str) -> None:
    with pytest.raises(WireRefused, match="malformed"):
        parse_plaintext(plaintext, "xml", "oa")


def test_a_person_may_write_about_document_types() -> None:
    words = '<!DOCTYPE x [<!ENTITY a "b">]> <?php ?>'
    inner = f"<MsgType>text</MsgType><Content>{cdata(words)}</Content><MsgId>1</MsgId>"

    message = from_xml(inner)

    assert isinstance(message, messages.TextMessage)
    assert message.text == words


def test_half_an_emoji_and_a_nul_become_something_that_can_be_stored() -> None:
    plaintext = '{"MsgType":"text","MsgId":1,"Content":"a\\ud83d\\u0000b"}'

    message = parse_plaintext(plaintext, "json", "mini")

    assert isinstance(message, messages.TextMessage)
    assert message.text == "a\ufffd\ufffdb"


def outcome(plaintext: str, body_format: Any) -> str:
    """The source key, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return messages.source_key(parse_plaintext(plaintext, body_format, "mini"))
    except WireRefused as refusal:
        return refusal.code


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from([
    "ToUserName", "FromUserName", "CreateTime", "MsgId", "Content", "EventKey", "List",
    "GoodsInfo", "WeChatPayInfo", "PublishEventInfo", "SendPicsInfo", "ScanCodeInfo", "result",
    "Scale", "Location_X", "ArticleUrlResult", "MemChangeList", "RefundFee", "Env",
])  # fmt: skip
KINDS = st.sampled_from(["event", "text", "image", "location", "file", "voice"])


@settings(max_examples=400, deadline=None)
@given(
    kind=KINDS,
    name=st.sampled_from(sorted(EVENT_BUILDERS)) | st.text(max_size=70),
    fields=st.dictionaries(NAMES, VALUES, max_size=6),
)
def test_no_signed_push_raises_anything_but_a_refusal(
    kind: str, name: str, fields: dict[str, Any]
) -> None:
    plaintext = json.dumps({"MsgType": kind, "Event": name} | fields)
    first, again = outcome(plaintext, "json"), outcome(plaintext, "json")

    assert first == again
    assert first == "malformed" or ":" in first


@settings(max_examples=300, deadline=None)
@given(plaintext=st.text(max_size=200), body_format=st.sampled_from(["xml", "json"]))
def test_no_text_raises_anything_but_a_refusal(plaintext: str, body_format: Any) -> None:
    assert outcome(plaintext, body_format) == "malformed" or "MsgType" not in plaintext


# --- source keys ------------------------------------------------------------------------------


def test_a_message_is_known_by_its_sender_and_number_alone() -> None:
    first = from_json(MsgType="text", Content="hi", MsgId=7)
    again = from_json(MsgType="text", Content="hi", MsgId="7", CreateTime=1_800_000_001)
    other = from_json(MsgType="text", Content="hi", MsgId=8)

    assert messages.source_key(first) == messages.source_key(again)
    assert messages.source_key(first) != messages.source_key(other)


def test_two_payments_of_one_number_are_two_deliveries() -> None:
    def delivered(transaction_id: str, retry: int) -> str:
        goods = {"ProductId": "p", "Quantity": 1, "OrigPrice": 9, "ActualPrice": 9, "Attach": "a"}
        paid = {"MchOrderNo": "m", "TransactionId": transaction_id, "PaidTime": 1_800_000_000}
        push = from_json(
            MsgType="event",
            Event="xpay_goods_deliver_notify",
            OpenId="o",
            OutTradeNo="n",
            Env=0,
            RetryTimes=retry,
            WeChatPayInfo=paid,
            GoodsInfo=goods,
        )
        return messages.source_key(push)

    assert delivered("1", 0) == delivered("1", 1)
    assert delivered("1", 0) != delivered("2", 0)


def test_the_borders_inside_a_key_cannot_be_moved() -> None:
    one = from_json(MsgType="text", FromUserName="o:1", MsgId="2")
    other = from_json(MsgType="text", FromUserName="o", MsgId="1:2")

    assert messages.source_key(one) != messages.source_key(other)


def test_the_number_of_a_job_is_not_the_number_of_a_message() -> None:
    finished = event("TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>success</Status>")
    person = from_json(MsgType="text", Content="hi", MsgId=7)

    assert finished.msg_id is None
    assert messages.source_key(finished) != messages.source_key(person)


def test_two_events_of_one_second_are_two() -> None:
    keys = {
        messages.source_key(message)
        for message in (
            event("subscribe", "<EventKey>qrscene_1</EventKey>"),
            event("subscribe", "<EventKey>qrscene_2</EventKey>"),
            event("SCAN", "<EventKey>1</EventKey>"),
            event("CLICK", "<EventKey>a:b</EventKey>"),
            event("CLICK", "<EventKey>a</EventKey>"),
            event("VIEW", "<EventKey>a</EventKey>"),
            event("LOCATION", "<Latitude>1</Latitude>"),
            event("LOCATION", "<Latitude>2</Latitude>"),
            event("new_event", "<x>1</x>"),
            event("new_event", "<x>2</x>"),
            event("unsubscribe"),
        )
    }

    assert len(keys) == 11


def test_a_counted_retry_of_a_push_is_the_same_push() -> None:
    refund: dict[str, Any] = {
        "MsgType": "event",
        "Event": "xpay_refund_notify",
        "WxRefundId": "w",
        "RefundFee": 1,
        "RetCode": 0,
    }
    first = from_json(**refund, RetryTimes=0)
    third = from_json(**refund, RetryTimes=2, CreateTime=1_800_000_099)
    unknown = from_json(MsgType="event", Event="xpay_later", RetryTimes=0, a=1)
    unknown_again = from_json(MsgType="event", Event="xpay_later", RetryTimes=1, a=1)

    assert messages.source_key(first) == messages.source_key(third)
    assert messages.source_key(unknown) == messages.source_key(unknown_again)


def test_a_delivery_is_known_by_its_order_and_environment() -> None:
    live = messages.source_key(from_json(**DELIVERY))
    late = messages.source_key(from_json(**DELIVERY, CreateTime=1_800_009_999))
    sandbox = messages.source_key(from_json(**(DELIVERY | {"Env": 1})))

    assert live == late
    assert live != sandbox


def test_a_key_stays_short_however_long_its_parts() -> None:
    long = event("VIEW", f"<EventKey>{'u' * 1024}</EventKey>")
    longer = event("VIEW", f"<EventKey>{'u' * 1025}</EventKey>")

    assert len(messages.source_key(long)) <= 160
    assert messages.source_key(long) != messages.source_key(longer)

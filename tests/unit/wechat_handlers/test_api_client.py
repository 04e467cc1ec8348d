"""Calls to api.weixin.qq.com, against a server of our own on the loopback."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from creator_tools.kernel import failpoints
from creator_tools.kernel.clock import ManualClock
from tests.unit.wechat_handlers.shared_store import ACCOUNT, SharedStore
from wechat_handlers.wire import outbound_call
from wechat_handlers.wire.access_token import ACCESS_TOKEN, AccessTokens, JsapiTickets
from wechat_handlers.wire.api_client import (
    AccountCredentials,
    OAuthIdentity,
    WeChatApi,
    oauth_authorize_url,
    sign_jssdk,
    stable_token_fetcher,
)
from wechat_handlers.wire.api_transport import ApiTransport, build_session
from wechat_handlers.wire.error_sentences import (
    API_VERDICTS,
    CLIENT_SENTENCES,
    PAY_VERDICTS,
    XPAY_VERDICTS,
    api_refusal,
)
from wechat_handlers.wire.errors import NetworkFailed, SnapshotUser, WeChatApiRefused
from wechat_handlers.wire.outbound_call import OutboundCalls
from wechat_handlers.wire.xpay_client import GoodsItem, XpayApi
from wechat_handlers.wire.xpay_sign import pay_sig

SECRET = "s3cr3tOfTheAccount"
CREDENTIALS = AccountCredentials("wx0123456789abcdef", SECRET)


class Platform:
    """WeChat's stable_token, and what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.token_count = 0
        self.clock = ManualClock(datetime(2027, 1, 15, tzinfo=UTC))
        self.store = SharedStore(self.clock)
        self.reached: list[str] = []
        calls = OutboundCalls(in_unit_of_work=lambda: False, hook=self.reached.append)
        base = server.url_for("").rstrip("/")
        self.transport = ApiTransport(session=build_session(base), calls=calls)
        self.tokens = AccessTokens(
            store=self.store,
            fetch=stable_token_fetcher(self.transport, lambda _account_id: CREDENTIALS),
            clock=self.clock,
            wait=lambda _seconds: None,
        )
        self.api = WeChatApi(
            transport=self.transport,
            tokens=self.tokens,
            credentials=lambda _account_id: CREDENTIALS,
        )
        server.expect_request("/cgi-bin/stable_token", "POST").respond_with_handler(self._token)

    def _token(self, _request: Request) -> Response:
        self.token_count += 1
        body = {"access_token": f"token{self.token_count}", "expires_in": 7200}
        return Response(json.dumps(body))

    def answers(self, path: str, *bodies: Any, content_type: str = "text/plain") -> list[Request]:
        """Answer `path` with each body in turn, the last one for ever; gathers the requests."""
        seen: list[Request] = []

        def answer(request: Request) -> Response:
            body = bodies[min(len(seen), len(bodies) - 1)]
            seen.append(request)
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            return Response(raw, content_type=content_type)

        self.server.expect_request(path).respond_with_handler(answer)
        return seen


@pytest.fixture
def platform(httpserver: HTTPServer) -> Platform:
    return Platform(httpserver)


OK = {"errcode": 0, "errmsg": "ok"}


def refused(errcode: int) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": "said something rid: 5f0"}


def test_the_token_is_fetched_by_post_with_the_secret_in_no_address(platform: Platform) -> None:
    seen = platform.answers("/cgi-bin/menu/create", OK)

    platform.api.create_menu(ACCOUNT, {"button": [{"type": "click", "name": "看&买", "key": "B"}]})

    assert seen[0].args["access_token"] == "token1"
    assert seen[0].get_data() == (
        '{"button": [{"type": "click", "name": "看&买", "key": "B"}]}'.encode()
    )
    token_request = platform.server.log[0][0]
    assert json.loads(token_request.get_data()) == {
        "grant_type": "client_credential",
        "appid": CREDENTIALS.appid,
        "secret": SECRET,
    }
    assert all(SECRET not in request.url for request, _ in platform.server.log)
    assert platform.reached == [
        "api.stable_token.before",
        "api.stable_token.after",
        "api.menu.before",
        "api.menu.after",
    ]


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_is_exchanged_once_and_the_call_repeated_once(
    platform: Platform, errcode: int
) -> None:
    seen = platform.answers("/cgi-bin/message/custom/send", refused(errcode), OK)

    platform.api.send_customer_text(ACCOUNT, "o-fan", "你好")

    assert [request.args["access_token"] for request in seen] == ["token1", "token2"]
    assert json.loads(seen[1].get_data()) == {
        "touser": "o-fan",
        "msgtype": "text",
        "text": {"content": "你好"},
    }


def test_a_lasting_40001_costs_two_calls_and_two_tokens_and_ends(platform: Platform) -> None:
    seen = platform.answers("/cgi-bin/message/custom/send", refused(40001))

    with pytest.raises(WeChatApiRefused) as caught:
        platform.api.send_customer_text(ACCOUNT, "o-fan", "hi")

    assert caught.value.errcode == 40001
    assert (len(seen), platform.token_count) == (2, 2)


def test_a_token_that_another_process_renewed_is_taken_from_the_store(platform: Platform) -> None:
    def answer(request: Request) -> Response:
        if request.args["access_token"] == "from-another":
            return Response(json.dumps({"menu": {"button": []}}))
        platform.store.write(
            ACCOUNT,
            ACCESS_TOKEN,
            value="from-another",
            expires_at=datetime(2027, 1, 15, 2, tzinfo=UTC),
        )
        return Response(json.dumps(refused(42001)))

    platform.server.expect_request("/cgi-bin/menu/get").respond_with_handler(answer)
    platform.tokens.get(ACCOUNT)

    assert platform.api.get_menu(ACCOUNT) == {"menu": {"button": []}}
    assert platform.token_count == 1


def test_no_menu_is_none_and_no_error(platform: Platform) -> None:
    platform.answers("/cgi-bin/menu/get", refused(46003))

    assert platform.api.get_menu(ACCOUNT) is None


def test_a_long_message_is_cut_by_meaning(platform: Platform) -> None:
    seen = platform.answers("/cgi-bin/message/custom/send", OK)

    platform.api.send_customer_text(ACCOUNT, "o-fan", "一句话。" * 400)

    content = json.loads(seen[0].get_data())["text"]["content"]
    assert len(content.encode()) <= 2048
    assert "一句话。\n……" in content


def test_cards_menus_pictures_and_mini_programs_have_wechats_shape(platform: Platform) -> None:
    seen = platform.answers("/cgi-bin/message/custom/send", OK)
    card = {"title": "t", "appid": "a", "pagepath": "p", "thumb_media_id": "m"}

    platform.api.send_customer_news(
        ACCOUNT, "o", title="t", description="d", url="u", picture_url="p"
    )
    platform.api.send_customer_menu(ACCOUNT, "o", head="?", choices=[("1", "好")], tail=".")
    platform.api.send_customer_image(ACCOUNT, "o", "m")
    platform.api.send_customer_mini_program(ACCOUNT, "o", card)

    sent = [json.loads(request.get_data()) for request in seen]
    assert sent == [
        {
            "touser": "o",
            "msgtype": "news",
            "news": {"articles": [{"title": "t", "description": "d", "url": "u", "picurl": "p"}]},
        },
        {
            "touser": "o",
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "?",
                "list": [{"id": "1", "content": "好"}],
                "tail_content": ".",
            },
        },
        {"touser": "o", "msgtype": "image", "image": {"media_id": "m"}},
        {"touser": "o", "msgtype": "miniprogrampage", "miniprogrampage": card},
    ]


def test_a_mini_program_login_has_no_errcode_and_hides_its_key(platform: Platform) -> None:
    seen = platform.answers(
        "/sns/jscode2session", {"openid": "o-1", "session_key": "k==", "unionid": "u-1"}
    )

    person = platform.api.jscode2session(ACCOUNT, "c0de")

    assert (person.openid, person.session_key, person.unionid) == ("o-1", "k==", "u-1")
    assert seen[0].args["js_code"] == "c0de"
    assert "k==" not in repr(person)
    assert platform.token_count == 0


def test_a_used_code_says_what_to_do(platform: Platform) -> None:
    platform.answers("/sns/jscode2session", refused(40163))

    with pytest.raises(WeChatApiRefused) as caught:
        platform.api.jscode2session(ACCOUNT, "c0de")

    assert caught.value.errcode == 40163
    assert "重新" in caught.value.sentence
    assert "rid" not in str(caught.value)


def test_a_snapshot_is_nobody(platform: Platform) -> None:
    answer = {"openid": "virtual", "access_token": "a", "scope": "snsapi_userinfo"}
    strange = {**answer, "is_snapshotuser": []}
    platform.answers("/sns/oauth2/access_token", {**answer, "is_snapshotuser": 1}, strange)

    with pytest.raises(SnapshotUser):
        platform.api.exchange_oauth_code(ACCOUNT, "c")
    assert platform.api.exchange_oauth_code(ACCOUNT, "c").openid == "virtual"


def test_a_profile_is_read_as_utf8_whatever_the_header_says(platform: Platform) -> None:
    raw = '{"openid":"o","nickname":"小\n明😀","headimgurl":"https://x/0","privilege":[]}'.encode()
    platform.answers("/sns/userinfo", raw, content_type="text/plain; charset=latin-1")
    identity = OAuthIdentity(openid="o", unionid=None, scope="snsapi_userinfo", access_token="a")

    profile = platform.api.userinfo(identity)

    assert profile.nickname == "小\n明😀"
    assert profile.unionid is None


def test_a_follower_has_no_name(platform: Platform) -> None:
    platform.answers("/cgi-bin/user/info", {"subscribe": 0, "openid": "o", "unionid": "u"})

    follower = platform.api.user_info(ACCOUNT, "o")

    assert (follower.is_following, follower.unionid) == (False, "u")


def test_media_are_bytes_and_an_error_inside_them_is_seen(platform: Platform) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    seen = platform.answers(
        "/cgi-bin/media/get", refused(40001), picture, content_type="image/jpeg"
    )

    media = platform.api.download_media(ACCOUNT, "m")

    assert media.content == picture
    assert [request.args["access_token"] for request in seen] == ["token1", "token2"]


def test_the_address_of_a_video_is_not_followed(platform: Platform) -> None:
    platform.answers("/cgi-bin/media/get", {"video_url": "http://169.254.169.254/"})

    with pytest.raises(WeChatApiRefused) as caught:
        platform.api.download_media(ACCOUNT, "m")

    assert caught.value.errcode == 40007
    assert len(platform.server.log) == 2


def test_media_have_a_limit(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wechat_handlers.wire.api_client.MEDIA_BYTES_MAX", 1000)
    platform.answers("/cgi-bin/media/get", b"x" * 1001, content_type="image/jpeg")

    with pytest.raises(WeChatApiRefused):
        platform.api.download_media(ACCOUNT, "m")


def test_a_text_is_judged(platform: Platform) -> None:
    seen = platform.answers(
        "/wxa/msg_sec_check",
        {**OK, "trace_id": "t", "result": {"suggest": "review", "label": 20001}, "detail": []},
    )

    verdict = platform.api.msg_sec_check(ACCOUNT, openid="o", content="字" * 3000, title="题")

    assert (verdict.suggestion, verdict.label, verdict.trace_id) == ("review", 20001, "t")
    sent = json.loads(seen[0].get_data())
    assert (sent["version"], sent["scene"], len(sent["content"])) == (2, 2, 2500)


def test_a_ticket_is_shared_like_a_token(platform: Platform) -> None:
    seen = platform.answers(
        "/cgi-bin/ticket/getticket", {**OK, "ticket": "bxLdikRXVbTPdHSM05e5u", "expires_in": 7200}
    )
    tickets = JsapiTickets(
        store=platform.store, fetch=platform.api.fetch_jsapi_ticket, clock=platform.clock
    )

    assert {tickets.get(ACCOUNT) for _ in range(3)} == {"bxLdikRXVbTPdHSM05e5u"}
    assert len(seen) == 1
    assert seen[0].args["type"] == "jsapi"


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"1", b"{", b'{"errcode":"x"}', b"\xff"]
)
def test_an_answer_that_makes_no_sense_is_typed(platform: Platform, content: bytes) -> None:
    platform.answers("/cgi-bin/message/custom/send", content)

    with pytest.raises(WeChatApiRefused) as caught:
        platform.api.send_customer_text(ACCOUNT, "o", "hi")

    assert caught.value.outcome == "unknown"


def test_an_http_failure_leaves_the_outcome_unknown(
    platform: Platform, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/cgi-bin/message/custom/send").respond_with_data("x", status=502)

    with pytest.raises(WeChatApiRefused) as caught:
        platform.api.send_customer_text(ACCOUNT, "o", "hi")

    assert (caught.value.errcode, caught.value.outcome) == (None, "unknown")


def test_a_lost_connection_hides_the_address_and_its_secret() -> None:
    calls = OutboundCalls(in_unit_of_work=lambda: False)
    transport = ApiTransport(session=build_session("http://127.0.0.1:1"), calls=calls)

    with pytest.raises(WeChatApiRefused) as caught:
        transport.ask("api.login", "GET", "/sns/jscode2session", params={"secret": SECRET})

    error: BaseException | None = caught.value
    assert caught.value.outcome == "not_done"
    while error is not None:
        assert SECRET not in repr(error)
        error = error.__cause__ or error.__context__


def test_only_listed_calls_may_leave_and_each_listed_one_has_a_fail_point() -> None:
    calls = OutboundCalls(in_unit_of_work=lambda: False)

    with pytest.raises(ValueError, match="not a listed"):
        calls.call("api.new", lambda: None)
    assert set(failpoints.CALLS) >= outbound_call.CALLS


def test_a_broken_wire_is_a_network_failure_of_unknown_outcome() -> None:
    calls = OutboundCalls(in_unit_of_work=lambda: False)

    def cut() -> None:
        raise ConnectionResetError

    with pytest.raises(NetworkFailed) as caught:
        calls.call("api.menu", cut)
    assert caught.value.outcome == "unknown"


# --- virtual payment --------------------------------------------------------------------------

GOODS = GoodsItem(product_id="tier_990", name="9.9 元", price_fen=990, remark="r", picture_url="u")
XPAY_CALLS: dict[str, Callable[[XpayApi], Any]] = {
    "/xpay/query_order": lambda xpay: xpay.query_order(
        ACCOUNT, env=1, openid="o", out_trade_no="T1234567"
    ),
    "/xpay/notify_provide_goods": lambda xpay: xpay.notify_provide_goods(
        ACCOUNT, env=1, out_trade_no="T1234567"
    ),
    "/xpay/start_upload_goods": lambda xpay: xpay.start_upload_goods(ACCOUNT, env=1, item=GOODS),
    "/xpay/query_upload_goods": lambda xpay: xpay.query_upload_goods(ACCOUNT, env=1),
    "/xpay/start_publish_goods": lambda xpay: xpay.start_publish_goods(
        ACCOUNT, env=1, product_ids=["tier_990"]
    ),
    "/xpay/query_publish_goods": lambda xpay: xpay.query_publish_goods(ACCOUNT, env=1),
    "/xpay/refund_order": lambda xpay: xpay.refund_order(
        ACCOUNT,
        env=1,
        openid="o",
        out_trade_no="T1234567",
        refund_no="R1234567",
        left_fen=990,
        refund_fen=990,
    ),
}


@pytest.mark.parametrize("path", sorted(XPAY_CALLS))
def test_each_xpay_call_is_signed_over_the_bytes_it_sends(platform: Platform, path: str) -> None:
    seen = platform.answers(path, {**OK, "order": {"order_id": "T1234567", "status": 2}})
    xpay = XpayApi(api=platform.api, app_key=lambda _account_id, env: f"key{env}")

    XPAY_CALLS[path](xpay)

    body = seen[0].get_data().decode()
    assert seen[0].args["pay_sig"] == pay_sig("key1", path, body)
    assert json.loads(body)["env"] == 1


def test_an_order_that_is_not_the_one_asked_for_is_refused(platform: Platform) -> None:
    platform.answers("/xpay/query_order", {**OK, "order": {"order_id": "T7654321"}})
    xpay = XpayApi(api=platform.api, app_key=lambda _account_id, _env: "k")

    with pytest.raises(WeChatApiRefused):
        XPAY_CALLS["/xpay/query_order"](xpay)


def test_a_repeated_delivery_notice_may_have_been_done_before(platform: Platform) -> None:
    platform.answers("/xpay/notify_provide_goods", refused(268490004))
    xpay = XpayApi(api=platform.api, app_key=lambda _account_id, _env: "k")

    with pytest.raises(WeChatApiRefused) as caught:
        XPAY_CALLS["/xpay/notify_provide_goods"](xpay)

    assert (caught.value.errcode, caught.value.outcome) == (268490004, "unknown")


# --- pages and sentences ----------------------------------------------------------------------


def test_the_official_page_signature_is_met_and_the_fragment_left_out() -> None:
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    signature = sign_jssdk(
        ticket=ticket,
        noncestr="Wm3WZYTPz0wzccnW",
        timestamp=1414587457,
        url="http://mp.weixin.qq.com?params=value#fragment",
    )

    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_the_sign_in_address_has_wechats_order_and_fragment() -> None:
    address = oauth_authorize_url(
        "https://open.weixin.qq.com/",
        appid="wx1",
        redirect_uri="https://a.test/h5/cb?x=1&y=二",
        scope="snsapi_base",
        state="abc123",
    )

    assert address == (
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1"
        "&redirect_uri=https%3A%2F%2Fa.test%2Fh5%2Fcb%3Fx%3D1%26y%3D%E4%BA%8C"
        "&response_type=code&scope=snsapi_base&state=abc123#wechat_redirect"
    )
    with pytest.raises(ValueError, match="scope"):
        oauth_authorize_url("x", appid="", redirect_uri="", scope="snsapi_login", state="")


NAMED = """-1 40001 40002 40003 40004 40005 40006 40007 40009 40013 40014 40029 40030 40033 40035
40037 40050 40051 40053 40097 40125 40129 40163 40164 40226 41001 41002 41003 41004 41005 41006
41007 41008 41009 41030 42001 42007 43001 43002 43003 43004 43019 43101 44001 44002 44003 44004
45001 45002 45003 45004 45005 45008 45009 45011 45015 45028 45047 45065 45066 45067 45072 45080
45081 46003 46004 47001 47003 48001 48002 48004 48005 48006 48008 50001 50002 53500 53501 53502
53503 53504 53505 53600 61003 61004 61007 61010 65301 65320 76003 76021 76022 87009 87014 89501
89503 89506 89507"""
PAY_CODES = """PARAM_ERROR INVALID_REQUEST APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS ORDER_CLOSED
ORDER_PAID ALREADY_EXISTS SIGN_ERROR NO_AUTH NOT_ENOUGH ACCOUNT_ERROR RULE_LIMIT TRADE_ERROR
OUT_TRADE_NO_USED REQUEST_BLOCKED ORDER_NOT_EXIST RESOURCE_NOT_EXISTS NOT_FOUND FREQUENCY_LIMITED
RATELIMIT_EXCEEDED SYSTEM_ERROR BANK_ERROR OPENID_MISMATCH SYSTEMERROR ORDERNOTEXIST RULELIMIT"""


def test_every_code_worth_a_name_has_a_sentence() -> None:
    assert {int(code) for code in NAMED.split()} <= set(API_VERDICTS)
    assert {code.replace("_", "") for code in PAY_CODES.split()} <= set(PAY_VERDICTS)
    assert set(range(268490001, 268490010)) <= set(XPAY_VERDICTS)
    assert {-15001, -15005, -15006, -15007, -15013, -15016, -15021, -2} <= set(CLIENT_SENTENCES)


def test_every_sentence_is_chinese_and_says_something() -> None:
    verdicts = [*API_VERDICTS.values(), *XPAY_VERDICTS.values(), *PAY_VERDICTS.values()]
    sentences = {verdict.sentence for verdict in verdicts} | set(CLIENT_SENTENCES.values())

    assert all(re.search("[\u4e00-\u9fff]", sentence) for sentence in sentences)
    assert all(sentence.endswith("。") and len(sentence) >= 6 for sentence in sentences)
    assert "99999" in api_refusal("api.menu", 99999).sentence

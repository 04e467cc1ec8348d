"""What we send to WeChat Pay is signed byte for byte; what it answers is believed only signed."""

import base64
import json
import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from creator_tools.kernel.clock import ManualClock
from tests.unit.wechat_handlers import merchant
from tests.unit.wechat_handlers.merchant import NOW, signed_headers
from wechat_handlers.wire.errors import PayApiRefused
from wechat_handlers.wire.outbound_call import CalledInsideUnitOfWork, OutboundCalls
from wechat_handlers.wire.pay_client import PayClient, payable_text

ORDER = "T20270115000001"
CLOCK = ManualClock(datetime.fromtimestamp(NOW, UTC))
PREPAY: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "openid": "o-buyer",
    "out_trade_no": ORDER,
    "description": "做饭😀的第一课",
    "total_fen": 990,
    "notify_url": "https://example.test/wechat-pay/notifications/payment",
    "attach": "work:1",
}


def client_of(base: str, calls: OutboundCalls | None = None) -> PayClient:
    session = requests.Session()
    session.trust_env = False
    return PayClient(
        keys=merchant.pay_keys(),
        api_base=base,
        session=session,
        calls=calls or OutboundCalls(in_unit_of_work=lambda: False),
        clock=CLOCK,
        rng=random.Random(7),
    )


@pytest.fixture
def client(httpserver: HTTPServer) -> PayClient:
    return client_of(httpserver.url_for("").rstrip("/"))


def signed(content: bytes, status: int = 200, **arguments: Any) -> Response:
    response = Response(content, status=status)
    for name, value in signed_headers(content, **arguments):
        response.headers[name] = value
    return response


def test_a_prepay_is_signed_over_exactly_what_is_sent(
    httpserver: HTTPServer, client: PayClient
) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return signed(b'{"prepay_id":"wx201410272009395522657a690389285100"}')

    httpserver.expect_request("/v3/pay/transactions/jsapi", "POST").respond_with_handler(answer)

    assert client.jsapi_prepay(**PREPAY) == "wx201410272009395522657a690389285100"

    sent = seen[0]
    body = sent.get_data()
    fields = dict(re.findall(r'(\w+)="([^"]*)"', sent.headers["Authorization"]))
    message = "\n".join([
        "POST", "/v3/pay/transactions/jsapi", fields["timestamp"], fields["nonce_str"],
        body.decode(), "",
    ])  # fmt: skip
    merchant.rsa_key("merchant").public_key().verify(
        base64.b64decode(fields["signature"]), message.encode(), padding.PKCS1v15(), SHA256()
    )
    assert sent.headers["Authorization"].startswith("WECHATPAY2-SHA256-RSA2048 mchid=")
    assert fields["timestamp"] == str(NOW)
    assert fields["serial_no"] == merchant.pay_keys().serial_no
    assert sent.headers["Wechatpay-Serial"] == merchant.PUBLIC_KEY_ID
    assert sent.headers["User-Agent"]
    assert "做饭的第一课".encode() in body
    assert json.loads(body) == {
        "appid": "wxd678efh567hg6787",
        "mchid": merchant.MCHID,
        "description": "做饭的第一课",
        "out_trade_no": ORDER,
        "notify_url": PREPAY["notify_url"],
        "attach": "work:1",
        "amount": {"total": 990, "currency": "CNY"},
        "payer": {"openid": "o-buyer"},
    }


def test_a_query_signs_its_path_with_its_parameters(
    httpserver: HTTPServer, client: PayClient
) -> None:
    targets: list[str] = []

    def answer(request: Request) -> Response:
        fields = dict(re.findall(r'(\w+)="([^"]*)"', request.headers["Authorization"]))
        target = f"{request.path}?{request.query_string.decode()}"
        targets.append(target)
        message = f"GET\n{target}\n{fields['timestamp']}\n{fields['nonce_str']}\n\n"
        merchant.rsa_key("merchant").public_key().verify(
            base64.b64decode(fields["signature"]), message.encode(), padding.PKCS1v15(), SHA256()
        )
        return signed(json.dumps({**merchant.TRANSACTION, "out_trade_no": ORDER}).encode())

    httpserver.expect_request(re.compile("/v3/.*")).respond_with_handler(answer)

    assert client.query(ORDER)["trade_state"] == "SUCCESS"
    assert targets == [f"/v3/pay/transactions/out-trade-no/{ORDER}?mchid={merchant.MCHID}"]


def test_a_close_is_answered_with_nothing_and_even_that_is_signed(
    httpserver: HTTPServer, client: PayClient
) -> None:
    path = f"/v3/pay/transactions/out-trade-no/{ORDER}/close"
    httpserver.expect_ordered_request(
        path, "POST", json={"mchid": merchant.MCHID}
    ).respond_with_response(signed(b"", status=204))
    httpserver.expect_ordered_request(path, "POST").respond_with_data(b"", status=204)

    client.close(ORDER)
    with pytest.raises(PayApiRefused) as caught:
        client.close(ORDER)

    assert (caught.value.code, caught.value.outcome) == ("unsigned_answer", "unknown")


@pytest.mark.parametrize(
    "response",
    [
        Response(b'{"prepay_id":"wx1"}', 200),
        signed(b'{"prepay_id":"wx1"}', timestamp=str(NOW - 301)),
        signed(b'{"prepay_id":"wx1"}', key="stranger"),
        signed(b"[]"),
        signed(b"\xff"),
    ],
    ids=["unsigned", "stale", "anothers", "no object", "no text"],
)
def test_an_answer_that_nobody_we_trust_signed_leaves_the_outcome_unknown(
    httpserver: HTTPServer, client: PayClient, response: Response
) -> None:
    httpserver.expect_request("/v3/pay/transactions/jsapi").respond_with_response(response)

    with pytest.raises(PayApiRefused) as caught:
        client.jsapi_prepay(**PREPAY)

    assert (caught.value.code, caught.value.outcome) == ("unsigned_answer", "unknown")
    assert "公钥" in caught.value.sentence


def test_a_signed_answer_without_a_prepay_id_is_no_answer(
    httpserver: HTTPServer, client: PayClient
) -> None:
    httpserver.expect_request("/v3/pay/transactions/jsapi").respond_with_response(signed(b"{}"))

    with pytest.raises(PayApiRefused, match="bad_answer"):
        client.jsapi_prepay(**PREPAY)


def test_an_answer_about_another_order_is_not_taken_for_ours(
    httpserver: HTTPServer, client: PayClient
) -> None:
    other = {**merchant.TRANSACTION, "out_trade_no": "T20270115000002"}
    httpserver.expect_request(re.compile("/v3/.*")).respond_with_response(
        signed(json.dumps(other).encode())
    )

    with pytest.raises(PayApiRefused, match="bad_answer"):
        client.query(ORDER)


@pytest.mark.parametrize(
    ("status", "code", "retryable", "outcome"),
    [
        (400, "ORDER_PAID", False, "not_done"),
        (400, "ORDERPAID", False, "not_done"),
        (400, "PARAM_ERROR", False, "not_done"),
        (401, "SIGN_ERROR", False, "not_done"),
        (404, "ORDER_NOT_EXIST", False, "not_done"),
        (429, "FREQUENCY_LIMITED", True, "not_done"),
        (429, "BRAND_NEW", True, "not_done"),
        (500, "SYSTEM_ERROR", True, "unknown"),
        (502, "BRAND_NEW", True, "unknown"),
        (418, "BRAND_NEW", False, "not_done"),
    ],
)
def test_a_refusal_says_what_to_do(
    httpserver: HTTPServer,
    client: PayClient,
    status: int,
    code: str,
    retryable: bool,
    outcome: str,
) -> None:
    httpserver.expect_request(re.compile("/v3/.*")).respond_with_json(
        {"code": code, "message": "订单 o-buyer"}, status=status
    )

    with pytest.raises(PayApiRefused) as caught:
        client.query(ORDER)

    refusal = caught.value
    assert (refusal.code, refusal.http_status) == (code, status)
    assert (refusal.retryable, refusal.outcome) == (retryable, outcome)
    assert re.search("[\u4e00-\u9fff]", refusal.sentence)
    assert "o-buyer" not in str(refusal)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"code":1}', b"\xff\xfe", b"null"])
def test_a_refusal_in_no_known_form_is_still_typed(
    httpserver: HTTPServer, client: PayClient, content: bytes
) -> None:
    httpserver.expect_request(re.compile("/v3/.*")).respond_with_data(content, status=503)

    with pytest.raises(PayApiRefused) as caught:
        client.query(ORDER)

    assert (caught.value.code, caught.value.outcome) == ("bad_answer", "unknown")


def test_nobody_listening_means_surely_not_done() -> None:
    with pytest.raises(PayApiRefused) as caught:
        client_of("http://127.0.0.1:1").close(ORDER)

    assert (caught.value.code, caught.value.outcome) == ("no_answer", "not_done")


def test_a_redirect_is_not_followed(httpserver: HTTPServer, client: PayClient) -> None:
    httpserver.expect_request(re.compile("/v3/.*")).respond_with_data(
        b"", status=302, headers={"Location": httpserver.url_for("/elsewhere")}
    )

    with pytest.raises(PayApiRefused):
        client.query(ORDER)

    assert len(httpserver.log) == 1


def test_an_endless_answer_is_cut_off(httpserver: HTTPServer, client: PayClient) -> None:
    httpserver.expect_request(re.compile("/v3/.*")).respond_with_data(b"x" * (1024 * 1024 + 1))

    with pytest.raises(PayApiRefused, match="no_answer"):
        client.query(ORDER)


def test_no_call_leaves_while_a_transaction_is_open(httpserver: HTTPServer) -> None:
    calls = OutboundCalls(in_unit_of_work=lambda: True)

    with pytest.raises(CalledInsideUnitOfWork):
        client_of(httpserver.url_for(""), calls).query(ORDER)

    assert httpserver.log == []


def test_every_call_passes_its_fail_points(httpserver: HTTPServer) -> None:
    reached: list[str] = []
    calls = OutboundCalls(in_unit_of_work=lambda: False, hook=reached.append)
    client = client_of(httpserver.url_for("").rstrip("/"), calls)
    httpserver.expect_request(re.compile("/v3/.*/close")).respond_with_response(
        signed(b"", status=204)
    )

    client.close(ORDER)

    assert reached == ["pay.close.before", "pay.close.after"]


@pytest.mark.parametrize(
    "number", ["", "short", "x" * 33, "T2027/../../close", "T2027 0115", "单号单号单号"]
)
def test_a_number_that_is_none_never_leaves(httpserver: HTTPServer, number: str) -> None:
    client = client_of(httpserver.url_for(""))

    with pytest.raises(ValueError, match="out_trade_no"):
        client.query(number)
    with pytest.raises(ValueError, match="out_trade_no"):
        client.close(number)
    assert httpserver.log == []


@pytest.mark.parametrize("total", [0, -1, True])
def test_an_amount_that_is_none_never_leaves(httpserver: HTTPServer, total: int) -> None:
    with pytest.raises(ValueError, match="total_fen"):
        client_of(httpserver.url_for("")).jsapi_prepay(**(PREPAY | {"total_fen": total}))

    assert httpserver.log == []


def test_the_pay_sheet_is_signed_line_by_line(client: PayClient) -> None:
    parameters = client.jsapi_pay_parameters(
        appid="wx2421b1c4370ec43b",
        prepay_id="wx201410272009395522657a690389285100",
        timestamp=1554208460,
        nonce="593BEC0C930BF1AFEB40B4A08C8FB242",
    )

    message = (
        "wx2421b1c4370ec43b\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n"
        "prepay_id=wx201410272009395522657a690389285100\n"
    )
    merchant.rsa_key("merchant").public_key().verify(
        base64.b64decode(parameters.pop("paySign")),
        message.encode(),
        padding.PKCS1v15(),
        SHA256(),
    )
    assert parameters == {
        "appId": "wx2421b1c4370ec43b",
        "timeStamp": "1554208460",
        "nonceStr": "593BEC0C930BF1AFEB40B4A08C8FB242",
        "package": "prepay_id=wx201410272009395522657a690389285100",
        "signType": "RSA",
    }


@pytest.mark.parametrize(
    ("text", "payable"),
    [
        ("做饭😀的课", "做饭的课"),
        ("👨\u200d👩\u200d👧", ""),
        ("a\x00b\nc", "a b c"),
        ("课" * 200, "课" * 127),
        ("\ud83d课", "课"),
        ("❤️", "❤"),
    ],
)
def test_what_wechat_pay_cannot_hold_is_left_out(text: str, payable: str) -> None:
    assert payable_text(text, 127) == payable


def test_a_title_of_emoji_alone_still_says_something(
    httpserver: HTTPServer, client: PayClient
) -> None:
    httpserver.expect_request("/v3/pay/transactions/jsapi").respond_with_response(
        signed(b'{"prepay_id":"wx1"}')
    )

    client.jsapi_prepay(**(PREPAY | {"description": "😀😀"}))

    assert json.loads(httpserver.log[0][0].get_data())["description"] == "作品"

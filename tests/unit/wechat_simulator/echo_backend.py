"""A backend that a stranger might have written with a public SDK: it checks, opens and answers."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from wechat_simulator.entities import Account
from wechat_simulator.xmlform import read_xml


class EchoBackend:
    """Answers every text with its own words; `answers` may replace the answer of each call."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.seen: list[dict[str, Any]] = []
        self.plain: list[str] = []
        self.answers: list[Callable[[dict[str, Any]], tuple[str, bytes]]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        query = {name: one[0] for name, one in parse_qs(environ["QUERY_STRING"]).items()}
        status, body = self.answer(environ, query)
        start(status, [("Content-Type", "text/xml")])
        return [body]

    def answer(self, environ: dict[str, Any], query: dict[str, str]) -> tuple[str, bytes]:
        account = self.account
        check_signature(account.token, query["signature"], query["timestamp"], query["nonce"])
        if environ["REQUEST_METHOD"] == "GET":
            return "200 OK", query["echostr"].encode()
        crypto = WeChatCrypto(account.token, account.aes_key, account.appid)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        try:
            opened = crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"]
            )
        except InvalidSignatureException:
            return "403 Forbidden", b""
        self.plain.append(opened)
        fields = read_xml(opened.encode())
        self.seen.append(fields)
        if self.answers:
            return self.answers.pop(0)(fields)
        if fields["MsgType"] != "text":
            return "200 OK", b"success"
        return "200 OK", self.sealed(fields, fields["Content"])

    def sealed(self, fields: dict[str, Any], text: str, **other: str) -> bytes:
        """A text reply, encrypted as the SDK encrypts it."""
        reply = TextReply(
            source=other.get("source", fields["ToUserName"]),
            target=other.get("target", fields["FromUserName"]),
            content=text,
        )
        account = self.account
        crypto = WeChatCrypto(other.get("token", account.token), account.aes_key, account.appid)
        sealed: str = crypto.encrypt_message(reply.render(), "nonce1", "1764000000")
        return sealed.encode()

"""A message sealed by a foreign client is read by our wire, and our sealed reply by the client."""

from typing import Any

from tests.foreign.workshop import Drive, Told, Workshop
from wechat_handlers.wire import strict_xml
from wechat_handlers.wire.envelope import MessageKeys, OpenedMessage, open_message, seal_reply
from wechat_handlers.wire.message_crypto import sign

NOW = 1_764_000_000
APPID = "wx0123456789abcdef"
# 43 characters of base64; the last one's two low bits are not zero, as with half of all real keys.
KEYS = MessageKeys(
    token="AAAAA", aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFH", recipient=APPID
)
MESSAGE = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser]]></FromUserName>"
    f"<CreateTime>{NOW}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[咖啡 & <b> 😀]]></Content><MsgId>9007199254740993</MsgId></xml>"
)
REPLY = (
    "<xml><ToUserName><![CDATA[oUser]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName>"
    f"<CreateTime>{NOW}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[收到 & <i> 😀]]></Content></xml>"
)


def exchange(workshop: Workshop, drive: Drive) -> list[Told]:
    """Ask every client of a driver; what each could do, as lines of the table.

    Raises:
        AssertionError: a side did not read what the other had written.
        WireRefused: our wire did not take the client's envelope.
    """
    return [_checked(told) for told in workshop.ask(drive, question())]


def question() -> dict[str, str]:
    """What a client needs to seal a message for us and to open our reply."""
    opened = OpenedMessage(
        plaintext=MESSAGE, format="xml", key_used="current", timestamp=NOW, nonce="n1"
    )
    sealed = seal_reply(
        KEYS, opened, REPLY, timestamp=NOW + 1, nonce="n2", random16=bytes(range(16))
    ).decode()
    return {
        "token": KEYS.token,
        "aes_key": KEYS.aes_key,
        "appid": APPID,
        "message": MESSAGE,
        "timestamp": str(NOW),
        "nonce": "n1",
        "reply": sealed,
        "reply_signature": str(strict_xml.parse(sealed)["MsgSignature"]),
        "reply_timestamp": str(NOW + 1),
        "reply_nonce": "n2",
    }


def _checked(told: Told) -> Told:
    body: Any = told["body"]
    envelope = strict_xml.parse(body)
    query = {
        "signature": [sign(KEYS.token, str(NOW), "n1")],
        "timestamp": [str(envelope["TimeStamp"])],
        "nonce": [str(envelope["Nonce"])],
        "openid": ["oUser"],
        "encrypt_type": ["aes"],
        "msg_signature": [str(envelope["MsgSignature"])],
    }
    opened = open_message(KEYS, query, body.encode(), now_epoch_s=NOW, freshness_s=300)
    if opened.plaintext != MESSAGE:
        raise AssertionError(f"{told['client']}: our wire read something else")
    if told["opened"] != REPLY:
        raise AssertionError(f"{told['client']}: it read something else than our reply")
    calls = [
        {"call": "seals a message, our wire opens it", "result": "ok"},
        {"call": "opens the reply that our wire sealed", "result": "ok"},
    ]
    return {"client": told["client"], "version": told["version"], "calls": calls}

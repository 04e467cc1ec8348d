"""What the chat is compared with: an echo in Flask, as wechatpy's documentation writes one.

Served by gunicorn gthread with four threads. It checks and opens each message, answers with its
words, and keeps nothing. Keys come from the environment: TOKEN, AES_KEY, APPID.
"""

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

from config.settings import process_environment

_environment = process_environment()
TOKEN, AES_KEY, APPID = (_environment.get(name, "") for name in ("TOKEN", "AES_KEY", "APPID"))
app = Flask(__name__)


@app.post("/wechat/official-account")
def echo() -> str:
    """Answer a text with itself."""
    asked = request.args
    timestamp, nonce = asked.get("timestamp", ""), asked.get("nonce", "")
    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
    try:
        check_signature(TOKEN, asked.get("signature", ""), timestamp, nonce)
        opened = crypto.decrypt_message(
            request.data, asked.get("msg_signature", ""), timestamp, nonce
        )
    except (InvalidSignatureException, InvalidAppIdException):
        abort(403)
    message = parse_message(opened)
    words = message.content if message.type == "text" else "ok"
    return str(crypto.encrypt_message(create_reply(words, message).render(), nonce, timestamp))

"""Foreign message crypto against ours: seals a message, opens a reply.

`python envelopes.py <distribution>`; asked and told in JSON by standard input and output.
"""

import json
import sys
from importlib import metadata
from typing import Any


def with_wechatpy(told: dict[str, str]) -> tuple[str, str]:
    """wechatpy's, and odoo-wechatpy's, which has the same name."""
    from wechatpy.crypto import WeChatCrypto  # noqa: PLC0415  one environment has it

    crypto = WeChatCrypto(told["token"], told["aes_key"], told["appid"])
    body = crypto.encrypt_message(told["message"], told["nonce"], told["timestamp"])
    opened = crypto.decrypt_message(
        told["reply"], told["reply_signature"], told["reply_timestamp"], told["reply_nonce"]
    )
    return body, opened if isinstance(opened, str) else opened.decode()


def with_werobot(told: dict[str, str]) -> tuple[str, str]:
    """WeRoBot's."""
    import xmltodict  # noqa: PLC0415  comes with it
    from werobot.crypto import MessageCrypt  # noqa: PLC0415  one environment has it

    crypto = MessageCrypt(told["token"], told["aes_key"], told["appid"])
    body = crypto.encrypt_message(told["message"], told["timestamp"], told["nonce"])
    sealed = xmltodict.parse(told["reply"])["xml"]["Encrypt"]
    opened = crypto.decrypt_message(
        told["reply_timestamp"], told["reply_nonce"], told["reply_signature"], sealed
    )
    return body, opened.decode()


def main() -> None:
    """Answer one question."""
    asked: dict[str, Any] = json.load(sys.stdin)
    client = sys.argv[1]
    body, opened = (with_werobot if client == "werobot" else with_wechatpy)(asked)
    told = {
        "client": client,
        "version": metadata.version(client),
        "body": body,
        "opened": opened,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()

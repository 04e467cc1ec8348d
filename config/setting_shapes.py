"""The rule behind each shape of setting.

Every rule takes the text and answers with a bilingual complaint, or None when the
text will do. A complaint never repeats the text: half of these values are secrets.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from config.setting_names import SettingName, Shape

FIELD_KEY_BYTES = 32
APIV3_KEY_BYTES = 32
AES_KEY_CHARACTERS = 43
SECRET_KEY_CHARACTERS = 32
COUNT_MAX = 2000
YUAN_MAX = 10_000_000

_PLACEHOLDER = re.compile(
    r"^(x{3,}|change[-_ ]?me.*|replace[-_ ]?me.*|your[-_ ].*|example.*|sample.*|placeholder.*|"
    r"todo|secret|password|<.*>|请.*|你的.*)$",
    re.IGNORECASE,
)
# Printed in public pages and tutorials, so anyone may try them against an installation.
_PUBLISHED_KEYS = frozenset(
    {
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        "wx5823bf96d3bd56c7",
        "QDG6eK",
    }
)


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def complaint(name: SettingName, text: str) -> str | None:
    """Say what is wrong with the text of one setting, or None."""
    if text != text.strip() or any(ord(letter) < 32 for letter in text):
        return "含空白或控制字符 / has blanks or control characters around it"
    if name.secret and looks_like_a_sample(text):
        return "是示例值，请填自己的值 / is a sample value, set your own"
    return _RULES[name.shape](text)


def looks_like_a_sample(text: str) -> bool:
    """Whether a secret is a placeholder, a published key, or one letter repeated."""
    return (
        bool(_PLACEHOLDER.match(text))
        or text in _PUBLISHED_KEYS
        or (len(text) >= 16 and len(set(text)) == 1)
    )


def decode_field_key(text: str) -> bytes:
    """Decode one key strictly and canonically; ValueError when it is not base64."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as fault:
        raise ValueError("not base64") from fault
    if base64.b64encode(key).decode("ascii") != text:
        raise ValueError("not canonical base64")
    return key


def _free_text(text: str) -> str | None:
    return None if text else "不能为空 / is empty"


def _scheme(*schemes: str) -> Callable[[str], str | None]:
    def rule(text: str) -> str | None:
        if urlsplit(text).scheme not in schemes:
            names = ", ".join(f"{scheme}://" for scheme in schemes)
            return f"应以 {names} 开头 / must start with one of {names}"
        return None

    return rule


def _web_url(text: str) -> str | None:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "应为 http(s) 地址 / must be an http(s) address"
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        return "只写协议、域名和端口 / must be scheme, host and port only"
    if parts.scheme == "http" and not is_loopback(text):
        return "除本机外必须 https / must be https unless it is loopback"
    return None


def _long_secret(text: str) -> str | None:
    if len(text) < SECRET_KEY_CHARACTERS:
        return f"至少 {SECRET_KEY_CHARACTERS} 个字符 / needs {SECRET_KEY_CHARACTERS} characters"
    return None


def _field_keys(text: str) -> str | None:
    seen: set[str] = set()
    for part in text.split(","):
        key_id, colon, encoded = part.strip().partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", key_id):
            return "格式为 id:base64，逗号分隔 / must be id:base64, comma between"
        if key_id in seen:
            return "密钥 id 重复 / repeats a key id"
        seen.add(key_id)
        try:
            key = decode_field_key(encoded)
        except ValueError:
            return "密钥不是规范的 base64 / holds a key that is not canonical base64"
        if len(key) != FIELD_KEY_BYTES:
            return f"密钥应为 {FIELD_KEY_BYTES} 字节 / holds a key not {FIELD_KEY_BYTES} bytes long"
        if len(set(key)) == 1:
            return "密钥是示例值 / holds a sample key"
    return None


def _networks(text: str) -> str | None:
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            return "应为地址或网段，逗号分隔 / must be addresses or networks, comma between"
    return None


def _port(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        return "应为 1 到 65535 / must be 1 to 65535"
    return None


def _bytes(text: str) -> str | None:
    if not re.fullmatch(r"[1-9][0-9]{0,14}", text):
        return "应为正整数，单位字节 / must be a whole number of bytes above 0"
    return None


def _token(text: str) -> str | None:
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", text):
        return "应为 3 到 32 位字母或数字 / must be 3 to 32 letters and digits"
    return None


def _aes_key(text: str) -> str | None:
    if not re.fullmatch(rf"[A-Za-z0-9+/]{{{AES_KEY_CHARACTERS}}}", text):
        return f"应为 {AES_KEY_CHARACTERS} 位 / must be {AES_KEY_CHARACTERS} characters"
    return None


def _apiv3_key(text: str) -> str | None:
    if len(text.encode("utf-8")) != APIV3_KEY_BYTES:
        return f"应为 {APIV3_KEY_BYTES} 字节 / must be {APIV3_KEY_BYTES} bytes"
    return None


def _sandbox_flag(text: str) -> str | None:
    return None if text in {"0", "1"} else "应为 0 或 1 / must be 0 or 1"


def _count(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= COUNT_MAX:
        return f"应为 1 到 {COUNT_MAX} 的整数 / must be a whole number from 1 to {COUNT_MAX}"
    return None


def _yuan(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]{1,8}", text) or not 1 <= int(text) <= YUAN_MAX:
        return f"应为 1 到 {YUAN_MAX} 的整数元 / must be whole yuan from 1 to {YUAN_MAX}"
    return None


_RULES: dict[Shape, Callable[[str], str | None]] = {
    Shape.TEXT: _free_text,
    Shape.FILE: _free_text,
    Shape.DATABASE_URL: _scheme("postgresql", "postgresql+psycopg"),
    Shape.BROKER_URL: _scheme("redis", "rediss", "valkey", "amqp", "amqps"),
    Shape.STORAGE_URL: _scheme("file", "s3"),
    Shape.PUBLIC_URL: _web_url,
    Shape.HOST_URL: _web_url,
    Shape.SIGNING_KEY: _long_secret,
    Shape.FIELD_KEYS: _field_keys,
    Shape.NETWORKS: _networks,
    Shape.PORT: _port,
    Shape.TOKEN: _token,
    Shape.AES_KEY: _aes_key,
    Shape.APIV3_KEY: _apiv3_key,
    Shape.SANDBOX_FLAG: _sandbox_flag,
    Shape.BYTES: _bytes,
    Shape.COUNT: _count,
    Shape.YUAN: _yuan,
}

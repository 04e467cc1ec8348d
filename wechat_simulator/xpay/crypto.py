"""The two HMACs of virtual payment: lower-case hexadecimal over the exact text that is sent."""

import hashlib
import hmac

CLIENT_URI = "requestVirtualPayment"


def pay_sig(app_key: str, uri: str, body: str) -> str:
    """The merchant's signature: keyed with the AppKey of the environment in use."""
    return _hex(app_key, f"{uri}&{body}")


def user_signature(session_key: str, body: str) -> str:
    """The user's signature: keyed with the session key as text, not decoded."""
    return _hex(session_key, body)


def same(shown: object, wanted: str) -> bool:
    """Whether a shown signature is the wanted one; capitals are another text."""
    return isinstance(shown, str) and hmac.compare_digest(shown.encode(), wanted.encode())


def _hex(key: str, message: str) -> str:
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()

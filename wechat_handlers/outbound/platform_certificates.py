"""Asks WeChat Pay for the certificates it signs with, and says in our words what came of it."""

from datetime import datetime

from creator_tools.kernel.platform_certificates import Certificate
from wechat_handlers.wire import pay_certificates
from wechat_handlers.wire.errors import NoCertificates, PayApiRefused, WireRefused
from wechat_handlers.wire.pay_client import PayClient
from wechat_handlers.wire.pay_keys import PayKeys

KEPT, NONE = "kept", "none"
# Nobody answered, or not now: no reason to doubt what is held.
LATER = frozenset({"no_answer", "busy"})


def ask(client: PayClient, keys: PayKeys, now: datetime) -> tuple[str, list[Certificate]]:
    """How it ended, and the certificates that may be kept.

    The end is `kept`, `none` (this merchant has the public key only), one of `LATER`, or the code
    of why the answer was not believed.
    """
    try:
        return KEPT, pay_certificates.fetch(client, keys, now)
    except NoCertificates:
        return NONE, []
    except PayApiRefused as refused:
        if refused.http_status is None:
            return "no_answer", []
        return ("busy" if refused.retryable else f"refused:{refused.code}"), []
    except WireRefused as refused:
        return refused.code, []

"""The one door through which a call leaves for WeChat.

No call may leave while a transaction is open: it would hold locks for as long as a stranger's
server likes, and could not be taken back by a rollback. And every call passes a fail-point before
and after, so that a proof can pull the plug on either side of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import requests
from urllib3.exceptions import HTTPError

from wechat_handlers.wire.errors import NetworkFailed, Outcome

Answer = TypeVar("Answer")

CALLS: frozenset[str] = frozenset(
    {
        "api.stable_token",
        "api.jsapi_ticket",
        "api.customer_message",
        "api.menu",
        "api.login",
        "api.oauth",
        "api.media",
        "api.text_check",
        "api.user",
        "wecom.token",
        "wecom.join_way",
        "wecom.room",
        "wecom.picture",
        "pay.prepay",
        "pay.query",
        "pay.close",
        "pay.refund",
        "pay.refund_query",
        "pay.transfer",
        "pay.transfer_cancel",
        "pay.transfer_query",
        "pay.bill",
        "pay.bill_file",
        "pay.certificates",
        "xpay.query",
        "xpay.provide",
        "xpay.goods",
        "xpay.refund",
    }
)
TIMEOUT_S: tuple[float, float] = (2.0, 8.0)  # to connect, to read
ANSWER_BYTES_MAX = 1024 * 1024


class CalledInsideUnitOfWork(RuntimeError):
    """A bug of ours: an outbound call was about to leave with a transaction open."""


class AnswerTooLarge(Exception):
    """The answer exceeds what the call allows."""


def _no_hook(_name: str) -> None:
    return None


@dataclass(frozen=True)
class OutboundCalls:
    """Guards and instruments every outbound call.

    Attributes:
        in_unit_of_work: tells whether a transaction is open in this thread.
        hook: called with "<name>.before" and "<name>.after".
    """

    in_unit_of_work: Callable[[], bool]
    hook: Callable[[str], None] = _no_hook

    def call(self, name: str, send: Callable[[], Answer]) -> Answer:
        """Run `send`, which makes one HTTP exchange and reads its answer.

        Raises:
            CalledInsideUnitOfWork: a transaction is open; nothing was sent.
            NetworkFailed: no answer came. The library's own exceptions stop here, because their
                texts hold the address with its access token.
        """
        if name not in CALLS:
            raise ValueError(f"{name!r} is not a listed outbound call")
        if self.in_unit_of_work():
            raise CalledInsideUnitOfWork(name)
        self.hook(f"{name}.before")
        failure: Outcome | None = None
        try:
            answer = send()
        except (requests.ConnectTimeout, requests.exceptions.SSLError):
            failure = "not_done"
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = "not_done" if _never_connected(error) else "unknown"
        # Raised out here so that the library's exception is not even kept as the context.
        if failure is not None:
            raise NetworkFailed(name, failure)
        self.hook(f"{name}.after")
        return answer


def read_body(response: requests.Response, limit: int = ANSWER_BYTES_MAX) -> bytes:
    """The raw bytes of a streamed answer, undone of transfer compression only.

    Raises:
        AnswerTooLarge: more than `limit` bytes would come.
    """
    chunks: list[bytes] = []
    pour_body(response, chunks.append, limit)
    return b"".join(chunks)


def pour_body(response: requests.Response, take: Callable[[bytes], object], limit: int) -> int:
    """Hand the same over chunk by chunk; gives how many bytes there were.

    Raises:
        AnswerTooLarge: more than `limit` bytes would come.
    """
    total = 0
    with response:
        for chunk in response.iter_content(64 * 1024):
            total += len(chunk)
            if total > limit:
                raise AnswerTooLarge
            take(chunk)
    return total


def _never_connected(error: Exception) -> bool:
    text = repr(error)
    return "NewConnectionError" in text or "NameResolutionError" in text

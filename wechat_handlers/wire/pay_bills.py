"""Bills of WeChat Pay v3: ask for one, fetch its file, prove it by the hash that was told.

The file's answer carries no signature, so the hash of the signed answer before it is the proof.
Its address is on the host that was asked, or it is not fetched: our signature goes nowhere else.

Source: https://pay.weixin.qq.com/doc/v3/merchant/4013071238
"""

import hashlib
import re
from datetime import date
from typing import IO, Literal
from urllib.parse import urlsplit

from wechat_handlers.wire.errors import BillUnreadable, NetworkFailed, PayApiRefused
from wechat_handlers.wire.outbound_call import AnswerTooLarge
from wechat_handlers.wire.pay_client import PayClient

FILE_BYTES_MAX = 512 * 1024 * 1024
_PATHS = {"trade": "/v3/bill/tradebill", "flow": "/v3/bill/fundflowbill"}
_SHA1 = re.compile(r"[0-9a-f]{40}\Z", re.IGNORECASE)


class NoBusiness(Exception):
    """Nothing happened on that day, so there is no bill."""


class BillLater(Exception):
    """The rail is still making the bill."""


def fetch(
    client: PayClient,
    kind: Literal["trade", "flow"],
    day: date,
    into: IO[bytes],
    *,
    bytes_max: int = FILE_BYTES_MAX,
) -> tuple[str, int]:
    """Write the bill of a day into a file, and prove it.

    Returns:
        The SHA-1 that was told and that holds, and the size in bytes.

    Raises:
        NoBusiness, BillLater: as they say.
        BillUnreadable: `no_answer`, `refused`, `too_large`, `hash_differs`.
    """
    try:
        answer = client.exchange("pay.bill", "GET", f"{_PATHS[kind]}?bill_date={day}", b"")
    except PayApiRefused as refused:
        raise _meaning(refused) from None
    told = answer.get("hash_value")
    if answer.get("hash_type") != "SHA1" or not isinstance(told, str) or not _SHA1.match(told):
        raise BillUnreadable("refused")
    digest = hashlib.sha1(usedforsecurity=False)

    def take(chunk: bytes) -> None:
        digest.update(chunk)
        into.write(chunk)

    try:
        size_bytes = client.stream("pay.bill_file", _target(answer), take, bytes_max)
    except NetworkFailed:
        raise BillUnreadable("no_answer") from None
    except AnswerTooLarge:
        raise BillUnreadable("too_large") from None
    except PayApiRefused:
        raise BillUnreadable("refused") from None
    if digest.hexdigest() != told.lower():
        raise BillUnreadable("hash_differs")
    return told.lower(), size_bytes


def _meaning(refused: PayApiRefused) -> Exception:
    match refused.code.replace("_", ""):
        case "NOSTATEMENTEXIST":
            return NoBusiness()
        case "STATEMENTCREATING":
            return BillLater()
    if refused.http_status is None:
        return BillUnreadable("no_answer")
    # Too many questions, or the platform's own trouble: the same as not yet.
    return BillLater() if refused.retryable else BillUnreadable("refused")


def _target(answer: dict[str, object]) -> str:
    address = answer.get("download_url")
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    if parts.path != "/v3/billdownload/file" or not parts.query:
        raise BillUnreadable("refused")
    return f"{parts.path}?{parts.query}"

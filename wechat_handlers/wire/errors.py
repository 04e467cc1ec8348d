"""What can go wrong on the wire, as types.

Texts of these errors are logged and shown, so they are built from our own words only: never a
key, a token, an openid, a body or a URL.
"""

from typing import Literal

Outcome = Literal["not_done", "unknown"]

RefusalCode = Literal[
    "bad_signature",
    "dtd_refused",
    "duplicate_header",
    "duplicate_key",
    "duplicate_parameter",
    "expired_certificate",
    "malformed",
    "missing_header",
    "missing_parameter",
    "plain_mode_refused",
    "probe",
    "stale_timestamp",
    "too_large",
    "undecryptable",
    "unknown_serial",
    "wrong_recipient",
]


class WireRefused(Exception):
    """Something came in that we will not believe; it has no effect and is counted by `code`."""

    def __init__(self, code: RefusalCode, reason: str = "") -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code: RefusalCode = code


BillFault = Literal[
    "encoding",
    "hash_differs",
    "heading",
    "line_too_long",
    "no_answer",
    "refused",
    "too_large",
    "totals",
    "totals_differ",
]


class BillUnreadable(Exception):
    """A bill file that cannot be believed; nothing of it is used."""

    def __init__(self, code: BillFault) -> None:
        super().__init__(code)
        self.code: BillFault = code


class NoCertificates(Exception):
    """WeChat Pay has no platform certificate for this merchant: it has the public key only."""


class NetworkFailed(Exception):
    """A call got no answer at all. `outcome` says whether the other side may have acted."""

    def __init__(self, name: str, outcome: Outcome) -> None:
        super().__init__(f"{name}: no answer, outcome {outcome}")
        self.name = name
        self.outcome: Outcome = outcome


class WeChatApiRefused(Exception):
    """An API of api.weixin.qq.com said no, or said nothing.

    Attributes:
        errcode: WeChat's code; None when no well-formed answer came.
        sentence: Chinese, for the operator: what is wrong and what to do.
        retryable: whether trying the same call later can succeed without anyone's help.
        outcome: "not_done" when WeChat surely did nothing, "unknown" when it may have acted.
    """

    def __init__(
        self,
        *,
        call: str,
        errcode: int | None,
        sentence: str,
        retryable: bool,
        outcome: Outcome,
    ) -> None:
        super().__init__(f"{call}: errcode {errcode}, outcome {outcome}")
        self.call = call
        self.errcode = errcode
        self.sentence = sentence
        self.retryable = retryable
        self.outcome: Outcome = outcome


class PayApiRefused(Exception):
    """WeChat Pay v3 said no, said nothing, or gave an answer that nobody signed.

    Attributes:
        code: WeChat Pay's code (`ORDER_PAID`), or ours in lower case (`no_answer`,
            `unsigned_answer`, `bad_answer`, `no_platform_key`).
        http_status: None when no answer came.
        sentence, retryable, outcome: as in `WeChatApiRefused`.
    """

    def __init__(
        self,
        *,
        call: str,
        code: str,
        http_status: int | None,
        sentence: str,
        retryable: bool,
        outcome: Outcome,
    ) -> None:
        super().__init__(f"{call}: {code} ({http_status}), outcome {outcome}")
        self.call = call
        self.code = code
        self.http_status = http_status
        self.sentence = sentence
        self.retryable = retryable
        self.outcome: Outcome = outcome


class SnapshotUser(Exception):
    """The page was opened as a WeChat snapshot (快照页): its openid is virtual, not a person."""

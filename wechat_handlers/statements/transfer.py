"""From WeChat Pay's words for a transfer to a person (商家转账) to ours."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from creator_tools.kernel.fen import Fen
from wechat_handlers.statements import fields as pay_fields
from wechat_handlers.wire.errors import WireRefused

TRANSFER_STATES = frozenset(
    {
        "ACCEPTED",
        "PROCESSING",
        "WAIT_USER_CONFIRM",
        "TRANSFERING",  # as the platform spells it
        "SUCCESS",
        "FAIL",
        "CANCELING",
        "CANCELLED",
    }
)


@dataclass(frozen=True, kw_only=True)
class TransferTold:
    """How far a transfer has come, in one of eight words.

    Attributes:
        bill_no, transfer_ref: our number and WeChat Pay's number for it.
        amount_fen, subject: how much to whom; None where the answer does not repeat it.
        package: what the receiver's WeChat needs; only while it waits for them.
        code: why it failed; empty unless it did.
    """

    bill_no: str
    transfer_ref: str
    status: str
    amount_fen: Fen | None
    at: datetime | None
    code: str
    subject: str | None = field(repr=False)
    package: str | None = field(repr=False)

    @classmethod
    def from_resource(cls, resource: dict[str, Any], *, mchid: str) -> Self:
        """Translate an opened notification that a transfer has ended, or the answer to a query.

        Raises:
            WireRefused: `malformed`: a field is missing or of another type; `wrong_recipient`: it
                is another merchant's.

        Source: https://pay.weixin.qq.com/doc/v3/merchant/4012712115
        """
        # The page of the platform says mch_id, its own samples mchid.
        owner = resource.get("mch_id", resource.get("mchid"))
        if owner != mchid:
            raise WireRefused("wrong_recipient", "a transfer of another merchant")
        return cls._read(
            resource,
            amount_fen=Fen(pay_fields.fen(resource, "transfer_amount")),
            subject=pay_fields.text(resource, "openid", default="") or None,
            at_name="update_time",
        )

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Self:
        """Translate the answer to a request or a cancellation: it repeats no sum and no person.

        Raises:
            WireRefused: `malformed`.

        Source: https://pay.weixin.qq.com/doc/v3/merchant/4012716434
        """
        return cls._read(answer, amount_fen=None, subject=None, at_name="")

    @classmethod
    def _read(
        cls, told: dict[str, Any], *, amount_fen: Fen | None, subject: str | None, at_name: str
    ) -> Self:
        status = pay_fields.text(told, "state")
        if status not in TRANSFER_STATES:
            raise WireRefused("malformed", "the state of a transfer is none of its eight")
        return cls(
            bill_no=pay_fields.text(told, "out_bill_no"),
            transfer_ref=pay_fields.text(told, "transfer_bill_no"),
            status=status,
            amount_fen=amount_fen,
            at=pay_fields.moment(told, at_name) if told.get(at_name) is not None else None,
            code=pay_fields.text(told, "fail_reason", default=""),
            subject=subject,
            package=_package(told),
        )


def _package(told: dict[str, Any]) -> str | None:
    package = told.get("package_info")
    if package is None:
        return None
    if not isinstance(package, str) or not 0 < len(package) <= 1024:
        raise WireRefused("malformed", "package_info is not text")
    return package

"""A refusal as the gateway prints it: status, code, sentence, and where the fault lies."""

from typing import Any


class Refused(Exception):
    """The gateway says no; carries all that its error body shows."""

    def __init__(
        self, status: int, code: str, message: str, detail: dict[str, Any] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """The JSON of the error answer; `detail` only when there is one."""
        shown: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.detail is not None:
            shown["detail"] = self.detail
        return shown


def bad_field(field: str, issue: str, value: object = None, *, at: str = "body") -> Refused:
    """A parameter the gateway cannot take; `field` is a JSON pointer or a query name."""
    where = f"/{field.replace('.', '/')}" if at == "body" else field
    detail = {"field": where, "value": value, "issue": issue, "location": at}
    return Refused(400, "PARAM_ERROR", f"参数错误：{field} {issue}", detail)


def invalid_request(message: str) -> Refused:
    """A well-formed request that the present state does not allow."""
    return Refused(400, "INVALID_REQUEST", message)

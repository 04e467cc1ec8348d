"""A refusal of a virtual-payment server call: HTTP 200 with an error code."""

BUSY = -1
OPENID = 268490001
PARAMETER = 268490002
SIGNATURE = 268490003
REPEATED = 268490004
SESSION_KEY = 268490009
BEING_MADE = 268490011
TASK_RUNNING = 268490012
REFUND_RUNNING = 268490014
LEFT_FEE = 268490016


class ApiRefused(Exception):
    """The platform says no: its code and a sentence that may change."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg


def bad_parameter(name: str) -> ApiRefused:
    """A parameter the platform cannot take."""
    return ApiRefused(PARAMETER, f"invalid parameter: {name}")

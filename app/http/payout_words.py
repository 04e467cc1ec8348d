"""How a payout stands, in the words of whoever receives it."""

from flask_babel import lazy_gettext as _l

STATES = {
    "requested": _l("等待审批"),
    "approved": _l("已通过，正在转出"),
    "sent": _l("转账中"),
    "waiting": _l("等你确认收款"),
    "succeeded": _l("已到账"),
    "declined": _l("没有通过，钱已回到账户"),
    "failed": _l("没有成功，钱已回到账户"),
    "cancelled": _l("已撤回，钱已回到账户"),
}

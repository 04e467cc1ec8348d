"""The words of a statement, in the reader's language; the files hold the same ones."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.http.language import goods
from creator_tools.insights.queries import Statement, StatementLine

KINDS = {
    "payment": _l("收款"),
    "refund": _l("退款"),
    "refund_failed": _l("退款未成，退回账户"),
    "split": _l("按协议分成"),
    "payout": _l("提现"),
    "payout_returned": _l("提现未成，退回账户"),
}
RAILS = {
    "jsapi": _l("微信支付"),
    "xpay_android": _l("虚拟支付（安卓）"),
    "xpay_ios": _l("虚拟支付（iOS）"),
}
INCOME_TYPES = {
    "work": _l("单篇作品"),
    "column_forever": _l("专栏（永久）"),
    "column_term": _l("专栏（按期）"),
}


@dataclass(frozen=True)
class Cells:
    """One line as text and sums, in the order of `headings`."""

    day: str
    kind: str
    rail: str
    number: str
    title: str
    sums_fen: tuple[int, int, int, int, int]


def headings() -> list[str]:
    """The names of the columns."""
    return [_("账务日"), _("类型"), _("支付通道"), _("单号"), _("内容"), *sum_names()]


def sum_names() -> list[str]:
    """The names of the columns that hold yuan."""
    return [
        _("成交额（元）"),
        _("通道手续费（元）"),
        _("平台分成（元）"),
        _("分给他人（元）"),
        _("入账（元）"),
    ]


def kind_name(kind: str) -> str:
    """What happened; a kind without a word here is shown as it is booked."""
    return str(KINDS.get(kind, kind))


def income_type_name(kind: str) -> str:
    """What was sold."""
    return str(INCOME_TYPES.get(kind, kind))


def cells_of(line: StatementLine) -> Cells:
    """A line as it is written."""
    return Cells(
        line.business_day.isoformat(),
        kind_name(line.kind),
        str(RAILS.get(line.rail, line.rail)),
        line.number,
        goods(line.title),
        (line.gross_fen, line.fee_fen, line.platform_fen, line.shared_fen, line.own_fen),
    )


def title_of(statement: Statement) -> str:
    """What stands at the top."""
    return str(_("%(name)s 的对账单", name=statement.creator_name))


def period_of(statement: Statement) -> str:
    """Which days it covers."""
    return str(_("%(first)s 至 %(last)s", first=statement.first, last=statement.last))


def balances(statement: Statement) -> list[tuple[str, int]]:
    """The account at both ends, and what happened between, in fen."""
    between = [(kind_name(kind), sums.own_fen) for kind, sums in statement.by_kind.items()]
    return [
        (_("期初余额"), statement.opening_fen),
        *between,
        (_("期末余额"), statement.closing_fen),
    ]


def notes() -> list[str]:
    """What a reader should know before they use the numbers."""
    return [
        _("金额单位为元，由凭证逐笔相加得出；负数为退回或支出。"),
        _("日期为北京时间的账务日。本对账单不是发票，也不构成税务意见。"),
    ]

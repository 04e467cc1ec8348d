"""What codes are called in front of an operator. Unknown codes are shown as they are."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.fen import format_yuan

RAILS = {
    "jsapi": _l("微信支付"),
    "xpay_android": _l("虚拟支付（安卓）"),
    "xpay_ios": _l("虚拟支付（苹果）"),
    "free": _l("免费"),
}
ORDER_STATES = {
    "pending": _l("待付款"),
    "paid": _l("已付款"),
    "closed": _l("已关闭"),
    "refunded": _l("已退款"),
}
ENTRY_KINDS = {
    "payment": _l("收款"),
    "suspense": _l("挂账"),
    "fee_true_up": _l("手续费校正"),
    "reversal": _l("冲销"),
    "refund": _l("退款"),
    "refund_done": _l("退款到账"),
    "refund_failed": _l("退款撤销"),
    "payout": _l("提现扣款"),
    "payout_paid": _l("提现付出"),
    "payout_returned": _l("提现退回"),
    "settlement": _l("结算到商户余额"),
    "split": _l("分成"),
}
PAYOUT_STATES = {
    "requested": _l("待审批"),
    "approved": _l("已通过，正在转出"),
    "sent": _l("转账中"),
    "waiting": _l("等待收款人确认"),
    "succeeded": _l("已到账"),
    "declined": _l("未通过"),
    "failed": _l("失败，已退回账户"),
    "cancelled": _l("已撤回，已退回账户"),
}
REFUND_STATES = {
    "requested": _l("待审批"),
    "approved": _l("已通过"),
    "sent": _l("退款中"),
    "abnormal": _l("异常"),
    "succeeded": _l("已退回"),
    "declined": _l("未通过"),
    "failed": _l("失败"),
}
ACCOUNT_KINDS = {
    "receivable": _l("应收"),
    "fee": _l("通道手续费"),
    "platform_share": _l("平台分成"),
    "creator_payable": _l("应付创作者"),
    "suspense": _l("挂账"),
    "refund_in_flight": _l("在途退款"),
    "payout_in_flight": _l("在途提现"),
    "merchant_balance": _l("商户余额"),
    "party_payable": _l("应付分成方"),
}
EFFECT_STATES = {
    "due": _l("待执行"),
    "in_flight": _l("执行中"),
    "unknown": _l("结果未知"),
    "done": _l("已完成"),
    "failed": _l("失败"),
    "dead": _l("已放弃"),
}
EFFECT_KINDS = {
    "customer_message.paid": _l("发支付成功消息"),
    "customer_message.refund": _l("发退款消息"),
    "customer_message.payout": _l("发提现消息"),
    "payout.send": _l("向微信支付发起转账"),
    "payout.cancel": _l("撤销转账"),
    "customer_message.text": _l("发客服消息"),
    "refund.send": _l("向支付通道发起退款"),
    "text.check": _l("内容检查"),
    "xpay.provide": _l("通知虚拟支付已发货"),
    "person.introduce": _l("读取关注者资料"),
    "picture.fetch": _l("取回图片"),
    "menu.publish": _l("发布菜单"),
}
ACTOR_TYPES = {
    "system": _l("系统"),
    "person": _l("用户"),
    "platform": _l("微信"),
    "operator": _l("运营"),
}
ACTIONS = {
    "quote.made": _l("给出报价"),
    "order.created": _l("下单"),
    "order.prepaid": _l("预下单"),
    "order.paid": _l("订单已付款"),
    "order.closed": _l("订单关闭"),
    "order.refunded": _l("订单退款"),
    "payment.set_aside": _l("款项挂账"),
    "access.granted": _l("开通权益"),
    "access.source_ended": _l("权益来源结束"),
    "access.source_revived": _l("权益来源恢复"),
    "access.term_moved": _l("权益期限顺延"),
    "payout.requested": _l("申请提现"),
    "payout.approved": _l("提现通过"),
    "payout.declined": _l("提现未通过"),
    "payout.withdrawn": _l("收回提现申请"),
    "payout.recalled": _l("要求撤回提现"),
    "payout.sent": _l("转账已受理"),
    "payout.waiting": _l("等待收款人确认"),
    "payout.succeeded": _l("提现到账"),
    "payout.failed": _l("提现失败"),
    "payout.cancelled": _l("提现已撤回"),
    "refund.requested": _l("申请退款"),
    "refund.approved": _l("退款通过"),
    "refund.declined": _l("退款未通过"),
    "refund.sent": _l("退款已受理"),
    "refund.abnormal": _l("退款异常"),
    "refund.succeeded": _l("退款到账"),
    "refund.failed": _l("退款失败"),
    "refund.from_outside": _l("外部发起的退款"),
    "split.opened": _l("建立分成协议"),
    "split.joined": _l("加入分成协议"),
    "split.proposed": _l("提出分成条款"),
    "split.signed": _l("签署分成条款"),
    "split.in_force": _l("分成条款签署齐全"),
    "split.withdrawn": _l("撤回分成条款"),
    "split.ended": _l("结束分成协议"),
    "bills.asked_again": _l("要求重新对账"),
    "bills.kept": _l("保存账单"),
    "bills.matched": _l("账单核对"),
    "bills.certified": _l("零差异证明"),
    "bills.explained": _l("说明差异"),
    "certificate.kept": _l("保存平台证书"),
}
KEY_MODES = {
    "public_key": _l("公钥模式：用微信支付公钥验签"),
    "certificate": _l("证书模式：用平台证书验签"),
    "both": _l("两种同时生效：平台证书与微信支付公钥"),
    "none": _l("还没有可用的密钥，微信支付的通知会被拒绝"),
}
CERTIFICATE_CHECKS = {
    "": _l("正在查询"),
    "kept": _l("已更新"),
    "none": _l("该商户没有平台证书，只有公钥"),
    "no_answer": _l("微信支付没有应答"),
    "busy": _l("微信支付繁忙"),
    "serial_reused": _l("同一序列号出现了另一张证书"),
    "wrong_recipient": _l("不是微信支付的平台证书"),
    "undecryptable": _l("APIv3 密钥解不开"),
    "bad_signature": _l("签名不对"),
    "unknown_serial": _l("签名用的密钥不在其中"),
    "expired_certificate": _l("签名用的证书已过期"),
    "malformed": _l("内容无法识别"),
}
INBOX_STATES = {
    "new": _l("待处理"),
    "done": _l("已处理"),
    "parked": _l("已搁置"),
    "dead": _l("已放弃"),
}
STEPS = {
    "quoted": _l("报价"),
    "created": _l("下单"),
    "prepaid": _l("预下单"),
    "payment_seen": _l("看到支付"),
    "posted": _l("入账"),
    "access_opened": _l("开通权益"),
    "audited": _l("操作记录"),
    "effect_promised": _l("承诺外部动作"),
    "effect_ended": _l("外部动作完成"),
    "access_ended": _l("权益结束"),
    "refund": _l("退款"),
    "requested": _l("申请"),
    "decided": _l("审批"),
    "sent": _l("支付通道受理"),
    "ended": _l("结束"),
    "closed": _l("关闭"),
}
SEEN_BY = {"notification": _l("通知"), "query": _l("主动查询"), "delivery": _l("发货推送")}
DISPOSITIONS = {
    "settled": _l("已结清"),
    "second_payment": _l("重复支付"),
    "wrong_amount": _l("金额不符"),
    "wrong_currency": _l("币种不符"),
    "wrong_account": _l("商户不符"),
    "wrong_goods": _l("商品不符"),
    "wrong_payer": _l("付款人不符"),
    "unknown_order": _l("没有对应订单"),
}
ALARMS = {
    "payment_second_payment": _l("同一订单付了两次，款项已挂账"),
    "payment_wrong_amount": _l("支付金额与订单不符，款项已挂账"),
    "payment_wrong_currency": _l("支付币种与订单不符，款项已挂账"),
    "payment_wrong_account": _l("收款商户与订单不符，款项已挂账"),
    "payment_wrong_goods": _l("支付的商品或数量与订单不符，款项已挂账"),
    "payment_wrong_payer": _l("付款人不是下单人，款项已挂账"),
    "payment_unknown_order": _l("收到一笔没有订单的款项，已挂账"),
    "payment_restated": _l("同一笔支付前后说法不一致"),
    "money_refused": _l("微信支付的通知无法接收，请检查商户号和 APIv3 密钥"),
    "platform_certificate_ends": _l(
        "平台证书 30 天内到期，还没有接替的证书；请在商户平台申请微信支付公钥"
    ),
    "platform_certificates_refused": _l(
        "下载的平台证书不可信或没有，请检查 APIv3 密钥，或改用微信支付公钥"
    ),
    "push_unreadable": _l("微信的推送无法识别，请联系维护人员"),
    "payout_foreign": _l("收到一笔不是从这里发起的转账，没有入账，请核对"),
    "payout_restated": _l("同一笔提现前后说法不一致，请核对"),
    "payout_short_of_funds": _l("商户余额不足，提现在等待，请充值"),
    "refund_failed": _l("退款没有成功，款项没有退出，账目和访问已恢复"),
    "refund_abnormal": _l("退款退不到用户的账户，请到商户平台处理"),
    "refund_short_of_funds": _l("商户余额不足，退款在等待，请充值"),
    "refund_restated": _l("同一笔退款前后说法不一致"),
    "refund_from_outside": _l("收到一笔不是从这里发起的退款，已入账"),
    "refund_beyond_paid": _l("退款超过了付款金额，没有入账，请核对"),
    "bill_unusable": _l("微信支付的账单多次无法使用，请看错误码"),
    "bill_late": _l("下午两点了，昨天的账单还没有核对"),
    "bill_differs": _l("账单和我们的账不一致，请看对账页"),
    "refund_foreign": _l("收到一笔对不上付款的退款消息，没有入账，请核对"),
    "paid_again": _l("为已拥有的内容又付了一次款，请考虑退款"),
    "xpay_coins_paid": _l("收到一笔代币支付，本店不出售代币"),
    "xpay_complaint": _l("用户对虚拟支付订单发起了投诉"),
    "inbox_fact_parked": _l("收到的通知已搁置，需要人工处理"),
    "effect_refused": _l("必须完成的外部动作被拒绝"),
    "effect_dead": _l("外部动作多次失败，已放弃"),
    "inbox_fact_dead": _l("收到的消息多次处理失败，已放弃"),
    "fan_group_full": _l("粉丝群的名额已经用完，请群主补一个进群方式"),
    "join_way_expiring": _l("进群方式快到期了，请群主换一个新的"),
    "join_way_nearly_full": _l("进群方式的名额快用完了，请群主补一个"),
}
ROLES = {
    "owner": _l("所有者"),
    "editor": _l("编辑"),
    "finance": _l("财务"),
    "moderator": _l("审核"),
    "keeper": _l("群管"),
    "support": _l("客服"),
    "auditor": _l("审计"),
}
MEDIA_KINDS = {"audio": _l("音频"), "video": _l("视频"), "file": _l("文件")}
FACTS = {
    "payable_fen": _l("应付"),
    "amount_fen": _l("金额"),
    "gross_fen": _l("总额"),
    "rail": _l("通道"),
    "reasons": _l("原因"),
    "trade_no": _l("订单号"),
    "seen_by": _l("来源"),
    "disposition": _l("结果"),
    "payment_ref": _l("微信支付单号"),
    "paid_at": _l("支付时间"),
    "entry_id": _l("凭证"),
    "kind": _l("种类"),
    "business_day": _l("账务日"),
    "object_type": _l("对象"),
    "object_id": _l("对象编号"),
    "starts_at": _l("开始"),
    "ends_at": _l("到期"),
    "action": _l("动作"),
    "actor_type": _l("操作者"),
    "state": _l("状态"),
    "attempts_count": _l("次数"),
    "error_code": _l("错误码"),
    "refund_state": _l("结果"),
    "payout_state": _l("结果"),
    "payout_ref": _l("微信转账单号"),
    "says": _l("对方说法"),
    "refund_ref": _l("微信退款单号"),
    "reason": _l("原因"),
}
_OBJECTS = {"work": _l("作品"), "column": _l("专栏")}
_VALUES: dict[str, dict[str, Any]] = {
    "rail": RAILS,
    "seen_by": SEEN_BY,
    "disposition": DISPOSITIONS,
    "kind": ENTRY_KINDS | EFFECT_KINDS,
    "action": ACTIONS,
    "actor_type": ACTOR_TYPES,
    "state": EFFECT_STATES,
    "refund_state": REFUND_STATES,
    "payout_state": PAYOUT_STATES,
    "object_type": _OBJECTS,
}


def yuan(amount_fen: int) -> str:
    """An amount in fen as yuan with two decimals and thousands, `1,234.50`."""
    text = format_yuan(amount_fen)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = digits.partition(".")
    return f"{sign}{int(whole):,}.{fraction}"


def when(moment: datetime | None) -> str:
    """A moment in Beijing, to the minute; a dash for none."""
    return "–" if moment is None else moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def moment(at: datetime) -> str:
    """A moment in Beijing, to the second: the steps of an order follow each other closely."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def amount(amount_fen: int) -> str:
    """An amount with its unit, `1,234.50 元` or `¥1,234.50`."""
    return str(_("%(sum)s 元", sum=yuan(amount_fen)))


def role_names(roles: Iterable[str]) -> str:
    """What an operator is, in one line."""
    return _comma().join(str(ROLES.get(role, role)) for role in sorted(roles))


def told(facts: dict[str, object]) -> str:
    """Facts as one line for people; what is not known is left out."""
    return " · ".join(
        _("%(name)s：%(value)s", name=str(FACTS.get(name, name)), value=_value(name, value))
        for name, value in facts.items()
        if value is not None
    )


def _comma() -> str:
    return str(_("、"))


def _value(name: str, value: object) -> str:
    if name.endswith("_fen") and isinstance(value, int):
        return amount(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return _comma().join(str(one) for one in value)
    return str(_VALUES.get(name, {}).get(str(value), value))


BILL_KINDS = {"trade": _l("交易账单"), "flow": _l("资金账单")}
_OWNERS = {"system": _l("系统自动重试"), "finance": _l("财务")}


def owner(code: str) -> str:
    """Whose move a difference is."""
    return str(_OWNERS.get(code, code))


def bill_state(day: Any) -> str:
    """How far a day of the list is."""
    return bill_progress(day, day.open_count)


def bill_progress(day: Any, open_count: int) -> str:
    """How far a day of bills is, in words.

    Args:
        open_count: how many of its differences wait for somebody.
    """
    if day.certified_at is not None:
        return str(_("零差异"))
    if day.state == "matched":
        return str(ngettext("有 %(num)s 条差异", "有 %(num)s 条差异", open_count))
    if day.failure_code is None or day.failure_code == "not_ready":
        return str(_("等待账单"))
    return str(_("账单无法使用，会再试"))

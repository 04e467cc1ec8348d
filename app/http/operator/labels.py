"""What codes are called in front of an operator. Unknown codes are shown as they are."""

from datetime import date, datetime

from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.fen import format_yuan

RAILS = {
    "jsapi": "微信支付",
    "xpay_android": "虚拟支付（安卓）",
    "xpay_ios": "虚拟支付（苹果）",
    "free": "免费",
}
ORDER_STATES = {"pending": "待付款", "paid": "已付款", "closed": "已关闭", "refunded": "已退款"}
ENTRY_KINDS = {
    "payment": "收款",
    "suspense": "挂账",
    "fee_true_up": "手续费校正",
    "reversal": "冲销",
}
ACCOUNT_KINDS = {
    "receivable": "应收",
    "fee": "通道手续费",
    "platform_share": "平台分成",
    "creator_payable": "应付创作者",
    "suspense": "挂账",
}
EFFECT_STATES = {
    "due": "待执行",
    "in_flight": "执行中",
    "unknown": "结果未知",
    "done": "已完成",
    "failed": "失败",
    "dead": "已放弃",
}
EFFECT_KINDS = {
    "customer_message.paid": "发支付成功消息",
    "customer_message.text": "发客服消息",
    "text.check": "内容检查",
    "xpay.provide": "通知虚拟支付已发货",
    "person.introduce": "读取关注者资料",
    "picture.fetch": "取回图片",
    "menu.publish": "发布菜单",
}
ACTOR_TYPES = {"system": "系统", "person": "用户", "platform": "微信", "operator": "运营"}
ACTIONS = {
    "quote.made": "给出报价",
    "order.created": "下单",
    "order.prepaid": "预下单",
    "order.paid": "订单已付款",
    "order.closed": "订单关闭",
    "order.refunded": "订单退款",
    "payment.set_aside": "款项挂账",
    "access.granted": "开通权益",
    "access.source_ended": "权益来源结束",
    "access.term_moved": "权益期限顺延",
}
INBOX_STATES = {"new": "待处理", "done": "已处理", "parked": "已搁置", "dead": "已放弃"}
STEPS = {
    "quoted": "报价",
    "created": "下单",
    "prepaid": "预下单",
    "payment_seen": "看到支付",
    "posted": "入账",
    "access_opened": "开通权益",
    "audited": "操作记录",
    "effect_promised": "承诺外部动作",
    "effect_ended": "外部动作完成",
    "access_ended": "权益结束",
    "closed": "关闭",
}
SEEN_BY = {"notification": "通知", "query": "主动查询", "delivery": "发货推送"}
DISPOSITIONS = {
    "settled": "已结清",
    "second_payment": "重复支付",
    "wrong_amount": "金额不符",
    "wrong_currency": "币种不符",
    "wrong_account": "商户不符",
    "wrong_goods": "商品不符",
    "wrong_payer": "付款人不符",
    "unknown_order": "没有对应订单",
}
ALARMS = {
    "payment_second_payment": "同一订单付了两次，款项已挂账",
    "payment_wrong_amount": "支付金额与订单不符，款项已挂账",
    "payment_wrong_currency": "支付币种与订单不符，款项已挂账",
    "payment_wrong_account": "收款商户与订单不符，款项已挂账",
    "payment_wrong_goods": "支付的商品或数量与订单不符，款项已挂账",
    "payment_wrong_payer": "付款人不是下单人，款项已挂账",
    "payment_unknown_order": "收到一笔没有订单的款项，已挂账",
    "payment_restated": "同一笔支付前后说法不一致",
    "money_refused": "微信支付的通知无法接收，请检查商户号和 APIv3 密钥",
    "push_unreadable": "微信的推送无法识别，请联系维护人员",
    "paid_again": "为已拥有的内容又付了一次款，请考虑退款",
    "xpay_coins_paid": "收到一笔代币支付，本店不出售代币",
    "xpay_refunded": "微信发来一笔虚拟支付退款，请核对",
    "xpay_complaint": "用户对虚拟支付订单发起了投诉",
    "inbox_fact_parked": "收到的通知已搁置，需要人工处理",
    "effect_refused": "必须完成的外部动作被拒绝",
    "effect_dead": "外部动作多次失败，已放弃",
    "inbox_fact_dead": "收到的消息多次处理失败，已放弃",
}
ROLES = {
    "owner": "所有者",
    "editor": "编辑",
    "finance": "财务",
    "moderator": "审核",
    "keeper": "群管",
    "support": "客服",
    "auditor": "审计",
}
FACTS = {
    "payable_fen": "应付",
    "amount_fen": "金额",
    "gross_fen": "总额",
    "rail": "通道",
    "reasons": "原因",
    "trade_no": "订单号",
    "seen_by": "来源",
    "disposition": "结果",
    "payment_ref": "微信支付单号",
    "paid_at": "支付时间",
    "entry_id": "凭证",
    "kind": "种类",
    "business_day": "账务日",
    "object_type": "对象",
    "object_id": "对象编号",
    "starts_at": "开始",
    "ends_at": "到期",
    "action": "动作",
    "actor_type": "操作者",
    "state": "状态",
    "attempts_count": "次数",
    "error_code": "错误码",
    "reason": "原因",
}
_OBJECTS = {"work": "作品", "column": "专栏"}
_VALUES: dict[str, dict[str, str]] = {
    "rail": RAILS,
    "seen_by": SEEN_BY,
    "disposition": DISPOSITIONS,
    "kind": ENTRY_KINDS | EFFECT_KINDS,
    "action": ACTIONS,
    "actor_type": ACTOR_TYPES,
    "state": EFFECT_STATES,
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


def told(facts: dict[str, object]) -> list[tuple[str, str]]:
    """Facts as (name, value) pairs for people; what is not known is left out."""
    return [
        (FACTS.get(name, name), _value(name, value))
        for name, value in facts.items()
        if value is not None
    ]


def _value(name: str, value: object) -> str:
    if name.endswith("_fen") and isinstance(value, int):
        return f"{yuan(value)} 元"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return _VALUES.get(name, {}).get(str(value), str(value))

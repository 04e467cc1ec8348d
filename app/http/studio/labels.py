"""What codes are called in front of a creator, in the reader's language."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.http.language import money
from creator_tools.kernel.business_day import BEIJING

WORK_STATES = {
    "draft": _l("草稿"),
    "in_review": _l("审核中"),
    "scheduled": _l("已定时"),
    "published": _l("已发布"),
    "withdrawn": _l("已下架"),
    "rejected": _l("未通过"),
}
COLUMN_STATES = {"open": _l("更新中"), "paused": _l("已暂停"), "closed": _l("已关闭")}
GROUP_STATES = {"open": _l("开放"), "closed": _l("已关")}
MEDIA_KINDS = {"audio": _l("音频"), "video": _l("视频"), "file": _l("文件")}
GATES = {"free": _l("所有人"), "follower": _l("关注公众号的人"), "buyer": _l("专栏的读者")}
WAY_KINDS = {"link": _l("链接"), "qr": _l("群二维码"), "wecom": _l("企业微信")}
FIELD_KINDS = {"interest": _l("兴趣"), "occupation": _l("职业")}
RAILS = {
    "jsapi": _l("微信支付（公众号）"),
    "xpay_android": _l("安卓小程序"),
    "xpay_ios": _l("苹果小程序"),
    "free": _l("免费"),
}
TERMS = {None: _l("永久"), 30: _l("包月"), 90: _l("包季"), 365: _l("包年")}
_DONE = {
    "payout_asked": _l("已申请提现，运营审批后会发消息请你确认收款。"),
    "payout_withdrawn": _l("已收回这次申请，钱回到账户了。"),
    "drafted": _l("已存为草稿。"),
    "saved": _l("已保存。"),
    "unchanged": _l("内容没有变化。"),
    "published": _l("已发布。"),
    "submitted": _l("已提交，内容检查通过后自动发布，通常一分钟内，到时公众号会告诉你。"),
    "reviewing": _l("已提交，这一篇由运营来看，通过后自动发布，到时公众号会告诉你。"),
    "updated": _l("修改已生效，读者现在看到的是新的。"),
    "updating": _l("修改已提交，检查通过后自动换上，现在读者看到的还是原来的。"),
    "scheduled": _l("已定时，内容检查通过后到点自动发布。"),
    "withdrawn": _l("已下架。买过的人照常能读。"),
    "called_back": _l("已退回草稿，不会自动发布了。"),
    "restored": _l("已重新上架。"),
    "discarded": _l("草稿已删除。"),
    "priced": _l("价格已生效。"),
    "unpriced": _l("已停止出售。买过的人照常能读。"),
    "column_created": _l("专栏建好了。"),
    "column_paused": _l("专栏已暂停，不再接受新订阅，老读者照常能读。"),
    "column_opened": _l("专栏已开放订阅。"),
    "column_closed": _l("专栏已关闭，不再出售。"),
    "picture": _l("图片已加到正文末尾。"),
    "rewritten": _l("已换成那一版的内容。"),
    "named": _l("笔名已修改。"),
    "handled": _l("主页名已修改，以前发出去的主页链接从现在起打不开。"),
    "introduced": _l("简介已更新。"),
    "invited": _l("邀请码已生成，发给想邀请的人就行。"),
    "became": _l("欢迎成为创作者！先建一个专栏吧。"),
    "undone": _l("已撤销。"),
    "split_opened": _l("协议已建立，把邀请链接发给分成方吧。"),
    "split_proposed": _l("条款已提出，请各方（包括你）在微信里签署。"),
    "split_withdrawn": _l("这一版已撤回。"),
    "split_ended": _l("协议已结束，之后的收入不再分。"),
    "group_created": _l("粉丝群建好了。"),
    "group_renamed": _l("群名已修改。"),
    "group_opened": _l("群已开放。"),
    "group_closed": _l("群已关，群链接不再放人进。"),
    "gated": _l("进群门槛已修改，已经留好的名额不受影响。"),
    "kept_again": _l("改由你自己管了。"),
    "put_in": _l("也放进了那个专栏，买过它的人都能读。"),
    "put_in_before": _l("它已经在那个专栏里了。"),
    "taken_out": _l("已从那个专栏移出，之前买过它的人照常能读。"),
    "attached": _l("附件已加上，发布后读者能看到。"),
    "detached": _l("附件已移除。"),
    "linked": _l("进群链接已更新，群链接永远不变。"),
    "let_in": _l("那台电脑已经登录工作室。"),
    "session_ended": _l("那台电脑已退出登录。"),
}
_UNDO = {
    "price": _l("改回原来的价格"),
    "unprice": _l("恢复为未定价"),
    "column_state": _l("恢复专栏原来的状态"),
    "rename_column": _l("改回原来的专栏名"),
    "edit_column": _l("改回专栏原来的样子"),
    "withdraw": _l("撤回刚才的发布"),
    "submit": _l("重新提交"),
    "restore": _l("重新上架"),
    "discard": _l("丢弃刚存的草稿"),
    "undiscard": _l("找回删除的草稿"),
    "retitle": _l("改回原来的标题"),
    "rewrite": _l("改回上一版正文"),
    "pen_name": _l("改回原来的笔名"),
    "handle": _l("改回原来的主页名"),
    "introduction": _l("改回原来的简介"),
    "group_state": _l("恢复群原来的状态"),
    "rename_group": _l("改回原来的群名"),
    "group_gate": _l("恢复原来的进群门槛"),
    "group_keeper": _l("恢复原来的群管家"),
    "join_way": _l("恢复原来的进群链接"),
    "group_code": _l("恢复原来的群二维码"),
    "attach": _l("放回刚移除的附件"),
    "detach": _l("移除刚加的附件"),
    "put_in": _l("放回刚移出的专栏"),
    "take_out": _l("从刚放进的专栏移出"),
    "end_desk_session": _l("让刚登录的电脑退出"),
}


def done(code: str) -> str | None:
    """What the page says after something was done; None for a code that nobody gives."""
    return str(_DONE[code]) if code in _DONE else None


def undo(step: dict[str, Any]) -> str:
    """What taking the last deed back would do."""
    return str(_UNDO.get(step["do"], _("收回上一步")))


def question(step: dict[str, Any], facts: dict[str, Any]) -> str:
    """What to think of before a second word."""
    if step["do"] == "close_column":
        return str(_("关闭后这个专栏不再出售，买过的人照常能读。"))
    if step["do"] == "withdraw":
        return str(_("这篇作品已经有人买过。下架后不再出售，买过的人照常能读。"))
    if step["do"] == "price":
        return str(
            _(
                "已经有人按 %(before)s 买过，改成 %(after)s 变化超过一半，请确认没有写错。",
                before=price(facts["before_fen"]),
                after=price(facts["price_fen"]),
            )
        )
    return str(_("关掉后群链接不再放人进，已经在群里的人不受影响。"))


def deed(step: dict[str, Any]) -> str:
    """What the button of a second word says."""
    if step["do"] == "close_column":
        return str(_("关闭专栏"))
    if step["do"] == "withdraw":
        return str(_("下架"))
    return str(_("改价") if step["do"] == "price" else _("关群"))


def price(price_fen: int) -> str:
    """A price for people."""
    return str(_("免费")) if price_fen == 0 else money(price_fen)


def term(term_days: int | None) -> str:
    """How long a column is sold for."""
    return str(TERMS[term_days]) if term_days in TERMS else _("%(days)s 天", days=term_days)


def size(size_bytes: int) -> str:
    """How large a file is."""
    megabytes = size_bytes / (1024 * 1024)
    return f"{megabytes:.1f} MB" if megabytes >= 0.1 else f"{max(1, size_bytes // 1024)} KB"


def buyer(name: str, alias: str) -> str:
    """A buyer: the nickname, or a number that means nothing elsewhere."""
    return name or str(_("读者 %(alias)s", alias=alias))


def local_hour(at: datetime | None) -> str:
    """A moment as a form writes it, in Beijing."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M") if at else ""


def query(**asked: Any) -> str:
    """The end of an address, without what was not asked."""
    known = {name: value for name, value in asked.items() if value not in (None, "")}
    return "?" + urlencode(known) if known else ""

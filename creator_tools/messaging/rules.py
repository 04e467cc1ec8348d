"""What we say outside a conversation. Pure; the words hold no locked content."""

import html
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.fen import format_yuan

# What a person may switch off. Beside these there are only the receipt of a payment, which whoever
# pays is owed, and the answer to what somebody sent us.
SEAT = "seat"
REVIEW = "review"
KEEPING = "keeping"
NOTICES = (SEAT, REVIEW, KEEPING)
GROUPS_NAMED_MAX = 8
# For so long after a person wrote or paid, the platform lets us write to them.
CONTACT_WINDOW = timedelta(hours=48)


class Dying(Protocol):
    """A way into a group that is about to end, as its keeper is told of it."""

    @property
    def name(self) -> str:
        """What the group is called."""

    @property
    def kind(self) -> str:
        """How the way is used: a "link", or a code."""

    @property
    def ends_soon_at(self) -> datetime | None:
        """When it ends, if that is soon."""

    @property
    def is_nearly_full(self) -> bool:
        """Whether nine tenths of its places are taken."""

    @property
    def seats_count(self) -> int:
        """How many places are taken."""

    @property
    def capacity_count(self) -> int:
        """How many places there are."""


def paid_words(title: str, amount_fen: int, link: str, door: tuple[str, str] | None = None) -> str:
    """What a buyer reads after paying.

    Args:
        door: the column whose fan group stands open, and the group's link, when there is one.
    """
    said = (
        f"支付成功，已为您解锁《{title}》（{format_yuan(amount_fen)} 元）。\n"
        f'<a href="{html.escape(link)}">点这里阅读</a>，在“我的购买”里随时能找到。'
    )
    if door is None:
        return said
    column_title, group_link = door
    label = html.escape(join_label(column_title))
    return f'{said}\n<a href="{html.escape(group_link)}">{label}</a>'


def refund_words(
    state: str, title: str, amount_fen: int, link: str, *, words: str | None, ends_access: bool
) -> str | None:
    """What a fan reads about their refund, or None where there is nothing to say.

    Args:
        state: what it has become: approved, succeeded, declined or failed.
        words: what the operator said, on a no.
        ends_access: what was bought is shut now.
    """
    sum_ = format_yuan(amount_fen)
    shut = "相应内容已停止访问，" if ends_access else ""
    said = {
        "approved": f"《{title}》的退款已受理，{shut}{sum_} 元会原路退回，到账时间以支付方为准。",
        "succeeded": f"《{title}》的 {sum_} 元已退回到原付款账户。",
        "declined": f"《{title}》的退款没有通过：{words or '请联系创作者。'}",
        "failed": f"《{title}》的退款没有成功，款项没有退出，内容已恢复，我们会尽快处理。",
    }.get(state)
    return said and f'{said}\n<a href="{html.escape(link)}">查看退款</a>'


def payout_words(state: str, amount_fen: int, link: str, words: str | None) -> str | None:
    """What an earner reads about their payout, or None where there is nothing to say.

    Args:
        state: what it has become: waiting, succeeded, declined, failed or cancelled.
        words: what the operator said, on a no.
    """
    sum_ = format_yuan(amount_fen)
    said = {
        "waiting": f"你的提现 {sum_} 元已经转出，请在 24 小时内点开下面的页面确认收款。",
        "succeeded": f"提现的 {sum_} 元已到你的微信零钱。",
        "declined": f"提现 {sum_} 元没有通过，钱已回到账户：{words or '请联系运营。'}",
        "failed": f"提现 {sum_} 元没有成功，钱已回到账户，可以再申请一次。",
        "cancelled": f"提现 {sum_} 元已撤回，钱已回到账户。",
    }.get(state)
    return said and f'{said}\n<a href="{html.escape(link)}">查看提现</a>'


def join_label(column_title: str) -> str:
    """What leads into the fan group of a column is called."""
    return f"加入《{column_title}》读者群"


def review_words(title: str, verdict: str, state: str, *, is_update: bool, reason: str = "") -> str:
    """What a creator reads when a verdict on a work is there.

    Args:
        state: where the work stands after the verdict.
        is_update: the verdict is about new words for a work that readers know already.
        reason: why a person said no, in that person's words.
    """
    if verdict == "pass":
        return _passed_words(title, state, is_update=is_update)
    if verdict == "risky":
        why = f"原因：{reason}\n" if reason else ""
        if is_update and state == "published":
            return (
                f"《{title}》的修改没有通过内容审核，读者看到的还是原来的版本。\n"
                f"{why}请改好后再发「发布」。"
            )
        return f"《{title}》没有通过内容审核。\n{why}请修改后再发「发布」。"
    if is_update:
        return f"《{title}》的修改需要人工看一眼，通过后自动换上，读者现在看到的还是原来的版本。"
    return f"《{title}》需要人工看一眼，运营确认后会自动发布。"


def _passed_words(title: str, state: str, *, is_update: bool) -> str:
    if state == "published" and is_update:
        return f"《{title}》的修改已通过审核，读者现在看到的是新的版本。"
    if state == "published":
        return f"《{title}》已通过审核并发布。"
    if state == "scheduled":
        return f"《{title}》已通过审核，到时间会自动发布。"
    return f"《{title}》已通过审核，想发布时回复「发布」。"


def seat_words(name: str, lapses_at: datetime, link: str) -> str:
    """What somebody who waited for a seat reads when one came free."""
    return (
        f"「{name}」有空位了，已经为您保留到 {_moment(lapses_at)}。\n"
        f'<a href="{html.escape(link)}">点这里进群</a>'
    )


def dying_words(warnings: Sequence[Dying]) -> str:
    """What a keeper reads when ways into their groups are about to end, as many as fit."""
    lines = [_dying_line(one) for one in warnings[:GROUPS_NAMED_MAX]]
    if len(warnings) > GROUPS_NAMED_MAX:
        lines.append(f"· 还有 {len(warnings) - GROUPS_NAMED_MAX} 个")
    listed = "\n".join(lines)
    advice = []
    if any(one.kind != "link" for one in warnings):
        advice.append("在微信群里重新打开「群二维码」，保存后直接把图片发到这里，就会自动换上。")
    if any(one.kind == "link" for one in warnings):
        advice.append("发「我的群」看编号，再发「进群链接 1 https://…」换上新的。")
    return f"这些进群入口快用完了：\n{listed}\n{''.join(advice)}群链接永远不变。"


def _dying_line(one: Dying) -> str:
    parts = []
    if one.ends_soon_at is not None:
        parts.append(f"{_moment(one.ends_soon_at)} 到期")
    if one.is_nearly_full:
        parts.append(f"已用 {one.seats_count}/{one.capacity_count} 个名额")
    return f"· 「{one.name}」{'，'.join(parts)}"


def _moment(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def picture_words(*, is_added: bool) -> str:
    """What a creator reads when a picture has been fetched."""
    if is_added:
        return "图片已加进草稿。继续发文字或图片，或回复“预览”看看效果。"
    return "这张图片没能处理（格式或尺寸不合适），请换一张再发。"

"""What we say outside a conversation. Pure; the words hold no locked content."""

import html
from datetime import datetime

from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.fen import format_yuan

GROUPS_NAMED_MAX = 8


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


def expiring_words(groups: list[tuple[str, datetime]]) -> str:
    """What a creator reads when links into groups end soon: (name, end) of each, as many as fit."""
    lines = [
        f"· 「{name}」{local.month}月{local.day}日 {local:%H:%M} 到期"
        for name, ends_at in groups[:GROUPS_NAMED_MAX]
        for local in (ends_at.astimezone(BEIJING),)
    ]
    if len(groups) > GROUPS_NAMED_MAX:
        lines.append(f"· 还有 {len(groups) - GROUPS_NAMED_MAX} 个群")
    listed = "\n".join(lines)
    return (
        f"这些群的进群链接快到期了：\n{listed}\n"
        "发「我的群」看编号，再发「进群链接 1 https://…」换上新的。"
    )


def picture_words(*, is_added: bool) -> str:
    """What a creator reads when a picture has been fetched."""
    if is_added:
        return "图片已加进草稿。继续发文字或图片，或回复“预览”看看效果。"
    return "这张图片没能处理（格式或尺寸不合适），请换一张再发。"

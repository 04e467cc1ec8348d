"""What we say outside a conversation. Pure; the words hold no locked content."""

from creator_tools.kernel.fen import format_yuan


def paid_words(title: str, amount_fen: int, link: str) -> str:
    """What a buyer reads after paying."""
    return (
        f"支付成功，已为您解锁《{title}》（{format_yuan(amount_fen)} 元）。\n"
        f'<a href="{link}">点这里阅读</a>，在“我的购买”里随时能找到。'
    )


def review_words(title: str, state: str) -> str:
    """What a creator reads when the verdict on a work is there."""
    if state == "published":
        return f"《{title}》已通过审核并发布。"
    if state == "scheduled":
        return f"《{title}》已通过审核，到时间会自动发布。"
    if state == "rejected":
        return f"《{title}》没有通过内容审核，请修改后重新发送“发布”。"
    return f"《{title}》需要人工看一眼，运营确认后会自动发布。"


def picture_words(*, is_added: bool) -> str:
    """What a creator reads when a picture has been fetched."""
    if is_added:
        return "图片已加进草稿。继续发文字或图片，或回复“预览”看看效果。"
    return "这张图片没能处理（格式或尺寸不合适），请换一张再发。"

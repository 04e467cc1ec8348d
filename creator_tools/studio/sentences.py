"""The words of the chat: short, friendly, concrete, and always with what to do next."""

from datetime import datetime

from creator_tools.kernel.fen import format_yuan
from creator_tools.studio.dialogs import ANSWER_CHARS_MAX, Answer, Link
from creator_tools.studio.moments import in_beijing
from creator_tools.works.rules import STATE_ZH

FAN_MENU = (
    "你可以这样发：\n"
    "· 专栏：看看有什么\n"
    "· 看 1：打开第 1 个\n"
    "· 购买 1：买第 1 个\n"
    "· 搜索 摄影\n"
    "· 我的购买：买过的都在这里\n"
    "· 进群：你能进的读者群\n"
    "有邀请码？直接发来就能成为创作者。"
)
STUDIO_PAGE: Link = ("打开创作者页面", "/studio/")
CREATOR_MENU = (
    "创作者可以这样发：\n"
    "· 直接发正文（20 字以上）或图片，就成草稿\n"
    "· 定价 9.9 · 免费 · 预览 · 发布 · 发布 9.9\n"
    "· 定时 明天 8:00\n"
    "· 我的作品 · 改正文 2 · 修改标题 新标题 · 下架 1 · 上架 1\n"
    "· 新建专栏 · 我的专栏 · 专栏改名 · 专栏定价 99 · 专栏包月 19.9 · 专栏包年 199\n"
    "· 建群 群名 进群链接 · 我的群 · 进群链接 https://… · 关群 1\n"
    "· 今日收入 · 收入 7天 · 收入 30天\n"
    "· 笔名 林间 · 主页名 linjian · 简介 一句话 · 邀请码：请一位创作者来\n"
    "· 登录 123456：让电脑登录工作室\n"
    "· 撤销：收回上一步 · 取消：退出当前步骤\n"
    "读者的功能也能用：专栏、搜索、我的购买、进群。"
)
NOT_A_CREATOR = "这是创作者的功能。有邀请码的话直接发来；没有的话，先发「专栏」看看别人的作品。"
ASK_CODE = "好的，请把邀请码发给我（8 位字母和数字）。没有邀请码可以向已入驻的创作者要一个。"
ASK_COLUMN_TITLE = "给专栏起个名字吧（30 字以内），直接发来。"
ASK_FIELD = "它属于哪个领域？兴趣或职业加上领域名，比如：兴趣 摄影，或 职业 产品经理。"
ASK_PROMISE = "打算怎么更新？比如：每周1篇 共12篇。还没想好就发「跳过」。"
ASK_TEXT = "好，把正文发来吧：第一行是标题，从第二行开始是正文。也可以直接发图片。"
ASK_PRICE = "要卖多少钱？发个数字就行，比如 9.9；不收费就发「免费」。"
PRICE_UNCLEAR = "没看懂这个价格。价格在 0.01 到 50000 元之间，最多两位小数，比如：定价 9.9。"
NO_WORK = "还没有可以操作的作品。直接把正文发来（第一行是标题），就会存成草稿。"
NO_COLUMN = "还没有专栏，先建一个：新建专栏 名字 兴趣 摄影 每周1篇 共12篇"
NO_GROUP = "还没有粉丝群。这样建一个：建群 摄影读者群 https://work.weixin.qq.com/gm/…"
ASK_LINK = (
    "微信群：点右上角「…」→「群二维码」，保存后把图片发来。"
    "企业微信群：复制进群链接发来，以 https:// 开头；后面可以写「200人 7天」。"
    "暂时没有就发「跳过」。"
)
NO_SUCH_NUMBER = "没有这个编号。{what}"
NOTHING_TO_UNDO = "没有可以撤销的步骤。"
NOTHING_TO_CONFIRM = "现在没有等待确认的操作，或者确认码已失效，请重新发一次命令。"
CANCELLED = "好，已退出当前步骤。发「帮助」看看能做什么。"
NOTHING_TO_CANCEL = "现在没有进行中的步骤。发「帮助」看看能做什么。"
PRICE_HIDDEN = "详情请在页面中查看。"
EMPTY_SHELF = "这里暂时还没有作品，过几天再来看看吧。"


def no_such_column(number: int | None) -> str:
    """No column was found: the creator has none, or none with this number."""
    if number is None:
        return NO_COLUMN
    return f"没有编号为 {number} 的专栏，发「我的专栏」看看编号。"


def fitted(text: str, *links: Link) -> Answer:
    """An answer of at most 600 characters, cut at the end of a line when it must be cut."""
    if len(text) > ANSWER_CHARS_MAX:
        head = text[: ANSWER_CHARS_MAX - 1]
        text = (head.rsplit("\n", 1)[0] if head.count("\n") > 2 else head) + "…"
    return Answer(text, tuple(links))


def greeting(name: str, menu: str) -> Answer:
    """A greeting with what can be done; `name` with the comma before it, or empty."""
    return fitted(f"你好{name}！\n{menu}")


def welcome(menu: str) -> Answer:
    """What somebody reads who has just followed."""
    return fitted(f"欢迎关注！\n{menu}")


def not_understood(menu: str) -> Answer:
    """What somebody reads whose words are no command and the name of nothing."""
    return fitted(f"没太明白你的意思。{menu}")


def yuan(price_fen: int) -> str:
    """A price for people: "¥9.90", or "免费"."""
    return "免费" if price_fen == 0 else f"¥{format_yuan(price_fen)}"


def work_state(state: str, publish_at: datetime | None) -> str:
    """The state of a work for its author."""
    if state == "scheduled" and publish_at is not None:
        return f"定时 {in_beijing(publish_at)}"
    return STATE_ZH[state]


def shortened(text: str, chars_max: int) -> str:
    """A text on one line, cut to a length."""
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1] + "…"


def work_link(work_id: object) -> Link:
    """Where a work is read and bought."""
    return ("打开", f"/h5/works/{work_id}")


def column_link(column_id: object) -> Link:
    """Where a column is read and bought."""
    return ("打开专栏", f"/h5/columns/{column_id}")


ME_LINK: Link = ("我的", "/h5/me")

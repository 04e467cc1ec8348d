"""What a short message asks for: keywords of two languages, forgiving of spaces and width.

A command is a keyword and what follows it. It *fits* when what follows has the shape the keyword
asks for ("定价 9.9"); otherwise it is *loose*: probably meant, and overruled by a step of the
conversation that waits for free text.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from creator_tools.creators.rules import INTRODUCTION_CHARS_MAX
from creator_tools.kernel.fen import PRICE_FEN_MAX, Fen, parse_yuan

COMMAND_CHARS_MAX = 120
FREE_TEXT_CHARS_MIN = 20
TEXT_CHARS_MAX = 60_000


class Shape(StrEnum):
    """What may follow a keyword."""

    NOTHING = "nothing"
    NUMBER = "number"
    AMOUNT = "amount"
    MOMENT = "moment"
    WORDS = "words"
    CODE = "code"
    DAYS = "days"


@dataclass(frozen=True)
class Command:
    """A verb, what was typed after it, and the number of a listed item if there is one.

    `body` is what stood on the lines below the command.
    """

    verb: str
    rest: str = ""
    number: int | None = None
    is_loose: bool = False
    body: str = ""


@dataclass(frozen=True)
class Amount:
    """A price for the item with this number, or for whatever is at hand."""

    price_fen: Fen
    number: int | None = None


_BECOME = """
成为创作者 我要成为创作者 我想成为创作者 我要当创作者 当创作者 申请创作者 创作者入驻 入驻 邀请码
邀请 激活码 开通创作者 invite creator
"""
# verb: shape, keywords
_VERBS: dict[str, tuple[Shape, str]] = {
    "help": (Shape.NOTHING, "帮助 help 菜单 menu 功能 指令 命令 h 怎么用 使用说明 说明 使用帮助"),
    "greet": (
        Shape.NOTHING,
        "你好 您好 hi hello hey 在吗 嗨 哈喽 哈啰 早 早上好 下午好 晚上好 你好呀 你好啊 开始 start",
    ),
    "cancel": (Shape.NOTHING, "取消 cancel 算了 退出 quit exit 返回 不要了 停止 stop"),
    "undo": (Shape.NOTHING, "撤销 undo 反悔 撤销上一步 撤回上一步 恢复上一步"),
    "confirm": (Shape.CODE, "确认 确定 confirm yes"),
    "more": (Shape.NOTHING, "更多 more 下一页 next 继续"),
    # Before "become": the bare word asks for a code, a code after it is a code to use.
    "invite": (Shape.NOTHING, "邀请码 邀请 邀请朋友 生成邀请码 我的邀请码 invite"),
    "become": (Shape.WORDS, _BECOME),
    "new_column": (
        Shape.WORDS,
        "新建专栏 创建专栏 开专栏 开通专栏 新专栏 建专栏 添加专栏 新增专栏 我要开专栏 newcolumn",
    ),
    "write": (
        Shape.WORDS,
        "写 发文 新作品 写作品 写文章 发作品 发文章 新建作品 新文章 写一篇 投稿 write draft",
    ),
    "price": (Shape.AMOUNT, "定价 价格 售价 标价 改价 设价 设置价格 作品定价 price"),
    "free": (Shape.NUMBER, "免费 免费发 设为免费 free"),
    "column_price": (
        Shape.AMOUNT,
        "专栏定价 专栏价格 专栏售价 专栏永久 专栏买断 永久 columnprice",
    ),
    "column_month": (Shape.AMOUNT, "专栏包月 包月 月费 专栏月费 monthly"),
    "column_quarter": (Shape.AMOUNT, "专栏包季 包季 季费 专栏季费 quarterly"),
    "column_year": (Shape.AMOUNT, "专栏包年 包年 年费 专栏年费 yearly"),
    "preview": (Shape.NUMBER, "预览 preview 看预览 试读"),
    "publish": (Shape.AMOUNT, "发布 发表 发出 发布作品 立即发布 publish"),
    "schedule": (Shape.MOMENT, "定时 定时发布 预约 预约发布 schedule"),
    "withdraw": (Shape.NUMBER, "下架 撤回 下架作品 撤回作品 withdraw unpublish"),
    "restore": (Shape.NUMBER, "上架 重新上架 恢复上架 restore"),
    "discard": (Shape.NUMBER, "删除 删除草稿 丢弃 丢弃草稿 discard delete"),
    "my_works": (
        Shape.NOTHING,
        "我的作品 作品 作品列表 我的文章 草稿 我的草稿 草稿箱 myworks works drafts",
    ),
    "my_columns": (Shape.NOTHING, "我的专栏 mycolumns"),
    "choose_column": (Shape.NUMBER, "换专栏 选专栏 放到专栏 选择专栏"),
    "put_in": (Shape.NUMBER, "放进 放进专栏 也放进 加进专栏 加入专栏 putin"),
    "take_out": (Shape.NUMBER, "移出 移出专栏 从专栏移出 takeout"),
    "retitle": (Shape.WORDS, "修改标题 改标题 标题 标题改为 修改标题为 改标题为 改名 title rename"),
    "rewrite": (
        Shape.NUMBER,
        "改正文 修改正文 改内容 修改内容 换正文 重写 编辑正文 改文章 修改文章 rewrite edit",
    ),
    "rename_column": (
        Shape.WORDS,
        "专栏改名 专栏改名为 改专栏名 修改专栏名 改专栏标题 renamecolumn",
    ),
    "new_group": (
        Shape.WORDS,
        "建群 新建群 创建群 建粉丝群 新建粉丝群 创建粉丝群 建读者群 新建读者群 newgroup",
    ),
    "join_way": (
        Shape.WORDS,
        "进群链接 入群链接 群链接 加进群链接 换进群链接 换群链接 更换进群链接 grouplink joinlink",
    ),
    "group_gate": (Shape.WORDS, "进群门槛 群门槛 谁能进群 groupgate"),
    "offer_keeping": (Shape.NUMBER, "群管家 指定群管家 换群管家 groupkeeper"),
    "end_keeping": (Shape.NUMBER, "取消群管家 撤掉群管家 nogroupkeeper"),
    "take_keeping": (Shape.WORDS, "管群 keepgroup"),
    "my_groups": (Shape.NOTHING, "我的群 我的粉丝群 我的读者群 群列表 mygroups"),
    "close_group": (Shape.NUMBER, "关群 关闭群 关闭粉丝群 关闭读者群 解散群 closegroup"),
    "open_group": (Shape.NUMBER, "开群 重开群 恢复群 开放群 重新开群 opengroup"),
    "groups": (Shape.NUMBER, "进群 群 粉丝群 读者群 加群 入群 加入群 group groups joingroup"),
    "income": (
        Shape.DAYS,
        "今日收入 收入 今天收入 我的收入 收益 今日收益 今天赚了多少 income revenue today",
    ),
    "sign_in": (Shape.WORDS, "登录 登陆 登录工作室 电脑登录 login signin"),
    "pen_name": (Shape.WORDS, "笔名 我叫 改笔名 修改笔名 笔名改为 我的笔名 penname"),
    "handle": (Shape.WORDS, "主页名 主页短名 改主页名 修改主页名 handle"),
    "introduction": (Shape.WORDS, "简介 个人简介 改简介 修改简介 bio"),
    "pause_column": (Shape.NUMBER, "暂停专栏 专栏暂停 pause"),
    "open_column": (Shape.NUMBER, "恢复专栏 开放专栏 继续专栏 重开专栏 resume"),
    "close_column": (Shape.NUMBER, "关闭专栏 专栏关闭 close"),
    "browse": (
        Shape.NOTHING,
        "专栏 浏览 列表 逛逛 看看 首页 发现 最新 专栏列表 全部专栏 有什么 browse list columns",
    ),
    "open": (Shape.NUMBER, "看 打开 阅读 查看 读 open read view"),
    "buy": (Shape.NUMBER, "购买 买 下单 订阅 我要买 我想买 付款 支付 buy pay order"),
    "purchases": (
        Shape.NOTHING,
        "我的购买 已购 我买的 购买记录 我的订单 已购买 我的已购 订单 purchases orders bought",
    ),
    "search": (Shape.WORDS, "搜索 搜 查找 搜一下 search find"),
}
# What a tap on the menu means; a key that is itself a command is taken as typed.
KEYS = {
    "browse": "专栏",
    "search": "搜索",
    "purchases": "我的购买",
    "help": "帮助",
    "become": "成为创作者",
    "write": "写",
    "works": "我的作品",
    "columns": "我的专栏",
    "income": "今日收入",
    "groups": "进群",
}


@dataclass(frozen=True)
class _Keyword:
    """A keyword, what it asks for, and how it begins a line."""

    text: str
    verb: str
    shape: Shape
    begins: re.Pattern[str]


def _beginning(keyword: str) -> re.Pattern[str]:
    # "new column" and "newcolumn" are the same to a thumb.
    between = r"\s*" if keyword.isascii() else ""
    return re.compile(between.join(re.escape(letter) for letter in keyword))


def _by_first_letter() -> dict[str, tuple[_Keyword, ...]]:
    """One keyword is often the beginning of another; the longest one is meant."""
    found: dict[str, list[_Keyword]] = {}
    for verb, (shape, keywords) in _VERBS.items():
        for text in keywords.split():
            found.setdefault(text[0], []).append(_Keyword(text, verb, shape, _beginning(text)))
    return {
        letter: tuple(sorted(several, key=lambda one: -len(one.text)))
        for letter, several in found.items()
    }


_KEYWORDS = _by_first_letter()
_WRITE_KEYWORDS = frozenset(_VERBS["write"][1].split())

# No minus sign: "定价 -5" must not become 5 yuan.
_SEPARATORS = " \t:,;=、，：；"
_WRAPPING = " \t\"'“”‘’「」『』《》【】<>()（）[]/#@*"
# After these verbs a quotation mark begins a name: "建群「读者群」".
_OPENING = '「『《“【"'
_AFTER_INTRODUCTION = frozenset(" \t\n\u3000:：=")
_NAMING = frozenset({"new_column", "new_group", "rename_column", "search", "pen_name"})
_TRAILING = "。.!！?？~～,，;；…"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029\u0085]")
_ITEM = re.compile(r"^第?\s*(\d{1,9}|[一二两三四五六七八九十])\s*(?:个|篇|号|条|项|部|期)?$")
_CODE = re.compile(r"^\d{4}$")
_LONG_SUM = re.compile(r"[\d.,¥元块]{9,}")
_ADDRESS = re.compile(r"https?://[^\s，。；、！？「」『』《》（）【】\"'<>“”‘’]+", re.IGNORECASE)
_GROUP_LINK = re.compile(r"https://work\.weixin\.qq\.com/\S+", re.IGNORECASE)
_DAYS = re.compile(r"^(?:最近|近|过去)?\s*(\d{1,3}|一|七|十|三十)\s*[天日]?(?:内|以内)?$")
_INCOME_OF_DAYS = re.compile(r"^(?:最近|近|过去)?\s*(\d{1,3}|七|三十)\s*天的?\s*(?:收入|收益)$")
_SPOKEN_DAYS = {"一": 1, "七": 7, "十": 10, "三十": 30}
_CHINESE_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2}
_FREE = frozenset({"免费", "free", "0", "0元", "不要钱"})


def cleaned(text: str) -> str:
    """A message without what cannot be stored; nothing a person can see is lost."""
    text = _LINE_END.sub("\n", text[:TEXT_CHARS_MAX])
    return _CONTROL.sub("", text).strip()


def words_of_key(key: str) -> str:
    """What a tap on the menu says; a key that is no name of ours is taken as typed."""
    return KEYS.get(key.strip().lower(), key)


def normalised(text: str) -> str:
    """One line in one width and case, without quotes around it or signs at its end."""
    line = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    bare = line.strip(_WRAPPING).rstrip(_TRAILING).strip(_WRAPPING)
    return bare or line


def parse(said: str) -> Command | None:
    """The command in a cleaned message, or None when it is none."""
    first, *others = said.split("\n", 1)
    if others:
        return _with_body(first, others[0].strip()) or _introducing(said)
    line = normalised(said)
    if not line or _is_long(line):
        return _introducing(said)
    if not line.strip(_TRAILING):
        return Command("help")
    loose: Command | None = None
    for keyword in _KEYWORDS.get(line[0], ()):
        found = _match(said, line, keyword)
        if found is not None and not found.is_loose:
            return found
        loose = loose or found
    return loose or _bare(said, line)


def _is_long(line: str) -> bool:
    # An address is long by nature; what a person typed around it is not.
    return len(line) > COMMAND_CHARS_MAX and len(_ADDRESS.sub("", line)) > COMMAND_CHARS_MAX


def item_number(text: str) -> int | None:
    """The number of a listed item: "2", "第2篇", "二"."""
    match = _ITEM.match(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    digits = match.group(1)
    return _CHINESE_DIGITS[digits] if digits in _CHINESE_DIGITS else int(digits)


def amount(rest: str) -> Amount | None:
    """A price, perhaps after the number of an item: "9.9", "2 9.9元", "免费"."""
    parts = unicodedata.normalize("NFKC", rest).lower().replace("rmb", "").split()
    parts = [part.strip(_SEPARATORS).removesuffix("钱") for part in parts]
    if not 1 <= len(parts) <= 2:
        return None
    price_fen = Fen(0) if parts[-1] in _FREE else parse_yuan(parts[-1])
    number = item_number(parts[0]) if len(parts) == 2 else None
    if price_fen is None or price_fen > PRICE_FEN_MAX or (len(parts) == 2 and number is None):
        return None
    return Amount(price_fen, number)


def days(rest: str) -> int | None:
    """How many days are meant: "7天", "最近 30 天", "七天"; None when it is no such span."""
    match = _DAYS.match(unicodedata.normalize("NFKC", rest).strip())
    if match is None:
        return None
    said = match.group(1)
    return _SPOKEN_DAYS[said] if said in _SPOKEN_DAYS else int(said)


def around_address(text: str) -> tuple[str, str, str]:
    """What stands before the first web address of a text, the address, and what follows it.

    Without an address everything stands before it.
    """
    match = _ADDRESS.search(text)
    if match is None:
        return text.strip(), "", ""
    scheme, _, rest = match.group().partition("://")
    address = f"{scheme.lower()}://{rest}"
    return text[: match.start()].strip(), address, text[match.end() :].strip()


def is_free_text(said: str) -> bool:
    """Whether a message is rather something written than something asked."""
    if _GROUP_LINK.fullmatch(said.strip()):
        return False
    return "\n" in said or len(said) >= FREE_TEXT_CHARS_MIN


def said_of_oneself(said: str) -> str | None:
    """What follows the keyword of an introduction, of any length; None when it does not begin so.

    An introduction may be longer than a command and have several lines.
    """
    typed = said.lstrip(_WRAPPING)
    for text in _VERBS["introduction"][1].split():
        after = typed[len(text) :]
        if typed.lower().startswith(text) and after[:1] in _AFTER_INTRODUCTION:
            return after.strip(_SEPARATORS + "\u3000\n")
    return None


def _introducing(said: str) -> Command | None:
    words = said_of_oneself(said)
    if words is None or not 0 < len(words) <= INTRODUCTION_CHARS_MAX:
        return None
    return Command("introduction", words, is_loose=True)


def _with_body(first: str, body: str) -> Command | None:
    if normalised(first) in _WRITE_KEYWORDS:
        return Command("write", body)
    head = parse(first)
    if head is None or head.is_loose or head.verb != "rewrite":
        return None
    return Command("rewrite", head.rest, head.number, body=body)


def _match(said: str, line: str, keyword: _Keyword) -> Command | None:
    begin = keyword.begins.match(line)
    if begin is None:
        return None
    verb, shape = keyword.verb, keyword.shape
    after = line[begin.end() :]
    if keyword.text.isascii() and after[:1].isalpha():
        return None
    rest = after.strip(_SEPARATORS)
    is_apart = after == "" or after[0] in _SEPARATORS or (verb in _NAMING and after[0] in _OPENING)
    if _fits(shape, rest, is_apart=is_apart):
        return Command(verb, _as_typed(said, keyword, rest), item_number(rest))
    if shape == Shape.WORDS:
        is_meant = verb != "write"
    else:
        is_meant = is_apart and shape != Shape.NOTHING and len(line) < FREE_TEXT_CHARS_MIN
    return Command(verb, _as_typed(said, keyword, rest), is_loose=True) if is_meant else None


def _fits(shape: Shape, rest: str, *, is_apart: bool) -> bool:
    if shape == Shape.WORDS:
        return is_apart or _ADDRESS.match(rest) is not None
    if rest == "":
        return True
    if shape == Shape.NUMBER:
        return item_number(rest) is not None
    if shape == Shape.AMOUNT:
        # A long row of digits is a price that cannot be, and no text that somebody wrote.
        return amount(rest) is not None or (is_apart and _LONG_SUM.fullmatch(rest) is not None)
    if shape == Shape.DAYS:
        return days(rest) is not None
    if shape == Shape.CODE:
        return _CODE.match(rest) is not None
    return shape == Shape.MOMENT and any(char.isdigit() or char in "点今明后" for char in rest)


def _as_typed(said: str, keyword: _Keyword, rest: str) -> str:
    # A title keeps its case and its punctuation; only the way to it was normalised.
    bare = said.strip().lstrip(_WRAPPING)
    ends_with_address = _ADDRESS.search(bare.rpartition(" ")[2]) is not None
    if not ends_with_address:
        bare = bare.rstrip(_WRAPPING)
    begin = keyword.begins.match(bare.lower())
    if begin is None or not rest:
        return rest
    typed = bare[begin.end() :].lstrip(_SEPARATORS + "\u3000")
    # A sign at the end of an address belongs to it.
    return typed if ends_with_address else typed.rstrip(_SEPARATORS + "\u3000")


def _bare(said: str, line: str) -> Command | None:
    if _CODE.match(line):
        return Command("confirm", line, is_loose=True)
    if _GROUP_LINK.fullmatch(line):
        return Command("join_way", said.strip(), is_loose=True)
    if (span := _INCOME_OF_DAYS.match(line)) is not None:
        return Command("income", f"{span.group(1)}天")
    number = item_number(line)
    return None if number is None else Command("open", line, number, is_loose=True)

"""A creator's columns by chat: open one step by step or in one line, price, pause, close."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.columns.models import Column
from creator_tools.creators.models import Creator
from creator_tools.kernel.text import clean_line
from creator_tools.studio import sentences, work_desk
from creator_tools.studio.deeds import columns as deeds
from creator_tools.studio.deeds.columns import STATE_ZH
from creator_tools.studio.dialogs import Answer, Talk, ask_confirmation
from creator_tools.studio.errors import MustConfirm
from creator_tools.studio.grammar import Command, item_number

TITLE_CHARS_MAX = 30
FIELD_CHARS_MAX = 20
CADENCE_CHARS_MAX = 20
NO_CADENCE = "不定期更新"
_KINDS = {
    "兴趣": "interest",
    "爱好": "interest",
    "interest": "interest",
    "职业": "occupation",
    "职场": "occupation",
    "occupation": "occupation",
}
_KIND_ZH = {"interest": "兴趣", "occupation": "职业"}
_FIELD = re.compile(rf"^({'|'.join(_KINDS)})(?:专栏|领域|类)?[:\s]*(.*)$")
_KIND = re.compile(rf"(?:{'|'.join(_KINDS)})(?:专栏|领域|类)?(?::.*)?")
_LABELS = re.compile(r"(?:标题|名称|名字|领域|类型|承诺|更新承诺|更新)[:：]")
_PROMISE_PART = re.compile(
    r"^(?:每|共|一共|总共|总计|日更|周更|月更|不定期|跳过|随缘|weekly|daily|monthly)|^\d+篇$"
)
_COUNT = re.compile(
    r"(?:一共|总共|总计|共)\s*(\d{1,6}|[一二两三四五六七八九十百]{1,4})\s*(?:篇|期|讲|节)?"
)
_BARE_COUNT = re.compile(r"^(\d{1,6})\s*(?:篇|期|讲|节)$")
_SKIP = frozenset({"跳过", "skip", "没有", "无", "不知道", "没想好", "还没想好", "随便"})


@dataclass(frozen=True)
class Plan:
    """What a creator said about a column to be, as far as it was said."""

    title: str
    field: str
    promise: str


def planned(rest: str) -> Plan:
    """Cut one line into title, field and promise: "城市摄影 兴趣 摄影 每周1篇 共12篇"."""
    words = [word for word in re.split(r"[\s,，、|/《》「」“”]+", _LABELS.sub(" ", rest)) if word]
    cut = next(
        (at for at, word in enumerate(words) if at and _PROMISE_PART.match(_narrow(word))),
        len(words),
    )
    at = next(
        (at for at, word in enumerate(words[:cut]) if at and _KIND.fullmatch(_narrow(word))), None
    )
    if at is None and cut == len(words):
        return Plan(rest.strip(" 《》「」“”"), "", "")
    # Without the word 兴趣 or 职业, the first word is the title and what follows is the field.
    title_ends = 1 if at is None else at
    return Plan(
        " ".join(words[:title_ends]), " ".join(words[title_ends:cut]), " ".join(words[cut:])
    )


def parsed_field(text: str) -> tuple[str, str]:
    """(kind, name) of "兴趣 摄影"; a name alone is an interest, a kind alone has no name."""
    line = " ".join(text.split())
    match = _FIELD.match(_narrow(line))
    if match is None:
        return "interest", line
    name = line[len(match.group(0)) - len(match.group(2)) :] if match.group(2) else ""
    return _KINDS[match.group(1)], name.strip(" :：，,")


def parsed_promise(text: str) -> tuple[str, int]:
    """(cadence, count) of "每周1篇 共12篇"; what was not said is 不定期 and 0."""
    line = " ".join(_narrow(text).split()).strip("。.!！,，")
    if line in _SKIP or not line:
        return NO_CADENCE, 0
    count = 0
    found = _COUNT.search(line)
    if found is not None:
        count = _number(found.group(1))
        line = (line[: found.start()] + " " + line[found.end() :]).strip(" ,，、;；")
    elif (bare := _BARE_COUNT.match(line)) is not None:
        return NO_CADENCE, int(bare.group(1))
    return " ".join(line.split()) or NO_CADENCE, count


def new_column(talk: Talk, command: Command, _creator: Creator) -> Answer:
    """Open a column from one line, or ask for what the line lacks."""
    plan = planned(command.rest)
    talk.remember(column_title=None, column_field=None)
    if not plan.title:
        talk.wait_for("column_title")
        return Answer(sentences.ASK_COLUMN_TITLE)
    talk.remember(column_title=clean_line(plan.title, "title", TITLE_CHARS_MAX))
    if not plan.field:
        talk.wait_for("column_field")
        return Answer(sentences.ASK_FIELD)
    return take_field(talk, plan.field, promise=plan.promise)


def take_title(talk: Talk, said: str) -> Answer:
    """The answer to "what is it called?"; a whole line is understood too."""
    creator = work_desk.known_creator(talk)
    return new_column(talk, Command("new_column", said), creator)


def take_field(talk: Talk, said: str, *, promise: str = "") -> Answer:
    """The answer to "which field?"."""
    kept_kind = talk.recall("column_kind")
    kind, name = parsed_field(said)
    if kept_kind in _KIND_ZH and _FIELD.match(_narrow(said.strip())) is None:
        kind = str(kept_kind)
    if not name:
        talk.remember(column_kind=kind)
        talk.wait_for("column_field")
        return Answer(f"{_KIND_ZH[kind]}专栏，具体是什么领域？比如：摄影、产品经理。")
    talk.remember(column_field=[kind, clean_line(name, "field_name", FIELD_CHARS_MAX)])
    if not promise:
        talk.wait_for("column_promise")
        return Answer(sentences.ASK_PROMISE)
    return take_promise(talk, promise)


def take_promise(talk: Talk, said: str) -> Answer:
    """The answer to "how often?"; with it the column is there."""
    creator = work_desk.known_creator(talk)
    title, field = talk.recall("column_title"), talk.recall("column_field")
    if not title or not field:
        return new_column(talk, Command("new_column"), creator)
    cadence, count = parsed_promise(said)
    column = deeds.create(
        talk.doer(),
        title=title,
        field_kind=field[0],
        field_name=field[1],
        promised_cadence=clean_line(cadence, "promised_cadence", CADENCE_CHARS_MAX),
        promised_count=count,
    )
    talk.wait_for("")
    talk.remember(column_title=None, column_field=None, column_kind=None, column=str(column.id))
    promised = column.promised_cadence + (f"，共 {count} 篇" if count else "")
    field_zh = f"{_KIND_ZH[column.field_kind]} · {column.field_name}"
    made = f"专栏《{column.title}》建好了：{field_zh}，{promised}。"
    kept = talk.recall("kept_text")
    if isinstance(kept, str):
        talk.remember(kept_text=None)
        drafted = work_desk.draft_from(talk, creator, kept)
        return sentences.fitted(f"{made}\n{drafted.text}", *drafted.links)
    return sentences.fitted(
        f"{made}\n接下来直接把正文发来就成草稿；整个专栏要卖的话回复「专栏定价 99」。",
        sentences.column_link(column.id),
    )


def my_columns(talk: Talk, _command: Command, creator: Creator) -> Answer:
    """List the creator's columns with state and prices."""
    own = columns.list_of_creator(talk.session, creator.id)
    if not own:
        return Answer(sentences.NO_COLUMN)
    talk.remember_list([("column", column.id) for column in own])
    lines = ["我的专栏："]
    for number, column in enumerate(own[:10], start=1):
        prices = [
            f"{_term_zh(product.term_days)} {sentences.yuan(product.price_fen)}"
            for product in catalogue.list_of_column(talk.session, column.id)
        ]
        priced = "，".join(prices) or "未定价"
        lines.append(f"{number}. 《{column.title}》{STATE_ZH[column.state]} · {priced}")
    talk.remember(shown=min(len(own), 10))
    lines.append("可以发：专栏定价 99、包月 19.9、包年 199、暂停专栏 1、关闭专栏 1。")
    return sentences.fitted("\n".join(lines), *map(sentences.column_link, _ids(own[:1])))


def choose_column(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Write into another column from now on."""
    column = chosen_column(talk, creator, command.number)
    if column is None or command.number is None:
        return my_columns(talk, command, creator)
    talk.remember(column=str(column.id))
    return Answer(f"好，之后的作品放进《{column.title}》。")


def rename(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Give a column another title: "专栏改名 新名字", or "专栏改名 2 新名字" with several."""
    number, title = _number_and_title(command.rest)
    own = columns.list_of_creator(talk.session, creator.id)
    column = chosen_column(talk, creator, number)
    if column is None or (number is None and len(own) > 1):
        return my_columns(talk, command, creator) if not own else _ask_which(talk, own)
    if not title:
        talk.wait_for("rename_column")
        return Answer(f"《{column.title}》的新名字是什么？直接发来（{TITLE_CHARS_MAX} 字以内）。")
    talk.wait_for("")
    after = deeds.rename(talk.doer(), column.id, title).title
    return Answer(f"专栏已改名为《{after}》，出售的名字也一起改了。")


def pause(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Stop taking new readers for a while; can be undone."""
    column = chosen_column(talk, creator, command.number)
    if column is None:
        return my_columns(talk, command, creator)
    deeds.pause(talk.doer(), column.id)
    return Answer(
        f"专栏《{column.title}》已暂停，不再接受新订阅，老读者照常能读。回复「撤销」可恢复。"
    )


def reopen(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Take new readers again."""
    column = chosen_column(talk, creator, command.number)
    if column is None:
        return my_columns(talk, command, creator)
    deeds.reopen(talk.doer(), column.id)
    return Answer(f"专栏《{column.title}》已开放订阅。")


def close(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Ask for a code before a column is closed."""
    column = chosen_column(talk, creator, command.number)
    if column is None:
        return my_columns(talk, command, creator)
    try:
        return closed(deeds.close(talk.doer(), column.id))
    except MustConfirm as asked:
        code = ask_confirmation(talk, asked.step)
    return Answer(
        f"关闭《{column.title}》后不再出售，买过的人照常能读。\n"
        f"10 分钟内回复「确认 {code}」才会关闭。"
    )


def closed(column: Column) -> Answer:
    """What to say of a column that was just closed."""
    return Answer(f"专栏《{column.title}》已关闭。回复「撤销」可恢复。")


def chosen_column(talk: Talk, creator: Creator, number: int | None) -> Column | None:
    """The column that a number means; without one, the one at hand or the only one."""
    own = columns.list_of_creator(talk.session, creator.id)
    if number is not None:
        item = talk.listed(number)
        wanted = item[1] if item is not None and item[0] == "column" else None
        listed = [column for column in own if column.id == wanted]
        if listed:
            return listed[0]
        return own[number - 1] if 1 <= number <= len(own) else None
    return work_desk.column_at_hand(talk, own)


def _ask_which(talk: Talk, own: list[Column]) -> Answer:
    talk.wait_for("rename_column")
    talk.remember_list([("column", column.id) for column in own])
    lines = [f"{at}. 《{column.title}》" for at, column in enumerate(own, start=1)]
    return sentences.fitted("\n".join(["改哪个专栏？发编号和新名字，比如「1 新名字」：", *lines]))


def _number_and_title(rest: str) -> tuple[int | None, str]:
    first, _, following = rest.strip().partition(" ")
    number = item_number(first)
    if number is None or not following.strip():
        return None, rest.strip(" 《》「」“”")
    return number, following.strip(" 《》「」“”")


def _term_zh(term_days: int | None) -> str:
    return {None: "永久", 30: "包月", 90: "包季", 365: "包年"}.get(term_days, f"{term_days} 天")


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _number(digits: str) -> int:
    if digits.isdecimal():
        return int(digits)
    signs = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
    hundreds, _, below = digits.rpartition("百")
    tens, has_ten, ones = below.rpartition("十")
    total = signs.get(hundreds, 1) * 100 if "百" in digits else 0
    if has_ten:
        total += signs.get(tens, 1) * 10
    return total + signs.get(ones, 0)


def _ids(own: list[Column]) -> list[UUID]:
    return [column.id for column in own]

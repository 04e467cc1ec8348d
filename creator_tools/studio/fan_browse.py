"""What everyone may do: look around, open, buy, search, see what they bought.

Only titles and previews are ever said here; what is locked stays behind the gate of the pages.
"""

from uuid import UUID

from creator_tools.access import queries as access
from creator_tools.catalogue import queries as catalogue
from creator_tools.catalogue.models import Product
from creator_tools.columns import queries as columns
from creator_tools.columns.errors import ColumnNotFound
from creator_tools.columns.models import Column
from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.fan_groups.errors import FanGroupNotFound
from creator_tools.kernel import searching
from creator_tools.studio import fan_doors, sentences
from creator_tools.studio.dialogs import Answer, Link, Talk
from creator_tools.studio.grammar import Command
from creator_tools.studio.moments import in_beijing
from creator_tools.works import queries as works
from creator_tools.works.errors import WorkNotFound
from creator_tools.works.models import Work
from creator_tools.works.rules import text_of_html

PAGE_ITEMS = 8
COLUMNS_FIRST = 4
SUGGESTED_MAX = 5
SEARCH_CHARS_MAX = 40
# One sign is in half of all titles, and a long line is no title.
FOUND_CHARS_MIN = 2
FOUND_CHARS_MAX = 20
PREVIEW_CHARS_MAX = 320
_HEADINGS = {"column": "专栏", "work": "作品", "group": "读者群"}


def browse(talk: Talk, _command: Command) -> Answer:
    """List columns and the newest works under one row of numbers."""
    items = _shelf(talk)
    if not items:
        return Answer(sentences.EMPTY_SHELF)
    talk.remember_list(items)
    return more(talk, _command)


def search(talk: Talk, command: Command) -> Answer:
    """List columns and works that mention the words, or else what there is."""
    words = command.rest[:SEARCH_CHARS_MAX].strip()
    if not words:
        talk.wait_for("search")
        return Answer("想找什么？发个关键词就行，比如：摄影。")
    talk.wait_for("")
    found = _mentioning(talk, words)
    if found:
        talk.remember_list(found)
        return more(talk, command)
    nothing = f"没有找到和「{words}」有关的内容"
    shelf = _shelf(talk)
    if not shelf:
        return Answer(f"{nothing}。{sentences.EMPTY_SHELF}")
    talk.remember_list(shelf[:SUGGESTED_MAX])
    return sentences.fitted(f"{nothing}，换个词试试，或者看看这些：\n{more(talk, command).text}")


def find(talk: Talk, said: str) -> Answer | None:
    """What is called as somebody said in passing, or None when nothing is."""
    words = may_be_called(said)
    if words is None:
        return None
    found = _called(talk, words)
    if not found:
        return None
    talk.remember_list(found)
    return sentences.fitted(f"找到这些：\n{more(talk, Command('more')).text}")


def may_be_called(said: str) -> str | None:
    """What a title would have to mention, or None when nothing is called so long or so short."""
    words = said.strip()
    if not FOUND_CHARS_MIN <= len(words) <= FOUND_CHARS_MAX or "\n" in words:
        return None
    return words


def more(talk: Talk, _command: Command) -> Answer:
    """The next page of what was listed last."""
    items = talk.recall("items") or []
    shown = int(talk.recall("shown") or 0)
    page = items[shown : shown + PAGE_ITEMS]
    if not page:
        return Answer("没有更多了。发「专栏」从头看，或发「搜索 关键词」。")
    lines: list[str] = []
    heading = ""
    may_show = talk.desk.may_show_price(talk.session, talk.person_id)
    for offset, (kind, key) in enumerate(page):
        if _HEADINGS.get(kind, "") != heading:
            heading = _HEADINGS.get(kind, "")
            lines.append(f"{heading}：")
        lines.append(f"{shown + offset + 1}. {_line(talk, kind, UUID(key), may_show=may_show)}")
    talk.remember(shown=shown + len(page))
    rest = "，「更多」看下一页" if shown + len(page) < len(items) else ""
    lines.append(f"回复编号打开，如「{shown + 1}」{rest}。")
    return sentences.fitted("\n".join(lines))


def open_item(talk: Talk, command: Command) -> Answer:
    """Open what was listed under a number."""
    item = talk.listed(command.number)
    if item is None:
        if command.number is None:
            return browse(talk, command)
        return _no_such_number(talk)
    kind, key = item
    if kind == "group":
        return fan_doors.open_group(talk, key)
    try:
        return open_column(talk, key) if kind == "column" else open_work(talk, key)
    except (ColumnNotFound, WorkNotFound):
        return _no_such_number(talk)


def open_column(talk: Talk, column_id: UUID) -> Answer:
    """A column with its promise, its prices and the first of its works."""
    column = columns.get(talk.session, column_id)
    published = works.list_published(talk.session, column_id, limit=40)
    talk.remember_list([("work", work.id) for work in published])
    talk.remember(column=str(column_id))
    lines = [_column_line(talk, column), sentences.shortened(column.introduction, 80)]
    lines += _offers(talk, catalogue.list_of_column(talk.session, column_id))
    if published:
        lines.append(more(talk, Command("more")).text)
    else:
        lines.append("还没有发布作品。")
    links = [sentences.column_link(column_id), *_group_links(talk, column_id)]
    return sentences.fitted("\n".join(line for line in lines if line), *links)


def open_work(talk: Talk, work_id: UUID) -> Answer:
    """A work as this person may see it: its free part, and where to read or buy the rest."""
    opened = access.open_work(
        talk.session, work_id=work_id, person_id=talk.person_id, now=talk.uow.now()
    )
    if opened is None:
        raise WorkNotFound(work_id=str(work_id))
    talk.remember(opened=str(work_id))
    preview = sentences.shortened(text_of_html(opened.preview_html), PREVIEW_CHARS_MAX)
    lines = [f"《{opened.title}》", preview]
    if opened.unlocked:
        lines.append("全文已解锁，点开就能读。")
    else:
        lines += _offers(talk, catalogue.list_of_work(talk.session, work_id, opened.column_id)[:3])
        is_hidden = sentences.PRICE_HIDDEN in lines
        lines.append("点开链接继续读。" if is_hidden else "点开链接继续读，或回复「购买」。")
    return sentences.fitted("\n".join(line for line in lines if line), sentences.work_link(work_id))


def buy(talk: Talk, command: Command) -> Answer:
    """Tell what an item costs and give the page where it is paid."""
    item = talk.listed(command.number)
    if command.number is None:
        last = talk.recall_id("opened")
        item = ("work", last) if last is not None else None
    if item is None:
        return _no_such_number(talk) if command.number is not None else browse(talk, command)
    try:
        return _buy_column(talk, item[1]) if item[0] == "column" else _buy_work(talk, item[1])
    except (ColumnNotFound, WorkNotFound):
        return _no_such_number(talk)


def purchases(talk: Talk, _command: Command) -> Answer:
    """List what this person may open now, and until when; then what has run out."""
    held = access.list_entitlements(talk.session, talk.person_id, talk.uow.now())
    run_out = access.list_run_out(talk.session, talk.person_id, talk.uow.now())
    if not held and not run_out:
        return Answer("你还没有买过内容。发「专栏」看看有什么。", (sentences.ME_LINK,))
    rights = [*held, *run_out]
    talk.remember_list([(right.object_type, right.object_id) for right in rights])
    lines = ["你买过的："]
    for number, right in enumerate(rights[:PAGE_ITEMS], start=1):
        title = _title(talk, right.object_type, right.object_id)
        lines.append(f"{number}. {title} · {_until(right, is_over=number > len(held))}")
    talk.remember(shown=min(len(rights), PAGE_ITEMS))
    rest = f"，共 {len(rights)} 项，「更多」看下一页" if len(rights) > PAGE_ITEMS else ""
    lines.append(f"回复编号打开{rest}。")
    return sentences.fitted("\n".join(lines), sentences.ME_LINK)


def _until(right: access.HeldEntitlement, *, is_over: bool) -> str:
    if right.ends_at is None:
        return "永久"
    at = in_beijing(right.ends_at)
    return f"{at} 已到期，打开可以续期" if is_over else f"到 {at}"


def _shelf(talk: Talk) -> list[tuple[str, UUID]]:
    shelf = [("column", column.id) for column in columns.list_open(talk.session, limit=20)]
    newest = [("work", work.id) for work in works.list_newest(talk.session, limit=20)]
    return [*shelf[:COLUMNS_FIRST], *newest, *shelf[COLUMNS_FIRST:]]


def _mentioning(talk: Talk, words: str) -> list[tuple[str, UUID]]:
    query = searching.read_query(words)
    shelf = [("column", one.column.id) for one in columns.search(talk.session, query)]
    return shelf + [("work", one.work.id) for one in works.search(talk.session, query)]


def _called(talk: Talk, words: str) -> list[tuple[str, UUID]]:
    """As `_mentioning`, by titles and fields alone: what is said in passing is no query."""
    query = searching.read_query(words)
    shelf = [
        ("column", one.column.id)
        for one in columns.search(talk.session, query)
        if query.stands_in(f"{one.column.title} {one.column.field_name}")
    ]
    found = works.search(talk.session, query)
    return shelf + [("work", one.work.id) for one in found if query.stands_in(one.work.title)]


def _buy_work(talk: Talk, work_id: UUID) -> Answer:
    opened = access.open_work(
        talk.session, work_id=work_id, person_id=talk.person_id, now=talk.uow.now()
    )
    if opened is None:
        raise WorkNotFound(work_id=str(work_id))
    link = sentences.work_link(work_id)
    if opened.unlocked:
        return Answer(f"《{opened.title}》已经可以读全文，不用再买。", (link,))
    offers = _offers(talk, catalogue.list_of_work(talk.session, work_id, opened.column_id)[:4])
    if not offers:
        return Answer(f"《{opened.title}》目前没有单独出售，先看看试读吧。", (link,))
    if offers == [sentences.PRICE_HIDDEN]:
        return Answer(f"《{opened.title}》\n{sentences.PRICE_HIDDEN}", (link,))
    text = "\n".join([f"《{opened.title}》", *offers, "点开链接付款，付完马上能读。"])
    return sentences.fitted(text, ("去购买", link[1]))


def _buy_column(talk: Talk, column_id: UUID) -> Answer:
    column = columns.get(talk.session, column_id)
    link = ("去购买", f"/h5/columns/{column_id}")
    offers = _offers(talk, catalogue.list_of_column(talk.session, column_id))
    has_it = access.has_access(
        talk.session,
        person_id=talk.person_id,
        object_type="column",
        object_id=column_id,
        now=talk.uow.now(),
    )
    if has_it:
        offers.insert(0, "你已经订了这个专栏，可以直接看。")
    if not offers:
        return Answer(f"专栏《{column.title}》目前没有整体出售，点开看看单篇吧。", (link,))
    return sentences.fitted("\n".join([f"专栏《{column.title}》", *offers]), link)


def _offers(talk: Talk, products: list[Product]) -> list[str]:
    if not products:
        return []
    if not talk.desk.may_show_price(talk.session, talk.person_id):
        return [sentences.PRICE_HIDDEN]
    return [f"· {_offer_name(product)} {sentences.yuan(product.price_fen)}" for product in products]


def _offer_name(product: Product) -> str:
    if product.kind == "work":
        return "本篇"
    return "整个专栏 永久" if product.term_days is None else f"整个专栏 {product.term_days} 天"


def _line(talk: Talk, kind: str, key: UUID, *, may_show: bool) -> str:
    try:
        if kind == "group":
            return fan_doors.line(talk, key)
        if kind == "column":
            return _column_line(talk, columns.get(talk.session, key))
        work = works.get(talk.session, key)
    except (ColumnNotFound, WorkNotFound, FanGroupNotFound):
        return "（已不存在）"
    return work_line(talk, work, may_show=may_show)


def work_line(talk: Talk, work: Work, *, may_show: bool) -> str:
    """A work on one line: title, state for its own author, price if it may be shown."""
    parts = [f"《{sentences.shortened(work.title, 24)}》"]
    creator = talk.creator
    if creator is not None and creator.id == work.creator_id:
        if work.state != "published":
            parts.append(sentences.work_state(work.state, work.publish_at))
        elif works.has_changes(talk.session, work):
            parts.append("有修改未上线")
    product = catalogue.find_of_work(talk.session, work.id)
    if work.is_free:
        parts.append("免费")
    elif may_show and product is not None and product.state == "on_sale":
        parts.append(sentences.yuan(product.price_fen))
    return " ".join(parts)


def _column_line(talk: Talk, column: Column) -> str:
    name = creators.get(talk.session, column.creator_id).name
    count = works.count_published(talk.session, column.id)
    title = sentences.shortened(column.title, 20)
    return f"《{title}》{column.field_name} · {sentences.shortened(name, 10)} · {count} 篇"


def _title(talk: Talk, kind: str, key: UUID) -> str:
    try:
        if kind == "column":
            return f"专栏《{sentences.shortened(columns.get(talk.session, key).title, 24)}》"
        return f"《{sentences.shortened(works.get(talk.session, key).title, 24)}》"
    except (ColumnNotFound, WorkNotFound):
        return "（已不存在）"


def _group_links(talk: Talk, column_id: UUID) -> list[Link]:
    now = talk.uow.now()
    groups = [
        group
        for group in fan_groups.list_of_column(talk.session, column_id)
        if fan_groups.may_enter(talk.session, group, talk.person_id, now)
    ]
    return [(f"进群：{group.name}", f"/g/{group.code}") for group in groups[:2]]


def _no_such_number(talk: Talk) -> Answer:
    count = len(talk.recall("items") or [])
    what = f"刚才列出的是 1 到 {count}。" if count else "先发「专栏」看看列表。"
    return Answer(sentences.NO_SUCH_NUMBER.format(what=what))

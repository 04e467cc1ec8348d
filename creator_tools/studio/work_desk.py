"""A creator's works by chat: text and pictures become drafts, drafts become works."""

import re

from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.columns.models import Column
from creator_tools.creators.models import Creator
from creator_tools.studio import fan_browse, sentences
from creator_tools.studio.deeds import works as deeds
from creator_tools.studio.dialogs import Answer, Talk, ask_confirmation
from creator_tools.studio.errors import MustConfirm, NotACreator, NothingAtHand
from creator_tools.studio.grammar import Command, is_free_text
from creator_tools.studio.moments import in_beijing, parse_moment
from creator_tools.works import queries as works
from creator_tools.works import rules
from creator_tools.works.models import Work

TITLE_CHARS_MAX = 64
SHORT_TITLE_CHARS_MAX = 20
PICTURE_TITLE = "图片作品"
_MARKUP = re.compile(r"^[#>*\-\s]+|[*_`#]+$")
_CLAUSE_END = re.compile(r"[，。！？、；：,.!?;:\s]")
_PICTURE = re.compile(r"/media/[0-9a-f]{64}")
_UNFINISHED = frozenset({"draft", "rejected"})
_ON_ITS_WAY = frozenset({"in_review", "scheduled"})


def known_creator(talk: Talk) -> Creator:
    """The creator who speaks; `NotACreator` for anybody else."""
    if talk.creator is None:
        raise NotACreator
    return talk.creator


def write(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Wait for a text, or take the one that came with the word."""
    if command.rest:
        return take_text(talk, command.rest)
    if column_at_hand(talk, columns.list_of_creator(talk.session, creator.id)) is None:
        return Answer(sentences.NO_COLUMN)
    talk.wait_for("writing")
    talk.remember(title=None)
    return Answer(sentences.ASK_TEXT)


def take_text(talk: Talk, said: str) -> Answer:
    """A short line is a title and waits for its text; anything longer is a draft."""
    creator = known_creator(talk)
    title = talk.recall("title")
    if isinstance(title, str):
        return draft_from(talk, creator, f"{title}\n{said}")
    if not is_free_text(said):
        talk.remember(title=said)
        talk.wait_for("writing")
        return Answer(f"标题：{said}\n现在把正文发来；想换标题，先发「取消」。")
    return draft_from(talk, creator, said)


def draft_from(talk: Talk, creator: Creator, said: str) -> Answer:
    """Keep a text as a draft, or with the pictures that were just sent; never lose it."""
    own = columns.list_of_creator(talk.session, creator.id)
    column = column_at_hand(talk, own)
    if column is None:
        talk.remember(kept_text=said, title=None)
        talk.wait_for("column_title")
        return Answer("文字先替你留着。还没有专栏，" + sentences.ASK_COLUMN_TITLE)
    title, body = title_and_body(said)
    pictures = talk.recall_id("pictures")
    if pictures is not None and works.get_own(talk.session, pictures, creator.id).state == "draft":
        shown = works.newest_revision(talk.session, works.get(talk.session, pictures)).markdown
        work = deeds.revise(talk.doer(), pictures, title=title, markdown=f"{body}\n\n{shown}")
        deeds.offer_discard(talk.doer(), work)
    else:
        work = deeds.draft(talk.doer(), column_id=column.id, title=title, markdown=body)
    _at_hand(talk, work)
    place = f"（专栏《{column.title}》，要换就发「换专栏 编号」）" if len(own) > 1 else ""
    chars = rules.render(body).char_count
    return sentences.fitted(
        f"已存草稿《{work.title}》{place}，{chars} 字。\n{_next_step(talk, work)}",
        sentences.work_link(work.id),
    )


def add_picture(talk: Talk, creator: Creator, picture_path: str) -> Answer:
    """Put a picture under the draft at hand, or begin a draft with it."""
    if not _PICTURE.fullmatch(picture_path):
        return Answer("这张图片没有收好，请再发一次。")
    column = column_at_hand(talk, columns.list_of_creator(talk.session, creator.id))
    if column is None:
        return Answer(sentences.NO_COLUMN)
    picture = f"![]({picture_path})"
    work = _work_at_hand(talk, creator)
    if work is not None and work.state in _UNFINISHED:
        body = works.newest_revision(talk.session, work).markdown
        work = deeds.revise(talk.doer(), work.id, markdown=f"{body}\n\n{picture}")
        said = f"图片已加到《{work.title}》末尾。可以接着发图片，或回复「预览」「发布」。"
        return Answer(said, (sentences.work_link(work.id),))
    title = talk.recall("title")
    work = deeds.draft(
        talk.doer(),
        column_id=column.id,
        title=title if isinstance(title, str) else PICTURE_TITLE,
        markdown=picture,
    )
    _at_hand(talk, work)
    if not isinstance(title, str):
        talk.remember(pictures=str(work.id))
    return Answer(
        f"图片已存成草稿《{work.title}》。接着发文字（第一行是标题）会和图片放在一起，"
        "也可以回复「修改标题 新标题」。",
        (sentences.work_link(work.id),),
    )


def preview(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Show what readers see for nothing, and how much stays locked."""
    work = chosen_work(talk, creator, command.number)
    revision = works.newest_revision(talk.session, work)
    rendered = rules.render(revision.markdown)
    free = len("".join(rendered.preview_text.split()))
    shown = sentences.shortened(rendered.preview_text, 300) or "（只显示标题）"
    product = catalogue.find_of_work(talk.session, work.id)
    price = sentences.yuan(product.price_fen) if product is not None else "未定价"
    return sentences.fitted(
        f"《{revision.title}》{price}\n试读：{shown}\n"
        f"（试读 {free} 字，全文 {rendered.char_count} 字）\n{_next_step(talk, work)}",
        sentences.work_link(work.id),
    )


def publish(talk: Talk, work: Work) -> Answer:
    """Submit a work whose price is known; it comes out when its check passes."""
    if not deeds.has_price(talk.doer(), work):
        return Answer(
            f"《{work.title}》还没有定价。回复「发布 9.9」定价并发布，或「发布 免费」免费发布。"
        )
    if work.state == "published" and not works.has_changes(talk.session, work):
        talk.wait_for("")
        link = sentences.work_link(work.id)
        return Answer(f"《{work.title}》已经发布了，没有新的修改。要改发「改正文」。", (link,))
    return _submitted(talk, deeds.submit(talk.doer(), work.id))


def schedule(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Submit a work that shall come out at an hour."""
    work = chosen_work(talk, creator, None)
    if not command.rest:
        talk.wait_for("schedule")
        return Answer("什么时候发布？比如：明天 8:00，或 12月1日 20:00。")
    moment = parse_moment(command.rest, talk.uow.now())
    if moment is None:
        return Answer("没看懂这个时间，请这样发：定时 明天 8:00，或 定时 2026-12-01 08:00。")
    if not deeds.has_price(talk.doer(), work):
        return Answer(f"《{work.title}》还没有定价，先回复「定价 9.9」或「免费」，再定时。")
    talk.wait_for("")
    submitted = deeds.submit(talk.doer(), work.id, publish_at=moment)
    when = in_beijing(moment)
    waiting = "" if submitted.verdict == "pass" else "内容检查通过后，"
    return Answer(f"《{work.title}》{waiting}将在 {when} 自动发布。回复「撤销」可取消。")


def withdraw(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Take a work from the public; a sold one needs a code."""
    work = chosen_work(talk, creator, command.number)
    try:
        return withdrawn(deeds.withdraw(talk.doer(), work.id))
    except MustConfirm as asked:
        code = ask_confirmation(talk, asked.step)
    return Answer(
        f"《{work.title}》已经有人买过。下架后不再出售，买过的人照常能读。\n"
        f"10 分钟内回复「确认 {code}」才会下架。"
    )


def withdrawn(work: Work) -> Answer:
    """What to say of a work that was just taken from the public, or called back."""
    if work.state == "withdrawn":
        return Answer(f"《{work.title}》已下架。回复「撤销」可以马上恢复。")
    return Answer(f"《{work.title}》已退回草稿，不会自动发布了。")


def restore(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Bring a withdrawn work back, or publish one that never was."""
    work = chosen_work(talk, creator, command.number)
    if work.state in _UNFINISHED:
        return publish(talk, work)
    work = deeds.restore(talk.doer(), work.id)
    return Answer(f"《{work.title}》已重新上架。", (sentences.work_link(work.id),))


def discard(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Put a draft away; can be undone."""
    work = chosen_work(talk, creator, command.number)
    if work.live_revision_id is not None:
        return Answer(f"《{work.title}》发布过，不能删除，可以「下架」。")
    deeds.discard(talk.doer(), work.id)
    talk.remember(work=None, pictures=None)
    return Answer(f"草稿《{work.title}》已删除。回复「撤销」可以找回。")


def retitle(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Give the work at hand another title; a published one is checked again."""
    work = chosen_work(talk, creator, None)
    if not command.rest:
        talk.wait_for("retitle")
        return Answer(f"《{work.title}》的新标题是什么？直接发来（{TITLE_CHARS_MAX} 字以内）。")
    talk.wait_for("")
    retitled = deeds.retitle(talk.doer(), work.id, command.rest)
    if retitled.submitted is not None:
        talk.remember(work=str(work.id), pictures=None)
        return Answer(f"新标题《{retitled.title}》检查通过后生效，现在读者看到的还是原来的。")
    return Answer(f"标题已改为《{retitled.title}》。{_next_step(talk, retitled.work)}")


def my_works(talk: Talk, _command: Command, creator: Creator) -> Answer:
    """List the creator's works with state and price, newest first."""
    own = works.list_of_creator(talk.session, creator.id, limit=60)
    if not own:
        return Answer(sentences.NO_WORK)
    talk.remember_list([("work", work.id) for work in own])
    listed = fan_browse.more(talk, Command("more")).text
    return sentences.fitted(f"我的{listed}")


def chosen_work(talk: Talk, creator: Creator, number: int | None) -> Work:
    """The work that a number means; without one, the one at hand.

    Raises:
        NothingAtHand: the number or the work does not exist.
    """
    if number is None:
        work = _work_at_hand(talk, creator)
        if work is None:
            raise NothingAtHand(said=sentences.NO_WORK)
        return work
    item = talk.listed(number)
    own = works.list_of_creator(talk.session, creator.id, limit=60)
    if item is None or item[1] not in {work.id for work in own}:
        # The numbers are those of 我的作品, even when another list was shown since.
        if not 1 <= number <= len(own):
            said = sentences.NO_SUCH_NUMBER.format(what="先发「我的作品」看看编号。")
            raise NothingAtHand(said=said)
        item = ("work", own[number - 1].id)
    work = works.get_own(talk.session, item[1], creator.id)
    talk.remember(work=str(work.id))
    return work


def column_at_hand(talk: Talk, own: list[Column]) -> Column | None:
    """The column that new works go into: the one last named, else the newest that is open."""
    last = talk.recall_id("column")
    for column in own:
        if column.id == last and column.state != "closed":
            return column
    open_ones = [column for column in own if column.state != "closed"]
    return open_ones[-1] if open_ones else None


def title_and_body(said: str) -> tuple[str, str]:
    """The first line is the title; a text of one line lends its first clause."""
    first, _, rest = said.strip().partition("\n")
    title = _MARKUP.sub("", first).strip()
    if rest.strip() and title and len(title) <= TITLE_CHARS_MAX:
        return title, rest.strip()
    clause = _CLAUSE_END.split(title, maxsplit=1)[0] if title else ""
    if not clause or len(clause) > SHORT_TITLE_CHARS_MAX:
        clause = (clause or title or "无题")[:SHORT_TITLE_CHARS_MAX]
    return clause, said.strip()


def _submitted(talk: Talk, submitted: deeds.Submitted) -> Answer:
    work = submitted.work
    talk.wait_for("")
    talk.remember(work=str(work.id), pictures=None)
    link = sentences.work_link(work.id)
    if submitted.is_update:
        return Answer(_update_words(submitted), (link,))
    if submitted.verdict == "pass":
        return Answer(f"《{work.title}》已发布。", (link,))
    if submitted.awaits_person:
        said = "已提交，这一篇由运营来看，通过后自动发布，到时会告诉你。"
    else:
        said = "已提交，内容检查通过后自动发布，通常一分钟内，到时会告诉你。"
    return Answer(f"《{work.title}》{said}", (link,))


def _update_words(submitted: deeds.Submitted) -> str:
    title = submitted.work.title
    if submitted.verdict == "pass":
        return f"《{title}》的修改已生效，读者现在看到的是新的。"
    who = "由运营来看，通过" if submitted.awaits_person else "内容检查通过"
    return f"《{title}》的修改已提交，{who}后自动换上，现在读者看到的还是原来的。"


def _next_step(talk: Talk, work: Work) -> str:
    if work.state in _ON_ITS_WAY or work.state == "published":
        return f"状态：{sentences.work_state(work.state, work.publish_at)}。"
    if deeds.has_price(talk.doer(), work):
        return "回复「预览」看试读，「发布」就发布。"
    return "回复「定价 9.9」再回复「发布」；不收费就「发布 免费」。"


def _work_at_hand(talk: Talk, creator: Creator) -> Work | None:
    last = talk.recall_id("work")
    if last is not None:
        work = works.get_own(talk.session, last, creator.id)
        if work.state != "withdrawn" or work.live_revision_id is not None:
            return work
    draft = works.latest_draft(talk.session, creator.id)
    if draft is not None:
        return draft
    own = works.list_of_creator(talk.session, creator.id, limit=1)
    return own[0] if own else None


def _at_hand(talk: Talk, work: Work) -> None:
    talk.wait_for("")
    talk.remember(work=str(work.id), title=None, pictures=None)

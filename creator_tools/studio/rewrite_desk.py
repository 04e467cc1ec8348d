"""A text written anew by chat: the old one stays with its readers until the new one has passed."""

import re

from creator_tools.creators.models import Creator
from creator_tools.studio import sentences, work_desk
from creator_tools.studio.deeds import works as deeds
from creator_tools.studio.dialogs import Answer, Talk
from creator_tools.studio.grammar import FREE_TEXT_CHARS_MIN, Command
from creator_tools.works import queries, rules

_PICTURE = re.compile(r"!\[[^\]\n]*\]\(/media/[0-9a-f]{64}\)")
_MARKUP = re.compile(r"^[#>*\s]+|[*_`#\s]+$")


def rewrite(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Wait for the new text of a work, or take the one that came below the command."""
    work = work_desk.chosen_work(talk, creator, command.number)
    talk.remember(work=str(work.id), title=None)
    if command.body:
        return take_body(talk, command.body)
    written = queries.newest_revision(talk.session, work)
    talk.wait_for("rewriting")
    count = rules.render(written.markdown).char_count
    return Answer(
        f"把《{written.title}》的新正文整段发来，会替换现在的 {count} 字，标题不变。"
        "不改了就发「取消」。",
        (sentences.work_link(work.id),),
    )


def take_body(talk: Talk, said: str) -> Answer:
    """The answer to "what is the new text?"; pictures of the old one are kept at its end."""
    creator = work_desk.known_creator(talk)
    work = work_desk.chosen_work(talk, creator, None)
    before = queries.newest_revision(talk.session, work)
    text = _without_title(said, before.title)
    if len(text) < min(FREE_TEXT_CHARS_MIN, len(before.markdown)):
        talk.wait_for("rewriting")
        return Answer(
            f"这条只有 {len(text)} 字，没有替换。请把完整的新正文发来，不改了就发「取消」。"
        )
    state, body = work.state, _with_pictures(text, before.markdown)
    talk.wait_for("")
    written = deeds.rewrite(talk.doer(), work.id, markdown=body)
    work, after = written.work, written.after
    if not written.is_changed:
        return Answer(f"和《{before.title}》现在的正文一样，没有改动。")
    count = rules.render(body).char_count
    pictures = "，原来的图片放在末尾" if body != text else ""
    return Answer(
        f"《{after.title}》的新正文已存好，{count} 字{pictures}。\n{_next_step(state)}",
        (sentences.work_link(work.id),),
    )


def _without_title(said: str, title: str) -> str:
    first, _, rest = said.strip().partition("\n")
    return rest.strip() if rest.strip() and _MARKUP.sub("", first) == title else said.strip()


def _with_pictures(text: str, before: str) -> str:
    if _PICTURE.search(text):
        return text
    return "\n\n".join([text, *dict.fromkeys(_PICTURE.findall(before))])


def _next_step(state_before: str) -> str:
    if state_before == "published":
        return "读者现在看到的还是原来的。回复「预览」看看，「发布」就送去检查，通过后自动换上。"
    if state_before == "scheduled":
        return "原来的定时已取消，回复「发布」马上发，或重新「定时 明天 8:00」。"
    if state_before == "in_review":
        return "刚才送去检查的是旧正文，回复「发布」重新提交。"
    if state_before == "withdrawn":
        return "回复「发布」送去检查，通过后重新上架。"
    return "回复「预览」看试读，「发布」就发布。"

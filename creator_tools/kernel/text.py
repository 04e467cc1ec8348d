"""What people type, made fit to keep: one line, a body, a whole number.

Markup and SQL are text like any other and stay as they were typed; whoever shows them escapes
them. What cannot be seen is what is dangerous: characters that turn the direction of a sentence,
that make two equal-looking titles differ, or that make a name of nothing. Those are taken out,
except where they mean something (a family emoji, a Persian word). Control characters are refused,
because whoever sent them did not mean what will be shown.
"""

import re
import unicodedata
from collections.abc import Callable

from creator_tools.kernel.errors import FieldError, InputRefused

MARKS_IN_A_ROW_MAX = 8
# No honest character needs more code points than this; longer input is refused unread.
CODE_POINTS_PER_CHAR_MAX = 16

_LABELS = {
    "title": ("标题", "The title"),
    "name": ("名字", "The name"),
    "handle": ("主页短名", "The handle"),
    "introduction": ("简介", "The introduction"),
    "nickname": ("昵称", "The nickname"),
    "field_name": ("领域", "The field"),
    "promised_cadence": ("更新节奏", "The cadence"),
    "promised_count": ("承诺篇数", "The promised count"),
    "capacity_count": ("名额", "The number of places"),
    "markdown": ("正文", "The text"),
    "url": ("链接", "The link"),
    "login": ("登录名", "The login"),
    "password": ("密码", "The password"),
    "days": ("天数", "The number of days"),
    "reason": ("原因", "The reason"),
    "expires_at": ("入口", "The end"),
    "field_kind": ("领域类型", "The kind of field"),
    "state": ("状态", "The state"),
    "roles": ("角色", "The roles"),
}
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_BLACK_FLAG, _TAG_END = "\U0001f3f4", "\U000e007f"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\ufdd0-\ufdef"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff"
    "\U000e01f0-\U000e0fff]"
)
_TAGS = re.compile("\U0001f3f4?[\U000e0020-\U000e007f]+")
_TAG = re.compile("[\U000e0020-\U000e007f]")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINED_SCRIPTS = re.compile("[\u0600-\u0dff\u0f00-\u109f\u1780-\u18af]")
# Nearly all that is ever typed: letters, Chinese, punctuation. It needs no closer look.
_PLAIN = re.compile(
    "[\t\n -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u3000-\u3029\u3030-\u3098"
    "\u309b-\u3163\u3165-\u9fff\uff00-\uff9f]*"
)
_CONTROL_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_CONTROL_IN_BODY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\u0085]")


class TextRefused(InputRefused):
    """One thing that a person typed cannot be kept; the sentence says which and why."""

    sentence = "{message}"
    sentence_en = "{message_en}"


def clean_line(value: object, field: str, max_chars: int, min_chars: int = 1) -> str:
    """One line as it is kept: NFC, spaces single, nothing invisible, nothing at the ends.

    Args:
        value: what was typed; anything but text is refused.
        field: the machine's name of the field, for `FieldError`.
        max_chars: the most characters as a person counts them; a family emoji is one.
        min_chars: the fewest; 0 lets an empty line pass.

    Raises:
        TextRefused: no text, a control character or line break inside, too short or too long.
    """
    text = _text_of(value, field, max_chars).strip()
    if _CONTROL_IN_LINE.search(text):
        raise refused(
            field,
            "control_character",
            "里有换行或看不见的控制字符，请去掉后再发一次。",
            "holds a line break or a control character; take it out and send it again.",
        )
    cleaned = _SPACES.sub(" ", _visible(_SPACES.sub(" ", text))).strip()
    return _of_length(cleaned, field, max_chars, min_chars)


def clean_body(value: object, field: str, max_chars: int, min_chars: int = 1) -> str:
    """Text of many lines as it is kept: NFC, line ends as one newline, nothing invisible.

    Spaces, tabs and blank lines inside stay, for they mean something in Markdown.

    Raises:
        TextRefused: no text, a control character inside, too short or too long.
    """
    text = _LINE_ENDS.sub("\n", _text_of(value, field, max_chars))
    if _CONTROL_IN_BODY.search(text):
        raise refused(
            field,
            "control_character",
            "里有看不见的控制字符，请去掉后再发一次。",
            "holds a control character; take it out and send it again.",
        )
    cleaned = _visible(text).strip("\n").rstrip()
    return _of_length(cleaned, field, max_chars, min_chars)


def clean_count(value: object, field: str, minimum: int, maximum: int) -> int:
    """A whole number within its range.

    Raises:
        TextRefused: not a whole number, or outside of `minimum` … `maximum`.
    """
    if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
        return value
    raise refused(
        field,
        "out_of_range",
        f"要是 {minimum} 到 {maximum} 之间的整数。",
        f"must be a whole number from {minimum} to {maximum}.",
    )


def refused(field: str, code: str, message: str, message_en: str) -> TextRefused:
    """The refusal of one field, its label put before both sentences."""
    label, label_en = _LABELS.get(field, (field, field))
    said = f"{label}{message}"
    return TextRefused(
        fields=(FieldError(field, code, said),), message=said, message_en=f"{label_en} {message_en}"
    )


def perceived_length(text: str) -> int:
    """How many characters a person sees: marks, joined emoji and flag halves do not count."""
    count, previous, half_flag = 0, "", False
    for char in text:
        is_flag_letter = "\U0001f1e6" <= char <= "\U0001f1ff"
        if is_flag_letter and half_flag:
            half_flag = False
        elif not _continues(char, previous):
            count += 1
            half_flag = is_flag_letter
        previous = char
    return count


def _continues(char: str, previous: str) -> bool:
    if not previous:
        return False
    return (
        unicodedata.category(char).startswith("M")
        or char in (_ZWJ, _ZWNJ)
        or (previous == _ZWJ and _is_pictorial(char))
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or _TAG.match(char) is not None
    )


def _text_of(value: object, field: str, max_chars: int) -> str:
    if not isinstance(value, str):
        raise refused(field, "not_text", "要是一段文字。", "must be text.")
    if len(value) > max_chars * CODE_POINTS_PER_CHAR_MAX + 64:
        raise _too_long(field, max_chars)
    return value


def _of_length(text: str, field: str, max_chars: int, min_chars: int) -> str:
    length = perceived_length(text)
    if length > max_chars:
        raise _too_long(field, max_chars)
    if length >= min_chars:
        return text
    if length == 0:
        raise refused(field, "empty", "不能空着，请写上再发。", "must not be empty.")
    raise refused(
        field,
        "too_short",
        f"至少要 {min_chars} 个字。",
        f"needs at least {min_chars} characters.",
    )


def _too_long(field: str, max_chars: int) -> TextRefused:
    return refused(
        field,
        "too_long",
        f"最多 {max_chars} 个字，请删短一些再发。",
        f"may have at most {max_chars} characters; shorten it.",
    )


def _visible(text: str) -> str:
    """`text` in NFC without what cannot be seen; doing it again changes nothing."""
    if _PLAIN.fullmatch(text):
        return text
    for _ in range(4):
        seen = _without_invisible(unicodedata.normalize("NFC", text))
        if seen == text:
            break
        text = seen
    return text


def _without_invisible(text: str) -> str:
    text = _TAGS.sub(_flag_or_nothing, _INVISIBLE.sub("", text))
    kept: list[str] = []
    marks_in_a_row = 0
    for at, char in enumerate(text):
        previous = kept[-1] if kept else ""
        following = text[at + 1] if at + 1 < len(text) else ""
        if not _may_stand(char, previous, following):
            continue
        is_mark = unicodedata.category(char) in ("Mn", "Me")
        marks_in_a_row = marks_in_a_row + 1 if is_mark else 0
        if marks_in_a_row <= MARKS_IN_A_ROW_MAX:
            kept.append(char)
    return "".join(kept)


def _flag_or_nothing(match: re.Match[str]) -> str:
    """Tags spell the flags of Scotland and Wales; anywhere else they smuggle hidden letters."""
    whole = match.group()
    if not whole.startswith(_BLACK_FLAG):
        return ""
    return whole if whole.endswith(_TAG_END) and 4 <= len(whole) <= 9 else _BLACK_FLAG


def _may_stand(char: str, previous: str, following: str) -> bool:
    if _is_noncharacter(char):
        return False
    if _SELECTOR.match(char):
        return bool(previous.strip()) and not _SELECTOR.match(previous) and previous != _ZWJ
    if char == _ZWJ:
        return _joins(previous, following, _is_pictorial) or _joins(previous, following, _joinable)
    if char == _ZWNJ:
        return _joins(previous, following, _joinable)
    return True


def _joins(previous: str, following: str, of_its_kind: Callable[[str], bool]) -> bool:
    return bool(previous and following) and of_its_kind(previous) and of_its_kind(following)


def _joinable(char: str) -> bool:
    return _JOINED_SCRIPTS.match(char) is not None


def _is_pictorial(char: str) -> bool:
    """Part of an emoji: a symbol, a skin tone, a selector; newer emoji are unassigned to us."""
    return (
        unicodedata.category(char) in ("So", "Sk", "Cn", "Me")
        or char == "\ufe0f"
        or char in "\u2194\u2195\u2640\u2642\u2695\u2696\u2708\u2764\u27a1"
        or _TAG.match(char) is not None
    )


def _is_noncharacter(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE

"""In which language an answer speaks, and how it writes a sum, a day and a moment.

What the reader chose stands in a cookie and comes first, then what the browser asks for, then
Chinese. `/api/` has no cookies, so there the header alone decides. Source strings are Chinese;
English lives in `app/http/<door>/translations/`, and each door reads its own before what all
share (see CONTRIBUTING, "Two languages").
"""

from datetime import date, datetime
from pathlib import Path

from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain, format_date, format_datetime
from flask_babel import gettext as _

from creator_tools.catalogue.rules import title_parts
from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.fen import format_yuan

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
COOKIE = "juanliu-language"
COOKIE_AGE_S = 365 * 24 * 3600
_SPOKEN = {"zh-CN": CHINESE, "zh": CHINESE, "en": ENGLISH}
_TAGS = {CHINESE: "zh-CN", ENGLISH: "en"}
_HERE = Path(__file__).parent
# Its catalogue holds what all doors share, too.
_SHARED = "h5"


def install(app: Flask) -> None:
    """Teach `app` both languages: the catalogues of all doors, and the filters of templates."""
    doors = {found.parent.name: str(found) for found in _HERE.glob("*/translations")}
    shared = doors.pop(_SHARED)
    app.config.update(
        BABEL_DEFAULT_LOCALE=CHINESE,
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=shared,
    )
    Babel(app, locale_selector=chosen_locale)
    # One word may be two in English, so a door's own catalogue comes before the shared one.
    domains = {name: Domain([shared, own]) for name, own in doors.items()}

    @app.before_request
    def speak_as_this_door_does() -> None:
        domain = domains.get(request.path.partition("/")[2].partition("/")[0])
        if domain is not None:
            domain.as_default()

    app.jinja_env.filters.update(yuan=format_yuan, money=money, day=day, moment=moment, goods=goods)
    app.jinja_env.globals["page_language"] = page_language


def chosen_locale() -> str:
    """The locale of this request, for Flask-Babel."""
    if not has_request_context():
        return CHINESE
    chosen = _SPOKEN.get(request.cookies.get(COOKIE, ""))
    if chosen is not None and not request.path.startswith("/api/"):
        return chosen
    best = request.accept_languages.best_match(list(_SPOKEN), default="zh-CN")
    return _SPOKEN[best or "zh-CN"]


def keep_choice(response: Response, tag: str, *, is_https: bool) -> None:
    """Let this browser be spoken to in the language `tag` for a year; an unknown tag is left."""
    if is_spoken(tag):
        response.set_cookie(
            COOKIE,
            tag,
            max_age=COOKIE_AGE_S,
            httponly=True,
            secure=is_https,
            samesite="Lax",
            path="/",
        )


def is_spoken(tag: str) -> bool:
    """Whether a reader may choose this language."""
    return tag in _TAGS.values()


def page_language() -> str:
    """The language of this page as `<html lang>` writes it."""
    return _TAGS[chosen_locale()]


def speaks_english() -> bool:
    """Whether a refusal of this request is told in English."""
    return chosen_locale() == ENGLISH


def money(amount_fen: int) -> str:
    """`990` as `¥9.90`, in both languages."""
    return f"-¥{format_yuan(-amount_fen)}" if amount_fen < 0 else f"¥{format_yuan(amount_fen)}"


def day(at: date | datetime) -> str:
    """A day as its reader writes it, in Beijing: 2026年11月28日, Nov 28, 2026."""
    on = at.astimezone(BEIJING).date() if isinstance(at, datetime) else at
    return str(format_date(on, "medium", rebase=False))


def moment(at: datetime) -> str:
    """A day and a time to the minute, in Beijing."""
    pattern = "MMM d, y, HH:mm" if speaks_english() else "y年M月d日 HH:mm"
    return str(format_datetime(at.astimezone(BEIJING), pattern, rebase=False))


def goods(title: str) -> str:
    """What a product or an order line is called, its term in the reader's words."""
    object_title, term = title_parts(title)
    if term is None:
        return title
    if term == "forever":
        return str(_("%(title)s · 永久", title=object_title))
    return str(_("%(title)s · %(days)s 天", title=object_title, days=term))

"""Doing a deed from a form: once, in one unit, in turn with the same person's chat."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.http import csrf
from app.http.asked import refused
from app.http.studio.guard import actor, seat
from app.http.studio.needs import StudioWiring
from creator_tools.kernel import idempotency
from creator_tools.kernel.errors import DomainError, ErrorKind, IdempotencyKeyReused
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio.deeds.doer import Doer, begin
from creator_tools.studio.errors import MustConfirm

T = TypeVar("T")
UNIT = "studio.act"
_DIGITS_MAX = 10
FORM_ID = "form_id"
CONFIRMED = "confirmed"
ANSWERS_SCOPE = "studio:"


class FormSentTwice(DomainError):
    """The same form came again with other words; a fresh one stands on the page now."""

    code = "form_sent_twice"
    kind = ErrorKind.INVALID
    sentence = "这个表单刚才已经提交过了。请核对下面的内容，需要的话再提交一次。"
    sentence_en = "This form was sent before. Check what stands below, and send it again if needed."


def do(wiring: StudioWiring, deed: Callable[[Doer], T]) -> T:
    """Do a deed that is harmless to repeat."""

    def work(uow: UnitOfWork) -> T:
        return deed(begin(uow, seat().person_id, wiring.desk))

    return wiring.units.run(UNIT, work, actor())


def do_once(wiring: StudioWiring, deed: Callable[[Doer], str]) -> str:
    """Do a deed once for each form that was shown; returns where to go then.

    A form sent twice goes where it went at first, and nothing is done again.

    Raises:
        FormSentTwice: the same form with other words.
        DomainError: what the deed refuses; then nothing was written and the form is good again.
    """

    def work(uow: UnitOfWork) -> str:
        doer = begin(uow, seat().person_id, wiring.desk)
        scope, key = f"{ANSWERS_SCOPE}{doer.creator.id}", request.form.get(FORM_ID, "")
        earlier = idempotency.begin(uow, scope=scope, key=key, body=_body())
        if earlier is not None and earlier.response is not None:
            return str(earlier.response["to"])
        to = deed(doer)
        idempotency.finish(uow, scope=scope, key=key, response={"to": to})
        return to

    try:
        return wiring.units.run(UNIT, work, actor())
    except IdempotencyKeyReused as error:
        raise FormSentTwice from error


def form_id() -> str:
    """The name of one form on one page."""
    # No business chance: it must not repeat even in a seeded run.
    return secrets.token_hex(16)


def is_confirmed() -> bool:
    """Whether this form is the second word of a dangerous deed."""
    return request.form.get(CONFIRMED) == "1"


def gone(to: str, done: str = "") -> Response:
    """Go on to a page, which says what was done."""
    mark = "&" if "?" in to else "?"
    return redirect(f"{to}{mark}done={done}" if done else to, 303)


def gone_or_shown(act: Callable[[], str], shown: Callable[[DomainError], Response]) -> Response:
    """Act, and go where that says; a refusal is told on the page that the form stands on.

    Raises:
        MustConfirm: a dangerous deed without its second word, which is asked for elsewhere.
    """
    try:
        return gone(act())
    except MustConfirm:
        raise
    except DomainError as error:
        return shown(error)


def whole(name: str, least: int, most: int) -> int:
    """A whole number of the form.

    Raises:
        InputRefused: it is none, or outside.
    """
    typed = request.form.get(name, "").strip()
    digits = typed.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise refused(name, "wrong_type", _("请填一个整数。"))
    if len(typed) > _DIGITS_MAX or not least <= int(typed) <= most:
        raise refused(name, "out_of_range", _("数字超出了范围。"))
    return int(typed)


def sent_picture(most_bytes: int) -> bytes:
    """The picture of the form; of one that is too large, a byte more than is taken.

    Raises:
        InputRefused: none was chosen.
    """
    sent = request.files.get("picture")
    original = sent.read(most_bytes + 1) if sent is not None else b""
    if not original:
        raise refused("picture", "required", _("请先选一张图片。"))
    return original


def _body() -> dict[str, Any]:
    left_out = {FORM_ID, csrf.FIELD}
    fields = {name: request.form.getlist(name) for name in request.form if name not in left_out}
    return {"path": request.path, "fields": fields}

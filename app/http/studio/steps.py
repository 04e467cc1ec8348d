"""What happens to a work that is written: price, publish, schedule, withdraw, place, discard."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id
from app.http.studio.doing import do_once, gone_or_shown, is_confirmed
from app.http.studio.editor import facts_of
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from app.http.studio.prices import hang as hang_earnings
from app.http.studio.prices import typed_price
from creator_tools.kernel.business_day import in_beijing_at
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import DomainError
from creator_tools.studio.deeds import prices, standing, works
from creator_tools.studio.deeds.doer import Doer
from creator_tools.works import queries

_Deed = Callable[[Doer, UUID], str]


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""
    hang_earnings(blueprint, wiring)

    def done(work_id: str, deed: _Deed) -> AnyResponse:
        known = known_id(work_id)

        def shown(error: DomainError) -> Response:
            with wiring.units.reading() as session:
                facts = facts_of(wiring, session, known)
            facts["form"] |= {
                name: request.form[name] for name in ("price", "publish_at") if name in request.form
            }
            return show("studio/work.html", error, **facts)

        return gone_or_shown(lambda: do_once(wiring, lambda doer: deed(doer, known)), shown)

    @blueprint.post("/works/<work_id>/price")
    def price_work(work_id: str) -> AnyResponse:
        return done(work_id, _price)

    @blueprint.post("/works/<work_id>/publish")
    def publish_work(work_id: str) -> AnyResponse:
        return done(work_id, _publish)

    @blueprint.post("/works/<work_id>/step")
    def move_work(work_id: str) -> AnyResponse:
        return done(work_id, _step)

    @blueprint.post("/works/<work_id>/columns")
    def place_work(work_id: str) -> AnyResponse:
        return done(work_id, _place)

    @blueprint.post("/works/<work_id>/revisions/<revision_id>")
    def rewrite_work(work_id: str, revision_id: str) -> AnyResponse:
        wanted = known_id(revision_id)

        def rewrite(doer: Doer, known: UUID) -> str:
            written = works.rewrite_as(doer, known, wanted)
            return _page(known, "rewritten" if written.is_changed else "unchanged")

        return done(work_id, rewrite)


def _price(doer: Doer, work_id: UUID) -> str:
    work = queries.get_own(doer.session, work_id, doer.creator.id)
    kind = request.form.get("kind", "")
    if kind == "off":
        prices.take_off_sale(doer, prices.step_of_work(work, 0))
        return _page(work_id, "unpriced")
    price_fen = 0 if kind == "free" else typed_price("price")
    prices.change(doer, prices.step_of_work(work, price_fen), confirmed=is_confirmed())
    return _page(work_id, "priced")


def _publish(doer: Doer, work_id: UUID) -> str:
    publish_at = _typed_hour() if request.form.get("when") == "later" else None
    submitted = works.submit(doer, work_id, publish_at=publish_at)
    if publish_at is not None:
        return _page(work_id, "scheduled")
    if submitted.is_update:
        return _page(work_id, "updated" if submitted.verdict == "pass" else "updating")
    if submitted.verdict == "pass":
        return _page(work_id, "published")
    return _page(work_id, "reviewing" if submitted.awaits_person else "submitted")


def _step(doer: Doer, work_id: UUID) -> str:
    match request.form.get("step", ""):
        case "withdraw":
            work = works.withdraw(doer, work_id, confirmed=is_confirmed())
            return _page(work_id, "withdrawn" if work.state == "withdrawn" else "called_back")
        case "restore":
            works.restore(doer, work_id)
            return _page(work_id, "restored")
        case "discard":
            works.discard(doer, work_id)
            return "/studio/works?done=discarded"
        case _:
            raise refused("step", "not_allowed")


def _place(doer: Doer, work_id: UUID) -> str:
    queries.get_own(doer.session, work_id, doer.creator.id)
    column_id = as_uuid(request.form.get("column", ""))
    if column_id is None:
        raise refused("column", "required", _("请选一个专栏。"))
    match request.form.get("what", ""):
        case "put_in":
            is_new = standing.put_in(doer, work_id, column_id)
            return _page(work_id, "put_in" if is_new else "put_in_before")
        case "take_out":
            standing.take_out(doer, work_id, column_id)
            return _page(work_id, "taken_out")
        case _:
            raise refused("what", "not_allowed")


def _typed_hour() -> datetime:
    typed = request.form.get("publish_at", "")
    try:
        local = datetime.strptime(typed[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - Beijing is added
    except ValueError:
        message = _("请选一个日期和时间，按北京时间。")
        raise refused("publish_at", "invalid", message) from None
    return in_beijing_at(local)


def _page(work_id: UUID, done: str) -> str:
    return f"/studio/works/{work_id}?done={done}"

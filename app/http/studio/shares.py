"""What shared links brought, by campaign and by who shared them; and a link of one's own making."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, Response, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.http.asked import refused
from app.http.studio.guard import creator_id, seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.insights import queries as insights
from creator_tools.kernel.errors import DomainError
from creator_tools.sharing import rules
from creator_tools.sharing.rules import Invitation
from creator_tools.works import queries as works

OFFERED_WORKS = 50
PARAMETER = "from"


@dataclass(frozen=True)
class Page:
    """A page that may be shared: what the form calls it, what it is, and what readers see."""

    key: str
    kind: str
    object_id: UUID
    path: str
    title: str


@dataclass(frozen=True)
class Link:
    """A signed link to one page in one campaign, and its code to be scanned."""

    address: str
    title: str
    expires_at: datetime
    picture: str


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add this door."""

    @blueprint.get("/shares")
    def show_shares() -> Response:
        wanted, campaign = request.args.get("of", ""), request.args.get("campaign", "").strip()
        with wiring.units.reading() as session:
            pages = _pages(session)
            facts: dict[str, Any] = {
                "pages": pages,
                "campaigns": insights.campaigns_of_creator(session, creator_id()),
                "shared": insights.shares_of_creator(session, creator_id()),
                "days": insights.COUNTED_DAYS,
                "card": rules.CARD,
                "form": {"of": wanted, "campaign": campaign},
            }
        error, link = None, None
        if wanted or campaign:
            try:
                link = _link(wiring, pages, wanted, campaign)
            except DomainError as refusal:
                error = refusal
        return show("studio/shares.html", error, link=link, **facts)


def _pages(session: Session) -> list[Page]:
    own = creators.get(session, creator_id())
    found = [Page("profile", "creator", own.id, f"/h5/creators/{own.handle}", own.name)]
    found += [
        Page(f"column-{one.id}", "column", one.id, f"/h5/columns/{one.id}", one.title)
        for one in columns.list_of_creator(session, own.id)
        if one.state != "closed"
    ]
    published = works.list_published_of_creator(session, own.id, limit=OFFERED_WORKS)
    return found + [
        Page(f"work-{one.id}", "work", one.id, f"/h5/works/{one.id}", one.title)
        for one in published
    ]


def _link(wiring: StudioWiring, pages: list[Page], wanted: str, campaign: str) -> Link:
    page = next((one for one in pages if one.key == wanted), None)
    if page is None:
        raise refused("of", "not_found", _("请从列表里选一个页面。"))
    if not rules.CAMPAIGN.fullmatch(campaign) or campaign == rules.CARD:
        message = _("活动名用 1 到 24 个小写字母、数字或连字符，比如 spring-2；不能叫 card。")
        raise refused("campaign", "invalid", message)
    now = wiring.units.clock.now()
    token = rules.sign(
        wiring.secret_key, Invitation(seat().person_id, campaign), page.kind, page.object_id, now
    )
    address = f"{wiring.public_base_url}{page.path}?{PARAMETER}={token}"
    picture = segno.make(address, error="m", micro=False).png_data_uri(scale=4, border=2)
    return Link(address, page.title, rules.ends_at(now), picture)

"""The demo's shelves: columns with prices and groups, works with covers, laid by the services.

Every work goes the way that all works go: drafted, priced, submitted, passed by a reviewer (here
the demo's own operator), published.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.cli.demo_content import PICTURE, PRICE_POINTS_FEN, DemoColumn, DemoWork
from app.cli.demo_covers import cover
from app.cli.demo_month import NEXT_WORK_IN_S
from app.cli.demo_world import DemoWorld
from app.wiring.container import Wiring
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.catalogue.rules import goods_id_of
from creator_tools.columns import service as columns
from creator_tools.fan_groups import service as fan_groups
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.works import queries as works_queries
from creator_tools.works import service as works

_REASON = "demo"


@dataclass(frozen=True)
class Shelf:
    """One column that stands, with what is to be put on it."""

    creator_id: UUID
    column_id: UUID
    demo: DemoColumn


class ShelfBuilder:
    """Lays columns and works for the creators of the demo."""

    def __init__(self, wiring: Wiring, operator_id: UUID) -> None:
        self._wiring = wiring
        self._operator_id = operator_id

    def column(self, creator_id: UUID, demo: DemoColumn) -> Shelf:
        """An open column with two prices and a group."""
        join_url = f"https://work.weixin.qq.com/gm/{secrets.token_hex(16)}"

        def make(uow: UnitOfWork) -> UUID:
            column = columns.create(
                uow,
                creator_id=creator_id,
                title=demo.title,
                field_kind=demo.field_kind,
                field_name=demo.field_name,
                promised_cadence=demo.cadence,
                promised_count=demo.count,
                introduction=demo.introduction,
            )
            for kind, term_days, price_fen in (
                ("column_forever", None, demo.forever_fen),
                ("column_term", 30, demo.month_fen),
            ):
                catalogue.set_price(
                    uow,
                    creator_id=creator_id,
                    kind=kind,
                    column_id=column.id,
                    term_days=term_days,
                    price_fen=price_fen,
                )
            group = fan_groups.create(
                uow, creator_id=creator_id, column_id=column.id, name=f"{demo.title}·读者群"
            )
            fan_groups.add_join_way(uow, fan_group_id=group.id, url=join_url, capacity_count=200)
            return column.id

        return Shelf(creator_id, self._wiring.units.run("studio.act", make), demo)

    def work(self, shelf: Shelf, demo: DemoWork) -> UUID:
        """One work with its cover: published, waiting for its hour, or left as a draft."""
        body = self._with_pictures(shelf, demo)
        work_id = self._wiring.units.run("studio.act", lambda uow: _drafted(uow, shelf, demo, body))
        if demo.state == "draft":
            return work_id

        def submit(uow: UnitOfWork) -> None:
            later = timedelta(seconds=NEXT_WORK_IN_S) if demo.state == "scheduled" else None
            works.submit(
                uow,
                work_id=work_id,
                creator_id=shelf.creator_id,
                text_check_subject_available=False,
                publish_at=uow.now() + later if later else None,
            )

        self._wiring.units.run("studio.act", submit)
        self._pass(work_id)
        return work_id

    def _with_pictures(self, shelf: Shelf, demo: DemoWork) -> str:
        body = f"{PICTURE}\n\n{demo.body}"
        for number in range(body.count(PICTURE)):
            original = cover(shelf.demo.scene, f"{demo.title} {number}" if number else demo.title)
            body = body.replace(PICTURE, f"![]({self._kept(shelf.creator_id, original)})", 1)
        return body

    def _kept(self, creator_id: UUID, original: bytes) -> str:
        picture, encoded = self._wiring.units.run(
            "studio.act",
            lambda uow: works.add_picture(uow, creator_id=creator_id, original=original),
        )
        sha256: str = picture.sha256
        self._wiring.pictures.put(sha256, encoded)
        return f"/media/{sha256}"

    def _pass(self, work_id: UUID) -> None:
        with self._wiring.reading() as session:
            check_id = next(
                one.check_id
                for one in works_queries.list_checks_open(session)
                if one.work_id == work_id
            )
        self._wiring.units.run(
            "works.review",
            lambda uow: works.record_verdict(
                uow,
                check_id=check_id,
                verdict="pass",
                detail={"reason": _REASON},
                operator_id=self._operator_id,
            ),
            Actor("operator", self._operator_id),
        )


def _drafted(uow: UnitOfWork, shelf: Shelf, demo: DemoWork, body: str) -> UUID:
    work = works.save_draft(
        uow,
        creator_id=shelf.creator_id,
        column_id=shelf.column_id,
        title=demo.title,
        markdown=body,
    )
    if demo.price_fen == 0:
        works.mark_free(uow, work_id=work.id, creator_id=shelf.creator_id, is_free=True)
    else:
        catalogue.set_price(
            uow,
            creator_id=shelf.creator_id,
            kind="work",
            column_id=shelf.column_id,
            work_id=work.id,
            price_fen=demo.price_fen,
        )
    return work.id


def publish_tiers(wiring: Wiring, world: DemoWorld) -> None:
    """Put the usual prices on sale before anybody wants one; only a demo may skip the wait."""
    mini_id = wiring.accounts.first("mini").id
    for price_fen in PRICE_POINTS_FEN:
        world.control("PUT", "goods", id=goods_id_of(price_fen), price_fen=price_fen)

    def note(uow: UnitOfWork) -> None:
        for price_fen in PRICE_POINTS_FEN:
            catalogue.want_tier(uow, account_id=mini_id, price_fen=price_fen)
            tier = catalogue_queries.find_tier(uow.session, mini_id, price_fen)
            if tier is not None:
                catalogue.note_tier_state(uow, tier_id=tier.id, state="live")

    wiring.units.run("catalogue.tiers", note)

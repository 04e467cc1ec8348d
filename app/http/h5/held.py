"""What is held about a person, to be read by them and taken along."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.http.h5.orders import read_receipt
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.messaging import queries as messaging
from creator_tools.orders import queries as orders
from creator_tools.people import queries as people
from creator_tools.sharing import queries as sharing

ORDERS_MAX = 1000


def held_about(
    wiring: HttpWiring, session: Session, person_id: UUID, *, with_amounts: bool
) -> dict[str, Any]:
    """Everything that is held about a person, without the platform's own name for them."""
    now = wiring.units.clock.now()
    return {
        "nickname": people.nickname_of(session, person_id),
        "known_on": _known_on(wiring, session, person_id),
        "devices": [_written(one) for one in people.devices(session, person_id, now)],
        "entitlements": [
            {"type": one.object_type, "id": str(one.object_id), "ends_at": _text(one.ends_at)}
            for one in access.list_entitlements(session, person_id, now)
        ],
        "orders": _orders(session, person_id, with_amounts=with_amounts),
        "shared": _shared(session, person_id),
        "notices": dict(notices_of(session, person_id)),
    }


def notices_of(session: Session, person_id: UUID) -> list[tuple[str, bool]]:
    """The notices that a person may switch off or on, and whether each is on."""
    muted = messaging.muted_notices(session, person_id)
    return [(kind, kind not in muted) for kind in messaging.offered_notices(session, person_id)]


def _known_on(wiring: HttpWiring, session: Session, person_id: UUID) -> list[dict[str, Any]]:
    surfaces = {account_id: name for name, account_id in wiring.surface_accounts.items()}
    found = []
    for one in people.acquaintances(session, person_id):
        written = _written(one)
        del written["account_id"]
        found.append({"account": surfaces.get(one.account_id, "other"), **written})
    return found


def _orders(session: Session, person_id: UUID, *, with_amounts: bool) -> list[dict[str, Any]]:
    receipts = [
        read_receipt(session, one.id, person_id, with_amount=with_amounts)
        for one in orders.list_of_person(session, person_id, limit=ORDERS_MAX)
    ]
    return [
        {
            "number": one.number,
            "state": one.state,
            "rail": one.rail,
            "seller": one.seller,
            "bought": [line.title for line in one.lines],
            "amount_fen": one.amount_fen,
            "placed_at": _text(one.placed_at),
            "paid_at": _text(one.paid_at),
        }
        for one in receipts
    ]


def _shared(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "as": "visitor" if one.visitor_id == person_id else "inviter",
            "type": one.object_type,
            "id": str(one.object_id),
            "campaign": one.campaign,
            "at": _text(one.visited_at),
        }
        for one in sharing.list_of_person(session, person_id)
    ]


def _written(row: Any) -> dict[str, Any]:
    return {
        name: _text(value) if isinstance(value, datetime) else value
        for name, value in asdict(row).items()
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None

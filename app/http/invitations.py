"""Who shared something, in which campaign, and who came by it: for pages and mini-program alike.

What is passed on is signed for one object. One that was altered, has expired or belongs elsewhere
is not believed: it opens what it leads to like any other, counts nothing and says nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from app.http import sessions
from app.http.needs import HttpWiring
from creator_tools.people.queries import SignedIn
from creator_tools.sharing import queries as sharing_queries
from creator_tools.sharing import rules
from creator_tools.sharing import service as sharing
from creator_tools.sharing.rules import Invitation


@dataclass(frozen=True)
class Thing:
    """What is passed on: a creator, a column or a work."""

    object_type: str
    object_id: UUID


def read(wiring: HttpWiring, token: str, thing: Thing) -> Invitation | None:
    """Who brought somebody here, or None when the token is not to be believed."""
    if not token:
        return None
    now = wiring.units.clock.now()
    return rules.read(wiring.secret_key, token, thing.object_type, thing.object_id, now)


def sign(wiring: HttpWiring, person_id: UUID, came_by: Invitation | None, thing: Thing) -> str:
    """What this person passes on; the campaign is that by which they came themselves."""
    own = Invitation(person_id, came_by.campaign if came_by else rules.CARD)
    now = wiring.units.clock.now()
    return rules.sign(wiring.secret_key, own, thing.object_type, thing.object_id, now)


def note_visit(
    wiring: HttpWiring, signed_in: SignedIn, came_by: Invitation, thing: Thing, creator_id: UUID
) -> None:
    """Count that this person was brought by somebody, once."""
    with wiring.units.reading() as session:
        if sharing_queries.is_known(
            session,
            visitor_id=signed_in.person_id,
            inviter_id=came_by.inviter_id,
            object_type=thing.object_type,
            object_id=thing.object_id,
        ):
            return
    wiring.units.run(
        "sharing.visit",
        lambda uow: sharing.note_visit(
            uow,
            came_by,
            visitor_id=signed_in.person_id,
            creator_id=creator_id,
            object_type=thing.object_type,
            object_id=thing.object_id,
        ),
        sessions.actor_of(signed_in),
    )

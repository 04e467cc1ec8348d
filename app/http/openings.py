"""Notes which bought works a reader has opened: what a refund measures reading by.

Each process remembers what it has noted, so that reading on costs nothing; the row itself is
written once for a person and a work, whoever notes it.
"""

import threading
from uuid import UUID

from app.http.needs import HttpWiring
from app.http.work_page import WorkPage
from creator_tools.access import service as access
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.people.queries import SignedIn

_KEPT_MAX = 20_000
_noted: dict[tuple[str, UUID, UUID], None] = {}
_lock = threading.Lock()


def note_opening(wiring: HttpWiring, signed_in: SignedIn | None, work: WorkPage) -> None:
    """Remember that whoever signed in opened a work that a right of theirs opens."""
    if signed_in is None or not work.is_entitled:
        return
    person_id = signed_in.person_id
    # One process may serve several houses, in tests; their secrets tell them apart.
    key = (wiring.secret_key, person_id, work.id)
    if key in _noted:
        return
    wiring.units.run(
        "works.opened",
        lambda uow: access.note_opened(uow, person_id=person_id, work_id=work.id),
        Actor("person", person_id),
    )
    with _lock:
        _noted[key] = None
        while len(_noted) > _KEPT_MAX:
            del _noted[next(iter(_noted))]

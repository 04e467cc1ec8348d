"""Works that somebody who signed in reads over the API, answered before Flask routes the request.

Plain is a request for a work by its id, with a token and nothing else. One look at the database
tells who bears the token, what the gate shows them and what is on sale. A session that is not
good or has to be kept alive, and a work that is not there, are Flask's; see `plain_door`.
"""

import re
from typing import TYPE_CHECKING
from uuid import UUID

from app.http import sessions
from app.http.device import device_of
from app.http.metrics import Metrics
from app.http.mini_program.description import PREFIX
from app.http.mini_program.reading import FAULT, shown_work
from app.http.needs import HttpWiring
from app.http.openings import note_opening
from app.http.plain_door import Answer, Asked, PlainDoor
from app.http.work_page import ShownFile, files_of, may_show_price, page_of
from creator_tools.access import queries as access

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

ROUTE = f"{PREFIX}/works/<work_id>"
_ADDRESS = re.compile(rf"{PREFIX}/works/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")


class ReadDoor(PlainDoor):
    """WSGI middleware: answers plain readings of a work, and passes everything else on."""

    fault_key = FAULT
    body_bytes_max = 0
    method = "GET"

    def __init__(self, app: "WSGIApplication", wiring: HttpWiring, counters: Metrics) -> None:
        super().__init__(
            app,
            counters=counters,
            networks=wiring.trusted_proxies,
            public_base_url=wiring.public_base_url,
        )
        self._wiring = wiring

    def _asked(self, environ: "WSGIEnvironment") -> Asked | None:
        address = _ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        if address is None or environ.get("QUERY_STRING"):
            return None
        token = sessions.token_in(environ.get("HTTP_AUTHORIZATION", ""))
        if token is None:
            return None
        device = device_of(environ.get("HTTP_USER_AGENT", ""))
        return Asked(ROUTE, lambda _body: self._answer(UUID(address.group(1)), token, device))

    def _answer(self, work_id: UUID, token: str, device: str) -> Answer | None:
        wiring, now = self._wiring, self._wiring.units.clock.now()
        found = access.glance_as_bearer(wiring.units, work_id=work_id, token=token, now=now)
        if found is None:
            return None
        signed_in, read = found
        if signed_in.is_touch_due:
            return None
        files = self._files(read.opened)
        page = page_of(read, files, may_show_price(wiring, signed_in.surface, device, now))
        note_opening(wiring, signed_in, page)
        shown = shown_work(wiring, page, signed_in.person_id)
        body = f"{shown.model_dump_json()}\n".encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        return Answer("200 OK", headers, body)

    def _files(self, opened: access.OpenedWork) -> list[ShownFile]:
        if not opened.attachments_count:
            return []
        with self._wiring.units.reading() as session:
            return files_of(session, opened)

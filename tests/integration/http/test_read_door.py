"""The door before Flask reads a work to everybody as the view would, or lets it."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.http.metrics import Metrics
from app.http.read_door import ReadDoor
from tests.integration.http.conftest import MARKER, House, Scene
from tests.integration.http.read_cases import CASES, Reader, arrived


def answer_of(application: Any, reader: Reader) -> tuple[str, Any, bytes]:
    """All of an answer but chance and the time at which a link was signed."""
    builder = EnvironBuilder(
        reader.path, method=reader.method, headers=reader.headers, data=reader.body or None
    )
    answered, status, headers = run_wsgi_app(application, builder.get_environ(), buffered=True)
    body = b"".join(answered)
    assert (
        "Content-Length" not in headers
        or reader.method == "HEAD"
        or (headers["Content-Length"] == str(len(body)))
    )
    said = sorted((name, "" if name == "X-Request-ID" else text) for name, text in headers)
    return status, said, re.sub(rb"/media/files/[\w-]{99}", b"/link", body)


@dataclass
class Behind:
    """What the door passes requests on to: the application as it is without the door."""

    view: Any
    asked_count: int = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.asked_count += 1
        return self.view(environ, start_response)


@pytest.fixture
def behind(house: House) -> Behind:
    door = house.app.wsgi_app._app._app  # type: ignore[attr-defined]
    assert isinstance(door, ReadDoor)
    return Behind(door._app)


@pytest.mark.parametrize("surface", ["oa", "mini"])
@pytest.mark.parametrize("name", CASES)
def test_the_door_answers_what_the_view_answers(
    house: House, scene: Scene, behind: Behind, name: str, surface: str
) -> None:
    case, reader = CASES[name], arrived(house, scene, surface)
    case.before(reader)
    by_the_door = answer_of(ReadDoor(behind, house.wiring, Metrics()), reader)
    assert (behind.asked_count == 0) == case.is_answered
    assert by_the_door == answer_of(behind, reader)
    assert (MARKER.encode() in by_the_door[2]) == case.is_read
    assert by_the_door[0].startswith("200") or not case.is_answered


@pytest.mark.parametrize(
    "name", ["who bought the work", "a token of nobody", "a withdrawn work and a fan", "no token"]
)
def test_the_door_counts_and_tells_as_the_view_does(
    house: House, scene: Scene, behind: Behind, name: str
) -> None:
    reader = arrived(house, scene)
    CASES[name].before(reader)
    told = []
    for application in (house.app, behind):
        before = _shown(house)
        with structlog.testing.capture_logs() as lines:
            answer_of(application, reader)
        own = [{k: v for k, v in line.items() if k not in _OF_CHANCE} for line in lines]
        told.append((_grown(before, _shown(house)), own))
    assert told[0] == told[1]
    assert len(told[0][1]) == 1


_OF_CHANCE = ("took_ms", "request_id")


def _shown(house: House) -> dict[str, float]:
    page = house.client().get("/metrics").text
    rows = (line.rpartition(" ") for line in page.splitlines() if line.startswith("juanliu_http"))
    return {name: float(value) for name, _, value in rows if "/works/" in name}


def _grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    kept = ("_total", "_count")
    return {
        name: value - before.get(name, 0)
        for name, value in after.items()
        if name.partition("{")[0].endswith(kept) and value != before.get(name, 0)
    }


def test_a_fault_at_the_door_is_told_by_flask_and_asked_once(
    house: House, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, glances = arrived(house, scene), []

    def broken(*_: object) -> Any:
        glances.append(1)
        raise KeyError("a bug of ours")

    monkeypatch.setattr(house.wiring.units, "glance", broken)
    status, _, body = answer_of(house.app, reader)
    assert (status, len(glances)) == ("500 INTERNAL SERVER ERROR", 1)
    assert b"KeyError" not in body


def test_what_the_door_counts_names_no_work(house: House, scene: Scene) -> None:
    counters = Metrics()
    answer_of(ReadDoor(house.app.wsgi_app, house.wiring, counters), arrived(house, scene))
    shown = generate_latest(counters.registry).decode()
    assert 'route="/api/v1/works/<work_id>"' in shown
    assert str(scene.work_id) not in shown

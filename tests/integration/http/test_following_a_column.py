"""A work that stands in several columns: its page goes on in the one the reader came by."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from creator_tools.columns import queries as columns
from creator_tools.works import service as works
from tests.factories import make_column, make_fan_group, make_published_work
from tests.integration.http.conftest import House, Scene
from tests.integration.http.test_h5_pages import outsider

_STEP = re.compile(r'class="neighbours__one" href="([^"]+)" rel="(prev|next)"')


@dataclass(frozen=True)
class Shelves:
    """The scene's work between two others, at home and in a second column.

    The second column has the group 「夜读群」.
    """

    home: tuple[UUID, UUID, UUID]
    guest: tuple[UUID, UUID, UUID]
    guest_column_id: UUID


@pytest.fixture
def shelves(house: House, scene: Scene) -> Shelves:
    """Three works in each of two columns, one of them the same."""
    with house.wiring.units("studio.act") as uow:
        home = columns.get(uow.session, scene.column_id)
        guest = make_column(uow, creator_id=scene.creator_id, title="夜读课")
        make_fan_group(uow, guest)
        found = {}
        for at, (name, column) in enumerate(
            [("旧", home), ("夜旧", guest), ("中", home), ("新", home), ("夜新", guest)]
        ):
            work = make_published_work(uow, column, title=name)
            work.published_at = uow.now() + timedelta(seconds=at + 1)
            found[name] = work.id
        works.put_in(uow, work_id=found["中"], creator_id=scene.creator_id, column_id=guest.id)
        return Shelves(
            (found["旧"], found["中"], found["新"]),
            (found["夜旧"], found["中"], found["夜新"]),
            guest.id,
        )


def steps(client: FlaskClient, path: str) -> dict[str, str]:
    """Where the page leads before and after."""
    return {rel: to for to, rel in _STEP.findall(client.get(path).text)}


def test_before_and_after_follow_the_column_the_reader_came_by(
    house: House, scene: Scene, shelves: Shelves
) -> None:
    reader, (older, middle, newer) = outsider(house), shelves.guest
    listed = reader.get(f"/h5/columns/{shelves.guest_column_id}").text
    by_guest = f"/h5/works/{middle}?column={shelves.guest_column_id}"
    # Only where the list is not the work's home does its address say so.
    assert f'href="{by_guest}"' in listed
    assert f'href="/h5/works/{older}"' in listed
    page = reader.get(by_guest).text
    assert f'<a href="/h5/columns/{shelves.guest_column_id}">夜读课</a>' in page
    assert steps(reader, by_guest) == {"prev": f"/h5/works/{older}", "next": f"/h5/works/{newer}"}
    # There and back again: the neighbours' links lead to the same page of the same column.
    assert steps(reader, f"/h5/works/{older}")["next"] == by_guest
    assert steps(reader, f"/h5/works/{newer}")["prev"] == by_guest


def test_without_a_column_or_with_a_foreign_one_the_home_is_followed(
    house: House, scene: Scene, shelves: Shelves
) -> None:
    older, middle, newer = shelves.home
    with house.wiring.units("studio.act") as uow:
        foreign = make_column(uow, creator_id=scene.creator_id, title="没有它的专栏").id
    home = {"prev": f"/h5/works/{older}", "next": f"/h5/works/{newer}"}
    for asked in ("", f"?column={foreign}", "?column=nonsense", f"?column={older}", "?column="):
        page = outsider(house).get(f"/h5/works/{middle}{asked}")
        assert page.status_code == 200
        assert "没有它的专栏" not in page.text
        assert steps(outsider(house), f"/h5/works/{middle}{asked}") == home, asked


def test_signing_in_keeps_the_column(house: House, scene: Scene, shelves: Shelves) -> None:
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = "MicroMessenger/8"
    path = f"/h5/works/{shelves.guest[1]}?column={shelves.guest_column_id}"
    asked = client.get(path)
    assert asked.status_code == 302
    assert f"column%3D{shelves.guest_column_id}" in asked.location

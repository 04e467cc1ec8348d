"""A creator at the page's doors, with a work that carries a file somebody has to pay for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.http import csrf
from creator_tools.access import service as access
from creator_tools.works import queries as works
from tests import media_samples as samples
from tests.integration.http.conftest import SECRET_KEY, House, Scene, house, scene, wechat
from tests.integration.http.test_route_table import make_author

__all__ = ["house", "scene", "wechat"]

PAID = b"PAID-BYTES-" + bytes(range(65, 91)) * 40


@dataclass
class Page:
    """A creator's page in a browser."""

    house: House
    client: FlaskClient
    creator_id: UUID

    @property
    def headers(self) -> dict[str, str]:
        """What the page's script sends along."""
        token = self.client.get_cookie("juanliu")
        assert token is not None
        return {
            "X-CSRF-Token": csrf.token_for(SECRET_KEY, token.value),
            "Accept": "application/json",
        }

    def announce(self, filename: str, size_bytes: int) -> Any:
        body = {"filename": filename, "size_bytes": size_bytes}
        return self.client.post("/studio/media", json=body, headers=self.headers)

    def part(self, upload_id: str, offset: int, content: bytes) -> Any:
        path = f"/studio/media/{upload_id}?offset={offset}"
        return self.client.put(path, data=content, headers=self.headers)

    def complete(self, upload_id: str, **body: Any) -> Any:
        path = f"/studio/media/{upload_id}/complete"
        return self.client.post(path, json=body, headers=self.headers)

    def upload(self, filename: str, content: bytes, part_bytes: int = 10**7, **body: Any) -> Any:
        """The whole way, in parts; gives the last answer."""
        begun = self.announce(filename, len(content))
        if begun.status_code != 201:
            return begun
        for at in range(0, len(content), part_bytes):
            taken = self.part(begun.json["upload_id"], at, content[at : at + part_bytes])
            if taken.status_code != 200:
                return taken
        return self.complete(begun.json["upload_id"], **body)

    def publish_now(self, work_id: UUID) -> None:
        """Let what was written last be what readers see."""
        with self.house.wiring.units("studio.act") as uow:
            work = works.get(uow.session, work_id)
            work.live_revision_id = work.draft_revision_id


def page_of(house: House, creator_id: UUID) -> Page:
    """The page of this creator, who signs in as somebody new."""
    client = house.signed_in(house.fan())
    make_author(house, creator_id, client)
    return Page(house, client, creator_id)


@pytest.fixture
def page(house: House, scene: Scene) -> Page:
    """The creator of the scene at their page."""
    return page_of(house, scene.creator_id)


@dataclass
class Offered:
    """A published work that carries a paid PDF and a paid sound, and a browser that may open it."""

    house: House
    scene: Scene
    page: Page
    pdf_id: str
    sound_id: str
    pdf: bytes
    sound: bytes
    buyer: FlaskClient

    def link(self, client: FlaskClient, attachment_id: str) -> str:
        """Where the lasting address leads this browser now."""
        answer = client.get(f"/h5/attachments/{attachment_id}")
        assert answer.status_code == 302, answer.status_code
        return str(answer.location)


@pytest.fixture
def offered(house: House, scene: Scene, page: Page) -> Offered:
    """The work with its files, live, and a buyer of the work."""
    pdf, sound = samples.pdf(PAID.decode()), samples.wav(0.5)
    work = {"work_id": str(scene.work_id)}
    first = page.upload("机密讲义.pdf", pdf, **work)
    second = page.upload("课堂录音.wav", sound, **work)
    assert (first.status_code, second.status_code) == (200, 200), first.text + second.text
    page.publish_now(scene.work_id)
    buyer = house.signed_in(house.fan())
    give(house, scene, buyer)
    return Offered(
        house,
        scene,
        page,
        first.json["attachment_id"],
        second.json["attachment_id"],
        pdf,
        sound,
        buyer,
    )


def give(house: House, scene: Scene, client: FlaskClient, source: int = 1) -> None:
    """Open the work for whoever holds this browser."""
    person_id = house.person_behind(client)
    with house.wiring.units("payments.record") as uow:
        access.grant(
            uow,
            person_id=person_id,
            creator_id=scene.creator_id,
            object_type="work",
            object_id=scene.work_id,
            source_kind="gift",
            source_id=UUID(int=source),
            starts_at=uow.now(),
            ends_at=None,
        )

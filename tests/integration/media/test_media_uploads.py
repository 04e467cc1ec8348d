"""Uploads: resumed, refused, swept, and never half kept."""

import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from creator_tools.media import queries as media
from creator_tools.media.rules import UPLOAD_LIFETIME
from creator_tools.works import service as works_service
from tests import media_samples as samples
from tests.factories import make_creator
from tests.integration.http.conftest import House, Scene
from tests.integration.media.conftest import Page, page_of


def stored_files(house: House) -> list[str]:
    folder = Path(house.wiring.settings.storage_url.removeprefix("file://"))
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def count(house: House, table: str) -> int:
    with house.wiring.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_file_arrives_in_parts_and_lies_there_once(page: Page, scene: Scene) -> None:
    content = samples.wav(3)
    done = page.upload("第一课.wav", content, part_bytes=10_000, work_id=str(scene.work_id))
    assert done.status_code == 200
    assert (done.json["kind"], done.json["mime"]) == ("audio", "audio/wav")
    assert (done.json["size_bytes"], done.json["title"]) == (len(content), "第一课")
    assert len(stored_files(page.house)) == 1
    again = page.upload("另一个名字.wav", content, work_id=str(scene.work_id))
    assert again.json["media_id"] == done.json["media_id"]
    assert again.json["attachment_id"] == done.json["attachment_id"]
    assert len(stored_files(page.house)) == 1
    with page.house.wiring.reading() as session:
        kept = media.get_kept(session, UUID(done.json["media_id"]), page.creator_id)
        assert kept.sha256 == hashlib.sha256(content).hexdigest()


def test_a_lost_network_goes_on_where_it_was(page: Page) -> None:
    content = samples.wav(1)
    upload_id = page.announce("a.wav", len(content)).json["upload_id"]
    assert page.part(upload_id, 0, content[:5000]).json["received_bytes"] == 5000
    # The answer was lost: the same part again is out of step, and says where to go on.
    lost = page.part(upload_id, 0, content[:5000])
    assert (lost.status_code, lost.json["code"]) == (409, "upload_out_of_step")
    assert "5000" in lost.json["detail"]
    shown = page.client.get(f"/studio/media/{upload_id}", headers=page.headers).json
    assert (shown["received_bytes"], shown["state"]) == (5000, "open")
    early = page.complete(upload_id)
    assert (early.status_code, early.json["code"]) == (409, "upload_incomplete")
    assert page.part(upload_id, 5000, content[5000:]).status_code == 200
    first, second = page.complete(upload_id), page.complete(upload_id)
    assert first.status_code == second.status_code == 200
    assert first.json["media_id"] == second.json["media_id"]


LIES = {
    "a film that is called a song": ("song.mp3", samples.mp4(), "media_type_lies"),
    "a book that is called a film": ("film.mp4", samples.pdf(), "media_type_lies"),
    "a program that is called a film": ("film.mp4", b"MZ" + b"\0" * 99, "media_type_refused"),
    "a page that is called a sound": ("sound.wav", samples.HTML, "media_active"),
    "a drawing with a script": ("drawing.svg", samples.SVG, "media_active"),
    "a drawing that is called a text": ("notes.txt", samples.SVG, "media_active"),
    "a film without its end": ("film.mp4", samples.mp4()[:-7], "media_truncated"),
    "an archive without its end": ("a.zip", samples.archive()[:-7], "media_truncated"),
    "a book with an archive in it": ("a.pdf", samples.pdf() + samples.archive(), "media_two_faced"),
    "a song with an archive in it": ("a.mp3", samples.mp3() + samples.archive(), "media_two_faced"),
}


@pytest.mark.parametrize("what", LIES)
def test_a_bad_file_gets_its_own_refusal_and_leaves_nothing(
    house: House, page: Page, what: str
) -> None:
    filename, content, code = LIES[what]
    refused = page.upload(filename, content)
    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert stored_files(house) == []
    assert count(house, "media_objects") == 0


def test_two_gigabytes_are_refused_by_their_length_unread(house: House, page: Page) -> None:
    refused = page.announce("film.mp4", 2 * 10**9)
    assert (refused.status_code, refused.json["code"]) == (413, "media_too_large")
    assert "视频最大 1024 MB" in refused.json["detail"]
    assert count(house, "media_uploads") == 0
    upload_id = page.announce("film.mp4", 10**6).json["upload_id"]

    endless = _Endless()
    answer = page.client.put(
        f"/studio/media/{upload_id}?offset=0",
        headers=page.headers,
        environ_overrides={"wsgi.input": endless, "CONTENT_LENGTH": str(2 * 10**9)},
    )
    assert answer.status_code == 413
    # What is read after the refusal keeps the connection good, and no more than that.
    assert endless.read_bytes <= 5 * 1024 * 1024
    assert stored_files(house) == []


class _Endless(io.RawIOBase):
    """A body without an end that knows how much of it was read."""

    read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.read_bytes += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def test_a_sound_of_more_than_its_kind_may_have_is_refused_at_its_first_part(page: Page) -> None:
    # The name says nothing, so only the bytes tell that the limit of sounds is meant.
    upload_id = page.announce("recording", 300 * 1024 * 1024).json["upload_id"]
    refused = page.part(upload_id, 0, samples.wav(1))
    assert (refused.status_code, refused.json["code"]) == (413, "media_too_large")
    assert page.part(upload_id, 0, samples.wav(1)).json["code"] == "upload_over"


def test_more_bytes_than_were_announced_are_refused(house: House, page: Page) -> None:
    upload_id = page.announce("a.wav", 100).json["upload_id"]
    refused = page.part(upload_id, 0, samples.wav(1))
    assert (refused.status_code, refused.json["code"]) == (422, "upload_part_refused")
    empty = page.part(upload_id, 0, b"")
    assert empty.json["code"] == "upload_part_refused"
    over = page.part(upload_id, 0, b"x" * (8 * 1024 * 1024 + 1))
    assert over.status_code == 413
    assert stored_files(house) == []


def test_every_other_door_keeps_its_smaller_limit(page: Page) -> None:
    large = b"x" * (2 * 1024 * 1024)
    for method, path in (("POST", "/studio/media"), ("POST", "/api/v1/quotes")):
        answer = page.client.open(path, method=method, data=large, headers=page.headers)
        assert answer.status_code == 413, path


def test_an_upload_is_its_creators_and_asks_for_the_forms_token(house: House, page: Page) -> None:
    upload_id = page.announce("a.wav", 100).json["upload_id"]
    with house.wiring.units("studio.act") as uow:
        other_id = make_creator(uow).id
    other = page_of(house, other_id)
    for answer in (
        other.part(upload_id, 0, b"x"),
        other.complete(upload_id),
        other.client.get(f"/studio/media/{upload_id}", headers=other.headers),
        other.client.delete(f"/studio/media/{upload_id}", headers=other.headers),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "media_not_found")
    without = page.client.put(f"/studio/media/{upload_id}?offset=0", data=b"x")
    assert without.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filename": "a.wav"},
        {"filename": "a.wav", "size_bytes": 0},
        {"filename": "a.wav", "size_bytes": -5},
        {"filename": "a.wav", "size_bytes": True},
        {"filename": "a.wav", "size_bytes": "12"},
        {"filename": "a.wav", "size_bytes": 10**400},
        {"filename": "", "size_bytes": 5},
        {"filename": "a\nb", "size_bytes": 5},
        {"filename": None, "size_bytes": 5},
        [],
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(page: Page, body: object) -> None:
    answer = page.client.post("/studio/media", json=body, headers=page.headers)
    assert 400 <= answer.status_code < 500, answer.text


def test_a_day_later_nothing_is_left_of_what_nobody_went_on_with(
    house: House, page: Page, scene: Scene
) -> None:
    content = samples.wav(1)
    left = page.announce("a.wav", len(content)).json["upload_id"]
    page.part(left, 0, content[:9000])
    page.upload("unused.pdf", samples.pdf("unused"))
    kept = page.upload("kept.pdf", samples.pdf("kept"), work_id=str(scene.work_id))
    assert len(stored_files(house)) == 3
    house.wiring.media_intake.sweep()
    assert len(stored_files(house)) == 3
    house.advance(24 * 3600 + 1)
    with house.wiring.units("upkeep.prune") as uow:
        assert works_service.drop_unattached(uow, before=uow.now() - UPLOAD_LIFETIME) == 1
    house.wiring.media_intake.sweep()
    files = stored_files(house)
    assert len(files) == 1
    assert kept.json["media_id"] in files[0]
    assert count(house, "media_objects") == 1
    assert count(house, "media_uploads") == 0

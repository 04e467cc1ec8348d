"""Whoever gives the verdict hears what a work carries, and only as long as it waits for one."""

import io
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.http import media_answer
from app.wiring.blobs import CHUNK_BYTES
from creator_tools.works import service as works
from tests import media_samples as samples
from tests.integration.http.test_route_table import at_the_desk
from tests.integration.media.conftest import Offered
from tests.integration.operator.conftest import form_token

ENGLISH = {"Accept-Language": "en"}


def submit(offered: Offered) -> UUID:
    """Ask for what was written last to be let out; gives the check."""
    with offered.house.wiring.units("studio.act") as uow:
        return works.submit(
            uow,
            work_id=offered.scene.work_id,
            creator_id=offered.scene.creator_id,
            text_check_subject_available=True,
        ).id


def decide(reviewer: FlaskClient, check_id: UUID, verdict: str) -> None:
    """The reviewer's one tap."""
    token = form_token(reviewer.get("/operator/review"))
    data = {"csrf_token": token, "verdict": verdict}
    assert reviewer.post(f"/operator/review/{check_id}", data=data).status_code == 303


def door(attachment_id: str) -> str:
    return f"/operator/media/{attachment_id}"


@pytest.fixture
def reviewer(offered: Offered) -> FlaskClient:
    return at_the_desk(offered.house, "moderator")


@pytest.mark.parametrize("role", ["owner", "editor", "moderator"])
def test_a_reviewer_hears_what_waits_whole_and_in_ranges(offered: Offered, role: str) -> None:
    submit(offered)
    client = at_the_desk(offered.house, role)
    whole = client.get(door(offered.sound_id))
    assert (whole.status_code, whole.data) == (200, offered.sound)
    assert whole.headers["Content-Disposition"] == "inline"
    assert whole.headers["Cache-Control"] == "no-store"
    part = client.get(door(offered.sound_id), headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, offered.sound[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(offered.sound)}"
    paper = client.get(door(offered.pdf_id))
    assert paper.data == offered.pdf
    assert paper.headers["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize("role", ["finance", "keeper", "support", "auditor"])
def test_no_other_role_hears_it(offered: Offered, role: str) -> None:
    submit(offered)
    answer = at_the_desk(offered.house, role).get(door(offered.sound_id))
    assert answer.status_code == 403
    assert offered.sound[:64] not in answer.data


def test_no_byte_goes_to_who_does_not_sit_at_the_desk(offered: Offered) -> None:
    submit(offered)
    for client in (offered.house.client(), offered.buyer, offered.page.client):
        answer = client.get(door(offered.sound_id), headers={"Range": "bytes=0-63"})
        assert answer.status_code == 303
        assert answer.location.startswith("/operator/login")
        assert offered.sound[:64] not in answer.data


def test_what_waits_for_nobody_is_not_there(offered: Offered, reviewer: FlaskClient) -> None:
    paths = [door(offered.sound_id), door(offered.pdf_id)]
    # Written and even read by buyers, but never submitted.
    assert [reviewer.get(path).status_code for path in paths] == [404, 404]
    submit(offered)
    assert [reviewer.get(path).status_code for path in paths] == [200, 200]
    for unknown in (str(uuid4()), str(offered.scene.work_id), "1", "%00", "..%2F" * 3):
        assert reviewer.get(door(unknown)).status_code == 404


@pytest.mark.parametrize("verdict", ["pass", "risky"])
def test_the_door_closes_with_the_verdict(
    offered: Offered, reviewer: FlaskClient, verdict: str
) -> None:
    check_id = submit(offered)
    assert reviewer.get(door(offered.sound_id)).status_code == 200
    decide(reviewer, check_id, verdict)
    answer = reviewer.get(door(offered.sound_id), headers={"Range": "bytes=0-63"})
    assert answer.status_code == 404
    assert offered.sound[:64] not in answer.data


def test_the_door_closes_when_the_author_takes_the_file_away(
    offered: Offered, reviewer: FlaskClient
) -> None:
    submit(offered)
    with offered.house.wiring.units("studio.act") as uow:
        works.detach(
            uow,
            work_id=offered.scene.work_id,
            creator_id=offered.scene.creator_id,
            attachment_id=UUID(offered.sound_id),
        )
    submit(offered)
    assert reviewer.get(door(offered.sound_id)).status_code == 404
    assert reviewer.get(door(offered.pdf_id)).data == offered.pdf


def test_one_open_check_opens_no_other_work(offered: Offered, reviewer: FlaskClient) -> None:
    submit(offered)
    pdf = b"%PDF-1.4 another work\n%%EOF"
    work_id = str(offered.scene.free_work_id)
    other = offered.page.upload("x.pdf", pdf, work_id=work_id).json["attachment_id"]
    assert reviewer.get(door(other)).status_code == 404


def test_an_answer_that_flows_ends_with_the_verdict(
    offered: Offered, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_answer, "ASKED_AGAIN_S", 0.0)
    talk = samples.wav(40)
    assert len(talk) > CHUNK_BYTES
    taken = offered.page.upload("讲座.wav", talk, work_id=str(offered.scene.work_id))
    check_id = submit(offered)
    # The first stretch is on its way when the answer begins.
    answer = reviewer.get(door(taken.json["attachment_id"]), buffered=False)
    decide(reviewer, check_id, "risky")
    assert b"".join(answer.iter_encoded()) == talk[:CHUNK_BYTES]


def test_the_queue_shows_players_and_links_with_kind_size_and_length(
    offered: Offered, reviewer: FlaskClient, ffmpeg_path: str
) -> None:
    assert ffmpeg_path
    while offered.house.wiring.media_workshop.prepare():
        pass
    submit(offered)
    page = reviewer.get("/operator/review").text
    assert f'<audio controls preload="metadata" src="{door(offered.sound_id)}"' in page
    assert f'<a href="{door(offered.pdf_id)}" aria-label="下载 机密讲义">' in page
    assert "课堂录音" in page
    assert "音频 · 7.9 KiB · 0:00" in page
    english = reviewer.get("/operator/review", headers=ENGLISH).text
    assert "Audio, video and files" in english
    assert "Audio · 7.9 KiB · 0:00" in english
    assert " style=" not in page


def test_a_work_without_files_has_no_list_of_them(offered: Offered, reviewer: FlaskClient) -> None:
    assert "desk-file" not in reviewer.get("/operator/review").text


def test_a_reviewer_sees_the_pictures_of_a_text_that_waits(
    offered: Offered, reviewer: FlaskClient
) -> None:
    """The pictures of an unpublished text are in no reader's reach, and not in a reviewer's."""
    house, scene = offered.house, offered.scene
    with house.wiring.units("studio.act") as uow:
        picture, encoded = works.add_picture(
            uow, creator_id=scene.creator_id, original=painted("PNG")
        )
        sha256 = picture.sha256
        works.revise(
            uow,
            work_id=scene.work_id,
            creator_id=scene.creator_id,
            markdown=f"开头。\n\n---试读结束---\n\n![](/media/{sha256})",
        )
    house.wiring.pictures.put(sha256, encoded)
    path = f"/operator/pictures/{sha256}"
    assert reviewer.get(path).status_code == 404
    check_id = submit(offered)
    assert f'src="{path}"' in reviewer.get("/operator/review").text
    shown = reviewer.get(path)
    assert (shown.status_code, shown.data) == (200, encoded)
    assert at_the_desk(house, "finance").get(path).status_code == 403
    for client in (house.client(), offered.buyer, offered.page.client):
        assert client.get(path).status_code == 303
    assert [reviewer.get(f"/operator/pictures/{one}").status_code for one in STRANGE] == [404] * 4
    decide(reviewer, check_id, "risky")
    assert reviewer.get(path).status_code == 404


STRANGE = ("0" * 64, "A" * 64, "1", "%00")


def painted(kind: str) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (40, 30), (7, 193, 96)).save(into, kind)
    return into.getvalue()

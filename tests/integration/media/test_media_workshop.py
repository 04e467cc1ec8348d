"""Looking into media: what ffmpeg gives, what it may not do, and a house without it."""

import io
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from app.wiring import ffmpeg as ffmpeg_module
from app.wiring.ffmpeg import Ffmpeg, ProgramFailed
from app.wiring.media_workshop import MediaWorkshop
from creator_tools.media import queries as media
from creator_tools.media.rules import kinds
from tests import media_samples as samples
from tests.integration.http.conftest import House, Scene
from tests.integration.media.conftest import Page


def made(ffmpeg_path: str, file: Path, *arguments: str) -> bytes:
    subprocess.run([ffmpeg_path, "-v", "error", *arguments, "-y", str(file)], check=True)
    return file.read_bytes()


@pytest.fixture
def film(ffmpeg_path: str, tmp_path: Path) -> bytes:
    """Three seconds of a moving test picture with a tone."""
    return made(
        ffmpeg_path, tmp_path / "film.mp4",
        "-f", "lavfi", "-i", "testsrc=size=640x360:rate=10:duration=3",
        "-f", "lavfi", "-i", "sine=duration=3", "-c:v", "mpeg4", "-c:a", "aac",
    )  # fmt: skip


def told_of(house: House, media_id: str) -> Any:
    with house.wiring.reading() as session:
        return media.find(session, UUID(media_id))


def test_a_sound_gets_its_length_and_its_waveform(
    house: House, page: Page, scene: Scene, ffmpeg_path: str
) -> None:
    assert ffmpeg_path
    done = page.upload("a.wav", samples.wav(2), work_id=str(scene.work_id)).json
    assert told_of(house, done["media_id"]).preparation == "pending"
    assert house.wiring.media_workshop.prepare() == 1
    found = told_of(house, done["media_id"])
    assert (found.preparation, found.failure, found.duration_ms) == ("ready", None, 2000)
    assert len(found.peaks) == 200
    assert found.peaks[5] < found.peaks[100] < found.peaks[195]
    assert house.wiring.media_workshop.prepare() == 0


def test_a_film_gets_a_still_that_was_made_anew(
    house: House, page: Page, scene: Scene, film: bytes
) -> None:
    done = page.upload("film.mp4", film, work_id=str(scene.work_id)).json
    assert house.wiring.media_workshop.prepare() == 1
    found = told_of(house, done["media_id"])
    assert (found.preparation, found.width_px, found.height_px) == ("ready", 640, 360)
    assert 2900 <= found.duration_ms <= 3200
    answer = page.client.get(
        f"/h5/attachments/{done['attachment_id']}/poster", follow_redirects=True
    )
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    with Image.open(io.BytesIO(answer.data)) as still:
        assert still.size == (640, 360)
    assert house.client().get(f"/h5/attachments/{done['attachment_id']}/poster").status_code == 404


def test_a_spoken_message_becomes_playable(
    house: House, page: Page, scene: Scene, ffmpeg_path: str, tmp_path: Path
) -> None:
    spoken = made(
        ffmpeg_path, tmp_path / "voice.spx",
        "-f", "lavfi", "-i", "sine=duration=1", "-ar", "16000", "-ac", "1",
        "-c:a", "libspeex", "-f", "ogg",
    )  # fmt: skip
    done = page.upload("voice", spoken, work_id=str(scene.work_id)).json
    assert done["mime"] == "audio/ogg; codecs=speex"
    before = page.client.get(f"/h5/attachments/{done['attachment_id']}", follow_redirects=True)
    assert before.data == spoken
    assert before.headers["Content-Disposition"].startswith("attachment")
    assert house.wiring.media_workshop.prepare() == 1
    after = page.client.get(f"/h5/attachments/{done['attachment_id']}", follow_redirects=True)
    assert after.content_type == "audio/mp4"
    assert after.headers["Content-Disposition"] == "inline"
    assert after.data[4:8] == b"ftyp"
    assert int(after.headers["Content-Length"]) == len(after.data)


def test_what_cannot_be_decoded_says_so_and_is_served_all_the_same(
    house: House, page: Page, scene: Scene, ffmpeg_path: str
) -> None:
    assert ffmpeg_path
    done = page.upload("film.mp4", samples.mp4(), work_id=str(scene.work_id)).json
    assert house.wiring.media_workshop.prepare() == 1
    found = told_of(house, done["media_id"])
    assert found.preparation == "failed"
    assert found.failure in {"not_decodable", "nothing_to_play"}
    answer = page.client.get(f"/h5/attachments/{done['attachment_id']}", follow_redirects=True)
    assert answer.data == samples.mp4()


def test_without_ffmpeg_everything_is_served_and_nothing_is_due_in_vain(
    house: House, page: Page, scene: Scene
) -> None:
    done = page.upload("a.wav", samples.wav(1), work_id=str(scene.work_id)).json
    wiring = house.wiring
    bare = MediaWorkshop(
        units=wiring.units, store=wiring.media_bytes, intake=wiring.media_intake, ffmpeg=None
    )
    assert bare.prepare() == 0
    assert told_of(house, done["media_id"]).preparation == "pending"
    answer = page.client.get(f"/h5/attachments/{done['attachment_id']}", follow_redirects=True)
    assert answer.data == samples.wav(1)


def program(tmp_path: Path, script: str) -> str:
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_program_that_does_not_end_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg_module, "TIMEOUT_S", 0.7)
    mark = tmp_path / "still alive"
    slow = program(tmp_path, f"(/bin/sleep 3; /bin/echo x > '{mark}') & /bin/sleep 30")
    began = time.monotonic()
    with pytest.raises(ProgramFailed, match="too_slow"):
        Ffmpeg(slow, slow).still(tmp_path / "x", kinds.MP4, 0)
    assert time.monotonic() - began < 5
    time.sleep(3)
    assert not mark.exists()


def test_a_program_cannot_write_more_or_use_more_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg_module, "OUTPUT_BYTES", 1024 * 1024)
    greedy = program(tmp_path, f"/bin/dd if=/dev/zero of='{tmp_path}/still.jpg' bs=64k count=999")
    with pytest.raises(ProgramFailed, match="not_decodable"):
        Ffmpeg(greedy, greedy).still(tmp_path / "x", kinds.MP4, 0)
    assert (tmp_path / "still.jpg").stat().st_size <= 1024 * 1024
    told = program(tmp_path, f"ulimit -a > '{tmp_path}/limits'; /usr/bin/env > '{tmp_path}/env'")
    with pytest.raises(ProgramFailed):
        Ffmpeg(told, told).probe(tmp_path / "x", kinds.MP4)
    limits = (tmp_path / "limits").read_text()
    assert str(ffmpeg_module.CPU_S) in limits
    assert str(ffmpeg_module.MEMORY_BYTES // 1024) in limits
    assert "DATABASE_URL" not in (tmp_path / "env").read_text()


def test_a_file_cannot_make_it_open_another_one(ffmpeg_path: str, tmp_path: Path) -> None:
    assert ffmpeg_path
    secret = tmp_path / "secret.wav"
    secret.write_bytes(samples.wav(1))
    for content in (
        f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n",
        f"ffconcat version 1.0\nfile {secret}\n",
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n",
    ):
        list_file = tmp_path / "list"
        list_file.write_text(content)
        found = Ffmpeg.find()
        assert found is not None
        for kind in (kinds.MP4, kinds.WAV, kinds.OGG, kinds.MP3, kinds.AAC):
            with pytest.raises(ProgramFailed):
                found.probe(list_file, kind)

"""Players on the work's page: for who may, and a list without secrets for who may not."""

import re

import pytest

from app.http.h5.drawing import as_wave
from app.http.lengths import as_length
from tests.integration.media.conftest import Offered


def test_who_bought_sees_players_and_a_waveform(offered: Offered, ffmpeg_path: str) -> None:
    assert ffmpeg_path
    while offered.house.wiring.media_workshop.prepare():
        pass
    html = offered.buyer.get(f"/h5/works/{offered.scene.work_id}").text
    assert f'<audio controls preload="metadata" src="/h5/attachments/{offered.sound_id}"' in html
    assert "课堂录音" in html
    assert re.search(r'<path d="(M\d+ [\d.]+h\.6v[\d.]+h-\.6z){200}"', html)
    assert f'href="/h5/attachments/{offered.pdf_id}"' in html
    assert "0:00" in html or "0:01" in html
    assert " style=" not in html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-CN", ("音频、视频和文件", "解锁后可以打开")),
        ("en", ("Audio, video and files", "Opens when")),
    ],
)
def test_who_did_not_buy_sees_that_there_is_something(
    offered: Offered, language: str, words: tuple[str, str]
) -> None:
    client = offered.house.client()
    html = client.get(
        f"/h5/works/{offered.scene.work_id}", headers={"Accept-Language": language}
    ).text
    assert all(one in html for one in words)
    for secret in (
        "机密讲义",
        "课堂录音",
        "<audio",
        "file__wave",
        offered.pdf_id,
        str(len(offered.pdf)),
    ):
        assert secret not in html, secret


def test_a_length_reads_as_people_say_it() -> None:
    lengths = [as_length(one) for one in (400, 65_000, 3_723_000)]
    assert lengths == ["0:00", "1:05", "1:02:03"]
    assert as_wave([0, 100]) == "M0 49h.6v2h-.6zM1 0h.6v100h-.6z"


def test_the_policy_lets_media_come_from_here_alone(offered: Offered) -> None:
    policy = offered.buyer.get("/h5/").headers["Content-Security-Policy"]
    assert "media-src 'self';" in policy

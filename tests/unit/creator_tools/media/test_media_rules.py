"""What bytes are, whether they are whole, and what they are called."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.kernel.errors import DomainError
from creator_tools.media import rules
from creator_tools.media.errors import (
    MediaActive,
    MediaTooLarge,
    MediaTruncated,
    MediaTwoFaced,
    MediaTypeRefused,
)
from tests import media_samples as samples

WHOLE = {
    "mp3": samples.mp3(),
    "m4a": samples.mp4(b"M4A "),
    "aac": samples.aac(),
    "wav": samples.wav(),
    "ogg": samples.ogg(),
    "spx": samples.ogg(b"Speex   1.2"),
    "amr": samples.AMR,
    "mp4": samples.mp4(),
    "mov": samples.mp4(b"qt  "),
    "webm": samples.webm(),
    "pdf": samples.pdf(),
    "epub": samples.epub(),
    "zip": samples.archive(),
    "docx": samples.archive(("[Content_Types].xml", "word/document.xml")),
    "xlsx": samples.archive(("[Content_Types].xml", "xl/workbook.xml")),
    "pptx": samples.archive(("[Content_Types].xml", "ppt/presentation.xml")),
    "txt": "第一行\n第二行\n".encode(),
}


def checked(content: bytes) -> rules.MediaType:
    found = rules.recognise(content[: rules.HEAD_BYTES])
    rules.check_whole(found, len(content), partial(read_at, content))
    return found


def read_at(content: bytes, start: int, length: int) -> bytes:
    return content[start : start + length]


@pytest.mark.parametrize("ending", WHOLE)
def test_each_kind_is_told_by_its_bytes_and_is_whole(ending: str) -> None:
    assert checked(WHOLE[ending]).ending == ending


@pytest.mark.parametrize(
    "bytes_",
    [
        b"MZ\x90\x00" + b"\0" * 60,
        b"\x7fELF" + b"\0" * 60,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
        b"\xff\xd8\xff\xe0" + b"\0" * 60,
        b"GIF89a" + b"\0" * 60,
        b"Rar!\x1a\x07\x00" + b"\0" * 60,
        b"\x1f\x8b\x08\x00" + b"\0" * 60,
        b"\xff\xfb\x90\x00" + b"junk that is no second frame" * 30,
        samples.mp4(b"heic"),
        b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
        b"plain\x00text",
        "utf-16".encode("utf-16"),
        b"",
    ],
)
def test_what_is_no_kind_of_ours_is_refused(bytes_: bytes) -> None:
    with pytest.raises(MediaTypeRefused):
        rules.recognise(bytes_)


@pytest.mark.parametrize(
    "text",
    [
        samples.SVG,
        samples.HTML,
        b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
        b"   \n <SvG onload=alert(1)>",
        b"words first <script>alert(1)</script>",
        b"<?php echo 1;",
        b"#!/bin/sh\nrm -rf x\n",
    ],
)
def test_text_that_would_run_is_refused(text: bytes) -> None:
    with pytest.raises(MediaActive):
        rules.recognise(text)


@pytest.mark.parametrize("ending", ["m4a", "mp4", "mov", "wav", "webm", "pdf", "zip", "docx"])
def test_a_file_without_its_end_is_refused(ending: str) -> None:
    content = WHOLE[ending]
    with pytest.raises(MediaTruncated):
        checked(content[: len(content) - 3 if ending != "pdf" else 12])


@pytest.mark.parametrize("ending", ["mp3", "wav", "ogg", "webm", "pdf", "txt", "mp4"])
def test_an_archive_behind_another_file_is_refused(ending: str) -> None:
    with pytest.raises(MediaTwoFaced):
        checked(WHOLE[ending] * (5000 if ending == "txt" else 1) + samples.archive())


def test_an_archive_with_something_put_before_its_offsets_is_refused() -> None:
    inner = samples.archive()
    with pytest.raises(MediaTwoFaced):
        checked(inner[:4] + b"\0" * 64 + inner[4:])


@given(st.binary(max_size=300), st.sampled_from(sorted(WHOLE)), st.integers(0, 400))
def test_no_bytes_make_the_rules_fall_over(noise: bytes, ending: str, cut: int) -> None:
    for content in (noise, WHOLE[ending][:cut] + noise, noise + WHOLE[ending]):
        try:
            checked(content)
        except DomainError:
            continue


def test_a_size_is_judged_by_kind_and_before_the_kind_is_known() -> None:
    limits = rules.Limits()
    rules.refuse_size(limits.audio_bytes, "audio", limits)
    with pytest.raises(MediaTooLarge) as refused:
        rules.refuse_size(limits.audio_bytes + 1, "audio", limits)
    assert "音频最大 200 MB" in refused.value.in_chinese()
    with pytest.raises(MediaTooLarge):
        rules.refuse_size(2 * 10**9, None, limits)


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("第一课.mp3", "第一课"),
        ("C:\\Users\\me\\讲义 v2.pdf", "讲义 v2"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egnp.exe", "a gnp"),
        (".mp3", "mp3"),
        ("...", "音频"),
        ("x" * 300 + ".wav", "x" * 80),
    ],
)
def test_a_title_is_no_path(filename: str, title: str) -> None:
    assert rules.shown_title(filename, "音频") == title


def test_a_saved_file_ends_as_its_bytes_say() -> None:
    assert rules.served_name('讲义/"第一课".exe', "pdf") == "讲义 第一课 .exe.pdf"
    assert rules.served_name("///", "zip") == "file.zip"


def test_peaks_follow_the_loudness() -> None:
    pcm = samples.wav(2)[44:]
    drawn = rules.peaks_of((pcm[at : at + 997] for at in range(0, len(pcm), 997)), 16_000)
    assert len(drawn) == rules.PEAKS_COUNT
    assert drawn == sorted(drawn)
    assert (drawn[0], drawn[-1]) == (0, 92)
    assert rules.peaks_of(iter([]), 0) == [0] * rules.PEAKS_COUNT

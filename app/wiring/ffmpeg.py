"""ffmpeg as a guest: found on PATH, run without a shell, bounded in everything, killed in time.

It reads one local file, told which demuxer to use, so a file cannot make it open another one or
speak to a network. What it writes is small and is read again by somebody stricter.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from creator_tools.media import rules
from creator_tools.media.rules import MediaType

TIMEOUT_S = 240.0
PROBE_TIMEOUT_S = 30.0
CPU_S = 240
MEMORY_BYTES = 2 * 1024**3
OUTPUT_BYTES = 64 * 1024**2
# A waveform needs no more: the loudest moments are there at any rate.
SAMPLES_PER_S = 4000
DURATION_S_MAX = 24 * 3600
_ANSWER_BYTES_MAX = 64 * 1024
_LAUNCHER = Path(__file__).with_name("limited_program.py")


class ProgramFailed(Exception):
    """It did not do what was asked; the argument is a word that may be kept."""


@dataclass(frozen=True)
class Probed:
    """What a file says about itself."""

    duration_ms: int | None
    width_px: int | None
    height_px: int | None
    has_picture: bool
    has_sound: bool


class Ffmpeg:
    """The two programs of this machine."""

    def __init__(self, ffmpeg: str, ffprobe: str) -> None:
        self._ffmpeg = ffmpeg
        self._ffprobe = ffprobe

    @classmethod
    def find(cls) -> "Ffmpeg | None":
        """The machine's own, or None; both programs are needed."""
        found = [shutil.which(name) for name in ("ffmpeg", "ffprobe")]
        paths = [str(Path(one).resolve()) for one in found if one]
        return cls(*paths) if len(paths) == 2 else None

    def probe(self, file: Path, of: MediaType) -> Probed:
        """Ask a file for its length and size.

        Raises:
            ProgramFailed: it makes no sense as what it is.
        """
        command = [
            self._ffprobe,
            *_QUIET,
            "-of",
            "json",
            "-show_entries",
            _ASKED,
            *_reading(file, of),
        ]
        with _running(command, file.parent, PROBE_TIMEOUT_S) as (process, is_late):
            answer = process.read(_ANSWER_BYTES_MAX + 1)
        if is_late.is_set() or len(answer) > _ANSWER_BYTES_MAX:
            raise ProgramFailed("too_much")
        return _probed(answer)

    def peaks(self, file: Path, of: MediaType, duration_ms: int) -> list[int]:
        """The waveform of a sound.

        Raises:
            ProgramFailed: it cannot be decoded.
        """
        command = [
            *(self._ffmpeg, *_QUIET, "-nostdin", *_reading(file, of), "-vn", "-sn", "-dn"),
            *("-t", str(DURATION_S_MAX), "-ac", "1", "-ar", str(SAMPLES_PER_S)),
            *("-f", "s16le", "-c:a", "pcm_s16le", "pipe:1"),
        ]
        with _running(command, file.parent, TIMEOUT_S) as (process, is_late):
            drawn = rules.peaks_of(_chunks(process), duration_ms * SAMPLES_PER_S // 1000)
        if is_late.is_set():
            raise ProgramFailed("too_slow")
        return drawn

    def still(self, file: Path, of: MediaType, at_s: float) -> bytes:
        """One picture of a film, as a JPEG.

        Raises:
            ProgramFailed: there is none.
        """
        out = file.with_name("still.jpg")
        scaled = "scale='min(1280,iw)':-2"
        self._make(
            out,
            [
                *("-ss", f"{at_s:.2f}", *_reading(file, of), "-an", "-sn", "-dn"),
                *("-frames:v", "1", "-vf", scaled, "-f", "image2", "-c:v", "mjpeg", "-q:v", "4"),
            ],
        )
        return out.read_bytes()

    def speech(self, file: Path, of: MediaType) -> Path:
        """A spoken message as a file that every browser plays (m4a).

        Raises:
            ProgramFailed: it cannot be decoded.
        """
        out = file.with_name("speech.m4a")
        self._make(
            out,
            [
                *(*_reading(file, of), "-vn", "-sn", "-dn", "-map_metadata", "-1", "-ac", "1"),
                *("-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart", "-f", "ipod"),
            ],
        )
        return out

    def _make(self, out: Path, arguments: list[str]) -> None:
        limit = ["-fs", str(OUTPUT_BYTES), "-y", f"file:{out}"]
        command = [self._ffmpeg, *_QUIET, "-nostdin", *arguments, *limit]
        with _running(command, out.parent, TIMEOUT_S) as (process, is_late):
            process.read()
        if is_late.is_set():
            raise ProgramFailed("too_slow")
        if not out.exists() or out.stat().st_size == 0:
            raise ProgramFailed("nothing_made")


_ASKED = "format=duration:stream=codec_type,width,height,duration:stream_disposition=attached_pic"
_QUIET = ("-v", "quiet", "-threads", "1")


def _reading(file: Path, of: MediaType) -> tuple[str, ...]:
    assert of.demuxer is not None, "only what has a demuxer is looked into"
    guards = ("-protocol_whitelist", "file,pipe", "-f", of.demuxer)
    return (*guards, "-i", f"file:{file}")


@contextlib.contextmanager
def _running(
    command: list[str], folder: Path, timeout_s: float
) -> Iterator[tuple[IO[bytes], threading.Event]]:
    """Run within limits; leaving kills whatever of its group is still there.

    Raises:
        ProgramFailed: it ended badly, and not because it was late.
    """
    limits = [str(CPU_S), str(MEMORY_BYTES), str(OUTPUT_BYTES)]
    process = subprocess.Popen(  # noqa: S603 - no shell, an absolute path, arguments of ours
        [sys.executable, "-I", str(_LAUNCHER), *limits, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": "", "LANG": "C", "HOME": str(folder)},
        start_new_session=True,
    )
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        _kill(process)

    alarm = threading.Timer(timeout_s, end)
    alarm.start()
    try:
        assert process.stdout is not None
        yield process.stdout, is_late
        code = process.wait()
    finally:
        alarm.cancel()
        _kill(process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if code != 0 and not is_late.is_set():
        raise ProgramFailed("not_decodable")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _chunks(out: IO[bytes]) -> Iterator[bytes]:
    left = DURATION_S_MAX * SAMPLES_PER_S * 2
    while left > 0 and (chunk := out.read(64 * 1024)):
        left -= len(chunk)
        yield chunk


def _probed(answer: bytes) -> Probed:
    try:
        told: dict[str, Any] = json.loads(answer)
        streams: list[dict[str, Any]] = list(told.get("streams", ()))
        films = [
            one
            for one in streams
            if one.get("codec_type") == "video"
            and not one.get("disposition", {}).get("attached_pic")
        ]
        sounds = [one for one in streams if one.get("codec_type") == "audio"]
        lengths = [told.get("format", {}), *films, *sounds]
        seconds = next((float(one["duration"]) for one in lengths if "duration" in one), None)
        if not films and not sounds:
            raise ProgramFailed("nothing_to_play")
        return Probed(
            duration_ms=_within(None if seconds is None else seconds * 1000, DURATION_S_MAX * 1000),
            width_px=_within(films[0].get("width"), 20_000) if films else None,
            height_px=_within(films[0].get("height"), 20_000) if films else None,
            has_picture=bool(films),
            has_sound=bool(sounds),
        )
    except (ValueError, TypeError, AttributeError, KeyError) as fault:
        raise ProgramFailed("not_understood") from fault


def _within(value: float | None, most: int) -> int | None:
    if value is None or not 0 < value <= most:
        return None
    return round(value)

"""Looks into stored media, one at a time, when there is somebody who can: ffmpeg.

Length, size, a still of a film, the waveform of a sound, a playable form of a spoken message. It
is never waited for: a file is served as it is until, or if nothing can be made, for ever.
"""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from app.wiring.ffmpeg import Ffmpeg, Probed, ProgramFailed
from app.wiring.media_intake import MediaIntake
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.media import queries, service
from creator_tools.media import rules as media_rules
from creator_tools.media.ports import MediaStore, Prepared
from creator_tools.media.queries import ToPrepare
from creator_tools.works import rules as works_rules

_log = structlog.get_logger(__name__)
SWEPT_EVERY = timedelta(hours=1)
_FREE_BYTES_MIN = 256 * 1024**2
_COPY_BYTES = 1024 * 1024


class MediaWorkshop:
    """Prepares what is due, and once an hour removes what was left lying."""

    def __init__(
        self, *, units: UnitsOfWork, store: MediaStore, intake: MediaIntake, ffmpeg: Ffmpeg | None
    ) -> None:
        self._units = units
        self._store = store
        self._intake = intake
        self._ffmpeg = ffmpeg
        self._swept_at: datetime | None = None

    def step(self) -> int:
        """Do what is due; returns how many rows were touched."""
        return self.prepare() + self._sweep()

    def prepare(self) -> int:
        """Look into the next object; 0 when none is due or nobody can look."""
        if self._ffmpeg is None:
            return 0
        due = self._units.run("media.prepare", service.claim_to_prepare)
        if due is None:
            return 0
        reason: str
        try:
            prepared = self._prepared(self._ffmpeg, due)
        except ProgramFailed as failed:
            reason = str(failed)
        except FileNotFoundError:
            reason = "bytes_missing"
        else:
            self._units.run(
                "media.prepare",
                lambda uow: service.note_prepared(uow, media_id=due.id, prepared=prepared),
            )
            return 1
        _log.warning("media.not_prepared", media_id=str(due.id), reason=reason)
        self._units.run(
            "media.prepare",
            lambda uow: service.note_unprepared(uow, media_id=due.id, reason=reason),
        )
        return 1

    def _prepared(self, ffmpeg: Ffmpeg, due: ToPrepare) -> Prepared:
        with tempfile.TemporaryDirectory(prefix="juanliu-media-") as folder:
            file = Path(folder) / "whole"
            self._fetch(due, file)
            probed = ffmpeg.probe(file, due.type)
            playable = self._playable(ffmpeg, file, due)
            return Prepared(
                duration_ms=probed.duration_ms,
                width_px=probed.width_px,
                height_px=probed.height_px,
                peaks=_peaks(ffmpeg, file, due, probed),
                poster_size_bytes=self._poster(ffmpeg, file, due, probed),
                playable_mime=None if playable is None else playable[0],
                playable_size_bytes=None if playable is None else playable[1],
            )

    def _fetch(self, due: ToPrepare, file: Path) -> None:
        if shutil.disk_usage(file.parent).free < due.size_bytes + _FREE_BYTES_MIN:
            raise ProgramFailed("no_room")
        with file.open("wb") as out:
            for chunk in self._store.stream(
                queries.object_name(due.id, "whole"), 0, due.size_bytes
            ):
                out.write(chunk)

    def _poster(self, ffmpeg: Ffmpeg, file: Path, due: ToPrepare, probed: Probed) -> int | None:
        if due.type.kind != "video" or not probed.has_picture:
            return None
        at_s = min(1.0, (probed.duration_ms or 0) / 10_000)
        try:
            # What ffmpeg made is a picture from a stranger like any other: read, and made anew.
            coded = works_rules.encode_picture(ffmpeg.still(file, due.type, at_s))
        except (ProgramFailed, DomainError):
            return None
        if coded.mime != "image/jpeg":
            return None
        self._store.put(queries.object_name(due.id, "poster"), coded.encoded)
        return len(coded.encoded)

    def _playable(self, ffmpeg: Ffmpeg, file: Path, due: ToPrepare) -> tuple[str, int] | None:
        if due.type.kind != "audio" or due.type.plays:
            return None
        made = ffmpeg.speech(file, due.type)
        found = media_rules.recognise(made.read_bytes()[: media_rules.HEAD_BYTES])
        self._store.write(queries.object_name(due.id, "playable"), _read(made))
        return found.mime, made.stat().st_size

    def _sweep(self) -> int:
        now = self._units.clock.now()
        if self._swept_at is not None and self._swept_at <= now < self._swept_at + SWEPT_EVERY:
            return 0
        self._swept_at = now
        return self._intake.sweep()


def _peaks(ffmpeg: Ffmpeg, file: Path, due: ToPrepare, probed: Probed) -> list[int] | None:
    if due.type.kind != "audio" or not probed.has_sound or probed.duration_ms is None:
        return None
    try:
        return ffmpeg.peaks(file, due.type, probed.duration_ms)
    except ProgramFailed:
        return None


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while chunk := content.read(_COPY_BYTES):
            yield chunk

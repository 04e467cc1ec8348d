"""How much is taken of one file and of one creator."""

from dataclasses import dataclass
from datetime import timedelta

from creator_tools.media.errors import MediaTooLarge
from creator_tools.media.rules.kinds import KIND_EN, KIND_ZH

PART_BYTES_MAX = 8 * 1024 * 1024
OPEN_UPLOADS_MAX = 20
UPLOAD_LIFETIME = timedelta(days=1)
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bytes at most: of one file by kind, and of everything that one creator keeps."""

    audio_bytes: int = 200 * _MEGABYTE
    video_bytes: int = 1024 * _MEGABYTE
    file_bytes: int = 100 * _MEGABYTE
    creator_bytes: int = 20 * 1024 * _MEGABYTE

    def of_kind(self, kind: str) -> int:
        """What one file of this kind may have."""
        return {"audio": self.audio_bytes, "video": self.video_bytes}.get(kind, self.file_bytes)

    @property
    def largest(self) -> int:
        """What no file of any kind may exceed."""
        return max(self.audio_bytes, self.video_bytes, self.file_bytes)


def refuse_size(size_bytes: int, kind: str | None, limits: Limits) -> None:
    """Refuse a declared size; `kind` None means that nothing is known yet.

    Raises:
        MediaTooLarge: more than this kind, or any kind, may have.
    """
    limit = limits.largest if kind is None else limits.of_kind(kind)
    if size_bytes > limit:
        raise MediaTooLarge(
            what=KIND_ZH.get(kind or "", "一个文件"),
            what_en=KIND_EN.get(kind or "", "one file"),
            limit_mb=limit // _MEGABYTE,
        )

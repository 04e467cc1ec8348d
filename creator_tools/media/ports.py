"""What media need of the world: a place for bytes, and somebody who can look into them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol


class MediaStore(Protocol):
    """Keeps bytes under names that we make; never in memory as a whole."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a small piece."""

    def write(self, name: str, chunks: Iterator[bytes]) -> None:
        """Keep a stream; when it breaks, nothing is there."""

    def read(self, name: str, start: int, length: int) -> bytes:
        """A few bytes; fewer at the end."""

    def stream(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """A stretch of bytes, chunk by chunk; `FileNotFoundError` when nothing is there."""

    def move(self, name: str, to: str) -> None:
        """Rename in one step."""

    def drop(self, prefix: str) -> None:
        """Remove everything under a prefix; again is harmless."""


@dataclass(frozen=True)
class Prepared:
    """What looking into a file gave; what could not be found out is None.

    Attributes:
        poster, playable: the files that were made, already stored; their sizes.
    """

    duration_ms: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    peaks: list[int] | None = field(default=None, repr=False)
    poster_size_bytes: int | None = None
    playable_mime: str | None = None
    playable_size_bytes: int | None = None

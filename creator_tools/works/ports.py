"""What works need of the world: a place that keeps bytes under the hash of them."""

from typing import Protocol


class BlobStore(Protocol):
    """Keeps bytes; the same hash again is the same bytes, so writing twice is harmless."""

    def put(self, sha256: str, content: bytes, *, mime: str) -> None:
        """Keep `content` under its hash."""

    def get(self, sha256: str) -> bytes | None:
        """The bytes kept under a hash, or None."""

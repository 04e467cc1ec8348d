"""Files in a local folder or an object store: pictures by their hash, media under our names.

A picture's name is the SHA-256 of what it holds, so storing twice is harmless and nothing is
overwritten with something else. Media are large: they go in and out as streams, a stretch at a
time, and lie under names that the database knows before the bytes are there. Bills are streams
too, under their own hash.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

CHUNK_BYTES = 512 * 1024
WRITE_BYTES = 8 * 1024 * 1024
_NAME = re.compile(r"(?:media|uploads|bills)(?:/[0-9a-z_-]+)+")


class HashedBlobs:
    """Puts and gets bytes named by their hash."""

    def __init__(self, storage_url: str) -> None:
        self._store: ObjectStore = _open(storage_url)

    def put(self, sha256: str, content: bytes) -> None:
        """Store `content` under its hash; again is harmless."""
        obstore.put(self._store, _path(sha256), content)

    def get(self, sha256: str) -> bytes | None:
        """The bytes with this hash, or None."""
        try:
            return bytes(obstore.get(self._store, _path(sha256)).bytes())
        except FileNotFoundError:
            return None


class MediaBlobs:
    """Streams of bytes under names that we make."""

    def __init__(self, storage_url: str) -> None:
        self._store: ObjectStore = _open(storage_url)

    def put(self, name: str, content: bytes) -> None:
        """Keep a small piece."""
        obstore.put(self._store, _checked(name), content)

    def write(self, name: str, chunks: Iterator[bytes]) -> None:
        """Keep a stream; when it breaks, nothing is there."""
        # Not handed over as an iterator: it would be called inside the store's own loop, where
        # another call to the store cannot be made. What is not closed is given up.
        out = obstore.open_writer(self._store, _checked(name), buffer_size=WRITE_BYTES)
        for chunk in chunks:
            out.write(chunk)
        out.close()

    def read(self, name: str, start: int, length: int) -> bytes:
        """A few bytes; fewer at the end."""
        return b"".join(self.stream(name, start, length))

    def stream(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """A stretch of bytes, chunk by chunk; `FileNotFoundError` when nothing is there."""
        if length <= 0:
            return
        found = obstore.get(self._store, _checked(name), options={"range": (start, start + length)})
        for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    def move(self, name: str, to: str) -> None:
        """Rename in one step."""
        obstore.rename(self._store, _checked(name), _checked(to))

    def drop(self, prefix: str) -> None:
        """Remove everything under a prefix; again is harmless."""
        for found in obstore.list(self._store, prefix=_checked(prefix.rstrip("/"))):
            for one in found:
                try:
                    obstore.delete(self._store, one["path"])
                except FileNotFoundError:
                    continue


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("not a name of ours")
    return name


def _path(sha256: str) -> str:
    if len(sha256) != 64 or not sha256.isalnum():
        raise ValueError("not a SHA-256 in hexadecimal")
    return f"{sha256[:2]}/{sha256}"


def _open(storage_url: str) -> ObjectStore:
    parts = urlsplit(storage_url)
    if parts.scheme in {"", "file"}:
        folder = Path(unquote(parts.path))
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(folder)
    return from_url(storage_url)

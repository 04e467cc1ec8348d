"""Files by the hash of their bytes, in a local folder or an object store.

A name is the SHA-256 of what it holds, so storing twice is harmless and nothing is overwritten
with something else.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url


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

"""What must not lie open in a table: credentials, session keys, kept payloads.

The business says *that* something is sealed; how is the wiring's matter. The key id is stored
beside the bytes, so keys may be rotated without a day of rewriting.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, repr=False)
class Sealed:
    """Bytes that nobody reads without the key called `key_id`."""

    key_id: str
    ciphertext: bytes


class Sealer(Protocol):
    """Seals and opens; `purpose` binds the bytes to the place they belong to."""

    @property
    def current_key_id(self) -> str:
        """The key that seals now; every other one only opens."""

    def seal(self, plaintext: bytes, *, purpose: str) -> Sealed:
        """Seal with the current key."""

    def open(self, sealed: Sealed, *, purpose: str) -> bytes:
        """Open with the key that sealed.

        Raises:
            SealBroken: the key is unknown, or the bytes belong elsewhere or were changed.
        """


class SealBroken(Exception):
    """A sealed value cannot be opened; a key is missing or the table was tampered with."""

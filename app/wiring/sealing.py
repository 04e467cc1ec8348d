"""AES-256-GCM under named field keys: the first key seals, every key opens.

The purpose is bound as associated data, so sealed bytes moved to another row or column do not
open there.
"""

from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.settings import FieldKey
from creator_tools.kernel.rng import fresh_bytes
from creator_tools.kernel.sealing import SealBroken, Sealed

_NONCE_BYTES = 12


class FieldKeySealer:
    """Implements `Sealer` with the keys of the installation."""

    def __init__(self, keys: Iterable[FieldKey]) -> None:
        pairs = [(key.key_id, AESGCM(key.key)) for key in keys]
        self._current_id = pairs[0][0]
        self._ciphers = dict(pairs)

    @property
    def current_key_id(self) -> str:
        """The key that seals now."""
        return self._current_id

    @property
    def key_ids(self) -> frozenset[str]:
        """Every key that opens."""
        return frozenset(self._ciphers)

    def seal(self, plaintext: bytes, *, purpose: str) -> Sealed:
        """Seal with the current key; a fresh nonce leads the ciphertext."""
        nonce = fresh_bytes(_NONCE_BYTES)
        ciphertext = self._ciphers[self._current_id].encrypt(nonce, plaintext, purpose.encode())
        return Sealed(self._current_id, nonce + ciphertext)

    def open(self, sealed: Sealed, *, purpose: str) -> bytes:
        """Open with the key that sealed.

        Raises:
            SealBroken: the key is unknown, or the bytes belong elsewhere or were changed.
        """
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise SealBroken(f"field key {sealed.key_id!r} is not configured")
        nonce, ciphertext = sealed.ciphertext[:_NONCE_BYTES], sealed.ciphertext[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, purpose.encode())
        except (InvalidTag, ValueError) as error:  # changed, or too short to hold a nonce
            raise SealBroken(f"a value sealed for {purpose.partition(':')[0]} is broken") from error

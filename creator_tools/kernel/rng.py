"""Chance and identity, as something that is handed in.

Ids are UUIDv7 (RFC 9562): ordered by time, so an index grows at one end. They are built here
from our own clock and chance, not by a library that reads both behind our back, so that a seed
reproduces every id of a run.
"""

import random
import secrets
import threading
from typing import Protocol
from uuid import UUID

from creator_tools.kernel.clock import Clock

# Without 0, 1, i, l, o: a code is read aloud and typed with thumbs.
CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class Rng(Protocol):
    """A source of chance."""

    def getrandbits(self, k: int, /) -> int:
        """`k` random bits as a non-negative integer."""

    def random(self) -> float:
        """A number in [0, 1)."""


def system_rng() -> Rng:
    """The operating system's chance; for production, where guessing an id must be hopeless."""
    return secrets.SystemRandom()


def seeded_rng(seed: int) -> Rng:
    """Chance that repeats itself; for simulations and tests."""
    return random.Random(seed)  # noqa: S311 - repeatable on purpose; never used in production


class Ids:
    """Makes UUIDv7 that never go backwards within this process."""

    def __init__(self, clock: Clock, rng: Rng) -> None:
        self._clock = clock
        self._rng = rng
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> UUID:
        """A fresh id: 48 bits of milliseconds, then 74 bits that only ever grow or are random."""
        return self._at(self._now_ms(), self._rng.getrandbits(11), self._rng.getrandbits(62))

    def several(self, count: int) -> list[UUID]:
        """Fresh ids of one moment, in order; clock and chance are asked once for all."""
        now_ms, chance = self._now_ms(), self._rng.getrandbits(73 * count)
        parts = [chance >> 73 * at for at in range(count)]
        return [self._at(now_ms, part & 0x7FF, part >> 11 & (1 << 62) - 1) for part in parts]

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _at(self, now_ms: int, step: int, chance: int) -> UUID:
        with self._lock:
            stamp = max((now_ms << 12) | step, self._last + 1)
            self._last = stamp
        value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64
        return UUID(int=value | 0b10 << 62 | chance)


def short_code(rng: Rng, length: int) -> str:
    """A code of `length` characters for people: easy to read, about 5 bits each."""
    letters: list[str] = []
    while len(letters) < length:
        index = rng.getrandbits(5)
        if index < len(CODE_ALPHABET):
            letters.append(CODE_ALPHABET[index])
    return "".join(letters)


def digits(rng: Rng, length: int) -> str:
    """`length` decimal digits, for a confirmation that is typed once."""
    return "".join(str(rng.getrandbits(32) % 10) for _ in range(length))


def token(rng: Rng) -> str:
    """A bearer token of 256 bits, as 64 hexadecimal digits."""
    return f"{rng.getrandbits(256):064x}"

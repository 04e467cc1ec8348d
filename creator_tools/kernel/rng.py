"""Chance and identity, as something that is handed in.

Ids are UUIDv7 (RFC 9562): ordered by time, so an index grows at one end. They are built here
from our own clock and chance, not by a library that reads both behind our back, so that a seed
reproduces every id of a run.
"""

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
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


_STOCK_BYTES = 4096


class _Stock:
    """The operating system's chance, fetched many bytes at a time.

    Every question to the system lets go of the interpreter, and under load whoever asks waits
    until the others have worked. No byte is given twice, to a child of this process either.
    """

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._next = 0

    def take(self, count: int) -> bytes:
        """`count` bytes that nobody was given before."""
        if count > _STOCK_BYTES:
            return os.urandom(count)
        with self._lock:
            if self._next + count > len(self._bytes):
                self._bytes, self._next = os.urandom(_STOCK_BYTES), 0
            start, self._next = self._next, self._next + count
            return self._bytes[start : self._next]


_stock = _Stock()


def fresh_bytes(count: int) -> bytes:
    """Bytes that nobody can guess and nobody was given before, for nonces and the like."""
    return _stock.take(count)


class _SystemRng:
    """What `random.SystemRandom` gives, from the stock."""

    def getrandbits(self, k: int, /) -> int:
        """`k` random bits."""
        count = (k + 7) // 8
        return int.from_bytes(fresh_bytes(count), "big") >> (count * 8 - k)

    def random(self) -> float:
        """A number in [0, 1), with all the bits that a float holds."""
        return self.getrandbits(53) * 2.0**-53


def system_rng() -> Rng:
    """The operating system's chance; for production, where guessing an id must be hopeless."""
    return _SystemRng()


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
        return self._made(_ms_of(self._clock.now()), self._rng.getrandbits(73))

    def of(self, moment: datetime) -> "IdsOf":
        """Ids for what happens at one moment; the clock is not asked again for each."""
        ms = _ms_of(moment)
        return IdsOf(lambda: self._made(ms, self._rng.getrandbits(73)))

    def several(self, count: int) -> list[UUID]:
        """Fresh ids of one moment, in order; clock and chance are asked once for all."""
        now_ms, chance = _ms_of(self._clock.now()), self._rng.getrandbits(73 * count)
        return [self._made(now_ms, chance >> 73 * at & _CHANCE) for at in range(count)]

    def _made(self, now_ms: int, chance: int) -> UUID:
        """An id of this millisecond: 11 bits of chance between it and the next, 62 at the end."""
        with self._lock:
            stamp = max(now_ms << 12 | chance & 0x7FF, self._last + 1)
            self._last = stamp
        value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64
        return UUID(int=value | 0b10 << 62 | chance >> 11)


@dataclass(frozen=True)
class IdsOf:
    """Gives ids one by one."""

    new: Callable[[], UUID]


_CHANCE = (1 << 73) - 1


def _ms_of(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


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

"""What nobody may guess: no byte is given twice, to whomever and in whichever process."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from creator_tools.kernel.rng import fresh_bytes, system_rng


def test_threads_that_take_at_once_get_different_bytes() -> None:
    """A nonce that two are given would open what both of them sealed."""
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: fresh_bytes(12), range(20_000)))
    assert max(Counter(taken).values()) == 1
    assert {len(one) for one in taken} == {12}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_gets_other_bytes_than_its_parent() -> None:
    """A forked server begins with a stock of its own."""
    fresh_bytes(1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, fresh_bytes(64))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 64) != fresh_bytes(64)


@pytest.mark.parametrize("bits", [1, 5, 11, 53, 62, 73, 256, 40_000])
def test_random_bits_fill_their_range_and_no_more(bits: int) -> None:
    """Every bit is set in some of 60 draws, and none beyond."""
    rng = system_rng()
    drawn = [rng.getrandbits(bits) for _ in range(60)]
    assert all(0 <= one < 1 << bits for one in drawn)
    seen = 0
    for one in drawn:
        seen |= one
    assert seen == (1 << bits) - 1


def test_a_random_number_is_below_one() -> None:
    """And not below zero."""
    rng = system_rng()
    drawn = [rng.random() for _ in range(2000)]
    assert all(0 <= one < 1 for one in drawn)
    assert min(drawn) < 0.05
    assert max(drawn) > 0.95

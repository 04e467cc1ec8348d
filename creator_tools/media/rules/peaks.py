"""A waveform: the loudest moment of each of 200 stretches, 0 … 100."""

import sys
from array import array
from collections.abc import Iterable

PEAKS_COUNT = 200
_FULL_SCALE = 32_768


def peaks_of(chunks: Iterable[bytes], samples_count: int) -> list[int]:
    """The peaks of mono 16-bit little-endian samples.

    Args:
        chunks: the samples' bytes, cut anywhere.
        samples_count: how many samples are expected; more are counted into the last stretch.
    """
    stretch = max(1, -(-samples_count // PEAKS_COUNT))
    loudest = [0] * PEAKS_COUNT
    at, left_over = 0, b""
    for chunk in chunks:
        whole = left_over + chunk
        even = len(whole) // 2 * 2
        left_over = whole[even:]
        samples = array("h", whole[:even])
        if sys.byteorder == "big":
            samples.byteswap()
        done = 0
        while done < len(samples):
            slot = min((at + done) // stretch, PEAKS_COUNT - 1)
            ends = len(samples) if slot == PEAKS_COUNT - 1 else (slot + 1) * stretch - at
            part = samples[done:ends]
            highest, lowest = max(part), min(part)
            loudest[slot] = max(loudest[slot], highest, -lowest)
            done += len(part)
        at += len(samples)
    return [round(one * 100 / _FULL_SCALE) for one in loudest]

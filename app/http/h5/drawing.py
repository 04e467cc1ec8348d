"""Waveforms as a page shows them."""

from collections.abc import Sequence


def as_wave(peaks: Sequence[int]) -> str:
    """Peaks of 0 … 100 as a path of bars around the middle of a box 100 high."""
    bars = []
    for at, peak in enumerate(peaks):
        height = max(2, min(peak, 100))
        bars.append(f"M{at} {50 - height / 2:g}h.6v{height:g}h-.6z")
    return "".join(bars)

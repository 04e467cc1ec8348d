"""Lengths and waveforms as a page shows them."""

from collections.abc import Sequence


def as_length(duration_ms: int) -> str:
    """Minutes and seconds, with hours where there are any: "3:05", "1:02:03"."""
    seconds = round(duration_ms / 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def as_wave(peaks: Sequence[int]) -> str:
    """Peaks of 0 … 100 as a path of bars around the middle of a box 100 high."""
    bars = []
    for at, peak in enumerate(peaks):
        height = max(2, min(peak, 100))
        bars.append(f"M{at} {50 - height / 2:g}h.6v{height:g}h-.6z")
    return "".join(bars)

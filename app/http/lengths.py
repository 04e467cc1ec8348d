"""How long sound and film last, as a page shows it."""


def as_length(duration_ms: int) -> str:
    """Minutes and seconds, with hours where there are any: "3:05", "1:02:03"."""
    seconds = round(duration_ms / 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"

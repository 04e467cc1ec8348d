"""Pictures of QR codes."""

import io

import segno


def png(text: str, scale: int = 8) -> bytes:
    """A QR code of `text` as PNG, `scale` pixels a module."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=scale, border=4)
    return picture.getvalue()

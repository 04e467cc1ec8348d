"""Covers made by code: each column has a scene, each work its own weather, alike at every start."""

import hashlib
import io
import math
from collections.abc import Callable, Iterator

from PIL import Image, ImageDraw, ImageFilter

SIZE_PX = (960, 540)
_FINE = 2
Colour = tuple[int, int, int]
# Sky above, sky below, the nearest and the farthest thing, the light.
_PALETTES: dict[str, tuple[Colour, Colour, Colour, Colour, Colour]] = {
    "hills": ((196, 208, 214), (240, 238, 230), (52, 72, 78), (186, 198, 202), (255, 250, 236)),
    "trees": ((232, 226, 204), (250, 244, 226), (74, 92, 58), (190, 170, 112), (214, 122, 52)),
    "night": ((18, 26, 52), (64, 58, 104), (12, 16, 34), (46, 50, 92), (255, 206, 112)),
    "talk": ((240, 228, 214), (250, 240, 230), (168, 74, 54), (222, 170, 136), (44, 62, 92)),
    "ledger": ((224, 236, 234), (246, 250, 246), (28, 92, 88), (150, 196, 184), (232, 148, 64)),
}


def cover(scene: str, title: str) -> bytes:
    """A picture as JPEG; the title decides how it looks, and is not written on it."""
    shares = _shares(f"{scene} {title}")
    wide, high = SIZE_PX
    picture = _sky(scene, (wide // _FINE, high // _FINE)).resize(SIZE_PX)
    _SCENES[scene](picture, shares)
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=82)
    return kept.getvalue()


def _shares(text: str) -> Iterator[float]:
    """Numbers from 0 to 1 without end, decided by the text alone."""
    digest = text.encode("utf-8")
    while True:
        digest = hashlib.sha256(digest).digest()
        yield from (byte / 255 for byte in digest)


def _sky(scene: str, size: tuple[int, int]) -> Image.Image:
    above, below = _PALETTES[scene][:2]
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        column.putpixel((0, y), _between(above, below, y / size[1]))
    return column.resize(size)


def _between(one: Colour, other: Colour, share: float) -> Colour:
    mixed = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _glow(picture: Image.Image, x: float, y: float, radius: float, colour: Colour) -> None:
    layer = Image.new("L", (picture.width // 4, picture.height // 4))
    box = [part / 4 for part in (x - radius, y - radius, x + radius, y + radius)]
    ImageDraw.Draw(layer).ellipse(box, fill=235)
    soft = layer.filter(ImageFilter.GaussianBlur(radius / 9)).resize(picture.size)
    picture.paste(Image.new("RGB", picture.size, colour), mask=soft)


def _hills(picture: Image.Image, shares: Iterator[float]) -> None:
    """Ridges one behind the other, the farthest almost as pale as the sky."""
    _, _, near, far, light = _PALETTES["hills"]
    wide, high = picture.size
    _glow(picture, wide * (0.2 + 0.6 * next(shares)), high * 0.3, 60 + 40 * next(shares), light)
    draw = ImageDraw.Draw(picture)
    for layer in range(5):
        turn, width = next(shares) * 9, 130 - layer * 14 + 50 * next(shares)
        ridge = high * (0.42 + 0.12 * layer)
        line = [
            (x, ridge + math.sin(x / width + turn) * 26 + math.sin(x / 37 + turn * 2) * 7)
            for x in range(0, wide + 12, 12)
        ]
        draw.polygon([*line, (wide, high), (0, high)], fill=_between(far, near, layer / 4))


def _trees(picture: Image.Image, shares: Iterator[float]) -> None:
    """Trunks with a few leaves left, and one that has turned."""
    _, _, near, far, light = _PALETTES["trees"]
    wide, high = picture.size
    draw = ImageDraw.Draw(picture)
    for step in range(12):
        ground = _between(_PALETTES["trees"][1], far, step / 14)
        draw.rectangle((0, high * (0.76 + step * 0.02), wide, high), fill=ground)
    for layer in range(13):
        depth = layer / 12
        x, thick = wide * next(shares), 5 + 24 * depth * (0.5 + next(shares))
        colour = _between(far, near, depth)
        draw.rectangle((x - thick / 2, 0, x + thick / 2, high * (0.78 + 0.22 * depth)), fill=colour)
        for _ in range(9):
            at, reach = high * 0.7 * next(shares), (next(shares) - 0.5) * 240
            draw.line(
                (x, at, x + reach, at - abs(reach) * 0.5), fill=colour, width=2 + int(thick / 8)
            )
            size = 5 + 13 * next(shares)
            end = (x + reach, at - abs(reach) * 0.5)
            leaf = light if next(shares) > 0.72 else _between(far, near, depth * 0.6)
            draw.ellipse((end[0] - size, end[1] - size, end[0] + size, end[1] + size), fill=leaf)


def _night(picture: Image.Image, shares: Iterator[float]) -> None:
    """A town after midnight: few windows are lit, and one of them is yours."""
    _, _, near, far, light = _PALETTES["night"]
    wide, high = picture.size
    _glow(picture, wide * (0.15 + 0.7 * next(shares)), high * 0.2, 44, (236, 232, 214))
    draw = ImageDraw.Draw(picture)
    for layer in range(2):
        x = -40.0
        while x < wide:
            broad, top = 70 + 80 * next(shares), high * (0.3 + 0.2 * layer + 0.25 * next(shares))
            draw.rectangle((x, top, x + broad, high), fill=_between(far, near, 0.3 + 0.6 * layer))
            for at in range(int(top) + 16, high - 12, 26):
                for across in range(int(x) + 12, int(x + broad) - 14, 24):
                    if next(shares) > 0.9:
                        draw.rectangle((across, at, across + 10, at + 13), fill=light)
            x += broad + 6


def _talk(picture: Image.Image, shares: Iterator[float]) -> None:
    """Two sides of a table, and what goes between them."""
    _, _, near, far, light = _PALETTES["talk"]
    wide, high = picture.size
    draw = ImageDraw.Draw(picture)
    for side, colour in ((-1, near), (1, light)):
        x, size = wide / 2 + side * (150 + 90 * next(shares)), 70 + 34 * next(shares)
        y = high * 0.36
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)
        draw.pieslice(
            (x - size * 1.9, y + size, x + size * 1.9, y + size * 5), 180, 360, fill=colour
        )
    draw.rectangle((0, high * 0.78, wide, high), fill=far)
    for _ in range(7):
        x, size = wide * (0.42 + 0.16 * next(shares)), 8 + 14 * next(shares)
        y = high * (0.12 + 0.5 * next(shares))
        colour = near if next(shares) > 0.5 else light
        draw.rounded_rectangle((x - size * 2, y - size, x + size * 2, y + size), size, fill=colour)


def _ledger(picture: Image.Image, shares: Iterator[float]) -> None:
    """Months as columns; some are thin, the last one is lit."""
    _, _, near, far, light = _PALETTES["ledger"]
    wide, high = picture.size
    draw = ImageDraw.Draw(picture)
    for line in range(6):
        y = high * (0.2 + 0.12 * line)
        draw.line((70, y, wide - 70, y), fill=_between(far, (255, 255, 255), 0.4), width=2)
    for month in range(12):
        x = 92 + month * (wide - 180) / 12
        tall = high * (0.05 + 0.5 * (month / 12) * (0.4 + 0.8 * next(shares)))
        colour = light if month == 11 else _between(far, near, month / 12)
        draw.rounded_rectangle((x, high * 0.82 - tall, x + 50, high * 0.82), 8, fill=colour)
    draw.line((70, high * 0.82, wide - 70, high * 0.82), fill=near, width=5)


_SCENES: dict[str, Callable[[Image.Image, Iterator[float]], None]] = {
    "hills": _hills,
    "trees": _trees,
    "night": _night,
    "talk": _talk,
    "ledger": _ledger,
}

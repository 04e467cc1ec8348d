"""A picture as we keep it: decoded once, turned upright, stripped of all but its pixels."""

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps

from creator_tools.works.errors import PictureRefused

SIZE_BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
EDGE_PX_MAX = 2048
# Twice what a list shows, for dense screens.
SMALL_EDGE_PX = 144
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# What the decoders of damaged or hostile files raise; all of it means "no picture".
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True)
class EncodedPicture:
    """New bytes of a picture, the hash they are stored under, and their size."""

    encoded: bytes
    sha256: str
    mime: str
    width_px: int
    height_px: int


def encode_picture(original: bytes) -> EncodedPicture:
    """Decode, turn upright, shrink to 2048 px, drop all metadata, encode anew.

    Raises:
        PictureRefused: too large, too many pixels, or no picture at all.
    """
    if not original:
        raise PictureRefused(why="文件是空的")
    if len(original) > SIZE_BYTES_MAX:
        raise PictureRefused(why="超过 10 MB")
    try:
        with Image.open(io.BytesIO(original), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise PictureRefused(why="像素太多")
            upright = ImageOps.exif_transpose(opened)
            has_alpha = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            pixels = upright.convert("RGBA" if has_alpha else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise PictureRefused(why="像素太多") from fault
    except _BROKEN as fault:
        raise PictureRefused(why="不是可识别的图片") from fault
    pixels.thumbnail((EDGE_PX_MAX, EDGE_PX_MAX))
    return _encoded(pixels, "PNG" if has_alpha else "JPEG")


def small_picture(encoded: bytes) -> bytes:
    """The middle of a picture as a small square JPEG, for lists.

    Args:
        encoded: the bytes that `encode_picture` made, so nothing foreign is decoded.

    Raises:
        PictureRefused: the stored bytes are damaged.
    """
    try:
        with Image.open(io.BytesIO(encoded), formats=FORMATS) as opened:
            # A JPEG is decoded at a fraction of its size right away.
            opened.draft("RGB", (2 * SMALL_EDGE_PX, 2 * SMALL_EDGE_PX))
            square = ImageOps.fit(opened.convert("RGBA"), (SMALL_EDGE_PX, SMALL_EDGE_PX))
    except _BROKEN as fault:
        raise PictureRefused(why="不是可识别的图片") from fault
    flat = Image.new("RGB", square.size, "white")
    flat.paste(square, mask=square.getchannel("A"))
    buffer = io.BytesIO()
    flat.save(buffer, "JPEG", quality=80, optimize=True)
    return buffer.getvalue()


def _encoded(pixels: Image.Image, form: str) -> EncodedPicture:
    # A fresh image carries no EXIF, no profile and no text chunks into the file.
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    buffer = io.BytesIO()
    if form == "JPEG":
        clean.save(buffer, form, quality=85, optimize=True)
    else:
        clean.save(buffer, form, optimize=True)
    encoded = buffer.getvalue()
    digest = hashlib.sha256(encoded).hexdigest()
    return EncodedPicture(encoded, digest, f"image/{form.lower()}", clean.width, clean.height)

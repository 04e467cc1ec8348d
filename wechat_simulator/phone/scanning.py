"""Reading the QR code in a picture, as a long press on it does."""

import io
import struct
import zlib

import zxingcpp
from PIL import Image

_EDGE_PX_MOST = 3000
# What the decoders of broken or hostile files raise; all of it means "no code".
_BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError),
    *(OverflowError, MemoryError, struct.error, zlib.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


def code_in(content: bytes) -> str | None:
    """The text of the first QR code in the picture; None without a code, or without a picture."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.draft("L", (_EDGE_PX_MOST, _EDGE_PX_MOST))
            opened.thumbnail((_EDGE_PX_MOST, _EDGE_PX_MOST))
            found = zxingcpp.read_barcodes(opened.convert("L"))
    except _BROKEN:
        return None
    return next((one.text for one in found if one.text), None)

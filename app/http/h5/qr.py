"""A code to scan, drawn into the page itself."""

from functools import lru_cache
from io import BytesIO

import segno
from markupsafe import Markup

_SCALE = 5
# What is longer than any address of ours makes a code that no telephone reads.
_BYTES_MAX = 600
# Trying the eight masks costs as much as the rest of a page; most who need the code see the same
# few pages. At 10 KB each the memory stays small.
_REMEMBERED = 256


@lru_cache(maxsize=_REMEMBERED)
def drawn(text: str, label: str) -> Markup:
    """`text` as a QR code in inline SVG, with what it is for whoever cannot see it.

    Nothing for a text that is too long to be scanned.
    """
    if len(text.encode("utf-8", "replace")) > _BYTES_MAX:
        return Markup("")
    out = BytesIO()
    code = segno.make(text, error="m")
    code.save(
        out, kind="svg", scale=_SCALE, border=2, xmldecl=False, svgns=False,
        svgclass="qr", lineclass=None, light="#fff", dark="#000", omitsize=True, title=label,
    )  # fmt: skip
    return Markup(out.getvalue().decode("utf-8").replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - drawn by segno from an address of ours; the label is escaped by it

"""The picture of a group's code: read, judged by what it says, and drawn anew.

A picture is never shown as it came: only what its code says is kept, and the code is drawn from
that. So nothing hides in the picture, and a crooked photograph becomes a clean code.
"""

import io
import re

import segno
import zxingcpp
from PIL import Image

from creator_tools.fan_groups.errors import (
    GroupCodeDamaged,
    GroupCodeForeign,
    GroupCodeMissing,
    GroupCodeOfAccount,
    GroupCodeOfPayment,
    GroupCodeOfPerson,
    GroupCodesSeveral,
)
from creator_tools.works.rules import encode_picture

# A picture smaller than this is enlarged before a second look: its modules are a pixel or two.
_SMALL_PX = 600
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_DRAWN_SCALE = 12
_QUIET_ZONE = 4
# By host and path only: what follows is the platform's own and may change.
_GROUP = re.compile(
    r"https://(?:weixin\.qq\.com/g|work\.weixin\.qq\.com/gm)/[A-Za-z0-9_~.%=?&+-]{4,400}"
)
_PERSON = re.compile(r"(?:https?://u\.wechat\.com/|https?://weixin\.qq\.com/x/).*", re.DOTALL)
_ACCOUNT = re.compile(r"https?://weixin\.qq\.com/r/.*", re.DOTALL)
_PAYMENT = re.compile(
    r"(?:wxp://|weixin://wxpay/|https?://payapp\.wechatpay\.cn/|https?://qr\.alipay\.com/).*",
    re.DOTALL | re.IGNORECASE,
)


def code_in(original: bytes) -> str:
    """What the one group code in a picture says, to be drawn anew by `draw_code`.

    Args:
        original: the bytes of a picture as somebody sent it; limits are those of any picture.

    Raises:
        PictureRefused: too large, too many pixels, or no picture at all.
        GroupCodeMissing: there is no code in it.
        GroupCodeDamaged: there is one that cannot be read.
        GroupCodesSeveral: there are two or more.
        GroupCodeOfPerson, GroupCodeOfPayment, GroupCodeOfAccount, GroupCodeForeign: it is the
            code of something else.
    """
    picture = encode_picture(original)
    with Image.open(io.BytesIO(picture.encoded)) as opened:
        pixels = _on_white(opened)
    found = _read(pixels)
    if not any(code.valid for code in found) and max(pixels.size) < _SMALL_PX:
        found = _read(
            pixels.resize((pixels.width * 3, pixels.height * 3), Image.Resampling.LANCZOS)
        )
    said = {code.text for code in found if code.valid}
    if len(said) > 1:
        raise GroupCodesSeveral
    if not said:
        raise GroupCodeDamaged if found else GroupCodeMissing
    return _judged(said.pop())


def draw_code(said: str) -> bytes:
    """A clean PNG of a code that says this, large enough to be recognised by a long press."""
    buffer = io.BytesIO()
    drawn = segno.make_qr(said, error="m")
    drawn.save(buffer, kind="png", scale=_DRAWN_SCALE, border=_QUIET_ZONE)
    return buffer.getvalue()


def _read(pixels: Image.Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(pixels, formats=_FORMATS, return_errors=True)


def _on_white(opened: Image.Image) -> Image.Image:
    if opened.mode != "RGBA":
        return opened.convert("L")
    white = Image.new("RGBA", opened.size, "white")
    white.alpha_composite(opened)
    return white.convert("L")


def _judged(said: str) -> str:
    if _GROUP.fullmatch(said):
        return said
    if _PERSON.fullmatch(said):
        raise GroupCodeOfPerson
    if _PAYMENT.fullmatch(said):
        raise GroupCodeOfPayment
    if _ACCOUNT.fullmatch(said):
        raise GroupCodeOfAccount
    raise GroupCodeForeign

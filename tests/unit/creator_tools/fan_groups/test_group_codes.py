"""Pictures of codes: a group's is read from any angle, all others are told apart and refused."""

import io
import random
import struct
import zlib

import pytest
import segno
from PIL import Image, ImageFilter

from creator_tools.fan_groups.errors import (
    GroupCodeDamaged,
    GroupCodeForeign,
    GroupCodeMissing,
    GroupCodeOfAccount,
    GroupCodeOfPayment,
    GroupCodeOfPerson,
    GroupCodesSeveral,
)
from creator_tools.fan_groups.rules import code_in, draw_code
from creator_tools.kernel.errors import DomainError
from creator_tools.works.errors import PictureRefused

GROUP = "https://weixin.qq.com/g/AQYAAK3x9bQkR2mV7wPz_1c-TuEoH"
WECOM = "https://work.weixin.qq.com/gm/0123456789abcdef0123456789abcdef"


def drawn(said: str, *, scale: int = 8, border: int = 4) -> Image.Image:
    buffer = io.BytesIO()
    segno.make_qr(said, error="m").save(buffer, kind="png", scale=scale, border=border)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("L")


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def screenshot(picture: Image.Image) -> Image.Image:
    """As a phone keeps it: the code in the middle of a tall, coloured page."""
    page = Image.new("RGB", (1080, 2340), (237, 237, 237))
    page.paste((7, 193, 96), (0, 0, 1080, 180))
    page.paste(picture.resize((720, 720)).convert("RGB"), (180, 700))
    return page


@pytest.mark.parametrize("said", [GROUP, WECOM])
@pytest.mark.parametrize("angle", [0, 7, 45, 90, 180, 270, 333])
def test_a_group_is_read_from_any_angle(said: str, angle: int) -> None:
    assert code_in(png(drawn(said).rotate(angle, expand=True, fillcolor=255))) == said


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_small_one_is_read(scale: int) -> None:
    assert code_in(png(drawn(GROUP, scale=scale))) == GROUP


@pytest.mark.parametrize("quality", [5, 20, 60])
def test_one_that_was_sent_on_too_often_is_read(quality: int) -> None:
    noisy = drawn(GROUP).filter(ImageFilter.GaussianBlur(1.2))
    assert code_in(jpeg(noisy, quality)) == GROUP


def test_a_screenshot_a_dark_one_and_one_on_nothing_are_read() -> None:
    assert code_in(jpeg(screenshot(drawn(GROUP)), 80)) == GROUP
    assert code_in(png(drawn(GROUP).point(lambda value: 255 - value))) == GROUP
    clear = drawn(GROUP).convert("RGBA")
    clear.putalpha(drawn(GROUP).point(lambda value: 255 if value < 128 else 0))
    assert code_in(png(clear)) == GROUP


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("https://u.wechat.com/EJx-personal_card", GroupCodeOfPerson),
        ("wxp://f2f0Zb2SPpaymentcode", GroupCodeOfPayment),
        ("WXP://F2F0ZB2SPPAYMENTCODE", GroupCodeOfPayment),
        ("weixin://wxpay/bizpayurl?pr=abc", GroupCodeOfPayment),
        ("http://weixin.qq.com/r/account1234", GroupCodeOfAccount),
        ("https://evil.example/g/AQYAAK3x", GroupCodeForeign),
        ("https://weixin.qq.com.evil.example/g/AQYAAK3x", GroupCodeForeign),
        ("https://evil.example/https://weixin.qq.com/g/AQYAAK3x", GroupCodeForeign),
        ("https://weixin.qq.com@evil.example/g/AQYAAK3x", GroupCodeForeign),
        ("https://weixin.qq.com/g/AQYAA\nhttps://evil.example", GroupCodeForeign),
        ("https://weixin.qq.com/g/", GroupCodeForeign),
        ("http://work.weixin.qq.com/gm/0123456789abcdef", GroupCodeForeign),
        ("javascript:alert(1)", GroupCodeForeign),
        ("你好，进群加我", GroupCodeForeign),
        ("1", GroupCodeForeign),
    ],
)
def test_the_code_of_something_else_is_told_by_name(said: str, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        code_in(png(drawn(said)))


def test_two_codes_are_one_too_many_and_the_same_twice_is_not() -> None:
    def beside(one: str, other: str) -> bytes:
        page = Image.new("L", (1000, 500), 255)
        page.paste(drawn(one), (20, 40))
        page.paste(drawn(other), (520, 40))
        return png(page)

    with pytest.raises(GroupCodesSeveral):
        code_in(beside(GROUP, "wxp://f2f0Zb2SPpaymentcode"))
    with pytest.raises(GroupCodesSeveral):
        code_in(beside(GROUP, WECOM))
    assert code_in(beside(GROUP, GROUP)) == GROUP


def test_a_picture_without_a_code_says_so() -> None:
    for blank in (Image.new("RGB", (400, 400), "white"), Image.effect_noise((600, 600), 90)):
        with pytest.raises(GroupCodeMissing):
            code_in(png(blank))


def test_a_code_that_cannot_be_read_is_not_the_same_as_none() -> None:
    damaged = drawn(GROUP, scale=10)
    chance, side = random.Random(4), damaged.width // 10
    # Past what the code can mend, with its three corners left in place.
    for _ in range(260):
        x, y = chance.randrange(13, side - 6), chance.randrange(13, side - 6)
        inverse = 255 - int(damaged.getpixel((x * 10 + 5, y * 10 + 5)))  # type: ignore[arg-type]
        damaged.paste(inverse, (x * 10, y * 10, x * 10 + 10, y * 10 + 10))
    with pytest.raises(GroupCodeDamaged):
        code_in(png(damaged))


@pytest.mark.parametrize(
    "original",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
        b"\xff" * (10 * 1024 * 1024 + 1),
    ],
    ids=["nothing", "svg", "pdf", "broken", "too large"],
)
def test_what_is_no_picture_is_refused(original: bytes) -> None:
    with pytest.raises(PictureRefused):
        code_in(original)


def test_a_picture_that_unpacks_to_gigabytes_is_refused_unopened() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    bomb += chunk(b"IDAT", zlib.compress(b"\x00" * 10_000_000, 9)) + chunk(b"IEND", b"")
    assert len(bomb) < 20_000
    with pytest.raises(PictureRefused):
        code_in(bomb)


@pytest.mark.parametrize("said", [GROUP, WECOM])
def test_what_is_drawn_anew_says_the_same_and_is_large_enough(said: str) -> None:
    picture = draw_code(said)
    assert code_in(picture) == said
    assert Image.open(io.BytesIO(picture)).width >= 280

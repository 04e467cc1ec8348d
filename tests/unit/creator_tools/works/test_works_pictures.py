"""A picture is decoded once and encoded anew; what is no picture is refused."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from creator_tools.works.errors import PictureRefused
from creator_tools.works.rules import encode_picture


def drawn(form: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **extra: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, (200, 30, 60, 120)[: len(mode)]).save(buffer, form, **extra)
    return buffer.getvalue()


def test_place_and_camera_of_a_photo_are_dropped_and_it_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "SECRET-CAMERA"
    coded = encode_picture(drawn("JPEG", exif=exif))
    assert (coded.width_px, coded.height_px) == (20, 40)
    assert b"SECRET-CAMERA" not in coded.encoded
    assert len(Image.open(io.BytesIO(coded.encoded)).getexif()) == 0
    assert coded.mime == "image/jpeg"


def test_a_transparent_picture_stays_transparent() -> None:
    coded = encode_picture(drawn("PNG", mode="RGBA"))
    assert coded.mime == "image/png"
    assert Image.open(io.BytesIO(coded.encoded)).getpixel((0, 0)) == (200, 30, 60, 120)


def test_a_large_picture_is_shrunk_to_2048_pixels() -> None:
    coded = encode_picture(drawn("PNG", size=(4000, 1000)))
    assert (coded.width_px, coded.height_px) == (2048, 512)


def test_the_same_pixels_have_the_same_hash() -> None:
    assert encode_picture(drawn("PNG")).sha256 == encode_picture(drawn("PNG")).sha256


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(PictureRefused) as refused:
        encode_picture(drawn("PNG", size=(8000, 6000), mode="L"))
    assert refused.value.facts == {"why": "像素太多"}


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureRefused):
        encode_picture(content)


@given(st.data(), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]))
def test_a_damaged_picture_is_encoded_or_refused_and_nothing_else(
    chance: st.DataObject, form: str
) -> None:
    content = bytearray(drawn(form))
    at = chance.draw(st.integers(0, len(content) - 1))
    content[at] ^= chance.draw(st.integers(1, 255))
    cut = chance.draw(st.integers(1, len(content)))
    with suppress(PictureRefused):
        coded = encode_picture(bytes(content[:cut]))
        assert Image.open(io.BytesIO(coded.encoded)).size == (coded.width_px, coded.height_px)


def test_a_bomb_is_called_too_many_pixels_and_not_no_picture() -> None:
    """A small file that says it is 20,000 pixels wide and high."""
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    with pytest.raises(PictureRefused) as refused:
        encode_picture(buffer.getvalue())
    assert refused.value.facts == {"why": "像素太多"}

"""Telling a file by its first bytes; what its name says is not asked.

A signature that could stand at the head of anything (the eleven bits of an MP3 frame) must be
confirmed by a second one where the first says that it will be.
"""

import re
from collections.abc import Callable

from creator_tools.media.errors import MediaActive, MediaTypeRefused
from creator_tools.media.rules import kinds
from creator_tools.media.rules.kinds import MediaType

HEAD_BYTES = 64 * 1024
_ACTIVE = re.compile(
    rb"<\s*(?:!doctype|html|head|body|svg|script|iframe|\?xml|xml|x?link|meta|style|object)\b"
    rb"|<\?(?:xml|php)|^#!/",
    re.IGNORECASE,
)
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx "})
_MP3_KBIT = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_HERTZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def recognise(head: bytes) -> MediaType:
    """What a file is, from its first `HEAD_BYTES` (or all of it when it is shorter).

    Raises:
        MediaActive: text that a browser would run.
        MediaTypeRefused: no kind that we take.
    """
    for look in _LOOKS:
        found = look(head)
        if found is not None:
            return found
    if _ACTIVE.search(head[:4096]):
        raise MediaActive
    if _is_text(head):
        return kinds.TEXT
    raise MediaTypeRefused


def _container(head: bytes) -> MediaType | None:
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in _PICTURE_BRANDS:
        return None
    if brand in _AUDIO_BRANDS:
        return kinds.M4A
    return kinds.MOV if brand == b"qt  " else kinds.MP4


def _riff(head: bytes) -> MediaType | None:
    return kinds.WAV if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE" else None


def _ogg(head: bytes) -> MediaType | None:
    if head[:5] != b"OggS\x00":
        return None
    first = head[:512]
    if b"\x01vorbis" in first or b"OpusHead" in first or b"\x7fFLAC" in first:
        return kinds.OGG
    return kinds.SPEEX if b"Speex   " in first else None


def _matroska(head: bytes) -> MediaType | None:
    is_webm = head[:4] == b"\x1a\x45\xdf\xa3" and b"\x42\x82\x84webm" in head[:64]
    return kinds.WEBM if is_webm else None


def _amr(head: bytes) -> MediaType | None:
    return kinds.AMR if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")) else None


def _pdf(head: bytes) -> MediaType | None:
    return kinds.PDF if re.match(rb"%PDF-\d\.\d", head) else None


def _archive(head: bytes) -> MediaType | None:
    if head[:4] != b"PK\x03\x04":
        return None
    if head[30:58] == b"mimetypeapplication/epub+zip":
        return kinds.EPUB
    if b"[Content_Types].xml" in head:
        for folder, found in ((b"word/", kinds.DOCX), (b"xl/", kinds.XLSX), (b"ppt/", kinds.PPTX)):
            if folder in head:
                return found
    return kinds.ZIP


def _mpeg_audio(head: bytes) -> MediaType | None:
    at = 0
    if head[:3] == b"ID3":
        at = 10 + _syncsafe(head[6:10])
        if at >= len(head):
            # A cover larger than what we look at; the whole file is read once more at its end.
            return kinds.MP3
    if (length := _mp3_frame(head, at)) and _is_followed(head, at + length, _mp3_frame):
        return kinds.MP3
    if (length := _adts_frame(head, at)) and _is_followed(head, at + length, _adts_frame):
        return kinds.AAC
    return None


def _is_followed(head: bytes, at: int, frame: Callable[[bytes, int], int]) -> bool:
    """Whether another frame stands where the first one ends, or the file ends there."""
    return at == len(head) or frame(head, at) > 0


def _mp3_frame(head: bytes, at: int) -> int:
    """The length of the layer-III frame at `at`, 0 when there is none."""
    if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE6 != 0xE2:
        return 0
    version, kbit_index = head[at + 1] >> 3 & 3, head[at + 2] >> 4
    hertz_index, padding = head[at + 2] >> 2 & 3, head[at + 2] >> 1 & 1
    if version == 1 or kbit_index in {0, 15} or hertz_index == 3:
        return 0
    kbit = _MP3_KBIT[1 if version == 3 else 2][kbit_index]
    samples = 144 if version == 3 else 72
    return samples * kbit * 1000 // _MP3_HERTZ[version][hertz_index] + padding


def _adts_frame(head: bytes, at: int) -> int:
    """The length of the AAC frame at `at`, 0 when there is none."""
    if len(head) < at + 7 or head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0:
        return 0
    length = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
    return length if length > 7 else 0


def _syncsafe(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=False))


def _is_text(head: bytes) -> bool:
    if not head or any(byte < 0x20 and byte not in b"\t\n\r\x0c" for byte in head):
        return False
    # The last character may have been cut in two by the end of what we look at.
    text = head if len(head) < HEAD_BYTES else head[:-4]
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as fault:
        return len(head) >= HEAD_BYTES and fault.start >= len(text) - 3
    return True


_LOOKS = (_container, _riff, _ogg, _matroska, _amr, _pdf, _archive, _mpeg_audio)

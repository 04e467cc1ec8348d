"""Whether a file is all there, and nothing else besides.

A format that says its own length is believed only when the length is that of the file. An archive
that begins where another file ends makes one file of two kinds; we take neither.
"""

from collections.abc import Callable

from creator_tools.media.errors import MediaTruncated, MediaTwoFaced
from creator_tools.media.rules import kinds
from creator_tools.media.rules.kinds import MediaType

# (offset, length) → bytes; shorter only at the end of the file.
ReadAt = Callable[[int, int], bytes]

_ARCHIVE_END = b"PK\x05\x06"
_TAIL_BYTES = 65_557  # the end record of an archive with the longest comment
_ARCHIVES = frozenset(
    {one.mime for one in (kinds.ZIP, kinds.EPUB, kinds.DOCX, kinds.XLSX, kinds.PPTX)}
)
_BOXES_MAX = 10_000
_UNKNOWN_SIZE = 0xFFFFFFFF


def check_whole(found: MediaType, size_bytes: int, read_at: ReadAt) -> None:
    """Look at a complete file's structure, a few reads far.

    Raises:
        MediaTruncated: it ends before it is over.
        MediaTwoFaced: an archive hides at its end.
    """
    tail = read_at(max(0, size_bytes - _TAIL_BYTES), min(size_bytes, _TAIL_BYTES))
    if found.mime in _ARCHIVES:
        _check_archive(size_bytes, tail)
        return
    if _ends_as_archive(tail):
        raise MediaTwoFaced
    if found.demuxer == "mov":
        _check_boxes(size_bytes, read_at)
    elif found is kinds.WAV:
        _check_riff(size_bytes, read_at)
    elif found is kinds.WEBM:
        _check_segment(size_bytes, read_at)
    elif found is kinds.PDF and b"%%EOF" not in tail[-2048:]:
        raise MediaTruncated


def _ends_as_archive(tail: bytes) -> bool:
    return _end_record(tail) is not None


def _end_record(tail: bytes) -> int | None:
    """Where in `tail` the end record of an archive stands whose comment ends with the file."""
    at = tail.rfind(_ARCHIVE_END)
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        if len(tail) - at >= 22 and at + 22 + comment == len(tail):
            return at
        at = tail.rfind(_ARCHIVE_END, 0, at)
    return None


def _check_archive(size_bytes: int, tail: bytes) -> None:
    at = _end_record(tail)
    if at is None:
        raise MediaTruncated
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    offset = int.from_bytes(tail[at + 16 : at + 20], "little")
    stands_at = size_bytes - len(tail) + at
    if _UNKNOWN_SIZE in {offset, length}:
        return  # an archive of more than 4 GB says its sizes elsewhere
    if offset + length > stands_at:
        raise MediaTruncated
    if offset + length < stands_at and not tail[at - 20 : at].startswith(b"PK\x06\x07"):
        # Something was put before the archive, and every offset in it is wrong by that much.
        raise MediaTwoFaced


def _check_boxes(size_bytes: int, read_at: ReadAt) -> None:
    at, names = 0, set()
    for _ in range(_BOXES_MAX):
        if at >= size_bytes:
            break
        header = read_at(at, 16)
        if len(header) < 8:
            raise MediaTruncated
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size_bytes - at
        if length < 8 or at + length > size_bytes:
            raise MediaTruncated
        names.add(name)
        at += length
    if not {b"moov", b"moof"} & names:
        raise MediaTruncated


def _check_riff(size_bytes: int, read_at: ReadAt) -> None:
    declared = int.from_bytes(read_at(4, 4), "little")
    if declared not in {0, _UNKNOWN_SIZE} and declared + 8 > size_bytes + 1:
        raise MediaTruncated


def _check_segment(size_bytes: int, read_at: ReadAt) -> None:
    head = read_at(0, 4096)
    at = head.find(b"\x18\x53\x80\x67")
    if at < 0 or at + 5 > len(head):
        raise MediaTruncated
    first = head[at + 4]
    width = 9 - first.bit_length() if first else 9
    field = head[at + 4 : at + 4 + width]
    if width > 8 or len(field) < width:
        raise MediaTruncated
    value = int.from_bytes(field, "big") & ((1 << 7 * width) - 1)
    is_unknown = value == (1 << 7 * width) - 1
    if not is_unknown and at + 4 + width + value > size_bytes:
        raise MediaTruncated

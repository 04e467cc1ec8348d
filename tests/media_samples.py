"""Small files of every kind, made byte by byte, and ways to spoil them."""

import io
import struct
import wave
import zipfile


def wav(seconds: float = 1.0, hertz: int = 8000) -> bytes:
    """A tone that grows louder."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(hertz)
        count = int(seconds * hertz)
        samples = (int(30_000 * at / count) * (1 if at // 10 % 2 else -1) for at in range(count))
        out.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return buffer.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    """One box of an MP4."""
    return struct.pack(">I", 8 + len(content)) + name + content


def mp4(brand: bytes = b"isom", padding: int = 1000) -> bytes:
    """The boxes of a film without a film in it."""
    return (
        box(b"ftyp", brand + b"\0\0\2\0isomiso2mp41")
        + box(b"moov", box(b"mvhd", b"\0" * 100))
        + box(b"mdat", b"\0" * padding)
    )


def mp3(frames: int = 3) -> bytes:
    """Silent frames of 128 kbit/s at 44.1 kHz."""
    return (b"\xff\xfb\x90\x00" + b"\0" * 413) * frames


def aac(frames: int = 3) -> bytes:
    """ADTS frames of 20 bytes."""
    return (b"\xff\xf1\x50\x80\x02\x9f\xfc" + b"\0" * 13) * frames


def ogg(codec: bytes = b"OpusHead") -> bytes:
    """A first page that names its codec."""
    return b"OggS\x00\x02" + b"\0" * 20 + b"\x01\x13" + codec + b"\0" * 30


def webm() -> bytes:
    """A header and a segment of known length."""
    head = b"\x1a\x45\xdf\xa3\x8b\x42\x86\x81\x01\x42\x82\x84webm"
    return head + b"\x18\x53\x80\x67\x84" + b"\0\0\0\0"


def pdf(text: str = "hello") -> bytes:
    """As little as a reader takes for a PDF."""
    return b"%PDF-1.4\n" + text.encode() + b"\n%%EOF\n"


def archive(names: tuple[str, ...] = ("a.txt",), first: bytes = b"words") -> bytes:
    """A ZIP with these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name in names:
            out.writestr(name, first)
    return buffer.getvalue()


def epub() -> bytes:
    """A ZIP that says that it is a book."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("mimetype", b"application/epub+zip")
        out.writestr("content.opf", b"<package/>")
    return buffer.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
AMR = b"#!AMR\n" + b"\x3c" + b"\0" * 31

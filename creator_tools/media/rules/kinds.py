"""The kinds of files we take, each with the one way in which it is served."""

from dataclasses import dataclass

KIND_ZH = {"audio": "音频", "video": "视频", "file": "文件"}
KIND_EN = {"audio": "audio", "video": "video", "file": "a file"}


@dataclass(frozen=True)
class MediaType:
    """What bytes are: the kind for people, the type for browsers, the ending for a saved file.

    Attributes:
        demuxer: the one reader that may be let loose on these bytes; None for files.
        plays: whether a browser plays it as it is.
    """

    kind: str
    mime: str
    ending: str
    demuxer: str | None = None
    plays: bool = True


MP3 = MediaType("audio", "audio/mpeg", "mp3", "mp3")
M4A = MediaType("audio", "audio/mp4", "m4a", "mov")
AAC = MediaType("audio", "audio/aac", "aac", "aac")
WAV = MediaType("audio", "audio/wav", "wav", "wav")
OGG = MediaType("audio", "audio/ogg", "ogg", "ogg")
SPEEX = MediaType("audio", "audio/ogg; codecs=speex", "spx", "ogg", plays=False)
AMR = MediaType("audio", "audio/amr", "amr", "amr", plays=False)
MP4 = MediaType("video", "video/mp4", "mp4", "mov")
MOV = MediaType("video", "video/quicktime", "mov", "mov")
WEBM = MediaType("video", "video/webm", "webm", "matroska")
PDF = MediaType("file", "application/pdf", "pdf")
EPUB = MediaType("file", "application/epub+zip", "epub")
ZIP = MediaType("file", "application/zip", "zip")
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = MediaType("file", f"{_OFFICE}wordprocessingml.document", "docx")
XLSX = MediaType("file", f"{_OFFICE}spreadsheetml.sheet", "xlsx")
PPTX = MediaType("file", f"{_OFFICE}presentationml.presentation", "pptx")
TEXT = MediaType("file", "text/plain; charset=utf-8", "txt")

TYPES = (
    *(MP3, M4A, AAC, WAV, OGG, SPEEX, AMR, MP4, MOV, WEBM),
    *(PDF, EPUB, ZIP, DOCX, XLSX, PPTX, TEXT),
)
_BY_MIME = {one.mime: one for one in TYPES}
_KIND_BY_ENDING = {one.ending: one.kind for one in TYPES} | {
    "m4b": "audio",
    "m4v": "video",
    "oga": "audio",
    "opus": "audio",
    "md": "file",
}


def of_mime(mime: str) -> MediaType:
    """The type that was noted as `mime`."""
    return _BY_MIME[mime]


def kind_of_name(filename: str, declared_mime: str = "") -> str | None:
    """The kind that a name, or the type a browser guessed from it, promises; None for none."""
    _, dot, ending = filename.rpartition(".")
    if dot and ending.lower() in _KIND_BY_ENDING:
        return _KIND_BY_ENDING[ending.lower()]
    major = declared_mime.partition("/")[0].lower()
    return major if major in {"audio", "video"} else None

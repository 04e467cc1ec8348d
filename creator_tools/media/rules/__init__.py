"""Pure rules of media: what bytes are, how large they may be, what they look like when drawn."""

from creator_tools.media.rules.kinds import KIND_EN, KIND_ZH, MediaType, kind_of_name
from creator_tools.media.rules.limits import (
    OPEN_UPLOADS_MAX,
    PART_BYTES_MAX,
    UPLOAD_LIFETIME,
    Limits,
    refuse_size,
)
from creator_tools.media.rules.names import served_name, shown_title
from creator_tools.media.rules.peaks import PEAKS_COUNT, peaks_of
from creator_tools.media.rules.signatures import HEAD_BYTES, recognise
from creator_tools.media.rules.wholeness import ReadAt, check_whole

__all__ = [
    "HEAD_BYTES",
    "KIND_EN",
    "KIND_ZH",
    "OPEN_UPLOADS_MAX",
    "PART_BYTES_MAX",
    "PEAKS_COUNT",
    "UPLOAD_LIFETIME",
    "Limits",
    "MediaType",
    "ReadAt",
    "check_whole",
    "kind_of_name",
    "peaks_of",
    "recognise",
    "refuse_size",
    "served_name",
    "shown_title",
]

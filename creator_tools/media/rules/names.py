"""What a file is called: a title for people, a name for the saved file. Neither is ever a path."""

import re

TITLE_CHARS_MAX = 80
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]+')


def shown_title(filename: str, kind_zh: str) -> str:
    """The title that a file's name gives: no folders, no ending, no controls."""
    bare = filename.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = bare.rpartition(".")
    if not dot or not stem or len(ending) > 5:
        stem = bare
    cleaned = " ".join(_UNSAFE.sub(" ", stem).split()).strip(". ")
    return cleaned[:TITLE_CHARS_MAX].strip() or kind_zh


def served_name(title: str, ending: str) -> str:
    """The name under which a browser saves the file; its ending is ours, from the bytes."""
    stem = " ".join(_UNSAFE.sub(" ", title).split()).strip(". ")[:TITLE_CHARS_MAX]
    return f"{stem or 'file'}.{ending}"

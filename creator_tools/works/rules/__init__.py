"""Pure rules of works: how text is rendered, what is free of it, which step follows which."""

from creator_tools.works.rules.pictures import EncodedPicture, encode_picture, small_picture
from creator_tools.works.rules.rendering import (
    PREVIEW_MARK,
    Rendered,
    content_sha256,
    render,
    shows_picture,
    text_of_html,
)
from creator_tools.works.rules.states import (
    STATE_ZH,
    Step,
    Verdict,
    next_state,
    verdict_stands,
)

__all__ = [
    "PREVIEW_MARK",
    "STATE_ZH",
    "EncodedPicture",
    "Rendered",
    "Step",
    "Verdict",
    "content_sha256",
    "encode_picture",
    "next_state",
    "render",
    "shows_picture",
    "small_picture",
    "text_of_html",
    "verdict_stands",
]

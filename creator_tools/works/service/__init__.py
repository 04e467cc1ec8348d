"""Writing works: drafts, revisions that never change, checks, publishing, withdrawing.

Readers see the live revision, and a revision becomes live only when its very bytes have passed a
check. While the next revision of a published work is written and checked, the old one stays.
"""

from creator_tools.works.service.attaching import (
    ATTACHMENTS_MAX,
    attach,
    describe,
    detach,
    draft_with,
    drop_unattached,
)
from creator_tools.works.service.finding import note_findable, note_missing
from creator_tools.works.service.publishing import (
    discard,
    publish_due,
    record_verdict,
    restore,
    submit,
    undiscard,
    withdraw,
)
from creator_tools.works.service.standing import put_in, take_out
from creator_tools.works.service.writing import (
    TITLE_CHARS_MAX,
    add_picture,
    mark_free,
    revise,
    save_draft,
)

__all__ = [
    "ATTACHMENTS_MAX",
    "TITLE_CHARS_MAX",
    "add_picture",
    "attach",
    "describe",
    "detach",
    "discard",
    "draft_with",
    "drop_unattached",
    "mark_free",
    "note_findable",
    "note_missing",
    "publish_due",
    "put_in",
    "record_verdict",
    "restore",
    "revise",
    "save_draft",
    "submit",
    "take_out",
    "undiscard",
    "withdraw",
]

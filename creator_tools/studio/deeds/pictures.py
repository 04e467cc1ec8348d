"""Deeds on pictures: taking one in, putting one into a text."""

from uuid import UUID

from creator_tools.studio.deeds import works as deeds
from creator_tools.studio.deeds.doer import Doer
from creator_tools.works import queries, service


def add(doer: Doer, original: bytes) -> tuple[str, bytes]:
    """Encode a picture anew and note it; the caller stores the returned bytes under their hash.

    Raises:
        PictureRefused: too large, too many pixels, or no picture.
    """
    picture, encoded = service.add_picture(doer.uow, creator_id=doer.creator.id, original=original)
    return picture.sha256, encoded


def markdown_of(sha256: str) -> str:
    """How a text shows a picture that was taken in."""
    return f"![](/media/{sha256})"


def put_at_end(doer: Doer, work_id: UUID, sha256: str) -> None:
    """Let the text of a work end with a picture; can be undone."""
    work = queries.lock_own(doer.session, work_id, doer.creator.id)
    written = queries.newest_revision(doer.session, work).markdown
    deeds.rewrite(doer, work_id, markdown=f"{written}\n\n{markdown_of(sha256)}")

"""Reading stored objects and uploads."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creator_tools.media.errors import MediaNotFound
from creator_tools.media.models import MediaObject, MediaOpening, MediaUpload
from creator_tools.media.rules.kinds import MediaType, of_mime


@dataclass(frozen=True)
class Rendition:
    """One stored file of an object, as it is served."""

    name: str
    mime: str
    ending: str
    size_bytes: int
    etag: str


@dataclass(frozen=True)
class Progress:
    """An upload as its sender sees it; `received_bytes` is where to go on."""

    id: UUID
    creator_id: UUID
    filename: str
    size_bytes: int
    received_bytes: int
    state: str
    pieces: tuple[tuple[str, int], ...]
    media_id: UUID | None


@dataclass(frozen=True)
class Kept:
    """A stored object as its creator sees it."""

    id: UUID
    kind: str
    mime: str
    size_bytes: int


@dataclass(frozen=True)
class ToPrepare:
    """An object that somebody shall look into."""

    id: UUID
    type: MediaType
    size_bytes: int


def progress_of(upload: MediaUpload) -> Progress:
    """What is told of an upload."""
    return Progress(
        upload.id,
        upload.creator_id,
        upload.filename,
        upload.size_bytes,
        upload.received_bytes,
        upload.state,
        tuple((str(piece), int(size)) for piece, size in upload.parts),
        upload.media_id,
    )


def kept(media: MediaObject) -> Kept:
    """What is told of a stored object."""
    return Kept(media.id, media.kind, media.mime, media.size_bytes)


def get_upload(session: Session, upload_id: UUID, creator_id: UUID) -> MediaUpload:
    """The creator's own upload.

    Raises:
        MediaNotFound: there is none, or it is somebody else's.
    """
    upload = session.scalars(
        select(MediaUpload).where(MediaUpload.id == upload_id, MediaUpload.creator_id == creator_id)
    ).one_or_none()
    if upload is None:
        raise MediaNotFound(upload_id=str(upload_id))
    return upload


def get_kept(session: Session, media_id: UUID, creator_id: UUID) -> MediaObject:
    """The creator's own object whose bytes are there.

    Raises:
        MediaNotFound: none, somebody else's, or its bytes are not there (any more).
    """
    found = session.scalars(
        select(MediaObject).where(
            MediaObject.id == media_id,
            MediaObject.creator_id == creator_id,
            MediaObject.stored_at.is_not(None),
            MediaObject.dropped_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise MediaNotFound(media_id=str(media_id))
    return found


def find(session: Session, media_id: UUID) -> MediaObject | None:
    """The object with this id, or None; whose it is was asked before."""
    return session.get(MediaObject, media_id)


def find_all(session: Session, media_ids: list[UUID]) -> dict[UUID, MediaObject]:
    """These objects by their ids."""
    if not media_ids:
        return {}
    found = session.scalars(select(MediaObject).where(MediaObject.id.in_(media_ids)))
    return {one.id: one for one in found}


def find_same(session: Session, creator_id: UUID, sha256: str) -> MediaObject | None:
    """The creator's object with these bytes, or None."""
    return session.scalars(
        select(MediaObject).where(
            MediaObject.creator_id == creator_id,
            MediaObject.sha256 == sha256,
            MediaObject.dropped_at.is_(None),
        )
    ).one_or_none()


def bytes_of_creator(session: Session, creator_id: UUID) -> int:
    """What a creator keeps, and what is announced and on its way."""
    kept = session.scalar(
        select(func.coalesce(func.sum(MediaObject.size_bytes), 0)).where(
            MediaObject.creator_id == creator_id, MediaObject.dropped_at.is_(None)
        )
    )
    coming = session.scalar(
        select(func.coalesce(func.sum(MediaUpload.size_bytes), 0)).where(
            MediaUpload.creator_id == creator_id, MediaUpload.state == "open"
        )
    )
    return int(kept or 0) + int(coming or 0)


def count_open_uploads(session: Session, creator_id: UUID) -> int:
    """How many uploads of a creator are under way."""
    return (
        session.scalar(
            select(func.count()).where(
                MediaUpload.creator_id == creator_id, MediaUpload.state == "open"
            )
        )
        or 0
    )


def list_over(session: Session, before: datetime, *, limit: int = 100) -> list[UUID]:
    """Uploads whose parts still lie there although nobody will go on with them."""
    over = select(MediaUpload.id).where(
        (MediaUpload.state == "given_up") | (MediaUpload.updated_at <= before)
    )
    return list(session.scalars(over.order_by(MediaUpload.updated_at).limit(limit)))


def list_dropped(session: Session, *, limit: int = 100) -> list[UUID]:
    """Objects whose bytes are to be removed."""
    return list(
        session.scalars(
            select(MediaObject.id).where(MediaObject.dropped_at.is_not(None)).limit(limit)
        )
    )


def count_openings(session: Session, media_id: UUID) -> int:
    """How often an object was opened, over all days."""
    total = session.scalar(
        select(func.sum(MediaOpening.openings_count)).where(MediaOpening.media_id == media_id)
    )
    return int(total or 0)


def type_of(media: MediaObject) -> MediaType:
    """What the object's bytes are."""
    return of_mime(media.mime)


def plays(media: MediaObject) -> bool:
    """Whether a browser plays what it is given of this object."""
    return media.kind != "file" and (media.playable_mime is not None or type_of(media).plays)


def whole(media: MediaObject) -> Rendition:
    """What a player or a download gets: the playable form where one was made."""
    if media.playable_mime is not None and media.playable_size_bytes is not None:
        played = of_mime(media.playable_mime)
        return Rendition(
            object_name(media.id, "playable"),
            played.mime,
            played.ending,
            media.playable_size_bytes,
            f"{media.sha256[:32]}-p{media.playable_size_bytes}",
        )
    own = of_mime(media.mime)
    return Rendition(
        object_name(media.id, "whole"), own.mime, own.ending, media.size_bytes, media.sha256[:32]
    )


def poster(media: MediaObject) -> Rendition | None:
    """The still of a video, or None when there is none."""
    if media.poster_size_bytes is None:
        return None
    etag = f"{media.sha256[:32]}-s{media.poster_size_bytes}"
    return Rendition(
        object_name(media.id, "poster"), "image/jpeg", "jpg", media.poster_size_bytes, etag
    )


def object_name(media_id: UUID, form: str = "") -> str:
    """Where an object's bytes lie; without a form, the prefix of all of them."""
    return f"media/{media_id.hex[-2:]}/{media_id}/{form}"


def upload_name(upload_id: UUID, piece: str = "") -> str:
    """Where an upload's parts lie; without a piece, the prefix of all of them."""
    return f"uploads/{upload_id.hex[-2:]}/{upload_id}/{piece}"

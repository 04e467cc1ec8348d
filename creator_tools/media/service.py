"""Taking media in: an upload grows part by part, becomes an object, and is looked into later.

The bytes themselves are moved by `app`; here is what is known of them. A row comes before the
bytes that it speaks of and says when they are there, so that a crash leaves a row to clean up
after, and never bytes that nobody knows.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.media import queries, rules
from creator_tools.media.errors import (
    MediaQuotaUsedUp,
    PartRefused,
    UploadIncomplete,
    UploadOutOfStep,
    UploadOver,
)
from creator_tools.media.models import MediaObject, MediaOpening, MediaUpload
from creator_tools.media.ports import Prepared
from creator_tools.media.rules import Limits, MediaType

FILENAME_CHARS_MAX = 255
PREPARE_LEASE = timedelta(minutes=20)
PREPARE_TRIES_MAX = 3


def begin_upload(
    uow: UnitOfWork, *, creator_id: UUID, filename: str, size_bytes: int, limits: Limits
) -> MediaUpload:
    """Announce a file; refused by its size before a byte of it is read.

    Raises:
        InputRefused: the name or the size cannot be.
        MediaTooLarge: larger than any file may be, or than its name's kind may be.
        MediaQuotaUsedUp: the creator's space is full, or too many uploads are open.
    """
    name = clean_line(filename, "filename", FILENAME_CHARS_MAX)
    if size_bytes < 1:
        raise UploadIncomplete(received_bytes=0, size_bytes=size_bytes)
    rules.refuse_size(size_bytes, rules.kind_of_name(name), limits)
    _refuse_full(uow, creator_id, size_bytes, limits)
    upload = MediaUpload(
        id=uow.ids.new(),
        creator_id=creator_id,
        filename=name,
        size_bytes=size_bytes,
        received_bytes=0,
        parts=[],
        state="open",
        created_at=uow.now(),
        updated_at=uow.now(),
    )
    uow.session.add(upload)
    uow.session.flush()
    return upload


def check_part(upload: MediaUpload | queries.Progress, offset_bytes: int, size_bytes: int) -> None:
    """Whether a part of this size may follow now.

    Raises:
        UploadOver, UploadOutOfStep, PartRefused: it may not.
    """
    if upload.state != "open":
        raise UploadOver
    if offset_bytes != upload.received_bytes:
        raise UploadOutOfStep(received_bytes=upload.received_bytes)
    fits = upload.received_bytes + size_bytes <= upload.size_bytes
    if not 1 <= size_bytes <= rules.PART_BYTES_MAX or not fits:
        raise PartRefused


def note_part(
    uow: UnitOfWork, *, upload_id: UUID, creator_id: UUID, offset_bytes: int, name: str, size: int
) -> MediaUpload:
    """Write down a part whose bytes are stored under `name`.

    Raises:
        MediaNotFound, UploadOver, UploadOutOfStep, PartRefused: it does not follow (any more).
    """
    upload = _lock_upload(uow, upload_id, creator_id)
    check_part(upload, offset_bytes, size)
    upload.parts = [*upload.parts, [name, size]]
    upload.received_bytes += size
    upload.updated_at = uow.now()
    return upload


def give_up(uow: UnitOfWork, *, upload_id: UUID, creator_id: UUID) -> None:
    """End an upload that will not be completed; again, or after completion, changes nothing."""
    upload = _lock_upload(uow, upload_id, creator_id)
    if upload.state == "open":
        upload.state, upload.updated_at = "given_up", uow.now()
        uow.audit("media.upload_given_up", "media_upload", upload.id)


def note_object(
    uow: UnitOfWork, *, creator_id: UUID, sha256: str, found: MediaType, size_bytes: int
) -> MediaObject:
    """The creator's object with these bytes, noted now unless it was before."""
    uow.session.execute(
        insert(MediaObject)
        .values(
            id=uow.ids.new(),
            creator_id=creator_id,
            sha256=sha256,
            kind=found.kind,
            mime=found.mime,
            size_bytes=size_bytes,
            preparation="ready" if found.demuxer is None else "pending",
            attempts_count=0,
            next_at=uow.now(),
            created_at=uow.now(),
        )
        .on_conflict_do_nothing(
            index_elements=["creator_id", "sha256"],
            index_where=MediaObject.dropped_at.is_(None),
        )
    )
    media = queries.find_same(uow.session, creator_id, sha256)
    assert media is not None, "noted a line above"
    return media


def note_stored(uow: UnitOfWork, *, media_id: UUID, upload_id: UUID | None = None) -> MediaObject:
    """The object's bytes are there; the upload that brought them is complete.

    Raises:
        MediaNotFound: it was dropped meanwhile.
        UploadOver: the upload was given up meanwhile.
    """
    media = uow.session.scalars(
        select(MediaObject)
        .where(MediaObject.id == media_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if media.stored_at is None:
        media.stored_at = uow.now()
        uow.audit(
            "media.stored", "media_object", media.id, kind=media.kind, size_bytes=media.size_bytes
        )
    if upload_id is not None:
        upload = _lock_upload(uow, upload_id, media.creator_id)
        if upload.state == "given_up":
            raise UploadOver
        upload.state, upload.media_id, upload.updated_at = "complete", media.id, uow.now()
    return queries.get_kept(uow.session, media_id, media.creator_id)


def claim_to_prepare(uow: UnitOfWork) -> queries.ToPrepare | None:
    """The next object to be looked into, leased; None when none is due.

    One that brought its worker down three times is left as it is.
    """
    media = uow.session.scalars(
        select(MediaObject)
        .where(
            MediaObject.preparation == "pending",
            MediaObject.dropped_at.is_(None),
            MediaObject.stored_at.is_not(None),
            MediaObject.next_at <= uow.now(),
        )
        .order_by(MediaObject.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if media is None:
        return None
    if media.attempts_count >= PREPARE_TRIES_MAX:
        _fail(media, "gave_up")
        return claim_to_prepare(uow)
    media.attempts_count += 1
    media.next_at = uow.now() + PREPARE_LEASE
    return queries.ToPrepare(media.id, queries.type_of(media), media.size_bytes)


def note_prepared(uow: UnitOfWork, *, media_id: UUID, prepared: Prepared) -> None:
    """Write down what was found in an object, and what was made of it."""
    media = _lock_object(uow, media_id)
    media.preparation, media.failure = "ready", None
    for name, value in vars(prepared).items():
        setattr(media, name, value)


def note_unprepared(uow: UnitOfWork, *, media_id: UUID, reason: str) -> None:
    """Nothing can be found out about an object; it is served as it is."""
    _fail(_lock_object(uow, media_id), reason)


def count_opening(uow: UnitOfWork, *, media_id: UUID) -> None:
    """One more time today that somebody opened this file."""
    row = insert(MediaOpening).values(
        media_id=media_id, business_day=business_day_of(uow.now()), openings_count=1
    )
    uow.session.execute(
        row.on_conflict_do_update(
            index_elements=["media_id", "business_day"],
            set_={"openings_count": MediaOpening.openings_count + 1},
        )
    )


def drop(uow: UnitOfWork, *, media_id: UUID) -> None:
    """Give an object up that nothing shows; the caller has made sure, holding its lock."""
    media = _lock_object(uow, media_id)
    media.dropped_at = uow.now()
    uow.audit("media.dropped", "media_object", media.id)


def lock(uow: UnitOfWork, media_id: UUID) -> MediaObject:
    """The object, locked until the unit ends: it is neither shown nor dropped meanwhile."""
    return _lock_object(uow, media_id)


def end_if_over(uow: UnitOfWork, *, upload_id: UUID) -> bool:
    """End an upload that nobody went on with for a day; whether its parts may go."""
    upload = uow.session.scalars(
        select(MediaUpload).where(MediaUpload.id == upload_id).with_for_update(skip_locked=True)
    ).one_or_none()
    if upload is None:
        return False
    is_old = upload.updated_at <= uow.now() - rules.UPLOAD_LIFETIME
    if upload.state == "open" and is_old:
        upload.state = "given_up"
    return upload.state == "given_up" or is_old


def forget_upload(uow: UnitOfWork, *, upload_id: UUID) -> None:
    """Forget an upload whose parts are gone."""
    uow.session.execute(delete(MediaUpload).where(MediaUpload.id == upload_id))


def forget_object(uow: UnitOfWork, *, media_id: UUID) -> None:
    """Forget a dropped object whose bytes are gone."""
    uow.session.execute(delete(MediaOpening).where(MediaOpening.media_id == media_id))
    uow.session.execute(delete(MediaUpload).where(MediaUpload.media_id == media_id))
    uow.session.execute(
        delete(MediaObject).where(MediaObject.id == media_id, MediaObject.dropped_at.is_not(None))
    )


def _refuse_full(uow: UnitOfWork, creator_id: UUID, size_bytes: int, limits: Limits) -> None:
    if queries.count_open_uploads(uow.session, creator_id) >= rules.OPEN_UPLOADS_MAX:
        raise MediaQuotaUsedUp(
            why=f"同时最多上传 {rules.OPEN_UPLOADS_MAX} 个文件，请等前面的传完，或取消不要的",
            why_en=f"at most {rules.OPEN_UPLOADS_MAX} uploads at once; finish or cancel some",
        )
    if queries.bytes_of_creator(uow.session, creator_id) + size_bytes > limits.creator_bytes:
        gigabytes = limits.creator_bytes // 1024**3
        raise MediaQuotaUsedUp(
            why=f"每位创作者最多存 {gigabytes} GB，请联系运营",
            why_en=f"{gigabytes} GB per creator are used up; ask the operator",
        )


def _lock_upload(uow: UnitOfWork, upload_id: UUID, creator_id: UUID) -> MediaUpload:
    queries.get_upload(uow.session, upload_id, creator_id)
    return uow.session.scalars(
        select(MediaUpload)
        .where(MediaUpload.id == upload_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _lock_object(uow: UnitOfWork, media_id: UUID) -> MediaObject:
    return uow.session.scalars(
        select(MediaObject)
        .where(MediaObject.id == media_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _fail(media: MediaObject, reason: str) -> None:
    media.preparation, media.failure = "failed", reason[:80]

"""From bytes that arrive to an object that can be shown: by parts from a page, whole from a chat.

No unit of work is open while bytes move. The order is always: a row says what is coming, the
bytes come, a row says that they are there. Whatever stops in between is found by the upkeep.
"""

import hashlib
from collections.abc import Iterator
from functools import partial
from uuid import UUID

from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.rng import digits
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.media import queries, rules, service
from creator_tools.media.errors import MediaTypeLies, UploadIncomplete, UploadOver
from creator_tools.media.ports import MediaStore
from creator_tools.media.queries import Kept, Progress
from creator_tools.media.rules import Limits, MediaType


class MediaIntake:
    """Takes files in for creators."""

    def __init__(self, *, units: UnitsOfWork, store: MediaStore, limits: Limits) -> None:
        self._units = units
        self._store = store
        self._limits = limits

    def begin(self, creator_id: UUID, *, filename: str, size_bytes: int) -> Progress:
        """Announce a file; what is too large is refused before a byte of it is read."""
        return self._units.run(
            "media.upload",
            lambda uow: queries.progress_of(
                service.begin_upload(
                    uow,
                    creator_id=creator_id,
                    filename=filename,
                    size_bytes=size_bytes,
                    limits=self._limits,
                )
            ),
        )

    def find(self, creator_id: UUID, upload_id: UUID) -> Progress:
        """The creator's own upload; `MediaNotFound` for anything else."""
        with self._units.reading() as session:
            return queries.progress_of(queries.get_upload(session, upload_id, creator_id))

    def take_part(
        self, creator_id: UUID, upload_id: UUID, offset_bytes: int, part: bytes
    ) -> Progress:
        """Keep the part that follows; the first one tells what the file is.

        A file that cannot be taken ends its upload at its first part.

        Raises:
            MediaNotFound, UploadOver, UploadOutOfStep, PartRefused: it does not follow.
            MediaTypeRefused, MediaTypeLies, MediaActive, MediaTooLarge: not such a file.
        """
        upload = self.find(creator_id, upload_id)
        service.check_part(upload, offset_bytes, len(part))
        if offset_bytes == 0:
            try:
                self._told(upload.filename, upload.size_bytes, part[: rules.HEAD_BYTES])
            except DomainError:
                self.give_up(creator_id, upload_id)
                raise
        # A name of its own for every try: two senders cannot overwrite each other's bytes.
        piece = f"{offset_bytes:013d}-{digits(self._units.rng, 12)}"
        name = queries.upload_name(upload_id, piece)
        self._store.put(name, part)
        try:
            return self._units.run(
                "media.upload",
                lambda uow: queries.progress_of(
                    service.note_part(
                        uow,
                        upload_id=upload_id,
                        creator_id=creator_id,
                        offset_bytes=offset_bytes,
                        name=piece,
                        size=len(part),
                    )
                ),
            )
        except DomainError:
            self._store.drop(name)
            raise

    def complete(self, creator_id: UUID, upload_id: UUID) -> Kept:
        """Make an object of all parts; again gives the same object.

        Raises:
            UploadIncomplete: parts are missing.
            UploadOver: it was given up.
            DomainError: the file as a whole cannot be taken; the upload has ended.
        """
        upload = self.find(creator_id, upload_id)
        if upload.state == "complete" and upload.media_id is not None:
            with self._units.reading() as session:
                return queries.kept(queries.get_kept(session, upload.media_id, creator_id))
        if upload.state != "open":
            raise UploadOver
        if upload.received_bytes != upload.size_bytes:
            raise UploadIncomplete(
                received_bytes=upload.received_bytes, size_bytes=upload.size_bytes
            )
        try:
            media = self._assembled(upload)
        except DomainError:
            self.give_up(creator_id, upload_id)
            raise
        self._store.drop(queries.upload_name(upload_id))
        return media

    def give_up(self, creator_id: UUID, upload_id: UUID) -> None:
        """End an upload and remove what has arrived of it."""
        self._units.run(
            "media.upload",
            lambda uow: service.give_up(uow, upload_id=upload_id, creator_id=creator_id),
        )
        if self.find(creator_id, upload_id).state == "given_up":
            self._store.drop(queries.upload_name(upload_id))

    def take_whole(self, creator_id: UUID, *, filename: str, content: bytes) -> Kept:
        """Take a small file that is here already, by the same way as one from a page."""
        upload = self.begin(creator_id, filename=filename, size_bytes=len(content))
        for at in range(0, len(content), rules.PART_BYTES_MAX):
            self.take_part(creator_id, upload.id, at, content[at : at + rules.PART_BYTES_MAX])
        return self.complete(creator_id, upload.id)

    def sweep(self) -> int:
        """Remove what was left lying for a day: parts, and objects that nothing shows."""
        before = self._units.clock.now() - rules.UPLOAD_LIFETIME
        with self._units.reading() as session:
            over = queries.list_over(session, before)
            dropped = queries.list_dropped(session)
        for upload_id in over:
            if self._units.run("upkeep.prune", partial(service.end_if_over, upload_id=upload_id)):
                self._store.drop(queries.upload_name(upload_id))
                self._units.run("upkeep.prune", partial(service.forget_upload, upload_id=upload_id))
        for media_id in dropped:
            self._store.drop(queries.object_name(media_id))
            self._units.run("upkeep.prune", partial(service.forget_object, media_id=media_id))
        return len(over) + len(dropped)

    def _assembled(self, upload: Progress) -> Kept:
        whole = queries.upload_name(upload.id, f"whole-{digits(self._units.rng, 12)}")
        digest = hashlib.sha256()
        self._store.write(whole, self._parts(upload, digest))
        found = self._told(
            upload.filename, upload.size_bytes, self._store.read(whole, 0, rules.HEAD_BYTES)
        )
        rules.check_whole(found, upload.size_bytes, partial(self._store.read, whole))
        noted = self._units.run(
            "media.upload",
            lambda uow: service.note_object(
                uow,
                creator_id=upload.creator_id,
                sha256=digest.hexdigest(),
                found=found,
                size_bytes=upload.size_bytes,
            ),
        )
        if noted.stored_at is None:
            self._store.move(whole, queries.object_name(noted.id, "whole"))
        return self._units.run(
            "media.upload",
            lambda uow: queries.kept(
                service.note_stored(uow, media_id=noted.id, upload_id=upload.id)
            ),
        )

    def _parts(self, upload: Progress, digest: "hashlib._Hash") -> Iterator[bytes]:
        for piece, size in upload.pieces:
            for chunk in self._store.stream(queries.upload_name(upload.id, piece), 0, size):
                digest.update(chunk)
                yield chunk

    def _told(self, filename: str, size_bytes: int, head: bytes) -> MediaType:
        found = rules.recognise(head)
        said = rules.kind_of_name(filename)
        if said is not None and said != found.kind:
            raise MediaTypeLies(
                said=rules.KIND_ZH[said],
                found=rules.KIND_ZH[found.kind],
                said_en=rules.KIND_EN[said],
                found_en=rules.KIND_EN[found.kind],
            )
        rules.refuse_size(size_bytes, found.kind, self._limits)
        return found

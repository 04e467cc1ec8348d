"""Plain functions that make the objects a test needs, through the services that make them.

Each takes the open unit first and returns what the service returned; what a test does not care
about has a default, and names are numbered so that two calls never collide.
"""

import itertools
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from creator_tools.columns import service as columns
from creator_tools.columns.models import Column
from creator_tools.creators import service as creators
from creator_tools.creators.models import Creator
from creator_tools.fan_groups import service as fan_groups
from creator_tools.fan_groups.models import FanGroup
from creator_tools.kernel import accounts
from creator_tools.kernel.clock import Clock
from creator_tools.kernel.rng import Rng, seeded_rng
from creator_tools.kernel.sealing import SealBroken, Sealed
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.people import service as people
from creator_tools.people.service import Recognised
from creator_tools.works import service as works
from creator_tools.works.models import Revision, Work

START = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)

_numbers = itertools.count(1)


class FramingSealer:
    """Seals by writing the purpose before the bytes, turned round; opens only for that purpose.

    No secret is safe with it. It shows what tests must see: that what lies in a table is not
    what was put in, and that bytes of one place do not open in another.
    """

    current_key_id = "test-key"

    def seal(self, plaintext: bytes, *, purpose: str) -> Sealed:
        """Frame and turn round."""
        return Sealed("test-key", (purpose.encode() + b"\x00" + plaintext)[::-1])

    def open(self, sealed: Sealed, *, purpose: str) -> bytes:
        """Turn back and look at the frame."""
        framed, _, plaintext = sealed.ciphertext[::-1].partition(b"\x00")
        if sealed.key_id != "test-key" or framed != purpose.encode():
            raise SealBroken(purpose)
        return plaintext


def units_over(engine: Engine, clock: Clock, rng: Rng | None = None) -> UnitsOfWork:
    """Units of work over `engine`, with repeatable chance and the framing sealer."""
    sessions = sessionmaker(engine, expire_on_commit=False)
    return UnitsOfWork(sessions, clock=clock, rng=rng or seeded_rng(7), sealer=FramingSealer())


def make_account(uow: UnitOfWork, kind: str = "oa") -> UUID:
    """A platform account of this kind with a name of its own; returns its id."""
    number = next(_numbers)
    return accounts.seed(
        uow, kind=kind, external_id=f"wx{number:016d}", name=f"账号 {number}", credentials={}
    )


def make_person(
    uow: UnitOfWork,
    account_id: UUID | None = None,
    *,
    subject: str | None = None,
    union_subject: str | None = None,
    nickname: str | None = None,
) -> Recognised:
    """A stranger who comes through `account_id` (or an account made for them)."""
    return people.recognise(
        uow,
        account_id=account_id or make_account(uow),
        subject=subject or f"o-subject-{next(_numbers)}",
        union_subject=union_subject,
        nickname=nickname,
    )


def make_creator(
    uow: UnitOfWork, *, person_id: UUID | None = None, name: str | None = None
) -> Creator:
    """A creator by a fresh invitation."""
    return creators.become_creator(
        uow,
        person_id=person_id or make_person(uow).person_id,
        code=creators.invite(uow),
        name=name or f"创作者 {next(_numbers)}",
    )


def make_column(
    uow: UnitOfWork, *, creator_id: UUID | None = None, title: str | None = None
) -> Column:
    """A column of interest; of a new creator unless one is given."""
    return columns.create(
        uow,
        creator_id=creator_id or make_creator(uow).id,
        title=title or f"专栏 {next(_numbers)}",
        field_kind="interest",
        field_name="摄影",
        promised_cadence="每周一篇",
        promised_count=12,
    )


def make_published_work(
    uow: UnitOfWork,
    column: Column,
    *,
    title: str = "第一课",
    preview_html: str = "<p>试读</p>",
    body_html: str = "<p>试读</p><p>正文</p>",
    is_free: bool = False,
) -> Work:
    """A published work written as rows, for those who test reading and not writing."""
    work = Work(
        id=uow.ids.new(),
        creator_id=column.creator_id,
        column_id=column.id,
        title=title,
        state="draft",
        is_free=is_free,
        created_at=uow.now(),
    )
    uow.session.add(work)
    uow.session.flush()
    revision = Revision(
        id=uow.ids.new(),
        creator_id=column.creator_id,
        work_id=work.id,
        number=1,
        title=title,
        markdown=body_html,
        body_html=body_html,
        preview_html=preview_html,
        content_sha256="0" * 64,
        created_at=uow.now(),
    )
    uow.session.add(revision)
    uow.session.flush()
    work.draft_revision_id = work.live_revision_id = revision.id
    work.state, work.published_at = "published", uow.now()
    uow.session.flush()
    works.note_findable(uow, work)
    return work


def make_fan_group(
    uow: UnitOfWork, column: Column, *, capacities: tuple[int, ...] = (200,)
) -> FanGroup:
    """A fan group of `column` with one join way for each capacity."""
    group = fan_groups.create(
        uow, creator_id=column.creator_id, column_id=column.id, name=f"粉丝群 {next(_numbers)}"
    )
    for capacity_count in capacities:
        fan_groups.add_join_way(
            uow,
            fan_group_id=group.id,
            url=f"https://work.weixin.qq.com/gm/{next(_numbers):032d}",
            capacity_count=capacity_count,
        )
    return group

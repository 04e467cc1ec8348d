"""Who looks after a group beside its creator: offered by a code, taken by sending it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from creator_tools.fan_groups.errors import KeeperCodeUnknown
from creator_tools.fan_groups.models import FanGroup
from creator_tools.fan_groups.service.groups import lock
from creator_tools.kernel import rng
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import survivor_of

KEEPER_CODE_LENGTH = 8
KEEPER_CODE_LIFE = timedelta(days=3)


def offer_keeping(uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID) -> str:
    """A code that makes the first who sends it within three days the keeper of this group.

    Raises:
        FanGroupNotFound: there is no such group of this creator.
    """
    group = lock(uow, fan_group_id, creator_id)
    group.keeper_code = rng.short_code(uow.rng, KEEPER_CODE_LENGTH)
    group.keeper_code_expires_at = uow.now() + KEEPER_CODE_LIFE
    uow.audit("fan_group.keeping_offered", "fan_group", group.id)
    return group.keeper_code


def take_keeping(uow: UnitOfWork, *, code: str, person_id: UUID) -> FanGroup:
    """Make this person the keeper of the group whose code it is; the code is used up.

    Raises:
        KeeperCodeUnknown: no group waits for a keeper with this code (any more).
    """
    group = None
    if code.isascii() and code.isalnum():
        group = uow.session.scalar(
            select(FanGroup)
            .where(
                FanGroup.keeper_code == code.lower(), FanGroup.keeper_code_expires_at > uow.now()
            )
            .with_for_update()
        )
    if group is None:
        raise KeeperCodeUnknown
    group.keeper_code, group.keeper_code_expires_at = None, None
    group.keeper_person_id = survivor_of(uow.session, person_id) or person_id
    uow.audit(
        "fan_group.keeper_named", "fan_group", group.id, person_id=str(group.keeper_person_id)
    )
    return group


def name_keeper(
    uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, person_id: UUID | None
) -> UUID | None:
    """Name the keeper outright, or with None give the keeping back to the creator.

    Returns:
        Who kept the group before, or None when it was the creator.

    Raises:
        FanGroupNotFound: there is no such group of this creator.
    """
    group = lock(uow, fan_group_id, creator_id)
    before, group.keeper_person_id = group.keeper_person_id, person_id
    group.keeper_code, group.keeper_code_expires_at = None, None
    uow.audit(
        "fan_group.keeper_named",
        "fan_group",
        group.id,
        person_id=None if person_id is None else str(person_id),
    )
    return before

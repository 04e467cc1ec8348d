"""Opening ways into a group, replacing and closing them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from creator_tools.fan_groups import queries
from creator_tools.fan_groups.errors import JoinWayKnown, JoinWayNotFound, TooManyJoinWays
from creator_tools.fan_groups.models import FanGroup, JoinWay
from creator_tools.fan_groups.rules import (
    CAPACITY_COUNT_MAX,
    JOIN_WAYS_PER_GROUP_MAX,
    GroupTerms,
    clean_join_link,
    usable_until,
)
from creator_tools.fan_groups.service.groups import lock
from creator_tools.kernel.text import clean_count, refused
from creator_tools.kernel.unit_of_work import UnitOfWork


def add_join_way(
    uow: UnitOfWork,
    *,
    fan_group_id: UUID,
    url: str,
    capacity_count: int,
    expires_at: datetime | None = None,
    creator_id: UUID | None = None,
    kind: str = "link",
) -> JoinWay:
    """Open one more way into a group; it is used when those before it are full.

    Args:
        url: the link of a group of WeCom; see `rules.clean_join_link`.
        capacity_count: how many people may be sent there, 1 to 2000.
        expires_at: aware; after it, less ten minutes, nobody is sent there.
        creator_id: when given, the group must be this creator's.
        kind: "link" to be tapped, or "qr" to be scanned.

    Raises:
        TextRefused: the address, the capacity or the end cannot be kept.
        JoinLinkNeedsScan, JoinLinkForeign: a tap on the address leads into no group.
        FanGroupNotFound: there is no such group, or it is not this creator's.
        TooManyJoinWays: the group has 100 open ways.
    """
    address = clean_join_link(url)
    capacity = clean_count(capacity_count, "capacity_count", 1, CAPACITY_COUNT_MAX)
    _refuse_past(uow, expires_at)
    group = lock(uow, fan_group_id, creator_id)
    return open_way(
        uow, group, kind=kind, url=address, capacity_count=capacity, expires_at=expires_at
    )


def add_code(
    uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, said: str, terms: GroupTerms
) -> tuple[JoinWay, list[JoinWay]]:
    """Open the way of a group code; ways that are dying give place to it.

    Dying is what ends within two days, is nine tenths full, or is over. Healthy ways stay beside
    the new one, so several codes make a pool.

    Args:
        said: what the code says, as `rules.code_in` read it.

    Returns:
        The new way, and those that were closed for it.

    Raises:
        JoinWayKnown: this very code is an open way of the group already.
        TooManyJoinWays: the group has 100 open ways.
        FanGroupNotFound: there is no such group of this creator.
    """
    group = lock(uow, fan_group_id, creator_id)
    now = uow.now()
    open_ways = queries.list_open_ways(uow.session, group.id)
    if any(way.url == said and queries.is_usable(way, now) for way in open_ways):
        raise JoinWayKnown
    dying = [way for way in open_ways if queries.is_dying(way, now)]
    for way in dying:
        close_join_way(uow, join_way_id=way.id, creator_id=group.creator_id)
    way = open_way(
        uow,
        group,
        kind="qr",
        url=said,
        capacity_count=terms.code_capacity,
        expires_at=now + terms.code_life,
    )
    return way, dying


def close_join_way(uow: UnitOfWork, *, join_way_id: UUID, creator_id: UUID) -> JoinWay:
    """Send nobody through this way any more, as when it leaked; closing again changes nothing.

    Raises:
        JoinWayNotFound: there is no such way of this creator.
    """
    way = uow.session.scalar(
        select(JoinWay)
        .where(JoinWay.id == join_way_id, JoinWay.creator_id == creator_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if way is None:
        raise JoinWayNotFound(join_way_id=str(join_way_id))
    if way.closed_at is None:
        way.closed_at = uow.now()
        uow.session.flush()
        uow.audit("join_way.closed", "join_way", way.id, fan_group_id=str(way.fan_group_id))
    return way


def reopen_join_way(uow: UnitOfWork, *, join_way_id: UUID, creator_id: UUID) -> JoinWay:
    """Send people through a closed way again; whoever had a seat there finds it unchanged.

    Raises:
        JoinWayNotFound: there is no such way of this creator.
        TooManyJoinWays: the group has 100 open ways.
    """
    way = uow.session.scalar(
        select(JoinWay)
        .where(JoinWay.id == join_way_id, JoinWay.creator_id == creator_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if way is None:
        raise JoinWayNotFound(join_way_id=str(join_way_id))
    if way.closed_at is not None:
        _refuse_too_many(uow, way.fan_group_id)
        way.closed_at = None
        uow.session.flush()
        uow.audit("join_way.reopened", "join_way", way.id, fan_group_id=str(way.fan_group_id))
    return way


def open_rest(uow: UnitOfWork, *, join_way_id: UUID, creator_id: UUID) -> JoinWay:
    """Open what a closed way has left as a way of its own, at the address it always had.

    The address is not judged anew: a way that was good when it was given comes back as it was.

    Raises:
        JoinWayNotFound: there is no such way of this creator.
        TooManyJoinWays: the group has 100 open ways.
    """
    closed = close_join_way(uow, join_way_id=join_way_id, creator_id=creator_id)
    return open_way(
        uow,
        lock(uow, closed.fan_group_id, creator_id),
        kind=closed.kind,
        url=closed.url,
        # Those who have a seat there already are not counted twice.
        capacity_count=closed.capacity_count - closed.seats_count,
        expires_at=closed.expires_at,
    )


def replace_join_way(
    uow: UnitOfWork,
    *,
    join_way_id: UUID,
    creator_id: UUID,
    url: str,
    capacity_count: int,
    expires_at: datetime | None = None,
) -> JoinWay:
    """Open a new way and close this one in the same commit; the group's own link stays.

    Raises:
        As `close_join_way` and `add_join_way`; then nothing is closed.
    """
    closed = close_join_way(uow, join_way_id=join_way_id, creator_id=creator_id)
    return add_join_way(
        uow,
        fan_group_id=closed.fan_group_id,
        url=url,
        capacity_count=capacity_count,
        expires_at=expires_at,
        creator_id=creator_id,
    )


def open_way(
    uow: UnitOfWork,
    group: FanGroup,
    *,
    kind: str,
    url: str,
    capacity_count: int,
    expires_at: datetime | None,
    account_id: UUID | None = None,
    external_ref: str | None = None,
) -> JoinWay:
    """Write a way of a locked group.

    Raises:
        TooManyJoinWays: the group has 100 open ways.
    """
    _refuse_too_many(uow, group.id)
    way = JoinWay(
        id=uow.ids.new(),
        creator_id=group.creator_id,
        account_id=account_id,
        fan_group_id=group.id,
        kind=kind,
        external_ref=external_ref,
        url=url,
        capacity_count=capacity_count,
        seats_count=0,
        expires_at=expires_at,
        created_at=uow.now(),
    )
    uow.session.add(way)
    uow.session.flush()
    # The address lets people in, so the audit does not hold it.
    uow.audit(
        "join_way.opened",
        "join_way",
        way.id,
        fan_group_id=str(group.id),
        kind=kind,
        capacity=capacity_count,
    )
    return way


def _refuse_too_many(uow: UnitOfWork, fan_group_id: UUID) -> None:
    open_count = uow.session.scalar(
        select(func.count())
        .select_from(JoinWay)
        .where(JoinWay.fan_group_id == fan_group_id, JoinWay.closed_at.is_(None))
    )
    if (open_count or 0) >= JOIN_WAYS_PER_GROUP_MAX:
        raise TooManyJoinWays(limit=JOIN_WAYS_PER_GROUP_MAX)


def _refuse_past(uow: UnitOfWork, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= usable_until(uow.now()):
        raise refused(
            "expires_at",
            "too_soon",
            "的有效期太短了，至少要在十分钟以后。",
            "is too soon; it must be more than ten minutes from now.",
        )

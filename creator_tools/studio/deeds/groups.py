"""Deeds on fan groups: open, rename, close, say who may enter, give a link or a code."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.errors import FanGroupNotFound
from creator_tools.fan_groups.models import FanGroup, JoinWay
from creator_tools.fan_groups.rules import GroupTerms, usable_until
from creator_tools.studio.deeds.doer import Doer, Someone, Step, offer_undo
from creator_tools.studio.errors import CreatorPaused, MustConfirm

GATES_ZH = {"free": "所有人", "follower": "关注公众号的人", "buyer": "专栏的读者"}


@dataclass(frozen=True)
class Given:
    """A way in that was just given, and those that gave place to it."""

    group: FanGroup
    way: JoinWay
    closed: list[JoinWay]


def create(doer: Doer, *, column_id: UUID, name: str) -> FanGroup:
    """Open a group for the readers of a column; can be undone."""
    group = service.create(doer.uow, creator_id=doer.creator.id, column_id=column_id, name=name)
    offer_close(doer, group)
    return group


def offer_close(doer: Doer, group: FanGroup) -> None:
    """Let the group that was just opened be closed again."""
    step = {"do": "group_state", "group": str(group.id), "state": "closed"}
    offer_undo(doer, f"粉丝群「{group.name}」已关。", step)


def rename(doer: Doer, group_id: UUID, name: str) -> FanGroup:
    """Give a group another name; can be undone."""
    before = queries.get_of_creator(doer.session, group_id, doer.creator.id).name
    group = rename_now(doer, group_id, name)
    step = {"do": "rename_group", "group": str(group_id), "name": before}
    offer_undo(doer, f"群名已改回「{before}」。", step)
    return group


def rename_now(doer: Doer, group_id: UUID, name: str) -> FanGroup:
    """As `rename`, for an undo."""
    return service.rename(doer.uow, fan_group_id=group_id, creator_id=doer.creator.id, name=name)


def close(doer: Doer, group_id: UUID, *, confirmed: bool = False) -> FanGroup:
    """Let nobody in any more; can be undone.

    Raises:
        MustConfirm: readers have seats in it, and no second word was given. Its fact is
            `seats_count`.
    """
    group = queries.get_of_creator(doer.session, group_id, doer.creator.id)
    seats_count = sum(way.seats_count for way in queries.list_join_ways(doer.session, group.id))
    if seats_count and group.state == "open" and not confirmed:
        raise MustConfirm({"do": "close_group", "group": str(group.id)}, seats_count=seats_count)
    return set_state(doer, group_id, "closed")


def set_state(doer: Doer, group_id: UUID, state: str) -> FanGroup:
    """Open or close a group without a further question; can be undone."""
    before = queries.get_of_creator(doer.session, group_id, doer.creator.id).state
    group = service.set_state(
        doer.uow, fan_group_id=group_id, creator_id=doer.creator.id, state=state
    )
    back = "重新开放" if before == "open" else "重新关上"
    step = {"do": "group_state", "group": str(group.id), "state": before}
    offer_undo(doer, f"「{group.name}」已{back}。", step)
    return group


def set_gate(doer: Doer, group_id: UUID, gate: str) -> FanGroup:
    """Say who may enter; can be undone."""
    before = queries.get_of_creator(doer.session, group_id, doer.creator.id).gate
    group = set_gate_now(doer, group_id, gate)
    step = {"do": "group_gate", "group": str(group.id), "gate": before}
    offer_undo(doer, f"「{group.name}」仍然是{GATES_ZH[before]}能进。", step)
    return group


def set_gate_now(doer: Doer, group_id: UUID, gate: str) -> FanGroup:
    """As `set_gate`, for an undo."""
    return service.set_gate(doer.uow, fan_group_id=group_id, creator_id=doer.creator.id, gate=gate)


def offer_keeping(doer: Doer, group_id: UUID) -> str:
    """A code that makes whoever sends it the keeper of a group, once."""
    return service.offer_keeping(doer.uow, fan_group_id=group_id, creator_id=doer.creator.id)


def end_keeping(doer: Doer, group_id: UUID) -> bool:
    """Keep a group oneself again; can be undone. False when nobody else kept it."""
    group = queries.get_of_creator(doer.session, group_id, doer.creator.id)
    before = name_keeper_now(doer, group_id, None)
    if before is None:
        return False
    step = {"do": "group_keeper", "group": str(group_id), "keeper": str(before)}
    offer_undo(doer, f"「{group.name}」仍由原来的管家管。", step)
    return True


def name_keeper_now(doer: Doer, group_id: UUID, person_id: UUID | None) -> UUID | None:
    """Name who keeps a group, for an undo; returns who kept it before."""
    return service.name_keeper(
        doer.uow, fan_group_id=group_id, creator_id=doer.creator.id, person_id=person_id
    )


def give_link(
    doer: Doer,
    group_id: UUID,
    *,
    url: str,
    capacity_count: int,
    expires_at: datetime | None = None,
    is_one_more: bool = False,
) -> Given:
    """Give a group a link, in the place of the one in use or beside it; can be undone."""
    group = queries.get_of_creator(doer.session, group_id, doer.creator.id)
    open_ways = queries.list_open_ways(doer.session, group.id)
    closed = [] if is_one_more else [way for way in open_ways if _gives_way(doer, way)]
    for way in closed:
        service.close_join_way(doer.uow, join_way_id=way.id, creator_id=doer.creator.id)
    given = service.add_join_way(
        doer.uow,
        fan_group_id=group.id,
        url=url,
        capacity_count=capacity_count,
        expires_at=expires_at,
        creator_id=doer.creator.id,
    )
    step = {"do": "join_way", "way": str(given.id), "closed": [str(way.id) for way in closed]}
    offer_undo(doer, f"「{group.name}」的进群链接已恢复成原来的样子。", step)
    return Given(group, given, closed)


def take_link_back(doer: Doer, step: Step) -> None:
    """Close a link that was just given, and open again what it took the place of."""
    given = service.close_join_way(
        doer.uow, join_way_id=UUID(step["way"]), creator_id=doer.creator.id
    )
    ways = {str(way.id): way for way in queries.list_join_ways(doer.session, given.fan_group_id)}
    for closed in (ways[key] for key in step["closed"] if key in ways):
        ends = closed.expires_at
        is_usable = ends is None or ends > usable_until(doer.uow.now())
        if is_usable and closed.seats_count < closed.capacity_count:
            service.open_rest(doer.uow, join_way_id=closed.id, creator_id=doer.creator.id)


def give_code(keeper: Someone, group_id: UUID, *, said: str, terms: GroupTerms) -> Given:
    """Give a group the code of a picture; what is dying gives place to it. Can be undone.

    Raises:
        FanGroupNotFound: the person does not keep the group.
        CreatorPaused: it is their own, and they may change nothing.
    """
    group = _kept(keeper, group_id)
    way, closed = service.add_code(
        keeper.uow, fan_group_id=group.id, creator_id=group.creator_id, said=said, terms=terms
    )
    step = {
        "do": "group_code",
        "group": str(group.id),
        "way": str(way.id),
        "closed": [str(each.id) for each in closed],
    }
    offer_undo(keeper, f"「{group.name}」的进群入口已恢复成原来的样子。", step)
    return Given(group, way, closed)


def take_code_back(keeper: Someone, step: Step) -> None:
    """Close a code that was just given and open again what it took the place of.

    Raises:
        FanGroupNotFound, CreatorPaused: as `give_code`.
    """
    owner_id = _kept(keeper, UUID(step["group"])).creator_id
    service.close_join_way(keeper.uow, join_way_id=UUID(step["way"]), creator_id=owner_id)
    for key in step["closed"]:
        service.reopen_join_way(keeper.uow, join_way_id=UUID(key), creator_id=owner_id)


def _kept(keeper: Someone, group_id: UUID) -> FanGroup:
    group = queries.get(keeper.session, group_id)
    if not queries.keeps(keeper.session, group, keeper.person_id):
        raise FanGroupNotFound(fan_group_id=str(group_id))
    creator = creators.find_by_person(keeper.session, keeper.person_id)
    is_own = creator is not None and creator.id == group.creator_id
    if creator is not None and is_own and creator.state != "active":
        raise CreatorPaused
    return group


def _gives_way(doer: Doer, way: JoinWay) -> bool:
    # A full way stays, so that whoever has a seat in it finds the same door again.
    return way.seats_count < way.capacity_count or not queries.is_usable(way, doer.uow.now())

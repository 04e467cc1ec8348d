"""Making groups, naming them, opening and closing them, and saying who may enter."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.columns.queries import get_of_creator as get_column_of_creator
from creator_tools.fan_groups import queries
from creator_tools.fan_groups.errors import FanGroupNotFound
from creator_tools.fan_groups.models import GATES, STATES, FanGroup
from creator_tools.fan_groups.rules import CODE_LENGTH, NAME_CHARS_MAX
from creator_tools.kernel import rng
from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork


def create(
    uow: UnitOfWork, *, creator_id: UUID, column_id: UUID, name: str, gate: str = "buyer"
) -> FanGroup:
    """Make a group of a column; its code never changes.

    Args:
        gate: who may enter: "free" everybody signed in, "follower" who follows the account,
            "buyer" whoever the column or one of its works is open to.

    Raises:
        TextRefused: the name cannot be kept.
        ColumnNotFound: there is no such column of this creator.
        ValueError: there is no such gate.
    """
    cleaned = clean_line(name, "name", NAME_CHARS_MAX)
    _require_gate(gate)
    column = get_column_of_creator(uow.session, column_id, creator_id)
    group_id = None
    while group_id is None:
        group_id = uow.session.scalar(
            insert(FanGroup)
            .values(
                id=uow.ids.new(),
                creator_id=creator_id,
                column_id=column.id,
                name=cleaned,
                code=rng.short_code(uow.rng, CODE_LENGTH),
                state="open",
                gate=gate,
                created_at=uow.now(),
            )
            .on_conflict_do_nothing(index_elements=["code"])
            .returning(FanGroup.id)
        )
    uow.audit("fan_group.created", "fan_group", group_id, column_id=str(column_id))
    return queries.get(uow.session, group_id)


def rename(uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, name: str) -> FanGroup:
    """Give a group another name.

    Raises:
        TextRefused: the name cannot be kept.
        FanGroupNotFound: there is no such group of this creator.
    """
    cleaned = clean_line(name, "name", NAME_CHARS_MAX)
    group = lock(uow, fan_group_id, creator_id)
    before, group.name = group.name, cleaned
    uow.audit("fan_group.renamed", "fan_group", group.id, before=before, after=cleaned)
    return group


def set_state(uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, state: str) -> FanGroup:
    """Open or close a group; a closed one lets nobody in.

    Raises:
        ValueError: there is no such state.
        FanGroupNotFound: there is no such group of this creator.
    """
    if state not in STATES:
        raise ValueError(f"no state of a group is called {state!r}")
    group = lock(uow, fan_group_id, creator_id)
    before, group.state = group.state, state
    uow.audit("fan_group.state_changed", "fan_group", group.id, before=before, after=state)
    return group


def set_gate(uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, gate: str) -> FanGroup:
    """Say who may enter from now on; whoever has a seat keeps it until they come again.

    Raises:
        ValueError: there is no such gate.
        FanGroupNotFound: there is no such group of this creator.
    """
    _require_gate(gate)
    group = lock(uow, fan_group_id, creator_id)
    before, group.gate = group.gate, gate
    uow.audit("fan_group.gate_changed", "fan_group", group.id, before=before, after=gate)
    return group


def lock(uow: UnitOfWork, fan_group_id: UUID, creator_id: UUID | None) -> FanGroup:
    """The group, locked until the unit ends; with a creator, only if it is theirs.

    Raises:
        FanGroupNotFound: there is none, or it is not theirs.
    """
    wanted = select(FanGroup).where(FanGroup.id == fan_group_id)
    if creator_id is not None:
        wanted = wanted.where(FanGroup.creator_id == creator_id)
    # Not FOR UPDATE: whoever writes a seat refers to the group, and must not wait for us while we
    # wait for the way that they hold.
    group = uow.session.scalar(
        wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if group is None:
        raise FanGroupNotFound(fan_group_id=str(fan_group_id))
    return group


def _require_gate(gate: str) -> None:
    if gate not in GATES:
        raise ValueError(f"no gate of a group is called {gate!r}")

"""Fan groups, the ways into them, and the door that reserves one seat for each person.

What may never happen: more seats in a way than fit, two seats of one person in a group, somebody
who both has a seat and waits for one. Every place is taken by one guarded statement, and one
person's taps wait for each other.
"""

from creator_tools.fan_groups.service.groups import create, rename, set_gate, set_state
from creator_tools.fan_groups.service.keeping import name_keeper, offer_keeping, take_keeping
from creator_tools.fan_groups.service.places import Inside, OpenDoor, Place, Queued
from creator_tools.fan_groups.service.rooms import (
    add_room_way,
    ask_for_way,
    note_gone,
    note_member,
    note_room,
)
from creator_tools.fan_groups.service.seats import confirm, door, leave, leave_shut
from creator_tools.fan_groups.service.upkeep import (
    note_warning,
    promote,
    release_lapsed,
)
from creator_tools.fan_groups.service.ways import (
    add_code,
    add_join_way,
    close_join_way,
    open_rest,
    reopen_join_way,
    replace_join_way,
)

__all__ = [
    "Inside",
    "OpenDoor",
    "Place",
    "Queued",
    "add_code",
    "add_join_way",
    "add_room_way",
    "ask_for_way",
    "close_join_way",
    "confirm",
    "create",
    "door",
    "leave",
    "leave_shut",
    "name_keeper",
    "note_gone",
    "note_member",
    "note_room",
    "note_warning",
    "offer_keeping",
    "open_rest",
    "promote",
    "release_lapsed",
    "rename",
    "reopen_join_way",
    "replace_join_way",
    "set_gate",
    "set_state",
    "take_keeping",
]

"""Everybody's messages as the state file keeps them: packed once, not again at every change.

Messages are only ever added and never changed, so what was packed stays true. Without this the
cost of one message would grow with all the messages before it.
"""

from wechat_simulator.entities import Message
from wechat_simulator.storage import pack, unpack

PIECE = 64
Packed = dict[str, list[bytes]]


class Letters:
    """The packed form of the inboxes of one world."""

    def __init__(self) -> None:
        self._full: Packed = {}
        self._last: dict[str, tuple[int, bytes]] = {}

    def packed(self, inbox: dict[str, list[Message]]) -> Packed:
        """The inboxes by person, in pieces; only what is new since the last time is packed."""
        return {person_id: self._of(person_id, kept) for person_id, kept in inbox.items()}

    def forget(self) -> None:
        """Begin anew: the inboxes were replaced."""
        self._full.clear()
        self._last.clear()

    def _of(self, person_id: str, kept: list[Message]) -> list[bytes]:
        full = self._full.setdefault(person_id, [])
        while (len(full) + 1) * PIECE <= len(kept):
            begin = len(full) * PIECE
            full.append(pack(kept[begin : begin + PIECE]))
        length, last = self._last.get(person_id, (-1, b""))
        if length != len(kept):
            last = pack(kept[len(full) * PIECE :])
            self._last[person_id] = len(kept), last
        return [*full, last]


def read_letters(packed: Packed) -> dict[str, list[Message]]:
    """The opposite of `packed`.

    Raises:
        StateUnreadable: a piece names something that is not kept.
    """
    return {
        person_id: [message for piece in pieces for message in unpack(piece)]
        for person_id, pieces in packed.items()
    }

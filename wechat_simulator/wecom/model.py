"""What the platform keeps about one company and its groups of customers."""

from dataclasses import dataclass, field

from wechat_simulator.storage import persisted

ROOM_CAPACITY = 200
ROOMS_PER_WAY = 5


@persisted
@dataclass
class Company:
    """A company as its console shows it; `secret` is that of a self-built app."""

    corpid: str
    secret: str
    token: str
    aes_key: str
    callback_url: str = ""


@persisted
@dataclass
class Member:
    """A customer in a room: since when, and the `state` of the way they came by."""

    at: float
    state: str = ""


@persisted
@dataclass
class Room:
    """A group of customers; `version` changes with every change of its members."""

    chat_id: str
    name: str
    owner: str
    capacity: int
    created_at: float
    members: dict[str, Member] = field(default_factory=dict)
    version: int = 0
    dismissed: bool = False


@persisted
@dataclass
class Way:
    """A 「加入群聊」 way; `code` is the end of the link that its picture says."""

    config_id: str
    code: str
    remark: str
    auto_create_room: int
    room_base_name: str
    room_base_id: int
    chat_ids: list[str]
    state: str


@persisted
@dataclass
class Token:
    """An access token of the app."""

    value: str
    dies_at: float


@persisted
@dataclass
class Records:
    """All that the platform keeps; `made_count` numbers what is made."""

    company: Company | None = None
    token: Token | None = None
    rooms: dict[str, Room] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    made_count: int = 0

"""How many customer-service messages may go to a person, and until when."""

from wechat_simulator.entities import Allowance, Kind
from wechat_simulator.world import World

GRANTS: dict[tuple[str, str], tuple[int, int]] = {
    ("oa", "message"): (5, 48 * 3600),
    ("oa", "menu"): (3, 60),
    ("oa", "subscribe"): (3, 60),
    ("oa", "scan"): (3, 60),
    ("oa", "paid"): (20, 48 * 3600),
    ("mini", "message"): (5, 48 * 3600),
    ("mini", "enter"): (2, 60),
}


def allow(world: World, kind: Kind, person_id: str, reason: str) -> None:
    """Open a window because of something the person did; a second time it starts anew."""
    count, lives_s = GRANTS[kind, reason]
    name = f"{kind}/{person_id}/{reason}"
    world.things.allowances[name] = Allowance(count, world.clock.now() + lives_s)


def forget(world: World, kind: Kind, person_id: str) -> None:
    """Close every window, as unfollowing does."""
    for kind_, reason in GRANTS:
        if kind_ == kind:
            world.things.allowances.pop(f"{kind}/{person_id}/{reason}", None)


def use(world: World, kind: Kind, person_id: str) -> int:
    """Take one message out of an open window: 0 taken, 45015 none open, 45047 none left."""
    now = world.clock.now()
    names = [f"{kind}/{person_id}/{reason}" for kind_, reason in GRANTS if kind_ == kind]
    mine = [one for name in names if (one := world.things.allowances.get(name))]
    opened = sorted((one for one in mine if one.until > now), key=lambda one: one.until)
    if not opened:
        return 45015
    for one in opened:
        if one.left > 0:
            one.left -= 1
            return 0
    return 45047

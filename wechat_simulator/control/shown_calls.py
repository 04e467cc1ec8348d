"""Control of what the telephone shows of the accounts: their names, where to begin."""

from typing import Any

from wechat_simulator.control.entry import control, only
from wechat_simulator.impossible import Impossible
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World

_NAME_CHARS = 30
_HANDLES_MOST = 20


def register(router: Router, world: World) -> None:
    """Serve `/_sim/shown`."""

    def show(request: Request, given: dict[str, Any]) -> Any:
        del request, given
        with world.lock:
            return _shown(world)

    def change(request: Request, given: dict[str, Any]) -> Any:
        del request
        only(given, "oa_name", "mini_name", "handles")
        for name in ("oa_name", "mini_name"):
            if name in given and not _is_name(given[name]):
                raise Impossible(name, f"{name} is a text of 1 to {_NAME_CHARS} characters")
        handles = given.get("handles", [])
        if not isinstance(handles, list) or len(handles) > _HANDLES_MOST:
            raise Impossible("handles", f"handles is a list of at most {_HANDLES_MOST} texts")
        if not all(_is_name(one) for one in handles):
            raise Impossible("handles", f"a handle is a text of 1 to {_NAME_CHARS} characters")
        with world.lock:
            world.things.shown.update(given)
            return _shown(world)

    control(router, "GET", "shown", show)
    control(router, "PUT", "shown", change)


def _shown(world: World) -> dict[str, Any]:
    return {"oa_name": "公众号", "mini_name": "小程序", "handles": [], **world.things.shown}


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and 1 <= len(given) <= _NAME_CHARS and given.isprintable()

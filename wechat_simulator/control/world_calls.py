"""Control of the world: accounts, faults, clock, books, reset."""

from typing import Any

from wechat_simulator import accounts
from wechat_simulator.callbacks import verify_address
from wechat_simulator.control.entry import control, only
from wechat_simulator.conversation import the_account
from wechat_simulator.impossible import Impossible
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World

LONGEST_JUMP_S = 10 * 366 * 86400


def register(router: Router, world: World) -> None:
    """Serve the calls that concern everything."""

    def show_accounts(request: Request, given: dict[str, Any]) -> Any:
        del request, given
        with world.lock:
            return accounts.shown(world.accounts)

    def change_accounts(request: Request, given: dict[str, Any]) -> Any:
        del request
        with world.lock:
            accounts.change(world.accounts, given, world.rng)
            return accounts.shown(world.accounts)

    def verify(request: Request, given: dict[str, Any]) -> Any:
        only(given)
        account = the_account(world, request.params["kind"])
        return {"verified": verify_address(world, account)}

    def put_faults(request: Request, given: dict[str, Any]) -> Any:
        del request
        only(given, "rules")
        rules = given.get("rules")
        if not isinstance(rules, list) or len(rules) > 1_000:
            raise Impossible("rules", "rules is a list of at most 1000 rules")
        world.faults.replace(rules)
        return {"rules": [vars(rule) for rule in world.faults.rules]}

    def show_faults(request: Request, given: dict[str, Any]) -> Any:
        del request, given
        return {"rules": [vars(rule) for rule in world.faults.rules]}

    control(router, "GET", "accounts", show_accounts)
    control(router, "PUT", "accounts", change_accounts)
    control(router, "POST", "accounts/{kind}/verify", verify)
    control(router, "PUT", "faults", put_faults)
    control(router, "GET", "faults", show_faults)
    _register_time(router, world)


def _register_time(router: Router, world: World) -> None:
    def clock(request: Request, given: dict[str, Any]) -> Any:
        del request
        only(given, "advance_s")
        seconds = given.get("advance_s", 0)
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            raise Impossible("advance_s", "advance_s is a whole number of seconds")
        if not 0 <= seconds <= LONGEST_JUMP_S:
            raise Impossible("advance_s", "time goes forward only, by at most ten years")
        world.scheduler.advance(seconds)
        return {"now": world.clock.now()}

    def now(request: Request, given: dict[str, Any]) -> Any:
        del request, given
        return {"now": world.clock.now()}

    def books(request: Request, given: dict[str, Any]) -> Any:
        del request, given
        with world.lock:
            return world.books.shown()

    def reset(request: Request, given: dict[str, Any]) -> Any:
        del request
        only(given, "seed")
        seed = given.get("seed", 1)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise Impossible("seed", "seed is a whole number")
        world.reset(seed)
        return {"seed": seed}

    control(router, "POST", "clock", clock)
    control(router, "GET", "clock", now)
    control(router, "GET", "books", books)
    control(router, "POST", "reset", reset)

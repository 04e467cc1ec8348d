"""Places where a test may pull the plug.

Every commit and every outbound call passes `reach(name)` once before and once after, by
construction: the calls sit in `unit_of_work` and in the one function that sends HTTP, not in
business code. In production nothing is armed and `reach` costs one comparison; arming takes a
call in the same process, so there is no switch that an installation could leave on.
"""

from collections.abc import Callable
from dataclasses import dataclass

# One name per unit of work; `unit_of_work` refuses a unit whose name is not listed.
UNITS: tuple[str, ...] = (
    "accounts.seed",
    "bills.ask",
    "bills.claim",
    "bills.explain",
    "bills.finish",
    "bills.import",
    "bills.keep",
    "bills.match",
    "bills.note",
    "bills.open",
    "catalogue.quote",
    "catalogue.tiers",
    "certificates.claim",
    "certificates.keep",
    "chat.message",
    "creators.invite",
    "effects.claim",
    "effects.settle",
    "fan_groups.rooms",
    "fan_groups.seat",
    "fan_groups.upkeep",
    "h5.sign_in",
    "inbox.keep",
    "inbox.handle",
    "inbox.settle_many",
    "inbox.park",
    "media.count",
    "media.prepare",
    "media.upload",
    "messaging.notices",
    "operators.create",
    "operators.sign_in",
    "operators.act",
    "orders.claim_query",
    "orders.close",
    "orders.create",
    "orders.prepaid",
    "payments.record",
    "payments.take_in",
    "people.sign_in",
    "payouts.ask",
    "payouts.claim_query",
    "payouts.decide",
    "payouts.record",
    "refunds.ask",
    "refunds.claim_query",
    "refunds.decide",
    "refunds.record",
    "sharing.visit",
    "splits.divide",
    "splits.join",
    "splits.sign",
    "studio.act",
    "studio.sign_in",
    "sweep.beat",
    "tokens.lease",
    "tokens.write",
    "upkeep.prune",
    "upkeep.remind",
    "upkeep.reseal",
    "works.opened",
    "works.publish_due",
    "works.review",
)
# One name per outbound call (see wechat_handlers/wire); the build compares both lists.
CALLS: tuple[str, ...] = (
    "api.stable_token",
    "api.jsapi_ticket",
    "api.customer_message",
    "api.menu",
    "api.login",
    "api.oauth",
    "api.media",
    "api.text_check",
    "api.user",
    "wecom.token",
    "wecom.join_way",
    "wecom.room",
    "wecom.picture",
    "pay.prepay",
    "pay.query",
    "pay.close",
    "pay.bill",
    "pay.bill_file",
    "pay.certificates",
    "pay.refund",
    "pay.refund_query",
    "pay.transfer",
    "pay.transfer_cancel",
    "pay.transfer_query",
    "xpay.query",
    "xpay.provide",
    "xpay.goods",
    "xpay.refund",
)


def all_names() -> tuple[str, ...]:
    """Every fail-point there is, in order."""
    names = [f"unit.{unit}.{edge}" for unit in UNITS for edge in ("before", "after")]
    names += [f"call.{call}.{edge}" for call in CALLS for edge in ("before", "after")]
    return tuple(names)


@dataclass
class _Armed:
    name: str
    remaining_count: int
    act: Callable[[], None]


_armed: list[_Armed] = []
_observers: list[Callable[[str], None]] = []


def reach(name: str) -> None:
    """Tell whoever listens that this place was reached, and do what was armed for it."""
    if not _armed and not _observers:
        return
    for observe in _observers:
        observe(name)
    for armed in list(_armed):
        if armed.name != name:
            continue
        armed.remaining_count -= 1
        if armed.remaining_count == 0:
            _armed.remove(armed)
            armed.act()


def arm(name: str, act: Callable[[], None], *, hit: int = 1) -> None:
    """Run `act` at the `hit`-th time that `name` is reached from now on.

    Raises:
        ValueError: no such fail-point; a typing slip would make a test that cannot fail.
    """
    if name not in all_names():
        raise ValueError(f"no fail-point is called {name!r}")
    _armed.append(_Armed(name, hit, act))


def observe(listener: Callable[[str], None]) -> None:
    """Call `listener` with every name that is reached; for coverage of a proof."""
    _observers.append(listener)


def disarm_all() -> None:
    """Forget everything armed and everyone who listens."""
    _armed.clear()
    _observers.clear()

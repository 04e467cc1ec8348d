"""Virtual payment inside a world: its records, its promises, and the pushes it repeats."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from wechat_simulator import callbacks
from wechat_simulator.entities import Due
from wechat_simulator.pay.numbers import Numbers
from wechat_simulator.world import Section, World
from wechat_simulator.xpay import goods, orders, pushes
from wechat_simulator.xpay.model import LIVE, SANDBOX, Good, Push, XpayDesk, XpayRecords

PUSH_DUE = "xpay-push"
PUSH_LABEL = "push:xpay"
PUSHES_AGAIN = 15

# The platform's own openid in every push; the buyer is named by OpenId.
OFFICIAL_OPENID = "ofXPAYofficial00000000000000"

_LATER = frozenset({"delay", "reorder"})
_HELD_FOR = timedelta(seconds=60)


@dataclass(frozen=True)
class PushTry:
    """How one try of a push ended; `status` is 0 when nothing came back or was sent."""

    status: int
    tries: int

    def shown(self) -> dict[str, Any]:
        """As the control API prints it."""
        return {"status": self.status, "tries": self.tries}


class XpayOffice:
    """Virtual payment for the world's mini-program. One per world: get it with `office_of`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.records = XpayRecords()
        world.add_section("xpay", Section(dump=self._dump, load=self._load, clear=self._clear))
        world.scheduler.on(PUSH_DUE, self._push_due)
        world.scheduler.on(orders.REFUND_SETTLES, self._refund_settles)

    def now(self) -> datetime:
        """The world's time, aware."""
        return datetime.fromtimestamp(self._world.clock.now(), UTC)

    def desk(self) -> XpayDesk:
        """The mini-program's desk as the console stands now. Use it under the world's lock."""
        world = self._world
        console = world.accounts.xpay
        return XpayDesk(
            appid=world.accounts.mini.appid,
            # Opening virtual payment gives a merchant number of its own, beneath no other.
            mchid=f"17{int(console.offer_id.encode().hex(), 16) % 10**8:08d}",
            offer_id=console.offer_id,
            app_keys={LIVE: console.app_key, SANDBOX: console.sandbox_app_key},
            records=self.records,
            books=world.books,
            numbers=Numbers(world.rng, self.records.counter),
            plan=self._plan,
        )

    def put_good(self, good_id: str, price_fen: int, *, env: int = LIVE, name: str = "") -> Good:
        """Put an item on sale at once, as if it had been published long ago.

        An item of that id keeps the price it has.
        """
        with self._world.lock:
            good = self.records.goods.setdefault(
                (env, good_id),
                Good(
                    good_id=good_id,
                    env=env,
                    name=name or good_id[:20],
                    price_fen=price_fen,
                    remark="",
                    item_url="",
                ),
            )
            goods.publish(good, self.now())
            good.effective_at = min(good.effective_at or self.now(), self.now())
            return good

    def refund_by_apple(self, env: int, order_id: str) -> list[PushTry]:
        """Apple gives a person their money back; how the first push about it ended.

        Raises:
            KeyError: no such order.
            ApiRefused: it is not a paid Apple order.
        """
        with self._world.lock:
            desk = self.desk()
            order = self.records.orders[env, order_id]
            back = orders.refund_by_apple(desk, order, self.now())
            push = self.keep(env, back.order_id, pushes.refund(desk, back))
        return self.post(push)

    def keep(self, env: int, order_id: str, event: dict[str, Any]) -> Push:
        """Remember a push before its first try."""
        numbers = Numbers(self._world.rng, self.records.counter)
        push = Push(
            push_id=numbers.notification_id(),
            event=event,
            env=env,
            order_id=order_id,
            created_at=self.now(),
        )
        self.records.pushes[push.push_id] = push
        return push

    def post(self, push: Push) -> list[PushTry]:
        """Make one try at a push; the next is promised if it fails.

        Call it without the world's lock: the mini-program's backend may call while it answers.
        """
        fault = self._world.faults.take(PUSH_LABEL, _LATER)
        if fault is not None:
            wait = timedelta(seconds=fault.delay_s) if fault.fault == "delay" else _HELD_FOR
            with self._world.lock:
                if fault.fault == "reorder":
                    self.records.held.append(push.push_id)
                self._promise(push, wait)
            return [PushTry(0, push.tries)]
        tried = self._send(push)
        with self._world.lock:
            held = [one for one in self.records.held if one != push.push_id]
            self.records.held.clear()
        for push_id in held:
            late = self.records.pushes.get(push_id)
            if late is not None:
                self._send(late)
        return [tried]

    def _send(self, push: Push) -> PushTry:
        mini = self._world.accounts.mini
        with self._world.lock:
            order = self.records.orders.get((push.env, push.order_id))
            if order is not None:
                orders.delivering(order, self.now())
            fields = {
                "ToUserName": mini.original_id,
                "FromUserName": OFFICIAL_OPENID,
                "CreateTime": int(push.created_at.timestamp()),
                "MsgType": "event",
                **push.event,
                "RetryTimes": push.tries,
            }
        delivery = callbacks.deliver(self._world, mini, fields, "xpay")
        with self._world.lock:
            push.tries += 1
            if delivery.ok:
                push.done = True
                if order is not None and order.refund_of is None:
                    orders.delivered(order, self.now())
            elif not push.done and push.tries <= PUSHES_AGAIN:
                self._promise(push, timedelta(seconds=2**push.tries))
            if push.done or push.tries > PUSHES_AGAIN:
                self.records.pushes.pop(push.push_id, None)
        return PushTry(delivery.status, push.tries)

    def _push_due(self, due: Due) -> None:
        push = self.records.pushes.get(due.payload["push_id"])
        if push is not None and not push.done:
            with self._world.lock:
                if push.push_id in self.records.held:
                    self.records.held.remove(push.push_id)
            self.post(push)

    def _refund_settles(self, due: Due) -> None:
        with self._world.lock:
            desk = self.desk()
            back = orders.settle_refund(
                desk, due.payload["env"], due.payload["order_id"], self.now()
            )
            if back is None:
                return
            push = self.keep(back.env, back.order_id, pushes.refund(desk, back))
        self.post(push)

    def _promise(self, push: Push, wait: timedelta) -> None:
        self._plan(self.now() + wait, PUSH_DUE, {"push_id": push.push_id})

    def _plan(self, at: datetime, kind: str, payload: dict[str, Any]) -> None:
        self._world.scheduler.schedule(at.timestamp(), kind, payload)

    def _dump(self) -> XpayRecords:
        return self.records

    def _load(self, records: XpayRecords) -> None:
        self.records = records

    def _clear(self) -> None:
        # Goods belong to the console, which a reset leaves alone; numbers are never given twice.
        kept = self.records
        self.records = XpayRecords(
            settings=kept.settings, counter=kept.counter, goods=kept.goods, uploads=kept.uploads
        )


_OFFICES: WeakKeyDictionary[World, XpayOffice] = WeakKeyDictionary()


def office_of(world: World) -> XpayOffice:
    """The world's one virtual-payment office, opened when first asked for."""
    with world.lock:
        office = _OFFICES.get(world)
        if office is None:
            office = _OFFICES[world] = XpayOffice(world)
        return office

"""The post of the platforms, at its worst: every letter comes 0 to 5 times, hours late, shuffled.

A letter of WeChat Pay is sealed and signed anew for each try, as the platform does; so a copy that
comes a day late is genuine and fresh. One that never comes must be missed by nobody: the house has
to ask. The platform believes that each copy arrived, so it sends no more than is drawn here.
"""

import random
from collections import Counter
from typing import Any

from wechat_simulator.entities import Due
from wechat_simulator.pay import notices
from wechat_simulator.pay.model import Notice
from wechat_simulator.pay.office import PushTry
from wechat_simulator.pay.office import office_of as pay_office_of
from wechat_simulator.world import World
from wechat_simulator.xpay.model import Push
from wechat_simulator.xpay.office import PushTry as XpayTry
from wechat_simulator.xpay.office import office_of as xpay_office_of

COPIES_MAX = 5
LATE_S = 86_400
_AT_ONCE = 0.4  # of all copies: the usual case is that a letter comes within seconds
_FORGED = 0.02  # of all copies: one more comes with it that is altered or signed by a stranger
_NOTICE, _PUSH = "year-notice", "year-push"


class Post:
    """Takes the letters of both offices of a world, and delivers them as chance will have it."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._pay, self._xpay = pay_office_of(world), xpay_office_of(world)
        self._notices: dict[str, Notice] = {}
        self._pushes: dict[str, Push] = {}
        self.copies: Counter[int] = Counter()
        self.delivered_count = 0
        self.failed: Counter[int] = Counter()
        self.forged: Counter[int] = Counter()
        world.scheduler.on(_NOTICE, self._deliver_notice)
        world.scheduler.on(_PUSH, self._deliver_push)
        # The offices ask themselves for this method, so the instance's own comes first.
        self._pay.post = self._post_notice  # type: ignore[method-assign]
        self._xpay.post = self._post_push  # type: ignore[method-assign]

    def _post_notice(self, notice: Notice) -> list[PushTry]:
        self._notices[notice.notice_id] = notice
        self._pay.records.notices.pop(notice.notice_id, None)
        self._plan(_NOTICE, notice.notice_id)
        return [PushTry(0, 0)]

    def _post_push(self, push: Push) -> list[XpayTry]:
        self._pushes[push.push_id] = push
        self._plan(_PUSH, push.push_id)
        return [XpayTry(0, 0)]

    def _plan(self, kind: str, key: str) -> None:
        count = self._chance.randint(0, COPIES_MAX)
        self.copies[count] += 1
        now = self._world.clock.now()
        for _ in range(count):
            hurried = self._chance.random() < _AT_ONCE
            wait_s = self._chance.randint(1, 3 if hurried else LATE_S)
            self._world.scheduler.schedule(now + wait_s, kind, {"key": key})

    def _deliver_notice(self, due: Due) -> None:
        notice, office = self._notices[due.payload["key"]], self._pay
        if self._chance.random() < _FORGED:
            self._deliver_forged(notice)
        with self._world.lock:
            letter = notices.write(office.desk(), notice, office.now())
        self._count(office._deliver(letter))

    def _deliver_forged(self, notice: Notice) -> None:
        office, stranger = self._pay, self._chance.random() < 0.5
        with self._world.lock:
            desk = office.strangers_desk() if stranger else office.desk()
            letter = notices.write(desk, notice, office.now())
        self.forged[office._deliver(letter if stranger else notices.tampered(letter))] += 1

    def _deliver_push(self, due: Due) -> None:
        self._count(self._xpay._send(self._pushes[due.payload["key"]]).status)

    def _count(self, status: int) -> None:
        self.delivered_count += 1
        if status not in {200, 204}:
            self.failed[status] += 1

    def told(self) -> dict[str, Any]:
        """What happened to the letters, for the report."""
        return {
            "letters": sum(self.copies.values()),
            "letters_by_copies": {str(n): self.copies[n] for n in range(COPIES_MAX + 1)},
            "copies_delivered": self.delivered_count,
            "copies_answered_badly": sum(self.failed.values()),
            "forged_refused": sum(self.forged.values()),
        }

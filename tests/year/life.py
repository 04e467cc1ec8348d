"""A calendar: mornings and evenings in which people act, and the hours in which things settle."""

import sys
import time as wall
from dataclasses import dataclass
from datetime import datetime, timedelta

from creator_tools.kernel.business_day import BEIJING
from tests.year.deeds import Bought, Deeds
from tests.year.leaks import Leaks
from tests.year.office import Office
from tests.year.town import Fan, settle
from tests.year.universe import Universe
from wechat_simulator.faults import BILL_FAULTS, BILL_ROUTES, FaultRule

# After people acted: notifications, questions a minute later, then what lapsed after half an hour.
SETTLING_S = (6, 70, 600, 1300)
BILL_FAULT_RATE = 0.15
ASKS_BACK = 0.1
# When somebody asks for the money, in hours after paying; most at once.
ASKS_AFTER_H = ((0, 3), (3, 48), (48, 400), (400, 2000))
CLOCK_FAULTS_S = (600, -600, -3600)
QUIET_DAYS = 5


@dataclass(frozen=True)
class Plan:
    """How much happens in how many days."""

    days: int
    creators: int
    fans: int
    orders: int
    clock_faults: bool = False
    shows_progress: bool = False


class Life:
    """Plays a plan in a universe."""

    def __init__(self, universe: Universe, plan: Plan) -> None:
        self._universe = universe
        self._plan = plan
        self._began_s = wall.monotonic()
        self.town = settle(universe, plan.creators)
        self.deeds = Deeds(universe, self.town)
        self.office = Office(universe)
        self.leaks = Leaks(universe, self.town, self.deeds)
        self._asking: list[tuple[float, Bought]] = []
        self._known = 0
        self._met: list[Fan] = []
        self._orders = 0

    def live(self) -> None:
        """Every day of the plan, and then the quiet in which everything comes to rest."""
        first = self._today()
        for day in range(self._plan.days):
            midnight = first + timedelta(days=day)
            self._prepare_day()
            # Once a day is enough for a year; chance says whether morning or night.
            minute = self._universe.chance.choice((7, 60, 400, 700))
            self._wait_until(midnight + timedelta(hours=10, minutes=minute))
            self._burst(day + 1)
            self.office.work()
            if day % 10 == 9 or day + 1 == self._plan.days:
                self._say(day + 1)
        self._come_to_rest()

    def _today(self) -> datetime:
        now = datetime.fromtimestamp(self._universe.time.now(), BEIJING)
        return now.replace(hour=0, minute=0, second=0, microsecond=0)

    def _wait_until(self, moment: datetime) -> None:
        self._universe.wait(max(0, int(moment.timestamp() - self._universe.time.now())))

    def _prepare_day(self) -> None:
        """What the platforms are like today."""
        universe, chance = self._universe, self._universe.chance
        rules = []
        if chance.random() < BILL_FAULT_RATE:
            route, fault = chance.choice(BILL_ROUTES), chance.choice(sorted(BILL_FAULTS))
            rules.append(FaultRule(route, fault))
        universe.world.faults.rules = rules
        drawn = chance.random()
        outcome = "ABNORMAL" if drawn < 0.01 else "CLOSED" if drawn < 0.03 else "SUCCESS"
        universe.control("PUT", "settings", pay={"refund_outcome": outcome})
        if self._plan.clock_faults:
            wrong_s = chance.choice((0, 0, *CLOCK_FAULTS_S))
            universe.clock.wrong_by = timedelta(seconds=wrong_s)

    def _burst(self, number: int) -> None:
        of = self._plan.days
        universe, chance, deeds = self._universe, self._universe.chance, self.deeds
        deeds.come(self._plan.fans * number // of - len(self.town.fans))
        for _ in range(self._plan.orders * number // of - self._orders):
            self._orders += 1
            deeds.buy(self._next_fan())
            universe.wait(chance.randint(1, 3))
        self._visit()
        deeds.pay_late()
        self._ask_back()
        for seconds in SETTLING_S:
            universe.sweep()
            universe.wait(seconds)
        universe.sweep()
        self.leaks.look()

    def _visit(self) -> None:
        """Whoever came and is not about to buy signs in, reads what is free, and sees no more."""
        for fan in self.town.fans[len(self._met) :]:
            self._met.append(fan)
            self.leaks.visit(fan)

    def _next_fan(self) -> Fan:
        """Whoever came and has not bought yet, before others."""
        if len(self._met) < len(self.town.fans):
            self._met.append(self.town.fans[len(self._met)])
            return self._met[-1]
        return self._universe.chance.choice(self._met)

    def _ask_back(self) -> None:
        chance, now = self._universe.chance, self._universe.time.now()
        for one in self.deeds.bought[self._known :]:
            if chance.random() < ASKS_BACK and not one.is_odd:
                self.deeds.get_known(one)
                least, most = chance.choice(ASKS_AFTER_H)
                self._asking.append((now + chance.uniform(least, most) * 3600, one))
        self._known = len(self.deeds.bought)
        due = [one for at, one in self._asking if at <= now]
        self._asking = [(at, one) for at, one in self._asking if at > now]
        for one in due:
            self.deeds.ask_back(one)

    def _come_to_rest(self) -> None:
        """No faults and no people: whatever is still open must find its end by itself."""
        universe = self._universe
        universe.world.faults.clear()
        universe.network.fault_rate = 0.0
        universe.clock.wrong_by = timedelta()
        universe.control("PUT", "settings", pay={"refund_outcome": "SUCCESS"})
        for _ in range(QUIET_DAYS):
            for hours in (3, 3, 6, 6, 6):
                universe.wait(hours * 3600)
                universe.sweep()
            self.office.work()
        for seconds in (60, 600, 600, 1300, 1300, 60):
            universe.wait(seconds)
            universe.sweep()

    def _say(self, day: int) -> None:
        if not self._plan.shows_progress:
            return
        took_s = wall.monotonic() - self._began_s
        sys.stderr.write(
            f"seed {self._universe.seed}: day {day} of {self._plan.days}, "
            f"{self.deeds.did['orders']} orders, {took_s:.0f} s\n"
        )
        sys.stderr.flush()

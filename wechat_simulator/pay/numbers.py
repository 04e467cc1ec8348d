"""The platform's own numbers, in the shapes merchants see, drawn from a seeded source.

A counter inside each number keeps it unique; the rest is chance.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from wechat_simulator.storage import persisted

BEIJING = timezone(timedelta(hours=8))

_HEX = "0123456789abcdef"


@persisted
@dataclass
class Counter:
    """How many numbers were drawn so far."""

    drawn: int = 0


class Numbers:
    """Draws numbers; two with the same seed and the same calls draw the same ones."""

    def __init__(self, rng: random.Random, counter: Counter) -> None:
        self._rng = rng
        self._counter = counter

    def transaction_id(self, now: datetime) -> str:
        """28 digits, beginning with 4200."""
        return f"4200{self._digits(6)}{_day(now)}{self._serial()}"

    def refund_id(self, now: datetime) -> str:
        """29 digits, beginning with 5030."""
        return f"5030{self._digits(6)}{_day(now)}0{self._serial()}"

    def transfer_bill_no(self, now: datetime) -> str:
        """40 digits, beginning with 1330."""
        return f"1330{self._digits(18)}{_day(now)}{self._serial()}"

    def prepay_id(self, now: datetime) -> str:
        """36 characters, beginning with wx and the Beijing time."""
        stamp = now.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
        return f"wx{stamp}{self.hexadecimal(10)}{self._serial()}"

    def channel_order_id(self, now: datetime) -> str:
        """The merchant number a virtual order shows on the buyer's bill, 26 digits."""
        return f"{self._digits(8)}{_day(now)}{self._serial()}"

    def notification_id(self) -> str:
        """A UUID."""
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def request_id(self) -> str:
        """The part of Request-ID before the internal error number."""
        return "08" + self.hexadecimal(42).upper()

    def nonce(self, length: int = 32) -> str:
        """Letters a signature or a sealed box takes as its nonce."""
        return self.hexadecimal(length)

    def hexadecimal(self, length: int) -> str:
        """`length` lower-case hexadecimal digits."""
        return "".join(self._rng.choice(_HEX) for _ in range(length))

    def chance(self, rate: float) -> bool:
        """True at about `rate` of the calls; draws nothing when the rate is 0."""
        return rate > 0 and self._rng.random() < rate

    def _digits(self, count: int) -> str:
        return "".join(self._rng.choice(_HEX[:10]) for _ in range(count))

    def _serial(self) -> str:
        self._counter.drawn += 1
        return f"{self._digits(4)}{self._counter.drawn:06d}"


def beijing(moment: datetime) -> str:
    """RFC 3339 in Beijing time, whole seconds."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def _day(now: datetime) -> str:
    return now.astimezone(BEIJING).strftime("%Y%m%d")

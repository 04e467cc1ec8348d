"""The merchant's gateway inside a world: its records, its promises, and the post it sends."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric import rsa

from wechat_simulator.entities import Due
from wechat_simulator.faults import FaultRule
from wechat_simulator.pay import crypto, notices, refunds, transfers
from wechat_simulator.pay.model import MerchantKeys, Notice, PayDesk, PayRecords
from wechat_simulator.pay.numbers import Numbers
from wechat_simulator.world import Merchant, Section, World

NOTICE_DUE = "pay-notice"
PUSH_LABEL = "push:payment"
ANSWER_WITHIN_S = 5.0

# A notification held back for "reorder" goes out at last when no other comes to overtake it.
_HELD_FOR = timedelta(seconds=60)


@dataclass(frozen=True)
class PushTry:
    """How one try of a notification ended; `status` is 0 when nothing came back or was sent."""

    status: int
    tries: int

    def shown(self) -> dict[str, Any]:
        """As the control API prints it."""
        return {"status": self.status, "tries": self.tries}


class PayOffice:
    """WeChat Pay for the world's merchant. One per world: get it with `office_of`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.records = PayRecords()
        self._keys: tuple[tuple[str, ...], MerchantKeys] | None = None
        self._stranger: rsa.RSAPrivateKey | None = None
        self._key_lock = threading.Lock()
        world.add_section("pay", Section(dump=self._dump, load=self._load, clear=self._clear))
        world.scheduler.on(NOTICE_DUE, self._notice_due)
        world.scheduler.on(refunds.REFUND_SETTLES, self._refund_settles)
        world.scheduler.on(transfers.TRANSFER_LAPSES, self._transfer_lapses)

    def now(self) -> datetime:
        """The world's time, aware."""
        return datetime.fromtimestamp(self._world.clock.now(), UTC)

    def desk(self) -> PayDesk:
        """The merchant's desk as the consoles stand now. Use it under the world's lock."""
        world = self._world
        return PayDesk(
            keys=self._merchant_keys(),
            records=self.records,
            books=world.books,
            numbers=Numbers(world.rng, self.records.counter),
            appids=self._bound_appids,
            person_of=self._person_of,
            plan=self._plan,
        )

    def post(self, notice: Notice) -> list[PushTry]:
        """Make one try at a notification, faults included; the next try is promised if it fails.

        Call it without the world's lock: the merchant may call back while it answers.
        """
        fault = self._world.faults.take(PUSH_LABEL)
        kind = fault.fault if fault is not None else ""
        if kind == "delay" and fault is not None:
            self._promise(notice, timedelta(seconds=fault.delay_s))
            return [PushTry(0, notice.tries)]
        if kind == "reorder":
            self._hold(notice)
            return [PushTry(0, notice.tries)]
        if kind == "drop":
            return [self._ended(notice, 0)]
        tries = self._send(notice, fault)
        self._release_held(notice)
        return tries

    def strangers_desk(self) -> PayDesk:
        """The desk with a platform key that nobody knows: what it signs must be refused."""
        with self._key_lock:
            if self._stranger is None:
                self._stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        desk = self.desk()
        keys = replace(desk.keys, platform_key=self._stranger)
        return replace(desk, keys=keys, is_strangers=True)

    def _send(self, notice: Notice, fault: FaultRule | None) -> list[PushTry]:
        kind = fault.fault if fault is not None else ""
        with self._world.lock:
            desk = self.strangers_desk() if kind == "wrong_key" else self.desk()
            probe = None
            if desk.numbers.chance(desk.settings.probe_rate):
                probe = notices.write(desk, notice, self.now(), probe=True)
            letter = notices.write(desk, notice, self.now())
        if probe is not None:
            self._deliver(probe)
        if kind == "tamper":
            letter = notices.tampered(letter)
        if kind == "duplicate":
            with ThreadPoolExecutor(2) as two:
                statuses = list(two.map(self._deliver, (letter, letter)))
            return [self._ended(notice, status) for status in statuses]
        status = self._deliver(letter)
        if kind == "status" and fault is not None:
            status = fault.status  # the answer was lost on its way back
        return [self._ended(notice, status)]

    def _deliver(self, letter: notices.Letter) -> int:
        sent = self._world.transport.send(
            "POST", letter.url, letter.headers, letter.body, ANSWER_WITHIN_S
        )
        return sent.status

    def _ended(self, notice: Notice, status: int) -> PushTry:
        with self._world.lock:
            notice.tries += 1
            notice.answered = status
            promised = notice.done
            notice.done = notice.done or status in (200, 204)
            wait_s = notices.wait_after(notice)
            if not notice.done and not promised and wait_s is not None:
                self._promise(notice, timedelta(seconds=wait_s))
            if notice.done or wait_s is None:
                self.records.notices.pop(notice.notice_id, None)
            return PushTry(status, notice.tries)

    def _promise(self, notice: Notice, wait: timedelta) -> None:
        self._plan(self.now() + wait, NOTICE_DUE, {"notice_id": notice.notice_id})

    def _hold(self, notice: Notice) -> None:
        with self._world.lock:
            self.records.held.append(notice.notice_id)
            self._promise(notice, _HELD_FOR)

    def _release_held(self, overtaker: Notice) -> None:
        with self._world.lock:
            held = [one for one in self.records.held if one != overtaker.notice_id]
            self.records.held.clear()
        for notice_id in held:
            late = self.records.notices.get(notice_id)
            if late is not None:
                self._send(late, None)

    def _notice_due(self, due: Due) -> None:
        notice = self.records.notices.get(due.payload["notice_id"])
        if notice is not None and not notice.done:
            with self._world.lock:
                if notice.notice_id in self.records.held:
                    self.records.held.remove(notice.notice_id)
            self.post(notice)

    def _refund_settles(self, due: Due) -> None:
        with self._world.lock:
            desk = self.desk()
            refund = refunds.settle(desk, due.payload["out_refund_no"], self.now())
            notice = notices.of_refund(desk, refund, self.now()) if refund is not None else None
        if notice is not None:
            self.post(notice)

    def _transfer_lapses(self, due: Due) -> None:
        with self._world.lock:
            desk = self.desk()
            bill = transfers.lapse(desk, due.payload["out_bill_no"], self.now())
            notice = notices.of_transfer(desk, bill, self.now()) if bill is not None else None
        if notice is not None:
            self.post(notice)

    def _plan(self, at: datetime, kind: str, payload: dict[str, Any]) -> None:
        self._world.scheduler.schedule(at.timestamp(), kind, payload)

    def _bound_appids(self) -> frozenset[str]:
        accounts = self._world.accounts
        return frozenset({accounts.oa.appid, accounts.mini.appid} | accounts.bound)

    def _person_of(self, appid: str, openid: str) -> str | None:
        person = self._world.person_for(appid, openid)
        return None if person is None else person.id

    def _merchant_keys(self) -> MerchantKeys:
        merchant = self._world.accounts.merchant
        told = (
            merchant.mchid,
            merchant.serial,
            merchant.private_key_pem,
            merchant.apiv3_key,
            merchant.public_key_id,
            merchant.platform_private_key_pem,
        )
        if self._keys is None or self._keys[0] != told:
            self._keys = (told, read_keys(merchant))
        return self._keys[1]

    def _dump(self) -> PayRecords:
        return self.records

    def _load(self, records: PayRecords) -> None:
        self.records = records

    def _clear(self) -> None:
        # The counter runs on: a number given before a reset is never given again after it.
        kept = self.records
        self.records = PayRecords(
            settings=kept.settings, counter=kept.counter, certificates=kept.certificates
        )


def read_keys(merchant: Merchant) -> MerchantKeys:
    """The merchant's keys, ready for use.

    Raises:
        ValueError: a PEM text holds no RSA key.
    """
    return MerchantKeys(
        mchid=merchant.mchid,
        serial_no=merchant.serial,
        merchant_key=crypto.read_private_key(merchant.private_key_pem).public_key(),
        apiv3_key=merchant.apiv3_key,
        platform_key=crypto.read_private_key(merchant.platform_private_key_pem),
        platform_key_id=merchant.public_key_id,
    )


_OFFICES: WeakKeyDictionary[World, PayOffice] = WeakKeyDictionary()


def office_of(world: World) -> PayOffice:
    """The world's one pay office, opened when first asked for."""
    with world.lock:
        office = _OFFICES.get(world)
        if office is None:
            office = _OFFICES[world] = PayOffice(world)
        return office

"""Control of the money: goods on sale, switches of the gateways, Apple's refunds."""

from dataclasses import fields
from typing import Any

from wechat_simulator.books import Books
from wechat_simulator.control.entry import control, only
from wechat_simulator.impossible import Impossible
from wechat_simulator.pay.model import PaySettings
from wechat_simulator.pay.office import office_of as pay_office_of
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World
from wechat_simulator.xpay.model import LIVE, SANDBOX, Good, XpaySettings
from wechat_simulator.xpay.office import office_of as xpay_office_of
from wechat_simulator.xpay.refusals import ApiRefused

RATE_MOST_BP = 10_000
_OUTCOMES = ("SUCCESS", "ABNORMAL", "CLOSED")
_KEY_MODES = ("public_key", "certificate", "both")


class MoneyCalls:
    """The calls, bound to one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def goods(self, request: Request, given: dict[str, Any]) -> Any:
        """Every item of virtual payment, published or not."""
        del request, given
        with self._world.lock:
            goods = xpay_office_of(self._world).records.goods
            return {"items": [_shown_good(one) for one in goods.values()]}

    def put_good(self, request: Request, given: dict[str, Any]) -> Any:
        """Put one item on sale at once, as if it had been published long ago."""
        del request
        only(given, "id", "price_fen", "env", "name")
        good_id, price_fen = given.get("id"), given.get("price_fen")
        if not isinstance(good_id, str) or not 1 <= len(good_id) <= 64:
            raise Impossible("id", "id is a text of 1 to 64 characters")
        if not _is_whole(price_fen) or not 1 <= int(price_fen or 0) <= 10**10:
            raise Impossible("price_fen", "price_fen is a whole number of fen from 1")
        office = xpay_office_of(self._world)
        name = str(given.get("name", ""))
        good = office.put_good(good_id, int(price_fen or 0), env=_env(given), name=name)
        if good.price_fen != price_fen:
            sentence = f"{good_id} costs {good.price_fen} fen for ever; publish another id"
            raise Impossible("price_fen", sentence, 409)
        return _shown_good(good)

    def settings(self, request: Request, given: dict[str, Any]) -> Any:
        """The switches in force."""
        del request, given
        with self._world.lock:
            return self._shown()

    def put_settings(self, request: Request, given: dict[str, Any]) -> Any:
        """Change some switches: all that is named, or nothing."""
        del request
        only(given, "pay", "xpay", "fee_bp")
        with self._world.lock:
            pay = pay_office_of(self._world).records.settings
            xpay = xpay_office_of(self._world).records.settings
            changes = [_changes(pay, given.get("pay", {}), "pay")]
            changes.append(_changes(xpay, given.get("xpay", {}), "xpay"))
            rates = _rates(self._world.books, given.get("fee_bp", {}))
            for settings, change in zip((pay, xpay), changes, strict=True):
                for name, value in change.items():
                    setattr(settings, name, value)
            self._world.books.fee_bp.update(rates)
            return self._shown()

    def apple_refund(self, request: Request, given: dict[str, Any]) -> Any:
        """Apple gives the money of an order back."""
        del request
        only(given, "trade_no", "env")
        office = xpay_office_of(self._world)
        try:
            tried = office.refund_by_apple(_env(given), str(given.get("trade_no", "")))
        except (KeyError, ApiRefused) as refusal:
            sentence = "trade_no is not a paid Apple order that can still go back"
            raise Impossible("trade_no", sentence, 409) from refusal
        return {"pushes": [one.shown() for one in tried]}

    def _shown(self) -> dict[str, Any]:
        return {
            "pay": dict(vars(pay_office_of(self._world).records.settings)),
            "xpay": dict(vars(xpay_office_of(self._world).records.settings)),
            "fee_bp": dict(self._world.books.fee_bp),
        }


def register(router: Router, world: World) -> None:
    """Serve the control calls of the money."""
    calls = MoneyCalls(world)
    control(router, "GET", "goods", calls.goods)
    control(router, "PUT", "goods", calls.put_good)
    control(router, "GET", "settings", calls.settings)
    control(router, "PUT", "settings", calls.put_settings)
    control(router, "POST", "apple-refund", calls.apple_refund)


def _shown_good(good: Good) -> dict[str, Any]:
    return {
        "id": good.good_id,
        "env": good.env,
        "name": good.name,
        "price_fen": good.price_fen,
        "effective_at": good.effective_at.isoformat() if good.effective_at else None,
    }


def _env(given: dict[str, Any]) -> int:
    env = given.get("env", LIVE)
    if not _is_whole(env) or env not in (LIVE, SANDBOX):
        raise Impossible("env", "env is 0 (live) or 1 (sandbox)")
    return int(env)


def _changes(settings: PaySettings | XpaySettings, given: Any, section: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Impossible(section, f"{section} is an object of switches")
    only(given, *(one.name for one in fields(settings)))
    for name, value in given.items():
        fault = _fault(name, value, getattr(settings, name))
        if fault is not None:
            raise Impossible(f"{section}.{name}", f"{section}.{name} is {fault}")
    return given


def _fault(name: str, value: Any, present: Any) -> str | None:
    if isinstance(present, bool):
        return None if isinstance(value, bool) else "true or false"
    if isinstance(present, str):
        known = _KEY_MODES if name == "key_mode" else _OUTCOMES
        return None if value in known else f"one of {', '.join(known)}"
    if isinstance(present, float):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if number and 0 <= value <= 1 else "a number from 0 to 1"
    if name == "certificate_days":
        return None if _is_whole(value) and 1 <= value <= 3_650 else "a whole number of days"
    most = 24 if name.endswith("_hour") else 31_536_000
    return None if _is_whole(value) and 0 <= value <= most else f"a whole number up to {most}"


def _rates(books: Books, given: Any) -> dict[str, int]:
    if not isinstance(given, dict):
        raise Impossible("fee_bp", "fee_bp is an object of rates by rail")
    only(given, *books.fee_bp)
    for rail, rate in given.items():
        if not _is_whole(rate) or not 0 <= rate <= RATE_MOST_BP:
            raise Impossible(f"fee_bp.{rail}", f"fee_bp.{rail} is a whole number up to 10000")
    return given


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

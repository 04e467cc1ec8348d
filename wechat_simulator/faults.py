"""Faults ordered from outside: what the next calls and pushes of a route shall suffer."""

import threading
from dataclasses import dataclass
from typing import Any

KINDS = (
    "duplicate",
    "delay",
    "drop",
    "reorder",
    "tamper",
    "wrong_key",
    "status",
    "errcode",
    "expired_token",
)
# What the file of a bill may suffer, ordered for the call that asks for it.
BILL_FAULTS = frozenset(
    {
        "not_ready",
        "no_statement",
        "missing_row",
        "doubled_row",
        "foreign_row",
        "mangled_row",
        "wrong_amount",
        "wrong_fee",
        "wrong_totals",
        "wrong_hash",
        "wrong_encoding",
    }
)
# What the list of platform certificates may suffer, ordered for the call that asks for it.
CERTIFICATE_FAULTS = frozenset(
    {
        "foreign_ca",
        "merchant_certificate",
        "expired_certificate",
        "self_signed",
        "reused_serial",
        "foreign_apiv3_key",
        "tampered_certificate",
    }
)
CERTIFICATE_ROUTE = "GET /v3/certificates"
BILL_ROUTES = ("GET /v3/bill/tradebill", "GET /v3/bill/fundflowbill")
ROUTE_FAULTS = frozenset(KINDS) - {"reorder"}
PUSH_FAULTS = frozenset(KINDS) - {"errcode", "expired_token"}
PUSHES = ("push:message", "push:payment", "push:xpay")


class FaultRuleWrong(Exception):
    """A fault rule that means nothing; the text says what to write instead."""


@dataclass
class FaultRule:
    """One ordered fault; `times` counts down to 0."""

    route: str
    fault: str
    times: int = 1
    delay_s: float = 0
    status: int = 500
    errcode: int = -1

    def matches(self, label: str) -> bool:
        """Whether a label is meant; `…` or `*` at the end means "whatever follows"."""
        for tail in ("…", "*"):
            if self.route.endswith(tail):
                return label.startswith(self.route[: -len(tail)])
        return label == self.route


class FaultBook:
    """The rules in force, in the order they were given."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []
        self._lock = threading.Lock()

    def replace(self, rules: list[dict[str, Any]]) -> None:
        """Put these rules in force instead of the old ones.

        Raises:
            FaultRuleWrong: a rule has an unknown route kind, fault or number.
        """
        read = [read_rule(rule) for rule in rules]
        with self._lock:
            self.rules = read

    def take(self, label: str, only: frozenset[str] | None = None) -> FaultRule | None:
        """The fault that `label` suffers now ("POST /v3/…" or "push:payment"), counted down.

        With `only`, rules of other faults are passed over and keep their count.
        """
        with self._lock:
            for rule in self.rules:
                wanted = only is None or rule.fault in only
                if wanted and rule.times > 0 and rule.matches(label):
                    rule.times -= 1
                    return rule
            return None

    def clear(self) -> None:
        """No faults any more."""
        with self._lock:
            self.rules = []


def read_rule(given: dict[str, Any]) -> FaultRule:
    """A rule from its JSON form.

    Raises:
        FaultRuleWrong: see the text.
    """
    if not isinstance(given, dict):
        raise FaultRuleWrong("a rule is an object {route, fault, times}")
    unknown = set(given) - {"route", "fault", "times", "delay_s", "status", "errcode"}
    if unknown:
        raise FaultRuleWrong(f"unknown field {sorted(unknown)[0]}")
    route, fault = given.get("route"), given.get("fault")
    if not isinstance(route, str) or not (route in PUSHES or _is_route(route)):
        raise FaultRuleWrong(f'route is "METHOD /path" or one of {", ".join(PUSHES)}')
    possible = PUSH_FAULTS if route in PUSHES else ROUTE_FAULTS
    if route in BILL_ROUTES:
        possible |= BILL_FAULTS
    if route == CERTIFICATE_ROUTE:
        possible |= CERTIFICATE_FAULTS
    if not isinstance(fault, str) or fault not in possible:
        raise FaultRuleWrong(f"fault of {route} is one of {', '.join(sorted(possible))}")
    return FaultRule(
        route=route,
        fault=fault,
        times=_number(given, "times", 1, 1_000_000),
        delay_s=_number(given, "delay_s", 0, 31_536_000),
        status=_number(given, "status", 500, 999),
        errcode=_number(given, "errcode", -1, 2**31),
    )


def _is_route(route: str) -> bool:
    method, _, path = route.partition(" ")
    return method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} and path.startswith("/")


def _number(given: dict[str, Any], name: str, default: int, most: int) -> int:
    value = given.get(name, default)
    least = -(2**31) if name == "errcode" else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise FaultRuleWrong(f"{name} is a number from {least} to {most}")
    return int(value)

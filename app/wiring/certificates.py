"""Looks for the certificates that WeChat Pay signs with: by the clock, never for a callback.

A callback under an unknown serial number is refused and changes nothing, so that a stranger can
neither make us call out nor write. The certificate behind a true one comes with the next look, an
hour later at most, while WeChat Pay repeats its notification for a day.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from app.wiring.accounts import AccountBook, pay_keys
from app.wiring.wechat import WeChat
from creator_tools.kernel import platform_certificates as held
from creator_tools.kernel.accounts import Account
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.platform_certificates import Certificate, SerialReused
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from wechat_handlers.outbound import platform_certificates as platform

_log = structlog.get_logger(__name__)
_SWEEP = Actor("sweep")


class Certificates:
    """Keeps the platform certificates of every merchant account fresh."""

    def __init__(self, *, units: UnitsOfWork, accounts: AccountBook, wechat: WeChat) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat

    def step(self) -> int:
        """Ask for those that are due; returns how many accounts were asked about."""
        return sum(self._look(account_id) for account_id in self._accounts.ids_of("merchant"))

    def _look(self, account_id: UUID) -> bool:
        with self._units.reading() as session:
            check = held.find_check(session, account_id)
        if check is not None and check.next_at > self._units.clock.now():
            return False
        claimed = self._units.run(
            "certificates.claim", lambda uow: held.claim_check(uow, account_id), _SWEEP
        )
        if claimed:
            merchant = self._accounts.fresh(account_id)
            client = self._wechat.rails.pay_client(merchant)
            outcome, found = platform.ask(client, pay_keys(merchant), self._units.clock.now())
            self._units.run(
                "certificates.keep", lambda uow: _keep(uow, merchant, outcome, found), _SWEEP
            )
            self._accounts.forget()
        return claimed


def _keep(uow: UnitOfWork, merchant: Account, outcome: str, found: list[Certificate]) -> None:
    """Keep what was found, say what a person must know, and set the next hour."""
    try:
        held.keep(uow, merchant.id, found)
    except SerialReused:
        outcome, found = "serial_reused", []
    known = {one.serial_no: one for one in (*merchant.certificates, *found)}
    has_public_key = bool(merchant.credentials.get("public_key_id"))
    has_key = has_public_key or any(one.is_good_at(uow.now()) for one in known.values())
    if outcome != platform.KEPT:
        _log.warning("certificates.not_kept", outcome=outcome, has_key=has_key)
    _tell(uow, merchant, outcome, has_key=has_key)
    last = held.ends_soon(tuple(known.values()), uow.now())
    if last is not None and not has_public_key:
        uow.alarm(
            "platform_certificate_ends",
            f"{merchant.id}:{last.serial_no}",
            serial_no=last.serial_no,
            expires_at=last.expires_at.isoformat(),
        )
    again = _again(outcome, has_key=has_key)
    held.note_check(uow, merchant.id, outcome=outcome, again=again)


def _tell(uow: UnitOfWork, merchant: Account, outcome: str, *, has_key: bool) -> None:
    """An alarm, once a day, for what no later look will mend."""
    forged = outcome not in {platform.KEPT, platform.NONE, *platform.LATER}
    if forged or (outcome == platform.NONE and not has_key):
        uow.alarm(
            "platform_certificates_refused",
            f"{merchant.id}:{outcome}:{business_day_of(uow.now())}",
            reason=outcome,
        )


def _again(outcome: str, *, has_key: bool) -> timedelta:
    if not has_key:
        return held.ASKED_AGAIN_WHEN_KEYLESS
    return held.ASKED_EVERY_WHEN_NONE if outcome == platform.NONE else held.ASKED_EVERY

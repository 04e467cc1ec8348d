"""What an operator may know of the keys with which WeChat Pay's words are verified."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from creator_tools.kernel import platform_certificates as held
from creator_tools.kernel.accounts import list_accounts
from creator_tools.kernel.platform_certificates import Certificate, Check
from creator_tools.kernel.sealing import Sealer


@dataclass(frozen=True)
class KeyRing:
    """The keys of one merchant account.

    `mode` is `public_key`, `certificate`, `both`, or `none` while nothing can be verified.
    """

    mchid: str
    mode: str
    public_key_id: str | None
    certificates: tuple[Certificate, ...]
    check: Check | None
    ending: Certificate | None


def list_key_rings(session: Session, sealer: Sealer, at: datetime) -> list[KeyRing]:
    """The keys of every merchant account, oldest account first."""
    found = []
    for account in list_accounts(session, sealer):
        if account.kind != "merchant":
            continue
        public_key_id = account.credentials.get("public_key_id")
        good = [one for one in account.certificates if one.is_good_at(at)]
        found.append(
            KeyRing(
                mchid=account.external_id,
                mode=_mode(bool(public_key_id), bool(good)),
                public_key_id=public_key_id,
                certificates=account.certificates,
                check=held.find_check(session, account.id),
                ending=None if public_key_id else held.ends_soon(account.certificates, at),
            )
        )
    return found


def _mode(has_public_key: bool, has_certificate: bool) -> str:
    if has_public_key:
        return "both" if has_certificate else "public_key"
    return "certificate" if has_certificate else "none"

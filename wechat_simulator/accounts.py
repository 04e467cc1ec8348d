"""The consoles: making, checking and changing accounts, merchant and virtual payment."""

import base64
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from wechat_simulator import chance
from wechat_simulator.entities import Account, Kind, Merchant, XPay
from wechat_simulator.storage import persisted


class AccountsWrong(Exception):
    """What was asked of the consoles cannot be; the text says which field and why."""


@persisted
@dataclass
class Accounts:
    """All consoles; `merchant` is made when first asked for, because its keys take time."""

    oa: Account
    mini: Account
    xpay: XPay
    merchant_kept: Merchant | None = None
    bound: set[str] = field(default_factory=set)

    def by_kind(self, kind: Kind) -> Account:
        """The account of that kind."""
        return self.oa if kind == "oa" else self.mini

    def by_appid(self, appid: str) -> Account | None:
        """The account with that appid, if there is one."""
        return next((one for one in (self.oa, self.mini) if one.appid == appid), None)

    @property
    def merchant(self) -> Merchant:
        """The merchant; made with fresh keys when none was given."""
        if self.merchant_kept is None:
            self.merchant_kept = make_merchant(random.Random(self.oa.appid), {})
        return self.merchant_kept


def make_accounts(rng: random.Random) -> Accounts:
    """Consoles with made-up credentials, the same for the same `rng`."""
    return Accounts(
        oa=_made_account(rng, "oa"),
        mini=_made_account(rng, "mini"),
        xpay=XPay(chance.digits(rng, 10), chance.letters(rng, 32), chance.letters(rng, 32)),
    )


def change(accounts: Accounts, asked: dict[str, Any], rng: random.Random) -> None:
    """Apply the body of `PUT /_sim/accounts`: all of it, or nothing.

    Raises:
        AccountsWrong: a section or field is unknown or has a wrong form.
    """
    for name, section in asked.items():
        if name not in {"oa", "mini", "merchant", "xpay"}:
            raise AccountsWrong(f"{name} is no account; there are oa, mini, merchant and xpay")
        if not isinstance(section, dict):
            raise AccountsWrong(f"{name} must be an object")
    oa = _changed_account(accounts.oa, asked.get("oa", {}))
    mini = _changed_account(accounts.mini, asked.get("mini", {}))
    if oa.appid == mini.appid:
        raise AccountsWrong("oa.appid and mini.appid must differ")
    xpay = _changed_xpay(accounts.xpay, asked.get("xpay", {}))
    if "merchant" in asked:
        accounts.merchant_kept = _changed_merchant(accounts.merchant_kept, asked["merchant"], rng)
    accounts.oa, accounts.mini, accounts.xpay = oa, mini, xpay


def shown(accounts: Accounts) -> dict[str, Any]:
    """The answer of `GET /_sim/accounts`: all that a backend under test needs, and no more."""
    return {
        "oa": _shown_account(accounts.oa),
        "mini": _shown_account(accounts.mini),
        "merchant": {
            name: value
            for name, value in vars(accounts.merchant).items()
            if name != "platform_private_key_pem"
        },
        "xpay": dict(vars(accounts.xpay)),
    }


def make_merchant(rng: random.Random, given: dict[str, str]) -> Merchant:
    """A merchant with `given` fields; keys are made where none are given."""
    platform = given.get("platform_private_key_pem") or _private_pem()
    return Merchant(
        mchid=given.get("mchid") or "16" + chance.digits(rng, 8),
        serial=given.get("serial") or chance.hexadecimal(rng, 40).upper(),
        private_key_pem=given.get("private_key_pem") or _private_pem(),
        apiv3_key=given.get("apiv3_key") or chance.letters(rng, 32),
        public_key_id=given.get("public_key_id") or "PUB_KEY_ID_0" + chance.digits(rng, 27),
        public_key_pem=public_half(platform),
        platform_private_key_pem=platform,
    )


def public_half(private_pem: str) -> str:
    """The public half of an RSA private key, both as PEM.

    Raises:
        AccountsWrong: the text is not an RSA private key of at least 2048 bits.
    """
    try:
        key = serialization.load_pem_private_key(private_pem.encode(), None)
    except (ValueError, TypeError) as error:
        raise AccountsWrong("a private key is not readable PEM without a password") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 2048:
        raise AccountsWrong("a private key must be RSA of at least 2048 bits")
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _private_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _made_account(rng: random.Random, kind: Kind) -> Account:
    return Account(
        kind=kind,
        appid="wx" + chance.hexadecimal(rng, 16),
        secret=chance.hexadecimal(rng, 32),
        token=chance.letters(rng, 32),
        aes_key=base64.b64encode(rng.randbytes(32))
        .decode()
        .rstrip("=")
        .replace("+", "A")
        .replace("/", "B"),
        original_id="gh_" + chance.hexadecimal(rng, 12),
    )


def _shown_account(account: Account) -> dict[str, Any]:
    return {name: value for name, value in vars(account).items() if name != "kind"}


_FORMS: dict[str, tuple[str, str]] = {
    "appid": (r"[0-9A-Za-z_-]{3,64}", "3 to 64 letters, digits, - or _"),
    "secret": (r"[!-~]{1,128}", "1 to 128 visible characters"),
    "token": (r"[0-9A-Za-z]{3,32}", "3 to 32 letters or digits"),
    "aes_key": (r"[0-9A-Za-z]{43}", "43 letters or digits"),
    "aes_key_previous": (r"[0-9A-Za-z]{43}", "43 letters or digits"),
    "callback_url": (r"|https?://[^\s]{1,500}", "an http or https address"),
    "format": (r"xml|json", "xml or json"),
    "original_id": (r"gh_[0-9a-zA-Z]{1,40}", "gh_ and letters or digits"),
    "push_with": (r"current|previous", "current or previous"),
    "mchid": (r"[0-9]{6,32}", "6 to 32 digits"),
    "serial": (r"[0-9A-Fa-f]{8,64}", "8 to 64 hexadecimal digits"),
    "apiv3_key": (r"[0-9A-Za-z]{32}", "32 letters or digits"),
    "public_key_id": (r"[0-9A-Za-z_]{8,64}", "8 to 64 letters, digits or _"),
    "offer_id": (r"[0-9A-Za-z_-]{1,64}", "1 to 64 letters, digits, - or _"),
    "app_key": (r"[!-~]{1,128}", "1 to 128 visible characters"),
    "sandbox_app_key": (r"[!-~]{1,128}", "1 to 128 visible characters"),
}
_PEMS = {"private_key_pem", "public_key_pem", "platform_private_key_pem"}


def _read(section: str, given: dict[str, Any], allowed: set[str]) -> dict[str, Any]:
    for name, value in given.items():
        if name not in allowed:
            raise AccountsWrong(f"{section}.{name} is not a field; there are {sorted(allowed)}")
        if name == "aes_key_previous" and value is None:
            continue
        if not isinstance(value, str):
            raise AccountsWrong(f"{section}.{name} must be a text")
        form, words = _FORMS.get(name, (r"[\s\S]{1,20000}", "PEM"))
        if not re.fullmatch(form, value):
            raise AccountsWrong(f"{section}.{name} must be {words}")
    return given


def _changed_account(account: Account, given: dict[str, Any]) -> Account:
    read = _read(account.kind, given, set(vars(account)) - {"kind"})
    fields = {**vars(account), **read}
    # A changed key leaves the old one valid, as the console does.
    if "aes_key_previous" not in read and fields["aes_key"] != account.aes_key:
        fields["aes_key_previous"] = account.aes_key
    return Account(**fields)


def _changed_xpay(xpay: XPay, given: dict[str, Any]) -> XPay:
    return XPay(**{**vars(xpay), **_read("xpay", given, set(vars(xpay)))})


def _changed_merchant(
    merchant: Merchant | None, given: dict[str, Any], rng: random.Random
) -> Merchant:
    allowed = {"mchid", "serial", "apiv3_key", "public_key_id", *_PEMS}
    read = _read("merchant", given, allowed)
    for name in ("private_key_pem", "platform_private_key_pem"):
        if name in read:
            public_half(read[name])
    kept = vars(merchant) if merchant else {}
    changed = make_merchant(rng, {**kept, **read})
    if "public_key_pem" in read and not _same_key(read["public_key_pem"], changed.public_key_pem):
        raise AccountsWrong(
            "merchant.public_key_pem belongs to no private key held here: give "
            "platform_private_key_pem with it, or leave it out and read it from GET accounts"
        )
    return changed


def _same_key(one: str, other: str) -> bool:
    load: Callable[[bytes], Any] = serialization.load_pem_public_key
    try:
        return bool(load(one.encode()) == load(other.encode()))
    except ValueError:
        return False

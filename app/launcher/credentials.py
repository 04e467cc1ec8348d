"""The demo's own credentials: made on the first start, kept in a 0600 file.

They look like WeChat's and are known to nobody but this checkout and its simulator.
"""

import base64
import json
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.launcher.state import write_privately

_LETTERS = string.ascii_letters + string.digits
_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One Official Account or mini-program of the demo."""

    appid: str
    secret: str
    token: str
    aes_key: str


@dataclass(frozen=True, slots=True, repr=False)
class DemoSecrets:
    """Everything secret that the demo needs; never shown."""

    oa: DemoAccount
    mini: DemoAccount
    mchid: str
    merchant_serial: str
    merchant_private_key_pem: str
    platform_private_key_pem: str
    platform_public_key_pem: str
    public_key_id: str
    apiv3_key: str
    xpay_offer_id: str
    xpay_app_key: str
    xpay_sandbox_app_key: str
    secret_key: str
    field_keys: str
    postgres_owner: str
    postgres_migrator: str
    postgres_runner: str
    valkey_password: str


def keep_secrets(path: Path) -> DemoSecrets:
    """Read the credentials of this checkout, or make them on the first start."""
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return DemoSecrets(
            **{**kept, "oa": DemoAccount(**kept["oa"]), "mini": DemoAccount(**kept["mini"])}
        )
    made = make_secrets()
    write_privately(path, json.dumps(asdict(made), indent=1))
    return made


def make_secrets() -> DemoSecrets:
    """Draw new credentials from the system's source of chance."""
    platform = _private_key()
    return DemoSecrets(
        oa=_account(),
        mini=_account(),
        mchid="16" + _digits(8),
        merchant_serial=secrets.token_hex(20).upper(),
        merchant_private_key_pem=_private_pem(_private_key()),
        platform_private_key_pem=_private_pem(platform),
        platform_public_key_pem=_public_pem(platform),
        public_key_id="PUB_KEY_ID_0" + _digits(27),
        apiv3_key=_letters(32),
        xpay_offer_id="14" + _digits(8),
        xpay_app_key=_letters(32),
        xpay_sandbox_app_key=_letters(32),
        secret_key=secrets.token_urlsafe(48),
        field_keys="demo1:" + base64.b64encode(secrets.token_bytes(32)).decode("ascii"),
        postgres_owner=secrets.token_hex(24),
        postgres_migrator=secrets.token_hex(24),
        postgres_runner=secrets.token_hex(24),
        valkey_password=secrets.token_hex(24),
    )


def _account() -> DemoAccount:
    return DemoAccount(
        appid="wx" + secrets.token_hex(8),
        secret=secrets.token_hex(16),
        token=_letters(32),
        aes_key=_letters(43),
    )


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _digits(count: int) -> str:
    return "".join(secrets.choice(string.digits) for _ in range(count))


def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )

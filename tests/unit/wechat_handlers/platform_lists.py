"""Platform certificates as WeChat Pay lists them, and as a forger would."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from creator_tools.kernel.platform_certificates import Certificate
from tests.unit.wechat_handlers import merchant

SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
NEXT_SERIAL = "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC"
AT = datetime.fromtimestamp(merchant.NOW, UTC)
ISSUER, SUBJECT = ("Tenpay.com", "Tenpay.com Root CA"), ("Tenpay.com", "Tenpay.com sign")


@dataclass(frozen=True)
class Made:
    """What a certificate shall look like; the defaults are an honest one."""

    serial: str = SERIAL
    key: str = "platform"
    signed_by: str = "authority"
    begins: datetime = AT - timedelta(days=100)
    ends: datetime = AT + timedelta(days=100)
    issuer: tuple[str, str] = ISSUER
    subject: tuple[str, str] = SUBJECT

    def pem(self) -> str:
        """The certificate."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(self.subject))
            .issuer_name(_name(self.issuer))
            .public_key(merchant.rsa_key(self.key).public_key())
            .serial_number(int(self.serial, 16))
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
        )
        made = builder.sign(merchant.rsa_key(self.signed_by), SHA256())
        return made.public_bytes(Encoding.PEM).decode()

    def certificate(self) -> Certificate:
        """As it is held."""
        return Certificate(self.serial, self.pem(), self.begins, self.ends)


def listed(
    *made: Made, apiv3_key: str = merchant.APIV3_KEY, told_serial: str | None = None
) -> bytes:
    """The body of `/v3/certificates`."""
    data = [_entry(one, apiv3_key, told_serial or one.serial) for one in made]
    return json.dumps({"data": data}).encode()


def _entry(made: Made, apiv3_key: str, serial: str) -> dict[str, Any]:
    nonce, about = "0a1b2c3d4e5f", "certificate"
    box = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), made.pem().encode(), about.encode())
    return {
        "serial_no": serial,
        "effective_time": made.begins.isoformat(),
        "expire_time": made.ends.isoformat(),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": about,
            "ciphertext": base64.b64encode(box).decode(),
        },
    }


def _name(parts: tuple[str, str]) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, parts[0]),
            x509.NameAttribute(NameOID.COMMON_NAME, parts[1]),
        ]
    )

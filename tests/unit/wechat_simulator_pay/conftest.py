"""The shop and its keys; RSA keys are made once, because making them takes time."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.unit.wechat_simulator_pay.shop import Shop


def _pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture(scope="session")
def pems() -> tuple[str, str]:
    """The merchant's private key and the platform's."""
    return _pem(), _pem()


@pytest.fixture
def shop(pems: tuple[str, str]) -> Shop:
    """A merchant beside a fresh world."""
    return Shop(*pems)

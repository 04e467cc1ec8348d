"""The commands as somebody types them, over a database of the suite."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.settings import process_environment
from tests.integration.insights.books import Books, units_on

REPOSITORY = Path(__file__).resolve().parents[3]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def books(clean_database: str, engine: Engine) -> Books:
    """Empty books with the platform's accounts."""
    written = Books(units_on(engine))
    written.open_accounts()
    return written


@pytest.fixture
def environment(database_url: str, valkey_url: str, tmp_path: Path) -> dict[str, str]:
    """A complete environment of an installation on this database."""
    for name in ("merchant.pem", "platform.pem"):
        (tmp_path / name).write_text("not needed by these commands", "ascii")
    account = {"APPID": "wx00000000000000aa", "SECRET": "s3cr3t-of-the-account"}
    callback = {"TOKEN": "tok3nOfCallback", "AES_KEY": "k" * 20 + "Z" * 23}
    accounts = {
        f"WECHAT_{kind}_{name}": value
        for kind in ("OA", "MINI")
        for name, value in {**account, **callback}.items()
    }
    return {
        **accounts,
        "DATABASE_URL": database_url,
        "BROKER_URL": valkey_url,
        "STORAGE_URL": f"file://{tmp_path}/files",
        "PUBLIC_BASE_URL": "http://127.0.0.1:8080",
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "FIELD_KEYS": "k1:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
        "WECHATPAY_MCHID": "1900000109",
        "WECHATPAY_SERIAL_NO": "444F4864EA9B34415A2C4D7B8E0F9A1B2C3D4E5F",
        "WECHATPAY_PRIVATE_KEY_FILE": str(tmp_path / "merchant.pem"),
        "WECHATPAY_APIV3_KEY": "0123456789ABCDEF0123456789ABCDEF",
        "WECHATPAY_PUBLIC_KEY_ID": "PUB_KEY_ID_0119000001092024",
        "WECHATPAY_PUBLIC_KEY_FILE": str(tmp_path / "platform.pem"),
        "XPAY_OFFER_ID": "1450000000",
        "XPAY_APP_KEY": "live-app-key-0001",
        "XPAY_SANDBOX_APP_KEY": "sandbox-app-key-1",
    }


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    """Run `python -m app.cli …` and give what came of it."""

    def run(*words: str, typed: str = "", **changes: str) -> "subprocess.CompletedProcess[str]":
        inherited = {
            name: value
            for name, value in process_environment().items()
            if name in {"PATH", "HOME", "LANG", "LD_LIBRARY_PATH"}
        }
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=inherited | {"PYTHONUTF8": "1"} | environment | changes,
            cwd=REPOSITORY,
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run

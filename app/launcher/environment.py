"""The demo's settings, as the environment its processes are started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.launcher.credentials import DemoAccount, DemoSecrets
from app.launcher.state import Tree, write_privately
from config.setting_names import SETTING_NAMES


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is in this run; the two URLs hold passwords."""

    base_url: str
    simulator_url: str
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)

    def with_services(self, database_url: str, broker_url: str) -> "Addresses":
        """The same with the embedded services, now that they have their ports."""
        return replace(self, database_url=database_url, broker_url=broker_url)


def child_environment(
    outer: Mapping[str, str], tree: Tree, kept: DemoSecrets, addresses: Addresses
) -> dict[str, str]:
    """The whole environment of web, worker and seed: the person's own, with our settings."""
    return {
        **bare_environment(outer),
        **_installation(tree, kept, addresses),
        **_account("WECHAT_OA_", kept.oa),
        **_account("WECHAT_MINI_", kept.mini),
        **_hosts(addresses.simulator_url),
        **_money(tree, kept),
    }


def bare_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """The person's environment without any of our settings, in UTF-8 whatever its locale."""
    # Without compiled modules every start would compile the libraries anew.
    dropped = {name.name for name in SETTING_NAMES} | {"PYTHONDONTWRITEBYTECODE"}
    kept = {name: text for name, text in outer.items() if name not in dropped}
    return {
        **kept,
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        # Threads with an arena each hold memory that none of them uses.
        "MALLOC_ARENA_MAX": "2",
    }


def write_key_files(tree: Tree, kept: DemoSecrets) -> None:
    """Lay the two PEM files where the settings point."""
    _private_key_file(tree).parent.mkdir(mode=0o700, exist_ok=True)
    write_privately(_private_key_file(tree), kept.merchant_private_key_pem)
    write_privately(_public_key_file(tree), kept.platform_public_key_pem)


def simulator_accounts(kept: DemoSecrets, base_url: str) -> dict[str, Any]:
    """What the simulator must know to play WeChat for us, and we for it."""
    return {
        "oa": {
            **_shown(kept.oa),
            "callback_url": f"{base_url}/wechat/official-account",
            "format": "xml",
        },
        "mini": {
            **_shown(kept.mini),
            "callback_url": f"{base_url}/wechat/mini-program",
            "format": "json",
        },
        "merchant": {
            "mchid": kept.mchid,
            "serial": kept.merchant_serial,
            "private_key_pem": kept.merchant_private_key_pem,
            "apiv3_key": kept.apiv3_key,
            "public_key_id": kept.public_key_id,
            "public_key_pem": kept.platform_public_key_pem,
        },
        "xpay": {
            "offer_id": kept.xpay_offer_id,
            "app_key": kept.xpay_app_key,
            "sandbox_app_key": kept.xpay_sandbox_app_key,
        },
    }


def _shown(account: DemoAccount) -> dict[str, str]:
    return {
        "appid": account.appid,
        "secret": account.secret,
        "token": account.token,
        "aes_key": account.aes_key,
    }


def _installation(tree: Tree, kept: DemoSecrets, addresses: Addresses) -> dict[str, str]:
    return {
        "DATABASE_URL": addresses.database_url,
        "BROKER_URL": addresses.broker_url,
        "STORAGE_URL": (tree.folder / "files").resolve().as_uri(),
        "PUBLIC_BASE_URL": addresses.base_url,
        "SECRET_KEY": kept.secret_key,
        "FIELD_KEYS": kept.field_keys,
        "PORT": addresses.base_url.rpartition(":")[2],
        "SIMULATOR_PORT": addresses.simulator_url.rpartition(":")[2],
        "CLOCK_OFFSET_FILE": str(tree.clock_file),
    }


def _account(prefix: str, account: DemoAccount) -> dict[str, str]:
    return {
        f"{prefix}APPID": account.appid,
        f"{prefix}SECRET": account.secret,
        f"{prefix}TOKEN": account.token,
        f"{prefix}AES_KEY": account.aes_key,
    }


def _hosts(simulator_url: str) -> dict[str, str]:
    names = ("WECHAT_API", "WECHAT_OPEN", "WECHAT_MP", "WECHATPAY_API", "WECOM_API")
    return {f"{name}_BASE": simulator_url for name in names}


def _money(tree: Tree, kept: DemoSecrets) -> dict[str, str]:
    return {
        "WECHATPAY_MCHID": kept.mchid,
        "WECHATPAY_SERIAL_NO": kept.merchant_serial,
        "WECHATPAY_PRIVATE_KEY_FILE": str(_private_key_file(tree)),
        "WECHATPAY_APIV3_KEY": kept.apiv3_key,
        "WECHATPAY_PUBLIC_KEY_ID": kept.public_key_id,
        "WECHATPAY_PUBLIC_KEY_FILE": str(_public_key_file(tree)),
        "XPAY_OFFER_ID": kept.xpay_offer_id,
        "XPAY_APP_KEY": kept.xpay_app_key,
        "XPAY_SANDBOX_APP_KEY": kept.xpay_sandbox_app_key,
        "XPAY_ENV": "0",
    }


def _private_key_file(tree: Tree) -> Path:
    return tree.folder / "keys" / "merchant.pem"


def _public_key_file(tree: Tree) -> Path:
    return tree.folder / "keys" / "platform.pem"

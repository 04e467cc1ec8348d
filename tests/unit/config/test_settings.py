"""What `Settings.from_env` accepts, refuses and keeps to itself."""

import base64
from ipaddress import ip_network
from pathlib import Path

import pytest

from config.setting_names import SETTING_NAMES
from config.settings import Settings, SettingsRefused, settings_markdown

REPOSITORY = Path(__file__).resolve().parents[3]


def _key(seed: int) -> str:
    return base64.b64encode(bytes((seed + step) % 256 for step in range(32))).decode("ascii")


@pytest.fixture
def environment() -> dict[str, str]:
    """A complete environment of a demo installation."""
    account = {"APPID": "wx00000000000000aa", "SECRET": "s3cr3t-of-the-account"}
    callback = {"TOKEN": "tok3nOfCallback", "AES_KEY": "k" * 20 + "Z" * 23}
    accounts = {
        f"WECHAT_{kind}_{name}": value
        for kind in ("OA", "MINI")
        for name, value in {**account, **callback}.items()
    }
    return {
        **accounts,
        "DATABASE_URL": "postgresql://juanliu_app:pw@127.0.0.1:5432/juanliu",
        "BROKER_URL": "redis://:pw@127.0.0.1:6379/0",
        "STORAGE_URL": "file:///var/lib/juanliu/files",
        "PUBLIC_BASE_URL": "http://127.0.0.1:8080/",
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "FIELD_KEYS": f"k2:{_key(9)},k1:{_key(1)}",
        "WECHATPAY_MCHID": "1900000109",
        "WECHATPAY_SERIAL_NO": "444F4864EA9B34415A2C4D7B8E0F9A1B2C3D4E5F",
        "WECHATPAY_PRIVATE_KEY_FILE": "/keys/merchant.pem",
        "WECHATPAY_APIV3_KEY": "0123456789ABCDEF0123456789ABCDEF",
        "WECHATPAY_PUBLIC_KEY_ID": "PUB_KEY_ID_0119000001092024",
        "WECHATPAY_PUBLIC_KEY_FILE": "/keys/platform.pem",
        "XPAY_OFFER_ID": "1450000000",
        "XPAY_APP_KEY": "live-app-key-0001",
        "XPAY_SANDBOX_APP_KEY": "sandbox-app-key-1",
    }


def refused(environment: dict[str, str]) -> SettingsRefused:
    with pytest.raises(SettingsRefused) as caught:
        Settings.from_env(environment)
    return caught.value


def test_a_complete_environment_becomes_typed_values(environment: dict[str, str]) -> None:
    environment["TRUSTED_PROXIES"] = "127.0.0.1, 10.0.0.0/8"
    environment["CLOCK_OFFSET_FILE"] = "/run/offset"
    settings = Settings.from_env(environment)
    assert settings.public_base_url == "http://127.0.0.1:8080"
    assert (settings.port, settings.simulator_port) == (8080, 8090)
    assert [key.key_id for key in settings.field_keys] == ["k2", "k1"]
    assert settings.field_keys[0].key == bytes(range(9, 41))
    assert settings.trusted_proxies == (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"))
    assert settings.hosts.api == "https://api.weixin.qq.com"
    assert settings.hosts.pay == "https://api.mch.weixin.qq.com"
    assert settings.merchant.private_key_file == Path("/keys/merchant.pem")
    assert settings.xpay.env == 0
    assert settings.oa.aes_key_previous is None
    assert settings.clock_offset_file == Path("/run/offset")


def test_an_empty_environment_is_told_every_required_name_at_once() -> None:
    refusal = refused({})
    required = tuple(name.name for name in SETTING_NAMES if name.required)
    assert refusal.missing == required
    assert "DATABASE_URL" in required
    assert all(name in str(refusal) for name in required)
    assert "缺少 / missing" in str(refusal)


@pytest.mark.parametrize("name", [name.name for name in SETTING_NAMES if name.required])
def test_each_required_name_is_missed_when_it_is_empty(
    environment: dict[str, str], name: str
) -> None:
    environment[name] = ""
    assert refused(environment).missing == (name,)


def test_a_company_on_wecom_is_named_whole_or_not_at_all(environment: dict[str, str]) -> None:
    assert Settings.from_env(environment).wecom is None
    environment["WECOM_CORPID"] = "ww1234567890abcdef"
    assert refused(environment).missing == ("WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY")
    environment["WECOM_SECRET"] = "app-secret-of-a-company-7f3a"
    environment["WECOM_TOKEN"] = "WecomToken12345"
    environment["WECOM_AES_KEY"] = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
    wecom = Settings.from_env(environment).wecom
    assert wecom is not None
    assert "app-secret" not in repr(wecom)
    assert wecom.secret in Settings.from_env(environment).secrets()


def test_a_public_key_is_named_whole_or_not_at_all(environment: dict[str, str]) -> None:
    named = ("WECHATPAY_PUBLIC_KEY_ID", "WECHATPAY_PUBLIC_KEY_FILE")
    for name in named:
        assert refused({**environment, name: ""}).missing == (name,)
    bare = {key: text for key, text in environment.items() if key not in named}
    merchant = Settings.from_env(bare).merchant
    assert (merchant.public_key_id, merchant.public_key_file) == (None, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GROUP_CODE_DAYS", "0"),
        ("GROUP_CODE_CAPACITY", "2001"),
        ("GROUP_SEAT_HOURS", "1.5"),
        ("DATABASE_URL", "sqlite:///here.db"),
        ("BROKER_URL", "memory://"),
        ("STORAGE_URL", "/var/lib"),
        ("PUBLIC_BASE_URL", "http://juanliu.cn"),
        ("PUBLIC_BASE_URL", "https://juanliu.cn/path"),
        ("PUBLIC_BASE_URL", "juanliu.cn"),
        ("WECHAT_API_BASE", "http://simulator.example"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "changeme-changeme-changeme-changeme"),
        ("SECRET_KEY", "a" * 32),
        ("FIELD_KEYS", "k1"),
        ("FIELD_KEYS", "k1:" + base64.b64encode(b"x" * 31).decode()),
        ("FIELD_KEYS", "k1:" + base64.b64encode(bytes(32)).decode()),
        ("FIELD_KEYS", "k1:not base64!"),
        ("FIELD_KEYS", f"k1:{_key(1)},k1:{_key(2)}"),
        ("FIELD_KEYS", "k1:" + _key(1)[:-2] + "9="),
        ("TRUSTED_PROXIES", "10.0.0.0/8,anyone"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80a"),
        ("WECHAT_OA_TOKEN", "no"),
        ("WECHAT_OA_TOKEN", "has-a-dash"),
        ("WECHAT_OA_SECRET", "your-app-secret"),
        ("WECHAT_OA_AES_KEY", "abc"),
        ("WECHAT_OA_AES_KEY", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
        ("WECHAT_MINI_AES_KEY_PREVIOUS", "k" * 20 + "Z" * 22),
        ("WECHATPAY_APIV3_KEY", "0123456789ABCDEF0123456789ABCDE"),
        ("WECHATPAY_APIV3_KEY_PREVIOUS", "0123456789ABCDEF0123456789ABCDEF1"),
        ("XPAY_APP_KEY", "replace_me"),
        ("XPAY_ENV", "2"),
        ("WECHATPAY_MCHID", " 1900000109"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_repeated(
    environment: dict[str, str], name: str, text: str
) -> None:
    environment[name] = text
    refusal = refused(environment)
    assert [problem.name for problem in refusal.problems] == [name]
    assert refusal.missing == ()
    assert name in str(refusal)
    if len(text) > 8:
        assert text not in str(refusal)


def test_missing_and_wrong_are_told_together(environment: dict[str, str]) -> None:
    del environment["DATABASE_URL"]
    environment["PORT"] = "none"
    refusal = refused(environment)
    assert [problem.name for problem in refusal.problems] == ["DATABASE_URL", "PORT"]
    assert refusal.missing == ("DATABASE_URL",)


@pytest.mark.parametrize(
    ("public", "allowed"),
    [
        ("http://127.0.0.1:9", True),
        ("http://[::1]:9", True),
        ("http://localhost:9", True),
        ("https://juanliu.cn", False),
        ("https://10.0.0.8", False),
        ("https://127.0.0.1.juanliu.cn", False),
    ],
)
def test_a_moved_clock_is_for_loopback_alone(
    environment: dict[str, str], public: str, allowed: bool
) -> None:
    environment["PUBLIC_BASE_URL"] = public
    environment["CLOCK_OFFSET_FILE"] = "/run/offset"
    if allowed:
        assert Settings.from_env(environment).clock_offset_file == Path("/run/offset")
    else:
        assert [problem.name for problem in refused(environment).problems] == ["CLOCK_OFFSET_FILE"]


def test_no_secret_shows_in_the_repr(environment: dict[str, str]) -> None:
    environment["WECHAT_OA_AES_KEY_PREVIOUS"] = "p" * 20 + "Q" * 23
    shown = repr(Settings.from_env(environment))
    for name in (name.name for name in SETTING_NAMES if name.secret):
        if name in environment and name != "FIELD_KEYS":
            assert environment[name] not in shown, name
    assert _key(1) not in shown
    assert "b'" not in shown


def test_the_secrets_for_redaction_are_all_the_accounts_hold(environment: dict[str, str]) -> None:
    secrets = Settings.from_env(environment).secrets()
    for name in ("WECHAT_OA_SECRET", "WECHATPAY_APIV3_KEY", "XPAY_APP_KEY", "SECRET_KEY"):
        assert environment[name] in secrets
    assert "" not in secrets


def test_the_page_of_settings_is_what_the_table_says() -> None:
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_markdown(), "run: python -m config.settings --markdown"

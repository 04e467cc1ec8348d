"""The demo's settings are settings that start."""

import json
import stat
from pathlib import Path

import pytest

from app.cli.running import settings_text, with_running_demo
from app.launcher.credentials import DemoSecrets, keep_secrets
from app.launcher.environment import (
    Addresses,
    bare_environment,
    child_environment,
    simulator_accounts,
    write_key_files,
)
from app.launcher.state import Tree, write_privately
from config.settings import Settings

ADDRESSES = Addresses(
    base_url="http://127.0.0.1:8080",
    simulator_url="http://127.0.0.1:8090",
    database_url="postgresql://app:database-password@127.0.0.1:1/juanliu",
    broker_url="redis://:broker-password@127.0.0.1:2/0",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = tmp_path_factory.mktemp("检出 folder")
    made = Tree(folder, folder / "state")
    made.prepare()
    return made


@pytest.fixture(scope="module")
def kept(tree: Tree) -> DemoSecrets:
    return keep_secrets(tree.secrets_file)


def test_the_demo_starts_with_the_settings_it_makes(tree: Tree, kept: DemoSecrets) -> None:
    settings = Settings.from_env(child_environment({}, tree, kept, ADDRESSES))
    assert settings.hosts.api == settings.hosts.pay == "http://127.0.0.1:8090"
    assert (settings.port, settings.simulator_port) == (8080, 8090)
    assert settings.oa.appid != settings.mini.appid
    assert settings.storage_url.startswith("file:///")
    assert "检" not in settings.storage_url


def test_the_settings_of_the_person_do_not_leak_into_the_demo(
    tree: Tree, kept: DemoSecrets
) -> None:
    outer = {"WECHAT_OA_SECRET": "real", "WECHATPAY_MCHID": "1", "LANG": "C", "PATH": "/bin"}
    made = child_environment(outer, tree, kept, ADDRESSES)
    assert made["WECHAT_OA_SECRET"] == kept.oa.secret
    assert made["WECHATPAY_MCHID"] == kept.mchid
    bare = bare_environment(outer)
    assert "WECHAT_OA_SECRET" not in bare
    assert (bare["PATH"], bare["PYTHONUTF8"]) == ("/bin", "1")


def test_the_credentials_are_made_once_and_kept_privately(tree: Tree, kept: DemoSecrets) -> None:
    assert keep_secrets(tree.secrets_file) == kept
    assert stat.S_IMODE(tree.secrets_file.stat().st_mode) == 0o600
    other = keep_secrets(tree.folder / "other.json")
    assert other.oa.secret != kept.oa.secret
    assert other.field_keys != kept.field_keys


def test_the_keys_lie_where_the_settings_point(tree: Tree, kept: DemoSecrets) -> None:
    write_key_files(tree, kept)
    settings = Settings.from_env(child_environment({}, tree, kept, ADDRESSES))
    private = settings.merchant.private_key_file
    assert private.read_text("ascii") == kept.merchant_private_key_pem
    assert "PUBLIC KEY" in settings.merchant.public_key_file.read_text("ascii")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(private.parent.stat().st_mode) == 0o700


def test_the_simulator_is_told_the_accounts_and_the_addresses_to_call(kept: DemoSecrets) -> None:
    told = simulator_accounts(kept, "http://127.0.0.1:8080")
    assert told["oa"]["callback_url"] == "http://127.0.0.1:8080/wechat/official-account"
    assert told["mini"]["callback_url"] == "http://127.0.0.1:8080/wechat/mini-program"
    assert told["merchant"]["public_key_id"].startswith("PUB_KEY_ID_")
    assert "platform_private_key_pem" not in json.dumps(told)


def test_commands_beside_the_demo_find_its_settings_and_mix_them_with_no_others(
    tree: Tree, kept: DemoSecrets
) -> None:
    write_key_files(tree, kept)
    environment = child_environment({"HOME": "/h"}, tree, kept, ADDRESSES)
    write_privately(tree.settings_file, settings_text(environment))
    assert stat.S_IMODE(tree.settings_file.stat().st_mode) == 0o600
    assert "HOME" not in tree.settings_file.read_text("utf-8")
    for typed in ({}, {"PORT": "9"}, {"DATABASE_URL": ADDRESSES.database_url}):
        found = Settings.from_env(with_running_demo(typed, tree.settings_file))
        assert found == Settings.from_env(environment)
    other = {"SECRET_KEY": "of-another-installation"}
    assert with_running_demo(other, tree.settings_file) == other
    tree.forget_run()
    assert with_running_demo({}, tree.settings_file) == {}


def test_neither_addresses_nor_credentials_show_a_secret(kept: DemoSecrets) -> None:
    assert "password" not in repr(ADDRESSES)
    for secret in (kept.apiv3_key, kept.postgres_owner, kept.oa.secret, kept.mini.aes_key):
        assert secret not in repr(kept)


def test_root_keeps_its_state_outside_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    first, second = Tree.of(tmp_path / "a"), Tree.of(tmp_path / "b")
    assert first.folder.parent == Path("/var/lib/juanliu")
    assert first.folder != second.folder
    assert first.demo_file == tmp_path / "a" / ".local" / "demo.json"
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert Tree.of(tmp_path).folder.is_relative_to(tmp_path / ".local")

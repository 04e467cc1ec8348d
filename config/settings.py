"""What an installation must be told, typed once and refused early.

The environment is read here and nowhere else. `Settings.from_env` names everything
that is missing or wrong in one refusal, so an operator mends it in one go; the
values themselves never appear in that refusal, because half of them are secrets.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from config.setting_names import SETTING_NAMES, SettingName
from config.setting_shapes import complaint, decode_field_key, is_loopback


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One setting that is missing (`reason` is empty) or wrong."""

    name: str
    reason: str


class SettingsRefused(Exception):
    """The environment does not describe an installation; `problems` says why."""

    def __init__(self, problems: tuple[SettingProblem, ...]) -> None:
        self.problems = problems
        self.missing = tuple(problem.name for problem in problems if not problem.reason)
        super().__init__(_refusal_text(problems))


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One Official Account or mini-program."""

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    aes_key_previous: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class MerchantSettings:
    """The WeChat Pay merchant; without a public key, platform certificates are downloaded."""

    mchid: str
    serial_no: str
    private_key_file: Path
    apiv3_key: str = field(repr=False)
    apiv3_key_previous: str | None = field(repr=False)
    public_key_id: str | None
    public_key_file: Path | None


@dataclass(frozen=True, slots=True)
class XpaySettings:
    """The virtual payment offer; `env` is 0 live or 1 sandbox."""

    offer_id: str
    app_key: str = field(repr=False)
    sandbox_app_key: str = field(repr=False)
    env: int


@dataclass(frozen=True, slots=True)
class WecomSettings:
    """The company whose app makes groups on WeCom."""

    corpid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """How long codes and seats of fan groups last, and how many a code lets in."""

    code_days: int
    code_capacity: int
    seat_hours: int


@dataclass(frozen=True, slots=True)
class HostSettings:
    """Where WeChat is: the real hosts, or a simulator. No trailing slash."""

    api: str
    open: str
    mp: str
    pay: str
    wecom: str


@dataclass(frozen=True, slots=True)
class PayoutSettings:
    """Fen at most: by one transfer, to one person a day, to all people a day."""

    single_fen: int
    person_day_fen: int
    merchant_day_fen: int


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """Bytes at most: of one file by kind, and of all media of one creator."""

    audio_bytes: int
    video_bytes: int
    file_bytes: int
    creator_bytes: int


@dataclass(frozen=True, slots=True)
class FieldKey:
    """One 32-byte key that seals columns, and the id written beside what it sealed."""

    key_id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything, typed. Built once in `app`, which hands down narrow values."""

    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    storage_url: str
    public_base_url: str
    secret_key: str = field(repr=False)
    field_keys: tuple[FieldKey, ...]
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    domain_proofs: frozenset[str]
    port: int
    simulator_port: int
    media: MediaSettings
    payouts: PayoutSettings
    oa: AccountSettings
    mini: AccountSettings
    hosts: HostSettings
    merchant: MerchantSettings
    xpay: XpaySettings
    wecom: WecomSettings | None
    groups: GroupSettings
    clock_offset_file: Path | None

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Read all settings from a mapping of texts; `SettingsRefused` names every fault."""
        texts = _checked_texts(environment)
        clock_offset = texts["CLOCK_OFFSET_FILE"]
        return cls(
            database_url=texts["DATABASE_URL"],
            broker_url=texts["BROKER_URL"],
            storage_url=texts["STORAGE_URL"],
            public_base_url=texts["PUBLIC_BASE_URL"].rstrip("/"),
            secret_key=texts["SECRET_KEY"],
            field_keys=_field_keys(texts["FIELD_KEYS"]),
            trusted_proxies=_networks(texts["TRUSTED_PROXIES"]),
            domain_proofs=_names(texts["WECHAT_DOMAIN_PROOFS"]),
            port=int(texts["PORT"]),
            simulator_port=int(texts["SIMULATOR_PORT"]),
            media=_media(texts),
            payouts=_payouts(texts),
            oa=_account(texts, "WECHAT_OA_"),
            mini=_account(texts, "WECHAT_MINI_"),
            hosts=_hosts(texts),
            merchant=_merchant(texts),
            xpay=_xpay(texts),
            wecom=_wecom(texts),
            groups=_groups(texts),
            clock_offset_file=Path(clock_offset) if clock_offset else None,
        )

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log's redaction; never for anything else."""
        accounts = (self.oa, self.mini)
        found = [
            self.secret_key,
            self.merchant.apiv3_key,
            self.merchant.apiv3_key_previous,
            self.xpay.app_key,
            self.xpay.sandbox_app_key,
            *(account.secret for account in accounts),
            *(account.token for account in accounts),
            *(account.aes_key for account in accounts),
            *(account.aes_key_previous for account in accounts),
            *((self.wecom.secret, self.wecom.token, self.wecom.aes_key) if self.wecom else ()),
        ]
        return tuple(value for value in found if value)


def process_environment() -> Mapping[str, str]:
    """The environment of this process; the one place that touches it."""
    return dict(os.environ)  # noqa: TID251 - this is the place the ban speaks of


def settings_markdown() -> str:
    """The page `docs/settings.md`, from the table of names."""
    rows = "\n".join(_markdown_row(name) for name in SETTING_NAMES)
    return (
        "# Settings · 设置\n\n"
        "Read from the environment, once, at start. All that is missing is named at once.\n"
        "启动时从环境变量读取一次；缺少的会一次全部列出。\n\n"
        "This page is written by `python -m config.settings --markdown`; a test keeps it true.\n\n"
        "| Name | Required · 必填 | Secret · 机密 | Default · 默认 | Meaning | 含义 |\n"
        "|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _markdown_row(name: SettingName) -> str:
    required = "yes · 是" if name.required else ""
    secret = "yes · 是" if name.secret else ""
    default = f"`{name.default}`" if name.default else ""
    cells = (f"`{name.name}`", required, secret, default, name.english, name.chinese)
    return f"| {' | '.join(cells)} |"


def _checked_texts(environment: Mapping[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    problems: list[SettingProblem] = []
    for name in SETTING_NAMES:
        text = environment.get(name.name, "") or (name.default or "")
        texts[name.name] = text
        if not text:
            if name.required:
                problems.append(SettingProblem(name.name, ""))
            continue
        reason = complaint(name, text)
        if reason:
            problems.append(SettingProblem(name.name, reason))
    if texts["CLOCK_OFFSET_FILE"] and not is_loopback(texts["PUBLIC_BASE_URL"]):
        reason = "只能用于本机演示 / is allowed only when PUBLIC_BASE_URL is loopback"
        problems.append(SettingProblem("CLOCK_OFFSET_FILE", reason))
    wecom = [name for name in texts if name.startswith("WECOM_") and name != "WECOM_API_BASE"]
    for together in (wecom, ["WECHATPAY_PUBLIC_KEY_ID", "WECHATPAY_PUBLIC_KEY_FILE"]):
        if any(texts[name] for name in together):
            problems.extend(SettingProblem(name, "") for name in together if not texts[name])
    if problems:
        raise SettingsRefused(tuple(problems))
    return texts


def _refusal_text(problems: tuple[SettingProblem, ...]) -> str:
    missing = [problem.name for problem in problems if not problem.reason]
    wrong = [f"  {problem.name}: {problem.reason}" for problem in problems if problem.reason]
    lines = ["无法启动，请检查设置，说明见 / Settings refused, see: docs/settings.md"]
    if missing:
        lines.append("缺少 / missing: " + ", ".join(missing))
    if wrong:
        lines.extend(["有误 / wrong:", *wrong])
    return "\n".join(lines)


def _field_keys(text: str) -> tuple[FieldKey, ...]:
    pairs = (part.strip().partition(":") for part in text.split(","))
    return tuple(FieldKey(key_id, decode_field_key(encoded)) for key_id, _, encoded in pairs)


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    parts = (part.strip() for part in text.split(","))
    return tuple(ip_network(part, strict=False) for part in parts if part)


def _names(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _media(texts: Mapping[str, str]) -> MediaSettings:
    return MediaSettings(
        audio_bytes=int(texts["MEDIA_AUDIO_BYTES_MAX"]),
        video_bytes=int(texts["MEDIA_VIDEO_BYTES_MAX"]),
        file_bytes=int(texts["MEDIA_FILE_BYTES_MAX"]),
        creator_bytes=int(texts["MEDIA_CREATOR_BYTES_MAX"]),
    )


def _payouts(texts: Mapping[str, str]) -> PayoutSettings:
    return PayoutSettings(
        single_fen=int(texts["PAYOUT_SINGLE_YUAN_MAX"]) * 100,
        person_day_fen=int(texts["PAYOUT_PERSON_DAY_YUAN_MAX"]) * 100,
        merchant_day_fen=int(texts["PAYOUT_MERCHANT_DAY_YUAN_MAX"]) * 100,
    )


def _account(texts: Mapping[str, str], prefix: str) -> AccountSettings:
    return AccountSettings(
        appid=texts[f"{prefix}APPID"],
        secret=texts[f"{prefix}SECRET"],
        token=texts[f"{prefix}TOKEN"],
        aes_key=texts[f"{prefix}AES_KEY"],
        aes_key_previous=texts[f"{prefix}AES_KEY_PREVIOUS"] or None,
    )


def _hosts(texts: Mapping[str, str]) -> HostSettings:
    return HostSettings(
        api=texts["WECHAT_API_BASE"].rstrip("/"),
        open=texts["WECHAT_OPEN_BASE"].rstrip("/"),
        mp=texts["WECHAT_MP_BASE"].rstrip("/"),
        pay=texts["WECHATPAY_API_BASE"].rstrip("/"),
        wecom=texts["WECOM_API_BASE"].rstrip("/"),
    )


def _merchant(texts: Mapping[str, str]) -> MerchantSettings:
    public_key_file = texts["WECHATPAY_PUBLIC_KEY_FILE"]
    return MerchantSettings(
        mchid=texts["WECHATPAY_MCHID"],
        serial_no=texts["WECHATPAY_SERIAL_NO"],
        private_key_file=Path(texts["WECHATPAY_PRIVATE_KEY_FILE"]),
        apiv3_key=texts["WECHATPAY_APIV3_KEY"],
        apiv3_key_previous=texts["WECHATPAY_APIV3_KEY_PREVIOUS"] or None,
        public_key_id=texts["WECHATPAY_PUBLIC_KEY_ID"] or None,
        public_key_file=Path(public_key_file) if public_key_file else None,
    )


def _xpay(texts: Mapping[str, str]) -> XpaySettings:
    return XpaySettings(
        offer_id=texts["XPAY_OFFER_ID"],
        app_key=texts["XPAY_APP_KEY"],
        sandbox_app_key=texts["XPAY_SANDBOX_APP_KEY"],
        env=int(texts["XPAY_ENV"]),
    )


def _wecom(texts: Mapping[str, str]) -> WecomSettings | None:
    if not texts["WECOM_CORPID"]:
        return None
    return WecomSettings(
        corpid=texts["WECOM_CORPID"],
        secret=texts["WECOM_SECRET"],
        token=texts["WECOM_TOKEN"],
        aes_key=texts["WECOM_AES_KEY"],
    )


def _groups(texts: Mapping[str, str]) -> GroupSettings:
    return GroupSettings(
        code_days=int(texts["GROUP_CODE_DAYS"]),
        code_capacity=int(texts["GROUP_CODE_CAPACITY"]),
        seat_hours=int(texts["GROUP_SEAT_HOURS"]),
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--markdown"]:
        sys.exit("usage: python -m config.settings --markdown")
    sys.stdout.write(settings_markdown())

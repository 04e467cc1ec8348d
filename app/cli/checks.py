"""The single checks of `doctor`: each looks at one thing and says it in a sentence."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from alembic.script import ScriptDirectory
from kombu import Connection
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.wiring.blobs import HashedBlobs
from app.wiring.ffmpeg import Ffmpeg
from app.wiring.key_rings import KeyRing, list_key_rings
from app.wiring.sealed_places import SEALED_PLACES
from app.wiring.sealing import FieldKeySealer
from config.settings import Settings
from creator_tools.kernel import resealing
from creator_tools.kernel.accounts import list_accounts
from creator_tools.kernel.clock import Clock
from creator_tools.kernel.sealing import SealBroken, Sealer

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
POSTGRES_MAJORS = range(15, 19)
SWEEP_FRESH = timedelta(seconds=30)
CLOCK_DRIFT_MAX = timedelta(seconds=5)
ACCOUNT_KINDS = ("oa", "mini", "merchant", "xpay")
_NO_SUCH_BLOB = "0" * 64


@dataclass(frozen=True)
class Finding:
    """What one check saw: `state` is "ok", "warning" (works, but look) or "fault"."""

    name: str
    state: str
    chinese: str
    english: str


Check = Callable[[], Finding]


def check_version(session: Session) -> Finding:
    """The server speaks a version that we support."""
    number = int(session.execute(text("SHOW server_version_num")).scalar_one())
    state = "ok" if number // 10_000 in POSTGRES_MAJORS else "fault"
    version = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    return Finding("database", state, f"{version}（支持 15–18）", f"{version} (15 to 18)")


def check_roles(session: Session) -> Finding:
    """The running role cannot rewrite facts."""
    may_rewrite = session.execute(
        text("SELECT has_table_privilege(current_user, 'postings', 'UPDATE, DELETE, TRUNCATE')")
    ).scalar_one()
    if may_rewrite:
        return Finding(
            "roles",
            "warning",
            "运行和迁移共用一个数据库角色，账本只剩触发器保护；请按文档拆成两个角色",
            "one role runs and migrates, so triggers alone guard the ledger; use two roles",
        )
    return Finding(
        "roles", "ok", "运行角色不能改写账本", "the running role cannot rewrite the ledger"
    )


def check_migrations(session: Session) -> Finding:
    """The schema is the one that this code was written for."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    held = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if held == head:
        return Finding("migrations", "ok", f"已迁移到 {head}", f"at {head}")
    return Finding(
        "migrations",
        "fault",
        f"数据库停在 {held}，代码需要 {head}，请先迁移",
        f"the database is at {held}, the code needs {head}; migrate first",
    )


def check_clock(session: Session, clock: Clock, settings: Settings) -> Finding:
    """Our clock and the database's agree, unless ours is moved on purpose."""
    theirs = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    drift = clock.now() - theirs
    seconds = round(drift.total_seconds())
    if settings.clock_offset_file is not None:
        return Finding(
            "clock", "ok", f"演示时钟，偏移 {seconds} 秒", f"demo clock, moved by {seconds} s"
        )
    state = "ok" if abs(drift) <= CLOCK_DRIFT_MAX else "warning"
    return Finding(
        "clock",
        state,
        f"与数据库相差 {seconds} 秒",
        f"{seconds} s from the database's clock",
    )


def check_sweep(session: Session, clock: Clock) -> Finding:
    """The loop that finds lost hints ended a round lately."""
    beat = session.execute(
        text("SELECT max(at) FROM heartbeats WHERE name LIKE 'sweep%'")
    ).scalar_one_or_none()
    if beat is None:
        return Finding("sweep", "warning", "巡检还没有跑过", "the sweep has not run yet")
    age_s = round((clock.now() - beat).total_seconds())
    state = "ok" if age_s <= SWEEP_FRESH.total_seconds() else "warning"
    return Finding(
        "sweep", state, f"巡检上一轮在 {age_s} 秒前", f"the sweep ended a round {age_s} s ago"
    )


def check_accounts(session: Session, sealer: Sealer) -> Finding:
    """The platform accounts are there, and our keys open their credentials."""
    try:
        held = {account.kind for account in list_accounts(session, sealer)}
    except SealBroken:
        return Finding(
            "accounts",
            "fault",
            "平台账号的凭据打不开，FIELD_KEYS 少了当时用的密钥",
            "stored credentials do not open; FIELD_KEYS lacks the key that sealed them",
        )
    missing = ", ".join(kind for kind in ACCOUNT_KINDS if kind not in held)
    if missing:
        return Finding(
            "accounts",
            "warning",
            f"还没有写入平台账号：{missing}；启动一次网站即可",
            f"platform accounts not seeded yet: {missing}; start the web once",
        )
    return Finding("accounts", "ok", "平台账号齐全", "all platform accounts are there")


def check_pay_keys(session: Session, sealer: Sealer, clock: Clock) -> Finding:
    """What WeChat Pay says can be verified, and for how long yet."""
    try:
        rings = list_key_rings(session, sealer, clock.now())
    except SealBroken:
        return Finding(
            "pay keys", "fault", "商户凭据打不开，无法检查", "stored credentials do not open"
        )
    told = "; ".join(_told(ring) for ring in rings)
    if not rings:
        return Finding("pay keys", "warning", "还没有微信支付商户", "there is no merchant yet")
    if any(ring.mode == "none" for ring in rings):
        return Finding(
            "pay keys",
            "fault",
            f"没有可用的平台证书或公钥，通知会被拒绝（{told}）",
            f"no certificate or public key to verify with, notifications are refused ({told})",
        )
    if any(ring.ending for ring in rings):
        return Finding(
            "pay keys",
            "warning",
            f"平台证书 30 天内到期，没有接替（{told}）",
            f"a platform certificate ends within 30 days without successor ({told})",
        )
    return Finding("pay keys", "ok", f"可以验签（{told}）", f"can verify ({told})")


def _told(ring: KeyRing) -> str:
    serials = [f"{one.serial_no} → {one.expires_at:%Y-%m-%d}" for one in ring.certificates]
    return " ".join([ring.mchid, ring.mode, ring.public_key_id or "", *serials]).replace("  ", " ")


def check_seals(session: Session, sealer: FieldKeySealer) -> Finding:
    """Which keys are still needed to open what lies in the tables."""
    by_key: Counter[str] = Counter()
    for place in SEALED_PLACES:
        by_key.update(resealing.count_by_key(session, place))
    del by_key[sealer.current_key_id]
    told = ", ".join(f"{key}: {count}" for key, count in sorted(by_key.items()))
    if by_key.keys() - sealer.key_ids:
        return Finding(
            "seals",
            "fault",
            f"有数据打不开，FIELD_KEYS 少了密钥（{told}）",
            f"rows do not open; FIELD_KEYS lacks a key ({told})",
        )
    if by_key:
        return Finding(
            "seals",
            "ok",
            f"还有旧密钥加密的数据（{told}），运行 reseal 后旧密钥才能去掉",
            f"old keys are still needed ({told}); run reseal before you take them away",
        )
    return Finding("seals", "ok", "都由当前密钥加密", "everything is sealed with the current key")


def check_broker(settings: Settings) -> Finding:
    """The broker answers; it may be away, only hints get lost."""
    try:
        with Connection(settings.broker_url, connect_timeout=1) as connection:
            connection.ensure_connection(
                max_retries=1, timeout=2, interval_start=0, interval_step=0
            )
    # Whatever keeps a broker away is one finding; each transport has its own exceptions.
    except Exception as fault:  # noqa: BLE001 - reported with its kind, nothing is hidden
        kind = type(fault).__name__
        return Finding(
            "broker",
            "warning",
            f"消息队列连不上（{kind}），一切照常，只是慢一两秒",
            f"the broker is away ({kind}); all works, a second or two slower",
        )
    return Finding("broker", "ok", "消息队列正常", "the broker answers")


def check_ffmpeg() -> Finding:
    """Somebody can look into audio and video; without, they are served as they are."""
    if Ffmpeg.find() is None:
        return Finding(
            "ffmpeg",
            "warning",
            "没有 ffmpeg：音视频照常播放，但没有封面、波形和时长，语音消息不转码",
            "ffmpeg: missing, no posters and waveforms; audio and video play all the same",
        )
    return Finding(
        "ffmpeg", "ok", "有 ffmpeg，会做封面和波形", "found, posters and waveforms are made"
    )


def check_storage(settings: Settings) -> Finding:
    """Files can be read from where they lie."""
    try:
        HashedBlobs(settings.storage_url).get(_NO_SUCH_BLOB)
    # Each kind of store has its own exceptions; the finding names which one it was.
    except Exception as fault:  # noqa: BLE001 - reported with its kind, nothing is hidden
        kind = type(fault).__name__
        return Finding(
            "storage",
            "fault",
            f"文件存储读不了（{kind}），请检查 STORAGE_URL",
            f"storage cannot be read ({kind}); check STORAGE_URL",
        )
    return Finding("storage", "ok", "文件存储正常", "storage answers")

"""The one place where concrete parts meet: settings in, a working house out."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.wiring.accounts import AccountBook, ensure_seeded, own_accounts
from app.wiring.bills import Bills
from app.wiring.blobs import HashedBlobs, MediaBlobs
from app.wiring.callbacks import Callbacks
from app.wiring.certificates import Certificates
from app.wiring.checkout import Checkout
from app.wiring.desk import SidewaysDesk
from app.wiring.effects import EffectRunner
from app.wiring.ffmpeg import Ffmpeg
from app.wiring.group_upkeep import GroupUpkeep
from app.wiring.hints import Hints
from app.wiring.js_sdk import JsSdk
from app.wiring.login import SurfaceLogin
from app.wiring.media_intake import MediaIntake
from app.wiring.media_workshop import MediaWorkshop
from app.wiring.payments import Payments
from app.wiring.payouts import Payouts
from app.wiring.promises import Promises
from app.wiring.refunds import Refunds
from app.wiring.rooms import Rooms
from app.wiring.sealing import FieldKeySealer
from app.wiring.splits import Splits
from app.wiring.sweep import MoneyOut, Sweep
from app.wiring.tiers import Tiers
from app.wiring.wechat import WeChat, open_wechat
from config.rails import RailPolicy
from config.refund_terms import RefundTermsTable
from config.settings import Settings
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.kernel.clock import Clock, WallClock
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.rng import Rng, system_rng
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.media.rules import Limits
from creator_tools.payouts.rules import Limits as PayoutLimits

# The migration that this code needs; a test compares it with the folder of migrations.
SCHEMA_HEAD = "0018_splits"
_GOODS_PICTURE = "/static/h5/goods.png"


@dataclass(frozen=True)
class Process:
    """How one process uses the database."""

    name: str
    statement_timeout_ms: int = 5_000
    pool_size: int = 8


class Wiring:
    """Everything a door may use; parts are built when they are first asked for."""

    def __init__(self, settings: Settings, process: Process, clock: Clock, rng: Rng) -> None:
        self.settings = settings
        self.clock = clock
        self.rng = rng
        self.engine: Engine = open_engine(
            settings.database_url,
            application_name=f"juanliu-{process.name}",
            statement_timeout_ms=process.statement_timeout_ms,
            pool_size=process.pool_size,
        )
        # A group of payments at work, and a sweep; see `app/wiring/payments.py`.
        self.batch_engine: Engine = open_engine(
            settings.database_url,
            application_name=f"juanliu-{process.name}-batch",
            statement_timeout_ms=process.statement_timeout_ms,
            pool_size=2,
            is_by_key=True,
        )
        self.units = UnitsOfWork(
            sessionmaker(self.engine, expire_on_commit=False),
            by_key=sessionmaker(self.batch_engine, expire_on_commit=False),
            clock=clock,
            rng=rng,
            sealer=FieldKeySealer(settings.field_keys),
        )

    def reading(self) -> AbstractContextManager[Session]:
        """A session for queries."""
        return self.units.reading()

    @property
    def public_base_url(self) -> str:
        """The address people reach us by."""
        return self.settings.public_base_url

    @property
    def secret_key(self) -> str:
        """Signs cookies and forms."""
        return self.settings.secret_key

    @property
    def trusted_proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks whose forwarding headers we believe."""
        return self.settings.trusted_proxies

    @property
    def domain_proofs(self) -> frozenset[str]:
        """Names whose page proves to the platform that the host is ours."""
        return self.settings.domain_proofs

    @property
    def schema_head(self) -> str:
        """The migration that this code needs."""
        return SCHEMA_HEAD

    @property
    def surface_accounts(self) -> Mapping[str, UUID]:
        """The platform account behind each surface."""
        return {surface: self.accounts.first(surface).id for surface in ("oa", "mini")}

    @cached_property
    def rails(self) -> RailPolicy:
        """The dated table of rails and fees."""
        return RailPolicy.load()

    @property
    def rates(self) -> RailPolicy:
        """The same table, for whoever asks what rails keep."""
        return self.rails

    @cached_property
    def accounts(self) -> AccountBook:
        """The platform accounts; the environment's are written first."""
        ensure_seeded(self.units, self.settings)
        return AccountBook(self.units, own_accounts(self.settings))

    @cached_property
    def wechat(self) -> WeChat:
        """Everything that talks to WeChat."""
        return open_wechat(
            units=self.units,
            accounts=self.accounts,
            hosts=self.settings.hosts,
            public_base_url=self.public_base_url,
        )

    @cached_property
    def login(self) -> SurfaceLogin:
        """Signing in through a platform."""
        return SurfaceLogin(wechat=self.wechat, accounts=self.accounts, hosts=self.settings.hosts)

    @cached_property
    def js_sdk(self) -> JsSdk:
        """Signs pages for WeChat's JS-SDK."""
        return JsSdk(
            units=self.units,
            accounts=self.accounts,
            wechat=self.wechat,
            public_base_url=self.public_base_url,
        )

    @cached_property
    def hints(self) -> Hints:
        """Tells workers that a row is due."""
        return Hints(self.settings.broker_url)

    @cached_property
    def checkout(self) -> Checkout:
        """From a quote to a payment."""
        return Checkout(
            units=self.units,
            accounts=self.accounts,
            wechat=self.wechat,
            payments=self.payments,
            hints=self.hints,
            refund_terms=self.refund_terms,
        )

    @cached_property
    def refund_terms(self) -> RefundTermsTable:
        """The dated terms of refund."""
        return RefundTermsTable.load()

    @cached_property
    def payments(self) -> Payments:
        """What rails say."""
        return Payments(
            units=self.units,
            accounts=self.accounts,
            wechat=self.wechat,
            rails=self.rails,
            hints=self.hints,
        )

    @cached_property
    def refunds(self) -> Refunds:
        """Money that goes back."""
        return Refunds(
            units=self.units, accounts=self.accounts, wechat=self.wechat, hints=self.hints
        )

    @cached_property
    def payouts(self) -> Payouts:
        """Money that goes to its earners."""
        given = self.settings.payouts
        return Payouts(
            units=self.units,
            accounts=self.accounts,
            wechat=self.wechat,
            hints=self.hints,
            limits=PayoutLimits(given.single_fen, given.person_day_fen, given.merchant_day_fen),
        )

    @cached_property
    def callbacks(self) -> Callbacks:
        """The pushes of our accounts."""
        return Callbacks(
            units=self.units,
            accounts=self.accounts,
            payments=self.payments,
            refunds=self.refunds,
            desk=self.desk,
            hints=self.hints,
            public_base_url=self.public_base_url,
        )

    @cached_property
    def desk(self) -> SidewaysDesk:
        """What the chat desk asks sideways."""
        return SidewaysDesk(self.group_terms)

    @property
    def group_terms(self) -> GroupTerms:
        """How long codes and seats of fan groups last here."""
        held = self.settings.groups
        return GroupTerms(
            code_life=timedelta(days=held.code_days),
            code_capacity=held.code_capacity,
            seat_life=timedelta(hours=held.seat_hours),
        )

    @cached_property
    def pictures(self) -> HashedBlobs:
        """Stored pictures."""
        return HashedBlobs(self.settings.storage_url)

    @cached_property
    def media_bytes(self) -> MediaBlobs:
        """Stored audio, video and files."""
        return MediaBlobs(self.settings.storage_url)

    @cached_property
    def media_intake(self) -> MediaIntake:
        """Takes media in."""
        given = self.settings.media
        limits = Limits(given.audio_bytes, given.video_bytes, given.file_bytes, given.creator_bytes)
        return MediaIntake(units=self.units, store=self.media_bytes, limits=limits)

    @cached_property
    def media_workshop(self) -> MediaWorkshop:
        """Looks into stored media."""
        return MediaWorkshop(
            units=self.units,
            store=self.media_bytes,
            intake=self.media_intake,
            ffmpeg=Ffmpeg.find(),
        )

    @cached_property
    def effects(self) -> EffectRunner:
        """Keeps promises to the outside."""
        promises = Promises(
            units=self.units,
            accounts=self.accounts,
            wechat=self.wechat,
            blobs=self.pictures,
            desk=self.desk,
            public_base_url=self.public_base_url,
            intake=self.media_intake,
            makes_playable=Ffmpeg.find() is not None,
        )
        rooms = Rooms(self.units, self.wechat)
        kinds = promises.kinds() | rooms.kinds() | self.refunds.kinds() | self.payouts.kinds()
        return EffectRunner(self.units, kinds)

    @cached_property
    def bills(self) -> Bills:
        """The bills of our merchant account."""
        return Bills(
            units=self.units, accounts=self.accounts, wechat=self.wechat, store=self.media_bytes
        )

    @cached_property
    def certificates(self) -> Certificates:
        """The platform certificates of our merchant accounts."""
        return Certificates(units=self.units, accounts=self.accounts, wechat=self.wechat)

    @cached_property
    def tiers(self) -> Tiers:
        """Publishes the prices that the mini-program sells at."""
        return Tiers(
            units=self.units,
            accounts=self.accounts,
            wechat=self.wechat,
            picture_url=f"{self.public_base_url}{_GOODS_PICTURE}",
        )

    @cached_property
    def sweep(self) -> Sweep:
        """The loop that makes everything certain."""
        return Sweep(
            units=self.units,
            payments=self.payments,
            money_out=MoneyOut(self.refunds, self.payouts),
            callbacks=self.callbacks,
            effects=self.effects,
            chores={
                "tiers": self.tiers.step,
                "groups": GroupUpkeep(self.units, self.group_terms).step,
                "media": self.media_workshop.step,
                "bills": self.bills.step,
                "certificates": self.certificates.step,
                "splits": Splits(self.units).step,
            },
        )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        self.batch_engine.dispose()


def open_wiring(
    settings: Settings,
    process: Process = Process("cli"),
    *,
    clock: Clock | None = None,
    rng: Rng | None = None,
) -> Wiring:
    """Wire one process; the clock and chance of production unless others are handed in."""
    offset: Path | None = settings.clock_offset_file
    return Wiring(settings, process, clock or WallClock(offset), rng or system_rng())

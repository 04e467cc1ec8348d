"""A channel's books, written row by row the way the services write them.

Reports are tested against rows, not against the services that make rows: a fault in a service
must not be repeated by the report that should find it.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session, sessionmaker

from config.rails import RailPolicy
from creator_tools.access.models import Entitlement, EntitlementSource
from creator_tools.catalogue.models import Product, Quote
from creator_tools.columns.models import Column
from creator_tools.creators.models import Creator
from creator_tools.fan_groups.models import FanGroup, JoinWay, Seat, Wait
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.models import (
    Effect,
    Heartbeat,
    IdempotentRequest,
    InboxFact,
    InboxPayload,
    InboxProgress,
    PlatformAccount,
)
from creator_tools.kernel.rng import seeded_rng
from creator_tools.kernel.sealing import Sealed
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.ledger import rules as ledger_rules
from creator_tools.ledger import service as ledger
from creator_tools.ledger.rules import Division
from creator_tools.media.models import MediaObject
from creator_tools.orders.models import Order, OrderLine, Payment
from creator_tools.people.models import Person
from creator_tools.works.models import (
    Attachment,
    ContentCheck,
    Revision,
    RevisionAttachment,
    Work,
)
from migrations.tables import METADATA

NOON = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
RAILS = RailPolicy.load()
# Foreign keys find their tables only when every capability's models are loaded.
assert "operators" in METADATA.tables


class OpenSealer:
    """Seals nothing; the tests here look at other things."""

    current_key_id = "k"

    def seal(self, plaintext: bytes, *, purpose: str) -> Sealed:
        """Bytes with their purpose in front."""
        return Sealed("k", purpose.encode() + b"\0" + plaintext)

    def open(self, sealed: Sealed, *, purpose: str) -> bytes:
        """The bytes again."""
        return sealed.ciphertext.removeprefix(purpose.encode() + b"\0")


def units_on(engine: Engine, *, seed: int = 7, start: datetime = NOON) -> UnitsOfWork:
    """Units of work over a database, with a clock that stands still and chance that repeats."""
    return UnitsOfWork(
        sessionmaker(engine, expire_on_commit=False),
        clock=ManualClock(start),
        rng=seeded_rng(seed),
        sealer=OpenSealer(),
    )


@dataclass(frozen=True)
class Sale:
    """One sale as it was written, with the numbers that a report must find again."""

    order_id: UUID
    trade_no: str
    payment_id: UUID
    entry_id: UUID
    creator_handle: str
    column_id: UUID
    rail: str
    business_day: date
    division: Division


@dataclass(frozen=True)
class Shop:
    """A creator with a column and one work on sale."""

    creator_id: UUID
    handle: str
    column_id: UUID
    work_id: UUID
    product_id: UUID
    term_product_id: UUID
    share_bp: int


@dataclass
class Books:
    """Writes a small channel; every method is one unit."""

    units: UnitsOfWork
    accounts: dict[str, UUID] = field(default_factory=dict)

    def open_accounts(self) -> None:
        """The four platform accounts of an installation."""
        with self.units("payments.record") as uow:
            for kind in ("oa", "mini", "merchant", "xpay"):
                self.accounts[kind] = uow.ids.new()
                uow.session.add(
                    PlatformAccount(
                        id=self.accounts[kind],
                        kind=kind,
                        external_id=f"external-{kind}",
                        name=kind,
                        key_id="k",
                        sealed_credentials=b"{}",
                        freshness_s=86400,
                        created_at=uow.now(),
                        updated_at=uow.now(),
                    )
                )

    def open_shop(self, handle: str, *, share_bp: int = 1000, price_fen: int = 990) -> Shop:
        """A creator, a column, a published work that passed its check, and two products."""
        with self.units("payments.record") as uow:
            person_id, creator_id, column_id = uow.ids.new(), uow.ids.new(), uow.ids.new()
            _add(uow.session, Person(id=person_id, nickname=handle, created_at=uow.now()))
            _add(uow.session, _creator(uow, creator_id, person_id, handle, share_bp))
            _add(uow.session, _column(uow, column_id, creator_id, handle))
            work_id = _published_work(uow, creator_id, column_id)
            product_id, term_product_id = uow.ids.new(), uow.ids.new()
            common = {
                "creator_id": creator_id,
                "column_id": column_id,
                "price_fen": price_fen,
                "state": "on_sale",
                "created_at": uow.now(),
                "updated_at": uow.now(),
            }
            uow.session.add(
                Product(id=product_id, kind="work", work_id=work_id, title="一篇作品", **common)
            )
            uow.session.add(
                Product(
                    id=term_product_id,
                    kind="column_term",
                    term_days=30,
                    title="专栏三十天",
                    **common,
                )
            )
        return Shop(creator_id, handle, column_id, work_id, product_id, term_product_id, share_bp)

    def person(self, nickname: str = "粉丝") -> UUID:
        """Somebody who may buy."""
        with self.units("payments.record") as uow:
            person_id = uow.ids.new()
            _add(uow.session, Person(id=person_id, nickname=nickname, created_at=uow.now()))
        return person_id

    def sell(
        self,
        shop: Shop,
        *,
        person_id: UUID | None = None,
        gross_fen: int = 990,
        rail: str = "jsapi",
        paid_at: datetime | None = None,
        term: bool = False,
    ) -> Sale:
        """One paid order with its payment, entry, access, audit and promised message."""
        buyer = person_id or self.person()
        with self.units("payments.record") as uow:
            at = paid_at or uow.now()
            order = self._place(uow, shop, buyer, gross_fen, rail, term=term)
            order.state, order.paid_at, order.prepaid_at = "paid", at, order.created_at
            uow.session.flush()
            payment_id = self.pay(uow, order, gross_fen, at, "settled")
            entry_id, division = self._post(uow, order, shop, payment_id, at)
            _open(uow, order, shop, at, term=term)
            uow.audit(
                "order.paid", "order", order.id, before="pending", amount_fen=gross_fen, rail=rail
            )
            uow.promise(
                "customer_message.paid",
                f"paid:{order.id}",
                object_type="order",
                object_id=order.id,
            )
        return Sale(
            order.id,
            order.trade_no,
            payment_id,
            entry_id,
            shop.handle,
            shop.column_id,
            rail,
            business_day_of(at),
            division,
        )

    def place(self, shop: Shop, *, gross_fen: int = 990, rail: str = "jsapi") -> UUID:
        """An order that nobody has paid yet."""
        buyer = self.person()
        with self.units("payments.record") as uow:
            return self._place(uow, shop, buyer, gross_fen, rail, term=False).id

    def pay_twice(self, sale: Sale) -> UUID:
        """A second payment of a paid order: to suspense, with its alarm."""
        with self.units("payments.record") as uow:
            order = uow.session.get_one(Order, sale.order_id)
            amount_fen = order.amount_fen
            payment_id = self.pay(uow, order, amount_fen, uow.now(), "second_payment")
            payee = self._payee(order.rail)
            ledger.post(
                uow,
                ledger.Cause(
                    "suspense",
                    f"payment:{payment_id}",
                    order.rail,
                    uow.now(),
                    order_id=order.id,
                    payment_id=payment_id,
                ),
                ledger_rules.suspense_lines(
                    Fen(amount_fen), rail=order.rail, payee_account_id=payee
                ),
            )
            uow.alarm("payment_second_payment", str(payment_id), amount_fen=amount_fen)
        return payment_id

    def pay(
        self, uow: UnitOfWork, order: Order, amount_fen: int, at: datetime, disposition: str
    ) -> UUID:
        """One payment row of an order."""
        payment_id = uow.ids.new()
        uow.session.execute(
            insert(Payment).values(
                id=payment_id,
                account_id=self._payee(order.rail),
                fact_key=f"fact:{payment_id}",
                rail=order.rail,
                trade_no=order.trade_no,
                payment_ref=f"42{payment_id.int % 10**26:026d}",
                order_id=order.id,
                amount_fen=amount_fen,
                currency="CNY",
                disposition=disposition,
                seen_by="notification",
                facts={},
                paid_at=at,
                seen_at=uow.now(),
            )
        )
        return payment_id

    def seat(self, shop: Shop, person_id: UUID) -> UUID:
        """A fan group with one join way and one seat in it; returns the join way."""
        with self.units("payments.record") as uow:
            group_id, way_id = uow.ids.new(), uow.ids.new()
            owned = {"creator_id": shop.creator_id}
            _add(
                uow.session,
                FanGroup(
                    id=group_id,
                    column_id=shop.column_id,
                    name="粉丝群",
                    code=f"code-{group_id}",
                    state="open",
                    gate="buyer",
                    created_at=uow.now(),
                    **owned,
                ),
            )
            _add(
                uow.session,
                JoinWay(
                    id=way_id,
                    kind="link",
                    fan_group_id=group_id,
                    url="https://work.weixin.qq.com/g/1",
                    capacity_count=2,
                    seats_count=1,
                    created_at=uow.now(),
                    **owned,
                ),
            )
            uow.session.add(
                Seat(
                    id=uow.ids.new(),
                    fan_group_id=group_id,
                    join_way_id=way_id,
                    person_id=person_id,
                    state="reserved",
                    reserved_at=uow.now(),
                    lapses_at=uow.now() + timedelta(days=1),
                    **owned,
                )
            )
            uow.session.add(
                Wait(
                    id=uow.ids.new(),
                    fan_group_id=group_id,
                    person_id=self.person(),
                    waits_since=uow.now(),
                    **owned,
                )
            )
        return way_id

    def keep_fact(self, *, state: str = "done", source_key: str = "s:1") -> UUID:
        """A fact of the inbox, with payload and progress."""
        with self.units("payments.record") as uow:
            fact_id = uow.ids.new()
            _add(
                uow.session,
                InboxFact(
                    id=fact_id,
                    account_id=self.accounts["oa"],
                    source="message",
                    source_key=source_key,
                    kind="text",
                    received_at=uow.now(),
                ),
            )
            uow.session.add(
                InboxPayload(
                    fact_id=fact_id,
                    key_id="k",
                    sealed_payload=b"x",
                    kept_until=uow.now() + timedelta(days=30),
                )
            )
            uow.session.add(
                InboxProgress(
                    fact_id=fact_id,
                    state=state,
                    attempts_count=1,
                    next_at=uow.now(),
                    handled_at=uow.now() if state in ("done", "parked") else None,
                )
            )
        return fact_id

    def effect(self, *, state: str, key: str = "e:1") -> UUID:
        """One effect in some state, dead ones with their alarm."""
        with self.units("payments.record") as uow:
            effect_id = uow.ids.new()
            uow.session.add(
                Effect(
                    id=effect_id,
                    kind="customer_message.paid",
                    idempotency_key=key,
                    object_type="order",
                    object_id=None,
                    payload={},
                    state=state,
                    attempts_count=3,
                    next_at=uow.now(),
                    created_at=uow.now(),
                    done_at=uow.now() if state == "done" else None,
                    error_code="api_down" if state in ("dead", "failed") else None,
                )
            )
            if state == "dead":
                uow.alarm("effect_dead", f"customer_message.paid:{key}")
        return effect_id

    def request(self) -> None:
        """An answered request with an idempotency key."""
        with self.units("payments.record") as uow:
            uow.session.add(
                IdempotentRequest(
                    scope="s",
                    key="key-1",
                    request_hash="h",
                    response={"ok": True},
                    created_at=uow.now(),
                )
            )

    def beat(self) -> None:
        """The loops ended a round just now."""
        with self.units("sweep.beat") as uow:
            uow.session.add(Heartbeat(name="sweep", at=uow.now()))

    def _payee(self, rail: str) -> UUID:
        return self.accounts["merchant" if rail == "jsapi" else "xpay"]

    def _place(
        self, uow: UnitOfWork, shop: Shop, buyer: UUID, gross_fen: int, rail: str, *, term: bool
    ) -> Order:
        quote_id, order_id = uow.ids.new(), uow.ids.new()
        product_id = shop.term_product_id if term else shop.product_id
        account_id = self.accounts["oa" if rail == "jsapi" else "mini"]
        _add(
            uow.session,
            Quote(
                id=quote_id,
                creator_id=shop.creator_id,
                product_id=product_id,
                person_id=buyer,
                account_id=account_id,
                device="android",
                rail=rail,
                payable_fen=gross_fen,
                may_show_price=True,
                reasons=[{"code": "h5_virtual_goods", "sentence": "可以用微信支付购买。"}],
                expires_at=uow.now() + timedelta(minutes=15),
                created_at=uow.now(),
            ),
        )
        order = Order(
            id=order_id,
            trade_no=order_id.hex,
            creator_id=shop.creator_id,
            person_id=buyer,
            account_id=account_id,
            payee_account_id=self._payee(rail),
            quote_id=quote_id,
            rail=rail,
            amount_fen=gross_fen,
            currency="CNY",
            platform_share_bp=shop.share_bp,
            state="pending",
            query_attempts_count=0,
            created_at=uow.now(),
            expires_at=uow.now() + timedelta(minutes=30),
        )
        _add(uow.session, order)
        uow.session.add(
            OrderLine(
                id=uow.ids.new(),
                creator_id=shop.creator_id,
                order_id=order_id,
                line=1,
                product_id=product_id,
                object_type="column" if term else "work",
                object_id=shop.column_id if term else shop.work_id,
                column_id=shop.column_id,
                term_days=30 if term else None,
                title="专栏三十天" if term else "一篇作品",
                amount_fen=gross_fen,
            )
        )
        uow.audit("order.created", "order", order_id, amount_fen=gross_fen, rail=rail)
        uow.session.flush()
        return order

    def _post(
        self, uow: UnitOfWork, order: Order, shop: Shop, payment_id: UUID, at: datetime
    ) -> tuple[UUID, Division]:
        rate_bp, _ = RAILS.rate_for(order.rail, business_day_of(at))
        division = ledger_rules.divide(
            Fen(order.amount_fen), rate_bp=rate_bp, platform_share_bp=shop.share_bp
        )
        entry_id = ledger.post(
            uow,
            ledger.Cause(
                "payment",
                f"payment:{payment_id}",
                order.rail,
                at,
                order_id=order.id,
                payment_id=payment_id,
                creator_id=shop.creator_id,
                column_id=shop.column_id,
            ),
            ledger_rules.payment_lines(
                division,
                rail=order.rail,
                payee_account_id=self._payee(order.rail),
                creator_id=shop.creator_id,
            ),
        )
        assert entry_id is not None
        return entry_id, division


def _add(session: Session, row: object) -> None:
    session.add(row)
    session.flush()


def _creator(
    uow: UnitOfWork, creator_id: UUID, person_id: UUID, handle: str, share_bp: int
) -> Creator:
    return Creator(
        id=creator_id,
        person_id=person_id,
        handle=handle,
        name=f"创作者{handle}",
        introduction="",
        platform_share_bp=share_bp,
        state="active",
        created_at=uow.now(),
    )


def _column(uow: UnitOfWork, column_id: UUID, creator_id: UUID, handle: str) -> Column:
    return Column(
        id=column_id,
        creator_id=creator_id,
        title=f"{handle}的专栏",
        introduction="",
        field_kind="interest",
        field_name="摄影",
        promised_cadence="每周一篇",
        promised_count=10,
        state="open",
        created_at=uow.now(),
    )


def _published_work(uow: UnitOfWork, creator_id: UUID, column_id: UUID) -> UUID:
    work_id, revision_id = uow.ids.new(), uow.ids.new()
    markdown, body_html = f"试读\n\n{work_id}", f"<p>试读</p><p>{work_id}</p>"
    media_id, attachment_id = uow.ids.new(), uow.ids.new()
    bytes_digest = sha256(media_id.bytes).hexdigest()
    digest = sha256(f"一篇作品\0{markdown}\0{body_html}\0{bytes_digest}:讲义".encode()).hexdigest()
    _add(
        uow.session,
        Work(
            id=work_id,
            creator_id=creator_id,
            column_id=column_id,
            title="一篇作品",
            state="published",
            is_free=False,
            live_revision_id=revision_id,
            published_at=uow.now(),
            created_at=uow.now(),
        ),
    )
    _add(
        uow.session,
        Revision(
            id=revision_id,
            creator_id=creator_id,
            work_id=work_id,
            number=1,
            title="一篇作品",
            markdown=markdown,
            body_html=body_html,
            preview_html="<p>试读</p>",
            content_sha256=digest,
            attachments_count=1,
            created_at=uow.now(),
        ),
    )
    _carry(uow, creator_id, work_id, revision_id, media_id, attachment_id, bytes_digest)
    uow.session.add(
        ContentCheck(
            id=uow.ids.new(),
            creator_id=creator_id,
            work_id=work_id,
            revision_id=revision_id,
            content_sha256=digest,
            verdict="pass",
            detail={},
            requested_at=uow.now(),
            decided_at=uow.now(),
        )
    )
    uow.session.flush()
    return work_id


def _carry(
    uow: UnitOfWork,
    creator_id: UUID,
    work_id: UUID,
    revision_id: UUID,
    media_id: UUID,
    attachment_id: UUID,
    digest: str,
) -> None:
    _add(
        uow.session,
        MediaObject(
            id=media_id,
            creator_id=creator_id,
            sha256=digest,
            kind="file",
            mime="application/pdf",
            size_bytes=9,
            preparation="ready",
            attempts_count=0,
            next_at=uow.now(),
            stored_at=uow.now(),
            created_at=uow.now(),
        ),
    )
    _add(
        uow.session,
        Attachment(
            id=attachment_id,
            creator_id=creator_id,
            work_id=work_id,
            media_id=media_id,
            created_at=uow.now(),
        ),
    )
    _add(
        uow.session,
        RevisionAttachment(
            revision_id=revision_id,
            attachment_id=attachment_id,
            creator_id=creator_id,
            position=1,
            title="讲义",
            is_teased=False,
        ),
    )


def _open(uow: UnitOfWork, order: Order, shop: Shop, at: datetime, *, term: bool) -> None:
    entitlement_id = uow.ids.new()
    _add(
        uow.session,
        Entitlement(
            id=entitlement_id,
            creator_id=shop.creator_id,
            person_id=order.person_id,
            object_type="column" if term else "work",
            object_id=shop.column_id if term else shop.work_id,
            created_at=uow.now(),
        ),
    )
    uow.session.add(
        EntitlementSource(
            id=uow.ids.new(),
            entitlement_id=entitlement_id,
            kind="order",
            source_id=order.id,
            starts_at=at,
            ends_at=at + timedelta(days=30) if term else None,
            created_at=uow.now(),
        )
    )


def random_sales(books: Books, shops: list[Shop], *, seed: int, count: int) -> list[Sale]:
    """Sales of random amounts on random rails, some minutes around midnight in Beijing."""
    rng = random.Random(seed)
    midnight = datetime(2026, 5, 19, 16, 0, tzinfo=UTC)
    return [
        books.sell(
            rng.choice(shops),
            gross_fen=rng.choice([1, 2, 49, 50, 99, 100, 990, rng.randint(1, 5_000_000)]),
            rail=rng.choice(["jsapi", "xpay_android", "xpay_ios"]),
            paid_at=midnight + timedelta(minutes=rng.randint(-2000, 2000)),
            term=rng.random() < 0.3,
        )
        for _ in range(count)
    ]

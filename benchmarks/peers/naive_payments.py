"""A payment notification as it is written from the documentation of Flask, wechatpayv3 and the ORM.

`gunicorn benchmarks.peers.naive_payments:application`, told where to look by one JSON document in
`NAIVE_PAYMENTS`. It keeps less than we do: no sealed text, no audit, no guards in the tables.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, Response, jsonify, request
from sqlalchemy import BigInteger, ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from wechatpayv3 import WeChatPay, WeChatPayType

from config.settings import process_environment

VARIABLE = "NAIVE_PAYMENTS"
PLATFORM_BP = 1000


class Base(DeclarativeBase):
    """The tables of the naive shop."""


class Notice(Base):
    """A notification that was seen."""

    __tablename__ = "notices"
    id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class Sale(Base):
    """An order."""

    __tablename__ = "sales"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    out_trade_no: Mapped[str] = mapped_column(unique=True)
    fan: Mapped[str]
    work: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    transaction_id: Mapped[str | None]
    paid_at: Mapped[datetime | None]


class Booking(Base):
    """A balanced set of lines."""

    __tablename__ = "bookings"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), unique=True)
    booked_at: Mapped[datetime]


class BookingLine(Base):
    """One line of a booking."""

    __tablename__ = "booking_lines"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    account: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(BigInteger)


class Access(Base):
    """The right of a fan to a work."""

    __tablename__ = "accesses"
    fan: Mapped[str] = mapped_column(primary_key=True)
    work: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"))
    ends_at: Mapped[datetime]


class Outgoing(Base):
    """A message to be sent."""

    __tablename__ = "outgoing"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    topic: Mapped[str]
    sale_id: Mapped[int]


def build(told: dict[str, Any]) -> Flask:
    """The shop over one database, with the keys of one merchant."""
    ours = rsa.generate_private_key(65537, 2048)
    pay = WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=told["mchid"],
        private_key=ours.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        cert_serial_no="1" * 40,
        apiv3_key=told["apiv3_key"],
        appid=told["appid"],
        notify_url="http://127.0.0.1/",
        public_key=told["public_key_pem"],
        public_key_id=told["public_key_id"],
    )
    engine = create_engine(told["url"], pool_size=16)
    app = Flask(__name__)

    @app.post("/pay/notify")
    def notify() -> Response | tuple[Response, int]:
        opened = pay.callback(request.headers, request.data)
        if not opened or opened.get("event_type") != "TRANSACTION.SUCCESS":
            return jsonify(code="FAIL"), 401
        with Session(engine) as session, session.begin():
            if session.get(Notice, opened["id"]) is None:
                _settle(session, opened["id"], opened["resource"])
        return jsonify(code="SUCCESS")

    return app


def _settle(session: Session, notice_id: str, resource: dict[str, Any]) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    session.add(Notice(id=notice_id, seen_at=now))
    sale = session.scalars(
        select(Sale).where(Sale.out_trade_no == resource["out_trade_no"]).with_for_update()
    ).one()
    if sale.state != "pending" or sale.amount_fen != resource["amount"]["total"]:
        return
    sale.state, sale.paid_at, sale.transaction_id = "paid", now, resource["transaction_id"]
    booking = Booking(sale_id=sale.id, booked_at=now)
    session.add(booking)
    session.flush()
    platform_fen = sale.amount_fen * PLATFORM_BP // 10_000
    lines = {
        "receivable": sale.amount_fen,
        "platform": -platform_fen,
        "creator": platform_fen - sale.amount_fen,
    }
    session.add_all(
        BookingLine(booking_id=booking.id, account=account, amount_fen=fen)
        for account, fen in lines.items()
    )
    held = session.get(Access, (sale.fan, sale.work), with_for_update=True)
    ends_at = now + timedelta(days=31)
    if held is None:
        session.add(Access(fan=sale.fan, work=sale.work, sale_id=sale.id, ends_at=ends_at))
    else:
        held.ends_at += timedelta(days=31)
    session.add_all(Outgoing(topic=topic, sale_id=sale.id) for topic in ("receipt", "creator"))


_told = process_environment().get(VARIABLE)
application = build(json.loads(_told)) if _told else None

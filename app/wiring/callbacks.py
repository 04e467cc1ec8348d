"""One push of an account, from bytes to the bytes of its answer.

Kept first, answered second, acted on third, with two exceptions that the platform forces: a chat
message commits its inbox row, its effects and its stored reply together, because the answer must
go out in the same breath; and a delivery of virtual payment commits the entitlement before it
answers "delivered". A refund is recorded before its answer too: it ends what the money had opened.
"""

import time
import traceback
from collections.abc import Callable
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from app.wiring.accounts import AccountBook, message_keys
from app.wiring.deadline import OutOfTime, hurry
from app.wiring.hints import Hints
from app.wiring.offhand import OffhandAnswers
from app.wiring.payments import Payments
from app.wiring.pushes import MESSAGE_SOURCE, XPAY_SOURCE, Push
from app.wiring.refunds import Refunds
from creator_tools.kernel import inbox
from creator_tools.kernel.accounts import Account, AccountNotFound
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.inbox import ClaimedFact, KeptFact
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from creator_tools.studio.ports import Desk
from wechat_handlers.inbound.conversation import Conversation
from wechat_handlers.inbound.messages import (
    Unknown,
    XpayGoodsDelivered,
    XpayRefunded,
    is_exempt_from_freshness,
)
from wechat_handlers.inbound.parser import parse_plaintext
from wechat_handlers.inbound.replies import render_reply
from wechat_handlers.inbound.router import route
from wechat_handlers.inbound.xpay_delivery import delivery_of, render_xpay_answer
from wechat_handlers.inbound.xpay_refund import refund_of
from wechat_handlers.statements.xpay import XpayDelivery
from wechat_handlers.statements.xpay_refund import XpayRefundTold
from wechat_handlers.wire.envelope import (
    Format,
    Query,
    check_freshness,
    open_message,
    seal_reply,
    verify_url,
)
from wechat_handlers.wire.errors import WireRefused

_log = structlog.get_logger(__name__)
UNKNOWN_EVENTS = Counter(
    "juanliu_unknown_events_total", "Pushes of a kind we do not know", ["name"]
)
_UNKNOWN_NAMES_MAX = 50
_unknown_names: set[str] = set()

NOTHING_TO_SAY = b"success"
# A second is what a person waits gladly; then "success" goes out and the answer follows later.
ANSWER_BUDGET_MS = 600
KEEP_BUDGET_MS = 250
# Cancelled by a time-out, refused a lock in time, or told to run again.
_TOO_SLOW = frozenset({"57014", "55P03", "40001", "40P01"})
_PLATFORM = Actor("platform")


class Callbacks:
    """Answers the pushes of Official Accounts and mini-programs."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        payments: Payments,
        refunds: Refunds,
        desk: Desk,
        hints: Hints,
        public_base_url: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._payments = payments
        self._refunds = refunds
        self._desk = desk
        self._hints = hints
        self._public_base_url = public_base_url
        self._monotonic = monotonic
        self._offhand = OffhandAnswers(units, _PLATFORM)

    def verify(self, kind: str, account_id: UUID | None, query: Query) -> str:
        """The echo that proves to the console that this address is ours.

        Raises:
            WireRefused: the signature is not the account's.
            AccountNotFound: there is no such account.
        """
        return verify_url(message_keys(self._account(kind, account_id)), query)

    def answer(self, kind: str, account_id: UUID | None, query: Query, body: bytes) -> bytes:
        """Open one push, act on it, and give the bytes of the answer.

        Raises:
            WireRefused: forged, stale, foreign or malformed; it has no effect.
            AccountNotFound: there is no such account.
        """
        account = self._account(kind, account_id)
        now_epoch_s = int(self._units.clock.now().timestamp())
        keys = message_keys(account)
        opened = open_message(keys, query, body, now_epoch_s=now_epoch_s, freshness_s=None)
        try:
            message = parse_plaintext(opened.plaintext, opened.format, kind)
            delivery = delivery_of(message) if isinstance(message, XpayGoodsDelivered) else None
            refund = refund_of(message) if isinstance(message, XpayRefunded) else None
        except WireRefused as refused:
            self._tell_unreadable(account, refused)
            raise
        if not is_exempt_from_freshness(message):
            check_freshness(opened, now_epoch_s, account.freshness_s)
        push = Push(account, keys, now_epoch_s, opened, message)
        if delivery is not None:
            return self._answer_delivery(push, delivery)
        if refund is not None:
            return self._answer_refund(push, refund)
        if isinstance(message, Unknown):
            _count_unknown(message.name)
        return self._answer_message(push)

    def _tell_unreadable(self, account: Account, refused: WireRefused) -> None:
        """The platform sealed it and we cannot read it: a person must know, once a day."""
        day = business_day_of(self._units.clock.now())
        self._units.run(
            "inbox.park",
            lambda uow: uow.alarm(
                "push_unreadable", f"{account.id}:{refused.code}:{day}", reason=refused.code
            ),
            _PLATFORM,
        )

    def _account(self, kind: str, account_id: UUID | None) -> Account:
        if account_id is None:
            return self._accounts.first(kind)
        account = self._accounts.get(account_id)
        if account.kind != kind:
            raise AccountNotFound
        return account

    def _answer_message(self, push: Push) -> bytes:
        began_s = self._monotonic()
        known = self._offhand.answer(push)
        if known is not None:
            return self._sealed(push, known)
        spent_ms = int((self._monotonic() - began_s) * 1000)
        budget_ms = max(ANSWER_BUDGET_MS - spent_ms, ANSWER_BUDGET_MS // 3)
        try:
            with self._units("chat.message", _PLATFORM) as uow:
                plaintext = self._converse(uow, push, budget_ms)
        except Exception as error:
            if _is_database_away(error):
                raise
            if not _is_too_slow(error):
                # Frames, not values: a message of an error may quote what was said.
                frames = "".join(traceback.format_tb(error.__traceback__))
                _log.error("callback.failed", fault=type(error).__name__, frames=frames)
            return self._keep_for_later(push)
        self._hints.nudge("effects")
        if plaintext is not None:
            self._offhand.committed(push, plaintext)
        return self._sealed(push, plaintext or "")

    def _converse(self, uow: UnitOfWork, push: Push, budget_ms: int) -> str | None:
        hurry(uow.session, budget_ms, self._monotonic)
        kept = _keep(uow, push, MESSAGE_SOURCE)
        if not kept.is_new:
            return kept.reply
        reply = route(push.message, self._conversation(uow, push.account))
        rendered = render_reply(reply, push.message, int(uow.now().timestamp()), push.opened.format)
        inbox.mark_done(uow, kept.id, reply=rendered)
        return rendered

    def _keep_for_later(self, push: Push) -> bytes:
        """No answer in time, or none at all: keep the message, say nothing now, answer later.

        If even that takes too long the error goes out, and the platform delivers again.
        """
        with self._units("inbox.keep", _PLATFORM) as uow:
            hurry(uow.session, KEEP_BUDGET_MS, self._monotonic)
            _keep(uow, push, MESSAGE_SOURCE)
        self._hints.nudge("inbox")
        return NOTHING_TO_SAY

    def handle_later(self, uow: UnitOfWork, fact: ClaimedFact) -> None:
        """Act on a message that was kept for later; its answer is a message of its own."""
        account = self._accounts.get(fact.account_id)
        body_format: Format = "json" if fact.kind.endswith(":json") else "xml"
        message = parse_plaintext(fact.payload, body_format, account.kind)
        route(message, self._conversation(uow, account, is_late=True))
        inbox.mark_done(uow, fact.id, reply="")

    def record_kept_delivery(self, uow: UnitOfWork, fact: ClaimedFact) -> None:
        """Record a delivery that an operator lets run again."""
        body_format: Format = "json" if fact.kind.endswith(":json") else "xml"
        message = parse_plaintext(fact.payload, body_format, "mini")
        if isinstance(message, XpayGoodsDelivered):
            self._payments.record_delivery(uow, fact.id, fact.account_id, delivery_of(message))
        elif isinstance(message, XpayRefunded):
            self._refunds.record_push(uow, fact.id, refund_of(message))
        else:
            inbox.mark_done(uow, fact.id)

    def _conversation(
        self, uow: UnitOfWork, account: Account, *, is_late: bool = False
    ) -> Conversation:
        return Conversation(
            uow=uow,
            account_id=account.id,
            account_kind=account.kind,
            desk=self._desk,
            absolute=lambda path: self._public_base_url + path,
            is_late=is_late,
        )

    def _answer_delivery(self, push: Push, delivery: XpayDelivery) -> bytes:
        def record(uow: UnitOfWork) -> None:
            kept = _keep(uow, push, XPAY_SOURCE)
            if kept.is_new:
                self._payments.record_delivery(uow, kept.id, push.account.id, delivery)

        self._units.run("payments.record", record, _PLATFORM)
        self._hints.nudge("effects")
        return self._sealed(push, render_xpay_answer(push.opened.format, 0, "success"))

    def _answer_refund(self, push: Push, told: XpayRefundTold) -> bytes:
        """Record a refund before it is answered; ours, or one that Apple has granted."""

        def record(uow: UnitOfWork) -> None:
            kept = _keep(uow, push, XPAY_SOURCE)
            if kept.is_new:
                self._refunds.record_push(uow, kept.id, told)

        self._units.run("refunds.record", record, _PLATFORM)
        self._hints.nudge("effects")
        return self._sealed(push, render_xpay_answer(push.opened.format, 0, "success"))

    def _sealed(self, push: Push, plaintext: str) -> bytes:
        if plaintext in {"", "success"}:
            return NOTHING_TO_SAY
        chance = self._units.rng.getrandbits(128 + 63)
        return seal_reply(
            push.keys,
            push.opened,
            plaintext,
            timestamp=push.came_epoch_s,
            nonce=str(chance >> 128),
            random16=(chance & (1 << 128) - 1).to_bytes(16, "big"),
        )


def _keep(uow: UnitOfWork, push: Push, source: str) -> KeptFact:
    return inbox.keep(
        uow,
        account_id=push.account.id,
        source=source,
        source_key=push.source_key,
        kind=push.kind,
        payload=push.opened.plaintext,
    )


def _is_database_away(error: Exception) -> bool:
    """Whether nothing can be kept now: the error goes out, and the platform delivers again."""
    if _is_too_slow(error):
        return False
    return isinstance(error, OperationalError | InterfaceError | PoolExhausted) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


def _is_too_slow(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) in _TOO_SLOW
    return isinstance(error, OutOfTime)


def _count_unknown(name: str) -> None:
    """Count by name, but only so many names: a flood of inventions must not fill the memory."""
    if len(_unknown_names) >= _UNKNOWN_NAMES_MAX and name not in _unknown_names:
        name = "other"
    _unknown_names.add(name)
    UNKNOWN_EVENTS.labels(name=name[:64]).inc()
    _log.info("callback.unknown_event", name=name[:64])

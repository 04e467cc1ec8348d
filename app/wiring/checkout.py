"""From a quote to something the client can pay: one order, one call, one answer.

Two units with the network between them. A crash in between leaves a pending order whose number
the rail may or may not know; the same request again goes on with that very number.

A pay sheet may never answer, and the rail's own word may be late. So whoever was shown a sheet
for a thing and comes again for it is not asked for money before the rail was asked about that one.
"""

from typing import Any
from uuid import UUID

from app.wiring.accounts import AccountBook
from app.wiring.hints import Hints
from app.wiring.payments import Payments
from app.wiring.wechat import WeChat
from config.refund_terms import RefundTermsTable
from creator_tools.catalogue import queries as catalogue
from creator_tools.kernel import idempotency
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from creator_tools.orders import queries as orders_queries
from creator_tools.orders import rules
from creator_tools.orders import service as orders
from creator_tools.orders.errors import OrderNotFound, PaymentUnavailable, SessionKeyStale
from creator_tools.orders.ports import Prepared
from creator_tools.people import queries as people
from creator_tools.people import service as people_service
from creator_tools.people.queries import SignedIn

_Answer = dict[str, Any]


class Checkout:
    """Places orders for people who are signed in."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        wechat: WeChat,
        payments: Payments,
        hints: Hints,
        refund_terms: RefundTermsTable,
    ) -> None:
        self._units = units
        self._refund_terms = refund_terms
        self._accounts = accounts
        self._wechat = wechat
        self._payments = payments
        self._hints = hints

    def place(
        self,
        signed_in: SignedIn,
        quote_id: UUID,
        idempotency_key: str,
        login_code: str | None = None,
    ) -> _Answer:
        """Place an order and prepare its payment.

        Returns:
            `{order_id, state, rail, pay}`; the same key and body get the same answer. An order
            of the same thing that turns out to be paid is answered instead of a new one.

        Raises:
            DomainError: any refusal of orders, the rail or the key; nothing is charged.
        """
        paid_id = self._find_paid(signed_in, quote_id)
        # By identity: it stays when two people turn out to be one, and so do the answers.
        scope = f"orders:{signed_in.identity_id}"
        body = {"quote_id": str(quote_id), "login_code": login_code}
        actor = Actor("person", signed_in.person_id)

        def begin(uow: UnitOfWork) -> tuple[UUID, _Answer | None]:
            earlier = idempotency.begin(uow, scope=scope, key=idempotency_key, body=body)
            if earlier is not None and earlier.object_id is not None:
                return earlier.object_id, earlier.response
            order_id = paid_id or self._create(uow, signed_in, quote_id)
            idempotency.attach(uow, scope=scope, key=idempotency_key, object_id=order_id)
            return order_id, None

        order_id, answer = self._units.run("orders.create", begin, actor)
        if answer is not None:
            return answer
        try:
            prepared = self._prepared(signed_in, order_id, login_code)
        except DomainError:
            # A refusal is no answer to be repeated: the key is free for a mended request.
            self._units.run(
                "orders.prepaid",
                lambda uow: idempotency.release(uow, scope=scope, key=idempotency_key),
                actor,
            )
            raise

        def end(uow: UnitOfWork) -> _Answer:
            if prepared is not None:
                orders.note_prepaid(uow, order_id, prepared.prepay_ref)
            order = orders_queries.get_of_person(uow.session, order_id, signed_in.person_id)
            response = {
                "order_id": str(order.id),
                "state": order.state,
                "rail": order.rail,
                "pay": prepared.pay if prepared else None,
            }
            return idempotency.finish(uow, scope=scope, key=idempotency_key, response=response)

        return self._units.run("orders.prepaid", end, actor)

    def _find_paid(self, signed_in: SignedIn, quote_id: UUID) -> UUID | None:
        """The order of the same thing that was paid without our hearing of it, if there is one.

        Raises:
            PaymentUnavailable: the rail does not say, and a new number could be paid beside it.
        """
        with self._units.reading() as session:
            if orders_queries.find_of_quote(session, quote_id) is not None:
                return None  # the same request again goes on with its own number
            quote = catalogue.get_quote(session, quote_id, signed_in.person_id)
            unheard = [(one.id, one.rail) for one in orders_queries.list_unheard(session, quote)]
        for order_id, rail in unheard:
            said = self._payments.ask(order_id, at_once=True)
            if said == "paid" and self._is_paid(order_id):
                return order_id
            if said == "unknown" and rail not in rules.RETRIABLE_RAILS:
                raise PaymentUnavailable(rail=rail, reason="earlier_order_unknown")
        return None

    def _is_paid(self, order_id: UUID) -> bool:
        with self._units.reading() as session:
            order = orders_queries.find(session, order_id)
            return order is not None and order.state == rules.OrderState.PAID

    def _create(self, uow: UnitOfWork, signed_in: SignedIn, quote_id: UUID) -> UUID:
        order = orders.create(
            uow,
            quote_id=quote_id,
            person_id=signed_in.person_id,
            account_id=signed_in.account_id,
            payee_account_id=self._payee_of(uow, signed_in, quote_id),
            refund_terms=self._refund_terms.on(business_day_of(uow.now())),
        )
        return order.id

    def _payee_of(self, uow: UnitOfWork, signed_in: SignedIn, quote_id: UUID) -> UUID | None:
        quote = catalogue.get_quote(uow.session, quote_id, signed_in.person_id)
        if quote.rail is None or quote.rail == "free":
            return None
        return self._accounts.payee_for(quote.rail).id

    def _prepared(
        self, signed_in: SignedIn, order_id: UUID, login_code: str | None
    ) -> Prepared | None:
        with self._units.reading() as session:
            order = orders_queries.get_of_person(session, order_id, signed_in.person_id)
            if order.state != "pending":
                return None
            facts = orders_queries.facts_of(session, order_id)
            subject = people.subject_of(session, signed_in.person_id, signed_in.account_id)
        if subject is None:
            raise OrderNotFound
        session_key = None
        if facts.rail != "jsapi":
            session_key = self._session_key(signed_in, subject, login_code)
        return self._wechat.gateway.prepare(facts, subject=subject, session_key=session_key)

    def _session_key(self, signed_in: SignedIn, subject: str, login_code: str | None) -> str:
        """The current session key: from a fresh login, or the stored one if it still holds."""
        if login_code is not None:
            result = self._wechat.login.exchange(signed_in.account_id, "mini", login_code)
            if result.subject != subject or result.session_key is None:
                raise SessionKeyStale
            key = result.session_key
            self._units.run(
                "people.sign_in",
                lambda uow: people_service.store_session_key(
                    uow, identity_id=signed_in.identity_id, session_key=key
                ),
                Actor("person", signed_in.person_id),
            )
            return key
        with self._units.reading() as session:
            stored = people.session_key_of(session, self._units.sealer, signed_in.identity_id)
        if stored is None or not self._wechat.login.is_session_current(
            signed_in.account_id, subject, stored.value
        ):
            raise SessionKeyStale
        return stored.value

    def state_of(self, signed_in: SignedIn, order_id: UUID) -> _Answer:
        """The state of the person's own order; a pending one is asked about soon.

        Raises:
            OrderNotFound: there is none of this person.
        """
        with self._units.reading() as session:
            order = orders_queries.get_of_person(session, order_id, signed_in.person_id)
            answer = {
                "order_id": str(order.id),
                "state": order.state,
                "rail": order.rail,
                "amount_fen": order.amount_fen,
                "paid_at": order.paid_at.isoformat() if order.paid_at else None,
            }
        if answer["state"] == "pending":
            self._units.run("orders.claim_query", lambda uow: orders.hasten_query(uow, order_id))
            self._hints.nudge("orders")
        return answer

"""Quotes and orders: the price is ours, the surface is the session's, the device is a hint."""

from datetime import datetime

from apiflask import APIBlueprint
from flask import request

from app.http import sessions
from app.http.errors import known_id
from app.http.mini_program.shapes import (
    OrderPlaced,
    OrderState,
    OrderWanted,
    QuoteGiven,
    QuoteWanted,
    at_beijing,
)
from app.http.needs import HttpWiring
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.errors import FieldError, InputRefused
from creator_tools.kernel.unit_of_work import UnitOfWork

KEY_HEADER = "Idempotency-Key"


def register(api: APIBlueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @api.post("/quotes")
    @api.input(QuoteWanted, arg_name="wanted")
    @api.output(QuoteGiven)
    @api.doc(summary="Freeze a price for some minutes", security="Bearer")
    def ask_price(wanted: QuoteWanted) -> QuoteGiven:
        signed_in = sessions.required_bearer(wiring)
        product_id = known_id(wanted.product_id, "product_id")

        def quote(uow: UnitOfWork) -> QuoteGiven:
            made = catalogue.quote(
                uow,
                product_id=product_id,
                person_id=signed_in.person_id,
                account_id=signed_in.account_id,
                surface=signed_in.surface,
                device=wanted.device,
                policy=wiring.rails,
            )
            return QuoteGiven.model_validate(
                {
                    "quote_id": str(made.id),
                    "payable_fen": made.payable_fen,
                    "rail": made.rail,
                    "may_show_price": made.may_show_price,
                    "reasons": made.reasons,
                    "expires_at": at_beijing(made.expires_at),
                }
            )

        return wiring.units.run("catalogue.quote", quote, sessions.actor_of(signed_in))

    _register_orders(api, wiring)


def _register_orders(api: APIBlueprint, wiring: HttpWiring) -> None:
    @api.post("/orders")
    @api.input(OrderWanted, arg_name="wanted")
    @api.output(OrderPlaced)
    @api.doc(summary="Place an order; the same key and body get the same answer", security="Bearer")
    def place_order(wanted: OrderWanted) -> OrderPlaced:
        signed_in = sessions.required_bearer(wiring)
        key = request.headers.get(KEY_HEADER)
        if not key:
            message = "请带上 Idempotency-Key 请求头，8–128 个可见 ASCII 字符。"
            raise InputRefused(fields=(FieldError(KEY_HEADER, "required", message),))
        placed = wiring.checkout.place(
            signed_in,
            quote_id=known_id(wanted.quote_id, "quote_id"),
            idempotency_key=key,
            login_code=wanted.login_code,
        )
        return OrderPlaced.model_validate(placed)

    @api.get("/orders/<order_id>")
    @api.output(OrderState)
    @api.doc(summary="What became of an order", security="Bearer")
    def show_order(order_id: str) -> OrderState:
        signed_in = sessions.required_bearer(wiring)
        state = wiring.checkout.state_of(signed_in, known_id(order_id))
        paid_at = state.get("paid_at")
        if isinstance(paid_at, str):
            state = state | {"paid_at": at_beijing(datetime.fromisoformat(paid_at))}
        return OrderState.model_validate(state)

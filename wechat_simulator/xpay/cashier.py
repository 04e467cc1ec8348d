"""A person before the virtual pay sheet: the device decides whose payment it is."""

from typing import Any

from wechat_simulator.entities import Person
from wechat_simulator.outcomes import CANCEL, FAIL, LOST_AFTER, LOST_BEFORE, OUTCOMES, PAY
from wechat_simulator.world import World
from wechat_simulator.xpay import client, pushes
from wechat_simulator.xpay.model import Status, VirtualOrder
from wechat_simulator.xpay.office import office_of

RAILS = ("xpay_android", "xpay_ios")
RAIL_CONTRADICTS_DEVICE = "RAIL_CONTRADICTS_DEVICE"

_WORD = "requestVirtualPayment"


def person_pays(
    world: World, person: Person, rail: str, payment: dict[str, Any], outcome: str = PAY
) -> dict[str, Any]:
    """Let a person meet the pay sheet of an `xpay_*` payment object.

    Returns `{err_msg, err_code, err_desc, trade_no, payment_ref, pushes}`. `err_code` is WeChat's
    number, 0 for success; RAIL_CONTRADICTS_DEVICE when no such telephone pays on that rail. With a
    lost network `err_msg` and `err_code` are None: neither `success` nor `fail` is ever called.

    Raises:
        ValueError: the rail or the outcome is unknown.
    """
    if rail not in RAILS or outcome not in OUTCOMES:
        raise ValueError(f"rail is one of {', '.join(RAILS)}; outcome one of {', '.join(OUTCOMES)}")
    office = office_of(world)
    with world.lock:
        desk, now = office.desk(), office.now()
        payer = _payer(world, person)
        if payer.rail != rail:
            desc = f"a person with {person.device} pays on {payer.rail}"
            return _result(f"{_WORD}:fail", RAIL_CONTRADICTS_DEVICE, desc, None)
        try:
            order = client.open_sheet(desk, payer, payment, now)
        except client.SheetRefused as refusal:
            return _result(f"{_WORD}:fail {refusal.name}", refusal.code, refusal.name, None)
        if outcome == CANCEL:
            return _result(f"{_WORD}:fail cancel", -2, "用户取消支付", order)
        if outcome == LOST_BEFORE:
            return _result(None, None, "", order)
        if outcome == FAIL:
            order.status, order.updated_at = Status.CLOSED, now
            return _result(f"{_WORD}:fail", -1, "支付失败", order)
        client.charge(desk, order, now)
        fields = {
            "title": order.product_id,
            "trade_no": order.order_id,
            "payment_ref": order.payment_ref,
            "amount_fen": order.fee_fen,
        }
        world.reached(person.id, "pay", "payment", "receipt", fields)
        push = office.keep(order.env, order.order_id, pushes.goods_delivery(desk, order))
    tried = [one.shown() for one in office.post(push)]
    if outcome == LOST_AFTER:
        return _result(None, None, "", order) | {"pushes": tried}
    return _result(f"{_WORD}:ok", 0, "", order) | {"pushes": tried}


def _payer(world: World, person: Person) -> client.Payer:
    appid = world.accounts.mini.appid
    return client.Payer(
        person_id=person.id,
        openid=person.mini_openid,
        device=person.device,
        session_key=world.session_key(person.id, appid),
        former_session_keys=world.former_session_keys(person.id, appid),
    )


def _result(
    err_msg: str | None, err_code: int | str | None, err_desc: str, order: VirtualOrder | None
) -> dict[str, Any]:
    paid = order is not None and order.paid_at is not None
    return {
        "err_msg": err_msg,
        "err_code": err_code,
        "err_desc": err_desc,
        "trade_no": order.order_id if order is not None else None,
        "payment_ref": order.payment_ref if order is not None and paid else None,
        "pushes": [],
    }

"""Template and subscription messages, and the events that say how they ended."""

import re
from typing import Any

from wechat_simulator.api.custom import addressee
from wechat_simulator.api.entry import Call, serve
from wechat_simulator.api.refusals import Refused
from wechat_simulator.callbacks import deliver
from wechat_simulator.entities import Due, Kind, Person
from wechat_simulator.people import event_fields
from wechat_simulator.routes import Router
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
OA: tuple[Kind, ...] = ("oa",)
MINI: tuple[Kind, ...] = ("mini",)
RESULT_DUE = "notice-result"
_LIMITS: tuple[tuple[str, str], ...] = (
    ("thing", r".{1,20}"),
    ("number", r"-?\d{1,32}(\.\d+)?"),
    ("letter", r"[A-Za-z]{1,32}"),
    ("symbol", r".{1,5}"),
    ("character_string", r"[\x21-\x7e]{1,32}"),
    ("time", r".{1,40}"),
    ("date", r".{1,40}"),
    ("amount", r"[¥$€￥]?\d{1,10}(\.\d{1,2})?元?"),
    ("phone_number", r"[\d+\-]{1,17}"),
    ("car_number", r".{1,8}"),
    ("name", r"[A-Za-z ]{1,20}|.{1,10}"),
    ("phrase", r"[\u4e00-\u9fff]{1,5}"),
    ("enum", r".{1,20}"),
)


def register(router: Router, world: World) -> None:
    """Serve template/send, subscribe/send and subscribe/bizsend."""
    send = "/cgi-bin/message/subscribe"
    serve(
        router, world, "POST", "/cgi-bin/message/template/send", template, kinds=OA, quota=100_000
    )
    serve(router, world, "POST", f"{send}/send", subscribe, kinds=MINI)
    serve(router, world, "POST", f"{send}/bizsend", subscribe, kinds=OA)
    world.scheduler.on(RESULT_DUE, lambda due: _report(world, due))


def template(call: Call) -> dict[str, Any]:
    """Send a template message to a follower; an event tells the result."""
    template_id = call.text("template_id", 40037)
    person = addressee(call)
    follower = call.world.things.followers.get(person.id)
    if follower is None or not follower.following:
        raise Refused(43004)
    values = _values(call.body.get("data"))
    number = 3_000_000_000_000 + call.world.count("template")
    fields = {"template_id": template_id, "values": values, "url": call.body.get("url", "")}
    call.world.reached(person.id, "oa", "template", "template", fields)
    event = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": "success"}
    _promise_report(call, person, event)
    return {**OK, "msgid": number}


def subscribe(call: Call) -> dict[str, Any]:
    """Send one consented message; each consent is good for one."""
    template_id = call.text("template_id", 40037)
    person = addressee(call)
    values = _values(call.body.get("data"))
    for name, value in values.items():
        _check_value(name, value)
    page = call.body.get("page", "")
    if not isinstance(page, str) or page.startswith("/"):
        raise Refused(41030)
    consent = f"{call.account.appid}/{person.id}/{template_id}"
    left = call.world.things.consents.get(consent, 0)
    if left < 1:
        raise Refused(43101)
    call.world.things.consents[consent] = left - 1
    fields = {"template_id": template_id, "values": values, "page": page}
    call.world.reached(person.id, call.account.kind, "subscribe", "subscribe", fields)
    number = str(1_700_000_000_000_000 + call.world.count("subscribe"))
    sent = {"TemplateId": template_id, "MsgID": number, "ErrorCode": "0", "ErrorStatus": "success"}
    event = {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": sent}}
    _promise_report(call, person, event)
    return OK


def _values(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not given:
        raise Refused(47003, "hint: [data]")
    values = {}
    for name, one in given.items():
        value = one.get("value") if isinstance(one, dict) else None
        if value is None or str(value) == "":
            raise Refused(47003, f"data.{name}.value is empty")
        values[str(name)] = str(value)
    return values


def _check_value(name: str, value: str) -> None:
    for kind, shape in _LIMITS:
        if re.fullmatch(rf"{kind}\d+", name):
            if not re.fullmatch(shape, value):
                raise Refused(47003, f"data.{name}.value invalid")
            return
    raise Refused(47003, f"data.{name} is no keyword of the template")


def _promise_report(call: Call, person: Person, event: dict[str, Any]) -> None:
    payload = {"person": person.id, "mini": call.account.kind == "mini", "event": event}
    call.world.scheduler.schedule(call.world.clock.now() + 1, RESULT_DUE, payload)


def _report(world: World, due: Due) -> None:
    person, mini = world.people.get(due.payload["person"]), due.payload["mini"]
    if person is None:
        return
    with world.lock:
        fields = event_fields(world, person, due.payload["event"], mini=mini)
    deliver(world, world.accounts.mini if mini else world.accounts.oa, fields)

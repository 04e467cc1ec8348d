"""Pushing messages and events to a backend as WeChat does: sealed, signed, tried three times."""

import json
import threading
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from wechat_simulator import chance
from wechat_simulator.callback_reply import ReplyRefused, read_reply
from wechat_simulator.entities import Account, Due
from wechat_simulator.faults import FaultRule
from wechat_simulator.pushcrypto import seal, sha1_of
from wechat_simulator.transport import Answer
from wechat_simulator.world import World
from wechat_simulator.xmlform import write_xml

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
PushKind = Literal["message", "xpay"]
TRIES: dict[str, int] = {"message": 3, "xpay": 1}
_WHOLE = frozenset({"duplicate", "delay", "reorder"})
_EACH = frozenset({"drop", "tamper", "wrong_key", "status"})
_HELD_FOR_S = 3600


@dataclass
class Delivery:
    """How a push ended.

    `status` is the HTTP status of the last try, 0 when nothing came back; `reply` the decrypted
    answer, None for an empty one or `success`; `failure` says why WeChat calls the answer bad;
    `later` marks a push that a fault holds back.
    """

    status: int
    tries: int
    reply: dict[str, Any] | None = None
    failure: str = ""
    later: bool = False

    @property
    def ok(self) -> bool:
        """Whether WeChat takes the push as received."""
        return not self.failure and not self.later


def install(world: World) -> None:
    """Let pushes that were held back leave when they fall due."""
    world.scheduler.on("push", lambda due: _send_held(world, due))


def deliver(
    world: World,
    account: Account,
    fields: dict[str, Any],
    kind: PushKind = "message",
    *,
    notify: str | None = None,
) -> Delivery:
    """Push plaintext `fields` to the account's callback address.

    A message is tried three times at once after a time-out or a bad answer, an xpay push once
    (its schedule is its sender's). `notify` is the person who sees the fault notice when all tries
    of a message fail. Never call it while holding the world's lock: the backend may call back.
    """
    rule = world.faults.take(f"push:{kind}", _WHOLE)
    if rule is not None and rule.fault in {"delay", "reorder"}:
        return _hold(world, account, fields, kind, notify, rule)
    copy = None
    if rule is not None:
        copy = threading.Thread(target=_all_tries, args=(world, account, fields, kind))
        copy.start()
    delivery = _all_tries(world, account, fields, kind)
    if copy is not None:
        copy.join()
    if not delivery.ok and notify is not None and kind == "message":
        world.reached(notify, account.kind, "notice", "text", {"text": FAULT_NOTICE})
    _release_reordered(world, account, kind)
    return delivery


def verify_address(world: World, account: Account) -> bool:
    """Ask the callback address for its echo, as the console does when it is saved."""
    with world.lock:
        echo = chance.digits(world.rng, 19)
        query = _query(world, account, account.token)
    answer = world.transport.send(
        "GET",
        _address(account, {**query, "echostr": echo}),
        {"User-Agent": "Mozilla/4.0"},
        b"",
        world.callback_timeout_s,
    )
    return answer.status == 200 and answer.body == echo.encode()


def plaintext(account: Account, fields: dict[str, Any]) -> bytes:
    """The bytes that are sealed, in the account's format."""
    if account.format == "json":
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return write_xml(fields).encode()


def _all_tries(world: World, account: Account, fields: dict[str, Any], kind: PushKind) -> Delivery:
    content = plaintext(account, fields)
    openid = str(fields.get("FromUserName", ""))
    delivery = Delivery(0, 0, failure="there is no callback address")
    if not account.callback_url:
        return delivery
    for number in range(1, TRIES[kind] + 1):
        delivery = _try(world, account, content, openid, kind)
        delivery.tries = number
        if delivery.ok:
            break
    return delivery


def _try(world: World, account: Account, content: bytes, openid: str, kind: PushKind) -> Delivery:
    rule = world.faults.take(f"push:{kind}", _EACH)
    if rule is not None and rule.fault == "drop":
        return Delivery(0, 1, failure="the push was lost on the way")
    answer = _post(world, account, content, openid, rule)
    if rule is not None and rule.fault == "status":
        return Delivery(rule.status, 1, failure="the answer was lost on the way")
    if answer.status == 0:
        return Delivery(0, 1, failure=answer.failure)
    if answer.status != 200:
        return Delivery(answer.status, 1, failure="the status is not 200")
    try:
        reply = read_reply(account, answer.body, openid, kind)
    except ReplyRefused as error:
        return Delivery(answer.status, 1, failure=str(error))
    return Delivery(answer.status, 1, reply=reply)


def _post(
    world: World, account: Account, content: bytes, openid: str, rule: FaultRule | None
) -> Answer:
    key, token = account.aes_key, account.token
    if account.push_with == "previous" and account.aes_key_previous:
        key = account.aes_key_previous
    with world.lock:
        if rule is not None and rule.fault == "wrong_key":
            key, token = chance.letters(world.rng, 43), chance.letters(world.rng, 32)
        sealed = seal(content, account.appid, key, world.rng)
        query = _query(world, account, token)
        signature = sha1_of(token, query["timestamp"], query["nonce"], sealed)
        if rule is not None and rule.fault == "tamper":
            place = world.rng.randrange(len(sealed) - 4)
            sealed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
    query.update(openid=openid, encrypt_type="aes", msg_signature=signature)
    body, content_type = _envelope(account, sealed)
    return world.transport.send(
        "POST",
        _address(account, query),
        {"Content-Type": content_type, "User-Agent": "Mozilla/4.0", "Accept": "*/*"},
        body,
        world.callback_timeout_s,
    )


def _query(world: World, account: Account, token: str) -> dict[str, str]:
    del account
    timestamp = str(int(world.clock.now()))
    nonce = chance.digits(world.rng, 10)
    return {"signature": sha1_of(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}


def _envelope(account: Account, sealed: str) -> tuple[bytes, str]:
    fields = {"ToUserName": account.original_id, "Encrypt": sealed}
    if account.format == "json":
        return json.dumps(fields).encode(), "application/json"
    return write_xml(fields).encode(), "text/xml"


def _address(account: Account, query: dict[str, str]) -> str:
    joint = "&" if "?" in account.callback_url else "?"
    return account.callback_url + joint + urlencode(query)


def _hold(
    world: World,
    account: Account,
    fields: dict[str, Any],
    kind: PushKind,
    notify: str | None,
    rule: FaultRule,
) -> Delivery:
    wait = rule.delay_s if rule.fault == "delay" else _HELD_FOR_S
    payload: dict[str, Any] = {
        "account": account.kind,
        "fields": fields,
        "kind": kind,
        "notify": notify,
    }
    if rule.fault == "reorder":
        payload["until_next"] = True
    with world.lock:
        world.scheduler.schedule(world.clock.now() + wait, "push", payload)
    return Delivery(0, 0, later=True)


def _send_held(world: World, due: Due) -> Delivery:
    account = world.accounts.by_kind(due.payload["account"])
    kind: PushKind = due.payload["kind"]
    delivery = _all_tries(world, account, due.payload["fields"], kind)
    notify = due.payload["notify"]
    if not delivery.ok and notify is not None and kind == "message":
        world.reached(notify, account.kind, "notice", "text", {"text": FAULT_NOTICE})
    return delivery


def _release_reordered(world: World, account: Account, kind: PushKind) -> None:
    """What was held back to be overtaken goes now, after the push that overtook it."""
    held: list[Due] = []

    def overtaken(row: Due) -> bool:
        mine = (
            row.kind == "push"
            and bool(row.payload.get("until_next"))
            and row.payload["account"] == account.kind
            and row.payload["kind"] == kind
        )
        if mine:
            held.append(row)
        return mine

    world.scheduler.cancel(overtaken)
    for row in held:
        _send_held(world, row)

"""Control of people: what they do with their telephones."""

import json
from typing import Any
from urllib.parse import urlencode

from wechat_simulator import conversation, logins, people, tapping
from wechat_simulator.browser import Browser, Inside
from wechat_simulator.callbacks import Delivery
from wechat_simulator.control.entry import control, only
from wechat_simulator.entities import Person
from wechat_simulator.groups import groups_of
from wechat_simulator.impossible import Impossible
from wechat_simulator.outcomes import OUTCOMES, PAY
from wechat_simulator.pay import cashier
from wechat_simulator.routes import Request, Router
from wechat_simulator.shapes import shown_message, shown_reply
from wechat_simulator.world import World
from wechat_simulator.xpay import cashier as virtual_cashier

RAILS = ("jsapi", "xpay_android", "xpay_ios")
CHANNELS = ("oa", "mini", "pay", "friend")


def register(router: Router, world: World, inside: Inside) -> None:
    """Serve the calls under /_sim/people."""
    desk = PeopleDesk(world, inside)
    control(router, "POST", "people", desk.make)
    control(router, "GET", "people", desk.everybody)
    control(router, "GET", "people/{id}", desk.one)
    for name in ("follow", "unfollow", "send", "tap", "enter", "login", "phone", "open", "pay"):
        control(router, "POST", f"people/{{id}}/{name}", getattr(desk, name))
    control(router, "POST", "people/{id}/consent", desk.consent)
    control(router, "POST", "people/{id}/confirm-transfer", desk.confirm_transfer)
    control(router, "GET", "people/{id}/messages", desk.messages)


class PeopleDesk:
    """The handlers; each gets the request and its JSON object."""

    def __init__(self, world: World, inside: Inside) -> None:
        self._world = world
        self._inside = inside

    def make(self, request: Request, given: dict[str, Any]) -> Any:
        """A new person."""
        del request
        only(given, "nickname", "device")
        device = given.get("device", "android")
        return _shown(people.make_person(self._world, given.get("nickname", ""), device))

    def everybody(self, request: Request, given: dict[str, Any]) -> Any:
        """Everybody there is."""
        del request, given
        with self._world.lock:
            return {"items": [_shown(one) for one in self._world.people.values()]}

    def one(self, request: Request, given: dict[str, Any]) -> Any:
        """One person, and whether they follow."""
        del given
        person = self._person(request)
        follower = self._world.things.followers.get(person.id)
        return {**_shown(person), "following": follower is not None and follower.following}

    def follow(self, request: Request, given: dict[str, Any]) -> Any:
        """Follow, perhaps by a QR code's scene."""
        only(given, "scene")
        return _delivered(people.follow(self._world, self._person(request).id, given.get("scene")))

    def unfollow(self, request: Request, given: dict[str, Any]) -> Any:
        """Stop following."""
        only(given, "scene")
        return _delivered(people.unfollow(self._world, self._person(request).id))

    def send(self, request: Request, given: dict[str, Any]) -> Any:
        """Write to an account."""
        person = self._person(request)
        app = given.get("app", "oa")
        return _delivered(conversation.send(self._world, person.id, app, given))

    def tap(self, request: Request, given: dict[str, Any]) -> Any:
        """Tap the menu."""
        only(given, "key", "scan_result")
        person = self._person(request)
        tapped = tapping.tap(self._world, person.id, given.get("key"), given)
        return {**_delivered(tapped.delivery), "opens": tapped.opens}

    def enter(self, request: Request, given: dict[str, Any]) -> Any:
        """Open the mini-program's customer-service window."""
        only(given, "session_from")
        origin = given.get("session_from", "")
        if not isinstance(origin, str) or len(origin) > 1000:
            raise Impossible("session_from", "session_from is a text of at most 1000 characters")
        return _delivered(conversation.enter(self._world, self._person(request).id, origin))

    def login(self, request: Request, given: dict[str, Any]) -> Any:
        """`wx.login` in the mini-program, or the silent code of the Official Account's pages."""
        only(given, "app")
        person = self._person(request)
        account = conversation.the_account(self._world, given.get("app", "mini"))
        with self._world.lock:
            if account.kind == "mini":
                return {"code": logins.login(self._world, person.id, account.appid)}
            return {"code": logins.new_code(self._world, person.id, "oauth", account.appid)}

    def phone(self, request: Request, given: dict[str, Any]) -> Any:
        """The code of the mini-program's phone-number button."""
        only(given)
        person = self._person(request)
        with self._world.lock:
            appid = self._world.accounts.mini.appid
            return {"code": logins.new_code(self._world, person.id, "phone", appid)}

    def consent(self, request: Request, given: dict[str, Any]) -> Any:
        """Accept one subscription message of a template."""
        only(given, "app", "template_id", "times")
        person = self._person(request)
        account = conversation.the_account(self._world, given.get("app", "mini"))
        template, times = given.get("template_id"), given.get("times", 1)
        if not isinstance(template, str) or not 1 <= len(template) <= 128:
            raise Impossible("template_id", "template_id is a text of 1 to 128 characters")
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 1000:
            raise Impossible("times", "times is a whole number from 1 to 1000")
        name = f"{account.appid}/{person.id}/{template}"
        with self._world.lock:
            left = self._world.things.consents.get(name, 0) + times
            self._world.things.consents[name] = left
        return {"left": left}

    def messages(self, request: Request, given: dict[str, Any]) -> Any:
        """All that reached the person: in order, and by channel."""
        del given
        person = self._person(request)
        with self._world.lock:
            inbox = list(self._world.things.inbox.get(person.id, []))
        if request.query.get("all") != "1":
            inbox = [one for one in inbox if not one.said_by_person]
        items = [shown_message(one) for one in inbox]
        by = {name: [one for one in items if one["channel"] == name] for name in CHANNELS}
        return {"items": items, **by, "groups": groups_of(self._world, person.id)}

    def open(self, request: Request, given: dict[str, Any]) -> Any:
        """Open a page in the person's WeChat."""
        only(given, "url", "tap", "method", "form", "json")
        person = self._person(request)
        url, method = given.get("url"), given.get("method", "GET")
        if not isinstance(url, str) or method not in ("GET", "POST"):
            raise Impossible("url", "url is an http or https address; method is GET or POST")
        body, headers = _sent(given)
        page = Browser(self._world, person, self._inside).open(
            url, method=method, body=body, headers=headers, tapped=given.get("tap") is True
        )
        html = page.body.decode("utf-8", "replace") if _is_text(page.header("content-type")) else ""
        return {"status": page.status, "url": page.url, "html": html}

    def pay(self, request: Request, given: dict[str, Any]) -> Any:
        """Confirm, cancel or fail a payment on the telephone, or lose the network in it."""
        only(given, "rail", "payment", "outcome")
        person = self._person(request)
        rail, payment = given.get("rail"), given.get("payment")
        outcome = given.get("outcome", PAY)
        if rail not in RAILS:
            raise Impossible("rail", f"rail is one of {', '.join(RAILS)}")
        if not isinstance(payment, dict):
            raise Impossible("payment", "payment is the whole pay object of the order")
        if outcome not in OUTCOMES:
            raise Impossible("outcome", f"outcome is one of {', '.join(OUTCOMES)}")
        if rail == "jsapi":
            return cashier.person_pays(self._world, person, payment, outcome)
        return virtual_cashier.person_pays(self._world, person, str(rail), payment, outcome)

    def confirm_transfer(self, request: Request, given: dict[str, Any]) -> Any:
        """Take a merchant's transfer that waits for this person."""
        only(given, "package_info")
        package = given.get("package_info")
        if not isinstance(package, str) or not package:
            raise Impossible("package_info", "package_info is what the transfer's answer holds")
        return cashier.person_confirms_transfer(self._world, self._person(request), package)

    def _person(self, request: Request) -> Person:
        return people.the_person(self._world, request.params["id"])


def _shown(person: Person) -> dict[str, Any]:
    names = ("id", "nickname", "device", "oa_openid", "mini_openid", "unionid")
    return {name: getattr(person, name) for name in names}


def _delivered(delivery: Delivery) -> dict[str, Any]:
    reply = None
    if delivery.reply is not None:
        kind, fields = shown_reply(delivery.reply)
        reply = {"type": kind, **fields}
    answer = {"status": delivery.status, "tries": delivery.tries, "reply": reply}
    return {**answer, "failure": delivery.failure} if delivery.failure else answer


def _sent(given: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    if "json" in given:
        return json.dumps(given["json"]).encode(), {"Content-Type": "application/json"}
    form = given.get("form")
    if form is None:
        return b"", {}
    if not isinstance(form, dict):
        raise Impossible("form", "form is an object of texts")
    pairs = {str(name): str(value) for name, value in form.items()}
    return urlencode(pairs).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def _is_text(content_type: str) -> bool:
    return any(word in content_type for word in ("text/", "json", "xml", "javascript"))

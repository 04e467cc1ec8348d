"""What people and programs outside do to a house that may die at any moment.

They behave as the real ones do: a telephone that lost its connection asks again with the same key,
WeChat pushes again, a person whose message failed writes it again. Everything that was
acknowledged to them is remembered, so that a proof can look whether it is still there.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.installation import Installation

ASKED_AGAIN_S = 180.0


class NeverAnswered(Exception):
    """Nobody answered for so long that this is a fault of its own."""


@dataclass
class Acknowledged:
    """What the house has said yes to."""

    texts: dict[str, str] = field(default_factory=dict)  # text of a message → reply
    follows: set[str] = field(default_factory=set)  # subjects
    tokens: set[str] = field(default_factory=set)
    quotes: set[str] = field(default_factory=set)
    orders: dict[str, str] = field(default_factory=dict)  # order → state last told
    doors: set[tuple[str, str]] = field(default_factory=set)  # (group, token)
    payments: set[str] = field(default_factory=set)  # trade numbers whose push was accepted
    pictures_count: int = 0
    pushes_count: int = 0
    answers_count: int = 0


class Outside:
    """People with telephones, one after the other."""

    def __init__(self, house: Installation, prefix: str) -> None:
        self.house = house
        self.acknowledged = Acknowledged()
        self.people: list[dict[str, Any]] = []
        self._prefix = prefix
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def control(self, method: str, path: str, **given: Any) -> Any:
        """One control call of the simulator, which is never killed."""
        return self.house.world.control(method, path, **given)

    def word(self) -> str:
        """A word that nobody has said before."""
        return f"{self._prefix}{uuid.uuid4().hex[:10]}"

    def person(self, device: str = "android") -> dict[str, Any]:
        """Somebody new, not following yet."""
        made: dict[str, Any] = self.control("POST", "people", nickname=self.word(), device=device)
        self.people.append(made)
        return made

    # --- what WeChat pushes for people ------------------------------------------------------

    def follow(self, person: dict[str, Any]) -> None:
        """Follow the account; again if the push was lost."""

        def push() -> Any:
            # Only somebody who does not follow can begin to.
            self.control("POST", f"people/{person['id']}/unfollow")
            return self.control("POST", f"people/{person['id']}/follow")

        self._pushed(push)
        self.acknowledged.follows.add(person["oa_openid"])

    def say(self, person: dict[str, Any], text: str) -> str:
        """Write to the account until it has answered; give the words of the answer."""

        def send() -> Any:
            return self.control("POST", f"people/{person['id']}/send", type="text", text=text)

        sent = self._pushed(send)
        reply = str((sent.get("reply") or {}).get("text") or "")
        self.acknowledged.texts[text] = reply
        return reply

    def send_picture(self, person: dict[str, Any]) -> None:
        """Send a picture to the account."""
        self._pushed(lambda: self.control("POST", f"people/{person['id']}/send", type="image"))
        self.acknowledged.pictures_count += 1

    def _pushed(self, push: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + ASKED_AGAIN_S
        while True:
            sent = push()
            if sent["status"] == 200 and not sent.get("failure"):
                self.acknowledged.pushes_count += 1
                return sent
            if time.monotonic() > deadline:
                raise NeverAnswered(str(sent))
            time.sleep(0.05)

    # --- what programs ask ------------------------------------------------------------------

    def api(
        self, method: str, path: str, *, token: str = "", key: str = "", **given: Any
    ) -> dict[str, Any]:
        """One call of the API; asked again while nobody answers, or a fault of the house does."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["Idempotency-Key"] = key
        url = f"{self.house.base_url}/api/v1/{path}"
        deadline = time.monotonic() + ASKED_AGAIN_S
        while True:
            try:
                answer = self._session.request(
                    method, url, json=given or None, headers=headers, timeout=10
                )
            except requests.RequestException as lost:
                told: object = lost
            else:
                if answer.status_code < 300:
                    self.acknowledged.answers_count += 1
                    found: dict[str, Any] = answer.json()
                    return found
                told = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code < 500 and not _may_be_asked_again(answer):
                    raise NeverAnswered(f"{method} {path}: {told}")
            if time.monotonic() > deadline:
                raise NeverAnswered(f"{method} {path}: {told}")
            time.sleep(0.05)

    def sign_in(self, person: dict[str, Any], surface: str) -> str:
        """A session; a code that was used up by a house that died is asked for anew."""
        for _ in range(4):
            code = self.control("POST", f"people/{person['id']}/login", app=surface)["code"]
            try:
                answer = self.api("POST", "sessions", code=code, app=surface)
            except NeverAnswered:
                continue
            self.acknowledged.tokens.add(answer["token"])
            return str(answer["token"])
        raise NeverAnswered("no code was good for a session")

    def quote(self, person: dict[str, Any], token: str, product_id: str) -> str:
        """A quote that can be ordered."""
        made = self.api(
            "POST", "quotes", token=token, product_id=product_id, device=person["device"]
        )
        assert made["rail"] is not None, made
        self.acknowledged.quotes.add(made["quote_id"])
        return str(made["quote_id"])

    def order(self, person: dict[str, Any], token: str, product_id: str) -> dict[str, Any]:
        """An order with its payment prepared; the same key however often it is asked."""
        quote_id = self.quote(person, token, product_id)
        placed = self.api("POST", "orders", token=token, key=uuid.uuid4().hex, quote_id=quote_id)
        self.acknowledged.orders[placed["order_id"]] = placed["state"]
        return placed

    def pay(self, person: dict[str, Any], order: dict[str, Any]) -> None:
        """Confirm the pay sheet; what the platform's push met is remembered."""
        path = f"people/{person['id']}/pay"
        paid = self.control("POST", path, rail=order["rail"], payment=order["pay"])
        assert paid["trade_no"], paid
        if any(push["status"] in {200, 204} for push in paid["pushes"]):
            self.acknowledged.pushes_count += 1
            self.acknowledged.payments.add(paid["trade_no"])

    def wait_until_paid(self, token: str, order_id: str, *, step_s: int = 0) -> None:
        """Ask what became of the order until it is paid; time may pass meanwhile."""
        deadline = time.monotonic() + ASKED_AGAIN_S
        while True:
            state = self.api("GET", f"orders/{order_id}", token=token)["state"]
            self.acknowledged.orders[order_id] = state
            if state == "paid":
                return
            if time.monotonic() > deadline:
                raise NeverAnswered(f"order {order_id} stayed {state}")
            if step_s:
                self.control("POST", "clock", advance_s=step_s)
            time.sleep(0.05)

    def open_door(self, token: str, group_id: str) -> None:
        """Ask for the way into the fan group."""
        self.api("GET", f"fan-groups/{group_id}/door", token=token)
        self.acknowledged.doors.add((group_id, token))


def _may_be_asked_again(answer: requests.Response) -> bool:
    return answer.json().get("code") == "session_key_stale" or answer.status_code == 429

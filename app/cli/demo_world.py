"""The demo's outside: people in the simulator, and our own doors as they use them.

Speaks HTTP to loopback only. Nothing here reaches a real platform: the command refuses to run
when the settings point anywhere else.
"""

import time
import uuid
from typing import Any

import requests

_TIMEOUT_S = 60
_PATIENCE_S = 60


class DemoWorld:
    """Drives the simulator's people and the public API, as a script from outside would."""

    def __init__(self, *, simulator_url: str, base_url: str) -> None:
        self._simulator_url = simulator_url
        self._base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False

    def again(self) -> "DemoWorld":
        """The same with a connection of its own, for another thread."""
        return DemoWorld(simulator_url=self._simulator_url, base_url=self._base_url)

    def _call(self, method: str, url: str, **arguments: Any) -> Any:
        answer = self._session.request(method, url, timeout=_TIMEOUT_S, **arguments)
        if answer.status_code >= 400:
            raise DemoStuck(f"{method} {url} → {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def control(self, method: str, path: str, **given: Any) -> Any:
        """One control call of the simulator."""
        body = given or None
        return self._call(method, f"{self._simulator_url}/_sim/{path}", json=body)

    def api(self, method: str, path: str, *, token: str = "", **given: Any) -> Any:
        """One call of the public API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if path == "orders":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        return self._call(
            method, f"{self._base_url}/api/v1/{path}", json=given or None, headers=headers
        )

    def person(self, nickname: str, device: str) -> dict[str, Any]:
        """Somebody new who follows the account."""
        person: dict[str, Any] = self.control("POST", "people", nickname=nickname, device=device)
        self.control("POST", f"people/{person['id']}/follow")
        return person

    def open(self, person_id: str, path: str) -> None:
        """Look at one of our own pages, as the person's WeChat shows it."""
        self.control("POST", f"people/{person_id}/open", url=f"{self._base_url}{path}")

    def say(self, person_id: str, text: str) -> str:
        """One chat message; returns the words of the answer.

        A busy machine answers with a message of its own a little later; that is waited for.
        """
        heard_count = len(self._written_to(person_id))
        sent = self.control("POST", f"people/{person_id}/send", type="text", text=text)
        if sent.get("reply"):
            return _words(sent["reply"])
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            if written := self._written_to(person_id)[heard_count:]:
                return _words(written[0])
            time.sleep(0.1)
        raise DemoStuck(f"no answer to {text[:40]!r}: {sent}")

    def _written_to(self, person_id: str) -> list[dict[str, Any]]:
        """What the account wrote to a person on its own, oldest first."""
        messages = self.control("GET", f"people/{person_id}/messages")["oa"]
        return [one for one in messages if one["via"] == "custom"]

    def sign_in(self, person_id: str, surface: str) -> str:
        """A signed-in device of the person; returns its token."""
        code = self.control("POST", f"people/{person_id}/login", app=surface)["code"]
        return str(self.api("POST", "sessions", code=code, app=surface)["token"])

    def buy(self, person: dict[str, Any], surface: str, product_id: str) -> dict[str, Any]:
        """Quote, order, pay and wait until the order is paid; returns the order."""
        token = self.sign_in(person["id"], surface)
        quote = self.api(
            "POST", "quotes", token=token, product_id=product_id, device=person["device"]
        )
        if quote["rail"] is None:
            raise DemoStuck(f"nothing to buy on {surface}: {quote['reasons']}")
        order = self.api("POST", "orders", token=token, quote_id=quote["quote_id"])
        self.control("POST", f"people/{person['id']}/pay", rail=order["rail"], payment=order["pay"])
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            state: dict[str, Any] = self.api("GET", f"orders/{order['order_id']}", token=token)
            if state["state"] == "paid":
                return state
            time.sleep(0.1)
        raise DemoStuck(f"order {order['order_id']} was not paid in time")


def _words(message: dict[str, Any]) -> str:
    return str(message.get("text") or message.get("content") or "")


class DemoStuck(Exception):
    """The demo could not be built; the text says at which step."""

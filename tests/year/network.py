"""The way from the house to the simulated WeChat without a socket, and what happens on it.

The library that sends is the one of production; only its last step, a connection, is replaced by
a call. So everything above it (signatures, limits, what counts as unknown) is exercised.
"""

import io
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from wechat_simulator.routes import Request, Response
from wechat_simulator.simulator import Simulator

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_OVERLOADED = b'{"code":"FREQUENCY_LIMITED","message":"too often"}'
_BROKEN = b'{"code":"SYSTEM_ERROR","message":"try later"}'
_BUSY = b'{"errcode":-1,"errmsg":"system error"}'
FAULTS = ("before", "after", "cut", "status_500", "status_502", "status_429", "busy")


class Network:
    """Sends what the house sends; now and then badly.

    Args:
        chance: decides about faults, apart from every other chance of a run.
        fault_rate: how many of all calls suffer one.
    """

    def __init__(self, simulator: Simulator, chance: random.Random, fault_rate: float) -> None:
        self._simulator = simulator
        self._chance = chance
        self.fault_rate = fault_rate
        self.suffered: Counter[str] = Counter()
        self.calls_count = 0

    def send(
        self, adapter: HTTPAdapter, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        """Answer one request of the house, or fail as networks and platforms do."""
        self.calls_count += 1
        fault = self._fault(request.url or "")
        if fault == "before":
            raise requests.ReadTimeout("nothing came")
        if fault is not None and fault.startswith("status_"):
            status = int(fault.removeprefix("status_"))
            return self._built(adapter, request, status, _JSON, _broken(status))
        if fault == "busy":
            return self._built(adapter, request, 200, _JSON, _BUSY)
        answer = self._asked(request)
        if fault == "after" or answer.dropped:
            raise requests.ReadTimeout("the answer was lost")
        if fault == "cut":
            raise requests.exceptions.ChunkedEncodingError("the answer broke off")
        return self._built(adapter, request, answer.status, answer.headers, answer.body)

    def _fault(self, url: str) -> str | None:
        if self._chance.random() >= self.fault_rate:
            return None
        fault = self._chance.choice(FAULTS)
        if fault == "busy" and "/v3/" in url:
            fault = "status_500"
        self.suffered[fault] += 1
        return fault

    def _asked(self, request: requests.PreparedRequest) -> Response:
        parts = urlsplit(request.url or "")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = {str(name).lower(): _text(value) for name, value in request.headers.items()}
        headers["host"] = parts.netloc
        return self._simulator.handle(Request(request.method or "GET", target, headers, content))

    def _built(
        self,
        adapter: HTTPAdapter,
        request: requests.PreparedRequest,
        status: int,
        headers: dict[str, str],
        body: bytes,
    ) -> requests.Response:
        raw = urllib3.HTTPResponse(
            io.BytesIO(body), headers=headers, status=status, preload_content=False
        )
        return adapter.build_response(request, raw)


class _Exchange:
    """Which network a host is on; several universes may live in one process, one after another."""

    def __init__(self) -> None:
        self.networks: dict[str, Network] = {}


_exchange = _Exchange()


@contextmanager
def connected(netloc: str, network: Network) -> Iterator[None]:
    """Let everything that is sent to this host go over this network, until the block ends."""

    def send(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **arguments: Any
    ) -> requests.Response:
        found = _exchange.networks.get(urlsplit(request.url or "").netloc)
        if found is None:
            raise requests.ConnectionError(f"nobody is at {request.url}")
        return found.send(adapter, request, **arguments)

    _exchange.networks[netloc] = network
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HTTPAdapter, "send", send)
            yield
    finally:
        del _exchange.networks[netloc]


def _broken(status: int) -> bytes:
    return _OVERLOADED if status == 429 else _BROKEN


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value

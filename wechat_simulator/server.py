"""The simulator as a server on loopback, its promises kept by a thread in real time."""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from wechat_simulator.certificates import make_tls
from wechat_simulator.simulator import Simulator

log = logging.getLogger(__name__)
STEP_S = 0.25
LATE_S = 0.05


class QuietHandler(WSGIRequestHandler):
    """No line per request: addresses hold credentials and openids."""

    # Small answers leave at once instead of waiting to fill a packet.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Server:
    """HTTP, and TLS when asked for, in threads of this process."""

    def __init__(
        self,
        simulator: Simulator,
        *,
        port: int = 0,
        tls_port: int | None = None,
        ca_out: Path | None = None,
    ) -> None:
        self._simulator = simulator
        self._stop = threading.Event()
        self._http = _listen(port, simulator)
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        simulator.world.public_url = self.url
        # The merchant's keys are made now, so that reading the accounts changes nothing.
        _ = simulator.world.accounts.merchant
        simulator.world.save()
        self._servers = [self._http]
        self.tls_port: int | None = None
        if tls_port is not None and ca_out is not None:
            context = make_tls(ca_out, dt.datetime.now(dt.UTC))
            tls = _listen(tls_port, simulator, context)
            self.tls_port = tls.server_port
            self._servers.append(tls)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to answer and to keep promises."""
        work: list[Callable[[], Any]] = [one.serve_forever for one in self._servers]
        self._simulator.world.writes_late = True
        for target in (*work, self._step, self._write_late):
            thread = threading.Thread(target=target, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop answering; the state is written a last time."""
        self._stop.set()
        for one in self._servers:
            one.shutdown()
            one.server_close()
        self._simulator.world.save()

    def _write_late(self) -> None:
        while not self._stop.wait(LATE_S):
            self._simulator.world.save_late()

    def _step(self) -> None:
        world = self._simulator.world
        while not self._stop.wait(STEP_S):
            if world.scheduler.step_due():
                world.save()


def _listen(port: int, simulator: Simulator, context: Any = None) -> BaseWSGIServer:
    server = make_server(
        "127.0.0.1",
        port,
        simulator,
        threaded=True,
        request_handler=QuietHandler,
        ssl_context=context,
    )
    if isinstance(server, ThreadingMixIn):
        server.daemon_threads = True
    return server

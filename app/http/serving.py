"""Serves the application: `python -m app.http.serving --port N [--workers N] [--threads N]`.

One worker process of threads by default. Its parent binds the port, hands on a request to stop and
fails when the worker does; the worker ends with its parent, however that ends.
"""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

THREADS = 24
LOOPBACK = "127.0.0.1"
# How long a request may still take when the server was asked to stop.
STOP_PATIENCE_S = 2
CONNECTIONS_MAX = 1024
# How long a connection may say nothing, or a client take for the head of a request.
HEAD_PATIENCE_MS = 15_000
# As long as the line and the headers of a request may be.
HEAD_BYTES_MAX = 64 * 1024
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until a signal asks to stop."""
    given = _options().parse_args()
    server = Granian(
        given.application,
        address=given.address,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=given.workers,
        blocking_threads=given.threads,
        # It counts connections, those that are kept open and say nothing among them.
        backpressure=CONNECTIONS_MAX,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEAD_PATIENCE_MS, max_buffer_size=HEAD_BYTES_MAX
        ),
        websockets=False,
        workers_kill_timeout=STOP_PATIENCE_S,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=_loader(given.application, os.getpid()), wrap_loader=False)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.http.serving")
    parser.add_argument("--application", default="app.http.wsgi:application")
    parser.add_argument("--address", default=LOOPBACK)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=THREADS)
    return parser


def _loader(application: str, parent: int) -> Callable[[], Any]:
    """What a worker runs first: it ties its life to its parent's, then loads the application."""

    def load() -> Any:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)
        module, _, name = application.partition(":")
        return getattr(import_module(module), name)

    return load


if __name__ == "__main__":
    main()

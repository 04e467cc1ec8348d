"""A house in one process, forked from a parent that has everything imported.

Reads one JSON object per line: `{"environment", "port", "log", "arm", "keep_door", "seen",
"period_s"}`; forks a child that serves the web application and sweeps, and prints its pid.

* An armed child kills itself with SIGKILL where it was told to, like a machine that lost its
  power. `arm` is `{"name", "hit"}` or null; SIGUSR1 makes a living child read it anew from the
  file `<log>.arm`. What killed it is written to `<log>.killed`.
* With `keep_door` the parent holds the listening socket, so that who knocks while the house is
  dead is answered by the next one.
* `seen` is a file that gets the name of every fail-point that is reached.
"""

import json
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from app.http.assembly import build_application
from app.wiring import callbacks
from app.wiring.container import Process, open_wiring
from config.logging import configure_logging, register_secret
from config.settings import Settings
from creator_tools.kernel import failpoints

_BACKLOG = 512


class _Hurried(threading.Event):
    """A stop signal that is asked more often than its asker means to."""

    def __init__(self, period_s: float) -> None:
        super().__init__()
        self._period_s = period_s

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the signal, but never longer than the period."""
        return super().wait(self._period_s if timeout is None else min(timeout, self._period_s))


def serve(order: dict[str, Any], door: socket.socket | None) -> None:
    """Open the house and answer until killed."""
    settings = Settings.from_env(order["environment"])
    configure_logging()
    for secret in settings.secrets():
        register_secret(secret)
    # What is proven with this house is not how fast it answers (that is in test_answering), and a
    # busy machine is slow, not wrong. It stays within the five seconds of the platform.
    callbacks.ANSWER_BUDGET_MS, callbacks.KEEP_BUDGET_MS = 3_000, 1_500
    _arm(order, order.get("arm"))
    signal.signal(signal.SIGUSR1, lambda *_: _arm_anew(order))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    wiring = open_wiring(settings, Process("house", pool_size=12))
    application = build_application(wiring)
    fd = door.fileno() if door is not None else None
    server = make_server("127.0.0.1", order["port"], application, threaded=True, fd=fd)
    stop = _Hurried(order.get("period_s") or 60.0)
    threading.Thread(target=wiring.sweep.run, args=(stop,), name="sweep", daemon=True).start()
    server.serve_forever()


def _arm(order: dict[str, Any], arm: dict[str, Any] | None) -> None:
    if order.get("seen"):
        seen = _appending(order["seen"])
        failpoints.observe(lambda name: _write(seen, name))
    if arm:
        killed = _appending(order["log"] + ".killed")
        name, hit = arm["name"], arm["hit"]
        failpoints.arm(name, lambda: _pull_the_plug(killed, name), hit=hit)


def _arm_anew(order: dict[str, Any]) -> None:
    failpoints.disarm_all()
    _arm(order, json.loads(Path(order["log"] + ".arm").read_text("utf-8")))


def _appending(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _write(file: int, name: str) -> None:
    os.write(file, name.encode() + b"\n")


def _pull_the_plug(killed: int, name: str) -> None:
    _write(killed, name)
    os.kill(os.getpid(), signal.SIGKILL)


def _door(doors: dict[int, socket.socket], order: dict[str, Any]) -> socket.socket | None:
    if not order.get("keep_door"):
        return None
    if order["port"] not in doors:
        doors[order["port"]] = socket.create_server(("127.0.0.1", order["port"]), backlog=_BACKLOG)
    return doors[order["port"]]


def main() -> None:
    """Fork one house per line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # A child that is told to arm itself before it can listen hears it once it can.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    doors: dict[int, socket.socket] = {}
    for line in sys.stdin:
        order = json.loads(line)
        door = _door(doors, order)
        pid = os.fork()
        if pid == 0:
            log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 2)
            os.dup2(log, 1)
            try:
                serve(order, door)
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""A house in one process, forked from a parent that has everything imported.

Reads one JSON object per line: `{"environment", "port", "arm": {"name", "hit"} | null}`; forks a
child that serves the web application and sweeps, and prints the child's pid. An armed child kills
itself with SIGKILL where it was told to, like a machine that lost its power.
"""

import json
import os
import signal
import sys
import threading
import traceback
from typing import Any

from werkzeug.serving import make_server

from app.http.assembly import build_application
from app.wiring.container import Process, open_wiring
from config.logging import configure_logging, register_secret
from config.settings import Settings
from creator_tools.kernel import failpoints


def serve(order: dict[str, Any]) -> None:
    """Open the house and answer until killed."""
    settings = Settings.from_env(order["environment"])
    configure_logging()
    for secret in settings.secrets():
        register_secret(secret)
    wiring = open_wiring(settings, Process("house", pool_size=12))
    application = build_application(wiring)
    server = make_server("127.0.0.1", order["port"], application, threaded=True)
    arm = order.get("arm")
    if arm:
        failpoints.arm(arm["name"], _pull_the_plug, hit=arm["hit"])
    threading.Thread(
        target=wiring.sweep.run, args=(threading.Event(),), name="sweep", daemon=True
    ).start()
    server.serve_forever()


def _pull_the_plug() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Fork one house per line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 2)
            os.dup2(log, 1)
            try:
                serve(order)
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""`python -m wechat_simulator`: the server until it is told to stop."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from wechat_simulator.clock import SimClock
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator
from wechat_simulator.storage import StateUnreadable
from wechat_simulator.world import World


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 for a setting that cannot be."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if (options.tls_port is None) != (options.ca_out is None):
        print("--tls-port and --ca-out go together", file=sys.stderr)  # noqa: T201  a command speaks
        return 2
    offset = os.environ.get("CLOCK_OFFSET_FILE")  # noqa: TID251  the simulator has no settings module
    clock = SimClock(Path(offset) if offset else None)
    world = World(seed=options.seed, clock=clock, state_file=options.state)
    simulator = Simulator(world)
    try:
        world.load()
        server = Server(
            simulator, port=options.port, tls_port=options.tls_port, ca_out=options.ca_out
        )
    except (StateUnreadable, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201  a command speaks
        return 2
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    server.start()
    print(f"SIMULATOR READY {server.url}", flush=True)  # noqa: T201  the line starters wait for
    stopped.wait()
    server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wechat_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--tls-port", type=int, help="also serve TLS for the real host names")
    parser.add_argument("--ca-out", type=Path, help="where the CA's PEM is written")
    parser.add_argument("--state", type=Path, help="keep everything in this file")
    parser.add_argument("--seed", type=int, default=1, help="chance; the same seed, the same ids")
    return parser


if __name__ == "__main__":
    sys.exit(main())

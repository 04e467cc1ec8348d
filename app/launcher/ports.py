"""Free ports on loopback."""

import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
# Ports that browsers refuse to open, near those we hand out.
_BLOCKED_BY_BROWSERS = frozenset(
    {5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080}
)
_TRIES = 200


class NoFreePort(Exception):
    """Two hundred ports in a row are taken."""


def is_free(port: int) -> bool:
    """Whether nobody listens on that loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def next_free(preferred: int, taken: Collection[int] = ()) -> int:
    """Return the first free port from `preferred` upwards, or raise `NoFreePort`."""
    for port in range(preferred, min(preferred + _TRIES, 65536)):
        if port not in taken and port not in _BLOCKED_BY_BROWSERS and is_free(port):
            return port
    raise NoFreePort(f"{preferred}-{preferred + _TRIES}")


def free_port() -> int:
    """Return a port the system says is free just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port

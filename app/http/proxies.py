"""Whose word we take about where a request came from.

Forwarding headers are believed only when the connection comes from a listed proxy; from anybody
else they are removed before any code can read them, so that an address in a log, a throttle or an
access rule cannot be chosen by the caller.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FROM_TRUSTED_PROXY = "juanliu.from_trusted_proxy"
_FORWARDING = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_X_REQUEST_ID",
)

Networks = tuple[IPv4Network | IPv6Network, ...]


def is_within(address: str, networks: Networks) -> bool:
    """Whether `address` is an IP address inside one of `networks`."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in network for network in networks)


class TrustedProxies:
    """WSGI middleware: apply forwarding headers of listed proxies, drop everybody else's."""

    def __init__(self, app: "WSGIApplication", networks: Networks, public_base_url: str) -> None:
        self._app = app
        self._networks = networks
        self._public_host = urlsplit(public_base_url).netloc

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Correct the environment, then pass the request on."""
        trusted = is_within(environ.get("REMOTE_ADDR", ""), self._networks)
        environ[FROM_TRUSTED_PROXY] = trusted
        if trusted:
            self._apply(environ)
        else:
            for header in _FORWARDING:
                environ.pop(header, None)
        return self._app(environ, start_response)

    def _apply(self, environ: "WSGIEnvironment") -> None:
        chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        # The rightmost address that is no proxy of ours is the last one somebody we trust saw.
        for address in reversed([part for part in chain if part]):
            environ["REMOTE_ADDR"] = address
            if not is_within(address, self._networks):
                break
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "")
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        # The public name is a setting; a proxy that forwards it only confirms what we know.
        if environ.get("HTTP_X_FORWARDED_HOST") == self._public_host:
            environ["HTTP_HOST"] = self._public_host

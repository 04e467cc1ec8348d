"""How the simulator reaches a backend: over the network, or straight into a WSGI application."""

import io
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import urllib3

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came back; `status` 0 means that nothing came, `failure` says why."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    failure: str = ""

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


class Transport(Protocol):
    """A way to send one HTTP request; redirects are never followed here."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Send and wait at most `timeout_s`; never raises for a network failure."""
        ...


class HttpTransport:
    """The real network, with connections kept open between pushes."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(num_pools=16, maxsize=32, cert_reqs="CERT_REQUIRED")

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Send over TCP; a refused, reset or late answer has status 0."""
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers=dict(headers),
                redirect=False,
                retries=urllib3.Retry(total=0, redirect=0, raise_on_status=False),
                timeout=urllib3.Timeout(total=timeout_s),
            )
        except urllib3.exceptions.TimeoutError:
            return Answer(0, failure="timeout")
        except urllib3.exceptions.MaxRetryError as error:
            late = isinstance(error.reason, urllib3.exceptions.TimeoutError)
            return Answer(0, failure="timeout" if late else "unreachable")
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return Answer(0, failure="unreachable")
        return Answer(response.status, list(response.headers.items()), response.data)


class WsgiTransport:
    """Straight into WSGI applications by host, without a socket: for tests in one process."""

    def __init__(self, applications: Mapping[str, Callable[..., Iterable[bytes]]]) -> None:
        self._applications = applications
        self._lock = threading.Lock()

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Call the host's application; an unknown host is unreachable, an exception a 500."""
        parts = urlsplit(url)
        application = self._applications.get(parts.netloc)
        if application is None:
            return Answer(0, failure="unreachable")
        environ = wsgi_environ(method, url, headers, body)
        status: list[Any] = []

        def start_response(line: str, pairs: list[tuple[str, str]], exc: Any = None) -> Any:
            status[:] = [int(line.split(maxsplit=1)[0]), pairs]
            return lambda _: None

        try:
            result = application(environ, start_response)
            content = b"".join(result)
        except Exception:
            log.exception("the application failed")
            return Answer(500)
        close = getattr(result, "close", None)
        if close is not None:
            close()
        return Answer(status[0], list(status[1]), content)


def wsgi_environ(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The WSGI environment of one request; `REQUEST_URI` holds the raw target."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path or "/", encoding="latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": target,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme or "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return environ

"""A body that no door wanted is read all the same, so that the connection can be used again.

A web server that finds more than a little of it unread closes the connection without a word,
and the client's next request fails although it did nothing wrong.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

# More than any door takes: whoever sends more than this loses the connection.
UNWANTED_BYTES_MAX = 4 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class ReadingToTheEnd:
    """An application, with what it left of a request's body read and dropped."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer as the application does, then read on."""
        answer = self._application(environ, start_response)
        _drop_rest(environ["wsgi.input"])
        return answer


def _drop_rest(body: "InputStream") -> None:
    dropped = 0
    try:
        while dropped < UNWANTED_BYTES_MAX and (chunk := body.read(_CHUNK_BYTES)):
            dropped += len(chunk)
    except OSError:
        return  # the client has gone, or stopped in the middle: nobody waits for the rest

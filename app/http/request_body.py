"""A body that no door wanted is read all the same, so that the connection can be used again.

A web server that finds more than a little of it unread closes the connection without a word,
and the client's next request fails although it did nothing wrong.
"""

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
        """Answer as the application does, then read on to the body's end.

        A plain server hands over the bare connection, where reading on would wait for the next
        request: there the declared length is the end, and no length means no body.
        """
        body = environ["wsgi.input"] = get_input_stream(environ)
        environ["wsgi.input_terminated"] = True
        answer = self._application(environ, start_response)
        _drop_rest(body)
        return answer


def _drop_rest(body: IO[bytes]) -> None:
    dropped = 0
    try:
        while dropped < UNWANTED_BYTES_MAX and (chunk := body.read(_CHUNK_BYTES)):
            dropped += len(chunk)
    except (OSError, ClientDisconnected):
        return  # the client has gone, or stopped in the middle: nobody waits for the rest

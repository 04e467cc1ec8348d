"""What a refusal looks like outside: a problem document under `/api`, a friendly page elsewhere.

The business says what went wrong (`DomainError`); here it gets a status, once. What nobody
foresaw is logged with its trace and told to the caller as nothing but a request id.
"""

import traceback
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from apiflask.exceptions import HTTPError
from flask import Flask, Response, current_app, g, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.http import words
from app.http.language import speaks_english
from app.http.request_log import request_id
from app.http.strict_json import JsonRefused
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import DomainError, ErrorKind, FieldError

STATUS: dict[ErrorKind, int] = {
    ErrorKind.INVALID: 422,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.TOO_MANY: 429,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNAVAILABLE: 503,
}
PROBLEM_TYPE = "urn:juanliu:problem:"
_log = structlog.get_logger("http")


class SignInRequired(DomainError):
    """Nobody has signed in, or the session has ended."""

    code = "sign_in_required"
    kind = ErrorKind.UNAUTHENTICATED
    sentence = "请先登录再继续。"
    sentence_en = "Sign in first."


class NothingHere(DomainError):
    """No such thing, or not for this caller; the two cannot be told apart."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到您要的内容，可能已经下架。"
    sentence_en = "There is no such thing; it may have been taken down."


def known_id(text: str, field: str = "id") -> UUID:
    """The id that came from outside.

    Raises:
        NothingHere: it is no id at all, so nothing can have it.
    """
    found = as_uuid(text)
    if found is None:
        message = "没有这个编号，请检查后再试。"
        raise NothingHere(fields=(FieldError(field, "not_found", message),))
    return found


@dataclass(frozen=True)
class Refusal:
    """One refusal, ready to be shown."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()

    def as_problem(self) -> dict[str, Any]:
        """The body of `application/problem+json`."""
        return {
            "type": PROBLEM_TYPE + self.code,
            "title": words.title_of(self.status, english=speaks_english()),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": [
                {"field": error.field, "code": error.code, "message": error.message}
                for error in self.errors
            ],
        }


def install(app: Flask) -> None:
    """Translate every exception that leaves a view of `app`."""
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(HTTPError, _on_invalid_input)
    app.register_error_handler(JsonRefused, _on_json_refused)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(DBAPIError, _on_database_error)
    app.register_error_handler(PoolExhausted, _on_database_error)
    app.register_error_handler(Exception, _on_surprise)


def refusal_of(error: DomainError) -> Refusal:
    """The status and words of a refusal of the business, in the reader's language."""
    english = speaks_english()
    detail = error.in_english() if english else error.in_chinese()
    fields = error.fields
    if english:
        fields = tuple(
            FieldError(
                one.field,
                one.code,
                one.message_en or words.of_field(one.code, english=True) or detail,
            )
            for one in fields
        )
    return Refusal(STATUS[error.kind], error.code, detail, fields)


def respond(refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
    """The answer to a refused request: JSON under `/api`, a page elsewhere."""
    g.refusal_code = refusal.code
    if _speaks_json():
        body = current_app.json.dumps(refusal.as_problem())
        response = Response(body, content_type="application/problem+json")
    else:
        response = Response(render_template("problem.html", refusal=refusal, id=request_id()))
    response.status_code = refusal.status
    response.headers.extend(headers or {})
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="juanliu"'
    if refusal.status in (429, 503):
        response.headers.setdefault("Retry-After", "5")
    return response


def _speaks_json() -> bool:
    if request.path.startswith("/api/") or request.path == "/api":
        return True
    # The scripts of our own pages ask for JSON by name; a browser that navigates does not.
    return request.accept_mimetypes.best == "application/json"


def _on_domain_error(error: DomainError) -> Response:
    return respond(refusal_of(error))


def _on_invalid_input(error: HTTPError) -> Response:
    cause = error.__cause__
    fields = fields_of(cause) if isinstance(cause, ValidationError) else ()
    detail = words.of_code("input_refused", english=speaks_english())
    return respond(Refusal(error.status_code, "input_refused", detail, fields))


def fields_of(error: ValidationError) -> tuple[FieldError, ...]:
    """Which fields of a request cannot be accepted, and why, in the reader's language."""
    found = []
    for problem in error.errors(include_input=False, include_context=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"]) or "body"
        code = words.field_code(problem["type"])
        found.append(FieldError(name, code, words.of_field(code, english=speaks_english())))
    return tuple(found)


def _on_json_refused(error: JsonRefused) -> Response:
    english = speaks_english()
    detail = words.of_code("malformed_json", english=english)
    field = FieldError("body", error.code, words.of_field(error.code, english=english))
    return respond(Refusal(400, "malformed_json", detail, (field,)))


def _on_http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, RequestRedirect) or status < 400 or error.response is not None:
        return current_app.make_response(error.get_response(request.environ))
    code = words.code_of_status(status)
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return respond(Refusal(status, code, words.of_code(code, english=speaks_english())), headers)


def _on_database_error(error: DBAPIError | PoolExhausted) -> Response:
    is_away = isinstance(error, OperationalError | PoolExhausted)
    if not is_away and not getattr(error, "connection_invalidated", False):
        return _on_surprise(error)
    # Only the kind of the fault: the message of a driver may quote the row it failed on.
    _log.error("database_unavailable", fault=type(error).__name__)
    code = "database_unavailable"
    return respond(Refusal(503, code, words.of_code(code, english=speaks_english())))


def _on_surprise(error: Exception) -> Response:
    # Frames, not values: what a driver or parser says about a row may hold what is in the row.
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("unforeseen", fault=type(error).__name__, frames=frames)
    code = "internal_error"
    return respond(Refusal(500, code, words.of_code(code, english=speaks_english())))

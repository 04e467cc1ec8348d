"""Logs: one JSON line each on stderr, in UTC, with nothing in them that must not leave.

Redaction stands twice: keys that hold a secret by name are emptied, and every text is
searched for what looks like an openid or a phone number and for the secret values of
this installation. A log line is read by many more people than the table it came from.
"""

import hashlib
import json
import logging
import re
import sys
import threading
from collections import deque
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog

REDACTED = "***"

_SECRET_KEYS = re.compile(
    r"token|secret|password|passwd|session_key|authorization|cookie|signature|api_?key|apiv3|"
    r"aes_key|private_key|app_key|credential|totp",
    re.IGNORECASE,
)
_PERSONAL_KEYS = re.compile(r"openid|unionid|phone|mobile|nickname|subject", re.IGNORECASE)
# An openid is 28 characters and begins with "o"; a unionid has the same form.
_OPENID = re.compile(r"(?<![A-Za-z0-9_-])o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])")
_PHONE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_BEARER = re.compile(r"\b(Bearer|WECHATPAY2-SHA256-RSA2048)\s+\S.*", re.IGNORECASE)
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
_SECRET_PARAMETER = re.compile(
    r"(?i)\b((?:access_)?token|secret|appsecret|js_code|code|session_key|ticket)=[^&\s\"']+"
)

_SHORTEST_SECRET = 6
_secret_values: set[str] = set()
# The handler that `configure_logging` put in place; more of them, and somebody listens in.
_ours: list[Any] = []
_encoder = json.JSONEncoder(ensure_ascii=False)
_of_request: ContextVar[Mapping[str, str] | None] = ContextVar("of_request", default=None)
# Harmless lines that nobody has written yet, and who is writing.
_untold: deque[str] = deque()
_telling = threading.Lock()


def register_secret(value: str) -> None:
    """Make a secret value unprintable in every later line of this process.

    Values under six characters are passed over: emptying them would empty words as well.
    """
    if len(value) >= _SHORTEST_SECRET:
        _secret_values.add(value)


def forget_secrets() -> None:
    """Forget all registered values; for a process that changes installations."""
    _secret_values.clear()


def configure_logging(level: int = logging.INFO) -> None:
    """Send structlog and the standard library to stderr as redacted JSON."""
    shared: list[structlog.types.Processor] = [
        _add_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = _ours[:] = [handler]
    root.setLevel(level)


class HarmlessLine:
    """A line of level info in the form of all lines, without the search for secrets.

    For a line that is written with every request and costs more than the request otherwise. Who
    comes while another thread writes leaves their line to it: a write lets go of the interpreter,
    and twenty threads that each write their own take turns at it.

    Args:
        varies: the names of what `tell` will be given.
        constants: what is the same each time.
    """

    def __init__(
        self, logger: str, event: str, *, varies: tuple[str, ...], **constants: str | float | None
    ) -> None:
        self._logger, self._event, self._constants = logger, event, constants
        fixed = {**constants, "event": event, "level": "info", "logger": logger}
        values = {name: _encoder.encode(value).replace("%", "%%") for name, value in fixed.items()}
        values |= {name: f"%({name})s" for name in ("at", *varies)}
        self._form = "{" + ", ".join(f'"{name}": {values[name]}' for name in sorted(values)) + "}\n"

    def tell(self, **facts: str | float) -> None:
        """Write the line.

        Args:
            facts: numbers and ids that we made; nothing that came from outside.
        """
        root = logging.getLogger()
        if not _ours or root.handlers != _ours or not root.isEnabledFor(logging.INFO):
            structlog.get_logger(self._logger).info(self._event, **self._constants, **facts)
            return
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        texts = {name: _json_of(fact) for name, fact in facts.items()}
        _untold.append(self._form % {**texts, "at": _json_of(at)})
        # Asked again after each turn: whoever came at its very end could not take the next.
        while _untold and _telling.acquire(blocking=False):
            try:
                _write_untold(_ours[0])
            finally:
                _telling.release()


def _write_untold(handler: Any) -> None:
    text = "".join(_untold.popleft() for _ in range(len(_untold)))
    with handler.lock:
        handler.stream.write(text)
        handler.flush()


def bind_request(request_id: str, **facts: str) -> None:
    """Put a request id (and other harmless facts) on every line until `unbind_request`."""
    _of_request.set({"request_id": request_id, **facts})


def unbind_request() -> None:
    """Forget what `bind_request` bound."""
    _of_request.set(None)


def pseudonym(subject: str) -> str:
    """Give a short stable stand-in for a person's outside id, safe to log."""
    return "p_" + hashlib.sha256(subject.encode("utf-8")).hexdigest()[:10]


def redact(
    _logger: Any,
    _method: str,
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Empty what must not be logged: by key, by pattern, by registered value."""
    for key in list(event):
        if key in {"_record", "_from_structlog"}:  # structlog's own, removed before rendering
            continue
        event[key] = _redact_entry(key, event[key])
    return event


def redact_text(text: str) -> str:
    """Empty openids, phone numbers, bearer tokens and registered secrets inside a text."""
    for secret in _secret_values:
        if secret in text:
            text = text.replace(secret, REDACTED)
    text = _OPENID.sub(REDACTED, text)
    text = _PHONE.sub(REDACTED, text)
    text = _CREDENTIALS_IN_URL.sub(f"{REDACTED}@", text)
    text = _SECRET_PARAMETER.sub(rf"\1={REDACTED}", text)
    return _BEARER.sub(rf"\1 {REDACTED}", text)


def _json_of(fact: str | float) -> str:
    return _encoder.encode(fact) if isinstance(fact, str) else repr(fact)


def _add_request(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name, fact in (_of_request.get() or {}).items():
        event.setdefault(name, fact)
    return event


def _redact_entry(key: str, value: Any) -> Any:
    if _PERSONAL_KEYS.search(key) or _SECRET_KEYS.search(key):
        return REDACTED
    return _redact_value(value)


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return redact_text(value.decode("utf-8", "replace"))
    if isinstance(value, dict):
        return {redact_text(str(key)): _redact_entry(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return _redact_number(value)
    return redact_text(repr(value))


def _redact_number(value: Any) -> Any:
    # A phone number that arrives as an integer is still a phone number.
    return REDACTED if type(value) is int and _PHONE.fullmatch(str(value)) else value

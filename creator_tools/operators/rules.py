"""What an operator may do, one-time codes after RFC 6238, and the limits of signing in."""

import base64
import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from creator_tools.kernel.text import clean_line, refused

ROLES = ("owner", "editor", "finance", "moderator", "keeper", "support", "auditor")

SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(minutes=30)
# Seen again within the minute is not written again.
SESSION_TOUCH_AFTER = timedelta(minutes=1)

THROTTLE_WINDOW = timedelta(minutes=15)
FAILURES_PER_LOGIN_MAX = 5
FAILURES_PER_ADDRESS_MAX = 20

TOTP_STEP_S = 30
TOTP_DIGITS = 6
TOTP_STEPS_AROUND = 1
TOTP_SECRET_BITS = 160

LOGIN_CHARS_MIN = 3
LOGIN_CHARS_MAX = 32
PASSWORD_CHARS_MIN = 12
PASSWORD_CHARS_MAX = 128

# 19 MiB, two passes: OWASP's least for argon2id, so that a crowd of tries cannot eat the memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# The hash of nothing anybody knows: verifying against it costs what a known login costs.
NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$3TW3iag5rQggNUA8oBaAjQ$jGA87qy6tTd4IDfaKW3w0TXvlmcLyN5DUDQ2BkiH15c"
)
_LOGIN = re.compile(r"[a-z][a-z0-9._-]*")
_COMMON_PASSWORD_PARTS = (
    "password",
    "12345678",
    "qwertyui",
    "administrator",
    "11111111",
    "juanliu",
)


class Action(StrEnum):
    """What an operator may want to do."""

    REVENUE_READ = "revenue.read"
    ORDERS_READ = "orders.read"
    REFUNDS_READ = "refunds.read"
    REFUNDS_DECIDE = "refunds.decide"
    PAYOUTS_READ = "payouts.read"
    PAYOUTS_DECIDE = "payouts.decide"
    BILLS_READ = "bills.read"
    BILLS_EXPLAIN = "bills.explain"
    SPLITS_READ = "splits.read"
    WORKS_REVIEW = "works.review"
    CREATORS_READ = "creators.read"
    CREATORS_INVITE = "creators.invite"
    CREATORS_PAUSE = "creators.pause"
    PEOPLE_READ = "people.read"
    ACCESS_GRANT = "access.grant"
    FAN_GROUPS_READ = "fan_groups.read"
    FAN_GROUPS_KEEP = "fan_groups.keep"
    OPERATIONS_READ = "operations.read"
    OPERATIONS_RETRY = "operations.retry"
    ALARMS_READ = "alarms.read"
    ALARMS_RESOLVE = "alarms.resolve"
    AUDIT_READ = "audit.read"
    OPERATORS_KEEP = "operators.keep"


# One screen says it all; what is not listed is forbidden.
_ALLOWED: dict[str, frozenset[Action]] = {
    "owner": frozenset(Action),
    "editor": frozenset(
        {Action.WORKS_REVIEW, Action.CREATORS_READ, Action.CREATORS_INVITE, Action.ALARMS_READ}
    ),
    "finance": frozenset(
        {
            Action.REVENUE_READ,
            Action.ORDERS_READ,
            Action.REFUNDS_READ,
            Action.REFUNDS_DECIDE,
            Action.PAYOUTS_READ,
            Action.PAYOUTS_DECIDE,
            Action.BILLS_READ,
            Action.SPLITS_READ,
            Action.BILLS_EXPLAIN,
            Action.CREATORS_READ,
            Action.ALARMS_READ,
            Action.ALARMS_RESOLVE,
            Action.AUDIT_READ,
        }
    ),
    "moderator": frozenset({Action.WORKS_REVIEW, Action.CREATORS_READ}),
    "keeper": frozenset({Action.FAN_GROUPS_READ, Action.FAN_GROUPS_KEEP, Action.CREATORS_READ}),
    "support": frozenset(
        {
            Action.ORDERS_READ,
            Action.REFUNDS_READ,
            Action.REFUNDS_DECIDE,
            Action.PEOPLE_READ,
            Action.CREATORS_READ,
            Action.FAN_GROUPS_READ,
            Action.ACCESS_GRANT,
            Action.OPERATIONS_READ,
            Action.OPERATIONS_RETRY,
            Action.ALARMS_READ,
        }
    ),
    "auditor": frozenset(action for action in Action if action.value.endswith(".read")),
}


def may(roles: Collection[str], action: str) -> bool:
    """Whether one of `roles` allows `action`; an unknown role allows nothing.

    Raises:
        ValueError: no action is called this; a slip of the pen must not look like a refusal.
    """
    wanted = Action(action)
    return any(wanted in _ALLOWED.get(role, frozenset()) for role in roles)


def clean_login(value: object) -> str:
    """A login as it is kept: lower case letters, digits, dot, hyphen, underscore.

    Raises:
        TextRefused: too short, too long, or other characters.
    """
    login = clean_line(value, "login", LOGIN_CHARS_MAX, LOGIN_CHARS_MIN).lower()
    if _LOGIN.fullmatch(login) is None:
        raise refused(
            "login",
            "bad_login",
            "只能用字母、数字、点、短横线和下划线，并以字母开头。",
            "may hold letters, digits, dots, hyphens and underscores, and starts with a letter.",
        )
    return login


def typed_login(login: str) -> str:
    """What was typed as a login, in the form in which logins are kept; never refused."""
    plain = unicodedata.normalize("NFKC", login[:256]).strip().lower()
    return plain.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def clean_roles(roles: Collection[str]) -> list[str]:
    """Known roles, each once, in the order of `ROLES`.

    Raises:
        TextRefused: none, or one that does not exist.
    """
    wanted = set(roles)
    if not wanted or not wanted <= set(ROLES):
        listed = ", ".join(ROLES)
        raise refused("roles", "not_allowed", f"只能是 {listed}。", f"must be of {listed}.")
    return [role for role in ROLES if role in wanted]


def checked_password(value: str, login: str) -> str:
    """A password that may be taken, in the form in which it is hashed.

    Raises:
        TextRefused: shorter than 12, longer than 128, the login in it, or easily guessed.
    """
    password = normal_password(value)
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise refused(
            "password",
            "bad_length",
            f"要有 {PASSWORD_CHARS_MIN} 到 {PASSWORD_CHARS_MAX} 个字符。",
            f"needs {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters.",
        )
    plain = password.lower()
    is_common = any(part in plain for part in (*_COMMON_PASSWORD_PARTS, login))
    if is_common or len(set(plain)) < 5:
        raise refused(
            "password",
            "too_easy",
            "太容易被猜到，换一个长一点、不含登录名的。",
            "is easily guessed; take another one, without the login in it.",
        )
    return password


def normal_password(value: str) -> str:
    """The same characters typed on another keyboard give the same bytes."""
    return unicodedata.normalize("NFKC", value.encode("utf-8", "replace").decode("utf-8"))


def hash_password(password: str) -> str:
    """The argon2id hash of a password in its normal form, salt and cost included."""
    return _HASHER.hash(password)


def is_password(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed; costs the same either way."""
    try:
        return _HASHER.verify(password_hash, normal_password(password)[:PASSWORD_CHARS_MAX])
    except (VerificationError, InvalidHashError):
        return False


def token_hash(token: str) -> bytes:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def totp_step(moment: datetime) -> int:
    """The number of the 30-second step in which `moment` lies."""
    return int(moment.timestamp()) // TOTP_STEP_S


def totp_code(secret: bytes, step: int, digits: int = TOTP_DIGITS) -> str:
    """The one-time code of a step: RFC 6238 with HMAC-SHA-1, as authenticator apps have it."""
    mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, moment: datetime) -> int | None:
    """The step at most one away from now whose code this is, or None."""
    typed = "".join(code.split())
    if len(typed) != TOTP_DIGITS or not typed.isascii() or not typed.isdigit():
        return None
    now = totp_step(moment)
    found = None
    for step in range(now - TOTP_STEPS_AROUND, now + TOTP_STEPS_AROUND + 1):
        if hmac.compare_digest(totp_code(secret, step), typed):
            found = step
    return found


def totp_secret_text(secret: bytes) -> str:
    """The secret as authenticator apps take it in: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def login_key(login: str) -> str:
    """What tries at a login are counted under: a hash, for people type passwords there too."""
    return "login:" + _digest(typed_login(login))


def address_key(address: str) -> str:
    """What tries from an address are counted under; an IPv6 network of 64 bits is one place."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return "address:" + _digest(str(parsed.ipv4_mapped))
        network = ipaddress.ip_network((int(parsed), 64), strict=False)
        return "address:" + _digest(str(network))
    return "address:" + _digest(str(parsed))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]

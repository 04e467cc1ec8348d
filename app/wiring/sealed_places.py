"""Every place where something sealed lies; a test compares them with the tables."""

from creator_tools.kernel.accounts import SEALED_CREDENTIALS, SEALED_TOKENS
from creator_tools.kernel.inbox import SEALED_PAYLOADS, SEALED_REPLIES
from creator_tools.operators.queries import SEALED_TOTP_SECRETS
from creator_tools.people.queries import SEALED_SESSION_KEYS

SEALED_PLACES = (
    SEALED_CREDENTIALS,
    SEALED_TOKENS,
    SEALED_PAYLOADS,
    SEALED_REPLIES,
    SEALED_SESSION_KEYS,
    SEALED_TOTP_SECRETS,
)

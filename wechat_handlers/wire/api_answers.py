"""What calls to api.weixin.qq.com answer, as types, and how their members are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat_handlers.wire.error_sentences import api_refusal

LIFETIME_S = 7200


@dataclass(frozen=True)
class AccountCredentials:
    """What an account identifies itself with."""

    appid: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class MiniProgramSession:
    """A signed-in person of a mini-program. The session key never leaves the server."""

    openid: str = field(repr=False)
    session_key: str = field(repr=False)
    unionid: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OAuthIdentity:
    """A signed-in person of an H5 page; `access_token` is theirs, not the account's."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    scope: str
    access_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a person agreed to show."""

    nickname: str = field(repr=False)
    avatar_url: str = field(repr=False)
    unionid: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Follower:
    """What an Official Account may know of a person: no name, no picture."""

    is_following: bool
    unionid: str | None = field(repr=False)
    followed_at_epoch_s: int | None
    scene: str


@dataclass(frozen=True, kw_only=True)
class Media:
    """A downloaded picture or sound."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, kw_only=True)
class TextVerdict:
    """WeChat's opinion of a text: `suggestion` is pass, review or risky."""

    suggestion: str
    label: int
    trace_id: str


def text(name: str, answer: Mapping[str, Any], member: str) -> str:
    """A text that must be there.

    Raises:
        WeChatApiRefused: it is not.
    """
    value = answer.get(member)
    if not isinstance(value, str) or not value:
        raise api_refusal(name, None)
    return value


def optional_text(answer: Mapping[str, Any], member: str) -> str | None:
    """A text, or None if it is absent or empty."""
    value = answer.get(member)
    return value if isinstance(value, str) and value else None


def seconds(answer: Mapping[str, Any]) -> int:
    """For how long a token is good; two hours unless the answer says otherwise."""
    value = answer.get("expires_in")
    return value if isinstance(value, int) and value > 1 else LIFETIME_S

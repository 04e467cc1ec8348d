"""Access tokens and JS tickets: one owner among all processes, everyone else reads.

Two processes that each fetch a token kick one another out. So the token lives in a store that all
share, and whoever wins a short lease there renews it. Tokens come from `stable_token`, which
answers repeated calls with the same token; a forced refresh, which kills the old one at once, is
never asked for.

The lease keeps a crowd from asking at once, and nothing depends on its being held: a second owner
beside a slow one is told the same token. So it is shorter than a slow answer may take, and an
owner that died holds nobody up for longer than that.

Source: https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from creator_tools.kernel.clock import Clock
from wechat_handlers.wire.error_sentences import api_refusal
from wechat_handlers.wire.errors import WeChatApiRefused

ACCESS_TOKEN: Final = "access_token"  # noqa: S105 - the name of a kind, not a secret
JSAPI_TICKET: Final = "jsapi_ticket"

LEASE_S: Final = 3
RENEW_BEFORE: Final = timedelta(minutes=10)
UNUSABLE_BEFORE: Final = timedelta(seconds=30)
WAIT_STEP_S: Final = 0.2
WAIT_STEPS_MAX: Final = 25


class StoredToken(Protocol):
    """A token and the moment it stops being good."""

    @property
    def value(self) -> str:
        """The token itself."""

    @property
    def expires_at(self) -> datetime:
        """Aware, UTC."""


class TokenStore(Protocol):
    """Where all processes keep their tokens. Each call is a transaction of its own."""

    def read(self, account_id: UUID, kind: str) -> StoredToken | None:
        """The token last written, good or not."""

    def try_lease(self, account_id: UUID, kind: str, seconds: int) -> bool:
        """Take the right to renew for so many seconds; False if somebody has it."""

    def write(self, account_id: UUID, kind: str, *, value: str, expires_at: datetime) -> None:
        """Store a renewed token and give the lease back."""


@dataclass(frozen=True)
class FetchedToken:
    """What WeChat answered: the token, and for how many seconds it is good."""

    value: str = field(repr=False)
    expires_in_s: int


class SharedTokens:
    """One kind of token for all accounts.

    Args:
        store: shared by all processes.
        kind: `ACCESS_TOKEN` or `JSAPI_TICKET`.
        fetch: asks WeChat for a token of this account; one outbound call.
        clock: says when a token grows old.
        wait: sleeps so many seconds while another process fetches a token that all lack.
    """

    def __init__(
        self,
        *,
        store: TokenStore,
        kind: str,
        fetch: Callable[[UUID], FetchedToken],
        clock: Clock,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._kind = kind
        self._fetch = fetch
        self._clock = clock
        self._wait = wait

    def get(self, account_id: UUID) -> str:
        """A token that is good now.

        Near its end whoever wins the lease renews it, while the others go on with the old one.

        Raises:
            WeChatApiRefused: there is none and none could be had.
        """
        stored = self._store.read(account_id, self._kind)
        left = stored.expires_at - self._clock.now() if stored else timedelta(0)
        if stored and left > RENEW_BEFORE:
            return stored.value
        if stored is None or left <= UNUSABLE_BEFORE:
            return self._renewed(account_id, stored.value if stored else None)
        return self._renewed_if_free(account_id, stored.value)

    def renew(self, account_id: UUID, failing_token: str) -> str:
        """Another token than the one WeChat just refused, if there is one.

        If the store already holds another, that one; else whoever wins the lease asks WeChat
        once. WeChat may answer the same token again: then the fault is not its age.

        Raises:
            WeChatApiRefused: none could be had.
        """
        return self._other_than(failing_token, account_id) or self._renewed(
            account_id, failing_token
        )

    def _renewed(self, account_id: UUID, old: str | None) -> str:
        """What another owner brings, or what we fetch once there is none."""
        for _ in range(WAIT_STEPS_MAX):
            if self._store.try_lease(account_id, self._kind, LEASE_S):
                # The owner before us may have written between our last look and now.
                return self._other_than(old, account_id) or self._fetched(account_id)
            self._wait(WAIT_STEP_S)
            if brought := self._other_than(old, account_id):
                return brought
        raise api_refusal(f"token.{self._kind}", None, outcome="not_done")

    def _other_than(self, old: str | None, account_id: UUID) -> str | None:
        stored = self._store.read(account_id, self._kind)
        return stored.value if stored is not None and stored.value != old else None

    def _renewed_if_free(self, account_id: UUID, old: str) -> str:
        if not self._store.try_lease(account_id, self._kind, LEASE_S):
            return old
        try:
            return self._fetched(account_id)
        except WeChatApiRefused:
            # The old one is good for minutes yet; the lease runs out, and somebody tries again.
            return old

    def _fetched(self, account_id: UUID) -> str:
        fetched = self._fetch(account_id)
        expires_at = self._clock.now() + timedelta(seconds=fetched.expires_in_s)
        self._store.write(account_id, self._kind, value=fetched.value, expires_at=expires_at)
        return fetched.value


class AccessTokens(SharedTokens):
    """The `access_token` of every account."""

    def __init__(
        self,
        *,
        store: TokenStore,
        fetch: Callable[[UUID], FetchedToken],
        clock: Clock,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(store=store, kind=ACCESS_TOKEN, fetch=fetch, clock=clock, wait=wait)


class JsapiTickets(SharedTokens):
    """The `jsapi_ticket` of every account."""

    def __init__(
        self,
        *,
        store: TokenStore,
        fetch: Callable[[UUID], FetchedToken],
        clock: Clock,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(store=store, kind=JSAPI_TICKET, fetch=fetch, clock=clock, wait=wait)

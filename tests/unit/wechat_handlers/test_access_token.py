"""One owner renews the token; nobody loops; nobody is kicked out."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from creator_tools.kernel.clock import ManualClock
from tests.unit.wechat_handlers.shared_store import ACCOUNT, SharedStore
from wechat_handlers.wire.access_token import ACCESS_TOKEN, AccessTokens, FetchedToken
from wechat_handlers.wire.error_sentences import api_refusal
from wechat_handlers.wire.errors import WeChatApiRefused


class WeChat:
    """Answers t1, t2, … and counts; refuses while `refusing`."""

    def __init__(self) -> None:
        self.count = 0
        self.refusing = False

    def __call__(self, _account_id: UUID) -> FetchedToken:
        self.count += 1
        if self.refusing:
            raise api_refusal("api.stable_token", 40164)
        return FetchedToken(f"t{self.count}", 7200)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2027, 1, 15, tzinfo=UTC))


@pytest.fixture
def store(clock: ManualClock) -> SharedStore:
    return SharedStore(clock)


@pytest.fixture
def wechat() -> WeChat:
    return WeChat()


def tokens_of(
    store: SharedStore,
    clock: ManualClock,
    wechat: Callable[[UUID], FetchedToken],
    wait: Callable[[float], None] = lambda _seconds: None,
) -> AccessTokens:
    return AccessTokens(store=store, fetch=wechat, clock=clock, wait=wait)


def test_a_token_is_fetched_once_and_read_ever_after(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)

    assert [tokens.get(ACCOUNT) for _ in range(3)] == ["t1"] * 3
    assert wechat.count == 1
    assert store.tokens[ACCOUNT, ACCESS_TOKEN].expires_at == clock.now() + timedelta(hours=2)


def test_ten_cold_threads_make_one_call(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    waiting = threading.Semaphore(0)
    may_answer = threading.Event()

    def slow(account_id: UUID) -> FetchedToken:
        # Answers only when all the others are seen to wait, so the race is not left to luck.
        for _ in range(9):
            assert waiting.acquire(timeout=5)
        may_answer.set()
        return wechat(account_id)

    first_wait = threading.local()

    def wait(_seconds: float) -> None:
        if not getattr(first_wait, "done", False):
            first_wait.done = True
            waiting.release()
        assert may_answer.wait(5)
        threading.Event().wait(0.01)

    tokens = tokens_of(store, clock, slow, wait)
    with ThreadPoolExecutor(10) as pool:
        got = [job.result(10) for job in [pool.submit(tokens.get, ACCOUNT) for _ in range(10)]]

    assert got == ["t1"] * 10
    assert wechat.count == 1


def test_near_its_end_one_renews_and_the_others_go_on_with_the_old(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)
    tokens.get(ACCOUNT)
    clock.advance(timedelta(hours=2) - timedelta(minutes=9))

    assert store.try_lease(ACCOUNT, ACCESS_TOKEN, 20)
    assert tokens.get(ACCOUNT) == "t1"
    clock.advance(timedelta(seconds=21))
    assert tokens.get(ACCOUNT) == "t2"
    assert wechat.count == 2


def test_a_failed_early_renewal_hurts_nobody_while_the_old_one_is_good(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)
    tokens.get(ACCOUNT)
    clock.advance(timedelta(hours=2) - timedelta(minutes=9))
    wechat.refusing = True

    assert tokens.get(ACCOUNT) == "t1"
    clock.advance(timedelta(minutes=9))
    with pytest.raises(WeChatApiRefused) as caught:
        tokens.get(ACCOUNT)
    assert caught.value.errcode == 40164


def test_an_expired_token_is_never_handed_out(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)
    tokens.get(ACCOUNT)
    clock.advance(timedelta(hours=2) - timedelta(seconds=30))

    assert tokens.get(ACCOUNT) == "t2"


def test_a_refused_token_that_is_no_longer_the_stored_one_costs_no_call(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)
    tokens.get(ACCOUNT)

    assert tokens.renew(ACCOUNT, "older") == "t1"
    assert tokens.renew(ACCOUNT, "t1") == "t2"
    assert tokens.renew(ACCOUNT, "t1") == "t2"
    assert wechat.count == 2


def test_waiting_for_another_owner_ends(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    waits: list[float] = []
    tokens = tokens_of(store, clock, wechat, waits.append)
    store.try_lease(ACCOUNT, ACCESS_TOKEN, 20)

    with pytest.raises(WeChatApiRefused) as caught:
        tokens.get(ACCOUNT)

    assert 3 <= sum(waits) <= 6
    assert wechat.count == 0
    assert (caught.value.retryable, caught.value.outcome) == (True, "not_done")


def test_an_owner_that_died_is_replaced_when_its_lease_ends(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)
    store.try_lease(ACCOUNT, ACCESS_TOKEN, 20)
    clock.advance(timedelta(seconds=21))

    assert tokens.get(ACCOUNT) == "t1"


def test_a_token_is_in_no_repr(wechat: WeChat) -> None:
    assert "t1" not in repr(wechat(ACCOUNT))

"""One owner renews the token; nobody loops; nobody is kicked out."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from creator_tools.kernel.clock import ManualClock
from tests.unit.wechat_handlers.shared_store import ACCOUNT, SharedStore
from wechat_handlers.wire.access_token import (
    ACCESS_TOKEN,
    LEASE_S,
    WAIT_STEP_S,
    AccessTokens,
    FetchedToken,
)
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
            assert waiting.acquire(timeout=60)
        may_answer.set()
        return wechat(account_id)

    first_wait = threading.local()

    def wait(_seconds: float) -> None:
        if not getattr(first_wait, "done", False):
            first_wait.done = True
            waiting.release()
        assert may_answer.wait(60)
        threading.Event().wait(0.01)

    tokens = tokens_of(store, clock, slow, wait)
    with ThreadPoolExecutor(10) as pool:
        got = [job.result(60) for job in [pool.submit(tokens.get, ACCOUNT) for _ in range(10)]]

    assert got == ["t1"] * 10
    assert wechat.count == 1


def test_near_its_end_one_renews_and_the_others_go_on_with_the_old(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    tokens = tokens_of(store, clock, wechat)
    tokens.get(ACCOUNT)
    clock.advance(timedelta(hours=2) - timedelta(minutes=9))

    assert store.try_lease(ACCOUNT, ACCESS_TOKEN, LEASE_S)
    assert tokens.get(ACCOUNT) == "t1"
    clock.advance(timedelta(seconds=LEASE_S + 1))
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
    store.try_lease(ACCOUNT, ACCESS_TOKEN, LEASE_S)

    with pytest.raises(WeChatApiRefused) as caught:
        tokens.get(ACCOUNT)

    assert 3 <= sum(waits) <= 6
    assert wechat.count == 0
    assert (caught.value.retryable, caught.value.outcome) == (True, "not_done")


def test_an_owner_that_died_is_replaced_by_one_of_those_who_wait(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(timedelta(seconds=seconds))

    tokens = tokens_of(store, clock, wechat, wait)
    store.try_lease(ACCOUNT, ACCESS_TOKEN, LEASE_S)

    assert tokens.get(ACCOUNT) == "t1"
    assert sum(waits) == pytest.approx(LEASE_S, abs=WAIT_STEP_S)
    assert wechat.count == 1


def test_an_owner_that_is_slow_and_not_dead_may_write_after_its_successor(
    store: SharedStore, clock: ManualClock, wechat: WeChat
) -> None:
    def wait(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    def stable(_account_id: UUID) -> FetchedToken:
        return FetchedToken("the same", 7200)

    def slow(account_id: UUID) -> FetchedToken:
        answer = stable(account_id)
        assert tokens_of(store, clock, stable, wait).get(ACCOUNT) == "the same"
        return answer

    assert tokens_of(store, clock, slow, wait).get(ACCOUNT) == "the same"
    assert tokens_of(store, clock, wechat, wait).get(ACCOUNT) == "the same"


def test_what_the_owner_wrote_while_we_took_the_lease_is_not_fetched_again(
    clock: ManualClock, wechat: WeChat
) -> None:
    expires_at = clock.now() + timedelta(hours=2)

    class Overtaken(SharedStore):
        def try_lease(self, account_id: UUID, kind: str, seconds: int) -> bool:
            self.write(account_id, kind, value="theirs", expires_at=expires_at)
            return super().try_lease(account_id, kind, seconds)

    assert tokens_of(Overtaken(clock), clock, wechat).get(ACCOUNT) == "theirs"
    assert wechat.count == 0


def test_a_token_is_in_no_repr(wechat: WeChat) -> None:
    assert "t1" not in repr(wechat(ACCOUNT))

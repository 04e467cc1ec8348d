"""Those who arrive meanwhile share one group; nobody is lost in it and nobody waits for ever."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.wiring.grouping import Groups, NotInTime


class Work:
    """Work that can be held back, and remembers its groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go_on = threading.Event()
        self.began = threading.Event()
        self.most_at_once = 0
        self._running = 0
        self._lock = threading.Lock()

    def __call__(self, group: Sequence[int]) -> None:
        with self._lock:
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
        self.began.set()
        self.go_on.wait(5)
        self.groups.append(list(group))
        with self._lock:
            self._running -= 1
        if -1 in group:
            raise RuntimeError("poisoned")


def groups_of(work: Work, *, size_max: int = 20, patience_s: float = 5.0) -> Groups[int]:
    return Groups(work, size_max=size_max, patience_s=patience_s)


def test_the_first_goes_at_once_and_the_rest_share_the_next_group() -> None:
    work = Work()
    groups = groups_of(work)
    with ThreadPoolExecutor(max_workers=9) as pool:
        first = pool.submit(groups.join, 0)
        work.began.wait(5)
        rest = [pool.submit(groups.join, number) for number in range(1, 9)]
        time.sleep(0.2)
        work.go_on.set()
        assert all(one.result(5) for one in (first, *rest))
    assert [sorted(group) for group in work.groups] == [[0], list(range(1, 9))]


def test_a_group_is_not_larger_than_it_may_be() -> None:
    work = Work()
    groups = groups_of(work, size_max=3)
    with ThreadPoolExecutor(max_workers=9) as pool:
        first = pool.submit(groups.join, 0)
        work.began.wait(5)
        rest = [pool.submit(groups.join, number) for number in range(1, 9)]
        time.sleep(0.2)
        work.go_on.set()
        assert all(one.result(5) for one in (first, *rest))
    assert [len(group) for group in work.groups] == [1, 3, 3, 2]


def test_a_group_that_fails_tells_each_to_go_alone_and_the_next_goes_on() -> None:
    work = Work()
    groups = groups_of(work)
    with ThreadPoolExecutor(max_workers=4) as pool:
        first = pool.submit(groups.join, 0)
        work.began.wait(5)
        rest = [pool.submit(groups.join, number) for number in (1, -1, 2)]
        time.sleep(0.2)
        work.go_on.set()
        assert first.result(5) is True
        assert [one.result(5) for one in rest] == [False] * 3
    assert groups.join(5) is True


def test_nobody_waits_longer_than_their_patience_and_the_group_lives_on() -> None:
    work = Work()
    groups = groups_of(work, patience_s=0.1)
    with ThreadPoolExecutor(max_workers=2) as pool:
        first = pool.submit(groups.join, 0)
        work.began.wait(5)
        with pytest.raises(NotInTime):
            groups.join(1)
        work.go_on.set()
        assert first.result(5) is True
    assert groups.join(2) is True
    assert work.groups == [[0], [2]]


def test_a_thousand_from_thirty_threads_are_worked_on_once_each() -> None:
    work = Work()
    work.go_on.set()
    groups = groups_of(work)
    with ThreadPoolExecutor(max_workers=30) as pool:
        assert all(pool.map(groups.join, range(1000)))
    assert sorted(one for group in work.groups for one in group) == list(range(1000))
    assert work.most_at_once == 1

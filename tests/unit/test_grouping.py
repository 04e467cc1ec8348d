"""Those who arrive meanwhile share one group; nobody is lost in it and nobody waits for ever."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.wiring.grouping import Groups, NotInTime

POISON, END, UNFIT = -1, -2, -3
# A busy machine is slow, not wrong.
PATIENCE_S = 30.0


class Work:
    """Work that can be held back, and remembers its groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go_on = threading.Event()
        # Set to hold back all groups but the first a second time.
        self.second_hold: threading.Event | None = None
        self.began = threading.Event()
        self.most_at_once = 0
        self._running = 0
        self._lock = threading.Lock()

    def __call__(self, group: Sequence[int]) -> Sequence[int | None]:
        with self._lock:
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
        self.began.set()
        self.go_on.wait(PATIENCE_S)
        if self.second_hold is not None and self.groups:
            self.second_hold.wait(PATIENCE_S)
        self.groups.append(list(group))
        with self._lock:
            self._running -= 1
        if POISON in group:
            raise RuntimeError("poisoned")
        if END in group:
            raise SystemExit
        return [None if number == UNFIT else number + 100 for number in group]


class Desk:
    """Threads that bring numbers, with the patience they have."""

    def __init__(
        self,
        work: Work,
        *,
        size_max: int = 20,
        at_work_max: int = 1,
        apart: Callable[[int], Hashable] | None = None,
        patience_s: float = PATIENCE_S,
        begun_s: float = 0.0,
    ) -> None:
        self._groups: Groups[int, int] = Groups(
            work, size_max=size_max, at_work_max=at_work_max, apart=apart
        )
        self._patience_s = patience_s
        self._begun_s = begun_s

    def join(self, number: int) -> int | None:
        return self._groups.join(number, patience_s=self._patience_s, begun_s=self._begun_s)

    def await_waiting(self, count: int) -> None:
        """Until as many sit and wait; on a busy machine a thread may be late."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self._groups._waiting) < count:
            assert time.monotonic() < deadline, f"{count} never waited"
            time.sleep(0.01)


def told_meanwhile(work: Work, groups: Desk, *numbers: int) -> list[int | None]:
    """What they are told who come while 0 is worked on."""
    with ThreadPoolExecutor(max_workers=1 + len(numbers)) as pool:
        first = pool.submit(groups.join, 0)
        assert work.began.wait(PATIENCE_S)
        rest = [pool.submit(groups.join, number) for number in numbers]
        groups.await_waiting(len(numbers))
        work.go_on.set()
        assert first.result(PATIENCE_S) == 100
        return [one.result(PATIENCE_S) for one in rest]


def test_the_first_goes_at_once_and_the_rest_share_the_next_group() -> None:
    work = Work()
    assert told_meanwhile(work, Desk(work), *range(1, 9)) == list(range(101, 109))
    assert [sorted(group) for group in work.groups] == [[0], list(range(1, 9))]


def test_a_group_is_not_larger_than_it_may_be() -> None:
    work = Work()
    assert told_meanwhile(work, Desk(work, size_max=3), *range(1, 9)) == list(range(101, 109))
    assert [len(group) for group in work.groups] == [1, 3, 3, 2]


def test_a_group_that_fails_tells_each_to_go_alone_and_the_next_goes_on() -> None:
    work = Work()
    groups = Desk(work)
    assert told_meanwhile(work, groups, 1, POISON, 2) == [None] * 3
    assert groups.join(5) == 105


def test_nobody_waits_longer_than_their_patience_and_the_group_lives_on() -> None:
    work = Work()
    groups = Desk(work, patience_s=0.1)
    with ThreadPoolExecutor(max_workers=2) as pool:
        first = pool.submit(groups.join, 0)
        assert work.began.wait(PATIENCE_S)
        with pytest.raises(NotInTime):
            groups.join(1)
        work.go_on.set()
        assert first.result(PATIENCE_S) == 100
    assert groups.join(2) == 102
    assert work.groups == [[0], [2]]


@pytest.mark.parametrize("begun_s", [0.0, PATIENCE_S])
def test_whose_group_has_begun_waits_on_as_long_as_they_said(begun_s: float) -> None:
    work = Work()
    work.second_hold = threading.Event()
    groups = Desk(work, patience_s=1.5, begun_s=begun_s)
    with ThreadPoolExecutor(max_workers=3) as pool:
        first = pool.submit(groups.join, 0)
        assert work.began.wait(PATIENCE_S)
        leader = pool.submit(groups.join, 1)
        groups.await_waiting(1)
        follower = pool.submit(groups.join, 2)
        groups.await_waiting(2)
        work.go_on.set()
        assert first.result(PATIENCE_S) == 100
        time.sleep(2.5)
        assert follower.done() is (begun_s == 0.0)
        work.second_hold.set()
        assert leader.result(PATIENCE_S) == 101
        if begun_s:
            assert follower.result(PATIENCE_S) == 102
        else:
            with pytest.raises(NotInTime):
                follower.result(PATIENCE_S)
    assert work.groups == [[0], [1, 2]]


def test_what_does_not_fit_is_told_so_and_the_rest_of_its_group_is_done() -> None:
    work = Work()
    assert told_meanwhile(work, Desk(work), 6, UNFIT, 8) == [106, None, 108]


def test_two_with_one_key_are_never_in_one_group_and_neither_is_lost() -> None:
    work = Work()
    groups = Desk(work, apart=lambda number: number % 3)
    told = told_meanwhile(work, groups, 11, 12, 13, 14, 15, 17)
    assert told == [111, 112, 113, 114, 115, 117]
    assert sorted(len(group) for group in work.groups) == [1, 1, 2, 3]
    assert all(len({one % 3 for one in group}) == len(group) for group in work.groups)


def test_as_many_groups_as_may_are_at_work_at_once_and_no_more() -> None:
    work = Work()
    groups = Desk(work, at_work_max=2)
    with ThreadPoolExecutor(max_workers=5) as pool:
        everybody = [pool.submit(groups.join, number) for number in range(5)]
        groups.await_waiting(3)
        work.go_on.set()
        assert [one.result(PATIENCE_S) for one in everybody] == list(range(100, 105))
    assert work.most_at_once == 2


def test_a_leader_that_is_ended_hands_on_and_lets_the_others_go_alone() -> None:
    work = Work()
    groups = Desk(work, size_max=2)
    with ThreadPoolExecutor(max_workers=4) as pool:
        first = pool.submit(groups.join, 0)
        assert work.began.wait(PATIENCE_S)
        ended = pool.submit(groups.join, END)
        groups.await_waiting(1)
        rest = [pool.submit(groups.join, 1)]
        groups.await_waiting(2)
        rest.append(pool.submit(groups.join, 2))
        groups.await_waiting(3)
        work.go_on.set()
        assert first.result(PATIENCE_S) == 100
        with pytest.raises(SystemExit):
            ended.result(PATIENCE_S)
        assert [one.result(PATIENCE_S) for one in rest] == [None, 102]
    assert groups.join(3) == 103


def test_a_thousand_from_thirty_threads_are_worked_on_once_each() -> None:
    work = Work()
    work.go_on.set()
    groups = Desk(work)
    with ThreadPoolExecutor(max_workers=30) as pool:
        assert list(pool.map(groups.join, range(1000))) == list(range(100, 1100))
    assert sorted(one for group in work.groups for one in group) == list(range(1000))
    assert work.most_at_once == 1


def test_whoever_is_called_to_lead_as_their_patience_ends_leads_all_the_same() -> None:
    work = Work()
    work.go_on.set()
    hurried = Groups[int, int](work, size_max=1)

    def join(number: int) -> int | None:
        try:
            return hurried.join(number, patience_s=number % 40 / 20_000)
        except NotInTime:
            return None

    with ThreadPoolExecutor(max_workers=20) as pool:
        told = list(pool.map(join, range(3000)))
    done = sorted(one for group in work.groups for one in group)
    assert [one - 100 for one in told if one is not None] == done
    assert hurried.join(1, patience_s=0.0) == 101

"""Children end when they must: asked, insisted, or because we died."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.launcher.children import Child, ChildWouldNotStart, Order
from app.launcher.family import ChildDied, Family
from app.launcher.leftovers import Birth, end_leftovers, read_births, write_births
from app.launcher.state import Tree

REPOSITORY = Path(__file__).resolve().parents[3]
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)"
PARENT = "import os, time; print(os.fork(), flush=True)"


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    def make(program: str, *, grace_s: float = 5.0, forever: bool = True) -> Order:
        ending = "\nimport time; time.sleep(600)" if forever else ""
        return Order(
            name="probe",
            command=[sys.executable, "-c", program + ending],
            log=tmp_path / "logs" / "probe.log",
            environment={"PATH": os.defpath},
            folder=tmp_path,
            grace_s=grace_s,
        )

    return make


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path, tmp_path / "state")
    made.prepare()
    return made


@pytest.fixture
def started() -> Iterator[list[Child]]:
    children: list[Child] = []
    yield children
    for child in children:
        child.stop()


def is_alive(pid: int) -> bool:
    return Birth.of(pid, signal.SIGTERM).lives()


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < deadline, "waited 60 s in vain"
        time.sleep(0.01)


def test_a_child_stops_when_it_is_asked(order: Callable[..., Order]) -> None:
    child = Child(order("pass"))
    assert is_alive(child.pid)
    child.stop()
    assert child.exit_code() == -signal.SIGTERM
    assert not is_alive(child.pid)


def test_a_deaf_child_is_ended_after_its_grace(
    order: Callable[..., Order], started: list[Child]
) -> None:
    child = Child(order(STUBBORN, grace_s=0.2))
    started.append(child)
    wait_until(lambda: "deaf" in child.last_words())
    child.stop()
    assert child.exit_code() == -signal.SIGKILL


def test_what_a_child_started_ends_with_it(
    order: Callable[..., Order], started: list[Child]
) -> None:
    child = Child(order(PARENT))
    started.append(child)
    wait_until(lambda: len(child.last_words().split()) == 2)
    grandchild = max(int(word) for word in child.last_words().split())
    assert is_alive(grandchild)
    child.stop()
    wait_until(lambda: not is_alive(grandchild))


def test_a_child_lives_in_a_session_of_its_own_and_hears_every_signal(
    order: Callable[..., Order], started: list[Child]
) -> None:
    held = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)"
    child = Child(order(held))
    started.append(child)
    assert os.getsid(child.pid) == child.pid != os.getsid(0)
    wait_until(lambda: "set()" in child.last_words())


def test_the_last_words_are_of_this_life(order: Callable[..., Order], started: list[Child]) -> None:
    first = Child(order("print('of the first', flush=True)", forever=False))
    first.wait_for_success(60)
    second = Child(order("print('of the second', flush=True)"))
    started.append(second)
    wait_until(lambda: "of the second" in second.last_words())
    assert "of the first" not in second.last_words()


def test_a_failing_step_is_told_with_its_last_words(order: Callable[..., Order]) -> None:
    child = Child(order("raise SystemExit('no such table')", forever=False))
    with pytest.raises(ChildWouldNotStart, match=r"probe: exit 1\s+no such table"):
        child.wait_for_success(60)


def test_a_step_that_never_ends_is_ended(order: Callable[..., Order]) -> None:
    child = Child(order("pass"))
    with pytest.raises(ChildWouldNotStart, match="probe: > 0 s"):
        child.wait_for_success(0.1)
    assert not is_alive(child.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent-death signal")
def test_a_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time\nfrom pathlib import Path\n"
        "from app.launcher.children import Child, Order\n"
        "child = Child(Order('c', [sys.executable, '-c', 'import time; time.sleep(600)'],"
        f" Path({str(tmp_path / 'c.log')!r}), {{}}, Path({str(tmp_path)!r})))\n"
        "print(child.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    wait_until(lambda: not is_alive(child))


def test_a_family_stops_the_youngest_first_and_forgets_them(
    order: Callable[..., Order], tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = Family(tree)
    pids = [family.start(order("pass")).pid for _ in range(3)]
    assert [birth.pid for birth in read_births(tree.children_file)] == pids
    stopped: list[int] = []
    stop = Child.stop

    def stop_and_tell(self: Child) -> None:
        stopped.append(self.pid)
        stop(self)

    monkeypatch.setattr(Child, "stop", stop_and_tell)
    family.refuse_deaths()
    family.stop()
    assert stopped == pids[::-1]
    assert not any(is_alive(pid) for pid in pids)
    assert not tree.children_file.exists()


def test_one_death_is_noticed(order: Callable[..., Order], tree: Tree) -> None:
    family = Family(tree)
    try:
        child = family.start(order("pass"))
        os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: child.exit_code() is not None)
        with pytest.raises(ChildDied, match="probe: exit -9"):
            family.refuse_deaths()
    finally:
        family.stop()


def test_leftovers_are_ended_and_strangers_are_not(
    order: Callable[..., Order], started: list[Child], tmp_path: Path
) -> None:
    ours, deaf, stranger = (
        Child(order("pass")),
        Child(order(STUBBORN)),
        Child(order("pass")),
    )
    started.extend([ours, deaf, stranger])
    wait_until(lambda: "deaf" in deaf.last_words())
    record = tmp_path / "children.json"
    reused = Birth(stranger.pid, "born at another moment", signal.SIGTERM)
    births = [Birth.of(child.pid, signal.SIGTERM) for child in (ours, deaf)]
    write_births(record, [*births, reused])
    assert end_leftovers(record, grace_s=0.3) == 2
    wait_until(lambda: ours.exit_code() is not None and deaf.exit_code() is not None)
    assert stranger.exit_code() is None
    assert not record.exists()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"pid": "x"}]'])
def test_a_torn_record_is_no_obstacle(tmp_path: Path, text: str) -> None:
    record = tmp_path / "children.json"
    record.write_text(text, encoding="utf-8")
    assert end_leftovers(record) == 0


def test_the_watchdog_ends_the_children_when_the_launcher_is_gone(
    order: Callable[..., Order], started: list[Child], tmp_path: Path
) -> None:
    child = Child(order("pass"))
    started.append(child)
    record = tmp_path / "children.json"
    write_births(record, [Birth.of(child.pid, signal.SIGTERM)])
    with subprocess.Popen(
        [sys.executable, "-m", "app.launcher.watchdog", str(record)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
    ) as watchdog:
        assert watchdog.stdin is not None
        assert child.exit_code() is None
        watchdog.stdin.close()
        watchdog.wait(timeout=60)
    assert child.exit_code() == -signal.SIGTERM

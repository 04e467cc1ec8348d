"""The small parts of a start: the lock, the ports, the calls, the orders, the page of memory."""

import http.server
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from app.launcher.children import Child, ChildWouldNotStart, Order
from app.launcher.lock import AlreadyRunning, TreeLock
from app.launcher.memory import family_pss_kb
from app.launcher.ports import NoFreePort, free_port, is_free, next_free
from app.launcher.processes import migration_order, web_order, worker_order
from app.launcher.speech import announce, say
from app.launcher.state import Tree, schema_mark, write_privately
from app.launcher.web_calls import CallRefused, put_json, wait_until_answering

REPOSITORY = Path(__file__).resolve().parents[3]


def test_the_second_launcher_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with TreeLock(path) as lock:
        lock.tell("http://127.0.0.1:8080")
        with pytest.raises(AlreadyRunning) as refusal, TreeLock(path):
            pass
        assert (refusal.value.pid, refusal.value.url) == (os.getpid(), "http://127.0.0.1:8080")
    with TreeLock(path):
        assert path.exists()


def test_the_lock_of_a_killed_launcher_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    program = (
        "import time\nfrom pathlib import Path\nfrom app.launcher.lock import TreeLock\n"
        f"with TreeLock(Path({str(path)!r})) as lock:\n"
        "    lock.tell('http://gone')\n    print('held', flush=True)\n    time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning) as refusal, TreeLock(path):
            pass
        assert refusal.value.pid == holder.pid
        holder.kill()
    assert "http://gone" in path.read_text(encoding="utf-8")
    with TreeLock(path):
        assert str(os.getpid()) in path.read_text(encoding="utf-8")


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert next_free(port) > port
    assert next_free(port, taken={port}) > port


def test_ports_that_browsers_refuse_are_passed_over() -> None:
    assert next_free(5060) >= 5062


def test_a_machine_without_a_free_port_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.launcher.ports.is_free", lambda _port: False)
    with pytest.raises(NoFreePort):
        next_free(8080)


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers GET / with 200, PUT with what it was told to."""

    put_status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 503)
        self.end_headers()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.put_status)
        self.end_headers()
        self.wfile.write(b"oa.appid must be a text")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the method we replace
        return


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Child]:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = Child(Order("web", command, tmp_path / "log", {}, tmp_path))
    yield child
    child.stop()


def test_an_answer_ends_the_waiting(url: str, sleeper: Child) -> None:
    wait_until_answering(sleeper, url, within_s=5)
    with pytest.raises(ChildWouldNotStart, match="HTTP 503"):
        wait_until_answering(sleeper, f"{url}/readyz", within_s=0.1)


def test_the_death_of_the_child_ends_the_waiting(sleeper: Child) -> None:
    sleeper.stop()
    with pytest.raises(ChildWouldNotStart, match="web"):
        wait_until_answering(sleeper, f"http://127.0.0.1:{free_port()}/", within_s=60)


def test_silence_ends_the_waiting_in_time(sleeper: Child) -> None:
    with pytest.raises(ChildWouldNotStart, match="silence"):
        wait_until_answering(sleeper, f"http://127.0.0.1:{free_port()}/", within_s=0.1)


def test_a_refused_put_is_told_with_its_reason(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put_json(f"{url}/_sim/accounts", {})
    monkeypatch.setattr(Answering, "put_status", 422)
    with pytest.raises(CallRefused, match=r"HTTP 422: oa\.appid must be a text"):
        put_json(f"{url}/_sim/accounts", {})


def test_no_password_is_on_a_command_line(tmp_path: Path) -> None:
    tree = Tree(tmp_path, tmp_path / "state")
    secret = "postgresql://u:hidden@127.0.0.1/x"
    environment = {"DATABASE_URL": secret}
    orders = [
        migration_order(tree, environment, secret),
        web_order(tree, 8080, environment),
        worker_order(tree, environment),
    ]
    for order in orders:
        assert "hidden" not in " ".join(order.command)
        assert secret in order.environment.values()
    assert "--port=8080" in orders[1].command


def test_a_private_file_is_private_even_when_an_open_one_was_there(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_privately(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.json"]


def test_a_new_or_changed_migration_changes_the_mark(tmp_path: Path) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_ground.py").write_text("a", encoding="utf-8")
    first = schema_mark(tmp_path)
    assert schema_mark(tmp_path) == first
    (versions / "0002_more.py").write_text("b", encoding="utf-8")
    second = schema_mark(tmp_path)
    (versions / "0001_ground.py").write_text("changed", encoding="utf-8")
    assert len({first, second, schema_mark(tmp_path)}) == 3


def test_ready_is_one_line_on_stdout_and_progress_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("正在启动", "starting")
    announce("http://127.0.0.1:1", "http://127.0.0.1:2/phone", "/x y/.local/demo.json")
    told = capsys.readouterr()
    assert told.out == (
        "READY http://127.0.0.1:1 phone=http://127.0.0.1:2/phone demo=/x y/.local/demo.json\n"
    )
    assert told.err == "· 正在启动 / starting\n"


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")
def test_memory_is_counted_with_descendants_and_each_named_one_for_itself(sleeper: Child) -> None:
    named = {"suite": os.getpid(), "child": sleeper.pid, "nobody": 2**22 + 1}
    deadline = time.monotonic() + 30
    # A process that has only just begun its program has next to nothing yet.
    while (alone := family_pss_kb(named))["child"] <= 1000 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(alone) == {"suite", "child"}
    together = family_pss_kb({"suite": os.getpid()})
    assert together["suite"] > alone["child"] > 1000
    assert together["suite"] > alone["suite"] + alone["child"] // 2

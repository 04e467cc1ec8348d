"""Every commit and every outbound call has a place where a proof can pull the plug."""

import ast
from collections.abc import Iterator
from pathlib import Path

from creator_tools.kernel import failpoints
from wechat_handlers.wire import outbound_call

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "wechat_handlers", "creator_tools")
# The only file that commits, and the ways a unit is opened or a call is made.
COMMITTER = "creator_tools/kernel/unit_of_work.py"
# Speaks HTTP to loopback only, for the demo and the launcher's own health questions.
NOT_TO_WECHAT = {"app/cli/demo_world.py", "app/launcher/web_calls.py"}
SENDERS = {
    "wechat_handlers/wire/outbound_call.py",
    "wechat_handlers/wire/api_transport.py",
    "wechat_handlers/wire/pay_client.py",
}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _attribute(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def test_there_are_at_least_forty_and_no_two_share_a_name() -> None:
    names = failpoints.all_names()
    assert len(names) >= 40
    assert len(set(names)) == len(names)


def test_nobody_commits_but_the_unit_of_work() -> None:
    committers = {
        path for path, tree in _trees() for call in _calls(tree) if _attribute(call) == "commit"
    }
    assert committers == {COMMITTER}


def test_every_unit_that_is_opened_is_listed_and_every_listed_one_is_opened() -> None:
    opened = {
        argument.value
        for _, tree in _trees()
        for call in _calls(tree)
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and argument.value in failpoints.UNITS
    }
    assert opened == set(failpoints.UNITS)


def test_only_the_guarded_senders_speak_http() -> None:
    speakers = {
        path
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name in {"requests", "urllib.request", "http.client", "httpx"}
    }
    # Those that import the library's types to build a session hand it to a guarded sender.
    builders = {"app/wiring/wechat.py", "wechat_handlers/wire/wecom_client.py"}
    assert speakers - NOT_TO_WECHAT - builders <= SENDERS


def test_both_lists_of_outbound_calls_are_the_same() -> None:
    assert set(failpoints.CALLS) == set(outbound_call.CALLS)

"""The budgets of the house, counted from the source itself."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("app", "wechat_handlers", "creator_tools", "config", "wechat_simulator", "benchmarks")
MOST_LINES = 400
MOST_BODY_LINES = 50
BANNED_NAMES = frozenset({"util", "utils", "helper", "helpers", "common", "misc", "manager"}) | {
    *("processor", "data", "info", "base", "lib", "stuff")
}
# What may stand outside a budget, and why. Empty is the aim.
ALLOWED: dict[str, str] = {}

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


# Strangers' programs: each runs in an environment of its own, with libraries that are not ours.
FOREIGN = REPOSITORY / "tests" / "foreign"


def sources(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in sorted((REPOSITORY / folder).rglob("*.py")))
    return [path for path in found if not path.is_relative_to(FOREIGN)]


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, type_of_function):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last one."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def refuse(found: list[str]) -> None:
    unknown = [line for line in found if line.split(": ")[0] not in ALLOWED]
    assert not unknown, "\n" + "\n".join(unknown)


def test_there_is_source_to_count() -> None:
    assert len(sources(*ROOMS)) > 50


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    counted = {
        named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*ROOMS)
    }
    refuse([f"{name}: {lines} lines" for name, lines in counted.items() if lines > MOST_LINES])


def test_no_function_body_is_longer_than_fifty_lines() -> None:
    refuse(
        [
            f"{named(path)}: {function.name} has {body_lines(function)} lines"
            for path in sources(*ROOMS)
            for function in functions(path)
            if body_lines(function) > MOST_BODY_LINES
        ]
    )


def test_nothing_is_imported_inside_a_function() -> None:
    refuse(
        [
            f"{named(path)}: {function.name} imports in line {node.lineno}"
            for path in sources(*ROOMS, "migrations", "tests")
            for function in functions(path)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
    )


def test_no_import_is_relative() -> None:
    refuse(
        [
            f"{named(path)}: relative import in line {node.lineno}"
            for path in sources(*ROOMS, "migrations", "tests")
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.ImportFrom) and node.level > 0
        ]
    )


def test_no_module_has_a_name_that_says_nothing() -> None:
    refuse(
        [
            f"{named(path)}: says nothing"
            for path in sources(*ROOMS, "migrations", "tests")
            if BANNED_NAMES & set(path.relative_to(REPOSITORY).with_suffix("").parts)
            or path.stem.rpartition("_")[2] in BANNED_NAMES - {"info", "data", "base"}
        ]
    )


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        named(path)
        for path in sources(*ROOMS, "migrations")
        for node in ast.walk(tree_of(path))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"environ", "environb", "getenv"}
            and spelt(node.value) == "os"
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {alias.name for alias in node.names} & {"environ", "environb", "getenv"}
        )
    }
    # The simulator shares no code with us, so it has a door of its own.
    assert {name for name in readers if not name.startswith("wechat_simulator/")} == {
        "config/settings.py"
    }
    assert len([name for name in readers if name.startswith("wechat_simulator/")]) <= 1


def test_every_public_function_of_the_house_says_what_it_is_for() -> None:
    refuse(
        [
            f"{named(path)}: {function.name} in line {function.lineno} has no docstring"
            for path in sources(*ROOMS)
            for function in public_functions(tree_of(path))
            if ast.get_docstring(function) is None
        ]
    )


def public_functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of a module, and methods of its public classes, that others may call."""
    for node in module.body:
        if isinstance(node, type_of_function) and not node.name.startswith("_"):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for member in node.body:
                if isinstance(member, type_of_function) and not member.name.startswith("_"):
                    yield member


WIRE_WORDS = ("openid", "msgtype", "prepay_id", "errcode", "out_trade_no", "transaction_id")


@pytest.mark.parametrize("word", WIRE_WORDS)
def test_the_business_does_not_speak_wechat(word: str) -> None:
    refuse(
        [
            f"{named(path)}: {word} in line {getattr(node, 'lineno', 0)}"
            for path in sources("creator_tools")
            for node in ast.walk(tree_of(path))
            if word in spelt(node).lower()
        ]
    )


def spelt(node: ast.AST) -> str:
    """The identifier that a node of the source spells, or nothing."""
    for attribute in ("id", "attr", "arg", "name"):
        text = getattr(node, attribute, None)
        if isinstance(text, str):
            return text
    return ""


@pytest.mark.parametrize("reason", list(ALLOWED.values()) or ["nothing is allowed outside"])
def test_every_exemption_has_a_reason(reason: str) -> None:
    assert len(reason.split()) >= 3

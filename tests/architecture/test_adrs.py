"""A decision names what would notice if it were broken, and that thing exists."""

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "docs" / "adr"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["## Context", "## Decision", "## Consequences", "## Enforced by"]
# One page each.
MOST_LINES = 60
_CONTRACT = re.compile(r"^- contract `([a-z-]+)`$")
_PATH = re.compile(r"^- `([^`]+)`$")


def contracts() -> set[str]:
    """The ids of all import contracts."""
    with (REPOSITORY / "pyproject.toml").open("rb") as stream:
        listed = tomllib.load(stream)["tool"]["importlinter"]["contracts"]
    return {one["id"] for one in listed}


def enforcers(page: Path) -> list[str]:
    """The lines under "Enforced by"."""
    text = page.read_text(encoding="utf-8").partition("## Enforced by\n")[2]
    return [line for line in text.splitlines() if line.strip()]


def test_the_numbers_are_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in PAGES]
    assert numbers == list(range(1, len(PAGES) + 1))
    assert len(PAGES) >= 13


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts_on_one_page(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    assert lines[0].startswith(f"# {page.name[:4]} ")
    assert len(lines) <= MOST_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_enforces_a_decision_exists(page: Path) -> None:
    lines = enforcers(page)
    assert lines, "a decision that nothing enforces is advice"
    known = contracts()
    for line in lines:
        contract, path = _CONTRACT.match(line), _PATH.match(line)
        assert contract or path, f"neither a contract nor a path: {line}"
        if contract:
            assert contract[1] in known, f"there is no contract {contract[1]}"
        if path:
            assert (REPOSITORY / path[1]).is_file(), f"there is no {path[1]}"


def test_every_contract_is_somebodys_decision() -> None:
    named = {
        found[1] for page in PAGES for line in enforcers(page) if (found := _CONTRACT.match(line))
    }
    assert contracts() <= named


def test_the_list_names_every_page() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"({page.name})" not in listed] == []

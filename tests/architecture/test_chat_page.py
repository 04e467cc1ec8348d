"""The page of chat commands leaves no command out and names none that there is not."""

import re
from pathlib import Path

import pytest

from creator_tools.studio import grammar

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "chat.md").read_text(encoding="utf-8")
# The first cell of a table row is what somebody types.
TYPED = [
    part.strip()
    for cell in re.findall(r"^\| ([^|]+) \|", PAGE, re.MULTILINE)
    for part in cell.split("·")
    if not part.strip().startswith(("（", "发什么", "---", "用过的"))
]


def verbs_on_the_page() -> set[str]:
    """The verbs that the page's own examples are read as."""
    return {command.verb for line in TYPED if (command := grammar.parse(line)) is not None}


@pytest.mark.parametrize("verb", sorted(grammar._VERBS))
def test_every_command_is_on_the_page(verb: str) -> None:
    assert verb in verbs_on_the_page(), f"docs/chat.md shows nobody how to say {verb!r}"


@pytest.mark.parametrize("line", [line for line in TYPED if line != "abcd2345"])
def test_every_example_on_the_page_is_understood(line: str) -> None:
    command = grammar.parse(line)
    assert command is not None
    assert not command.is_loose or command.verb in {"open", "confirm"}

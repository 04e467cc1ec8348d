"""Documents point at what exists, and their pictures are small enough for a README."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
MOST_PICTURE_BYTES = 200 * 1024
_LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_ANYWHERE = ("http://", "https://", "mailto:")


def targets(document: Path) -> list[str]:
    """Every relative address in a document, without its fragment."""
    found = [one or other for one, other in _LINK.findall(document.read_text(encoding="utf-8"))]
    return [one.partition("#")[0] for one in found if not one.startswith((*_ANYWHERE, "#"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    lost = [one for one in targets(document) if not (document.parent / one).exists()]
    assert lost == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_product(name: str) -> None:
    shown = [one for one in targets(REPOSITORY / name) if one.endswith(".png")]
    assert len(shown) >= 5


def test_pictures_are_small() -> None:
    pictures = sorted((REPOSITORY / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert [one.name for one in pictures if one.stat().st_size > MOST_PICTURE_BYTES] == []

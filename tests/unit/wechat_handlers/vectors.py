"""Samples that nobody of this project wrote, where the folder that holds them exists."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[4] / "shared" / "reference" / "vectors"
needs_vectors = pytest.mark.skipif(
    not (FOLDER / "index.json").is_file(),
    reason="put the samples at ../shared/reference/vectors beside the checkout to run this",
)


def entries(folder: str, suffix: str = "") -> list[dict[str, Any]]:
    """The index entries of one folder."""
    index = FOLDER / "index.json"
    if not index.is_file():
        return []
    vectors = json.loads(index.read_text("utf-8"))["vectors"]
    return [
        entry
        for entry in vectors
        if entry["file"].startswith(f"{folder}/") and entry["file"].endswith(suffix)
    ]


def text_of(name: str) -> str:
    """The sample's text."""
    return (FOLDER / name).read_text("utf-8")


def json_of(name: str) -> Any:
    """The sample, parsed."""
    return json.loads(text_of(name))

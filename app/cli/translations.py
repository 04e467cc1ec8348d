"""`translations`: the catalogues of the bilingual doors, kept level with their pages.

A door is bilingual when it has a folder `translations`. Its source strings are Chinese, inside
gettext calls; what it says in English lies in a `messages.po`, written by hand, and the
`messages.mo` beside it is compiled from that.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

DOORS = Path(__file__).resolve().parents[1] / "http"
# The first door also speaks for what all doors share.
_SHARED = "h5"
_SHARED_FOLDERS = ("statements",)
_KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None, "_n": (1, 2)}
# A catalogue says nothing of when it was made: the same messages are the same file.
_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_LINE_WIDTH = 120


def bilingual_doors() -> list[str]:
    """The doors that have a catalogue."""
    return sorted(found.parent.name for found in DOORS.glob("*/translations"))


def sources_of(door: str) -> list[Path]:
    """The Python files and templates in which a door's sentences stand."""
    templates = DOORS / "templates"
    found = [*(DOORS / door).rglob("*.py"), *(templates / door).rglob("*.html")]
    if door == _SHARED:
        found += [*DOORS.glob("*.py"), *templates.glob("*.html")]
        found += [path for name in _SHARED_FOLDERS for path in (DOORS / name).rglob("*.py")]
    return sorted(found)


def catalogue_of(door: str) -> Path:
    """Where the English of a door is written; the compiled one lies beside it."""
    return DOORS / door / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def used_messages(door: str) -> Catalog:
    """Every message that a door asks gettext for, untranslated."""
    catalogue = Catalog(locale="en", charset="utf-8")
    for path in sources_of(door):
        for message in _messages_in(path):
            catalogue.add(message)
    return catalogue


def read_catalogue(door: str) -> Catalog:
    """What stands in a door's `messages.po`; empty when there is none yet."""
    path = catalogue_of(door)
    if not path.is_file():
        return Catalog(locale="en", charset="utf-8")
    with path.open("rb") as stream:
        return read_po(stream, locale="en", charset="utf-8")


@click.command("translations")
def translations() -> None:
    """Bring every messages.po up to date with the pages, and compile it.

    Exits 1 when a message has no English yet; it stands in the file with an empty `msgstr`.
    """
    lacking = 0
    for door in bilingual_doors():
        catalogue = _updated(door)
        missing = [message.id for message in catalogue if message.id and not _is_said(message)]
        lacking += len(missing)
        for one in missing:
            click.echo(f"{door}: {one}")
    raise SystemExit(1 if lacking else 0)


def _updated(door: str) -> Catalog:
    known, used = read_catalogue(door), used_messages(door)
    fresh = Catalog(
        locale="en", project="Juanliu", version=door, charset="utf-8", fuzzy=False,
        header_comment=f"# What the pages of {door} say in English.",
        copyright_holder="Juanliu", msgid_bugs_address="", creation_date=_DATE, revision_date=_DATE,
        last_translator="Juanliu", language_team="en",
    )  # fmt: skip
    for message in used:
        if message.id:
            earlier = known.get(message.id)
            fresh.add(message.id, earlier.string if earlier else "", flags=message.flags)
    path = catalogue_of(door)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, fresh, width=_LINE_WIDTH, no_location=True, sort_output=True)
    with path.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, fresh)
    return fresh


def _messages_in(path: Path) -> Iterator[str | tuple[str, ...]]:
    # Jinja and Babel disagree about which options an extractor may be given, in types alone.
    method: Any = babel_extract if path.suffix == ".html" else "python"
    options = {"silent": "false", "newstyle_gettext": "true"}
    with path.open("rb") as stream:
        for _line, message, _comments, _context in extract(
            method, stream, keywords=_KEYWORDS, options=options
        ):
            yield message


def _is_said(message: object) -> bool:
    said = getattr(message, "string", "")
    return all(said) if isinstance(said, tuple | list) else bool(said)

"""Finding words in Chinese and other tongues, with nothing but PostgreSQL's own arrays.

Chinese has no spaces, so a text is kept with its single characters and its pairs of neighbours
("grams"); a word can only stand in a text that has all of its pairs. Those are candidates by an
index; whether the word really stands there is looked up in the text itself. What is given here
may be quoted to anybody: a caller indexes titles, introductions and free parts, never what is
sold.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from creator_tools.kernel.models import SearchEntry
from creator_tools.kernel.unit_of_work import UnitOfWork

T = TypeVar("T")

TEXT_CHARS_MAX = 20_000
WORDS_MAX = 5
QUERY_CHARS_MAX = 64
_QUOTES = "《》「」『』“”\"'‘’【】"


@dataclass(frozen=True)
class Query:
    """What somebody looks for: its words, folded; every one of them must be found."""

    words: tuple[str, ...]

    @property
    def grams(self) -> list[str]:
        """What an entry must have to be a candidate; empty when nothing can be looked for."""
        return sorted({gram for word in self.words for gram in _grams_of_word(word)})

    def stands_in(self, text: str) -> bool:
        """Whether `text` really holds every word."""
        folded = fold(text)
        return all(word in folded for word in self.words)


def read_query(typed: str) -> Query:
    """What a person typed as a query; words are divided by spaces, book marks fall away."""
    bare = typed[:QUERY_CHARS_MAX].translate(_NO_QUOTES)
    words = [fold(word) for word in bare.split()[:WORDS_MAX]]
    return Query(tuple(word for word in words if any(map(str.isalnum, word))))


def fold(text: str) -> str:
    """`text` in one width and one case, a character for a character."""
    whole = text.casefold()
    # In one width already, and nothing grew: then no character does by itself either.
    if len(whole) == len(text) and unicodedata.is_normalized("NFKC", text):
        return whole
    return "".join(_folded(char) for char in text)


def put(uow: UnitOfWork, kind: str, object_id: UUID, *, creator_id: UUID, text: str) -> None:
    """Let an object be found by the words of `text`, and by no others from now on.

    Args:
        text: may be quoted to everybody; the first line is the title.
    """
    kept = text[:TEXT_CHARS_MAX]
    row = insert(SearchEntry).values(
        kind=kind, object_id=object_id, creator_id=creator_id, text=kept, grams=grams_of(kept)
    )
    uow.session.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "object_id"],
            set_={"text": row.excluded.text, "grams": row.excluded.grams},
        )
    )


def candidates(
    objects: Select[T], object_id: InstrumentedAttribute[UUID], kind: str, query: Query
) -> Select[T, str]:
    """Those of `objects` that may hold every word, with their texts; see `Query.stands_in`."""
    is_entry = (SearchEntry.kind == kind) & (SearchEntry.object_id == object_id)
    return (
        objects.add_columns(SearchEntry.text)
        .join(SearchEntry, is_entry)
        .where(SearchEntry.grams.contains(query.grams))
    )


def first_holding(
    session: Session,
    objects: Select[T],
    object_id: InstrumentedAttribute[UUID],
    kind: str,
    query: Query,
    *,
    limit: int,
) -> list[tuple[T, str]]:
    """The first of `objects` that hold every word, with their texts; none for no words."""
    if not query.grams:
        return []
    rows = session.execute(candidates(objects, object_id, kind, query).limit(limit * 2))
    return [(one, text) for one, text in rows if query.stands_in(text)][:limit]


def is_noted(kind: str, object_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether an object can be found by any words, as a part of a larger query."""
    return exists().where(SearchEntry.kind == kind, SearchEntry.object_id == object_id)


def grams_of(text: str) -> list[str]:
    """The characters and the pairs of neighbours of a text, each once."""
    folded = fold(text)
    singles = {char for char in folded if char.isalnum()}
    return sorted(singles | set(_pairs(folded)))


@dataclass(frozen=True)
class Piece:
    """A piece of a quotation, and whether it is what was looked for."""

    text: str
    is_hit: bool


def quote(text: str, query: Query, *, around: int = 28) -> list[Piece]:
    """A line of `text` around the first word that stands in it, hits marked; else its beginning."""
    line = " ".join(text.split())
    folded = fold(line)
    found = [at for at in (folded.find(word) for word in query.words) if at >= 0]
    start = max(0, min(found, default=0) - around // 2)
    end = min(len(line), start + 3 * around)
    pieces = list(_marked(line[start:end], query))
    if start > 0:
        pieces.insert(0, Piece("…", is_hit=False))
    if end < len(line):
        pieces.append(Piece("…", is_hit=False))
    return pieces


def _marked(text: str, query: Query) -> Iterator[Piece]:
    folded, at = fold(text), 0
    while at < len(text):
        hits = [(folded.find(word, at), -len(word)) for word in query.words]
        where, minus_length = min((hit for hit in hits if hit[0] >= 0), default=(len(text), 0))
        if where > at:
            yield Piece(text[at:where], is_hit=False)
        if where < len(text):
            yield Piece(text[where : where - minus_length], is_hit=True)
        at = where - minus_length


def _grams_of_word(word: str) -> set[str]:
    pairs = set(_pairs(word))
    return pairs or {char for char in word if char.isalnum()}


def _pairs(folded: str) -> Iterator[str]:
    return (pair for pair in map("".join, pairwise(folded)) if pair.isalnum())


def _folded(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char).casefold()
    return plain if len(plain) == 1 else char


_NO_QUOTES = str.maketrans(dict.fromkeys(_QUOTES, " "))

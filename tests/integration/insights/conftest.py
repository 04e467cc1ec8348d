"""A clean database with books that can be written, read and tampered with."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from creator_tools.kernel.database import open_engine
from tests.integration.insights.books import Books, units_on


@pytest.fixture
def engine(clean_database: str) -> Iterator[Engine]:
    """The database as the running program sees it."""
    opened = open_engine(clean_database, application_name="tests")
    yield opened
    opened.dispose()


@pytest.fixture
def books(engine: Engine) -> Books:
    """Empty books with the platform's accounts."""
    written = Books(units_on(engine))
    written.open_accounts()
    return written

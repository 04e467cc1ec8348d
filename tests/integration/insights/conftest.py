"""Books over a clean database, to be written, read and tampered with."""

import pytest
from sqlalchemy import Engine

from tests.integration.insights.books import Books, units_on


@pytest.fixture
def books(clean_database: str, engine: Engine) -> Books:
    """Empty books with the platform's accounts."""
    written = Books(units_on(engine))
    written.open_accounts()
    return written

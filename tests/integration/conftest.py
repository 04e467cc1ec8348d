"""What tests of services and queries share: an engine, a clock that stands still, units of work."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.unit_of_work import UnitsOfWork
from tests.factories import START, units_over


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The suite's database as the running program reaches it."""
    made = open_engine(database_url, application_name="tests")
    yield made
    made.dispose()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at `START` until a test moves it."""
    return ManualClock(START)


@pytest.fixture
def units(clean_database: str, engine: Engine, clock: ManualClock) -> UnitsOfWork:
    """Units of work over an empty database."""
    return units_over(engine, clock)

"""Clients from the registries, unmodified: what they call is what calls.json and the page say."""

from collections.abc import Callable

import pytest

from tests.foreign.record import kept, name_of, told_by
from tests.foreign.workshop import DRIVES, ENVELOPES, Drive, NotHere, Workshop, are_required

pytestmark = [pytest.mark.gate, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Environments that all drivers share."""
    return Workshop(tmp_path_factory.mktemp("foreign"))


@pytest.mark.parametrize("drive", [*DRIVES, *ENVELOPES], ids=name_of)
def test_every_call_ends_as_it_is_written(
    drive: Drive, workshop: Workshop, report_count: Callable[[str, int], None]
) -> None:
    try:
        told = told_by(workshop, drive)
    except NotHere as missing:
        if are_required():
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    assert told == kept()[name_of(drive)]
    calls = sum(len(one["calls"]) for one in told)
    report_count(f"calls of {', '.join(one['client'] for one in told)}", calls)


def test_nothing_is_written_that_is_not_run() -> None:
    assert set(kept()) == {name_of(drive) for drive in (*DRIVES, *ENVELOPES)}

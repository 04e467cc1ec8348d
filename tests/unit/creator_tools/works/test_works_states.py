"""Which verdict stands, and which step leads where."""

import pytest

from creator_tools.works.models import STATES
from creator_tools.works.rules import STATE_ZH, Step, Verdict, next_state, verdict_stands


def test_every_step_leads_to_a_state_of_the_table() -> None:
    reached = {next_state(state, step) for state in STATES for step in Step} - {None}
    assert reached == set(STATES)
    assert set(STATE_ZH) == set(STATES)


@pytest.mark.parametrize(
    ("old", "old_by_person", "new", "new_by_person", "stands"),
    [
        (Verdict.PENDING, False, Verdict.PASS, False, True),
        (Verdict.PASS, False, Verdict.RISKY, False, True),
        (Verdict.RISKY, False, Verdict.PASS, False, False),
        (Verdict.RISKY, False, Verdict.PASS, True, True),
        (Verdict.PASS, True, Verdict.RISKY, False, False),
        (Verdict.PASS, True, Verdict.RISKY, True, True),
        (Verdict.NEEDS_PERSON, False, Verdict.PASS, False, False),
        (Verdict.NEEDS_PERSON, False, Verdict.RISKY, False, True),
        (Verdict.PASS, False, Verdict.NEEDS_PERSON, False, False),
    ],
)
def test_a_person_beats_a_machine_and_risky_beats_a_pass(
    old: Verdict, old_by_person: bool, new: Verdict, new_by_person: bool, stands: bool
) -> None:
    assert (
        verdict_stands(old, old_by_person=old_by_person, new=new, new_by_person=new_by_person)
        is stands
    )

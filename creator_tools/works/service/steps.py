"""Taking one step with a work, or saying why it cannot be taken from where the work is."""

from creator_tools.works import rules
from creator_tools.works.errors import WorkNotInThatState
from creator_tools.works.models import Work
from creator_tools.works.rules import Step


def take(work: Work, step: Step) -> None:
    """Move the work, or raise `WorkNotInThatState`."""
    state = rules.next_state(work.state, step)
    if state is None:
        raise not_from_here(work)
    work.state = state


def not_from_here(work: Work) -> WorkNotInThatState:
    """The refusal of a step that does not lead anywhere from here."""
    return WorkNotInThatState(
        title=work.title, state=work.state, state_zh=rules.STATE_ZH[work.state]
    )

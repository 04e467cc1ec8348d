"""What the chat desk asks sideways: income, sales, who may be checked by machine."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.insights import queries as insights
from creator_tools.kernel import accounts
from creator_tools.orders import queries as orders
from creator_tools.people import queries as people
from creator_tools.studio.ports import Income


class SidewaysDesk:
    """Implements `Desk` of the studio with the rooms that stand beside it."""

    def __init__(self, group_terms: GroupTerms) -> None:
        self._group_terms = group_terms

    def group_terms(self) -> GroupTerms:
        """How long codes and seats of fan groups last here."""
        return self._group_terms

    def income_fen(self, session: Session, creator_id: UUID, first: date, last: date) -> Income:
        """What a creator earned on some business days, added up from postings."""
        income = insights.income_of_creator(session, creator_id, first, last)
        return Income(income.orders, income.gross_fen, income.creator_fen)

    def text_check_subject_available(self, session: Session, person_id: UUID) -> bool:
        """The machine is asked about every text; whom it may be asked for is looked up then.

        A creator who signed in to the mini-program a moment ago may not be known as the same
        person yet. If nobody eligible is found when the promise is kept, a person decides.
        """
        return True

    def was_in_mini_program(self, session: Session, person_id: UUID, now: datetime) -> bool:
        """Whether somebody eligible would be found if the check were made now."""
        mini_ids = accounts.list_ids(session, "mini")
        return people.eligible_for_text_check(session, person_id, mini_ids, now) is not None

    def may_show_price(self, session: Session, person_id: UUID) -> bool:
        """The chat knows no device; the pages it links to decide by theirs."""
        return True

    def has_sold(self, session: Session, object_type: str, object_id: UUID) -> bool:
        """Whether anybody ever paid for this work or column."""
        return orders.has_sold(session, object_type, object_id)

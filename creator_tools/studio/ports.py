"""What the chat has to be told by those who stand beside it: income, sales, checks, prices."""

from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from creator_tools.fan_groups.rules import GroupTerms


class Income(NamedTuple):
    """What a creator earned on some business days, before anything was paid out."""

    orders_count: int
    gross_fen: int
    creator_fen: int


class Desk(Protocol):
    """Answers from the money and from the people, without the chat knowing where they lie."""

    def income_fen(self, session: Session, creator_id: UUID, first: date, last: date) -> Income:
        """What a creator earned from `first` to `last`, both business days included."""

    def text_check_subject_available(self, session: Session, person_id: UUID) -> bool:
        """Whether a machine may be asked about a text of this person."""

    def was_in_mini_program(self, session: Session, person_id: UUID, now: datetime) -> bool:
        """Whether this person was there so lately that a machine judges their texts.

        Only for what is told to them; who judges is decided when the check is made.
        """

    def may_show_price(self, session: Session, person_id: UUID) -> bool:
        """Whether a price may be named to this person in the chat."""

    def has_sold(self, session: Session, object_type: str, object_id: UUID) -> bool:
        """Whether anybody ever paid for this "work" or "column"."""

    def group_terms(self) -> GroupTerms:
        """How long codes and seats of fan groups last here."""

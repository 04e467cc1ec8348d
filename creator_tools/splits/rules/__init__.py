"""Split terms and what they come to. Pure."""

from creator_tools.splits.rules.allocating import SoFar, allocate, give_back
from creator_tools.splits.rules.inviting import read_invitation, sign_invitation
from creator_tools.splits.rules.terms import Party, Terms, Tier, checked, hash_of

__all__ = [
    "Party",
    "SoFar",
    "Terms",
    "Tier",
    "allocate",
    "checked",
    "give_back",
    "hash_of",
    "read_invitation",
    "sign_invitation",
]

"""What happens to agreements and to the money they divide."""

from creator_tools.splits.service.agreeing import end, join, open_agreement, propose, sign, withdraw
from creator_tools.splits.service.dividing import divide_due

__all__ = ["divide_due", "end", "join", "open_agreement", "propose", "sign", "withdraw"]

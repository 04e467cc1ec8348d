"""How a person's meeting with a pay sheet can end, whichever rail shows it."""

PAY, CANCEL, FAIL = "pay", "cancel", "fail"
# The telephone loses the network in the sheet: before anything was sent, or after the money was
# taken. In both cases nobody calls the page's callback: not now, and not later.
LOST_BEFORE, LOST_AFTER = "lost_before", "lost_after"
OUTCOMES = (PAY, CANCEL, FAIL, LOST_BEFORE, LOST_AFTER)

"""From the intent to the money.

What may never happen: a paid order without its entry, an entitlement without a live source, a
coin that nobody sees. Every statement of every rail, however it reached us (notification, query,
delivery), goes through `record_payment`, and everything it means is one commit. `settle_ordinary`
writes the same rows for many at once, where nothing about a payment is out of the ordinary.
"""

from creator_tools.orders.service.asking import claim_query, close, hasten_query
from creator_tools.orders.service.placing import create, note_prepaid
from creator_tools.orders.service.recording import Recorded, record_payment
from creator_tools.orders.service.returning import give_back, keep
from creator_tools.orders.service.settling import settle_ordinary

__all__ = [
    "Recorded",
    "claim_query",
    "close",
    "create",
    "give_back",
    "hasten_query",
    "keep",
    "note_prepaid",
    "record_payment",
    "settle_ordinary",
]

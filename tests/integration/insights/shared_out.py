"""An agreement in the books with what it divided, and what a hand may do to it.

It is made by the service: what is tested here is what `verify` says after somebody changed what
the service wrote.
"""

from datetime import timedelta
from uuid import UUID

from creator_tools.creators import queries as creators
from creator_tools.kernel.clock import ManualClock
from creator_tools.refunds import queries as refunds
from creator_tools.refunds import service as refunding
from creator_tools.refunds.ports import RefundStatement
from creator_tools.splits import queries, service
from creator_tools.splits.rules import Party, Tier
from tests.integration.insights.books import Books, Shop


def share_out(books: Books, shop: Shop) -> None:
    """Agree on three tenths for a co-author, sell twice, and give one back in vain."""
    author_id = books.person("合作者")
    _agree(books, shop, author_id)
    assert isinstance(books.units.clock, ManualClock)
    books.units.clock.advance(timedelta(seconds=1))
    sold = [books.sell(shop) for _ in range(2)]
    with books.units("splits.divide") as uow:
        assert service.divide_due(uow, shop.creator_id) >= 2
    _fail_to_give_back(books, sold[0].order_id)
    with books.units("splits.divide") as uow:
        assert service.divide_due(uow, shop.creator_id) == 2


def _agree(books: Books, shop: Shop, author_id: UUID) -> None:
    with books.units("studio.act") as uow:
        creator = creators.get(uow.session, shop.creator_id)
        agreement_id = service.open_agreement(uow, creator=creator, column_id=shop.column_id)
        service.join(uow, agreement_id=agreement_id, person_id=author_id)
        version_id = service.propose(
            uow,
            agreement_id=agreement_id,
            creator=creator,
            parties=[Party(author_id)],
            tiers=[Tier({author_id: 3000})],
        )
    for person_id in (creator.person_id, author_id):
        with books.units("splits.sign") as uow:
            terms_hash = queries.get_version(uow.session, version_id).terms_hash
            service.sign(uow, version_id=version_id, person_id=person_id, terms_hash=terms_hash)


def _fail_to_give_back(books: Books, order_id: UUID) -> None:
    with books.units("refunds.ask") as uow:
        asked = refunding.ask(uow, order_id=order_id, reason_code="other", by_fan=False)
    with books.units("refunds.decide") as uow:
        refunding.approve(uow, refund_id=asked.id, roles=("owner",))
    with books.units("refunds.record") as uow:
        refund = refunds.get(uow.session, asked.id)
        refunding.record_outcome(
            uow,
            RefundStatement(
                account_id=refund.account_id,
                rail=refund.rail,
                refund_no=refund.refund_no,
                refund_ref="",
                trade_no="",
                payment_ref=None,
                amount_fen=refund.amount_fen,  # type: ignore[arg-type]  # of the row
                says="closed",
                at=None,
                seen_by="query",
            ),
        )


_COMPANION = (
    "(SELECT division.split_entry_id FROM split_divisions AS division "
    "JOIN journal_entries AS entry ON entry.id = division.entry_id "
    "WHERE entry.kind = '{kind}' ORDER BY entry.id DESC LIMIT 1)"
)
_MORE = (
    "UPDATE postings SET amount_fen = amount_fen + CASE WHEN line = 1 THEN {fen} ELSE -{fen} END "
    "WHERE entry_id = " + _COMPANION
)

# name: (the SQL of the hand, the invariant that must find it)
SPLIT_TAMPERINGS: dict[str, tuple[str, str]] = {
    "a signature of a version that divides is deleted": (
        "DELETE FROM split_signatures WHERE ctid = (SELECT ctid FROM split_signatures LIMIT 1)",
        "splits.signed_by_all",
    ),
    "the words of a version change after it was signed": (
        "UPDATE split_versions SET terms = replace(terms, '3000', '9000')",
        "splits.signature_fits_words",
    ),
    "a version moves behind what it divided": (
        "UPDATE split_versions SET in_force_at = in_force_at + interval '1 day'",
        "splits.in_force_when_paid",
    ),
    "a companion loses the entry it divides": (
        (
            "UPDATE journal_entries SET source_key = 'split:nobody' WHERE id = "
            + _COMPANION.format(kind="payment")
        ),
        "splits.entry_fits_division",
    ),
    "a party gets more than the creator had": (
        _MORE.format(kind="payment", fen=5000),
        "splits.within_creator_part",
    ),
    "a fen is missing of what a failed refund gave back": (
        _MORE.format(kind="refund_failed", fen=1),
        "splits.undone_exactly",
    ),
    "a division is deleted, and its time was long ago": (
        (
            "UPDATE journal_entries SET posted_at = posted_at - interval '1 day' WHERE id = "
            "(SELECT entry_id FROM split_divisions ORDER BY entry_id LIMIT 1); "
            "DELETE FROM split_divisions WHERE entry_id = "
            "(SELECT entry_id FROM split_divisions ORDER BY entry_id LIMIT 1)"
        ),
        "splits.divided_in_time",
    ),
}

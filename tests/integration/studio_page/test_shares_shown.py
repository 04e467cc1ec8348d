"""A creator sees how many came to each work by shared links."""

from uuid import UUID

from sqlalchemy import select

from creator_tools.kernel.models import PlatformAccount
from creator_tools.sharing import service as sharing
from creator_tools.sharing.rules import Invitation
from tests.factories import make_person
from tests.integration.insights.books import Books
from tests.integration.studio_page.conftest import Author
from tests.integration.studio_page.shop import publish
from tests.integration.studio_page.test_income_adds_up import shop_of

NOBODY = "还没有人经分享的链接来看这些作品"


def bring(author: Author, page: str, campaigns: tuple[str, ...]) -> UUID:
    """One visitor who comes by a link of each campaign, each shared by somebody else."""
    with author.house.wiring.units("sharing.visit") as uow:
        visitor = make_person(uow).person_id
        for campaign in campaigns:
            sharing.note_visit(
                uow,
                Invitation(make_person(uow).person_id, campaign),
                visitor_id=visitor,
                creator_id=author.creator_id,
                object_type="work",
                object_id=UUID(page.rpartition("/")[2]),
            )
    return visitor


def test_a_person_is_counted_once_per_work_and_for_its_creator_alone(
    author: Author, rival: Author
) -> None:
    page = author.draft(author.column())
    rival.draft(rival.column())
    publish(author, page, "9.9")
    assert NOBODY in author.get("/studio/works").text
    buyer = bring(author, page, ("card", "poster"))
    bring(author, page, ("card",))
    shown = author.get("/studio/works").text
    assert "2 人经分享的链接来 · 0 人 30 天内买了你的东西" in shown
    assert NOBODY not in shown
    found = author.read(lambda session: session.scalars(select(PlatformAccount)).all())
    books = Books(author.house.wiring.units, {account.kind: account.id for account in found})
    author.house.advance(60)
    for one in (author, rival):
        books.sell(shop_of(one, share_bp=1000), person_id=buyer)
    assert "2 人经分享的链接来 · 1 人 30 天内买了" in author.get("/studio/works").text
    assert NOBODY in rival.get("/studio/works").text

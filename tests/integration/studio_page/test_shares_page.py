"""What sharing brought, by campaign and by who shared: counted in people, named by no openid."""

import html
import re
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from creator_tools.kernel.models import PlatformAccount
from creator_tools.people.models import Identity
from creator_tools.sharing import service as sharing
from creator_tools.sharing.rules import Invitation
from tests.factories import make_person
from tests.integration.insights.books import Books
from tests.integration.studio_page.conftest import Author
from tests.integration.studio_page.shop import publish
from tests.integration.studio_page.test_income_adds_up import shop_of

PAGE = "/studio/shares"
NOBODY = "还没有人经分享的链接来"
_SECTION = re.compile(r'<section class="card">\s*<h2>([^<]*)</h2>(.*?)</section>', re.DOTALL)
_ROW = re.compile(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', re.DOTALL)
_NUMBER = re.compile(r'<td class="number">(\d+)</td>')
_MADE = re.compile(r'id="made" type="url" value="([^"]*)"')

Counts = dict[str, tuple[int, ...]]


def shown(author: Author) -> dict[str, Counts]:
    """Opened, people and orders of each inviter and in all, by campaign."""
    page = html.unescape(author.get(PAGE).text)
    return {
        campaign: {
            who: tuple(int(one) for one in _NUMBER.findall(cells))
            for who, cells in _ROW.findall(table)
        }
        for campaign, table in _SECTION.findall(page)
    }


def come(author: Author, visitor: UUID, inviter: UUID, campaign: str, page: str) -> None:
    with author.house.wiring.units("sharing.visit") as uow:
        sharing.note_visit(
            uow,
            Invitation(inviter, campaign),
            visitor_id=visitor,
            creator_id=author.creator_id,
            object_type="work",
            object_id=UUID(page.rpartition("/")[2]),
        )


def people(author: Author, *nicknames: str) -> list[UUID]:
    with author.house.wiring.units("people.sign_in") as uow:
        return [make_person(uow, nickname=name).person_id for name in nicknames]


def test_each_campaign_adds_up_by_inviter_and_counts_nobody_twice(
    author: Author, rival: Author
) -> None:
    column = author.column()
    first, second = author.draft(column, "清晨"), author.draft(column, "傍晚")
    for page in (first, second):
        publish(author, page, "9.9")
    assert NOBODY in author.get(PAGE).text
    lan, mei, one, two = people(author, "小兰", "", "甲", "乙")
    for visitor, inviter, campaign, page in (
        (one, lan, "card", first),
        (one, lan, "card", second),
        (one, mei, "card", first),
        (two, lan, "card", first),
        (two, lan, "card", first),
        (two, lan, "spring", second),
        (lan, lan, "card", first),
    ):
        come(author, visitor, inviter, campaign, page)
    author.house.advance(60)
    accounts = author.read(lambda session: session.scalars(select(PlatformAccount)).all())
    books = Books(author.house.wiring.units, {found.kind: found.id for found in accounts})
    for at, (buyer, shop) in enumerate(
        ((one, author), (one, author), (two, author), (two, rival)), start=1
    ):
        books.sell(shop_of(shop, share_bp=1000 * at), person_id=buyer)
    found = shown(author)
    unnamed = [who for who in found["转发的页面卡片"] if who.startswith("读者 ")]
    assert found == {
        "spring": {"小兰": (1, 1, 1), "合计": (1, 1, 1)},
        "转发的页面卡片": {"小兰": (3, 2, 3), unnamed[0]: (1, 1, 2), "合计": (4, 2, 3)},
    }
    assert NOBODY in rival.get(PAGE).text
    text = author.get(PAGE).text
    for secret in (
        *author.read(lambda session: session.scalars(select(Identity.subject)).all()),
        str(lan),
        str(one),
    ):
        assert secret not in text


def test_two_people_who_are_one_stand_in_one_line(author: Author) -> None:
    page = author.draft(author.column())
    with author.house.wiring.units("people.sign_in") as uow:
        accounts = {row.kind: row.id for row in uow.session.scalars(select(PlatformAccount))}
        older = make_person(uow, accounts["oa"], subject="a", union_subject="u").person_id
        younger = make_person(uow, accounts["mini"], subject="b").person_id
    for inviter, visitor in zip((older, younger), people(author, "甲", "乙"), strict=True):
        come(author, visitor, inviter, "card", page)
    with author.house.wiring.units("people.sign_in") as uow:
        make_person(uow, accounts["mini"], subject="b", union_subject="u")
    assert sorted(shown(author)["转发的页面卡片"].values()) == [(2, 2, 0), (2, 2, 0)]


def test_a_link_of_a_campaign_is_made_opened_and_counted(author: Author) -> None:
    column = author.column()
    page = author.draft(column)
    publish(author, page, "9.9")
    work_id = page.rpartition("/")[2]
    for wanted, path in (
        ("profile", "/h5/creators/"),
        (f"column-{column.id}", f"/h5/columns/{column.id}"),
        (f"work-{work_id}", f"/h5/works/{work_id}"),
    ):
        made = _MADE.search(author.get(f"{PAGE}?of={wanted}&campaign=spring-2").text)
        assert made is not None, wanted
        link = urlsplit(html.unescape(made[1]))
        assert link.path.startswith(path)
        fan = author.house.signed_in(author.house.fan())
        assert fan.get(f"{link.path}?{link.query}").status_code == 200
    assert shown(author)["spring-2"] == {"我自己": (3, 3, 0), "合计": (3, 3, 0)}
    # Its maker opens it without being counted.
    author.client.get(f"{link.path}?{link.query}")
    assert shown(author)["spring-2"]["合计"] == (3, 3, 0)


@pytest.mark.parametrize("campaign", ["", "春天", "Spring", "a" * 25, "card", "a b", "<b>", "a\0"])
def test_a_campaign_that_no_link_can_carry_is_told(author: Author, campaign: str) -> None:
    answer = author.client.get(PAGE, query_string={"of": "profile", "campaign": campaign})
    assert answer.status_code == 422
    assert "小写字母、数字或连字符" in answer.text
    assert _MADE.search(answer.text) is None


def test_nobody_elses_page_can_be_shared(author: Author, rival: Author) -> None:
    own = author.column()
    answer = rival.get(f"{PAGE}?of=column-{own.id}&campaign=spring")
    assert answer.status_code == 422
    assert str(own.id) not in answer.text.partition("<main")[2].partition("f-campaign")[0]

"""A creator whose readers really pay, through the simulated WeChat."""

from typing import Any
from uuid import UUID

from app.wiring import reviews
from creator_tools.catalogue import queries as catalogue
from creator_tools.columns.models import Column
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import queries as works
from tests.integration.http.conftest import asked
from tests.integration.studio_page.conftest import Author


def publish(author: Author, page: str, price: str) -> UUID:
    """Price a draft on the page, publish it and let its check pass; gives the product."""
    author.done(page, f"{page}/price", price=price)
    author.done(page, f"{page}/publish", when="now")
    work_id = UUID(page.rpartition("/")[2])

    def passes(uow: UnitOfWork) -> UUID:
        work = works.get(uow.session, work_id)
        check = works.find_check(uow.session, work.draft_revision_id)
        assert check is not None
        reviews.record_verdict(uow, check_id=check.id, verdict="pass", detail={})
        product = catalogue.find_of_work(uow.session, work_id)
        assert product is not None
        return product.id

    return author.house.wiring.units.run("works.review", passes)


def buy(author: Author, product_id: UUID, nickname: str) -> dict[str, Any]:
    """Somebody new pays for a product; gives the person."""
    house = author.house
    fan = asked(house.wechat, "POST", "/_sim/people", {"nickname": nickname, "device": "android"})
    house.sell(product_id, fan)
    return fan


def living(author: Author) -> tuple[Column, list[str]]:
    """A column with works in several states, and three sales; gives the works' pages."""
    column = author.column("城市摄影")
    author.column("夜里的光")
    texts = {
        "清晨的街道": "天刚亮的时候街上没有人。\n\n我沿着河走，看光一点一点落在墙上。\n\n## 等\n\n"
        + "等光走到门口。" * 30,
        "雨后的水洼": "雨停了，水洼里有整条街。\n\n" + "蹲下来，把镜头贴着水面。" * 24,
        "黄昏的屋顶": "屋顶上能看见三座桥。\n\n" + "太阳落下去以前，颜色换了四次。" * 20,
        "还没写完的一篇": "先写下第一句。再写第二句，慢慢来。",
    }
    pages = [author.draft(column, title, written) for title, written in texts.items()]
    products = [
        publish(author, page, price) for page, price in zip(pages[:2], ("9.9", "19.9"), strict=True)
    ]
    author.done(pages[2], f"{pages[2]}/price", price="6")
    author.done(pages[2], f"{pages[2]}/publish", when="now")
    for product_id, nickname in zip(
        (*products, products[0]), ("小雨", "阿满", "林川"), strict=True
    ):
        buy(author, product_id, nickname)
    return column, pages

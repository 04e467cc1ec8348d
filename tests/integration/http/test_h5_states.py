"""What is paused, closed or withdrawn says so on its page, offers nothing, and stays readable."""

import re
from collections.abc import Callable

import pytest

from creator_tools.columns import queries as columns
from creator_tools.columns import service as columns_service
from creator_tools.creators import service as creators
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import service as works
from tests.factories import make_column
from tests.integration.http.conftest import IPHONE, MARKER, House, Scene
from tests.integration.http.test_h5 import csrf_of
from tests.integration.http.test_route_table import buy

ENGLISH = {"Accept-Language": "en"}
_OFFER = re.compile(r'action="/h5/products/([0-9a-f-]+)/buy"')


def change(house: House, act: Callable[[UnitOfWork], object]) -> None:
    with house.wiring.units("studio.act") as uow:
        act(uow)


def pause_creator(house: House, scene: Scene) -> None:
    change(
        house,
        lambda uow: creators.set_state(uow, creator_id=scene.creator_id, state="paused"),
    )


def set_column(house: House, scene: Scene, state: str) -> None:
    change(
        house,
        lambda uow: columns_service.set_state(
            uow, column_id=scene.column_id, creator_id=scene.creator_id, state=state
        ),
    )


def test_a_paused_creators_pages_say_so_and_sell_nothing(house: House, scene: Scene) -> None:
    fan = house.fan()
    buy(house, scene, fan)
    reader, other = house.signed_in(fan), house.signed_in(house.fan())
    # What was on the screen before is refused with its reason.
    token = csrf_of(other, f"/h5/works/{scene.work_id}")
    pause_creator(house, scene)
    for path in (
        f"/h5/creators/{scene.handle}",
        f"/h5/columns/{scene.column_id}",
        f"/h5/works/{scene.work_id}",
    ):
        page = other.get(path).text
        assert "这位作者暂停了更新" in page, path
        assert "This creator has paused" in other.get(path, headers=ENGLISH).text
        assert _OFFER.findall(page) == [], path
        assert "¥" not in page, path
    assert MARKER in reader.get(f"/h5/works/{scene.work_id}").text
    late = other.post(
        f"/h5/products/{scene.work_product_id}/buy",
        data={"csrf_token": token},
        headers={"Accept": "application/json"},
    )
    assert late.status_code == 409
    assert late.json["code"] == "not_on_sale_now"


@pytest.mark.parametrize(("state", "said"), [("paused", "暂停了"), ("closed", "已经关闭")])
def test_a_column_that_takes_no_new_readers_offers_itself_nowhere(
    house: House, scene: Scene, state: str, said: str
) -> None:
    fan = house.signed_in(house.fan())
    work = f"/h5/works/{scene.work_id}"
    both = {str(scene.work_product_id), str(scene.column_product_id)}
    assert set(_OFFER.findall(fan.get(work).text)) == both
    set_column(house, scene, state)
    page = fan.get(f"/h5/columns/{scene.column_id}").text
    assert f"这个专栏{said}" in page
    assert _OFFER.findall(page) == []
    assert "不接受新读者" in page.partition('class="paybar"')[2]
    # The work alone is still for sale.
    assert _OFFER.findall(fan.get(work).text) == [str(scene.work_product_id)]
    iphone = house.signed_in(house.fan("ios"), IPHONE).get(f"/h5/columns/{scene.column_id}").text
    for word in ("¥", "购买", "出售", "订阅专栏"):
        assert word not in iphone.partition("</main>")[0].partition("<main")[2], word


def test_a_work_is_offered_with_the_open_ones_of_its_columns(house: House, scene: Scene) -> None:
    fan = house.signed_in(house.fan())

    def put_in(uow: UnitOfWork) -> None:
        second = make_column(uow, creator_id=scene.creator_id, title="夜读课")
        works.put_in(uow, work_id=scene.work_id, creator_id=scene.creator_id, column_id=second.id)

    change(house, put_in)
    set_column(house, scene, "closed")
    page = fan.get(f"/h5/works/{scene.work_id}").text
    assert _OFFER.findall(page) == [str(scene.work_product_id)]


def test_a_withdrawn_work_is_its_buyers_and_nobody_elses(house: House, scene: Scene) -> None:
    fan = house.fan()
    buy(house, scene, fan)
    change(
        house,
        lambda uow: works.withdraw(uow, work_id=scene.work_id, creator_id=scene.creator_id),
    )
    path = f"/h5/works/{scene.work_id}"
    owner = house.signed_in(fan)
    page = owner.get(path).text
    assert MARKER in page
    assert "这篇已经下架" in page
    assert "was withdrawn" in owner.get(path, headers=ENGLISH).text
    assert path in owner.get("/h5/me").text
    for other in (house.client(), house.signed_in(house.fan())):
        gone = other.get(path)
        assert gone.status_code == 404
        assert "可能已经下架" in gone.text
        assert 'href="/h5/search"' in gone.text


def test_a_promise_that_was_outdone_is_not_called_a_part(house: House, scene: Scene) -> None:
    with house.wiring.units("studio.act") as uow:
        column = columns.get(uow.session, scene.column_id)
        column.promised_count = 1
    page = house.client().get(f"/h5/columns/{scene.column_id}").text
    assert "已更新 2 篇，多于承诺的 1 篇" in page
    assert "2 / 1" not in page

"""What the pages beside the first sale keep: search, orders, receipts, settings, shared links."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.http import static_files
from creator_tools.columns import queries as columns
from creator_tools.insights import queries as insights
from creator_tools.works import service as works
from tests.factories import make_published_work
from tests.integration.http.conftest import ANDROID, BROWSER, IPHONE, MARKER, House, Scene
from tests.integration.http.test_h5 import csrf_of
from tests.integration.http.test_route_table import buy

_LINK = re.compile(r'name="share-link" content="([^"]+)"')


def outsider(house: House) -> FlaskClient:
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = BROWSER
    return client


# --- search -----------------------------------------------------------------------------------


def test_search_finds_the_free_part_and_marks_it(house: House, scene: Scene) -> None:
    page = outsider(house).get("/h5/search?q=试读").text
    assert f"/h5/works/{scene.work_id}" in page
    assert "<mark>试读</mark>" in page
    assert "没有找到" in outsider(house).get("/h5/search?q=没有这种东西").text


def test_search_tells_nobody_what_is_sold_not_even_its_buyer(house: House, scene: Scene) -> None:
    fan = house.fan()
    buy(house, scene, fan)
    for client in (outsider(house), house.signed_in(fan)):
        for words in (MARKER, "只有付费", "XYZZY", "付费的人"):
            page = client.get("/h5/search", query_string={"q": words})
            assert page.status_code == 200, words
            assert str(scene.work_id) not in page.text, words


@pytest.mark.parametrize(
    "typed", ["", "%", "\\", "<script>", "a" * 5000, "街\u0000道", "' OR 1=1", "😀"]
)
def test_no_query_breaks_the_search(house: House, scene: Scene, typed: str) -> None:
    answer = outsider(house).get("/h5/search", query_string={"q": typed, "after": "nonsense"})
    assert answer.status_code == 200
    assert "<script>" not in answer.text.partition("<main")[2].replace("<script ", "")


def test_a_list_goes_on_where_the_page_before_ended(house: House, scene: Scene) -> None:
    with house.wiring.units("studio.act") as uow:
        column = columns.get(uow.session, scene.column_id)
        for number in range(40):
            work = make_published_work(uow, column, title=f"街角 {number:02d}")
            work.published_at = uow.now() + timedelta(seconds=number)
            works.note_findable(uow, work)
    for start in (
        f"/h5/columns/{scene.column_id}",
        f"/h5/creators/{scene.handle}",
        "/h5/search?q=街角",
    ):
        seen: list[str] = []
        path: str | None = start
        while path is not None:
            page = outsider(house).get(path).text
            seen += re.findall(r"街角 (\d\d)|<mark>街角</mark> (\d\d)", page)
            found = re.search(r'class="more"><a[^>]*href="([^"]+)"', page)
            path = found[1].replace("&amp;", "&") if found else None
        numbers = ["".join(pair) for pair in seen]
        assert sorted(set(numbers)) == [f"{number:02d}" for number in range(40)], start
        assert numbers == sorted(numbers, reverse=True), start


# --- orders and receipts -------------------------------------------------------------------------


def test_a_receipt_says_what_was_bought_of_whom_when_and_by_which_rail(
    house: House, scene: Scene
) -> None:
    fan = house.fan()
    order_id = buy(house, scene, fan)
    page = house.signed_in(fan).get(f"/h5/orders/{order_id}/receipt").text
    for said in ("¥9.90", order_id.hex, "林老师", "第一课", "微信支付", "已支付"):
        assert said in page, said
    assert re.search(r"<code>4200\d+</code>", page)
    listed = house.signed_in(fan).get("/h5/orders").text
    assert f"/h5/orders/{order_id}" in listed


def test_an_unpaid_order_has_no_receipt(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan())
    token = csrf_of(client, f"/h5/works/{scene.work_id}")
    sent = client.post(f"/h5/products/{scene.work_product_id}/buy", data={"csrf_token": token})
    again = client.post(f"/h5/products/{scene.work_product_id}/buy", data={"csrf_token": token})
    # Two taps without scripts are one order.
    assert sent.location == again.location
    assert client.get(f"{sent.location}/receipt").status_code == 404


def test_no_page_of_an_iphone_shows_an_amount(house: House, scene: Scene) -> None:
    fan = house.fan("ios")
    order_id = buy(house, scene, fan)
    client = house.signed_in(fan, IPHONE)
    for path in (f"/h5/orders/{order_id}", f"/h5/orders/{order_id}/receipt", "/h5/orders"):
        page = client.get(path)
        assert page.status_code == 200
        assert "¥" not in page.text, path
    taken = client.get("/h5/me/data.json").json
    assert [one["amount_fen"] for one in taken["orders"]] == [None]


# --- settings -----------------------------------------------------------------------------------


def test_what_is_held_can_be_taken_along_and_names_nobody_on_the_platform(
    house: House, scene: Scene
) -> None:
    fan = house.fan()
    order_id = buy(house, scene, fan)
    answer = house.signed_in(fan).get("/h5/me/data.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    taken = answer.json
    assert [(one["number"], one["amount_fen"]) for one in taken["orders"]] == [(order_id.hex, 990)]
    assert [one["id"] for one in taken["entitlements"]] == [str(scene.work_id)]
    assert taken["known_on"][0]["account"] == "oa"
    assert fan["oa_openid"] not in json.dumps(taken)


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({"language": "en"}, {}, 303),
        ({"language": ""}, {}, 303),
        ({"language": "tlh"}, {}, 404),
        ({"language": "en", "return_to": "https://evil.example"}, {}, 303),
        ({"language": "en"}, {"Origin": "https://evil.example"}, 403),
    ],
)
def test_a_language_is_chosen_from_our_own_page_alone(
    house: House, form: dict[str, str], headers: dict[str, str], status: int
) -> None:
    client = outsider(house)
    answer = client.post("/h5/settings/language", data=form, headers=headers)
    assert answer.status_code == status
    if status == 303:
        assert urlsplit(answer.location).path.startswith("/h5/")
        chosen = client.get_cookie("juanliu-language")
        assert (chosen.value if chosen else "") == form["language"]


# --- shared links ---------------------------------------------------------------------------------


def shared_by(house: House, fan: dict[str, Any], path: str) -> str:
    found = _LINK.search(house.signed_in(fan).get(path).text)
    assert found is not None
    parts = urlsplit(found[1])
    return f"{parts.path}?{parts.query}"


def visits(house: House, scene: Scene) -> list[tuple[str, int, int]]:
    with house.wiring.units.reading() as session:
        return [
            (one.object_type, one.visitors_count, one.buyers_count)
            for one in insights.shares_of_creator(session, scene.creator_id)
        ]


def test_a_visitor_is_counted_once_and_so_is_what_they_buy(house: House, scene: Scene) -> None:
    inviter, visitor = house.fan(), house.fan()
    link = shared_by(house, inviter, f"/h5/works/{scene.work_id}")
    assert inviter["oa_openid"] not in link
    client = house.signed_in(visitor)
    for _ in range(2):
        assert client.get(link).status_code == 200
    assert visits(house, scene) == [("work", 1, 0)]
    house.advance(5)
    buy(house, scene, visitor)
    assert visits(house, scene) == [("work", 1, 1)]


def test_ones_own_link_and_a_strangers_visit_count_nothing(house: House, scene: Scene) -> None:
    inviter = house.fan()
    link = shared_by(house, inviter, f"/h5/columns/{scene.column_id}")
    assert house.signed_in(inviter).get(link).status_code == 200
    assert outsider(house).get(link).status_code == 200
    assert visits(house, scene) == []


@pytest.mark.parametrize("how", ["altered", "of another page", "expired", "nonsense", "twice"])
def test_a_link_that_is_not_to_be_believed_opens_the_page_and_counts_nothing(
    house: House, scene: Scene, how: str
) -> None:
    path = f"/h5/works/{scene.work_id}"
    link = shared_by(house, house.fan(), path)
    token = link.partition("from=")[2]
    if how == "altered":
        link = f"{path}?from={token[:-2]}{'A' if token[-2] != 'A' else 'B'}{token[-1]}"
    if how == "of another page":
        link = f"/h5/works/{scene.free_work_id}?from={token}"
    if how == "nonsense":
        link = f"{path}?from=%00%ff{'x' * 300}"
    if how == "twice":
        link = f"{path}?from=x&from={token}"
    if how == "expired":
        house.advance(31 * 24 * 3600)
    answer = house.signed_in(house.fan()).get(link)
    assert answer.status_code == 200
    assert visits(house, scene) == []


def test_a_stranger_inside_wechat_keeps_the_link_through_signing_in(
    house: House, scene: Scene
) -> None:
    link = shared_by(house, house.fan(), f"/h5/works/{scene.work_id}")
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = ANDROID
    begun = client.get(client.get(link).location)
    state = begun.location.partition("state=")[2].partition("#")[0]
    code = house.login_code(house.fan(), "oa")
    back = client.get(f"/h5/oauth/callback?code={code}&state={state}")
    assert back.location == link
    assert client.get(back.location).status_code == 200
    assert visits(house, scene) == [("work", 1, 0)]


def test_a_card_has_words_of_the_free_part_and_a_picture_that_is_a_bitmap(
    house: House, scene: Scene
) -> None:
    page = house.signed_in(house.fan()).get(f"/h5/works/{scene.work_id}").text
    assert 'name="description" content="这是试读。"' in page
    picture = re.search(r'name="share-picture" content="([^"]+)"', page)
    assert picture is not None
    sent = outsider(house).get(picture[1])
    assert sent.mimetype == "image/png"
    assert sent.data.startswith(b"\x89PNG")


# --- files of ours ------------------------------------------------------------------------------


def test_a_file_is_kept_for_ever_by_its_hash_and_sent_small(house: House) -> None:
    address = static_files.address_of("vendor/weui/weui.min.css")
    client = outsider(house)
    small = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.data) < 40_000
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.data) > 150_000
    for old in ("/static/h5/h5.css", "/static/h5/h5.css?v=0123456789ab"):
        assert client.get(old).headers["Cache-Control"] == "no-cache"
    kept = {"If-None-Match": plain.headers["ETag"]}
    assert client.get(address, headers=kept).status_code == 304
    for lost in ("../factory.py", "%2e%2e/factory.py", "h5", "h5/%00", "nothing.css"):
        assert client.get(f"/static/{lost}").status_code == 404, lost

"""The pages inside WeChat as a fan meets them."""

import hashlib
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from creator_tools.access import service as access
from creator_tools.columns import queries as columns
from creator_tools.works.models import Picture
from tests.factories import make_published_work
from tests.integration.http.conftest import (
    ANDROID,
    BASE_URL,
    BROWSER,
    IPHONE,
    MARKER,
    House,
    Scene,
    asked,
)

JSON = {"Accept": "application/json"}


def csrf_of(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get(path).text)
    assert found, "the page shows no form"
    return found.group(1)


def test_a_visitor_inside_wechat_is_recognised_without_a_tap(house: House, scene: Scene) -> None:
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = ANDROID
    path = f"/h5/works/{scene.work_id}"
    sent = client.get(path)
    assert sent.status_code == 302
    begun = client.get(sent.location)
    assert begun.location.startswith(f"{house.wechat.world.public_url}/connect/oauth2/authorize")
    assert "scope=snsapi_base" in begun.location
    assert begun.location.endswith("#wechat_redirect")
    state = begun.location.partition("state=")[2].partition("#")[0]
    assert re.fullmatch(r"[0-9a-zA-Z]{1,128}", state)
    code = house.login_code(house.fan(), "oa")
    back = client.get(f"/h5/oauth/callback?code={code}&state={state}")
    assert (back.status_code, back.location) == (302, path)
    cookies = {one.partition("=")[0]: one for one in back.headers.getlist("Set-Cookie")}
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookies["juanliu"].split("; "))
    assert "juanliu-oauth=;" in cookies["juanliu-oauth"] + ";"
    page = client.get(path)
    assert page.status_code == 200
    assert "¥9.90 解锁全文" in page.text
    assert MARKER not in page.text


def test_a_stranger_outside_wechat_reads_the_preview(house: House, scene: Scene) -> None:
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = BROWSER
    for path in (f"/h5/works/{scene.work_id}", f"/h5/columns/{scene.column_id}", "/h5/",
                 f"/h5/creators/{scene.handle}"):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200, path
        assert MARKER not in page.text
    assert client.get("/h5/me").status_code == 401
    assert client.get(f"/g/{scene.fan_group_code}").status_code == 401


@pytest.mark.parametrize("tampered", ["state", "no_state", "no_cookie", "second_time"])
def test_a_state_that_is_not_this_browsers_signs_nobody_in(house: House, tampered: str) -> None:
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = ANDROID
    state = client.get("/h5/sign-in").location.partition("state=")[2].partition("#")[0]
    code = house.login_code(house.fan(), "oa")
    if tampered == "state":
        state = "0" * 32
    if tampered == "no_state":
        state = ""
    if tampered == "no_cookie":
        client = house.client()
    if tampered == "second_time":
        client.get("/h5/oauth/callback?code=nonsense&state=" + state)
    answer = client.get(f"/h5/oauth/callback?code={code}&state={state}")
    assert answer.status_code == 403
    assert "重新登录" in answer.text
    assert client.get_cookie("juanliu") is None


def test_a_state_is_good_for_ten_minutes(house: House) -> None:
    client = house.client()
    state = client.get("/h5/sign-in").location.partition("state=")[2].partition("#")[0]
    house.advance(601)
    code = house.login_code(house.fan(), "oa")
    assert client.get(f"/h5/oauth/callback?code={code}&state={state}").status_code == 403


def test_a_page_loaded_twice_after_signing_in_is_no_failure(house: House) -> None:
    client = house.client()
    state = client.get("/h5/sign-in").location.partition("state=")[2].partition("#")[0]
    address = f"/h5/oauth/callback?code={house.login_code(house.fan(), 'oa')}&state={state}"
    assert client.get(address).status_code == 302
    assert client.get(address).location == "/h5/"


@pytest.mark.parametrize(
    "foreign",
    ["https://evil.example", "//evil.example", "/h5//evil.example", "/\\evil.example", "/operator/",
     "/h5/\r\nSet-Cookie: a=b", "javascript:alert(1)", "/h5/" + "x" * 600, "", "/h5/中文"],
)  # fmt: skip
def test_signing_in_leads_back_to_our_own_pages_only(house: House, foreign: str) -> None:
    client = house.client()
    begun = client.get("/h5/sign-in", query_string={"return_to": foreign})
    state = begun.location.partition("state=")[2].partition("#")[0]
    code = house.login_code(house.fan(), "oa")
    assert client.get(f"/h5/oauth/callback?code={code}&state={state}").location == "/h5/"


def test_a_fan_pays_on_the_page_and_the_page_opens(house: House, scene: Scene) -> None:
    fan = house.fan()
    client = house.signed_in(fan)
    path = f"/h5/works/{scene.work_id}"
    headers = {**JSON, "X-CSRF-Token": csrf_of(client, path), "Origin": BASE_URL}
    placed = client.post(f"/h5/products/{scene.work_product_id}/buy", headers=headers)
    assert placed.status_code == 200, placed.text
    state_path = f"/h5/orders/{placed.json['order_id']}/state"
    assert client.get(state_path).json["state"] == "pending"
    assert "支付确认中…" in client.get(f"/h5/orders/{placed.json['order_id']}").text
    body = {"rail": "jsapi", "payment": placed.json["pay"]}
    paid = asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/pay", body)
    assert paid["err_msg"] == "get_brand_wcpay_request:ok"
    house.advance(5)
    house.wiring.payments.ask(UUID(placed.json["order_id"]))
    assert client.get(state_path).json["state"] == "paid"
    page = client.get(path)
    assert MARKER in page.text
    assert "解锁全文" not in page.text
    mine = client.get("/h5/me")
    assert "第一课" in mine.text
    assert "永久" in mine.text
    again = client.post(f"/h5/products/{scene.work_product_id}/buy", headers=headers)
    assert (again.status_code, again.json["code"]) == (409, "already_owned")


def test_without_scripts_the_order_page_says_what_to_do(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan())
    token = csrf_of(client, f"/h5/works/{scene.work_id}")
    sent = client.post(f"/h5/products/{scene.work_product_id}/buy", data={"csrf_token": token})
    assert sent.status_code == 303
    page = client.get(sent.location)
    assert "<noscript>" in page.text
    assert "微信" in page.text


def test_an_iphone_sees_neither_price_nor_button(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan("ios"), IPHONE)
    for path in (f"/h5/works/{scene.work_id}", f"/h5/columns/{scene.column_id}"):
        page = client.get(path).text
        assert "由于相关规范" in page
        assert "¥" not in page
        assert "/buy" not in page
        assert "小程序" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "own", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "own", "Origin": "null"},
        {"X-CSRF-Token": "own", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "own", "Sec-Fetch-Site": "same-site"},
        {"X-CSRF-Token": "another's"},
        {"X-CSRF-Token": "中文".encode().decode("latin-1")},
    ],
)
@pytest.mark.parametrize("path", ["/h5/products/{product}/buy", "/h5/sign-out"])
def test_a_form_that_is_not_ours_does_nothing(
    house: House, scene: Scene, path: str, headers: dict[str, str]
) -> None:
    client = house.signed_in(house.fan())
    sent = dict(headers)
    if sent.get("X-CSRF-Token") == "own":
        sent["X-CSRF-Token"] = csrf_of(client, "/h5/settings")
    if sent.get("X-CSRF-Token") == "another's":
        sent["X-CSRF-Token"] = csrf_of(house.signed_in(house.fan()), "/h5/settings")
    answer = client.post(path.format(product=scene.work_product_id), headers={**JSON, **sent})
    assert (answer.status_code, answer.json["code"]) == (403, "form_refused")
    mine = client.get("/h5/orders")
    assert mine.status_code == 200
    assert "/h5/orders/" not in mine.text


def test_who_signs_out_is_out(house: House) -> None:
    client = house.signed_in(house.fan())
    kept = client.get_cookie("juanliu")
    assert kept is not None
    out = client.post("/h5/sign-out", data={"csrf_token": csrf_of(client, "/h5/settings")})
    assert out.status_code == 302
    assert client.get_cookie("juanliu") is None
    client.set_cookie("juanliu", kept.value)
    assert client.get("/h5/me?guest=1").status_code == 401


def test_my_purchases_are_empty_before_the_first(house: House) -> None:
    page = house.signed_in(house.fan()).get("/h5/me")
    assert "还没有买过内容" in page.text


def test_what_has_run_out_is_shown_as_such_and_leads_to_renewing(
    house: House, scene: Scene
) -> None:
    client = house.signed_in(house.fan())
    with house.wiring.units("studio.act") as uow:
        access.grant(
            uow,
            person_id=house.person_behind(client),
            creator_id=scene.creator_id,
            object_type="column",
            object_id=scene.column_id,
            source_kind="gift",
            source_id=uow.ids.new(),
            starts_at=uow.now() - timedelta(days=31),
            ends_at=uow.now() - timedelta(days=1),
        )
    page = client.get("/h5/me").text
    assert "还没有买过内容" not in page
    assert "已到期" in page
    assert "去续期" in page
    assert f'href="/h5/columns/{scene.column_id}"' in page


def test_the_link_of_a_group_tells_strangers_how_to_get_in(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan())
    refused = client.get(f"/g/{scene.fan_group_code}")
    assert refused.status_code == 403
    assert f"/h5/columns/{scene.column_id}" in refused.text
    assert "work.weixin.qq.com" not in refused.text
    on_iphone = client.get(f"/g/{scene.fan_group_code}", headers={"User-Agent": IPHONE})
    assert "购买" not in on_iphone.text


def add_picture(house: House, scene: Scene, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    house.wiring.pictures.put(sha256, content)
    with house.wiring.units("studio.act") as uow:
        uow.session.add(
            Picture(
                id=uow.ids.new(),
                creator_id=scene.creator_id,
                sha256=sha256,
                mime="image/png",
                width_px=1,
                height_px=1,
                size_bytes=len(content),
                created_at=uow.now(),
            )
        )
    return sha256


def test_a_picture_is_shown_to_whom_the_gate_lets_read_it(house: House, scene: Scene) -> None:
    free, paid, lone = (add_picture(house, scene, f"picture {n}".encode()) for n in range(3))
    with house.wiring.units("studio.act") as uow:
        column = columns.get(uow.session, scene.column_id)
        make_published_work(
            uow,
            column,
            title="有图",
            preview_html=f'<p><img src="/media/{free}"></p>',
            body_html=f'<p><img src="/media/{free}"><img src="/media/{paid}"></p>',
        )
    stranger, reader = house.client(), house.signed_in(house.fan())
    shown = stranger.get(f"/media/{free}")
    assert (shown.status_code, shown.data, shown.mimetype) == (200, b"picture 0", "image/png")
    for client in (stranger, reader):
        for sha256 in (paid, lone, "0" * 64, free.upper()):
            assert client.get(f"/media/{sha256}").status_code == 404


def test_a_session_of_the_mini_program_does_not_shop_on_pages(house: House, scene: Scene) -> None:
    bearer = house.bearer(house.fan(), "mini")["Authorization"].removeprefix("Bearer ")
    client = house.client()
    client.set_cookie("juanliu", bearer)
    assert client.get(f"/h5/orders/{uuid4()}").status_code == 404


def test_a_page_and_its_refusals_speak_the_readers_language(house: House) -> None:
    for path in ("/h5/works/x", "/h5/"):
        chinese = house.client().get(path).text
        english = house.client().get(path, headers={"Accept-Language": "en-GB,en;q=0.9"}).text
        assert '<html lang="zh-CN">' in chinese
        assert '<html lang="en">' in english
        assert not re.search("[\u4e00-\u9fff]", english.replace("开专栏", "")), path


def test_a_language_that_was_chosen_comes_before_what_the_browser_asks_for(house: House) -> None:
    client = house.client()
    client.set_cookie("juanliu-language", "zh-CN")
    assert "没有找到" in client.get("/h5/works/x", headers={"Accept-Language": "en"}).text
    client.set_cookie("juanliu-language", "en")
    assert "no such thing" in client.get("/h5/works/x").text
    client.set_cookie("juanliu-language", "tlh")
    assert '<html lang="en">' in client.get("/h5/", headers={"Accept-Language": "en"}).text

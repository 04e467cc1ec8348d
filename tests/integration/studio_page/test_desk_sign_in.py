"""A browser at a desk is let in by its creator, once, for a while, and may be shown out."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creator_tools.studio.deeds import desks
from tests.integration.http.conftest import BROWSER, House
from tests.integration.studio_page.conftest import Author, forms_of

CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"


def desk_of(house: House) -> FlaskClient:
    """A browser of somebody who sits at a desk."""
    client = house.client()
    client.environ_base["HTTP_USER_AGENT"] = CHROME
    return client


def code_on(shown: TestResponse) -> str:
    found = re.search(r"登录 (\d{6})", shown.text)
    assert found is not None, shown.text
    return found.group(1)


def link_of(author: Author, client: FlaskClient) -> str:
    """What the QR code says, for whoever cannot scan."""
    kept = client.get_cookie("juanliu-studio")
    assert kept is not None
    return f"/studio/enter/{desks.link_of(kept.value)}"


def test_the_code_in_the_chat_lets_one_browser_in(author: Author) -> None:
    desk = desk_of(author.house)
    sent = desk.get("/studio/works")
    assert (sent.status_code, sent.location) == (303, "/studio/sign-in?return_to=%2Fstudio%2Fworks")
    shown = desk.get(sent.location)
    assert desk.get("/studio/sign-in/state").json == {"state": "waiting"}
    asked = desk.get_cookie("juanliu-studio")
    assert asked is not None
    answer = author.say(f"登录 {code_on(shown)}")
    assert "Chrome · Windows" in answer
    assert desk.get("/studio/").status_code == 303, "no session before the browser came back"
    assert desk.get("/studio/sign-in/state").json == {"state": "confirmed"}
    back = desk.get(sent.location)
    assert (back.status_code, back.location) == (303, "/studio/works")
    assert desk.get("/studio/works").status_code == 200
    # Whoever knew the token that the browser asked with has nothing.
    thief = desk_of(author.house)
    thief.set_cookie("juanliu-studio", asked.value)
    assert thief.get("/studio/").status_code == 303
    # The session opens the studio and nothing else.
    assert desk.get("/h5/me").status_code == 401
    assert desk.get("/api/v1/me/entitlements").status_code == 401


def test_the_link_shows_who_asks_and_lets_in_after_a_yes(author: Author) -> None:
    desk = desk_of(author.house)
    code = code_on(desk.get("/studio/sign-in"))
    link = link_of(author, desk)
    shown = author.get(link)
    assert "Chrome · Windows" in shown.text
    assert code in shown.text
    assert desk.get("/studio/sign-in/state").json == {"state": "waiting"}
    assert author.done(link, link).status_code == 200
    assert desk.get("/studio/sign-in").status_code == 303
    assert desk.get("/studio/").status_code == 200
    assert author.get(link).status_code == 404, "a link is good once"


def test_undo_and_the_list_show_a_browser_out(author: Author) -> None:
    for show_out in ("undo", "list"):
        desk = desk_of(author.house)
        author.say(f"登录 {code_on(desk.get('/studio/sign-in'))}")
        desk.get("/studio/sign-in")
        assert desk.get("/studio/").status_code == 200
        if show_out == "undo":
            assert "已退出登录" in author.say("撤销")
        else:
            page = author.get("/studio/profile").text
            to = next(one for one in forms_of(page) if one.endswith("/end"))
            assert author.client.post(to, data=forms_of(page)[to]).status_code == 303
        assert desk.get("/studio/").status_code == 303


def test_a_code_ends_and_a_session_ends(author: Author) -> None:
    desk = desk_of(author.house)
    code = code_on(desk.get("/studio/sign-in"))
    author.house.advance(121)
    assert "不对，或者已经过期" in author.say(f"登录 {code}")
    assert desk.get("/studio/sign-in/state").json == {"state": "over"}
    author.say(f"登录 {code_on(desk.get('/studio/sign-in'))}")
    desk.get("/studio/sign-in")
    assert desk.get("/studio/").status_code == 200
    author.house.advance(2 * 3600 + 60)
    assert desk.get("/studio/").status_code == 303


def test_guessing_is_slow(author: Author) -> None:
    for _ in range(5):
        author.say("登录 000000")
    desk = desk_of(author.house)
    code = code_on(desk.get("/studio/sign-in"))
    assert "太频繁" in author.say(f"登录 {code}")
    statuses = [desk_of(author.house).get("/studio/sign-in").status_code for _ in range(11)]
    assert statuses[-1] == 429
    assert statuses.count(200) == 9


def test_a_fan_lets_nobody_in(author: Author) -> None:
    desk = desk_of(author.house)
    code_on(desk.get("/studio/sign-in"))
    fan = author.house.signed_in(author.house.fan())
    assert fan.get(link_of(author, desk)).location == "/studio/become"
    stranger = author.house.client()
    stranger.environ_base["HTTP_USER_AGENT"] = BROWSER
    assert stranger.post(link_of(author, desk)).status_code == 403
    assert desk.get("/studio/sign-in/state").json == {"state": "waiting"}


def test_a_rival_shows_nobody_elses_browser_out(author: Author, rival: Author) -> None:
    desk = desk_of(author.house)
    author.say(f"登录 {code_on(desk.get('/studio/sign-in'))}")
    desk.get("/studio/sign-in")
    page = author.get("/studio/profile").text
    to = next(one for one in forms_of(page) if one.endswith("/end"))
    name = forms_of(rival.get("/studio/profile").text)["/studio/profile/name"]
    assert rival.client.post(to, data=name).status_code == 303
    assert desk.get("/studio/").status_code == 200


def test_the_desk_writes_with_its_own_token(author: Author) -> None:
    column = author.column()
    desk = desk_of(author.house)
    author.say(f"登录 {code_on(desk.get('/studio/sign-in'))}")
    desk.get("/studio/sign-in")
    hidden = forms_of(desk.get("/studio/works/new").text)["/studio/works"]
    typed = {"column": str(column.id), "title": "在电脑上写", "markdown": "天亮了。街上没有人。"}
    other = forms_of(author.get("/studio/works/new").text)["/studio/works"]
    assert desk.post("/studio/works", data={**other, **typed}).status_code == 403
    assert desk.post("/studio/works", data={**hidden, **typed}).status_code == 303
    assert "在电脑上写" in author.say("我的作品")

"""Forms: nothing typed is lost, nothing is done twice, nothing is done for somebody else."""

import io
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from creator_tools.columns import queries as columns
from creator_tools.creators import service as creators
from creator_tools.people import service as people
from creator_tools.works import queries as works
from tests.integration.studio_page.conftest import TEXT, Author, forms_of

SCRIPT = {"Accept": "application/json"}


def png() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(kept, "PNG")
    return kept.getvalue()


def revisions(author: Author, page: str) -> list[str]:
    work = author.work(page)
    found = author.read(lambda session: works.list_revisions(session, work))
    return [one.markdown for one in found]


def base_of(author: Author, page: str) -> dict[str, str]:
    return forms_of(author.get(page).text)[page]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "", "markdown": TEXT}, "标题不能空着"),
        ({"title": "长" * 65, "markdown": TEXT}, "最多 64 个字"),
        ({"title": "清晨", "markdown": " "}, "正文不能空着"),
        ({"title": "清晨", "markdown": "【试读结束】"}, "没有能看见的内容"),
        ({"title": "清晨", "markdown": f"![](/media/{'a' * 64})"}, "不是你上传的图片"),
    ],
)
def test_a_draft_that_cannot_be_kept_is_shown_again(
    author: Author, typed: dict[str, str], said: str
) -> None:
    column = author.column()
    answer = author.send("/studio/works/new", "/studio/works", column=str(column.id), **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert typed["title"] in answer.text
    assert typed["markdown"] in answer.text
    assert author.read(lambda session: works.count_own(session, author.creator_id)) == {}


def test_bad_prices_and_hours_are_shown_again(author: Author) -> None:
    page = author.draft(author.column())
    for price in ("abc", "-5", "0.001", "50000.01", "", "1e3"):
        answer = author.send(page, f"{page}/price", price=price)
        assert answer.status_code == 422, price
        assert "价格在 0.01 到 50000 元之间" in answer.text
        assert f'value="{price}"' in answer.text
    author.done(page, f"{page}/price", price="９.９元")
    for hour in ("", "tomorrow", "0001-01-01T00:00", "2020-01-01T08:00", "9999-12-31T23:59"):
        answer = author.send(page, f"{page}/publish", when="later", publish_at=hour)
        assert answer.status_code == 422, hour
        assert author.work(page).state == "draft"


def test_a_work_without_a_price_is_not_published(author: Author) -> None:
    page = author.draft(author.column())
    answer = author.send(page, f"{page}/publish", when="now")
    assert answer.status_code == 409
    assert "还没有定价" in answer.text
    assert author.work(page).state == "draft"


def test_a_form_sent_twice_does_its_deed_once(author: Author) -> None:
    column = author.column()
    hidden = forms_of(author.get("/studio/works/new").text)["/studio/works"]
    form = hidden | {"column": str(column.id), "title": "清晨", "markdown": TEXT}
    first, second = (author.client.post("/studio/works", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (303, second.location)
    assert author.read(lambda session: works.count_own(session, author.creator_id)) == {"draft": 1}
    other = author.client.post("/studio/works", data=form | {"title": "另一篇"})
    assert other.status_code == 422
    assert "已经提交过" in other.text
    assert "另一篇" in other.text


def test_a_double_tap_at_the_same_moment_does_its_deed_once(author: Author) -> None:
    column = author.column()
    hidden = forms_of(author.get("/studio/works/new").text)["/studio/works"]
    form = hidden | {"column": str(column.id), "title": "清晨", "markdown": TEXT}
    cookie = author.client.get_cookie("juanliu")
    assert cookie is not None
    answers: list[Any] = []

    def tap() -> None:
        client = author.house.client()
        client.set_cookie("juanliu", cookie.value)
        answers.append(client.post("/studio/works", data=form))

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert {one.status_code for one in answers} == {303}
    assert len({one.location for one in answers}) == 1
    assert author.read(lambda session: works.count_own(session, author.creator_id)) == {"draft": 1}


def test_of_two_windows_the_later_is_told_and_both_texts_are_kept(author: Author) -> None:
    page = author.draft(author.column())
    one, other = base_of(author, page), base_of(author, page)
    early = {"title": "清晨", "markdown": TEXT + "先存的。"}
    late = {"title": "清晨", "markdown": TEXT + "后存的。"}
    assert author.client.post(page, data=one | early).status_code == 303
    told = author.client.post(page, data=other | late | {"by_itself": "1"}, headers=SCRIPT)
    assert told.status_code == 409
    assert "另一个窗口" in told.json["detail"]
    assert revisions(author, page)[:3] == [early["markdown"], late["markdown"], early["markdown"]]
    again = author.client.post(page, data=other | late)
    assert again.status_code == 409
    assert len(revisions(author, page)) == 4
    aside = author.read(lambda session: works.list_revisions(session, author.work(page)))[1]
    assert f"{page}/revisions/{aside.id}" in again.text
    author.done(f"{page}/revisions/{aside.id}", f"{page}/revisions/{aside.id}")
    assert revisions(author, page)[0] == late["markdown"]


def test_a_clock_saves_drafts_and_never_what_is_on_its_way(author: Author) -> None:
    page = author.draft(author.column())
    form = base_of(author, page) | {
        "title": "清晨",
        "by_itself": "1",
        "markdown": TEXT + "又一句。",
    }
    saved = author.client.post(page, data=form, headers=SCRIPT)
    assert saved.status_code == 200
    newest = author.read(lambda session: works.newest_revision(session, author.work(page)))
    assert saved.json == {"base": str(newest.id), "number": 2}
    same = author.client.post(page, data=form | {"base": saved.json["base"]}, headers=SCRIPT)
    assert same.json == saved.json
    author.done(page, f"{page}/price", price="9.9")
    author.done(page, f"{page}/publish", when="now")
    assert author.work(page).state == "in_review"
    form = base_of(author, page) | {"title": "清晨", "by_itself": "1", "markdown": "换了。"}
    assert author.client.post(page, data=form, headers=SCRIPT).status_code == 409
    assert author.work(page).state == "in_review"
    assert "换了。" not in revisions(author, page)


def test_a_picture_goes_where_the_cursor_is_or_to_the_end(author: Author) -> None:
    page = author.draft(author.column())
    to = f"{page}/pictures"
    form = forms_of(author.get(page).text)[to]
    sent = {**form, "picture": (io.BytesIO(png()), "a.png")}
    put = author.client.post(to, data=sent, headers=SCRIPT)
    assert put.status_code == 200, put.text
    path = put.json["markdown"].removeprefix("![](").removesuffix(")")
    assert author.get(path).status_code == 200
    plain = author.client.post(to, data={**form, "picture": (io.BytesIO(png()), "a.png")})
    assert plain.status_code == 303
    assert revisions(author, page)[0].endswith(f"![]({path})")
    for original in (b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        wrong = {**form, "picture": (io.BytesIO(original), "a.png")}
        assert author.client.post(to, data=wrong, headers=SCRIPT).status_code == 422


def test_no_thing_of_another_creator_is_found_by_any_form(author: Author, rival: Author) -> None:
    column = author.column()
    page = author.draft(column)
    mine = rival.draft(rival.column())
    before = state_of_everything(author)
    wanted = {
        page: {"title": "抢来的", "markdown": "抢来的正文。"},
        f"{page}/price": {"price": "1"},
        f"{page}/publish": {"when": "now"},
        f"{page}/step": {"step": "discard"},
        f"{page}/pictures": {"picture": (io.BytesIO(png()), "a.png")},
    }
    forms = forms_of(rival.get(mine).text)
    for to, typed in wanted.items():
        hidden = forms[to.replace(page, mine)]
        answer = rival.client.post(to, data={**hidden, **typed})
        assert answer.status_code == 404, to
    shop = f"/studio/columns/{column.id}"
    own = rival.read(lambda session: columns.list_of_creator(session, rival.creator_id))[0]
    forms = forms_of(rival.get(f"/studio/columns/{own.id}").text)
    for end, typed in (
        ("", {"title": "抢"}),
        ("/price", {"price": "1"}),
        ("/state", {"state": "closed"}),
    ):
        hidden = forms[f"/studio/columns/{own.id}{end}"]
        assert rival.client.post(shop + end, data={**hidden, **typed}).status_code == 404, end
    draft = forms_of(rival.get("/studio/works/new").text)["/studio/works"]
    stolen = {**draft, "column": str(column.id), "title": "抢", "markdown": TEXT}
    assert rival.client.post("/studio/works", data=stolen).status_code == 404
    for path in (page, shop, f"{page}/revisions/{UUID(int=7)}"):
        assert rival.get(path).status_code == 404
    assert TEXT[:12] not in rival.get(f"/studio/works?column={column.id}").text
    assert state_of_everything(author) == before


def state_of_everything(author: Author) -> list[Any]:
    """All that a thief might have changed."""
    asked = (
        "SELECT id, title, state FROM works WHERE creator_id = :own ORDER BY id",
        "SELECT id, number, markdown FROM revisions WHERE creator_id = :own ORDER BY id",
        "SELECT id, title, state FROM columns WHERE creator_id = :own ORDER BY id",
        "SELECT id, price_fen, state FROM products WHERE creator_id = :own ORDER BY id",
    )
    return [
        tuple(row)
        for one in asked
        for row in author.read(
            lambda session, one=one: session.execute(text(one), {"own": author.creator_id}).all()
        )
    ]


def test_forms_of_another_session_or_site_are_refused(author: Author, rival: Author) -> None:
    page = author.draft(author.column())
    before = state_of_everything(author)
    form = forms_of(author.get(page).text)[f"{page}/price"] | {"price": "1"}
    theirs = forms_of(rival.get("/studio/profile").text)["/studio/profile/name"]
    for headers, token in (
        ({}, theirs["csrf_token"]),
        ({}, ""),
        ({"Origin": "https://evil.example"}, form["csrf_token"]),
        ({"Sec-Fetch-Site": "cross-site"}, form["csrf_token"]),
    ):
        sent = form | {"csrf_token": token}
        answer = author.client.post(f"{page}/price", data=sent, headers=headers)
        assert answer.status_code == 403, headers
    assert state_of_everything(author) == before


def test_a_creator_who_was_paused_meanwhile_is_told_and_nothing_is_written(author: Author) -> None:
    page = author.draft(author.column())
    form = forms_of(author.get(page).text)[f"{page}/price"] | {"price": "1"}
    with author.house.wiring.units("studio.act") as uow:
        creators.set_state(uow, creator_id=author.creator_id, state="paused")
    before = state_of_everything(author)
    answer = author.client.post(f"{page}/price", data=form)
    assert answer.status_code == 403
    assert "已被暂停" in answer.text
    saved = author.client.post(
        page, data=base_of(author, page) | {"title": "新", "markdown": "新。"}, headers=SCRIPT
    )
    assert saved.status_code == 403
    assert state_of_everything(author) == before
    assert "可以查看" in author.get("/studio/").text


def test_the_page_speaks_english_to_its_reader(author: Author) -> None:
    page = author.draft(author.column())
    author.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    for path in ("/studio/", "/studio/works", "/studio/columns", "/studio/income", page):
        shown = author.get(path).text
        assert '<html lang="en">' in shown
        assert "主菜单" not in shown
    answer = author.send(page, f"{page}/price", price="abc")
    assert "A price is between 0.01 and 50,000 yuan" in answer.text


def publish_by_page(author: Author, page: str) -> str:
    author.done(page, f"{page}/price", price="9.9")
    return author.done(page, f"{page}/publish", when="now").text


def publish_by_chat(author: Author, page: str) -> str:
    author.say("我的作品")
    return author.say("发布 1 9.9")


def open_mini_program(author: Author) -> None:
    """Sign in there as a follower, of whom one knows who they are at both surfaces."""
    wiring = author.house.wiring
    with wiring.units("people.sign_in") as uow:
        people.recognise(
            uow,
            account_id=wiring.surface_accounts["oa"],
            subject=author.fan["oa_openid"],
            union_subject=author.fan["unionid"],
        )
    author.house.bearer(author.fan, "mini")


@pytest.mark.parametrize("publish", [publish_by_page, publish_by_chat])
def test_both_doors_say_truly_who_looks_at_a_text(
    author: Author, publish: Callable[[Author, str], str]
) -> None:
    column = author.column()
    assert "这一篇由运营来看" in publish(author, author.draft(column, "没去过小程序"))
    open_mini_program(author)
    said = publish(author, author.draft(column, "刚去过小程序"))
    assert "通常一分钟内" in said
    assert "运营来看" not in said
    page = author.draft(column, "带图片")
    form = forms_of(author.get(page).text)[f"{page}/pictures"]
    sent = {**form, "picture": (io.BytesIO(png()), "a.png")}
    assert author.client.post(f"{page}/pictures", data=sent).status_code == 303
    assert "这一篇由运营来看" in publish(author, page)
    author.house.advance(2 * 3600 + 60)
    assert "这一篇由运营来看" in publish(author, author.draft(column, "两小时以后"))

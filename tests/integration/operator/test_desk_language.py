"""The desk speaks the operator's language: the one that was chosen, else the browser's."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.operator.conftest import Desk, form_token
from tests.integration.operator.test_desk_pages import MAY, PAGES

HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff60]")
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
# The switch names each language in its own words.
NAME_OF_CHINESE = "中文"
THEIRS = ("一篇作品", "创作者mei")


@pytest.mark.parametrize("path", PAGES)
def test_an_english_operator_reads_no_chinese_of_ours(desk: Desk, path: str) -> None:
    shop = desk.books.open_shop("mei")
    desk.books.sell(shop)
    with desk.books.units("operators.act") as uow:
        uow.alarm("payment_second_payment", "one", amount_fen=990, rail="jsapi")
    answer = desk.seated("owner", "auditor").get(path, query_string=MAY, headers=ENGLISH)
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text
    assert said(answer.text) == []


def test_an_orders_story_is_told_in_english(desk: Desk) -> None:
    desk.books.sell(desk.books.open_shop("mei"))
    client = desk.seated("owner")
    listed = client.get("/operator/orders", headers=ENGLISH).text
    story = re.search(r'href="(/operator/orders/[0-9a-f-]{36})"', listed)
    assert story is not None
    told = client.get(story[1], headers=ENGLISH).text
    # What was bought and why it cost what it cost was written when it happened, in one language.
    ours = re.sub(r"<dd>.*?</dd>|<span>.*?</span>", "", told, flags=re.DOTALL)
    assert said(ours) == []
    assert "Access opened" in told
    assert "¥" in told


def test_what_was_chosen_comes_before_what_the_browser_asks_for(desk: Desk) -> None:
    client = desk.seated("owner")
    back = choose(client, "en", "/operator/orders?state=paid")
    assert back.headers["Location"] == "/operator/orders?state=paid"
    chinese_browser = {"Accept-Language": "zh-CN"}
    assert '<html lang="en">' in client.get("/operator/", headers=chinese_browser).text
    choose(client, "zh-CN", "/operator/")
    assert '<html lang="zh-CN">' in client.get("/operator/", headers=ENGLISH).text


@pytest.mark.parametrize("tag", ["", "fr", "en;q=1", "中文", "e" * 5000])
def test_a_language_that_nobody_speaks_here_changes_nothing(desk: Desk, tag: str) -> None:
    answer = choose(desk.seated("owner"), tag, "https://evil.example/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/operator/")
    assert "juanliu-language" not in "".join(answer.headers.getlist("Set-Cookie"))


def test_a_bad_date_is_refused_in_english(desk: Desk) -> None:
    answer = desk.seated("owner").get("/operator/?from=yesterday", headers=ENGLISH)
    assert answer.status_code == 422
    assert "Write a day like 2026-05-20." in answer.text


def test_the_desks_own_english_comes_before_that_of_other_doors(desk: Desk) -> None:
    """收入 is revenue to an operator and income to a creator."""
    page = desk.seated("owner").get("/operator/", headers=ENGLISH).text
    assert "<h1>Revenue</h1>" in page
    assert "Income" not in page


def test_an_operators_roles_are_named_in_english(desk: Desk) -> None:
    page = desk.seated("owner", "finance").get("/operator/", headers=ENGLISH).text
    assert "finance, owner" in page


def choose(client: FlaskClient, tag: str, next_path: str) -> TestResponse:
    token = form_token(client.get("/operator/"))
    return client.post(
        "/operator/language", data={"csrf_token": token, "language": tag, "next": next_path}
    )


def said(page: str) -> list[str]:
    """The Chinese in a page that is ours; what people called their works is theirs."""
    words = page.replace(NAME_OF_CHINESE, "")
    for theirs in THEIRS:
        words = words.replace(theirs, "")
    return [found for found in re.findall(r">([^<>]+)<", words) if HAN.search(found)]

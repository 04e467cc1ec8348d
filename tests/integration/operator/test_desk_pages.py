"""Every page of the desk, with something to show and with nothing."""

import csv
import io
import json
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from creator_tools.insights import queries
from creator_tools.kernel import platform_certificates
from creator_tools.kernel.models import Alarm, AuditEvent, Effect, InboxProgress, PlatformAccount
from creator_tools.kernel.platform_certificates import Certificate
from creator_tools.works.models import ContentCheck, Work
from tests.integration.insights.books import random_sales
from tests.integration.operator.conftest import Desk, form_token

PAGES = (
    "/operator/",
    "/operator/entries",
    "/operator/orders",
    "/operator/review",
    "/operator/alarms",
    "/operator/effects",
    "/operator/inbox",
    "/operator/audit",
)
MAY = {"from": "2026-05-01", "to": "2026-05-31"}


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_channel_has_a_friendly_page_everywhere(desk: Desk, path: str) -> None:
    answer = desk.seated("owner").get(path)
    assert answer.status_code == 200
    assert "共 " in answer.text or "还没有收款" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_the_csv_has_the_promised_columns_and_the_sums_of_the_postings(desk: Desk) -> None:
    shops = [desk.books.open_shop("mei"), desk.books.open_shop("tao", share_bp=2500)]
    random_sales(desk.books, shops, seed=4, count=15)
    client = desk.seated("finance")
    for by in ("rail", "creator", "column"):
        answer = client.get("/operator/revenue.csv", query_string=MAY | {"by": by})
        assert answer.status_code == 200
        assert answer.content_type == "text/csv; charset=utf-8"
        lines = answer.text.split("\r\n")
        assert lines[0] == "business_day,key,orders,gross_fen,fee_fen,platform_fen,creator_fen"
        assert lines[-1] == ""
        with desk.books.units.reading() as session:
            rows = queries.revenue(session, first=date(2026, 5, 1), last=date(2026, 5, 31), by=by)
        shown = [tuple(row.values()) for row in csv.DictReader(io.StringIO(answer.text))]
        assert shown == [
            (
                str(row.business_day),
                row.key,
                *map(
                    str,
                    (row.orders, row.gross_fen, row.fee_fen, row.platform_fen, row.creator_fen),
                ),
            )
            for row in rows
        ]


def test_the_csv_for_excel_is_the_same_with_a_mark_in_front(desk: Desk) -> None:
    desk.books.sell(desk.books.open_shop("mei"))
    client = desk.seated("owner")
    plain = client.get("/operator/revenue.csv", query_string=MAY)
    marked = client.get("/operator/revenue.csv", query_string=MAY | {"bom": "1"})
    assert marked.text == "\ufeff" + plain.text
    name = 'attachment; filename="revenue_2026-05-01_2026-05-31_rail.csv"'
    assert plain.headers["Content-Disposition"] == name


def test_both_days_of_a_period_are_in_it(desk: Desk) -> None:
    desk.books.sell(desk.books.open_shop("mei"))
    client = desk.seated("owner")
    day = {"from": "2026-05-20", "to": "2026-05-20"}
    assert len(client.get("/operator/revenue.csv", query_string=day).text.splitlines()) == 2
    day = {"from": "2026-05-21", "to": "2026-05-21"}
    assert len(client.get("/operator/revenue.csv", query_string=day).text.splitlines()) == 1


def test_a_key_that_looks_like_a_formula_is_disarmed(desk: Desk) -> None:
    desk.books.sell(desk.books.open_shop("=cmd|' /C calc'!A0"))
    answer = desk.seated("owner").get("/operator/revenue.csv", query_string=MAY | {"by": "creator"})
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["key"] == "'=cmd|' /C calc'!A0"


def test_the_chart_draws_what_the_table_adds_up(desk: Desk) -> None:
    shops = [desk.books.open_shop(f"shop{number}") for number in range(10)]
    sales = [desk.books.sell(shop, gross_fen=100 + at) for at, shop in enumerate(shops)]
    answer = desk.seated("owner").get("/operator/", query_string=MAY | {"by": "creator"})
    found = re.search(r'id="chart-facts">(.*?)</script>', answer.text, re.DOTALL)
    assert found is not None
    chart = json.loads(found.group(1))
    assert len(chart["days"]) == 31
    assert len(chart["series"]) == 9
    assert chart["series"][-1]["name"] == "其他"
    drawn = sum(sum(one["gross_fen"]) for one in chart["series"])
    assert drawn == sum(sale.division.gross_fen for sale in sales)


def test_a_name_cannot_leave_the_facts_of_the_chart(desk: Desk) -> None:
    desk.books.sell(desk.books.open_shop("</script><b>x"))
    answer = desk.seated("owner").get("/operator/", query_string=MAY | {"by": "creator"})
    assert "</script><b>" not in answer.text


def test_a_number_leads_to_its_entry_its_postings_and_its_order(desk: Desk) -> None:
    sale = desk.books.sell(desk.books.open_shop("mei"))
    client = desk.seated("owner")
    home = client.get("/operator/", query_string=MAY).text.replace("&amp;", "&")
    link = "/operator/entries?from=2026-05-20&to=2026-05-20&kind=revenue&rail=jsapi"
    assert f'href="{link}"' in home
    assert "9.90" in home
    entries = client.get(link).text
    assert f"/operator/entries/{sale.entry_id}" in entries
    entry = client.get(f"/operator/entries/{sale.entry_id}").text
    for shown in ("9.90", "-0.06", "-0.98", "-8.86", "0.00", "fee:jsapi"):
        assert f">{shown}<" in entry
    order = client.get(f"/operator/orders/{sale.order_id}").text
    for step in ("报价", "下单", "预下单", "看到支付", "入账", "开通权益", "承诺外部动作"):
        assert f"<strong>{step}</strong>" in order


def test_today_seven_and_thirty_days_stand_at_the_top(desk: Desk) -> None:
    shop = desk.books.open_shop("mei")
    desk.books.sell(shop, gross_fen=100)
    for days, gross_fen in ((3, 2_000), (20, 30_000), (40, 400_000)):
        desk.advance(days=-days)
        desk.books.sell(shop, gross_fen=gross_fen)
        desk.advance(days=days)
    home = desk.seated("owner").get("/operator/").text
    figures = re.findall(r'class="desk-figure"><a [^>]*>([^<]*)</a>', home)
    assert figures == ["1.00", "21.00", "321.00"]


def test_an_order_is_found_by_its_number_and_a_wrong_number_is_told(desk: Desk) -> None:
    sale = desk.books.sell(desk.books.open_shop("mei"))
    client = desk.seated("support")
    found = client.get("/operator/orders", query_string={"number": sale.trade_no})
    assert found.status_code == 303
    assert found.location == f"/operator/orders/{sale.order_id}"
    missed = client.get("/operator/orders", query_string={"number": "<b>nothing</b>"})
    assert missed.status_code == 200
    assert "没有找到订单 &lt;b&gt;nothing" in missed.text


def _waiting_check(desk: Desk) -> ContentCheck:
    shop = desk.books.open_shop("mei")
    with desk.books.units("works.review") as uow:
        work = uow.session.get_one(Work, shop.work_id)
        work.state, work.draft_revision_id = "in_review", work.live_revision_id
        work.live_revision_id = work.published_at = None
        check = uow.session.scalars(select(ContentCheck)).one()
        check.verdict, check.decided_at = "needs_person", None
    return check


def test_one_tap_passes_a_work_and_names_the_operator(desk: Desk) -> None:
    check = _waiting_check(desk)
    client = desk.seated("editor")
    queue = client.get("/operator/review")
    assert "<p>试读</p>" in queue.text
    answer = client.post(
        f"/operator/review/{check.id}",
        data={"csrf_token": form_token(queue), "verdict": "pass"},
    )
    assert (answer.status_code, answer.location) == (303, "/operator/review?done=passed")
    with desk.books.units.reading() as session:
        decided = session.get_one(ContentCheck, check.id)
        assert decided.verdict == "pass"
        assert decided.decided_by_operator_id is not None
        assert session.get_one(Work, check.work_id).state == "published"
    assert "已通过" in client.get(answer.location).text


def test_a_verdict_that_is_none_changes_nothing(desk: Desk) -> None:
    check = _waiting_check(desk)
    client = desk.seated("moderator")
    token = form_token(client.get("/operator/review"))
    answer = client.post(
        f"/operator/review/{check.id}", data={"csrf_token": token, "verdict": "needs_person"}
    )
    assert answer.status_code == 422
    with desk.books.units.reading() as session:
        assert session.get_one(ContentCheck, check.id).decided_at is None


def test_an_alarm_is_closed_with_a_sentence_and_only_once(desk: Desk) -> None:
    sale = desk.books.sell(desk.books.open_shop("mei"))
    desk.books.pay_twice(sale)
    client = desk.seated("finance")
    page = client.get("/operator/alarms")
    assert "同一订单付了两次" in page.text
    with desk.books.units.reading() as session:
        alarm_id = session.scalars(select(Alarm.id)).one()
    path, token = f"/operator/alarms/{alarm_id}", form_token(page)
    empty = client.post(path, data={"csrf_token": token, "resolution": "  "})
    assert empty.status_code == 422
    told = client.post(path, data={"csrf_token": token, "resolution": "已原路退回"})
    assert told.status_code == 303
    again = client.post(path, data={"csrf_token": token, "resolution": "再来一次"})
    assert again.status_code == 404
    assert "已原路退回" in client.get("/operator/alarms?state=resolved").text
    with desk.books.units.reading() as session:
        actions = session.scalars(
            select(AuditEvent.actor_type).where(AuditEvent.action == "alarm.resolved")
        ).all()
    assert actions == ["operator"]


def test_a_dead_effect_and_a_dead_fact_are_tried_again(desk: Desk) -> None:
    effect_id = desk.books.effect(state="dead")
    fact_id = desk.books.keep_fact(state="dead")
    client = desk.seated("support")
    token = form_token(client.get("/operator/effects?group=failed"))
    assert "已放弃" in client.get("/operator/inbox?group=failed").text
    retried = client.post(f"/operator/effects/{effect_id}/retry", data={"csrf_token": token})
    replayed = client.post(f"/operator/inbox/{fact_id}/replay", data={"csrf_token": token})
    assert (retried.status_code, replayed.status_code) == (303, 303)
    with desk.books.units.reading() as session:
        assert session.get_one(Effect, effect_id).state == "due"
        assert session.get_one(InboxProgress, fact_id).state == "new"
    again = client.post(f"/operator/effects/{effect_id}/retry", data={"csrf_token": token})
    assert again.status_code == 409


def test_the_audit_can_be_narrowed_to_one_object(desk: Desk) -> None:
    shop = desk.books.open_shop("mei")
    sale, other = desk.books.sell(shop), desk.books.sell(shop)
    page = desk.seated("auditor").get(
        "/operator/audit", query_string={"object": str(sale.order_id)}
    )
    assert "共 2 条" in page.text
    assert str(other.order_id) not in page.text


@pytest.mark.parametrize(
    "path", ["/operator/orders", "/operator/entries?from=2026-05-01&to=2026-05-31"]
)
def test_long_lists_come_in_pages_with_their_count(desk: Desk, path: str) -> None:
    shop = desk.books.open_shop("mei")
    for _ in range(53):
        desk.books.sell(shop)
    client = desk.seated("owner")
    first = client.get(path).text
    assert "共 53 条" in first
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following is not None
    second = client.get(
        path.split("?", maxsplit=1)[0] + following.group(1).replace("&amp;", "&")
    ).text
    mark = re.compile(r"/operator/(?:orders|entries)/([0-9a-f-]{36})")
    shown_first, shown_second = set(mark.findall(first)), set(mark.findall(second))
    assert not shown_first & shown_second
    assert 'rel="next"' not in second


BAD_QUERIES = (
    "from=gestern",
    "from=2026-02-30",
    "from=20260501",
    "from=2026-05-02&to=2026-05-01",
    "from=1000-01-01",
    "from=2020-01-01&to=2026-01-01",
    "from=2026-05-01T00:00",
    "to=9999-12-31",
    "from=%27%20OR%201=1",
    "from=%00",
)


@pytest.mark.parametrize("path", ["/operator/", "/operator/revenue.csv", "/operator/entries"])
@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_bad_date_is_told_and_never_guessed(desk: Desk, path: str, query: str) -> None:
    client = _owner(desk)
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert re.search("日期|最多查", answer.text)


@pytest.mark.parametrize(
    "address",
    [
        "/operator/?by=fan",
        "/operator/revenue.csv?by=rail%27--",
        "/operator/entries?cursor=1",
        "/operator/entries?column=%27",
        "/operator/entries?creator=" + "a" * 65,
        "/operator/entries?rail=%00",
        "/operator/entries?kind=reversal",
        "/operator/orders?state=%27",
        "/operator/effects?group=all",
        "/operator/inbox?group=",
        "/operator/alarms?state=1",
        "/operator/audit?object=x",
        "/operator/audit?action=%00",
    ],
)
def test_a_bad_filter_is_refused(desk: Desk, address: str) -> None:
    assert _owner(desk).get(address).status_code == 422


@pytest.mark.parametrize(
    "address",
    [
        "/operator/entries?creator=%27%20OR%20%271%27=%271",
        "/operator/entries?rail=x%25",
        "/operator/audit?action=%27%3B%20DROP%20TABLE%20orders",
        "/operator/orders?number=%27%20OR%201=1--",
        "/operator/orders?number=%00",
        "/operator/?page=99999999999999999999",
        "/operator/?page=-1",
        "/operator/?done=%3Cscript%3E",
    ],
)
def test_an_injection_finds_nothing_and_breaks_nothing(desk: Desk, address: str) -> None:
    desk.books.sell(desk.books.open_shop("mei"))
    answer = _owner(desk).get(address)
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["/operator/orders/", "/operator/entries/", "/operator/nothing/"])
@pytest.mark.parametrize("tail", ["1", "'", "00000000-0000-0000-0000-000000000000"])
def test_what_is_not_there_is_not_found(desk: Desk, path: str, tail: str) -> None:
    assert _owner(desk).get(path + tail).status_code == 404


def _owner(desk: Desk) -> FlaskClient:
    return desk.seated("owner")


def test_the_page_of_keys_says_what_verifies_and_until_when(desk: Desk) -> None:
    client = desk.seated("auditor")
    empty = client.get("/operator/keys").text
    assert 'data-key-mode="none"' in empty
    assert "没有平台证书" in empty
    assert "还没有向微信支付查询过平台证书" in empty
    now = desk.books.units.clock.now()
    ends = now + timedelta(days=20)
    with desk.books.units("certificates.keep") as uow:
        account_id = uow.session.scalars(
            select(PlatformAccount.id).where(PlatformAccount.kind == "merchant")
        ).one()
        held = Certificate("5" * 40, "PEM", now - timedelta(days=1), ends)
        later = Certificate("6" * 40, "PEM", ends - timedelta(days=1), ends)
        assert platform_certificates.claim_check(uow, account_id)
        assert platform_certificates.keep(uow, account_id, [held, later]) == 2
        platform_certificates.note_check(uow, account_id, outcome="kept", again=timedelta(hours=1))
    shown = client.get("/operator/keys").text
    assert 'data-key-mode="certificate"' in shown
    for words in ("5" * 40, "6" * 40, "有效", "尚未生效", "还没有接替的证书", "已更新"):
        assert words in shown
    english = client.get("/operator/keys", headers={"Accept-Language": "en"}).text
    assert "Certificate mode: verified with platform certificates" in english
    assert "nothing follows it yet" in english

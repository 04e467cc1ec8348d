"""The pay sheet in a real browser: two taps, the way back, a lost network, a cancelled payment."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from tests.integration.http.conftest import asked
from tests.integration.http.test_h5_browser import Site, browser, site, until, visiting

__all__ = ["browser", "site"]

_BRIDGE = """
    window.WeixinJSBridge = { invoke: (name, pay, done) => {
      if (name === "getBrandWCPayRequest") { window.sheet = { pay, done }; }
    } };
"""
_OPEN = "document.body.innerText.includes('只有付费的人能读到这句XYZZY')"


@contextmanager
def at_the_till(browser: Browser, site: Site) -> Iterator[tuple[Page, dict[str, Any]]]:
    """A fan with the pay sheet open over the work, after tapping twice."""
    fan = site.house.fan()
    kept = site.house.signed_in(fan).get_cookie("juanliu")
    assert kept is not None
    with visiting(browser, site, locale="zh-CN", signed_in=False) as context:
        context.add_cookies([{"name": "juanliu", "value": kept.value, "url": site.address}])
        context.add_init_script(_BRIDGE)
        page = context.new_page()
        page.goto(f"{site.address}/h5/works/{site.scene.work_id}")
        button = page.get_by_role("button", name="¥9.90 解锁全文")
        button.dblclick()
        until(page, "window.sheet !== undefined")
        assert button.is_disabled()
        yield page, fan


def settle(site: Site, page: Page, fan: dict[str, Any]) -> None:
    """Pay what the sheet asks for, and let the house hear of it."""
    body = {"rail": "jsapi", "payment": page.evaluate("window.sheet.pay")}
    paid = asked(site.house.wechat, "POST", f"/_sim/people/{fan['id']}/pay", body)
    assert paid["err_msg"] == "get_brand_wcpay_request:ok"
    site.house.advance(5)
    (order_id,) = orders_of(site, fan)
    site.house.wiring.payments.ask(order_id)


def orders_of(site: Site, fan: dict[str, Any]) -> list[UUID]:
    """The orders of this person."""
    taken = site.house.signed_in(fan).get("/h5/orders").text
    return [UUID(found) for found in re.findall(r'href="/h5/orders/([0-9a-f-]{36})"', taken)]


@pytest.mark.browser
def test_who_leaves_the_sheet_and_comes_back_finds_what_was_paid(
    site: Site, browser: Browser
) -> None:
    with at_the_till(browser, site) as (page, fan):
        settle(site, page, fan)
        page.goto(f"{site.address}/h5/")
        page.go_back()
        until(page, _OPEN)
        assert len(orders_of(site, fan)) == 1


@pytest.mark.browser
def test_a_network_that_is_lost_after_paying_costs_nothing(site: Site, browser: Browser) -> None:
    with at_the_till(browser, site) as (page, fan):
        page.context.set_offline(True)
        page.evaluate("window.sheet.done({ err_msg: 'get_brand_wcpay_request:ok' })")
        until(page, "document.getElementById('pay-status').textContent.includes('网络断了')")
        settle(site, page, fan)
        page.context.set_offline(False)
        until(page, _OPEN)


@pytest.mark.browser
def test_who_cancels_may_tap_again_and_gets_the_same_order(site: Site, browser: Browser) -> None:
    with at_the_till(browser, site) as (page, fan):
        page.evaluate("window.sheet.done({ err_msg: 'get_brand_wcpay_request:cancel' })")
        button = page.get_by_role("button", name="¥9.90 解锁全文")
        page.evaluate("window.sheet = undefined")
        button.click()
        until(page, "window.sheet !== undefined")
        assert len(orders_of(site, fan)) == 1

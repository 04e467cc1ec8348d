"""The telephone in a real browser: chat, menu, a page of the account, the pay sheet."""

import base64
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.unit.wechat_simulator.echo_backend import EchoBackend
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator
from wechat_simulator.world import World

PAGE = """<!doctype html><html lang="zh-CN"><head><title>一篇好文章</title></head><body>
<p id="state">未付款</p><button id="buy">付 9.90 元</button><a href="/h5/other">下一篇</a>
<script>document.getElementById("buy").onclick = async () => {
  const pay = await (await fetch("/order", {method: "POST"})).json();
  WeixinJSBridge.invoke("getBrandWCPayRequest", pay, (told) => {
    document.getElementById("state").textContent = told.err_msg;
  });
}</script></body></html>"""


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  named by werkzeug
        """Say nothing."""


class Shop:
    """A backend with one page and one order, over loopback."""

    def __init__(self, world: World, simulator_url: str) -> None:
        self.world = world
        self.simulator_url = simulator_url
        self.told = 0
        self.echo = EchoBackend(world.accounts.oa)
        self.server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        world.accounts.oa.callback_url = f"{self.url}/wechat"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        if path == "/wechat":
            return self.echo(environ, start)
        if path == "/paid":
            self.told += 1
            start("204 No Content", [])
            return [b""]
        if path == "/order":
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.order()).encode()]
        frame = [("X-Frame-Options", "DENY"), ("Content-Security-Policy", "default-src 'none'")]
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"), *frame])
        return [PAGE.encode()]

    def sign(self, text: str) -> str:
        """The merchant's signature."""
        pem = self.world.accounts.merchant.private_key_pem.encode()
        key: Any = serialization.load_pem_private_key(pem, None)
        return base64.b64encode(
            key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        ).decode()

    def order(self) -> dict[str, str]:
        """Place an order with the gateway; what `getBrandWCPayRequest` takes."""
        appid, merchant = self.world.accounts.oa.appid, self.world.accounts.merchant
        body = json.dumps(
            {
                "appid": appid,
                "mchid": merchant.mchid,
                "description": "一篇好文章",
                "out_trade_no": f"BROWSER{self.told:04d}",
                "notify_url": f"{self.url}/paid",
                "amount": {"total": 990, "currency": "CNY"},
                "payer": {"openid": next(iter(self.world.people.values())).oa_openid},
            },
            ensure_ascii=False,
        )
        at, path = str(int(self.world.clock.now())), "/v3/pay/transactions/jsapi"
        signature = self.sign(f"POST\n{path}\n{at}\nn\n{body}\n")
        pairs = f'mchid="{merchant.mchid}",nonce_str="n",signature="{signature}"'
        pairs += f',timestamp="{at}",serial_no="{merchant.serial}"'
        headers = {
            "Authorization": f"WECHATPAY2-SHA256-RSA2048 {pairs}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        url = f"{self.simulator_url}{path}"
        answer = requests.post(url, data=body.encode(), headers=headers, timeout=60)
        package = f"prepay_id={answer.json()['prepay_id']}"
        signed = self.sign(f"{appid}\n{at}\nn\n{package}\n")
        told = {"appId": appid, "timeStamp": at, "nonceStr": "n", "package": package}
        return {**told, "signType": "RSA", "paySign": signed}


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A simulator and a shop, both on loopback."""
    world = World(seed=3)
    server = Server(Simulator(world))
    server.start()
    one = Shop(world, server.url)
    world.things.menus[world.accounts.oa.appid] = [
        {
            "name": "专栏",
            "sub_button": [{"type": "view", "name": "好文章", "url": f"{one.url}/h5/a"}],
        }
    ]
    yield one
    one.server.shutdown()
    one.server.server_close()
    server.stop()


@pytest.mark.browser
def test_a_person_chats_opens_a_page_and_pays(shop: Shop, chromium_path: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 900})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{shop.simulator_url}/phone")
        page.get_by_label("新朋友的昵称").fill("小明")
        page.get_by_role("button", name="添加", exact=True).click()
        page.get_by_role("button", name="关注公众号").click()
        expect(page.locator(".phone")).to_have_attribute("data-following", "true")
        page.get_by_placeholder("输入消息").fill("<b>你好</b> https://example.com/a 吧")
        page.get_by_placeholder("输入消息").press("Enter")
        expect(page.locator(".row:not(.mine) .bubble")).to_have_text(
            "<b>你好</b> https://example.com/a 吧"
        )
        page.click(".menu >> text=专栏")
        page.click(".menu >> text=好文章")
        inside = page.frame_locator("iframe")
        expect(page.get_by_role("heading", name="一篇好文章")).to_be_visible()
        inside.locator("#buy").click()
        expect(page.get_by_role("dialog").locator(".amount")).to_have_text("¥9.90")
        page.get_by_role("button", name="取消支付").click()
        expect(inside.locator("#state")).to_have_text("get_brand_wcpay_request:cancel")
        assert shop.world.books.payments == []
        inside.locator("#buy").click()
        page.get_by_role("button", name="确认支付").click()
        expect(inside.locator("#state")).to_have_text("get_brand_wcpay_request:ok")
        inside.locator("a").click()
        expect(inside.locator("#state")).to_have_text("未付款")
        page.get_by_role("button", name="返回").click()
        expect(page.get_by_role("heading", name="一篇好文章")).to_be_visible()
        page.get_by_role("button", name="关闭").click()
        page.get_by_role("button", name="返回").click()
        page.get_by_role("button", name="微信支付").click()
        expect(page.locator(".receipt .amount")).to_have_text("¥9.90")
        browser.close()
    assert [one.amount_fen for one in shop.world.books.payments] == [990]
    assert shop.told == 1
    assert complaints == []

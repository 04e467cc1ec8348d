"""The doors as they stand in production: the real wiring, a real database, a simulated WeChat."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.http.assembly import build_application
from app.wiring.container import Process, Wiring, open_wiring
from config.settings import Settings
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.people import queries as people
from tests.factories import make_column, make_creator, make_fan_group, make_published_work
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator
from wechat_simulator.world import World

BASE_URL = "http://127.0.0.1:8080"
SECRET_KEY = "0123456789abcdef0123456789abcdef"
MARKER = "只有付费的人能读到这句XYZZY"
ANDROID = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0.50"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile/15E148 MicroMessenger/8.0.50"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"


@pytest.fixture(scope="session")
def wechat() -> Iterator[Simulator]:
    """A WeChat on loopback that lives as long as the run."""
    simulator = Simulator(World(seed=11))
    server = Server(simulator)
    server.start()
    yield simulator
    server.stop()


def asked(wechat: Simulator, method: str, path: str, content: Any = None) -> dict[str, Any]:
    """What the simulator's control answers."""
    answer = wechat.call(method, path, content)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


def settings_for(
    wechat: Simulator, folder: Path, database_url: str, broker_url: str, **more: str
) -> Settings:
    """The settings of an installation that talks to `wechat`."""
    known = asked(wechat, "GET", "/_sim/accounts")
    merchant, url = known["merchant"], wechat.world.public_url
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_text(merchant["private_key_pem"], "ascii")
    public.write_text(merchant["public_key_pem"], "ascii")
    accounts = {
        f"WECHAT_{kind}_{name.upper()}": known[kind.lower()][name]
        for kind in ("OA", "MINI")
        for name in ("appid", "secret", "token", "aes_key")
    }
    hosts = ("WECHAT_API", "WECHAT_OPEN", "WECHAT_MP", "WECHATPAY_API", "WECOM_API")
    return Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "BROKER_URL": broker_url,
            "STORAGE_URL": f"file://{folder}/files",
            "PUBLIC_BASE_URL": BASE_URL,
            "SECRET_KEY": SECRET_KEY,
            "FIELD_KEYS": "k1:" + "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
            "WECHATPAY_MCHID": merchant["mchid"],
            "WECHATPAY_SERIAL_NO": merchant["serial"],
            "WECHATPAY_PRIVATE_KEY_FILE": str(private),
            "WECHATPAY_APIV3_KEY": merchant["apiv3_key"],
            "WECHATPAY_PUBLIC_KEY_ID": merchant["public_key_id"],
            "WECHATPAY_PUBLIC_KEY_FILE": str(public),
            "XPAY_OFFER_ID": known["xpay"]["offer_id"],
            "XPAY_APP_KEY": known["xpay"]["app_key"],
            "XPAY_SANDBOX_APP_KEY": known["xpay"]["sandbox_app_key"],
            **{f"{host}_BASE": url for host in hosts},
            **accounts,
            **more,
        }
    )


@dataclass
class House:
    """One installation and somebody to knock at its doors."""

    wiring: Wiring
    app: Flask
    wechat: Simulator
    clock_file: Path

    def advance(self, seconds: int) -> None:
        """Let time pass for the house; WeChat's own clock stands within its tolerance."""
        moved = int(self.clock_file.read_text("ascii")) + seconds
        self.clock_file.write_text(str(moved), "ascii")

    def client(self) -> FlaskClient:
        """A visitor with a cookie jar of their own."""
        return self.app.test_client()

    def fan(self, device: str = "android") -> dict[str, Any]:
        """A new person in WeChat."""
        return asked(self.wechat, "POST", "/_sim/people", {"nickname": "小满", "device": device})

    def login_code(self, fan: dict[str, Any], app: str) -> str:
        """A fresh login code of this person."""
        path = f"/_sim/people/{fan['id']}/login"
        return str(asked(self.wechat, "POST", path, {"app": app})["code"])

    def bearer(self, fan: dict[str, Any], app: str = "oa") -> dict[str, str]:
        """The header of a session of this person."""
        body = {"code": self.login_code(fan, app), "app": app}
        answer = self.client().post("/api/v1/sessions", json=body)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json['token']}"}

    def signed_in(self, fan: dict[str, Any], user_agent: str = ANDROID) -> FlaskClient:
        """A visitor who went through the pages' sign-in."""
        client = self.client()
        client.environ_base["HTTP_USER_AGENT"] = user_agent
        begun = client.get("/h5/sign-in?return_to=/h5/me")
        state = begun.location.partition("state=")[2].partition("#")[0]
        code = self.login_code(fan, "oa")
        back = client.get(f"/h5/oauth/callback?code={code}&state={state}")
        assert (back.status_code, back.location) == (302, "/h5/me"), back.text
        return client

    def person_behind(self, client: FlaskClient) -> UUID:
        """Whose session this visitor holds."""
        cookie = client.get_cookie("juanliu")
        assert cookie is not None
        with self.wiring.reading() as session:
            found = people.find_session(session, cookie.value, self.wiring.units.clock.now())
        assert found is not None
        return found.person_id

    def sell(self, product_id: UUID, fan: dict[str, Any]) -> UUID:
        """Let a person really pay for a product; gives the order."""
        headers = self.bearer(fan)
        wanted = {"product_id": str(product_id), "device": "android"}
        quote = self.client().post("/api/v1/quotes", json=wanted, headers=headers).json
        order = self.client().post(
            "/api/v1/orders",
            json={"quote_id": quote["quote_id"]},
            headers={**headers, "Idempotency-Key": str(uuid4())},
        )
        paid = {"rail": "jsapi", "payment": order.json["pay"]}
        asked(self.wechat, "POST", f"/_sim/people/{fan['id']}/pay", paid)
        self.advance(5)
        order_id = UUID(order.json["order_id"])
        self.wiring.payments.ask(order_id)
        return order_id


@dataclass(frozen=True)
class Scene:
    """A creator with a priced column, a priced work, a free work and a group."""

    handle: str
    creator_id: UUID
    column_id: UUID
    work_id: UUID
    free_work_id: UUID
    work_product_id: UUID
    column_product_id: UUID
    fan_group_id: UUID
    fan_group_code: str


@pytest.fixture
def house(
    wechat: Simulator, clean_database: str, valkey_url: str, tmp_path: Path
) -> Iterator[House]:
    """An installation with an empty database."""
    clock_file = tmp_path / "clock"
    clock_file.write_text("0", "ascii")
    settings = settings_for(
        wechat, tmp_path, clean_database, valkey_url, CLOCK_OFFSET_FILE=str(clock_file)
    )
    wiring = open_wiring(settings, Process("tests"))
    yield House(wiring, build_application(wiring), wechat, clock_file)
    wiring.close()


@pytest.fixture
def scene(house: House) -> Scene:
    """The scene, made through the services."""
    assert set(house.wiring.surface_accounts) == {"oa", "mini"}
    with house.wiring.units("studio.act") as uow:
        creator = make_creator(uow, name="林老师")
        column = make_column(uow, creator_id=creator.id, title="光影课")
        work = make_published_work(
            uow,
            column,
            title="第一课",
            preview_html="<p>这是试读。</p>",
            body_html=f"<p>这是试读。</p><p>{MARKER}</p>",
        )
        free = make_published_work(uow, column, title="免费课", body_html="<p>人人可读</p>")
        free.is_free = True
        group = make_fan_group(uow, column)
        work_product = catalogue.set_price(
            uow,
            creator_id=creator.id,
            kind="work",
            column_id=column.id,
            work_id=work.id,
            price_fen=990,
        )
        column_product = catalogue.set_price(
            uow,
            creator_id=creator.id,
            kind="column_forever",
            column_id=column.id,
            price_fen=9900,
        )
        _publish_tier(uow, 990)
        return Scene(
            creator.handle,
            creator.id,
            column.id,
            work.id,
            free.id,
            work_product.id,
            column_product.id,
            group.id,
            group.code,
        )


def _publish_tier(uow: Any, price_fen: int) -> None:
    for tier in catalogue_queries.list_tiers_due(uow.session, uow.now(), limit=100):
        if tier.price_fen == price_fen:
            catalogue.note_tier_state(uow, tier_id=tier.id, state="live")

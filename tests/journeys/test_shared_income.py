"""Two people share a column's income: invited by a link, signed in WeChat, divided, given back."""

import re
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import text

from creator_tools.creators import queries as creators
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.refunds import service as refunds
from tests.channel import Shelf, open_channel, until, violations
from tests.installation import Installation
from tests.journeys.test_money_back import ANDROID

_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
_FORM_ID = re.compile(r'name="form_id" value="([0-9a-f]{32})"')
_SIGN_TOKENS = re.compile(r'name="(version|terms_hash)" value="([0-9a-f-]+)"')
_HAN = re.compile(r"[\u3400-\u9fff]")
_OPERATOR = Actor("operator", UUID(int=7))


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat."""
    return open_channel(house, locked="分成以后也要付款才读得到 MARK-5p117")


class Telephone:
    """A person's browser in WeChat, signed in silently."""

    def __init__(self, house: Installation, person: dict[str, Any]) -> None:
        self.base = house.base_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["User-Agent"] = ANDROID
        begun = self.session.get(
            f"{self.base}/h5/sign-in?return_to=/h5/me", allow_redirects=False, timeout=60
        )
        state = begun.headers["Location"].partition("state=")[2].partition("#")[0]
        code = house.world.control("POST", f"people/{person['id']}/login", app="oa")["code"]
        self.session.get(f"{self.base}/h5/oauth/callback?code={code}&state={state}", timeout=60)

    def page(self, path: str) -> str:
        """A page as it is shown."""
        answer = self.session.get(self.base + path.removeprefix(self.base), timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, page: str, path: str, **fields: str) -> requests.Response:
        """A form of `page`; gives what follows."""
        shown = self.page(page)
        token, form_id = _FORM_TOKEN.search(shown), _FORM_ID.search(shown)
        assert token is not None
        hidden = {"csrf_token": token[1]} | ({"form_id": form_id[1]} if form_id else {})
        path = path.removeprefix(self.base)
        return self.session.post(self.base + path, data=hidden | fields, timeout=60)

    def sign(self, agreement: str) -> str:
        """Read, tick and sign what waits; gives the page that follows."""
        asked = dict(_SIGN_TOKENS.findall(self.page(agreement)))
        answer = self.send(agreement, f"{agreement}/sign", agree="1", **asked)
        assert answer.status_code == 200, answer.text
        return answer.text

    def came_fen(self, agreement: str) -> int:
        """What the page says came by an agreement."""
        found = re.search(r'data-came-fen="(-?\d+)"', self.page(agreement))
        assert found is not None
        return int(found[1])


def give_back(house: Installation, order_id: str, amount_fen: int) -> None:
    """An operator gives a part back and leaves the access; the rail confirms in its time."""
    with closing(house.wiring()) as wiring:
        with wiring.units("refunds.ask", _OPERATOR) as uow:
            asked = refunds.ask(
                uow,
                order_id=UUID(order_id),
                reason_code="other",
                amount_fen=Fen(amount_fen),
                by_fan=False,
            ).id
        with wiring.units("refunds.decide", _OPERATOR) as uow:
            refunds.approve(uow, refund_id=asked, roles=("owner",), keeps_access=True)

    def is_over() -> bool:
        house.world.control("POST", "clock", advance_s=6)
        with closing(house.wiring()) as wiring, wiring.reading() as session:
            state = session.execute(
                text("SELECT state FROM refunds WHERE id = :id"), {"id": asked}
            ).scalar_one()
        return str(state) == "succeeded"

    until(is_over, "the refund succeeded")


def test_income_is_shared_by_signed_terms_and_goes_back_to_the_last_fen(
    house: Installation, shelf: Shelf
) -> None:
    creator = Telephone(house, shelf.creator)
    author = Telephone(house, house.world.person("合作的人", "android"))
    opened = creator.send("/studio/splits", "/studio/splits", column=shelf.column_id)
    studio = opened.url.partition("?")[0].removeprefix(house.base_url)
    agreement = studio.replace("/studio/splits/", "/h5/agreements/")
    invitation = re.search(r'value="(http[^"]+/h5/agreements/join/[\w-]+)"', opened.text)
    assert invitation is not None
    joining = "/h5/agreements/join/" + invitation[1].rpartition("/")[2]
    assert "城市摄影" in author.page(joining)
    assert author.send(joining, joining).status_code == 200

    form = creator.page(studio)
    field = re.search(r'name="(share-[0-9a-f-]{36})"', form)
    assert field is not None
    example = creator.send(studio, f"{studio}/versions", example="1", **{field[1]: "30"})
    assert "2.97" in example.text
    refused = creator.send(studio, f"{studio}/versions", **{field[1]: "三成"})
    assert refused.status_code == 422
    proposed = creator.send(studio, f"{studio}/versions", **{field[1]: "30"})
    assert 'data-version-state="waiting"' in proposed.text

    assert 'data-version-state="waiting"' in author.sign(agreement)
    assert 'data-version-state="signed"' in creator.sign(agreement)
    house.world.control("POST", "clock", advance_s=5)

    fan = house.world.person("买的人", "android")
    house.world.sign_in(fan["id"], "oa")
    order_id = house.world.buy(fan, "oa", shelf.work_product_id)["order_id"]
    until(lambda: author.came_fen(agreement) == 266, "the co-author's part came")

    give_back(house, order_id, 333)
    until(lambda: 0 < author.came_fen(agreement) < 266, "a part of it went back")
    give_back(house, order_id, 657)
    until(lambda: author.came_fen(agreement) == 0, "the last fen went back")
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []

    author.session.cookies.set("juanliu-language", "en")
    creator.session.cookies.set("juanliu-language", "en")
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        pen_name = re.escape(creators.get(session, shelf.creator_id).name)
    names = re.compile(rf"{pen_name}|合作的人|林老师|城市摄影|涓流|中文")
    for telephone, path in (
        (author, "/h5/agreements"),
        (author, agreement),
        (creator, "/studio/splits"),
        (creator, studio),
    ):
        shown = names.sub("", telephone.page(path))
        assert not _HAN.search(shown), (path, _HAN.findall(shown)[:20])


def test_a_stranger_sees_no_agreement_and_a_bent_link_opens_none(house: Installation) -> None:
    stranger = Telephone(house, house.world.person("路人", "android"))
    assert "还没有加入分成协议" in stranger.page("/h5/agreements")
    bent = stranger.session.get(f"{house.base_url}/h5/agreements/join/{'A' * 43}", timeout=60)
    assert bent.status_code == 404
    assert "邀请链接无效或已过期" in bent.text

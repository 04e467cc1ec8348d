"""The notices switch: what a person switched off does not go out, and what they are owed does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.wiring import reviews
from creator_tools.creators.models import Creator
from creator_tools.fan_groups.models import JoinWay
from creator_tools.kernel.models import AuditEvent, Effect
from creator_tools.messaging import queries, service
from creator_tools.works import service as works
from tests.factories import make_account, make_person
from tests.integration.http.conftest import BASE_URL, House, Scene, asked
from tests.integration.http.test_group_door import add_code, club, heard, writes  # noqa: F401
from tests.integration.operator.conftest import form_token

PATH = "/h5/settings/notices"


def choose(
    client: FlaskClient, *wanted: str, offered: tuple[str, ...] = ("seat", "review", "keeping")
) -> Any:
    page = client.get("/h5/settings")
    form = {"csrf_token": form_token(page), "offered": [*offered], "wanted": [*wanted]}
    return client.post(PATH, data=form, headers={"Origin": BASE_URL})


def keeps_promises(house: House, kind: str) -> list[tuple[str, str | None]]:
    """Step what is due; how every message ended."""
    house.wiring.sweep.step("effects")
    with house.wiring.reading() as session:
        ends = session.execute(
            select(Effect.state, Effect.error_code)
            .where(Effect.kind == f"customer_message.{kind}")
            .order_by(Effect.id)
        )
        return [(row[0], row[1]) for row in ends]


def test_who_waits_switches_the_notice_of_a_seat_off_and_on_again(
    house: House,
    club: Scene,  # noqa: F811 - the fixture above
) -> None:
    path = f"/g/{club.fan_group_code}"
    fans = [house.fan() for _ in range(3)]
    _first, second, third = visitors = [house.signed_in(fan) for fan in fans]
    for visitor in visitors:
        visitor.get(path)
    for fan in fans[1:]:
        writes(house, fan)
    assert "想收到消息" in second.get(path).text
    for visitor in (second, third):
        assert choose(visitor, offered=("seat",)).status_code == 303
    # The page does not promise what will not come.
    assert "想收到消息" not in second.get(path).text
    assert "您关了空位通知" in second.get(path).text
    assert choose(third, "seat", offered=("seat",)).status_code == 303
    for name in ("b", "c"):
        add_code(house, club, name)
    house.wiring.sweep.step("groups")
    assert sorted(keeps_promises(house, "seat")) == [("done", None), ("failed", "switched_off")]
    assert not any("有空位了" in said for said in heard(house, fans[1]))
    assert any("有空位了" in said for said in heard(house, fans[2]))
    # The seat itself is kept, as the page says.
    assert "长按识别二维码" in second.get(path).text


def test_a_creator_switches_reviews_and_warnings_off_and_still_gets_what_is_owed(
    house: House, scene: Scene
) -> None:
    fan = house.fan()
    asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/follow", {})
    author = house.signed_in(fan)
    author_id = house.person_behind(author)
    _give_channel_to(house, scene, author_id)
    page = author.get("/h5/settings").text
    for kind in ("seat", "review", "keeping"):
        assert f'id="notice-{kind}" value="{kind}" checked' in page
    assert choose(author, "seat").status_code == 303
    page = author.get("/h5/settings?saved=notices").text
    assert "已保存" in page
    assert 'id="notice-review" value="review">' in page
    assert author.get("/h5/me/data.json").json["notices"] == {
        "seat": True, "review": False, "keeping": False,
    }  # fmt: skip
    check_id = _submitted(house, scene)
    with house.wiring.units("works.review") as uow:
        reviews.record_verdict(uow, check_id=check_id, verdict="risky", detail={})
        uow.session.execute(update(JoinWay).values(expires_at=uow.now() + timedelta(hours=5)))
    house.wiring.sweep.step("groups")
    assert keeps_promises(house, "text") == [("failed", "switched_off")] * 2
    assert heard(house, fan) == []
    # A receipt is owed, whatever was switched off.
    house.sell(scene.column_product_id, fan)
    assert choose(author).status_code == 303
    house.wiring.sweep.step("effects")
    assert ["支付成功" in said for said in heard(house, fan)] == [True]


def test_a_fan_is_offered_no_switch_of_a_creators(house: House, scene: Scene) -> None:
    page = house.signed_in(house.fan()).get("/h5/settings").text
    assert 'id="notice-seat"' in page
    assert "notice-review" not in page
    assert "notice-keeping" not in page
    stranger = house.client().get("/h5/settings").text
    assert "notice-" not in stranger


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [(("money",), ()), (("seat", "seat\0"), ("seat",)), (("seat",), ("review",)), ((), ("seat",))],
)
def test_a_notice_that_nobody_offers_is_not_found_and_nothing_changes(
    house: House, scene: Scene, offered: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    client = house.signed_in(house.fan())
    assert choose(client, *wanted, offered=offered).status_code == 404
    assert client.get("/h5/me/data.json").json["notices"] == {"seat": True}


def test_what_is_chosen_again_changes_nothing_and_what_was_not_offered_stays(
    house: House, scene: Scene
) -> None:
    client = house.signed_in(house.fan())
    person_id = house.person_behind(client)
    for _ in range(2):
        choose(client, "seat")
    choose(client, offered=("seat",))
    choose(client, "seat", offered=("seat",))
    with house.wiring.reading() as session:
        assert queries.muted_notices(session, person_id) == {"review", "keeping"}
        noted = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "notices.chosen").order_by(AuditEvent.id)
        ).all()
    assert len(noted) == 3


def test_two_people_who_are_one_have_switched_off_what_either_did(house: House) -> None:
    units = house.wiring.units
    with units("people.sign_in") as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="a", union_subject="u").person_id
        younger = make_person(uow, mini, subject="b").person_id
    with units("messaging.notices") as uow:
        service.choose_notices(uow, person_id=younger, offered=["seat"], wanted=[])
        service.choose_notices(uow, person_id=older, offered=["seat", "review"], wanted=["seat"])
    with units("people.sign_in") as uow:
        make_person(uow, mini, subject="b", union_subject="u")
    with units.reading() as session:
        assert queries.muted_notices(session, older) == {"seat", "review"}
    with units("messaging.notices") as uow:
        service.choose_notices(uow, person_id=older, offered=["seat"], wanted=["seat"])
        assert queries.muted_notices(uow.session, older) == {"review"}


def _give_channel_to(house: House, scene: Scene, person_id: UUID) -> None:
    with house.wiring.units("studio.act") as uow:
        uow.session.execute(
            update(Creator).where(Creator.id == scene.creator_id).values(person_id=person_id)
        )


def _submitted(house: House, scene: Scene) -> UUID:
    with house.wiring.units("studio.act") as uow:
        work = works.save_draft(
            uow,
            creator_id=scene.creator_id,
            column_id=scene.column_id,
            title="又一课",
            markdown="第一句。第二句。",
        )
        return works.submit(
            uow,
            work_id=work.id,
            creator_id=scene.creator_id,
            text_check_subject_available=False,
        ).id

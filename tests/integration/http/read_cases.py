"""Who reads a work over the API, after what, and what the door before Flask makes of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from creator_tools.access import service as access
from creator_tools.catalogue import service as catalogue
from creator_tools.creators import service as creators
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.media import service as media
from creator_tools.people import service as people
from creator_tools.works import queries as works
from creator_tools.works import service as works_service
from tests import media_samples as samples
from tests.factories import make_column, make_person
from tests.integration.http.conftest import ANDROID, IPHONE, House, Scene
from tests.integration.media.conftest import page_of


@dataclass
class Reader:
    """Somebody with a session, and what they ask with."""

    house: House
    scene: Scene
    surface: str
    person_id: UUID
    identity_id: UUID
    path: str
    token: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def unit(self) -> Any:
        return self.house.wiring.units("studio.act")

    def give(self, kind: str, object_id: UUID, days: int | None = None) -> None:
        with self.unit() as uow:
            access.grant(
                uow,
                person_id=self.person_id,
                creator_id=self.scene.creator_id,
                object_type=kind,
                object_id=object_id,
                source_kind="gift",
                source_id=UUID(int=1),
                starts_at=uow.now(),
                ends_at=None if days is None else uow.now() + timedelta(days=days),
            )

    def given(self, days: int | None = None) -> "Reader":
        self.give("work", self.scene.work_id, days)
        return self


def arrived(house: House, scene: Scene, surface: str = "oa") -> Reader:
    account_id = house.wiring.surface_accounts[surface]
    with house.wiring.units("people.sign_in") as uow:
        known = make_person(uow, account_id)
    path = f"/api/v1/works/{scene.work_id}"
    reader = Reader(house, scene, surface, known.person_id, known.identity_id, path)
    reader.headers["User-Agent"] = ANDROID
    signed_in(reader)
    return reader


def later(reader: Reader, seconds: int) -> None:
    reader.house.advance(seconds)
    # The clock looks at its file once in a millisecond.
    time.sleep(0.002)


def of_column(reader: Reader) -> None:
    reader.give("column", reader.scene.column_id)


def expired(reader: Reader) -> None:
    reader.given(days=1)
    later(reader, 24 * 3600)
    signed_in(reader)


def signed_in(reader: Reader) -> None:
    with reader.unit() as uow:
        token = people.open_session(uow, identity_id=reader.identity_id, surface=reader.surface)
    reader.token = token
    reader.headers["Authorization"] = f"Bearer {token}"


def withdrawn(reader: Reader) -> None:
    with reader.unit() as uow:
        works_service.withdraw(
            uow, work_id=reader.scene.work_id, creator_id=reader.scene.creator_id
        )


def suspended(reader: Reader) -> None:
    with reader.unit() as uow:
        creators.set_state(uow, creator_id=reader.scene.creator_id, state="paused")


def herself(reader: Reader) -> None:
    with reader.unit() as uow:
        uow.session.connection().exec_driver_sql(
            "UPDATE creators SET person_id = %(person)s WHERE id = %(id)s",
            {"person": reader.person_id, "id": reader.scene.creator_id},
        )


def in_another_column(reader: Reader) -> UUID:
    """The work stands in a second column, which is sold for a term and for ever."""
    scene = reader.scene
    with reader.unit() as uow:
        other = make_column(uow, creator_id=scene.creator_id).id
        works_service.put_in(
            uow, work_id=scene.work_id, creator_id=scene.creator_id, column_id=other
        )
        for column_id, kind, days in (
            (other, "column_term", 30),
            (other, "column_forever", None),
            (scene.column_id, "column_term", 365),
        ):
            catalogue.set_price(
                uow,
                creator_id=scene.creator_id,
                kind=kind,
                column_id=column_id,
                price_fen=1990,
                term_days=days,
            )
    return other


def removed(reader: Reader) -> None:
    other = in_another_column(reader)
    reader.give("column", other)
    later(reader, 5)
    with reader.unit() as uow:
        works_service.take_out(
            uow, work_id=reader.scene.work_id, creator_id=reader.scene.creator_id, column_id=other
        )


def off_sale(reader: Reader) -> None:
    with reader.unit() as uow:
        for product_id in (reader.scene.work_product_id, reader.scene.column_product_id):
            catalogue.take_off_sale(uow, creator_id=reader.scene.creator_id, product_id=product_id)


def merged(reader: Reader) -> None:
    """What was sold to one becomes that of a human who was known before."""
    accounts = reader.house.wiring.surface_accounts
    reader.given()
    with reader.unit() as uow:
        make_person(uow, accounts["mini"], subject="m-elder", union_subject="u-1")
        subject = _subject(uow, reader.person_id)
        people.recognise(uow, account_id=accounts["oa"], subject=subject, union_subject="u-1")


def _subject(uow: UnitOfWork, person_id: UUID) -> str:
    found = uow.session.connection().exec_driver_sql(
        "SELECT subject FROM identities WHERE person_id = %(id)s", {"id": person_id}
    )
    return str(found.scalar_one())


def revoked(reader: Reader) -> None:
    with reader.unit() as uow:
        people.revoke_session(uow, reader.token)


def idle(seconds: int) -> Callable[[Reader], None]:
    return lambda reader: later(reader.given(), seconds)


def carrying(reader: Reader) -> None:
    """A sound, a film and a document; one of them is teased."""
    scene, house = reader.scene, reader.house
    page = page_of(house, scene.creator_id)
    files = (
        ("课.wav", samples.wav(0.5)),
        ("讲义.pdf", samples.pdf("x")),
        ("片.mp4", samples.mp4()),
    )
    for name, content in files:
        assert page.upload(name, content, work_id=str(scene.work_id)).status_code == 200
    page.publish_now(scene.work_id)
    with reader.unit() as uow:
        work = works.get(uow.session, scene.work_id)
        assert work.live_revision_id is not None
        first = works.list_attached_to(uow.session, work.live_revision_id)[0]
        media.lock(uow, first.media.id).duration_ms = 12_345
        works_service.describe(
            uow,
            work_id=scene.work_id,
            creator_id=scene.creator_id,
            attachment_id=first.attachment_id,
            is_teased=True,
        )
    page.publish_now(scene.work_id)


def asking(**changes: Any) -> Callable[[Reader], None]:
    def change(reader: Reader) -> None:
        reader.given()
        for name, value in changes.items():
            setattr(reader, name, value(reader) if callable(value) else value)

    return change


def bearing(**headers: str | None) -> Callable[[Reader], None]:
    """Asked with other headers; None leaves one out."""

    def change(reader: Reader) -> None:
        reader.given()
        wanted = {**reader.headers, **{n.replace("_", "-"): t for n, t in headers.items()}}
        reader.headers = {
            name: text.replace("TOKEN", reader.token) for name, text in wanted.items() if text
        }

    return change


def both(*steps: Callable[[Reader], object]) -> Callable[[Reader], None]:
    def change(reader: Reader) -> None:
        for step in steps:
            step(reader)

    return change


def free(reader: Reader) -> None:
    reader.path = f"/api/v1/works/{reader.scene.free_work_id}"


@dataclass(frozen=True)
class Case:
    """What happened before, whether the door answers, and whether the paid words are in it."""

    before: Callable[[Reader], object]
    is_answered: bool = True
    is_read: bool = False


def read(before: Callable[[Reader], object]) -> Case:
    return Case(before, is_read=True)


def passed_on(before: Callable[[Reader], object], *, is_read: bool = False) -> Case:
    return Case(before, is_answered=False, is_read=is_read)


CASES = {
    "a fan without a right": Case(lambda _: None),
    "who bought the work": read(Reader.given),
    "who bought the column": read(of_column),
    "whose term is over": Case(expired),
    "a withdrawn work and its buyer": read(both(Reader.given, withdrawn)),
    "a withdrawn work and a fan": passed_on(withdrawn),
    "a suspended creator and her buyer": read(both(Reader.given, suspended)),
    "a suspended creator and a fan": Case(suspended),
    "the creator herself": read(herself),
    "her own withdrawn work": read(both(herself, withdrawn)),
    "a work in two columns": Case(in_another_column),
    "a work taken out of a column": read(removed),
    "a work that nobody can buy": Case(off_sale),
    "a free work": Case(free),
    "somebody merged into another": read(merged),
    "files and their buyer": read(both(Reader.given, carrying)),
    "files and a fan": Case(carrying),
    "a session that was ended": passed_on(both(Reader.given, revoked)),
    "a session that lay idle": passed_on(idle(7 * 24 * 3600 + 1)),
    "a session to be kept alive": passed_on(idle(3601), is_read=True),
    "a session seen lately": read(idle(3500)),
    "an iPhone": read(bearing(User_Agent=IPHONE)),
    "no device": read(bearing(User_Agent=None)),
    "a reader of English": read(bearing(Accept_Language="en")),
    "conditions that no view honours": read(bearing(If_None_Match="*", Range="bytes=0-1")),
    "a cookie": read(bearing(Cookie="juanliu-language=en; juanliu=x")),
    "a small scheme": read(bearing(Authorization="bearer  TOKEN ")),
    "no token": passed_on(bearing(Authorization=None)),
    "another scheme": passed_on(bearing(Authorization="Basic TOKEN")),
    "half a token": passed_on(bearing(Authorization="Bearer 0123")),
    "a token of nobody": passed_on(bearing(Authorization=f"Bearer {'0' * 64}")),
    "a token of umlauts": passed_on(bearing(Authorization=f"Bearer {'ä' * 64}")),
    "an unknown work": passed_on(asking(path=f"/api/v1/works/{UUID(int=7)}")),
    "no id": passed_on(asking(path="/api/v1/works/7")),
    "a query": passed_on(asking(path=lambda one: f"{one.path}?a=1"), is_read=True),
    "an id in capitals": passed_on(
        asking(path=lambda one: f"/api/v1/works/{str(one.scene.work_id).upper()}"), is_read=True
    ),
    "a deeper address": passed_on(asking(path=lambda one: f"{one.path}/x")),
    "a slash too many": passed_on(asking(path=lambda one: f"{one.path}/")),
    "a body": passed_on(asking(body=b"{}"), is_read=True),
    "the head alone": passed_on(asking(method="HEAD")),
    "another method": passed_on(asking(method="DELETE")),
}

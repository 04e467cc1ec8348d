"""The commands that open a channel: invitations, and the menu."""

import json

from sqlalchemy import Engine, select

from creator_tools.creators import service as creators
from creator_tools.kernel.models import AuditEvent, Effect
from tests import factories
from tests.integration.cli.conftest import Command
from tests.integration.insights.books import Books, units_on


def test_an_invitation_made_by_command_makes_a_creator_once(books: Books, command: Command) -> None:
    made = json.loads(command("creator", "invite", "--count", "2", "--json").stdout)
    assert made["days"] == 30
    first, second = made["codes"]
    assert first != second
    with books.units("studio.act") as uow:
        creator = creators.become_creator(
            uow, person_id=factories.make_person(uow).person_id, code=first
        )
    assert creator.id is not None


def test_too_many_invitations_at_once_are_refused(books: Books, command: Command) -> None:
    assert command("creator", "invite", "--count", "0").returncode == 2
    assert command("creator", "invite", "--days", "366").returncode == 2


def test_each_publishing_of_the_menu_is_a_promise_of_its_own(
    clean_database: str, engine: Engine, command: Command
) -> None:
    # The command seeds the accounts itself, sealed with the key of its own environment.
    for _ in range(2):
        assert command("menu", "publish").returncode == 0
    with units_on(engine).reading() as session:
        promised = session.scalars(select(Effect).where(Effect.kind == "menu.publish")).all()
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "menu.promised"))
        assert len(promised) == len(told.all()) == 2
    assert [button["name"] for button in promised[0].payload["menu"]["button"]] == [
        "看专栏",
        "我的购买",
        "创作台",
    ]

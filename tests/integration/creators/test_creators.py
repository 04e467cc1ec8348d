"""Invitations make one creator each; names and handles are kept readable and apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from creator_tools.creators import queries, service
from creator_tools.creators.errors import (
    CreatorNotFound,
    HandleTaken,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
)
from creator_tools.creators.models import Creator, Invitation
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.rng import CODE_ALPHABET
from creator_tools.kernel.text import TextRefused
from creator_tools.kernel.unit_of_work import UnitsOfWork
from tests.factories import make_account, make_creator, make_person

UNIT = "creators.invite"
DAY = timedelta(days=1)
TEXTS = [
    "<b>阿青</b>",
    "'; DROP TABLE x;--",
    "👩🏽\u200d🍳 阿青",
    "مدونة",
    "9" * 20,
    "{{7*7}}",
]


def invited(units: UnitsOfWork, days: int = 30) -> str:
    with units(UNIT) as uow:
        return service.invite(uow, days=days)


def stranger(units: UnitsOfWork, nickname: str | None = None) -> UUID:
    with units(UNIT) as uow:
        return make_person(uow, nickname=nickname).person_id


def become(
    units: UnitsOfWork, code: str, person_id: UUID | None = None, name: str | None = "阿青"
) -> Creator:
    person_id = person_id or stranger(units)
    with units(UNIT) as uow:
        return service.become_creator(uow, person_id=person_id, code=code, name=name)


def count_creators(units: UnitsOfWork) -> int:
    with units.reading() as session:
        return session.scalar(select(func.count()).select_from(Creator)) or 0


def test_an_invitation_makes_its_sender_a_creator_who_is_found(units: UnitsOfWork) -> None:
    person_id = stranger(units)
    creator = become(units, invited(units), person_id)
    assert (creator.name, creator.state, creator.platform_share_bp) == ("阿青", "active", 1000)
    with units.reading() as session:
        by_person = queries.find_by_person(session, person_id)
        by_handle = queries.find_by_handle(session, creator.handle.upper())
        assert by_person is not None
        assert by_handle is not None
        assert by_person.id == by_handle.id == creator.id
        assert queries.find_by_person(session, units.ids.new()) is None
        for unknown in ("", "nobody", "\x00", "阿青", "\ud83d", "' OR 1=1", "x" * 10_000):
            assert queries.find_by_handle(session, unknown) is None
        with pytest.raises(CreatorNotFound):
            queries.get(session, units.ids.new())


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{}\n", "-{}-"])
def test_a_code_is_read_as_thumbs_type_it(units: UnitsOfWork, spelling: str) -> None:
    code = invited(units)
    typed = spelling.format(f"{code[:4].upper()} {code[4:]}")
    assert become(units, typed)


def test_a_code_cannot_be_mistaken_when_read_aloud(units: UnitsOfWork) -> None:
    code = invited(units)
    assert len(code) == 8
    assert set(code) <= set(CODE_ALPHABET)


def test_an_invitation_is_used_once_and_says_so(units: UnitsOfWork) -> None:
    code = invited(units)
    become(units, code)
    with pytest.raises(InvitationUsed) as refused:
        become(units, code)
    assert refused.value.in_chinese() == "这个邀请码已经用过了，请向邀请你的人要一个新的。"
    assert count_creators(units) == 1


def test_two_who_send_one_code_at_once_make_one_creator(units: UnitsOfWork) -> None:
    code, first, second = invited(units), stranger(units), stranger(units)
    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            service.become_creator(uow, person_id=first, code=code, name="先到")
            waiting = pool.submit(become, units, code, second)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        with pytest.raises(InvitationUsed):
            waiting.result(timeout=60)
    assert count_creators(units) == 1


def test_one_person_who_sends_two_codes_at_once_uses_one_up(units: UnitsOfWork) -> None:
    codes, person_id = (invited(units), invited(units)), stranger(units)
    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            creator = service.become_creator(uow, person_id=person_id, code=codes[0])
            waiting = pool.submit(become, units, codes[1], person_id)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result(timeout=60).id == creator.id
    with units.reading() as session:
        used = Invitation.used_at.is_not(None)
        assert session.scalars(select(Invitation.code).where(used)).all() == [codes[0]]


def test_an_invitation_expires_to_the_second(units: UnitsOfWork, clock: ManualClock) -> None:
    codes = invited(units, days=1), invited(units, days=1)
    clock.advance(DAY - timedelta(microseconds=1))
    become(units, codes[0])
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(InvitationExpired) as refused:
        become(units, codes[1])
    assert "过期" in refused.value.in_chinese()
    assert count_creators(units) == 1


@pytest.mark.parametrize(
    "code", ["", "zzzzzzzz", "邀请码", "' OR 1=1 --", "\x00", "\ud83d", "x" * 100_000]
)
def test_an_unknown_code_says_what_to_do(units: UnitsOfWork, code: str) -> None:
    with pytest.raises(InvitationUnknown) as refused:
        become(units, code)
    assert "核对" in refused.value.in_chinese()
    assert count_creators(units) == 0


def test_a_bad_name_does_not_use_the_invitation_up(units: UnitsOfWork) -> None:
    code, person_id = invited(units), stranger(units)
    for name in ("", "\u200b", "长" * 21, "两\n行"):
        with pytest.raises(TextRefused):
            become(units, code, person_id, name)
    assert become(units, code, person_id)


def test_who_is_a_creator_stays_that_creator_and_keeps_the_invitation(units: UnitsOfWork) -> None:
    person_id = stranger(units)
    creator = become(units, invited(units), person_id)
    spare = invited(units)
    assert become(units, spare, person_id, "别名").id == creator.id
    assert become(units, "zzzzzzzz", person_id).id == creator.id
    assert become(units, spare).id != creator.id


@pytest.mark.parametrize(
    ("nickname", "name"), [("小明👍🏽", "小明👍🏽"), (None, "新创作者"), ("长" * 30, "新创作者")]
)
def test_without_a_name_the_nickname_is_taken(
    units: UnitsOfWork, nickname: str | None, name: str
) -> None:
    creator = become(units, invited(units), stranger(units, nickname), None)
    assert creator.name == name


@pytest.mark.parametrize("text", TEXTS)
def test_names_and_introductions_are_kept_as_typed(units: UnitsOfWork, text: str) -> None:
    creator_id = become(units, invited(units), name=text).id
    with units(UNIT) as uow:
        service.rename(uow, creator_id=creator_id, name=text)
        service.introduce(uow, creator_id=creator_id, introduction=f"{text}\n{text}")
    with units.reading() as session:
        creator = queries.get(session, creator_id)
        assert (creator.name, creator.introduction) == (text, f"{text}\n{text}")


@pytest.mark.parametrize("handle", ["li-lei", "A-Qing-2", " abc "])
def test_a_handle_may_be_changed(units: UnitsOfWork, handle: str) -> None:
    creator_id = become(units, invited(units)).id
    with units(UNIT) as uow:
        changed = service.change_handle(uow, creator_id=creator_id, handle=handle)
        assert changed.handle == handle.strip().lower()


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "ab",
        "1abc",
        "a--b",
        "-abc",
        "abc-",
        "阿青阿青",
        "a_b_c",
        "a b c",
        "a/b/c",
        "admin",
        "H5",
    ],
)
def test_a_handle_of_other_shape_is_refused(units: UnitsOfWork, handle: str) -> None:
    before = become(units, invited(units))
    with pytest.raises(TextRefused) as refused, units(UNIT) as uow:
        service.change_handle(uow, creator_id=before.id, handle=handle)
    assert refused.value.fields[0].field == "handle"
    with units.reading() as session:
        assert queries.get(session, before.id).handle == before.handle


def test_a_taken_handle_is_a_sentence_and_nothing_is_lost(units: UnitsOfWork) -> None:
    first, second = become(units, invited(units)), become(units, invited(units))
    with units(UNIT) as uow:
        service.change_handle(uow, creator_id=first.id, handle="a-qing")
    with units(UNIT) as uow:
        with pytest.raises(HandleTaken) as refused:
            service.change_handle(uow, creator_id=second.id, handle="A-Qing")
        service.rename(uow, creator_id=second.id, name="照样改名")
    assert "a-qing" in refused.value.in_chinese()
    with units.reading() as session:
        assert queries.get(session, second.id).name == "照样改名"
        assert queries.get(session, second.id).handle == second.handle
    with units(UNIT) as uow:
        service.change_handle(uow, creator_id=first.id, handle="a-qing")


def test_creators_of_one_name_get_handles_of_their_own(units: UnitsOfWork) -> None:
    handles = [become(units, invited(units), name="Li Lei").handle for _ in range(3)]
    assert handles[0] == "li-lei"
    assert len(set(handles)) == 3
    assert all(handle.startswith("c") and len(handle) == 7 for handle in handles[1:])
    assert become(units, invited(units), name="Admin").handle != "admin"


def test_a_creator_is_found_after_two_people_became_one(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="a", union_subject="u").person_id
    clock.advance(DAY)
    with units(UNIT) as uow:
        younger = make_person(uow, mini, subject="b").person_id
        creator_id = make_creator(uow, person_id=younger).id
    with units(UNIT) as uow:
        make_person(uow, mini, subject="b", union_subject="u")
    assert become(units, invited(units), older).id == creator_id
    with units.reading() as session:
        for person_id in (older, younger):
            found = queries.find_by_person(session, person_id)
            assert found is not None
            assert found.id == creator_id


@pytest.mark.parametrize("days", [0, -1, 366, 10**20])
def test_an_invitation_lives_a_day_to_a_year(units: UnitsOfWork, days: int) -> None:
    with pytest.raises(TextRefused):
        invited(units, days)


def test_codes_are_in_no_audit_and_every_change_is(units: UnitsOfWork) -> None:
    code = invited(units)
    creator_id = become(units, code).id
    with units(UNIT) as uow:
        service.set_state(uow, creator_id=creator_id, state="paused")
        with pytest.raises(ValueError, match="gone"):
            service.set_state(uow, creator_id=creator_id, state="gone")
        own = service.invite(uow, by_creator_id=creator_id)
    with units.reading() as session:
        rows = session.execute(select(AuditEvent.action, AuditEvent.facts)).all()
        assert [each.code for each in queries.list_invitations(session, creator_id)] == [own]
        assert [each.id for each in queries.list_all(session)] == [creator_id]
    assert {row.action for row in rows} >= {
        "invitation.made",
        "creator.made",
        "creator.state_changed",
    }
    assert code not in str(rows)


def test_a_creator_who_is_not_there_is_not_found(units: UnitsOfWork) -> None:
    nobody = units.ids.new()
    with units(UNIT) as uow:
        for change in (
            lambda: service.rename(uow, creator_id=nobody, name="名"),
            lambda: service.introduce(uow, creator_id=nobody, introduction=""),
            lambda: service.change_handle(uow, creator_id=nobody, handle="abc"),
            lambda: service.set_state(uow, creator_id=nobody, state="active"),
        ):
            with pytest.raises(DomainError) as refused:
                change()
            assert refused.value.code == "creator_not_found"

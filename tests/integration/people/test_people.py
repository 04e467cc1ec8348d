"""Recognising people and keeping their sessions."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.people import queries, service
from creator_tools.people.errors import IdentityNotFound
from creator_tools.people.models import Identity, Person, PersonSession
from tests.factories import make_account, make_person

UNIT = "people.sign_in"
DAY = timedelta(days=1)


def family(units: UnitsOfWork, person_id: UUID) -> set[UUID]:
    with units.reading() as session:
        return set(session.scalars(queries.family_of(person_id)))


def count(units: UnitsOfWork, model: type[Person] | type[Identity]) -> int:
    with units.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_same_subject_is_the_same_person_and_another_account_is_not(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        first = make_person(uow, oa, subject="same")
        again = make_person(uow, oa, subject="same")
        other = make_person(uow, mini, subject="same")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.identity_id == first.identity_id
    assert again.person_id == first.person_id
    assert other.person_id != first.person_id
    with units.reading() as session:
        assert queries.find_person(session, oa, "same") == first.person_id
        assert queries.find_person(session, oa, "unknown") is None
        assert queries.subject_of(session, first.person_id, oa) == "same"
        assert queries.subject_of(session, first.person_id, mini) is None


def test_two_doors_that_meet_the_same_stranger_make_one_person(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        oa = make_account(uow)

    def arrive() -> service.Recognised:
        with units(UNIT) as uow:
            return make_person(uow, oa, subject="stranger")

    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            first = make_person(uow, oa, subject="stranger")
            second = pool.submit(arrive)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        late = second.result(timeout=60)
    assert (late.person_id, late.is_new) == (first.person_id, False)
    assert count(units, Person) == 1


def test_a_union_subject_makes_one_person_of_two_and_the_older_survives(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="a")
    clock.advance(DAY)
    with units(UNIT) as uow:
        younger = make_person(uow, mini, subject="b", union_subject="u")
        token = service.open_session(uow, identity_id=younger.identity_id, surface="mini")
    with units(UNIT) as uow:
        merged = make_person(uow, oa, subject="a", union_subject="u")
    assert merged.person_id == older.person_id
    assert family(units, older.person_id) == {older.person_id, younger.person_id}
    assert family(units, younger.person_id) == {older.person_id, younger.person_id}
    with units.reading() as session:
        assert queries.find_person(session, mini, "b") == older.person_id
        assert queries.subject_of(session, younger.person_id, mini) == "b"
        assert queries.survivor_of(session, younger.person_id) == older.person_id
        signed_in = queries.find_session(session, token, clock.now())
        assert signed_in is not None
        assert signed_in.person_id == older.person_id
        audited = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "people.merged")
        ).one()
        assert audited.object_id == older.person_id
        assert audited.facts == {"merged_person_id": str(younger.person_id)}


def test_someone_whose_union_subject_is_known_arrives_as_that_person(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        first = make_person(uow, make_account(uow, "oa"), union_subject="u")
        second = make_person(uow, make_account(uow, "mini"), union_subject="u")
    assert second.person_id == first.person_id
    assert second.is_new
    assert count(units, Person) == 1


def test_chains_of_merged_people_stay_flat(units: UnitsOfWork, clock: ManualClock) -> None:
    with units(UNIT) as uow:
        account_ids = [make_account(uow) for _ in range(3)]
    found = []
    for account_id in account_ids:
        with units(UNIT) as uow:
            found.append(make_person(uow, account_id, subject="x"))
        clock.advance(DAY)
    first, second, third = found
    # The two younger become one by one platform, then the oldest joins by another.
    for account_id, union_subject in (
        (account_ids[1], "u1"),
        (account_ids[2], "u1"),
        (account_ids[1], "u2"),
        (account_ids[0], "u2"),
    ):
        with units(UNIT) as uow:
            make_person(uow, account_id, subject="x", union_subject=union_subject)
    everyone = {first.person_id, second.person_id, third.person_id}
    for person_id in everyone:
        assert family(units, person_id) == everyone
    with units.reading() as session:
        loser_of = dict(session.execute(select(Person.id, Person.merged_into_id)).all())
    assert loser_of == {
        first.person_id: None,
        second.person_id: first.person_id,
        third.person_id: first.person_id,
    }


def test_two_identities_that_learn_the_union_at_once_become_one_person(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        make_person(uow, oa, subject="a")
        make_person(uow, mini, subject="b")

    def learn() -> service.Recognised:
        return units.run(UNIT, lambda uow: make_person(uow, mini, subject="b", union_subject="u"))

    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            make_person(uow, oa, subject="a", union_subject="u")
            second: Future[service.Recognised] = pool.submit(learn)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        second.result(timeout=60)
    with units.reading() as session:
        assert queries.find_person(session, oa, "a") == queries.find_person(session, mini, "b")


def test_many_who_learn_many_unions_at_once_all_end_as_one(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        account_ids = [make_account(uow) for _ in range(6)]
        for account_id in account_ids:
            make_person(uow, account_id, subject="x")
    ties = [
        (account_id, f"u{number}")
        for number in range(5)
        for account_id in account_ids[number : number + 2]
    ]

    def tie(account_id: UUID, union_subject: str) -> None:
        def learn(uow: UnitOfWork) -> None:
            make_person(uow, account_id, subject="x", union_subject=union_subject)

        units.run(UNIT, learn)

    with ThreadPoolExecutor(max_workers=8) as pool:
        for future in [pool.submit(tie, *each) for each in ties]:
            future.result(timeout=30)
    # An identity keeps only the union it learned last, so the ties are told once more in order.
    for each in ties:
        tie(*each)
    with units.reading() as session:
        people = {queries.find_person(session, account_id, "x") for account_id in account_ids}
        chained = session.scalars(
            select(Person.id).where(
                Person.merged_into_id.in_(
                    select(Person.id).where(Person.merged_into_id.is_not(None))
                )
            )
        ).all()
    assert len(people) == 1
    assert chained == []


def test_following_is_as_the_newest_statement_says_in_whatever_order_they_come(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    now = clock.now()
    with units(UNIT) as uow:
        oa = make_account(uow)
        said = [(True, now), (False, now + 2 * DAY), (True, now + DAY)]
        for follows, at in said:
            service.note_follow(uow, account_id=oa, subject="f", follows=follows, at=at)
    with units.reading() as session:
        identity = session.scalars(select(Identity)).one()
        assert (identity.follows, identity.follow_changed_at) == (False, now + 2 * DAY)
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("identity.%"))
        ).all()
    assert sorted(actions) == ["identity.followed", "identity.unfollowed"]


def test_a_late_message_does_not_turn_the_last_message_back(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units(UNIT) as uow:
        who = make_person(uow)
        service.note_message(uow, identity_id=who.identity_id, at=clock.now())
        service.note_message(uow, identity_id=who.identity_id, at=clock.now() - DAY)
    with units.reading() as session:
        assert session.scalars(select(Identity.last_message_at)).one() == clock.now()


def test_a_nickname_is_cleaned_and_never_refused(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        oa = make_account(uow)
        who = make_person(uow, oa, subject="n", nickname="小\u202e明\x00👍🏽")
        assert queries.nickname_of(uow.session, who.person_id) == "小明 👍🏽"
        for empty in ("", "\u200b", "长" * 33, "\ud83d"):
            make_person(uow, oa, subject="n", nickname=empty)
        assert queries.nickname_of(uow.session, who.person_id) == "小明 👍🏽"


def test_a_session_key_lies_sealed_and_opens_for_its_identity(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units(UNIT) as uow:
        who, other = make_person(uow), make_person(uow)
        service.store_session_key(uow, identity_id=who.identity_id, session_key="c2Vzc2lvbg==")
    with units.reading() as session:
        kept = session.get_one(Identity, who.identity_id)
        assert kept.sealed_session_key is not None
        assert b"c2Vzc2lvbg" not in kept.sealed_session_key
        found = queries.session_key_of(session, units.sealer, who.identity_id)
        assert found == queries.SessionKey("c2Vzc2lvbg==", clock.now())
        assert "c2Vzc2lvbg" not in repr(found)
        assert queries.session_key_of(session, units.sealer, other.identity_id) is None
        facts = session.scalars(select(AuditEvent.facts)).all()
    assert "c2Vzc2lvbg" not in str(facts)
    with units(UNIT) as uow, pytest.raises(IdentityNotFound):
        service.store_session_key(uow, identity_id=uow.ids.new(), session_key="k")


def test_a_token_is_kept_as_a_hash_only(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        token = service.open_session(uow, identity_id=make_person(uow).identity_id, surface="mini")
    with units.reading() as session:
        kept = session.scalars(select(PersonSession.token_hash)).one()
    assert len(token) == 64
    assert len(kept) == 32
    assert token.encode() not in kept
    assert bytes.fromhex(token) != kept


@pytest.mark.parametrize("token", ["", "0" * 64, "短", "\ud83d", "' OR 1=1 --", "x" * 100_000])
def test_an_unknown_token_is_nobody(units: UnitsOfWork, clock: ManualClock, token: str) -> None:
    with units(UNIT) as uow:
        service.open_session(uow, identity_id=make_person(uow).identity_id, surface="oa")
        assert queries.find_session(uow.session, token, clock.now()) is None
        service.revoke_session(uow, token)
        service.touch_session(uow, token)


def test_a_session_dies_after_seven_idle_days(units: UnitsOfWork, clock: ManualClock) -> None:
    with units(UNIT) as uow:
        token = service.open_session(uow, identity_id=make_person(uow).identity_id, surface="oa")
    with units.reading() as session:
        almost = clock.now() + 7 * DAY - timedelta(microseconds=1)
        assert queries.find_session(session, token, almost) is not None
        assert queries.find_session(session, token, clock.now() + 7 * DAY) is None


def test_a_session_in_use_still_dies_after_thirty_days(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    start = clock.now()
    with units(UNIT) as uow:
        token = service.open_session(uow, identity_id=make_person(uow).identity_id, surface="oa")
    for _ in range(29):
        clock.advance(DAY)
        with units(UNIT) as uow:
            signed_in = queries.find_session(uow.session, token, uow.now())
            assert signed_in is not None
            assert signed_in.is_touch_due
            service.touch_session(uow, token)
    with units.reading() as session:
        almost = start + 30 * DAY - timedelta(microseconds=1)
        fresh = queries.find_session(session, token, clock.now())
        assert fresh is not None
        assert not fresh.is_touch_due
        assert queries.find_session(session, token, almost) is not None
        assert queries.find_session(session, token, start + 30 * DAY) is None


def test_a_revoked_session_is_over_and_touching_does_not_wake_it(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units(UNIT) as uow:
        identity_id = make_person(uow).identity_id
        token = service.open_session(uow, identity_id=identity_id, surface="oa")
        other = service.open_session(uow, identity_id=identity_id, surface="oa")
        service.revoke_session(uow, token)
        service.touch_session(uow, token)
    with units.reading() as session:
        assert queries.find_session(session, token, clock.now()) is None
        assert queries.find_session(session, other, clock.now()) is not None


def test_a_session_needs_a_known_identity_and_a_known_surface(units: UnitsOfWork) -> None:
    with units(UNIT) as uow:
        with pytest.raises(IdentityNotFound):
            service.open_session(uow, identity_id=uow.ids.new(), surface="oa")
        identity_id = make_person(uow).identity_id
        with pytest.raises(ValueError, match="surface"):
            service.open_session(uow, identity_id=identity_id, surface="h5")


@pytest.mark.parametrize("trace", ["session", "session_key", "message"])
def test_a_text_is_checked_only_in_the_name_of_someone_who_was_there_within_two_hours(
    units: UnitsOfWork, clock: ManualClock, trace: str
) -> None:
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        who = make_person(uow, mini, subject="here", union_subject="u")
        make_person(uow, oa, subject="there", union_subject="u")
        if trace == "session":
            service.open_session(uow, identity_id=who.identity_id, surface="mini")
        elif trace == "session_key":
            service.store_session_key(uow, identity_id=who.identity_id, session_key="k")
        else:
            service.note_message(uow, identity_id=who.identity_id, at=uow.now())

    def subject(accounts: list[UUID], after: timedelta) -> str | None:
        with units.reading() as session:
            return queries.eligible_for_text_check(
                session, who.person_id, accounts, clock.now() + after
            )

    assert subject([mini], timedelta(hours=2)) == "here"
    assert subject([mini], timedelta(hours=2, seconds=1)) is None
    assert subject([oa], timedelta()) is None
    assert subject([], timedelta()) is None


def test_a_merge_and_a_message_of_the_same_person_do_not_knot(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    """The chat holds an identity and refers to its person; a merge holds people and moves it."""
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="o")
    clock.advance(timedelta(seconds=1))
    with units(UNIT) as uow:
        younger = make_person(uow, mini, subject="m", union_subject="u-1")

    def unite() -> None:
        with units(UNIT) as uow:
            make_person(uow, oa, subject="o", union_subject="u-1")

    with ThreadPoolExecutor(max_workers=1) as pool:
        with units("chat.message") as uow:
            service.note_message(uow, identity_id=younger.identity_id, at=uow.now())
            uniting = pool.submit(unite)
            with pytest.raises(TimeoutError):
                uniting.result(timeout=0.3)
            service.open_session(uow, identity_id=younger.identity_id, surface="mini")
        uniting.result(timeout=60)
    assert family(units, younger.person_id) == {older.person_id, younger.person_id}

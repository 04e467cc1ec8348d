"""A work on its way: draft, revisions, check, publishing, withdrawing."""

import io
from datetime import timedelta
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from creator_tools.columns.errors import ColumnNotFound
from creator_tools.kernel import searching
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.errors import InputRefused
from creator_tools.kernel.models import Effect, SearchEntry
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.operators.models import Operator
from creator_tools.works import queries, service
from creator_tools.works.errors import (
    PictureUnknown,
    PublishTimePassed,
    RevisionRefused,
    TextEmpty,
    WorkNotFound,
    WorkNotInThatState,
)
from creator_tools.works.models import ContentCheck, Work
from tests.factories import START, make_column

BODY = "第一句话。第二句话在这里，它要长一些，才有东西可以锁住。第三句话也在这里。"


def draft(uow: UnitOfWork, title: str = "第一课", markdown: str = BODY) -> Work:
    column = make_column(uow)
    return service.save_draft(
        uow, creator_id=column.creator_id, column_id=column.id, title=title, markdown=markdown
    )


def submitted(uow: UnitOfWork, work: Work, *, by_machine: bool = True) -> ContentCheck:
    return service.submit(
        uow,
        work_id=work.id,
        creator_id=work.creator_id,
        text_check_subject_available=by_machine,
    )


def verdict(uow: UnitOfWork, check: ContentCheck, said: str, operator: UUID | None = None) -> Work:
    return service.record_verdict(
        uow, check_id=check.id, verdict=said, detail={}, operator_id=operator
    )


def make_operator(uow: UnitOfWork) -> UUID:
    operator = Operator(
        id=uow.ids.new(),
        login="keeper",
        password_hash="-",
        totp_key_id="-",
        sealed_totp_secret=b"-",
        totp_last_step=0,
        roles=["moderator"],
        created_at=uow.now(),
    )
    uow.session.add(operator)
    uow.session.flush()
    return operator.id


def published(uow: UnitOfWork) -> Work:
    work = draft(uow)
    verdict(uow, submitted(uow, work), "pass")
    return work


def test_a_work_is_published_when_its_check_passes(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        check = submitted(uow, work)
        assert (work.state, check.verdict) == ("in_review", "pending")
        effect = uow.session.scalars(select(Effect)).one()
        assert (effect.kind, effect.payload) == ("text.check", {"check_id": str(check.id)})
        verdict(uow, check, "pass")
        assert (work.state, work.published_at) == ("published", START)
        assert work.live_revision_id == check.revision_id
        assert queries.list_published_unchecked(uow.session) == []


def test_submitting_twice_asks_once(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        assert submitted(uow, work).id == submitted(uow, work).id
        assert len(uow.session.scalars(select(Effect)).all()) == 1


def test_without_an_eligible_author_a_person_is_asked(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        check = submitted(uow, draft(uow), by_machine=False)
        assert check.verdict == "needs_person"
        assert uow.session.scalars(select(Effect)).all() == []
        assert [item.check_id for item in queries.list_checks_open(uow.session)] == [check.id]


def test_a_work_with_pictures_is_looked_at_by_a_person(units: UnitsOfWork) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "PNG")
    with units("studio.act") as uow:
        work = draft(uow)
        picture, encoded = service.add_picture(
            uow, creator_id=work.creator_id, original=buffer.getvalue()
        )
        again, _ = service.add_picture(uow, creator_id=work.creator_id, original=buffer.getvalue())
        assert again.id == picture.id
        assert picture.size_bytes == len(encoded)
        service.revise(
            uow,
            work_id=work.id,
            creator_id=work.creator_id,
            markdown=f"{BODY}\n\n![](/media/{picture.sha256})",
        )
        assert submitted(uow, work).verdict == "needs_person"


def test_a_picture_of_somebody_else_cannot_be_shown(units: UnitsOfWork) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "PNG")
    with units("studio.act") as uow:
        mine = draft(uow)
        theirs = draft(uow)
        picture, _ = service.add_picture(
            uow, creator_id=theirs.creator_id, original=buffer.getvalue()
        )
        with pytest.raises(PictureUnknown):
            service.revise(
                uow,
                work_id=mine.id,
                creator_id=mine.creator_id,
                markdown=f"![](/media/{picture.sha256})",
            )
        assert queries.newest_revision(uow.session, mine).number == 1


def test_new_bytes_need_a_new_verdict_and_the_old_ones_stay_meanwhile(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = published(uow)
        live = work.live_revision_id
        service.revise(uow, work_id=work.id, creator_id=work.creator_id, title="第一课（修订）")
        assert (work.state, work.live_revision_id, work.title) == ("published", live, "第一课")
        check = submitted(uow, work)
        assert work.live_revision_id == live
        verdict(uow, check, "pass")
        assert work.live_revision_id == check.revision_id
        assert work.title == "第一课（修订）"


def test_a_verdict_on_replaced_bytes_moves_nothing(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        check = submitted(uow, work)
        service.revise(uow, work_id=work.id, creator_id=work.creator_id, markdown="别的。内容。")
        assert work.state == "draft"
        verdict(uow, check, "pass")
        assert (work.state, work.live_revision_id) == ("draft", None)


def test_refused_bytes_stay_refused_and_changed_ones_may_pass(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        verdict(uow, submitted(uow, work), "risky")
        assert work.state == "rejected"
        with pytest.raises(RevisionRefused):
            submitted(uow, work)
        service.revise(uow, work_id=work.id, creator_id=work.creator_id, markdown="改好了。很好。")
        verdict(uow, submitted(uow, work), "pass")
        assert work.state == "published"


def test_a_late_risky_verdict_takes_a_work_down_and_a_person_brings_it_back(
    units: UnitsOfWork,
) -> None:
    with units("operators.act") as uow:
        operator_id = make_operator(uow)
        work = draft(uow)
        check = submitted(uow, work)
        verdict(uow, check, "pass")
        verdict(uow, check, "risky")
        assert work.state == "rejected"
        verdict(uow, check, "pass")
        assert work.state == "rejected"
        verdict(uow, check, "pass", operator_id)
        assert work.state == "published"


def test_a_scheduled_work_comes_out_at_its_hour_and_not_before(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    hour = START + timedelta(hours=3)
    with units("studio.act") as uow:
        work = draft(uow)
        check = service.submit(
            uow,
            work_id=work.id,
            creator_id=work.creator_id,
            text_check_subject_available=True,
            publish_at=hour,
        )
        verdict(uow, check, "pass")
        assert work.state == "scheduled"
    clock.advance(timedelta(hours=3, seconds=-1))
    with units("works.publish_due") as uow:
        assert service.publish_due(uow) == []
    clock.advance(timedelta(seconds=1))
    with units("works.publish_due") as uow:
        assert service.publish_due(uow) == [work.id]
        assert service.publish_due(uow) == []
        assert queries.get(uow.session, work.id).published_at == hour


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_work_cannot_be_scheduled_into_the_past_or_the_far_future(
    units: UnitsOfWork, days: int
) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        with pytest.raises(PublishTimePassed):
            service.submit(
                uow,
                work_id=work.id,
                creator_id=work.creator_id,
                text_check_subject_available=True,
                publish_at=START + timedelta(days=days),
            )
        assert work.state == "draft"


def test_withdrawing_takes_it_from_the_public_and_restoring_brings_it_back(
    units: UnitsOfWork,
) -> None:
    with units("studio.act") as uow:
        work = published(uow)
        assert queries.list_published(uow.session, work.column_id) == [work]
        service.withdraw(uow, work_id=work.id, creator_id=work.creator_id)
        assert (work.state, queries.list_published(uow.session, work.column_id)) == (
            "withdrawn",
            [],
        )
        assert work.live_revision_id is not None
        service.restore(uow, work_id=work.id, creator_id=work.creator_id)
        assert work.state == "published"


def test_a_check_that_passes_late_does_not_bring_a_withdrawn_work_back(
    units: UnitsOfWork,
) -> None:
    with units("studio.act") as uow:
        work = published(uow)
        service.revise(uow, work_id=work.id, creator_id=work.creator_id, markdown="新。的。")
        check = submitted(uow, work)
        service.withdraw(uow, work_id=work.id, creator_id=work.creator_id)
        verdict(uow, check, "pass")
        assert work.state == "withdrawn"


def test_a_discarded_draft_is_not_listed_and_can_be_brought_back(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        check = submitted(uow, work)
        service.discard(uow, work_id=work.id, creator_id=work.creator_id)
        verdict(uow, check, "pass")
        assert queries.list_of_creator(uow.session, work.creator_id) == []
        service.undiscard(uow, work_id=work.id, creator_id=work.creator_id)
        assert queries.latest_draft(uow.session, work.creator_id) == work
        submitted(uow, work)
        assert work.state == "published"


def test_somebody_elses_work_and_column_are_not_found(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        mine, theirs = draft(uow), draft(uow)
        with pytest.raises(WorkNotFound):
            service.withdraw(uow, work_id=theirs.id, creator_id=mine.creator_id)
        with pytest.raises(WorkNotFound):
            service.revise(uow, work_id=theirs.id, creator_id=mine.creator_id, title="x")
        with pytest.raises(ColumnNotFound):
            service.save_draft(
                uow,
                creator_id=mine.creator_id,
                column_id=theirs.column_id,
                title="x",
                markdown="y",
            )


@pytest.mark.parametrize(
    ("title", "markdown"),
    [
        ("", BODY),
        ("x" * 65, BODY),
        ("a\nb", BODY),
        ("好", ""),
        ("好", "字" * 50_001),
        ("\u200b", "a"),
    ],
)
def test_a_bad_draft_is_refused_and_nothing_is_written(
    units: UnitsOfWork, title: str, markdown: str
) -> None:
    with units("studio.act") as uow:
        with pytest.raises(InputRefused):
            draft(uow, title, markdown)
        assert uow.session.scalars(select(Work)).all() == []


def test_a_text_that_shows_nothing_is_refused(units: UnitsOfWork) -> None:
    with units("studio.act") as uow, pytest.raises(TextEmpty):
        draft(uow, "好", "<!--more-->")


def test_a_draft_that_was_never_live_cannot_be_restored(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = draft(uow)
        with pytest.raises(WorkNotInThatState):
            service.restore(uow, work_id=work.id, creator_id=work.creator_id)


def test_a_revision_never_changes(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        draft(uow)
        uow.session.flush()
        with pytest.raises(DBAPIError), uow.session.begin_nested():
            uow.session.execute(text("UPDATE revisions SET title = 'x'"))


def found(uow: UnitOfWork, words: str) -> list[Work]:
    return [one.work for one in queries.search(uow.session, searching.read_query(words))]


def test_search_finds_titles_and_the_free_part_and_nothing_that_is_sold(
    units: UnitsOfWork,
) -> None:
    with units("studio.act") as uow:
        work = published(uow)
        assert found(uow, "第一") == [work]
        assert found(uow, "锁住") == []
        assert found(uow, "%") == []
        kept = uow.session.scalars(select(SearchEntry.text)).all()
        assert not any("锁住" in text for text in kept)
        service.mark_free(uow, work_id=work.id, creator_id=work.creator_id, is_free=True)
        assert found(uow, "锁住") == [work]
        service.mark_free(uow, work_id=work.id, creator_id=work.creator_id, is_free=False)
        assert found(uow, "锁住") == []
        service.withdraw(uow, work_id=work.id, creator_id=work.creator_id)
        assert found(uow, "第一") == []


def test_what_an_upgrade_left_out_of_the_search_is_put_in(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work = published(uow)
        uow.session.execute(delete(SearchEntry))
        assert found(uow, "第一") == []
        assert service.note_missing(uow, limit=10) == 1
        assert service.note_missing(uow, limit=10) == 0
        assert found(uow, "第一") == [work]


def test_a_page_of_hits_ends_where_the_next_begins(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        all_of_them = [published(uow) for _ in range(3)]
        query = searching.read_query("第一")
        first = queries.search(uow.session, query, limit=2)
        rest = queries.search(uow.session, query, after=first[-1].work.id, limit=2)
        assert len(first) == 2
        assert {one.work.id for one in first + rest} == {work.id for work in all_of_them}

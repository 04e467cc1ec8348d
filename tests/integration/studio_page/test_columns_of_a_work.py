"""In which columns a work stands, by page: the chat's deeds, and nothing that was sold is taken."""

from uuid import UUID

from creator_tools.access import queries as access
from creator_tools.access import service as access_service
from creator_tools.works import queries
from tests.factories import make_person
from tests.integration.studio_page.conftest import Author, forms_of


def standing(author: Author, page: str) -> list[UUID]:
    key = UUID(page.rpartition("/")[2])
    found: list[UUID] = author.read(lambda session: queries.list_standing(session, key))
    return found


def test_a_work_is_put_into_a_column_and_taken_out_by_both_doors(author: Author) -> None:
    home, other = author.column("城市摄影"), author.column("夜读")
    page = author.draft(home)
    shown = author.get(page).text
    assert "城市摄影" in shown.partition('id="columns"')[2]
    put = author.done(page, f"{page}/columns", what="put_in", column=str(other.id))
    assert "也放进了那个专栏" in put.text
    assert standing(author, page) == [other.id]
    # What the page did the chat takes back, and the other way round.
    assert "已移出" in author.say("撤销")
    assert standing(author, page) == []
    author.done(page, f"{page}/columns", what="put_in", column=str(other.id))
    hidden = [
        fields for action, fields in _forms(author, page) if fields.get("column") == str(other.id)
    ]
    out = author.client.post(f"{page}/columns", data={**hidden[0], "what": "take_out"})
    assert out.status_code == 303
    assert standing(author, page) == []
    assert "之前买过它的人照常能读" in author.get(out.location).text
    author.undo("/studio/")
    assert standing(author, page) == [other.id]
    # The list of a column shows what stands there, wherever its home is.
    assert page in author.get(f"/studio/works?column={other.id}").text
    assert page in author.get(f"/studio/works?column={home.id}").text


def test_taking_out_takes_no_access_that_was_sold_and_the_page_says_so(author: Author) -> None:
    home, other = author.column(), author.column("夜读")
    page = author.draft(home)
    author.done(page, f"{page}/price", kind="free")
    author.done(page, f"{page}/price", price="9.9")
    author.done(page, f"{page}/columns", what="put_in", column=str(other.id))
    units, work_id = author.house.wiring.units, UUID(page.rpartition("/")[2])
    with units("payments.record") as uow:
        buyer = make_person(uow).person_id
        access_service.grant(
            uow,
            person_id=buyer,
            creator_id=author.creator_id,
            object_type="column",
            object_id=other.id,
            source_kind="gift",
            source_id=uow.ids.new(),
            starts_at=uow.now(),
            ends_at=None,
        )
    with units("works.review") as uow:
        work = queries.lock(uow.session, work_id)
        work.live_revision_id, work.state = work.draft_revision_id, "published"
        work.published_at = uow.now()
    assert "移出后，之前买过那个专栏的人照常能读" in author.get(page).text
    author.done(page, f"{page}/columns", what="take_out", column=str(other.id))
    assert standing(author, page) == []
    opened = author.read(
        lambda session: access.open_work(
            session, work_id=work_id, person_id=buyer, now=units.clock.now()
        )
    )
    assert opened is not None
    assert opened.unlocked


def test_bad_columns_are_told_and_change_nothing(author: Author, rival: Author) -> None:
    home, foreign = author.column(), rival.column("别人的")
    author.column("夜读")
    page = author.draft(home)
    hidden = forms_of(author.get(page).text)[f"{page}/columns"]
    for typed, status in (
        ({"what": "put_in", "column": ""}, 422),
        ({"what": "put_in", "column": "nonsense"}, 422),
        ({"what": "put_in", "column": str(foreign.id)}, 404),
        ({"what": "take_out", "column": str(home.id)}, 409),
        ({"what": "take_out", "column": str(foreign.id)}, 409),
        ({"what": "steal", "column": str(home.id)}, 422),
    ):
        answer = author.client.post(f"{page}/columns", data={**hidden, **typed})
        assert answer.status_code == status, (typed, answer.status_code)
        assert standing(author, page) == []
    hidden = forms_of(rival.get("/studio/works/new").text)["/studio/works"]
    stolen = rival.client.post(
        f"{page}/columns", data={**hidden, "what": "put_in", "column": str(foreign.id)}
    )
    assert stolen.status_code == 404


def _forms(author: Author, page: str) -> list[tuple[str, dict[str, str]]]:
    shown = author.get(page).text
    parts = shown.split("<form")[1:]
    return [one for part in parts for one in forms_of(f"<form{part}").items()]

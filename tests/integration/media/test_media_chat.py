"""A creator speaks into the chat: fetched from the platform, kept, put into the draft, told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.wiring.effects import EffectRunner
from creator_tools.kernel.models import Effect
from creator_tools.works import queries as works
from tests.integration.http.conftest import House, asked
from tests.integration.media.conftest import Page


def told(session: Session) -> list[str]:
    rows = session.scalars(select(Effect).where(Effect.kind == "customer_message.text"))
    return [str(row.payload["words"]) for row in rows]


def test_a_voice_of_the_chat_is_in_the_draft_once(house: House, page: Page) -> None:
    person_id = house.person_behind(page.client)
    before = set(house.wechat.world.things.media)
    fan = house.fan()
    asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/follow", {})
    asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/send", {"type": "voice"})
    media_id = (set(house.wechat.world.things.media) - before).pop()
    account_id = house.wiring.accounts.first("oa").id
    with house.wiring.units("chat.message") as uow:
        uow.promise(
            "voice.fetch",
            "voice:1",
            object_type="person",
            object_id=person_id,
            payload={"account_id": str(account_id), "media_id": media_id},
        )
    runner: EffectRunner = house.wiring.effects
    assert runner.run_due(kinds=("voice.fetch",)) == 1
    with house.wiring.units("chat.message") as uow:
        effect = uow.session.scalars(select(Effect).where(Effect.kind == "voice.fetch")).one()
        assert (effect.state, effect.error_code) == ("done", None)
        # The answer of the platform was lost after all: the promise is kept a second time.
        effect.state, effect.next_at, effect.done_at = "due", uow.now(), None
    assert runner.run_due(kinds=("voice.fetch",)) == 1
    with house.wiring.reading() as session:
        draft = works.latest_draft(session, page.creator_id)
        assert draft is not None
        carried = works.list_attached(session, works.newest_revision(session, draft))
        assert [(one.title, one.media.mime) for one in carried] == [("语音", "audio/amr")]
        assert len([one for one in told(session) if "语音已存成草稿" in one]) == 1

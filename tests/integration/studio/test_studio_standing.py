"""By chat: a work in several columns, and a spoken message in a draft."""

from uuid import UUID

from sqlalchemy import select

from creator_tools.creators import queries as creators
from creator_tools.media import service as media_service
from creator_tools.media.rules import kinds
from creator_tools.studio import service
from creator_tools.works import queries as works
from creator_tools.works.models import ColumnWork
from tests.integration.studio.conftest import Chat

TEXT = "清晨六点的街道，没有人，只有光。这是第二句，要长一些才像一篇文章。"


def standing(chat: Chat) -> list[bool]:
    """Of each time that the work stood somewhere else: whether it still does."""
    with chat.units.reading() as session:
        rows = session.scalars(select(ColumnWork).order_by(ColumnWork.added_at, ColumnWork.id))
        return [row.removed_at is None for row in rows]


def with_two_columns(author: Chat) -> None:
    author.say("新建专栏 街头故事 兴趣 写作 每周1篇 共12篇")
    author.say("换专栏 1")
    assert "已存草稿" in author.say(f"清晨的街道\n{TEXT}")


def test_a_work_is_put_in_another_column_and_taken_out_with_undo(author: Chat) -> None:
    with_two_columns(author)
    assert "也放进了《街头故事》" in author.say("放进 2")
    assert standing(author) == [True]
    assert "已经在《街头故事》里了" in author.say("放进 2")
    assert "已移出《街头故事》" in author.say("撤销")
    assert standing(author) == [False]
    author.say("放进 2")
    assert "之前买过这个专栏的人照常能读" in author.say("移出 2")
    assert standing(author) == [False, False]
    assert "已放回《街头故事》" in author.say("撤销")
    assert standing(author) == [False, False, True]


def test_what_cannot_be_done_is_said_and_leaves_nothing(author: Chat) -> None:
    with_two_columns(author)
    assert "就写在这个专栏里" in author.say("移出 1")
    assert "不在这个专栏里" in author.say("移出 2")
    asked = author.say("放进 9")
    assert "放进 2" in asked
    assert "街头故事" in asked
    assert standing(author) == []


def spoken(author: Chat, *, is_playable: bool = True) -> str:
    with author.units("media.upload") as uow:
        creator = creators.find_by_person(uow.session, author.person_id)
        assert creator is not None
        noted = media_service.note_object(
            uow, creator_id=creator.id, sha256="a" * 64, found=kinds.AMR, size_bytes=38
        )
        media_service.note_stored(uow, media_id=noted.id)
    with author.units("chat.message") as uow:
        return service.sound(
            uow,
            person_id=author.person_id,
            media_id=noted.id,
            is_playable=is_playable,
            desk=author.desk,
        ).text


def test_a_spoken_message_joins_the_draft_at_hand_and_can_be_taken_back(author: Chat) -> None:
    with_two_columns(author)
    assert "语音已加到《清晨的街道》" in spoken(author)
    with author.units.reading() as session:
        draft = works.latest_draft(session, creator_id(author))
        assert draft is not None
        carried = works.list_attached(session, works.newest_revision(session, draft))
        assert [(one.title, one.media.kind) for one in carried] == [("语音", "audio")]
    assert "已移除" in author.say("撤销")
    with author.units.reading() as session:
        assert works.list_attached(session, works.newest_revision(session, draft)) == []


def test_a_spoken_message_alone_begins_a_draft(author: Chat) -> None:
    said = spoken(author, is_playable=False)
    assert "语音已存成草稿《语音作品》" in said
    assert "下载后才能听" in said
    assert "晨间笔记" in author.say("修改标题 晨间笔记")
    assert "已提交" in author.say("发布 9.9")


def test_spoken_commands_are_told_from_things_to_publish() -> None:
    assert service.is_command("今日收入。")
    assert service.is_command("发布 9.9")
    assert not service.is_command("")
    assert not service.is_command("今天早上我走过那条街的时候看到了一只猫。")


def creator_id(chat: Chat) -> UUID:
    with chat.units.reading() as session:
        found = creators.find_by_person(session, chat.person_id)
        assert found is not None
        return found.id

"""Fan groups by page and by chat: the same deeds, the same undo."""

import io
from uuid import UUID

import segno

from creator_tools.columns.models import Column
from creator_tools.fan_groups import queries
from tests.integration.studio_page.conftest import Author, forms_of

LINK = "https://work.weixin.qq.com/gm/0123456789abcdef0123456789abcdef"
CODE = "https://weixin.qq.com/g/AwYAAAtheGroupOfTheMorning"


def code_picture(said: str) -> io.BytesIO:
    kept = io.BytesIO()
    segno.make(said, error="m").save(kept, kind="png", scale=6, border=4)
    kept.seek(0)
    return kept


def opened(author: Author, column: Column | None = None) -> str:
    column = column or author.column()
    answer = author.send("/studio/groups", "/studio/groups", name="晨拍群", column=str(column.id))
    assert answer.status_code == 303, answer.text
    return str(answer.location).partition("?")[0]


def ways(author: Author, page: str) -> list[tuple[str, str]]:
    key = UUID(page.rpartition("/")[2])
    found = author.read(lambda session: queries.list_open_ways(session, key))
    return [(way.kind, way.url) for way in found]


def group(author: Author, page: str) -> object:
    key = UUID(page.rpartition("/")[2])
    return author.read(lambda session: queries.get(session, key))


def test_a_group_by_page_is_taken_back_by_chat_and_the_other_way_round(author: Author) -> None:
    page = opened(author)
    author.say("撤销")
    assert group(author, page).state == "closed"  # type: ignore[attr-defined]
    author.undo("/studio/")
    assert group(author, page).state == "open"  # type: ignore[attr-defined]
    author.done(page, page, what="name", name="夜拍群")
    assert "晨拍群" in author.say("撤销")
    author.done(page, page, what="gate", gate="follower")
    assert group(author, page).gate == "follower"  # type: ignore[attr-defined]
    author.say("撤销")
    assert group(author, page).gate == "buyer"  # type: ignore[attr-defined]
    author.say("进群门槛 1 所有人")
    author.undo("/studio/")
    assert group(author, page).gate == "buyer"  # type: ignore[attr-defined]


def test_links_and_codes_by_both_doors(author: Author) -> None:
    page = opened(author)
    author.done(page, f"{page}/link", url=LINK, capacity_count="200", days="7")
    assert ways(author, page) == [("link", LINK)]
    author.say(f"进群链接 1 {LINK}2")
    assert ways(author, page) == [("link", f"{LINK}2")]
    author.undo("/studio/")
    assert ways(author, page) == [("link", LINK)]
    hidden = forms_of(author.get(page).text)[f"{page}/pictures"]
    sent = author.client.post(
        f"{page}/pictures", data={**hidden, "picture": (code_picture(CODE), "code.png")}
    )
    assert sent.status_code == 303, sent.text
    assert ("qr", CODE) in ways(author, page)
    assert "恢复成原来的样子" in author.say("撤销")
    assert ways(author, page) == [("link", LINK)]
    for said, told in (("https://u.wechat.com/abc", "个人名片"), ("hello", "不是微信群的")):
        hidden = forms_of(author.get(page).text)[f"{page}/pictures"]
        picture = {"picture": (code_picture(said), "code.png")}
        answer = author.client.post(f"{page}/pictures", data={**hidden, **picture})
        assert answer.status_code == 422, said
        assert told in answer.text


def test_bad_links_are_shown_again_and_nothing_is_given(author: Author) -> None:
    page = opened(author)
    for typed in (
        {"url": "http://a.example/x", "capacity_count": "200"},
        {"url": "https://a.example/x", "capacity_count": "200"},
        {"url": CODE, "capacity_count": "200"},
        {"url": LINK, "capacity_count": "many"},
        {"url": LINK, "capacity_count": "0"},
        {"url": LINK, "capacity_count": "200", "days": "9999"},
    ):
        answer = author.send(page, f"{page}/link", **typed)
        assert answer.status_code == 422, typed
        assert f'value="{typed["url"]}"' in answer.text
        assert ways(author, page) == []


def test_nobody_elses_group_is_found(author: Author, rival: Author) -> None:
    page, own = opened(author), opened(rival)
    assert rival.get(page).status_code == 404
    forms = forms_of(rival.get(own).text)
    for end, typed in (
        ("", {"what": "name", "name": "抢"}),
        ("/link", {"url": LINK, "capacity_count": "9"}),
        ("/pictures", {"picture": (code_picture(CODE), "code.png")}),
    ):
        answer = rival.client.post(page + end, data={**forms[own + end], **typed})
        assert answer.status_code == 404, end
    assert ways(author, page) == []

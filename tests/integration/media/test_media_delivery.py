"""Delivery: whole, in ranges, to whoever may open the work, and counted."""

import re
from uuid import UUID

from creator_tools.media import queries as media
from creator_tools.works import queries as works
from creator_tools.works import service as works_service
from tests.integration.media.conftest import Offered, give


def test_who_bought_gets_every_byte_with_honest_headers(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.pdf_id)
    answer = offered.buyer.get(link)
    assert (answer.status_code, answer.data) == (200, offered.pdf)
    headers = answer.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Length"] == str(len(offered.pdf))
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"] == (
        'attachment; filename="file.pdf"; '
        "filename*=UTF-8''%E6%9C%BA%E5%AF%86%E8%AE%B2%E4%B9%89.pdf"
    )
    sound = offered.buyer.get(offered.link(offered.buyer, offered.sound_id))
    assert (sound.data, sound.headers["Content-Disposition"]) == (offered.sound, "inline")


def test_ranges_are_those_of_the_book(offered: Offered) -> None:
    link, size = offered.link(offered.buyer, offered.sound_id), len(offered.sound)
    for asked, start, end in (
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, size - 1),
        ("bytes=100-199", 100, 199),
        (f"bytes={size - 1}-", size - 1, size - 1),
        ("bytes=-10", size - 10, size - 1),
        (f"bytes=-{size * 2}", 0, size - 1),
        (f"bytes=5-{size * 9}", 5, size - 1),
        ("BYTES = 1-2", 1, 2),
    ):
        answer = offered.buyer.get(link, headers={"Range": asked})
        assert answer.status_code == 206, asked
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
        assert answer.data == offered.sound[start : end + 1]
        assert answer.headers["Content-Length"] == str(end - start + 1)
    for ignored in (
        "bytes",
        "bytes=",
        "bytes=a-b",
        "bytes=9-3",
        "items=0-5",
        "bytes=-",
        "bytes=1-2;",
    ):
        answer = offered.buyer.get(link, headers={"Range": ignored})
        assert (answer.status_code, answer.data) == (200, offered.sound), ignored
    for beyond in (f"bytes={size}-", "bytes=-0", "bytes=0-4,2-9", "bytes=" + "0-0," * 50 + "1-1"):
        answer = offered.buyer.get(link, headers={"Range": beyond})
        assert (answer.status_code, answer.data) == (416, b""), beyond
        assert answer.headers["Content-Range"] == f"bytes */{size}"


def test_several_ranges_come_in_parts(offered: Offered) -> None:
    link, size = offered.link(offered.buyer, offered.sound_id), len(offered.sound)
    answer = offered.buyer.get(link, headers={"Range": "bytes=0-9, 100-109, -5"})
    assert answer.status_code == 206
    boundary = re.fullmatch(
        r"multipart/byteranges; boundary=([0-9a-f]{32})", answer.headers["Content-Type"]
    )
    assert boundary is not None
    assert answer.headers["Content-Length"] == str(len(answer.data))
    parts = answer.data.split(f"\r\n--{boundary[1]}".encode())
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    for part, (start, end) in zip(
        parts[1:-1], [(0, 9), (100, 109), (size - 5, size - 1)], strict=True
    ):
        head, _, body = part.partition(b"\r\n\r\n")
        assert f"Content-Range: bytes {start}-{end}/{size}".encode() in head
        assert body == offered.sound[start : end + 1]


def test_head_tells_the_same_and_carries_nothing(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.sound_id)
    answer = offered.buyer.head(link, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(offered.sound))


def test_if_range_gives_ranges_of_the_same_bytes_alone(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.sound_id)
    etag = offered.buyer.head(link).headers["ETag"]
    for condition, status in (
        (etag, 206),
        ('"another"', 200),
        (f"W/{etag}", 200),
        ("Sat, 28 Nov 2026 00:00:00 GMT", 200),
    ):
        headers = {"Range": "bytes=0-3", "If-Range": condition}
        assert offered.buyer.get(link, headers=headers).status_code == status, condition


def test_openings_are_counted_and_jumps_are_not(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.sound_id)
    offered.buyer.get(link)
    offered.buyer.get(link, headers={"Range": "bytes=0-"})
    offered.buyer.get(link, headers={"Range": "bytes=100-"})
    offered.buyer.head(link)
    with offered.house.wiring.reading() as session:
        found = works.find_attachment(session, UUID(offered.sound_id))
        assert found is not None
        assert media.count_openings(session, found.media_id) == 2


def test_the_api_tells_of_files_what_each_may_know(offered: Offered) -> None:
    path = f"/api/v1/works/{offered.scene.work_id}"
    locked = offered.house.client().get(path).json["attachments"]
    assert [(one["kind"], one["title"], one["bytes"], one["url"]) for one in locked] == [
        ("file", None, None, None),
        ("audio", None, None, None),
    ]
    fan = offered.house.fan()
    bearer = offered.house.bearer(fan)
    assert offered.house.client().get(path, headers=bearer).json["attachments"] == locked


def test_a_creator_may_show_title_and_size_before_the_sale(offered: Offered) -> None:
    with offered.house.wiring.units("studio.act") as uow:
        works_service.describe(
            uow,
            work_id=offered.scene.work_id,
            creator_id=offered.scene.creator_id,
            attachment_id=UUID(offered.pdf_id),
            is_teased=True,
        )
    offered.page.publish_now(offered.scene.work_id)
    path = f"/api/v1/works/{offered.scene.work_id}"
    shown = offered.house.client().get(path).json["attachments"]
    assert (shown[0]["title"], shown[0]["bytes"], shown[0]["url"]) == (
        "机密讲义",
        len(offered.pdf),
        None,
    )
    assert shown[1]["title"] is None


def test_a_link_in_the_api_opens_with_the_same_bearer(offered: Offered) -> None:
    fan = offered.house.fan()
    client = offered.house.signed_in(fan)
    give(offered.house, offered.scene, client, source=2)
    bearer = offered.house.bearer(fan)
    path = f"/api/v1/works/{offered.scene.work_id}"
    shown = offered.house.client().get(path, headers=bearer).json["attachments"]
    answer = offered.house.client().get(shown[0]["url"], headers=bearer)
    assert (answer.status_code, answer.data) == (200, offered.pdf)


def test_what_a_draft_carries_is_its_creators_alone(offered: Offered) -> None:
    draft = b"%PDF-1.4 draft\n%%EOF"
    other = offered.page.upload("x.pdf", draft, work_id=str(offered.scene.work_id))
    lasting = f"/h5/attachments/{other.json['attachment_id']}"
    assert offered.buyer.get(lasting).status_code == 404
    link = offered.link(offered.page.client, other.json["attachment_id"])
    assert offered.page.client.get(link).data == draft

"""Attacks on the delivery of media: no byte of a paid file for whoever may not have it.

Each attack is tried by every foreigner: somebody without a session, somebody who bought nothing,
another creator, and somebody whose right has ended. The bytes, and the name, are looked for in
everything that comes back.
"""

import base64
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.http import media_links
from creator_tools.access import service as access
from creator_tools.works import queries as works
from creator_tools.works import service as works_service
from tests.factories import make_creator
from tests.integration.http.conftest import SECRET_KEY, House, Scene, house, scene, wechat
from tests.integration.media.conftest import (
    PAID,
    Offered,
    Page,
    give,
    offered,
    page,
    page_of,
)

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]
__all__ = ["House", "Page", "Scene", "house", "offered", "page", "scene", "wechat"]

NAME = "机密讲义"
NEEDLES = (
    PAID[:24],
    PAID[200:224],
    base64.b64encode(PAID)[4:40],
    NAME.encode(),
    quote(NAME).encode(),
    b"\\u673a\\u5bc6",
)


@dataclass
class Attack:
    """One request of somebody who may not have the bytes."""

    what: str
    path: str
    method: str = "GET"
    headers: dict[str, str] | None = None


def foreigners(offered: Offered) -> dict[str, FlaskClient]:
    """Everybody who must get nothing."""
    house, scene = offered.house, offered.scene
    ended = house.signed_in(house.fan())
    give(house, scene, ended, source=77)
    assert ended.get(offered.link(ended, offered.pdf_id)).data == offered.pdf
    with house.wiring.units("operators.act") as uow:
        access.end_source(uow, source_kind="gift", source_id=UUID(int=77), reason="refunded")
    with house.wiring.units("studio.act") as uow:
        rival_id = make_creator(uow).id
    return {
        "nobody": house.client(),
        "a fan": house.signed_in(house.fan()),
        "a rival": page_of(house, rival_id).client,
        "who was refunded": ended,
    }


def attacks(offered: Offered, client: FlaskClient) -> Iterator[Attack]:
    """What can be done with a true link, the ids, and the secret of nobody."""
    link = offered.link(offered.buyer, offered.pdf_id)
    yield from by_asking(offered, client, link)
    yield from by_forging(offered, client, link)
    yield from by_paths(offered, link)
    yield from by_other_doors(offered, link)


def by_asking(offered: Offered, client: FlaskClient, link: str) -> Iterator[Attack]:
    own = f"/media/files/{own_token(offered, client)}"
    lasting = f"/h5/attachments/{offered.pdf_id}"
    yield Attack("a copied link", link)
    yield Attack("a copied link, HEAD", link, "HEAD")
    yield Attack("the lasting address", lasting)
    yield Attack("the lasting address, HEAD", lasting, "HEAD")
    yield Attack("the lasting address, guest", lasting + "?guest=1")
    yield Attack("the lasting address in upper case", lasting.upper())
    yield Attack("the id in upper case", f"/h5/attachments/{offered.pdf_id.upper()}")
    yield Attack("the id without dashes", f"/h5/attachments/{offered.pdf_id.replace('-', '')}")
    yield Attack("the poster of a file", lasting + "/poster")
    yield Attack("a link that names the asker, signed well, without a right", own)
    yield Attack("the same, HEAD", own, "HEAD")
    for header in ("bytes=0-0", "bytes=-5", "bytes=5-9,20-29", "bytes=0-", "bytes=999999-"):
        yield Attack(f"a copied link with {header}", link, headers={"Range": header})
        yield Attack(f"an own link with {header}", own, headers={"Range": header})
    yield Attack("with If-Range", own, headers={"Range": "bytes=0-9", "If-Range": '"x"'})
    yield Attack("with If-None-Match", link, headers={"If-None-Match": "*"})


def by_forging(offered: Offered, client: FlaskClient, link: str) -> Iterator[Attack]:
    raw = base64.urlsafe_b64decode(link.rpartition("/")[2] + "=")
    for at in (0, 1, 2, 17, 18, 33, 34, 41, 42, len(raw) - 1):
        flipped = bytearray(raw)
        flipped[at] ^= 1
        yield Attack(f"byte {at} flipped", f"/media/files/{encoded(bytes(flipped))}")
    mine = person_bytes(offered, client)
    yield Attack("the person swapped", f"/media/files/{encoded(raw[:18] + mine + raw[34:])}")
    yield Attack("the file swapped", f"/media/files/{encoded(swapped(offered, raw))}")
    yield Attack("without its signature", f"/media/files/{encoded(raw[:42])}")
    yield Attack("with half a signature", f"/media/files/{encoded(raw[:58])}")
    yield Attack("signature first", f"/media/files/{encoded(raw[42:] + raw[:42])}")
    forged = media_links.sign(
        "another secret key of 32 letters", UUID(offered.pdf_id), None, "whole",
        offered.house.wiring.units.clock.now(),
    )  # fmt: skip
    yield Attack("signed with another key", f"/media/files/{forged}")
    yield Attack("padding added", link + "=")
    yield Attack("the last letter's spare bits", link[:-1] + spare(link[-1]))
    yield Attack("the plain alphabet", link.replace("-", "+").replace("_", "%2F"))
    yield Attack("a letter in another case", link[:-5] + link[-5:].swapcase())


def by_paths(offered: Offered, link: str) -> Iterator[Attack]:
    token = link.rpartition("/")[2]
    for tail in ("/", "/.", "/../x", "%00", "%0a", ";a=b", ".pdf", "%2e%2e%2f", " ", "?expires=9"):
        yield Attack(f"a tail {tail!r}", link + tail)
    yield Attack("double encoding", "/media/files/" + "".join(f"%25{ord(c):02x}" for c in token))
    yield Attack("encoded", "/media/files/" + "".join(f"%{ord(c):02x}" for c in token))
    yield Attack("a climb", "/media/files/../" + token)
    yield Attack("an encoded climb", "/media/files/..%2f..%2fmedia%2f" + offered.pdf_id)
    yield Attack("a doubled slash", "/media//files/" + token)
    yield Attack("another case of the path", "/Media/Files/" + token)
    yield Attack("the id as token", f"/media/files/{offered.pdf_id}")
    yield Attack("the object's place", f"/media/{media_id(offered)}")
    yield Attack("the object's place in the store", store_place(offered))
    yield Attack("the store under static", "/static/../" + store_place(offered).lstrip("/"))
    yield Attack("the hash as a picture", f"/media/{sha256(offered)}")


def by_other_doors(offered: Offered, link: str) -> Iterator[Attack]:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        yield Attack(f"{method} of a link", link, method)
    for name in ("X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri"):
        yield Attack(f"{name}", "/h5/", headers={name: link if "Method" not in name else "GET"})
    yield Attack("another's cookie in a header", link, headers={"X-Cookie": "juanliu=1"})
    yield Attack("an empty bearer", link, headers={"Authorization": "Bearer "})
    yield Attack("a bearer of letters", link, headers={"Authorization": "Bearer " + "a" * 64})
    yield Attack("an upload's id", f"/studio/media/{media_id(offered)}")
    yield Attack("the work", f"/api/v1/works/{offered.scene.work_id}")
    yield Attack("the work's page", f"/h5/works/{offered.scene.work_id}?attachments=1&fields=*")
    yield Attack("the column", f"/api/v1/columns/{offered.scene.column_id}?include=attachments")


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def spare(letter: str) -> str:
    """Another letter that decodes to the same bits at the end of a token."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(letter) ^ 1]


def own_token(offered: Offered, client: FlaskClient) -> str:
    """What the house itself would sign for this person, had they a right."""
    house = offered.house
    person_id = house.person_behind(client) if client.get_cookie("juanliu") else None
    now = house.wiring.units.clock.now()
    return media_links.sign(SECRET_KEY, UUID(offered.pdf_id), person_id, "whole", now)


def person_bytes(offered: Offered, client: FlaskClient) -> bytes:
    if client.get_cookie("juanliu") is None:
        return bytes(16)
    return offered.house.person_behind(client).bytes


def swapped(offered: Offered, raw: bytes) -> bytes:
    return raw[:2] + UUID(offered.sound_id).bytes + raw[18:]


def row(offered: Offered) -> Any:
    with offered.house.wiring.reading() as session:
        found = works.find_attached(session, UUID(offered.pdf_id), None)
        assert found is not None
        return found.media


def media_id(offered: Offered) -> str:
    return str(row(offered).id)


def sha256(offered: Offered) -> str:
    return str(row(offered).sha256)


def store_place(offered: Offered) -> str:
    found = row(offered).id
    return f"/media/{found.hex[-2:]}/{found}/whole"


def leaks(answer: Any) -> list[bytes]:
    hay = answer.data + b"\n" + str(dict(answer.headers)).encode()
    return [one for one in NEEDLES if one in hay]


def test_no_attack_gets_a_paid_byte_or_its_name(
    offered: Offered, report_count: Callable[[str, int], None]
) -> None:
    tried, kinds, found = 0, set(), []
    for who, client in foreigners(offered).items():
        for attack in attacks(offered, client):
            answer = client.open(attack.path, method=attack.method, headers=attack.headers)
            tried += 1
            kinds.add(attack.what)
            if answer.status_code >= 500:
                found.append(f"{who}, {attack.what}: {answer.status_code}")
            found += [f"{who}, {attack.what}: {one!r}" for one in leaks(answer)]
            answer.close()
    assert found == []
    # The search is not blind: the buyer's answer holds the bytes and the name.
    bought = offered.buyer.get(offered.link(offered.buyer, offered.pdf_id))
    assert PAID in bought.data
    assert set(leaks(bought)) >= {PAID[:24], quote(NAME).encode()}
    assert len(kinds) >= 60
    report_count("kinds of attack on media", len(kinds))
    report_count("attacks on media refused, 0 paid bytes", tried)


def test_a_right_that_ends_stops_a_live_link_at_once(offered: Offered) -> None:
    reader = offered.house.signed_in(offered.house.fan())
    give(offered.house, offered.scene, reader, source=5)
    link = offered.link(reader, offered.pdf_id)
    assert reader.get(link).status_code == 200
    with offered.house.wiring.units("operators.act") as uow:
        access.end_source(uow, source_kind="gift", source_id=UUID(int=5), reason="refunded")
    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = reader.get(link, headers=headers)
        assert answer.status_code == 404
        assert leaks(answer) == []


def test_a_link_lives_ten_minutes_and_the_lasting_address_gives_another(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.pdf_id)
    offered.house.advance(9 * 60 + 50)
    assert offered.buyer.get(link).status_code == 200
    offered.house.advance(11)
    assert offered.buyer.get(link).status_code == 404
    assert offered.buyer.get(offered.link(offered.buyer, offered.pdf_id)).status_code == 200


def test_a_file_that_was_taken_out_is_gone_for_readers(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.pdf_id)
    with offered.house.wiring.units("studio.act") as uow:
        works_service.detach(
            uow,
            work_id=offered.scene.work_id,
            creator_id=offered.scene.creator_id,
            attachment_id=UUID(offered.pdf_id),
        )
    assert offered.buyer.get(link).status_code == 200
    offered.page.publish_now(offered.scene.work_id)
    assert offered.buyer.get(link).status_code == 404


def test_signing_out_ends_the_links_of_a_session(offered: Offered) -> None:
    link = offered.link(offered.buyer, offered.pdf_id)
    offered.buyer.delete_cookie("juanliu")
    assert offered.buyer.get(link).status_code == 404


@pytest.mark.parametrize("token", ["", "A" * 99, "é" * 99, "A" * 5000, str(uuid.UUID(int=7))])
def test_what_is_no_token_is_nothing(offered: Offered, token: str) -> None:
    assert offered.buyer.get(f"/media/files/{token}").status_code == 404

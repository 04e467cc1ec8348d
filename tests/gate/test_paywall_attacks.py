"""More than sixty ways around the till; none of them may bring one paid byte home.

Each attack has a name and is tried with true ids by people of every kind: strangers, fans on both
surfaces, buyers of something else, a reader whose month is over, somebody whose payment was never
made, another creator. Whatever comes back is searched for words (and a picture) of the paid parts,
as it came and as a person would read it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from tests.gate.conftest import Install
from tests.gate.vault import DAY_S, Loot, Thief, Vault, Visitor, chance_hex, fresh_key

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

Attack = Callable[[Thief], None]
ATTACKS: dict[str, Attack] = {}
# What a paid work is shown at, and where more of it might be.
DOORS = ("/api/v1/works/{}", "/h5/works/{}")
COUNTED: dict[str, int] = {"answers": 0, "bytes": 0, "found": 0}


def attack(name: str) -> Callable[[Attack], Attack]:
    """List an attack under its name."""

    def listed(function: Attack) -> Attack:
        assert name not in ATTACKS, name
        ATTACKS[name] = function
        return function

    return listed


@pytest.fixture(scope="module")
def vault(install: Install) -> Vault:
    """The channel, with all that is locked in it."""
    house = install()
    house.start_house()
    return Vault(house)


@pytest.fixture(scope="module")
def all_needles(vault: Vault) -> dict[bytes, str]:
    """What is searched for."""
    return vault.all_needles()


@pytest.fixture
def thief(vault: Vault, all_needles: dict[bytes, str]) -> Iterator[Thief]:
    """A thief with an empty bag."""
    made = Thief(vault, Loot(all_needles))
    yield made
    made.close()


# --- the work's own addresses, asked in every way ----------------------------------------------

QUERIES = {
    "more fields asked for": "include=html,markdown,content&fields=*&expand=all&with=revision",
    "it is said to be unlocked": "unlocked=true&paid=1&entitled=1&free=1&vip=1",
    "it is said to be staff": "admin=1&debug=1&operator=1&role=owner&preview=0",
    "a larger preview": "preview_chars=999999&excerpt=full&preview=all&limit=999999&offset=0",
    "another format": "format=markdown&_format=json&output=raw&callback=show",
    "a page for printing": "print=1&amp=1&reader=1&pdf=1&export=html&download=1",
    "an older revision": "revision={revision}&version=1&draft=1&at=2020-01-01T00:00:00Z",
    "a buyer's name": "person_id={buyer}&user_id={buyer}&as={buyer}&impersonate={buyer}",
    "a buyer's order": "order_id={order}&paid=success&state=paid&trade_state=SUCCESS",
    "a token in the address": "token={old_token}&access_token={old_token}&session={old_token}",
    "a shared link": "from=singlemessage&isappinstalled=0&share=1&inviter={buyer}&gift=1&sig=00",
    "a guest": "guest=1",
    "the language changed": "lang=en&locale=en",
    "a trial that begins anew": "trial=1&coupon=FREE&voucher=100&invite={handle}",
    "everything twice": "guest=0&guest=1&guest=2&include=html&include=&unlocked=0&unlocked=1",
}
HEADERS: dict[str, dict[str, str]] = {
    "another address behind the first": {"X-Original-URL": "/h5/me", "X-Rewrite-URL": "/"},
    "a request from the house itself": {
        "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Client-IP": "::1",
        "Forwarded": "for=127.0.0.1;proto=https;host=localhost",
    },
    "another host": {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https"},
    "another method": {"X-HTTP-Method-Override": "PUT", "X-HTTP-Method": "DELETE"},
    "names in headers": {"X-Person-Id": "{buyer}", "X-User": "{buyer}", "Remote-User": "owner"},
    "a password": {"Authorization": "Basic b3duZXI6b3duZXI="},
    "a token that nobody signed": {
        "Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJwYWlkIjp0cnVlfQ.",
    },
    "a cookie from the imagination": {
        "Cookie": "juanliu={buyer}; paid=1; entitled=1; operator=1; session=admin",
    },
    "coming from the desk": {"Referer": "/operator/review", "Origin": "null"},
    "a part of it": {"Range": "bytes=0-999999", "If-Range": '"x"'},
    "the end of it": {"Range": "bytes=-999999"},
    "many parts of it": {"Range": "bytes=0-0,1-1,2-999999,0-999999"},
    "only if it has changed": {"If-None-Match": "*", "If-Modified-Since": "Thu, 01 Jan 1970"},
    "only if it has not": {"If-Match": '"0"', "If-Unmodified-Since": "Fri, 01 Jan 2100"},
    "as markdown": {"Accept": "text/markdown, text/plain;q=0.9"},
    "as a feed": {"Accept": "application/rss+xml, application/atom+xml, application/xml"},
    "as a picture": {"Accept": "image/png, image/*"},
    "a piece of the page": {
        "HX-Request": "true", "HX-Target": "body", "X-Requested-With": "XMLHttpRequest",
        "X-PJAX": "true", "Turbo-Frame": "work",
    },
    "packed": {"Accept-Encoding": "gzip, deflate, br, zstd"},
    "a search engine": {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; Baiduspider/2.0)"},
    "a maker of cards": {
        "User-Agent": "facebookexternalhit/1.1 Twitterbot/1.0 WeChatShareExtensionClient",
    },
    "before anybody looks": {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"},
    "another language": {"Accept-Language": "en;q=0.9, *;q=0.1"},
    "past the caches": {"Cache-Control": "no-cache", "Pragma": "no-cache", "X-Cache-Bypass": "1"},
}  # fmt: skip
PATHS = {
    "a suffix that looks static": ("{}.css", "{}/a.js", "{}.png", "{};.ico", "{}%3b.css"),
    "a suffix that names a format": ("{}.json", "{}.html", "{}.md", "{}.txt", "{}.pdf", "{}.xml"),
    "a part below it": (
        "{}/html", "{}/content", "{}/body", "{}/revisions", "{}/raw", "{}/full", "{}/preview",
        "{}/download", "{}/export", "{}/comments", "{}/oembed", "{}/share", "{}/edit",
    ),
    "dots and slashes": ("{}/.", "{}/..", "{}//", "{}/./", "{}/%2e", "{}/..;/", "{}%2f", "{}."),
    "the end cut off": ("{}%00", "{}%0a", "{}%0d%0aX:y", "{}%20", "{}%23", "{}%3fhtml=1", "{}%09"),
    "another spelling": ("{}?", "{}#", "{}&", "{}%ef%bc%8f", "{}\\", "{}%5c..%5c"),
}  # fmt: skip


def _filled(vault: Vault, words: str) -> str:
    for name, value in {
        **vault.ids,
        "order": vault.orders["of the buyer"]["order_id"],
        "old_token": vault.old_token,
    }.items():
        words = words.replace("{" + name + "}", value)
    return words


def _everywhere(thief: Thief) -> Iterator[tuple[Visitor, str]]:
    """Everybody at one paid work, and one fan at every other."""
    paid = thief.vault.works["paid"]
    for door in DOORS:
        yield from ((who, door.format(paid)) for who in thief.everybody())
        others = (one for one in thief.vault.works.values() if one != paid)
        yield from ((thief.fan_with_both, door.format(one)) for one in others)


def _by_query(query: str) -> Attack:
    def ask(thief: Thief) -> None:
        for who, path in _everywhere(thief):
            assert thief.ask(who, f"{path}?{_filled(thief.vault, query)}").status_code < 500

    return ask


def _by_headers(headers: dict[str, str]) -> Attack:
    def ask(thief: Thief) -> None:
        given = {name: _filled(thief.vault, value) for name, value in headers.items()}
        for who, path in _everywhere(thief):
            assert thief.ask(who, path, headers=given).status_code < 500

    return ask


def _by_path(shapes: tuple[str, ...]) -> Attack:
    def ask(thief: Thief) -> None:
        paid = thief.vault.works["paid"]
        for who in (thief.fan_with_both, thief.vault.visitors["a stranger"]):
            for door in DOORS:
                for shape in shapes:
                    assert thief.ask_raw(who, shape.format(door.format(paid))) < 500

    return ask


for _name, _query in QUERIES.items():
    attack(f"query: {_name}")(_by_query(_query))
for _name, _given in HEADERS.items():
    attack(f"header: {_name}")(_by_headers(_given))
for _name, _shapes in PATHS.items():
    attack(f"path: {_name}")(_by_path(_shapes))


# --- objects ------------------------------------------------------------


@attack("object: every work as it stands")
def _plainly(thief: Thief) -> None:
    for who in thief.everybody():
        for work_id in thief.vault.works.values():
            for door in DOORS:
                thief.ask(who, door.format(work_id))


@attack("object: every id in the place of a work's")
def _other_ids(thief: Thief) -> None:
    ids = [*thief.vault.ids.values(), *(one["order_id"] for one in thief.vault.orders.values())]
    for one in ids:
        for door in DOORS:
            answer = thief.ask(thief.fan_with_both, door.format(quote(one, safe="")))
            assert answer.status_code in {400, 404, 422}, (one, answer.status_code)


@attack("object: the id spelt otherwise")
def _other_spellings(thief: Thief) -> None:
    one = thief.vault.works["paid"]
    spelt = (
        one.upper(),
        one.replace("-", ""),
        f"{{{one}}}",
        f"urn:uuid:{one}",
        f" {one}",
        f"{one}'--",
    )
    for shape in (*spelt, f"{one}' OR '1'='1", f"{one},{thief.vault.works['revised']}"):
        for door in DOORS:
            thief.ask(thief.fan_with_both, door.format(quote(shape, safe="")))


@attack("object: other verbs")
def _verbs(thief: Thief) -> None:
    for who in thief.everybody():
        for door in DOORS:
            path = door.format(thief.vault.works["paid"])
            for verb in ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "GETT"):
                thief.ask(who, path, verb)
            thief.ask(who, path, "POST", json={"unlocked": True})


@attack("object: the lists in which works stand")
def _lists(thief: Thief) -> None:
    ids = thief.vault.ids
    paths = [f"/api/v1/columns/{ids['column']}", f"/api/v1/creators/{ids['handle']}", "/h5/"]
    paths += [f"/h5/columns/{ids['column']}", f"/h5/creators/{ids['handle']}", "/h5/me"]
    for who in thief.everybody():
        for path in paths:
            for query in ("", "?include=works.html", "?limit=100", "?q=%25", "?cursor=%00"):
                thief.ask(who, path + query)


@attack("object: search, as far as there is one")
def _searches(thief: Thief) -> None:
    halves = [one[: len(one) // 2] for three in thief.vault.words.values() for one in three]
    for path in ("/h5/search", "/api/v1/search", "/h5/"):
        for half in (*halves, "%", "_", "*", "a", "的"):
            for name in ("q", "query", "words"):
                thief.ask(thief.fan_with_both, f"{path}?{name}={quote(half)}")


@attack("object: what the house says of itself")
def _about(thief: Thief) -> None:
    paths = ("/metrics", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml", "/feed", "/rss")
    more = ("/api/v1/openapi.json", "/api/v1/", "/.git/config", "/.env", "/.local/settings.json")
    for who in thief.everybody():
        for path in (*paths, *more, "/static/", "/media/", "/api/v1/works", "/h5/works"):
            thief.ask(who, path)


@attack("object: the files behind the house")
def _files(thief: Thief) -> None:
    sha256 = thief.vault.ids["sha256"]
    for climb in ("..", "%2e%2e", "..%2f..", "%252e%252e", "....//", "..%5c"):
        for file in (f"files/{sha256}", f"files/{sha256[:2]}/{sha256}", "etc/passwd", "app/x.py"):
            for folder in ("static", "static/h5", "media"):
                thief.ask_raw(thief.fan_with_both, f"/{folder}/{climb}/{climb}/{file}")


# --- pictures ------------------------------------------------------------


def _at_the_picture(**headers: str) -> Attack:
    def ask(thief: Thief) -> None:
        for who in thief.everybody():
            answer = thief.ask(who, f"/media/{thief.vault.ids['sha256']}", headers=headers)
            assert answer.status_code == 404, (who.name, answer.status_code)

    return ask


attack("picture: by its hash")(_at_the_picture())
attack("picture: a part of it")(_at_the_picture(Range="bytes=0-999999"))
attack("picture: only if it has changed")(_at_the_picture(**{"If-None-Match": "*"}))
attack("picture: coming from its page")(_at_the_picture(Referer="/h5/works/", Accept="image/*"))


@attack("picture: the hash spelt otherwise")
def _hashes(thief: Thief) -> None:
    one = thief.vault.ids["sha256"]
    for shape in (
        one.upper(),
        f"{one}.png",
        f"{one}/",
        f"{one}?w=9999",
        f"{one[:-1]}",
        f"{one}%00",
    ):
        thief.ask_raw(thief.fan_with_both, f"/media/{shape}")
        thief.ask(thief.fan_with_both, f"/media/{one}", "HEAD")


@attack("picture: with the token on the wrong side")
def _crossed(thief: Thief) -> None:
    for who in thief.everybody():
        for name in ("Authorization", "Cookie"):
            kind = "Bearer " if name == "Authorization" else "juanliu="
            held = {name: f"{kind}{who.token or 'x' * 64}"}
            thief.ask(who, f"/media/{thief.vault.ids['sha256']}", headers=held)


# --- sessions ------------------------------------------------------------


def _with_token(choose: Callable[[Vault], list[str]]) -> Attack:
    def ask(thief: Thief) -> None:
        for token in choose(thief.vault):
            for surface in ("oa", "mini"):
                who = Visitor("a bearer of " + token[:6], surface, token=token)
                for door in DOORS:
                    thief.ask(who, door.format(thief.vault.works["paid"]))
                for path in ("/h5/me", "/api/v1/me/entitlements"):
                    assert thief.vault.shelf.work_id not in thief.ask(who, path).text

    return ask


attack("session: one that is too old")(_with_token(lambda vault: [vault.old_token]))
attack("session: one whose owner has left")(_with_token(lambda vault: [vault.revoked_token]))
attack("session: nearly the buyer's")(
    _with_token(
        lambda vault: [
            vault.buyer.token[:-1],
            vault.buyer.token[:-1] + ("0" if vault.buyer.token[-1] != "0" else "1"),
            vault.buyer.token[::-1],
            vault.buyer.token.upper() if not vault.buyer.token.isdigit() else "x",
            vault.buyer.token + "0",
        ]
    )
)
attack("session: the hash that the database keeps")(
    _with_token(lambda vault: [hashlib.sha256(vault.buyer.token.encode()).hexdigest()])
)
attack("session: guesses")(_with_token(lambda _vault: [chance_hex(64) for _ in range(50)]))
attack("session: SQL in the place of a token")(
    _with_token(lambda _vault: ["' OR 1=1 --".ljust(64, "x"), "%' OR ''='".ljust(64, "%")])
)


@attack("session: a code that somebody has used up")
def _used_code(thief: Thief) -> None:
    world = thief.vault.house.world
    for app in ("oa", "mini"):
        code = world.control("POST", f"people/{thief.vault.buyer.person['id']}/login", app=app)
        body = {"code": code["code"], "app": app}
        stranger = thief.vault.visitors["a stranger"]
        world.api("POST", "sessions", **body)
        used = thief.ask(stranger, "/api/v1/sessions", "POST", json=body)
        assert "token" not in used.json(), used.text


@attack("session: a code of another account, and names beside it")
def _foreign_code(thief: Thief) -> None:
    world, fan = thief.vault.house.world, thief.vault.fan
    for app, other in (("oa", "mini"), ("mini", "oa")):
        code = world.control("POST", f"people/{fan.person['id']}/login", app=app)["code"]
        buyer = {"person_id": thief.vault.ids["buyer"], "openid": "x", "unionid": "y"}
        for body in ({"code": code, "app": other}, {"code": code, "app": other, **buyer}):
            answer = thief.ask(fan, "/api/v1/sessions", "POST", json=body)
            assert "token" not in answer.json(), answer.text


@attack("session: the way back from WeChat without having left")
def _forged_return(thief: Thief) -> None:
    world, buyer = thief.vault.house.world, thief.vault.buyer
    code = world.control("POST", f"people/{buyer.person['id']}/login", app="oa")["code"]
    stranger = thief.vault.visitors["a stranger"]
    for state in ("", "x", chance_hex(32)):
        answer = thief.ask(stranger, f"/h5/oauth/callback?code={code}&state={state}")
        assert "juanliu=" not in answer.headers.get("Set-Cookie", ""), answer.headers


@attack("session: two people on one connection at once")
def _interleaved(thief: Thief) -> None:
    path = DOORS[1].format(thief.vault.works["paid"])

    def both(_number: int) -> None:
        assert thief.ask(thief.vault.buyer, path).status_code == 200
        thief.ask(thief.vault.fan, path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(both, range(60)))


@attack("session: two identities that become one person")
def _merged(thief: Thief) -> None:
    # Known by both accounts before anybody can tell that they are one; nothing may come of it.
    for surface in ("oa", "mini"):
        world = thief.vault.house.world
        token = world.sign_in(thief.vault.fan.person["id"], surface)
        who = Visitor("somebody on both", surface, token=token)
        for door in DOORS:
            thief.ask(who, door.format(thief.vault.works["paid"]))


# --- caches ------------------------------------------------------------


@attack("cache: what a buyer was shown, asked for again by others")
def _cached(thief: Thief) -> None:
    for work in ("paid", "pictured"):
        for door in DOORS:
            path = door.format(thief.vault.works[work])
            shown = thief.ask(thief.vault.buyer, path)
            assert shown.headers["Cache-Control"] == "no-store"
            assert {"Cookie", "Authorization"} <= set(shown.headers["Vary"].split(", "))
            assert {"ETag", "Last-Modified"}.isdisjoint(shown.headers)
            for who in thief.everybody():
                thief.ask(who, path)


@attack("cache: the length of what is locked")
def _length(thief: Thief) -> None:
    path = "/api/v1/works/{}"
    shown = [
        thief.ask(thief.vault.fan, path.format(thief.vault.works[name])).json()
        for name in ("paid", "revised")
    ]
    assert {json.dumps(one["preview_html"]) for one in shown} == {
        json.dumps(shown[0]["preview_html"])
    }
    assert [one["html"] for one in shown] == [None, None]


# --- orders ------------------------------------------------------------


@attack("order: one that was never paid")
def _unpaid(thief: Thief) -> None:
    for outcome in ("never", "cancel", "fail"):
        who = thief.vault.visitors[f"somebody whose payment is {outcome}"]
        order_id = thief.vault.orders[outcome]["order_id"]
        for query in ("", "?paid=1", "?state=paid&err_msg=get_brand_wcpay_request:ok"):
            thief.ask(who, f"/h5/orders/{order_id}{query}")
            thief.ask(who, f"/h5/orders/{order_id}/state{query}")
        assert thief.ask(who, f"/api/v1/orders/{order_id}").json()["state"] != "paid"
        thief.ask(who, DOORS[0].format(thief.vault.works["paid"]))


@attack("order: somebody else's")
def _foreign_order(thief: Thief) -> None:
    order_id = thief.vault.orders["of the buyer"]["order_id"]
    for who in thief.everybody():
        for path in ("/h5/orders/{}", "/h5/orders/{}/state", "/api/v1/orders/{}"):
            answer = thief.ask(who, path.format(order_id))
            assert answer.status_code in {302, 401, 403, 404}, (who.name, path)


@attack("order: somebody else's quote, and one that is over")
def _foreign_quote(thief: Thief) -> None:
    quote_id = thief.vault.orders["never"]["quote_id"]
    for who in thief.everybody():
        headers = {"Idempotency-Key": fresh_key()}
        answer = thief.ask(
            who, "/api/v1/orders", "POST", json={"quote_id": quote_id}, headers=headers
        )
        assert answer.status_code >= 400 or answer.json()["state"] == "pending"


@attack("order: the price said by the buyer")
def _own_price(thief: Thief) -> None:
    fan = thief.vault.fan
    wish = {"payable_fen": 0, "price_fen": 1, "amount_fen": -990, "rail": "free", "state": "paid"}
    asked = {"product_id": thief.vault.ids["product"], "device": "android"}
    for more in ({}, wish, {"person_id": thief.vault.ids["buyer"]}, {"quantity": 0}):
        quoted = thief.ask(fan, "/api/v1/quotes", "POST", json={**asked, **more})
        if quoted.status_code >= 400:
            continue
        assert quoted.json()["payable_fen"] == 990
        body = {"quote_id": quoted.json()["quote_id"], **more}
        headers = {"Idempotency-Key": fresh_key()}
        placed = thief.ask(fan, "/api/v1/orders", "POST", json=body, headers=headers)
        assert placed.status_code >= 400 or placed.json()["state"] == "pending"
    thief.ask(fan, DOORS[0].format(thief.vault.works["paid"]))


@attack("order: the buyer's key, used by others")
def _foreign_key(thief: Thief) -> None:
    key = fresh_key()
    asked = {"product_id": thief.vault.ids["product"], "device": "android"}
    for name in ("never", "cancel"):
        who = thief.vault.visitors[f"somebody whose payment is {name}"]
        quoted = thief.ask(who, "/api/v1/quotes", "POST", json=asked).json()
        body = {"quote_id": quoted["quote_id"]}
        headers = {"Idempotency-Key": key}
        placed = thief.ask(who, "/api/v1/orders", "POST", json=body, headers=headers).json()
        # Their own pending order may come back; nobody else's.
        others = {one["order_id"] for whose, one in thief.vault.orders.items() if whose != name}
        assert placed["order_id"] not in others
        assert placed["state"] == "pending"


@attack("order: a form of another site")
def _foreign_form(thief: Thief) -> None:
    path = f"/h5/products/{thief.vault.ids['product']}/buy"
    for token in ("", "0" * 64, thief.form_token(thief.vault.visitors["another creator"])):
        form = {"csrf_token": token}
        headers = {"Origin": "https://evil.test"}
        answer = thief.ask(thief.vault.fan, path, "POST", data=form, headers=headers)
        assert answer.status_code == 403


# --- forged and repeated statements ------------------------------------------------------------


def _notifying(body: dict[str, Any], **headers: str) -> Attack:
    def ask(thief: Thief) -> None:
        order = thief.vault.orders["never"]
        told = json.dumps(body).replace("{order}", order["order_id"])
        stranger = thief.vault.visitors["a stranger"]
        for kind in ("payment", "refund", "transfer", "profit-sharing"):
            path = f"/wechat-pay/notifications/{kind}"
            answer = thief.ask(stranger, path, "POST", data=told, headers=headers)
            assert answer.status_code >= 400, answer.text
        who = thief.vault.visitors["somebody whose payment is never"]
        assert thief.ask(who, f"/api/v1/orders/{order['order_id']}").json()["state"] != "paid"
        thief.ask(who, DOORS[0].format(thief.vault.works["paid"]))

    return ask


_PAID = {
    "event_type": "TRANSACTION.SUCCESS",
    "resource_type": "encrypt-resource",
    "out_trade_no": "{order}",
    "trade_state": "SUCCESS",
    "amount": {"total": 990},
}
_SIGNED = {
    "Wechatpay-Serial": "PUB_KEY_ID_0", "Wechatpay-Timestamp": "1796321380",
    "Wechatpay-Nonce": "x", "Wechatpay-Signature": "AAAA",
}  # fmt: skip
attack("statement: a payment that nobody signed")(_notifying(_PAID))
attack("statement: a payment with a signature of the thief's")(_notifying(_PAID, **_SIGNED))


@attack("statement: a delivery that nobody signed")
def _forged_delivery(thief: Thief) -> None:
    who = thief.vault.visitors["somebody whose payment is never"]
    body = (
        "<xml><MsgType>event</MsgType><Event>xpay_goods_deliver_notify</Event>"
        f"<OpenId>{who.person['mini_openid']}</OpenId>"
        f"<OutTradeNo>{thief.vault.orders['never']['order_id']}</OutTradeNo></xml>"
    )
    for path in ("/wechat/mini-program", "/wechat/official-account"):
        for query in ("", "?signature=0&timestamp=1&nonce=1", "?msg_signature=0&encrypt_type=aes"):
            answer = thief.ask(who, path + query, "POST", data=body.encode())
            assert answer.status_code >= 400, answer.text
    thief.ask(who, DOORS[0].format(thief.vault.works["paid"]))


@attack("statement: a message in the buyer's name")
def _forged_message(thief: Thief) -> None:
    body = (
        f"<xml><FromUserName>{thief.vault.buyer.person['oa_openid']}</FromUserName>"
        "<MsgType>text</MsgType><Content>看 1</Content><MsgId>1</MsgId></xml>"
    )
    stranger = thief.vault.visitors["a stranger"]
    for query in ("", "?signature=0&timestamp=1&nonce=1&echostr=1"):
        answer = thief.ask(stranger, "/wechat/official-account" + query, "POST", data=body.encode())
        assert answer.status_code >= 400


@attack("statement: a true payment, repeated after the order is over")
def _repeated(thief: Thief) -> None:
    vault = thief.vault
    who = vault.visitors["somebody whose payment is fail"]
    placed = vault.orders["of the buyer"]
    paid = vault.orders["fail"]
    # The buyer's sheet, shown to somebody else's telephone.
    for order in (placed, paid):
        if order.get("pay"):
            sheet = {**order["pay"], "package": "prepay_id=forged"}
            vault.house.world.control(
                "POST", f"people/{who.person['id']}/pay", rail="jsapi", payment=sheet
            )
    thief.ask(who, DOORS[0].format(vault.works["paid"]))


# --- the fan group ------------------------------------------------------------


@attack("group: its door, asked for by people without a right")
def _door(thief: Thief) -> None:
    ids = thief.vault.ids
    for who in thief.everybody():
        for path in (f"/api/v1/fan-groups/{ids['group']}/door", f"/g/{ids['code']}"):
            for query in ("", "?guest=1", "?token=1&seat=1"):
                answer = thief.ask(who, path + query)
                assert answer.status_code in {302, 401, 403}, (who.name, path)


# --- the chat ------------------------------------------------------------


def _saying(*words: str) -> Attack:
    def talk(thief: Thief) -> None:
        for name in ("a fan on oa with android", "a fan on oa with ios", "another creator"):
            who = thief.vault.visitors[name]
            for one in words:
                thief.say(who, _filled(thief.vault, one))
            thief.hear(who)

    return talk


attack("chat: opening what the lists show")(
    _saying("专栏", "看 1", "看 2", "更多", "看 3", "1", "2", "打开 4")
)
attack("chat: asking to read on")(_saying("搜索 清晨", "看 1", "全文", "继续", "展开", "更多"))
attack("chat: the words of whoever writes")(
    _saying("我的作品", "预览", "预览 1", "改正文 1", "取消", "修改标题 我的", "撤销", "恢复上架 1")
)
attack("chat: ids in the place of numbers")(_saying("看 {revision}", "预览 {product}", "看 -1"))
attack("chat: the orders of others")(_saying("我的购买", "订单 {order}", "看 1", "进群", "群 1"))


@attack("chat: searching for half of a locked word")
def _half_words(thief: Thief) -> None:
    for three in thief.vault.words.values():
        for word in three:
            thief.say(thief.vault.fan, f"搜索 {word[: len(word) // 2]}")
    thief.hear(thief.vault.fan)


@attack("chat: what was ever written to everybody")
def _messages(thief: Thief) -> None:
    for who in thief.everybody():
        if who.person and who.name != "another creator":
            thief.hear(who)


@attack("page in WeChat: every work, recognised on the way")
def _in_wechat(thief: Thief) -> None:
    for who in thief.everybody():
        for work_id in thief.vault.works.values():
            if who.person:
                thief.open(who, f"/h5/works/{work_id}")


# --- time ------------------------------------------------------------


@attack("time: a month that is over")
def _lapsed(thief: Thief) -> None:
    who = thief.vault.visitors["a reader whose month is over"]
    ids = thief.vault.ids
    for work_id in thief.vault.works.values():
        for door in DOORS:
            thief.ask(who, door.format(work_id))
    assert thief.ask(who, "/api/v1/me/entitlements").json()["items"] == []
    assert thief.ask(who, f"/api/v1/fan-groups/{ids['group']}/door").status_code == 403
    for said in ("我的购买", "看 1", "进群"):
        thief.say(who, said)


@attack("time: the second in which a month ends, and those around it")
def _at_the_end(thief: Thief) -> None:
    vault, world = thief.vault, thief.vault.house.world
    fan = world.person("一个月的最后一秒", "android")
    world.buy(fan, "oa", vault.ids["month"])
    token = world.sign_in(fan["id"], "oa")
    (held,) = world.api("GET", "me/entitlements", token=token)["items"]
    assert held["ends_at"] is not None
    world.control("POST", "clock", advance_s=30 * DAY_S - 20)
    token = world.sign_in(fan["id"], "oa")
    inside = world.api("GET", f"works/{vault.works['paid']}", token=token)
    assert inside["unlocked"], "it lasts to its end"
    world.control("POST", "clock", advance_s=20)
    who = Visitor("a reader in the last second", token=token, person=fan)
    for _ in range(3):
        for door in DOORS:
            thief.ask(who, door.format(vault.works["paid"]))
        world.control("POST", "clock", advance_s=1)


# --- roles ------------------------------------------------------------


@attack("role: the operator's pages without being one")
def _desk(thief: Thief) -> None:
    paths = ("", "login", "review", "orders", "alarms", "effects", "inbox", "audit", "revenue.csv")
    for who in thief.everybody():
        for path in paths:
            answer = thief.ask(who, f"/operator/{path}")
            assert answer.status_code in {200, 302, 303, 401, 403, 404}
        order_id = thief.vault.orders["of the buyer"]["order_id"]
        thief.ask(who, f"/operator/orders/{order_id}")


@attack("role: another creator at this one's works")
def _other_creator(thief: Thief) -> None:
    who = thief.vault.visitors["another creator"]
    for work_id in thief.vault.works.values():
        for path in (*DOORS, "/studio/works/{}", "/studio/works/{}/edit", "/h5/works/{}?author=1"):
            thief.ask(who, path.format(work_id))
        thief.open(who, f"/h5/works/{work_id}")


@attack("role: the creator's page at somebody else's works")
def _studio(thief: Thief) -> None:
    vault = thief.vault
    below = ("", "/pictures", "/price", "/publish", "/step", f"/revisions/{vault.ids['revision']}")
    lists = ("/studio/", "/studio/works", "/studio/buyers", "/studio/columns", "/studio/income.csv")
    for who in thief.everybody():
        for part in below:
            thief.ask(who, f"/studio/works/{vault.works['paid']}{part}")
        for path in (*lists, f"/studio/columns/{vault.ids['column']}"):
            thief.ask(who, path)
    who = vault.visitors["another creator"]
    for work_id in vault.works.values():
        for part in below:
            thief.ask(who, f"/studio/works/{work_id}{part}")


@attack("role: deeds of the creator's page at somebody else's works")
def _studio_deeds(thief: Thief) -> None:
    vault, who = thief.vault, thief.vault.visitors["another creator"]
    form = {"csrf_token": thief.form_token(who), "price": "0", "step": "restore", "free": "1"}
    for name in ("paid", "draft", "withdrawn", "scheduled"):
        for part in ("", "/price", "/publish", "/step", "/pictures"):
            path = f"/studio/works/{vault.works[name]}{part}"
            answer = thief.ask(who, path, "POST", data=form)
            assert answer.status_code >= 400, (path, answer.status_code)
    shown = {"csrf_token": form["csrf_token"], "work_id": vault.works["paid"], "markdown": "x"}
    thief.ask(who, "/studio/preview", "POST", data=shown)
    for reader in thief.everybody():
        thief.ask(reader, DOORS[0].format(vault.works["paid"]))


@attack("role: the form of a page, sent by others")
def _other_forms(thief: Thief) -> None:
    for who in thief.everybody():
        for path in ("/operator/review", "/operator/login", "/h5/sign-out", "/studio/works"):
            thief.ask(
                who, path, "POST", data={"work_id": thief.vault.works["paid"], "verdict": "x"}
            )


# --- errors ------------------------------------------------------------


@attack("error: everything wrong at the door of a paid work")
def _errors(thief: Thief) -> None:
    path = DOORS[0].format(thief.vault.works["paid"])
    for who in thief.everybody():
        for body in (b"{", b"\xff\xfe", b"[" * 5000, b'{"a":1,"a":2}', b"x" * 70_000):
            thief.ask(who, path, "POST", data=body, headers={"Content-Type": "application/json"})
        for header in ("Accept", "Accept-Language", "Range", "Cookie", "If-None-Match"):
            thief.ask(who, path, headers={header: "%s" * 500})
        thief.ask(who, f"{path}?{'a=1&' * 500}")


# --- the proof ------------------------------------------------------------


def test_the_words_are_found_where_they_may_stand(vault: Vault, thief: Thief) -> None:
    """A thief with the buyer's rights finds them with each of the tools."""
    bare = Visitor("a bearer of the buyer's token", token=vault.buyer.token)
    paid = vault.works["paid"]
    tools: dict[str, Callable[[], object]] = {
        "a page": lambda: thief.ask(bare, DOORS[1].format(paid)),
        "the API": lambda: thief.ask(bare, DOORS[0].format(paid)),
        "a raw path": lambda: thief.ask_raw(bare, DOORS[1].format(paid)),
        "WeChat": lambda: thief.open(
            Visitor("x", person=vault.buyer.person), DOORS[1].format(paid)
        ),
        "a group's door": lambda: thief.ask(bare, f"/api/v1/fan-groups/{vault.ids['group']}/door"),
    }
    for name, tool in tools.items():
        thief.loot.found.clear()
        tool()
        assert thief.loot.found, name
    author = Visitor("the author", person=vault.shelf.creator)
    author.token = vault.house.world.sign_in(author.person["id"], "oa")
    thief.loot.found.clear()
    thief.ask(author, f"/media/{vault.ids['sha256']}")
    assert "the bytes of a paid picture" in str(thief.loot.found)
    highlighted = vault.words["paid"][1][:4] + "<mark>" + vault.words["paid"][1][4:] + "</mark>"
    thief.loot.found.clear()
    thief.loot.look(bare, "a highlighted word", highlighted.encode())
    assert thief.loot.found


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_brings_nothing_home(name: str, thief: Thief) -> None:
    ATTACKS[name](thief)
    loot = thief.loot
    assert min(len(loot.statuses), loot.bytes_count) > 0, "the attack asked for something"
    COUNTED["answers"] += len(loot.statuses)
    COUNTED["bytes"] += loot.bytes_count
    COUNTED["found"] += len(loot.found)
    assert loot.found == []


def test_they_are_sixty_at_least(report_count: Callable[[str, int], None]) -> None:
    report_count("attacks on the paywall", len(ATTACKS))
    report_count("answers searched", COUNTED["answers"])
    report_count("bytes searched", COUNTED["bytes"])
    report_count("paid words found", COUNTED["found"])
    assert len(ATTACKS) >= 60
    assert COUNTED["found"] == 0

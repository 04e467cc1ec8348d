"""A paid work's own addresses, asked in every way, and everything else that may lead to it."""

import json
from collections.abc import Iterator

from tests.gate.paywall.listing import DOORS, Attack, attack, filled
from tests.gate.vault import Thief, Visitor

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
            assert thief.ask(who, f"{path}?{filled(thief.vault, query)}").status_code < 500

    return ask


def _by_headers(headers: dict[str, str]) -> Attack:
    def ask(thief: Thief) -> None:
        given = {name: filled(thief.vault, value) for name, value in headers.items()}
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

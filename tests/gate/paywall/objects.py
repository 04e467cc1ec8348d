"""Ids, verbs, lists and files: every other way to a locked thing, and to its picture."""

from urllib.parse import quote

from tests.gate.paywall.listing import DOORS, Attack, attack
from tests.gate.vault import Thief

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

"""Sessions, roles and forms of others: passing for somebody who may."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.gate.paywall.listing import DOORS, Attack, attack
from tests.gate.vault import Thief, Vault, Visitor, chance_hex

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

"""Codes and sessions that a person's telephone obtains."""

import base64
from typing import Literal

from wechat_simulator import chance
from wechat_simulator.entities import LoginCode, Session
from wechat_simulator.world import World

CODE_LIVES_S = 300


def new_code(
    world: World,
    person_id: str,
    purpose: Literal["login", "oauth", "phone"],
    appid: str,
    *,
    scope: str = "snsapi_base",
    snapshot: bool = False,
) -> str:
    """A code good once and for five minutes."""
    value = "0" + chance.letters(world.rng, 31)
    now = world.clock.now()
    codes = world.things.codes
    # Spent codes are remembered for an hour, so that a second use is told from a made-up code.
    for old in [code for code, one in codes.items() if one.expires_at < now - 3600]:
        del codes[old]
    codes[value] = LoginCode(
        value=value,
        purpose=purpose,
        appid=appid,
        person_id=person_id,
        expires_at=now + CODE_LIVES_S,
        scope=scope,
        snapshot=snapshot,
    )
    return value


def login(world: World, person_id: str, appid: str) -> str:
    """`wx.login` on the person's telephone: a code; the session key in use goes stale at once."""
    new_session(world, person_id, appid)
    code = new_code(world, person_id, "login", appid)
    world.things.active[f"mini/{person_id}"] = world.clock.now()
    return code


def new_session(world: World, person_id: str, appid: str) -> str:
    """A fresh session key, which replaces the one before."""
    key = base64.b64encode(world.rng.randbytes(16)).decode()
    before = world.things.sessions.get(f"{appid}/{person_id}")
    # The keys replaced are kept, so that a signature with one is told from a wrong one.
    former = [] if before is None else [*before.former_keys, before.session_key][-20:]
    world.things.sessions[f"{appid}/{person_id}"] = Session(
        person_id, appid, key, world.clock.now(), former
    )
    return key

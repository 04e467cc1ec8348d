"""What must hold when the house has been killed and everything has come to rest."""

import re
import time
from collections import Counter

import psycopg
from sqlalchemy import text

from app.wiring.container import Wiring
from creator_tools.kernel.sealing import Sealed
from creator_tools.people import queries as people
from tests.gate.plug_stories import Scene, connected, counted

QUIET_WITHIN_S = 180.0
_PICTURES_IN_DRAFTS = text("""
SELECT coalesce(sum((length(markdown) - length(replace(markdown, '![]', ''))) / 3), 0)::bigint
FROM (SELECT DISTINCT ON (work_id) markdown FROM revisions ORDER BY work_id, id DESC) AS newest
""")
_LATE_ANSWERS = text("""
SELECT i.subject, e.payload->>'words', count(*) FROM effects e
JOIN people p ON p.id = e.object_id
JOIN identities i ON i.person_id = coalesce(p.merged_into_id, p.id)
WHERE e.kind = 'customer_message.text' AND e.idempotency_key LIKE 'chat:%' GROUP BY 1, 2
""")
_SUBJECT = re.compile(r"<FromUserName><!\[CDATA\[([^\]]+)")


def come_to_rest(scene: Scene) -> None:
    """Let time pass until nothing is due any more."""
    deadline = time.monotonic() + QUIET_WITHIN_S
    with connected(scene.house) as connection:
        while left := _still_due(connection):
            assert time.monotonic() < deadline, f"not quiet: {left}"
            scene.outside.control("POST", "clock", advance_s=400)
            time.sleep(0.3)


def _still_due(connection: psycopg.Connection) -> dict[str, int]:
    due = {
        "effects": "SELECT count(*) FROM effects WHERE state IN ('due', 'unknown', 'in_flight')",
        "inbox": "SELECT count(*) FROM inbox_progress WHERE state = 'new'",
        "orders": "SELECT count(*) FROM orders WHERE state = 'pending'",
        "refunds": "SELECT count(*) FROM refunds WHERE state IN ('approved', 'sent')",
    }
    counts = {name: counted(connection, query) for name, query in due.items()}
    return {name: count for name, count in counts.items() if count}


def look_for_losses(scene: Scene, wiring: Wiring) -> list[str]:
    """Everything that was acknowledged and is not there."""
    said = scene.outside.acknowledged
    kept, replies = _kept_messages(wiring)
    joined, answered = "\n".join(kept), "\n".join(replies)
    followers = {one for push in kept if "subscribe" in push for one in _SUBJECT.findall(push)}
    lost = [f"message {one}" for one in said.texts if one not in joined]
    lost += [f"reply to {one}" for one, reply in said.texts.items() if reply[-20:] not in answered]
    lost += [f"follow {one}" for one in said.follows - followers]
    now = wiring.units.clock.now()
    with wiring.reading() as session:
        lost += ["session" for one in said.tokens if people.find_session(session, one, now) is None]
        orders = session.execute(text("SELECT id, state FROM orders"))
        rows = {str(row[0]): str(row[1]) for row in orders}
        quotes = {str(row[0]) for row in session.execute(text("SELECT id FROM quotes"))}
        paid = {str(row[0]) for row in session.execute(text("SELECT trade_no FROM payments"))}
        # Time passes here by hours, and a seat that nobody takes up goes to the next.
        lapsed = "SELECT count(*) FROM audit_events WHERE action = 'seat.lapsed'"
        seats = session.execute(
            text(f"SELECT (SELECT count(*) FROM seats) + ({lapsed})")
        ).scalar_one()
    lost += [f"quote {one}" for one in said.quotes - quotes]
    lost += [f"order {one}" for one in said.orders.keys() - rows.keys()]
    lost += [f"payment {one}" for one in said.payments - paid]
    lost += [
        f"order {one} was {state}, is {rows[one]}"
        for one, state in said.orders.items()
        if one in rows and state in {"paid", "refunded"} and rows[one] != state
    ]
    if len({token for _, token in said.doors}) > seats:
        lost.append("a seat in the fan group")
    return lost


def _kept_messages(wiring: Wiring) -> tuple[list[str], list[str]]:
    sealer = wiring.units.sealer
    with wiring.reading() as session:
        payloads = session.execute(
            text("SELECT fact_id, key_id, sealed_payload FROM inbox_payloads")
        ).all()
        replies = session.execute(
            text(
                "SELECT fact_id, reply_key_id, sealed_reply FROM inbox_progress "
                "WHERE sealed_reply IS NOT NULL"
            )
        ).all()
    opened = [
        sealer.open(Sealed(key_id, sealed), purpose=f"inbox:{fact_id}").decode()
        for fact_id, key_id, sealed in payloads
    ]
    answered = [
        sealer.open(Sealed(key_id, sealed), purpose=f"reply:{fact_id}").decode()
        for fact_id, key_id, sealed in replies
    ]
    return opened, answered


def look_for_repetitions(scene: Scene, wiring: Wiring) -> list[str]:
    """Everything that may happen once and happened twice."""
    once = {
        "entries": "SELECT order_id::text FROM journal_entries WHERE kind = 'payment'",
        "refunds": "SELECT payment_id::text FROM refunds WHERE state NOT IN ('declined', 'failed')",
        "entitlement sources": "SELECT source_id::text || entitlement_id FROM entitlement_sources",
        "works of a title": "SELECT title FROM works",
        "seats": "SELECT person_id::text || fan_group_id FROM seats",
    }
    twice: list[str] = []
    with wiring.reading() as session:
        for name, query in once.items():
            found = Counter(row[0] for row in session.execute(text(query)))
            twice += [f"{name}: {key} × {count}" for key, count in found.items() if count > 1]
        pictures = session.execute(_PICTURES_IN_DRAFTS).scalar_one()
    if pictures > scene.outside.acknowledged.pictures_count:
        twice.append(f"a picture was put into a draft {pictures} times")
    return twice + _told_twice(scene, wiring)


def _told_twice(scene: Scene, wiring: Wiring) -> list[str]:
    """What people were told more often than they had asked for it.

    A slow machine answers the chat later, with a message of its own: one for each question.
    """
    with wiring.reading() as session:
        answers = {
            (subject, words): count for subject, words, count in session.execute(_LATE_ANSWERS)
        }
    twice = []
    for person in [*scene.outside.people, scene.shelf.creator]:
        told = Counter(
            str(one.get("text") or one.get("content"))
            for one in scene.outside.control("GET", f"people/{person['id']}/messages")["oa"]
            if one["via"] != "reply"
        )
        twice += [
            f"told twice: {words}"
            for words, count in told.items()
            if count > answers.get((person["oa_openid"], words), 1)
        ]
    return twice

"""A message and its answer kept in one statement, when the answer needs no conversation.

An exchange is a message with the answer that it gets *if* nothing stands against it. The
statement looks at all that could (see `_KEEP`), keeps what may be kept, and says which; what it
leaves alone it has not touched, and the caller lets a conversation answer. Many exchanges share
one statement, so that under load a commit is paid for once.

This is the one place where rows of several capabilities are written together: people arrive,
a conversation is begun, the message is a fact. Each row is the same that `people.recognise`,
`dialogs.open_talk`, `inbox.keep` and `inbox.mark_done` would have written.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from creator_tools.kernel.inbox import PAYLOAD_KEPT_DAYS, payload_purpose, reply_purpose
from creator_tools.kernel.sealing import Sealed, Sealer
from creator_tools.kernel.unit_of_work import Actor, UnitsOfWork


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One message, with its answer if nothing stands against it.

    Attributes:
        source_key: what makes two deliveries the same message; hashed.
        payload: the opened text; stored sealed.
        reply: what every repetition gets; stored sealed.
        subject: the account's name for the speaker; None when nobody speaks.
        is_for_fans: the answer is wrong for a creator.
        takes_turn: the answer is wrong when a step waits, or while another message is answered.
        unless_found: the answer may be wrong if any entry of the search has all of these grams.
    """

    account_id: UUID
    source: str
    source_key: str
    kind: str
    payload: str = field(repr=False)
    reply: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    said_at_epoch_s: int
    is_for_fans: bool = False
    takes_turn: bool = False
    unless_found: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Settled:
    """How an exchange ended: kept with its answer, or known before with what was answered then.

    `reply` is None while the answer of a message that was kept before is still to come.
    """

    is_new: bool
    reply: str | None = field(repr=False)


def keep_all(
    units: UnitsOfWork, exchanges: Sequence[Exchange], actor: Actor
) -> list[Settled | None]:
    """Keep these exchanges in one statement, which is one unit.

    Args:
        exchanges: no two of one speaker, and none twice.

    Returns:
        For each how it ended; None when a conversation has to answer, and nothing was written.

    Raises:
        psycopg.Error: nothing of it was kept, or nobody knows.
    """
    now = units.clock.now()
    ids = units.ids.several(len(exchanges))
    rows = [_row(one, id_, units.sealer) for one, id_ in zip(exchanges, ids, strict=True)]
    values = {
        "said": json.dumps([row for row, _ in rows]),
        "key_id": rows[0][1],
        "actor_type": actor.type,
        "now": now,
        "kept_until": now + timedelta(days=PAYLOAD_KEPT_DAYS),
    }
    replies = dict(zip(ids, (one.reply for one in exchanges), strict=True))
    ended: dict[UUID, Settled] = {}
    for asked, fact_id, key_id, reply in units.at_once("chat.message", _KEEP, values):
        if fact_id is None:
            ended[asked] = Settled(is_new=True, reply=replies[asked])
        else:
            ended[asked] = Settled(False, _opened(units.sealer, fact_id, key_id, reply))
    return [ended.get(id_) for id_ in ids]


def _row(one: Exchange, fact_id: UUID, sealer: Sealer) -> tuple[dict[str, Any], str]:
    """What the statement reads of one exchange, and the key it is sealed with."""
    payload = sealer.seal(one.payload.encode(), purpose=payload_purpose(fact_id))
    reply = sealer.seal(one.reply.encode(), purpose=reply_purpose(fact_id))
    return {
        "id": str(fact_id),
        "account_id": str(one.account_id),
        "source": one.source,
        "source_key": one.source_key,
        "kind": one.kind,
        "payload": b64encode(payload.ciphertext).decode(),
        "reply": b64encode(reply.ciphertext).decode(),
        "subject": one.subject,
        "said_at": one.said_at_epoch_s,
        "is_for_fans": one.is_for_fans,
        "takes_turn": one.takes_turn,
        "grams": one.unless_found or None,
    }, payload.key_id


def _opened(
    sealer: Sealer, fact_id: UUID, key_id: str | None, sealed_reply: bytes | None
) -> str | None:
    if key_id is None or sealed_reply is None:
        return None
    return sealer.open(Sealed(key_id, sealed_reply), purpose=reply_purpose(fact_id)).decode()


# What is looked at before anything is written: was it heard before; is something called so; is
# the speaker known; are they a creator; does a step of their conversation wait. Whoever is busy
# with another message (a locked row) is passed over, so nobody waits for somebody else's work.
# Every write hangs on what was written before it: who arrived, then their turn, then the fact.
# A stranger's identity, person and audit row carry the id of the fact that brought them.
_KEEP = """
WITH said AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(said)s::json) AS s (
        id uuid, account_id uuid, source text, source_key text, kind text, payload text,
        reply text, subject text, said_at bigint, is_for_fans boolean, takes_turn boolean,
        grams text[])
),
heard AS MATERIALIZED (
    SELECT s.id AS asked, f.id AS fact_id, p.reply_key_id, p.sealed_reply
    FROM said s
    JOIN inbox_facts f ON f.account_id = s.account_id AND f.source = s.source
        AND f.source_key = s.source_key
    JOIN inbox_progress p ON p.fact_id = f.id
),
new AS MATERIALIZED (
    SELECT s.*, to_timestamp(s.said_at) AS spoken_at FROM said s
    WHERE NOT EXISTS (SELECT FROM heard h WHERE h.asked = s.id)
        AND (s.grams IS NULL OR NOT EXISTS (
            SELECT FROM search_entries e WHERE e.kind IN ('column', 'work') AND e.grams @> s.grams))
),
known AS MATERIALIZED (
    SELECT n.id AS asked, i.id AS identity_id, i.person_id
    FROM new n JOIN identities i ON i.account_id = n.account_id AND i.subject = n.subject
),
free AS MATERIALIZED (
    SELECT i.id AS identity_id FROM identities i
    WHERE i.id IN (SELECT identity_id FROM known) FOR NO KEY UPDATE SKIP LOCKED
),
arrived AS (
    INSERT INTO identities
        (id, account_id, subject, person_id, follows, last_message_at, created_at)
    SELECT n.id, n.account_id, n.subject, n.id, false, n.spoken_at, %(now)s
    FROM new n
    WHERE n.subject IS NOT NULL AND NOT EXISTS (SELECT FROM known k WHERE k.asked = n.id)
    ORDER BY n.account_id, n.subject
    ON CONFLICT (account_id, subject) DO NOTHING
    RETURNING id
),
new_people AS (
    INSERT INTO people (id, nickname, created_at)
    SELECT a.id, '', %(now)s FROM arrived a
),
told AS (
    INSERT INTO audit_events
        (id, actor_type, action, object_type, object_id, facts, at)
    SELECT a.id, %(actor_type)s, 'person.arrived', 'person', a.id,
        '{"is_new_person": true}', %(now)s
    FROM arrived a
),
speaker AS MATERIALIZED (
    SELECT k.asked, k.identity_id, k.person_id
    FROM known k JOIN free f ON f.identity_id = k.identity_id
    UNION ALL
    SELECT a.id, a.id, a.id FROM arrived a
),
fan AS MATERIALIZED (
    SELECT s.asked, s.person_id FROM speaker s
    WHERE NOT EXISTS (SELECT FROM creators c WHERE c.person_id = s.person_id)
        AND NOT EXISTS (
            SELECT FROM people p JOIN creators c ON c.person_id = p.id
            WHERE p.merged_into_id = s.person_id)
),
begun AS (
    INSERT INTO studio_dialogs (person_id, step, memory, updated_at)
    SELECT f.person_id, '', '{}', %(now)s
    FROM fan f JOIN new n ON n.id = f.asked
    WHERE n.takes_turn
        AND NOT EXISTS (SELECT FROM studio_dialogs d WHERE d.person_id = f.person_id)
    ORDER BY f.person_id
    ON CONFLICT (person_id) DO NOTHING
    RETURNING person_id
),
waiting_for_nothing AS MATERIALIZED (
    SELECT d.person_id FROM studio_dialogs d
    WHERE d.person_id IN (SELECT person_id FROM fan) AND d.step = ''
    FOR SHARE SKIP LOCKED
),
answered AS MATERIALIZED (
    SELECT n.*, s.identity_id AS speaker_id
    FROM new n LEFT JOIN speaker s ON s.asked = n.id
    WHERE (n.subject IS NULL OR s.asked IS NOT NULL)
        AND (NOT n.is_for_fans OR EXISTS (SELECT FROM fan f WHERE f.asked = n.id))
        AND (NOT n.takes_turn
            OR EXISTS (SELECT FROM begun b WHERE b.person_id = s.person_id)
            OR EXISTS (SELECT FROM waiting_for_nothing w WHERE w.person_id = s.person_id))
),
kept AS (
    INSERT INTO inbox_facts (id, account_id, source, source_key, kind, received_at)
    SELECT a.id, a.account_id, a.source, a.source_key, a.kind, %(now)s
    FROM answered a ORDER BY a.account_id, a.source, a.source_key
    ON CONFLICT (account_id, source, source_key) DO NOTHING
    RETURNING id
),
payloads AS (
    INSERT INTO inbox_payloads (fact_id, key_id, sealed_payload, kept_until)
    SELECT a.id, %(key_id)s, decode(a.payload, 'base64'), %(kept_until)s
    FROM kept k JOIN answered a ON a.id = k.id
),
progress AS (
    INSERT INTO inbox_progress
        (fact_id, state, attempts_count, next_at, handled_at, reply_key_id, sealed_reply)
    SELECT a.id, 'done', 0, %(now)s, %(now)s, %(key_id)s,
        decode(a.reply, 'base64')
    FROM kept k JOIN answered a ON a.id = k.id
),
seen AS (
    UPDATE identities i SET last_message_at = a.spoken_at
    FROM kept k JOIN answered a ON a.id = k.id
    WHERE i.id = a.speaker_id AND (i.last_message_at IS NULL OR i.last_message_at < a.spoken_at)
)
SELECT k.id AS asked, NULL::uuid AS fact_id, NULL::text AS key_id, NULL::bytea AS reply FROM kept k
UNION ALL
SELECT h.asked, h.fact_id, h.reply_key_id, h.sealed_reply FROM heard h
"""

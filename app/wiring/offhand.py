"""Pushes that are kept and answered in one statement, shared with those that come meanwhile.

Most messages need no conversation: what they get follows from their words, if the database
agrees that nobody waits for anything else. A repetition that this process answered a moment ago
needs not even that. Whatever does not fit is left untouched, and a conversation answers it.
"""

from collections.abc import Hashable, Sequence

import psycopg
import structlog
from prometheus_client import Counter

from app.wiring.grouping import Groups, NotInTime
from app.wiring.pushes import MESSAGE_SOURCE, Push
from app.wiring.recent import RecentReplies
from creator_tools.kernel.unit_of_work import Actor, UnitsOfWork
from creator_tools.studio import exchanges
from creator_tools.studio.exchanges import Exchange, Settled
from wechat_handlers.inbound.replies import render_reply
from wechat_handlers.inbound.router import offhand_reply

_log = structlog.get_logger(__name__)
_TURNED = Counter("juanliu_offhand_total", "Pushes that tried the short way", ["result"])
ANSWERED, REPEATED = _TURNED.labels("answered"), _TURNED.labels("repeated")
REMEMBERED, PASSED_ON = _TURNED.labels("remembered"), _TURNED.labels("passed_on")
GROUP_MAX = 32
# One waits for the disk while the other is written.
GROUPS_AT_WORK = 2
# On a starved machine the long way costs most, so a group is worth waiting for; what was waited
# is taken off the long way's time.
PATIENCE_S = 0.3
# The statement's own limit ends a group that has begun, unless the disk hangs.
BEGUN_S = 2.0


class OffhandAnswers:
    """Answers what needs no conversation.

    Args:
        actor: who is behind a unit that a push caused.
    """

    def __init__(self, units: UnitsOfWork, actor: Actor) -> None:
        self._units = units
        self._actor = actor
        self._recent = RecentReplies()
        self._groups: Groups[Exchange, Settled] = Groups(
            self._keep, size_max=GROUP_MAX, at_work_max=GROUPS_AT_WORK, apart=_speaker
        )

    def answer(self, push: Push) -> str | None:
        """The plaintext reply that was committed, empty for none; None to take the long way."""
        account_id, key = push.account.id, push.source_key
        remembered = self._recent.find(account_id, key)
        if remembered is not None:
            REMEMBERED.inc()
            return remembered
        exchange = self._exchange(push)
        settled = self._settled(exchange) if exchange is not None else None
        if settled is None:
            PASSED_ON.inc()
            return None
        (ANSWERED if settled.is_new else REPEATED).inc()
        if settled.reply is not None:
            self._recent.committed(account_id, key, settled.reply)
        return settled.reply or ""

    def committed(self, push: Push, reply: str) -> None:
        """Remember what a conversation answered, after its commit."""
        self._recent.committed(push.account.id, push.source_key, reply)

    def _exchange(self, push: Push) -> Exchange | None:
        message = push.message
        found = offhand_reply(message)
        if found is None:
            return None
        return Exchange(
            account_id=push.account.id,
            source=MESSAGE_SOURCE,
            source_key=push.source_key,
            kind=push.kind,
            payload=push.opened.plaintext,
            reply=render_reply(found.reply, message, push.came_epoch_s, push.opened.format),
            subject=message.sender if found.has_speaker else None,
            said_at_epoch_s=message.created_at_epoch_s,
            is_for_fans=found.is_for_fans,
            takes_turn=found.takes_turn,
            unless_found=found.unless_found,
        )

    def _settled(self, exchange: Exchange) -> Settled | None:
        try:
            return self._groups.join(exchange, patience_s=PATIENCE_S, begun_s=BEGUN_S)
        except NotInTime:
            return None  # if it is kept after all, the long way finds it kept

    def _keep(self, group: Sequence[Exchange]) -> Sequence[Settled | None]:
        try:
            return exchanges.keep_all(self._units, group, self._actor)
        except psycopg.Error as error:
            # Each goes the long way by itself, where a fault has an owner.
            _log.warning("offhand.failed", fault=type(error).__name__, state=error.sqlstate)
            return [None] * len(group)


def _speaker(exchange: Exchange) -> Hashable:
    return exchange.account_id, exchange.subject or exchange.source_key

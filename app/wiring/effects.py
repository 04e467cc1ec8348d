"""How each promised call is made, and what "unknown" means for it.

Claim (commit) → call → settle (commit). Every kind has one function and one policy; a kind that
nobody knows for hours is a bug and fails loudly into the alarms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog

from creator_tools.kernel import effects
from creator_tools.kernel.effects import ClaimedEffect, EffectPolicy, OnUnknown, Outcome
from creator_tools.kernel.unit_of_work import UnitsOfWork
from wechat_handlers.wire.errors import WeChatApiRefused

_log = structlog.get_logger(__name__)

# Twice is worse than never: a message that may have arrived is not sent again.
TELL = EffectPolicy(2, 5, 30, OnUnknown.GIVE_UP)
# Harmless to repeat: the platform knows the number, or only answers.
CERTAIN = EffectPolicy(20, 2, 600, OnUnknown.SEND_AGAIN, alarms_when_refused=True)
ASK = EffectPolicy(8, 5, 600, OnUnknown.SEND_AGAIN)


@dataclass(frozen=True)
class Result:
    """How one try ended."""

    outcome: Outcome
    external_ref: str | None = None
    error_code: str | None = None


DONE = Result(Outcome.DONE)
Send = Callable[[ClaimedEffect], Result]


@dataclass(frozen=True)
class EffectKind:
    """One kind of promise: how it is kept, its policy, and what is done when it cannot be kept.

    Attributes:
        instead: what keeps the business going when the last try has ended badly; DONE when it
            took the promise's place. It must be harmless to repeat.
    """

    send: Send
    policy: EffectPolicy
    instead: Send | None = None


def object_of(claimed: ClaimedEffect) -> UUID:
    """What a promise is about, for kinds that are always about something."""
    if claimed.object_id is None:
        raise ValueError(f"an effect of kind {claimed.kind} belongs to no object")
    return claimed.object_id


class EffectRunner:
    """Keeps promises; any number of processes may run one."""

    def __init__(self, units: UnitsOfWork, kinds: dict[str, EffectKind]) -> None:
        self._units = units
        self._kinds = kinds

    def run_due(
        self, *, limit: int = 20, kinds: tuple[str, ...] = (), other_than: tuple[str, ...] = ()
    ) -> int:
        """Try what is due, one after the other; returns how many were tried.

        Each is leased when its turn comes: a lease that ran out while others were slow would
        look like a call that was made, and a message would be given up unsent.

        Args:
            kinds, other_than: only these kinds, or all but these.
        """
        for tried in range(limit):
            claimed = self._units.run(
                "effects.claim",
                lambda uow: effects.claim(uow, limit=1, kinds=kinds, other_than=other_than),
            )
            if not claimed:
                return tried
            self._run(claimed[0])
        return limit

    def _run(self, claimed: ClaimedEffect) -> None:
        kind = self._kinds.get(claimed.kind)
        if kind is None:
            # While a new release comes up, an old process may meet a kind of tomorrow.
            result, policy = Result(Outcome.NOT_DONE, error_code="unknown_kind"), CERTAIN
        elif claimed.may_have_happened and kind.policy.on_unknown is OnUnknown.GIVE_UP:
            result, policy = Result(Outcome.UNKNOWN, error_code="interrupted"), kind.policy
        else:
            result, policy = _tried(kind.send, claimed), kind.policy
            if kind.instead is not None and effects.is_over(
                result.outcome, policy, claimed.attempts_count
            ):
                result = _instead(kind.instead, claimed, result)
        if result.outcome is not Outcome.DONE:
            _log.warning(
                "effect.not_done",
                kind=claimed.kind,
                effect_id=str(claimed.id),
                outcome=result.outcome.value,
                error_code=result.error_code,
            )
        self._units.run(
            "effects.settle",
            lambda uow: effects.settle(
                uow,
                claimed,
                result.outcome,
                policy,
                external_ref=result.external_ref,
                error_code=result.error_code,
            ),
        )


def _instead(send: Send, claimed: ClaimedEffect, failed: Result) -> Result:
    taken = _tried(send, claimed)
    if taken.outcome is not Outcome.DONE:
        return failed
    return Result(Outcome.DONE, error_code=failed.error_code)


def _tried(send: Send, claimed: ClaimedEffect) -> Result:
    try:
        return send(claimed)
    except WeChatApiRefused as refused:
        code = f"wechat_{refused.errcode}" if refused.errcode is not None else "no_answer"
        if refused.outcome == "unknown":
            return Result(Outcome.UNKNOWN, error_code=code)
        return Result(Outcome.NOT_DONE if refused.retryable else Outcome.REFUSED, error_code=code)
    except Exception as error:  # noqa: BLE001 - one broken promise must not stop the others
        _log.exception("effect.broken", kind=claimed.kind, effect_id=str(claimed.id))
        return Result(Outcome.UNKNOWN, error_code=type(error).__name__)

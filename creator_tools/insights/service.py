"""What an operator sets right after having looked: an explained alarm, a call tried again."""

from uuid import UUID

from sqlalchemy import select

from creator_tools.insights.errors import AlarmNotFound, EffectNotRetryable
from creator_tools.kernel.models import Alarm, Effect
from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork

RESOLUTION_CHARS_MAX = 200
_RETRYABLE = ("failed", "dead")


def resolve_alarm(uow: UnitOfWork, *, alarm_id: UUID, resolution: str) -> None:
    """Close an alarm with a sentence that says what it was.

    Raises:
        InputRefused: the sentence is empty or longer than 200 characters.
        AlarmNotFound: there is no open alarm with this id.
    """
    sentence = clean_line(resolution, "resolution", RESOLUTION_CHARS_MAX)
    alarm = uow.session.scalars(
        select(Alarm).where(Alarm.id == alarm_id, Alarm.resolved_at.is_(None)).with_for_update()
    ).one_or_none()
    if alarm is None:
        raise AlarmNotFound(alarm_id=str(alarm_id))
    alarm.resolved_at, alarm.resolution = uow.now(), sentence
    uow.audit("alarm.resolved", "alarm", alarm_id, code=alarm.code)


def retry_effect(uow: UnitOfWork, *, effect_id: UUID) -> None:
    """Let an outside call that was given up be tried again, under its old key.

    Raises:
        EffectNotRetryable: there is no such effect, or it has not been given up.
    """
    effect = uow.session.scalars(
        select(Effect).where(Effect.id == effect_id, Effect.state.in_(_RETRYABLE)).with_for_update()
    ).one_or_none()
    if effect is None:
        raise EffectNotRetryable(effect_id=str(effect_id))
    effect.state, effect.attempts_count, effect.next_at = "due", 0, uow.now()
    effect.error_code = None
    uow.audit("effect.retried", effect.object_type, effect.object_id, kind=effect.kind)

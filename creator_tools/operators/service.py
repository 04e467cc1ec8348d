"""Making operators, signing them in and out, and slowing down whoever guesses."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel import rng
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.sealing import Sealed
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.operators import queries, rules
from creator_tools.operators.errors import (
    LoginTaken,
    OperatorNotFound,
    SignInRefused,
    TooManyAttempts,
)
from creator_tools.operators.models import Operator, OperatorSession, SignInAttempt


@dataclass(frozen=True, repr=False)
class SignInOutcome:
    """How a try at signing in ended; ask for the token after the unit is committed."""

    _token: str | None
    _refusal: DomainError | None

    def token(self) -> str:
        """The session's token.

        Raises:
            SignInRefused: login, password or code is wrong, or the operator is disabled.
            TooManyAttempts: too many tries failed.
        """
        if self._token is None:
            raise self._refusal or SignInRefused()
        return self._token


def create(
    uow: UnitOfWork, *, login: str, password: str, roles: Collection[str]
) -> tuple[UUID, str]:
    """Make an operator; returns the id and the one-time-code secret, which is shown only now.

    Raises:
        TextRefused: the login, the password or the roles cannot be taken.
        LoginTaken: another operator has the login.
    """
    name = rules.clean_login(login)
    secret = uow.rng.getrandbits(rules.TOTP_SECRET_BITS).to_bytes(rules.TOTP_SECRET_BITS // 8)
    operator_id = uow.ids.new()
    sealed = uow.sealer.seal(secret, purpose=queries.totp_purpose(operator_id))
    made = uow.session.scalar(
        insert(Operator)
        .values(
            id=operator_id,
            login=name,
            password_hash=rules.hash_password(rules.checked_password(password, name)),
            totp_key_id=sealed.key_id,
            sealed_totp_secret=sealed.ciphertext,
            totp_last_step=0,
            roles=rules.clean_roles(roles),
            created_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["login"])
        .returning(Operator.id)
    )
    if made is None:
        raise LoginTaken(login=name)
    uow.audit("operator.created", "operator", operator_id, roles=rules.clean_roles(roles))
    return operator_id, rules.totp_secret_text(secret)


def sign_in(
    uow: UnitOfWork, *, login: str, password: str, totp: str, address: str
) -> SignInOutcome:
    """Try to sign an operator in; the outcome's `token()` gives the session or raises.

    A refusal is returned and not raised, because the failed try must be committed to count. Five
    failures for a login since its last success, or twenty from an address whatever succeeded,
    within 15 minutes close that way for the rest of the time. An unknown login costs as much
    time as a known one, and a one-time code is good once.

    Args:
        totp: six digits of now or of the step before or after; spaces do not matter.
        address: where the try comes from; kept as a hash.
    """
    login_key, address_key = rules.login_key(login), rules.address_key(address)
    # Tries at once count one after the other, so a burst gets no more guesses than a queue.
    for key in sorted((login_key, address_key)):
        uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    refusal = _closed(uow, login_key, address_key)
    if refusal is not None:
        uow.audit("operator.sign_in_throttled", "operator", None)
        return SignInOutcome(None, refusal)
    operator_id = _prove(uow, login, password, totp)
    for key in (login_key, address_key):
        _note_attempt(uow, key, succeeded=operator_id is not None)
    if operator_id is None:
        uow.audit("operator.sign_in_refused", "operator", None)
        return SignInOutcome(None, SignInRefused())
    return SignInOutcome(_open_session(uow, operator_id), None)


def _closed(uow: UnitOfWork, login_key: str, address_key: str) -> TooManyAttempts | None:
    limits = (
        (login_key, rules.FAILURES_PER_LOGIN_MAX, True),
        (address_key, rules.FAILURES_PER_ADDRESS_MAX, False),
    )
    waits = []
    for key, failures_max, since_success in limits:
        failures_count, oldest = queries.failures_within_window(
            uow.session, key, uow.now(), since_success=since_success
        )
        if failures_count >= failures_max and oldest is not None:
            waits.append(_minutes_until(oldest + rules.THROTTLE_WINDOW, uow.now()))
    return TooManyAttempts(minutes=max(waits)) if waits else None


def _minutes_until(moment: datetime, now: datetime) -> int:
    return max(1, ceil((moment - now).total_seconds() / 60))


def _prove(uow: UnitOfWork, login: str, password: str, totp: str) -> UUID | None:
    """The operator who is proven to be there, their code used up; None otherwise."""
    operator = uow.session.scalar(
        select(Operator).where(Operator.login == rules.typed_login(login))
    )
    if operator is None:
        rules.is_password(rules.NOBODYS_HASH, password)
        return None
    is_known = rules.is_password(operator.password_hash, password)
    secret = uow.sealer.open(
        Sealed(operator.totp_key_id, operator.sealed_totp_secret),
        purpose=queries.totp_purpose(operator.id),
    )
    step = rules.matching_step(secret, totp, uow.now())
    if not is_known or step is None or operator.disabled_at is not None:
        return None
    # The guard, not the read above, decides: of two who send the same code, one is late.
    return uow.session.scalar(
        update(Operator)
        .where(Operator.id == operator.id, Operator.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Operator.id)
        .execution_options(synchronize_session=False)
    )


def _note_attempt(uow: UnitOfWork, key: str, *, succeeded: bool) -> None:
    uow.session.add(
        SignInAttempt(id=uow.ids.new(), throttle_key=key, succeeded=succeeded, at=uow.now())
    )


def _open_session(uow: UnitOfWork, operator_id: UUID) -> str:
    token = rng.token(uow.rng)
    uow.session.add(
        OperatorSession(
            token_hash=rules.token_hash(token),
            operator_id=operator_id,
            created_at=uow.now(),
            last_seen_at=uow.now(),
            expires_at=uow.now() + rules.SESSION_LIFE,
        )
    )
    uow.session.flush()
    uow.audit("operator.signed_in", "operator", operator_id)
    return token


def touch_session(uow: UnitOfWork, token: str) -> None:
    """Note that a live session was seen; call it when `SignedInOperator.is_touch_due` says so.

    Not audited: nothing changed but the time. A session that idled too long stays ended.
    """
    uow.session.execute(
        update(OperatorSession)
        .where(
            OperatorSession.token_hash == rules.token_hash(token),
            OperatorSession.revoked_at.is_(None),
            OperatorSession.last_seen_at > uow.now() - rules.SESSION_IDLE,
        )
        .values(last_seen_at=uow.now())
    )


def sign_out(uow: UnitOfWork, token: str) -> None:
    """End a session; an unknown or ended one is left as it is."""
    operator_id = uow.session.scalar(
        update(OperatorSession)
        .where(
            OperatorSession.token_hash == rules.token_hash(token),
            OperatorSession.revoked_at.is_(None),
        )
        .values(revoked_at=uow.now())
        .returning(OperatorSession.operator_id)
    )
    if operator_id is not None:
        uow.audit("operator.signed_out", "operator", operator_id)


def set_roles(uow: UnitOfWork, *, operator_id: UUID, roles: Collection[str]) -> None:
    """Give an operator other roles; their sessions end, so that nothing old goes on.

    Raises:
        TextRefused: no roles, or unknown ones.
        OperatorNotFound: there is no such operator.
    """
    wanted = rules.clean_roles(roles)
    operator = _lock(uow, operator_id)
    before, operator.roles = list(operator.roles), wanted
    _end_sessions(uow, operator_id)
    uow.audit("operator.roles_changed", "operator", operator_id, before=before, after=wanted)


def disable(uow: UnitOfWork, *, operator_id: UUID) -> None:
    """Let an operator in no more and end their sessions; again changes nothing.

    Raises:
        OperatorNotFound: there is no such operator.
    """
    operator = _lock(uow, operator_id)
    if operator.disabled_at is None:
        operator.disabled_at = uow.now()
        uow.audit("operator.disabled", "operator", operator_id)
    _end_sessions(uow, operator_id)


def prune_attempts(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Forget tries that count no more; returns how many."""
    old = (
        select(SignInAttempt.id)
        .where(SignInAttempt.at <= uow.now() - rules.THROTTLE_WINDOW)
        .limit(limit)
    )
    gone = uow.session.scalars(
        delete(SignInAttempt).where(SignInAttempt.id.in_(old)).returning(SignInAttempt.id)
    )
    return len(gone.all())


def prune_sessions(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Forget sessions whose time is over, ended or not; returns how many."""
    old = (
        select(OperatorSession.token_hash)
        .where(OperatorSession.expires_at <= uow.now())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = uow.session.scalars(
        delete(OperatorSession)
        .where(OperatorSession.token_hash.in_(old))
        .returning(OperatorSession.token_hash)
    )
    return len(gone.all())


def _end_sessions(uow: UnitOfWork, operator_id: UUID) -> None:
    uow.session.execute(
        update(OperatorSession)
        .where(OperatorSession.operator_id == operator_id, OperatorSession.revoked_at.is_(None))
        .values(revoked_at=uow.now())
    )


def _lock(uow: UnitOfWork, operator_id: UUID) -> Operator:
    operator = uow.session.get(Operator, operator_id, with_for_update=True, populate_existing=True)
    if operator is None:
        raise OperatorNotFound(operator_id=str(operator_id))
    return operator

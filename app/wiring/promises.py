"""The kinds of promises there are: messages, content checks, deliveries, introductions."""

import html
from typing import Any
from uuid import UUID

from app.wiring import reviews
from app.wiring.accounts import AccountBook
from app.wiring.blobs import HashedBlobs
from app.wiring.effects import ASK, CERTAIN, DONE, TELL, EffectKind, Result, object_of
from app.wiring.media_intake import MediaIntake
from app.wiring.wechat import WeChat
from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.fan_groups.rules import code_in
from creator_tools.kernel import idempotency
from creator_tools.kernel.effects import ClaimedEffect, Outcome
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.messaging import queries as messaging
from creator_tools.messaging import rules as words
from creator_tools.orders import queries as orders_queries
from creator_tools.payouts import queries as payouts
from creator_tools.people import queries as people
from creator_tools.people import service as people_service
from creator_tools.studio import service as studio
from creator_tools.studio.code_desk import ScannedPicture
from creator_tools.studio.deeds import pictures
from creator_tools.studio.deeds.doer import begin
from creator_tools.studio.dialogs import Answer
from creator_tools.studio.ports import Desk
from creator_tools.works import queries as works_queries
from wechat_handlers.wire.api_client import TextVerdict
from wechat_handlers.wire.errors import WeChatApiRefused
from wechat_handlers.wire.xpay_client import Env

# The platform checks at most this many characters at once.
CHECKED_CHARS_MAX = 2500
# Whoever it was for wants no notices of its kind, as they said before it went out.
SWITCHED_OFF = Result(Outcome.REFUSED, error_code="switched_off")
USER_NOT_ACTIVE = 61010
OPENID_INVALID = 40003
_WORST = {"pass": 0, "review": 1, "risky": 2}
_VERDICTS = {"pass": "pass", "review": "needs_person", "risky": "risky"}


class Promises:
    """Keeps each kind of promise."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        wechat: WeChat,
        blobs: HashedBlobs,
        desk: Desk,
        public_base_url: str,
        intake: MediaIntake,
        makes_playable: bool,
    ) -> None:
        self._intake = intake
        self._makes_playable = makes_playable
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._blobs = blobs
        self._desk = desk
        self._public_base_url = public_base_url

    def kinds(self) -> dict[str, EffectKind]:
        """Every kind with the function that keeps it."""
        return {
            "customer_message.paid": EffectKind(self._tell_paid, TELL),
            "customer_message.refund": EffectKind(self._tell_refund, TELL),
            "customer_message.payout": EffectKind(self._tell_payout, TELL),
            "customer_message.text": EffectKind(self._tell_text, TELL),
            "customer_message.seat": EffectKind(self._tell_seat, TELL),
            "text.check": EffectKind(self._check_text, ASK, self._leave_to_a_person),
            "xpay.provide": EffectKind(self._provide, CERTAIN),
            "person.introduce": EffectKind(self._introduce, ASK),
            "picture.fetch": EffectKind(self._fetch_picture, ASK),
            "voice.fetch": EffectKind(self._fetch_voice, ASK),
            "menu.publish": EffectKind(self._publish_menu, ASK),
        }

    def _tell_paid(self, claimed: ClaimedEffect) -> Result:
        with self._units.reading() as session:
            notice = messaging.paid_notice(session, object_of(claimed), self._units.clock.now())
        if notice is None:
            return Result(Outcome.REFUSED, error_code="nothing_to_tell")
        link, door = self._public_base_url + notice.path, None
        if notice.door is not None:
            door = (notice.door.column_title, self._public_base_url + notice.door.path)
        said = words.paid_words(notice.title, notice.amount_fen, link, door)
        return self._send(claimed, notice.person_id, said)

    def _tell_refund(self, claimed: ClaimedEffect) -> Result:
        with self._units.reading() as session:
            notice = messaging.refund_notice(session, object_of(claimed))
        if notice is None:
            return Result(Outcome.REFUSED, error_code="nothing_to_tell")
        said = words.refund_words(
            claimed.payload["state"],
            notice.title,
            notice.amount_fen,
            self._public_base_url + notice.path,
            words=notice.words,
            ends_access=notice.ends_access,
        )
        if said is None:
            return Result(Outcome.REFUSED, error_code="nothing_to_tell")
        return self._send(claimed, notice.person_id, said)

    def _tell_payout(self, claimed: ClaimedEffect) -> Result:
        payout_id, state = object_of(claimed), claimed.payload["state"]
        with self._units.reading() as session:
            payout = payouts.get(session, payout_id)
        if state == "waiting" and payout.state != state:
            return Result(Outcome.REFUSED, error_code="nothing_to_tell")
        link = f"{self._public_base_url}/h5/payouts/{payout_id}"
        said = words.payout_words(state, payout.amount_fen, link, payout.decision_words)
        if said is None:
            return Result(Outcome.REFUSED, error_code="nothing_to_tell")
        return self._send(claimed, payout.person_id, said)

    def _tell_text(self, claimed: ClaimedEffect) -> Result:
        """Tell what was promised; `notice` in the payload names what a person may switch off."""
        person_id = UUID(claimed.payload["person_id"])
        with self._units.reading() as session:
            if claimed.payload.get("notice") in messaging.muted_notices(session, person_id):
                return SWITCHED_OFF
        account = claimed.payload.get("account_id")
        return self._send(
            claimed,
            person_id,
            claimed.payload["words"],
            account_id=UUID(account) if account else None,
        )

    def _tell_seat(self, claimed: ClaimedEffect) -> Result:
        """Tell somebody who waited of their seat; whoever may not be written to sees it later."""
        account_id, now = self._accounts.first("oa").id, self._units.clock.now()
        with self._units.reading() as session:
            seat = fan_groups.find_seat_to_tell(session, object_of(claimed), now)
            if seat is None or seat.lapses_at is None:
                return Result(Outcome.REFUSED, error_code="nothing_to_tell")
            if words.SEAT in messaging.muted_notices(session, seat.person_id):
                return SWITCHED_OFF
            if not messaging.may_write(session, seat.person_id, account_id, now):
                return Result(Outcome.REFUSED, error_code="not_heard_lately")
        link = f"{self._public_base_url}/g/{seat.code}"
        said = words.seat_words(seat.group_name, seat.lapses_at, link)
        return self._send(claimed, seat.person_id, said, account_id)

    def _send(
        self, claimed: ClaimedEffect, person_id: UUID, text: str, account_id: UUID | None = None
    ) -> Result:
        """Write to a person where they can be reached.

        Somebody new may be known there only seconds later, when their two identities have become
        one person; so nobody is given up at the first try.
        """
        account_id = account_id or self._accounts.first("oa").id
        with self._units.reading() as session:
            subject = people.subject_of(session, person_id, account_id)
        if subject is None:
            is_last = claimed.attempts_count >= TELL.attempts_max
            outcome = Outcome.REFUSED if is_last else Outcome.NOT_DONE
            return Result(outcome, error_code="not_reachable")
        self._wechat.api.send_customer_text(account_id, subject, text)
        return DONE

    def _check_text(self, claimed: ClaimedEffect) -> Result:
        check_id = UUID(claimed.payload["check_id"])
        mini_ids = self._accounts.ids_of("mini")
        with self._units.reading() as session:
            found = works_queries.get_check_text(session, check_id)
            if found is None or found[0].decided_at is not None:
                return DONE
            author = creators.get(session, found[0].creator_id).person_id
            subject = people.eligible_for_text_check(
                session, author, mini_ids, self._units.clock.now()
            )
        if subject is None:
            return self._record_verdict(check_id, "needs_person", {"reason": "author_not_active"})
        try:
            verdict = self._worst_verdict(mini_ids[0], subject, found[1])
        except WeChatApiRefused as refused:
            if refused.errcode in {USER_NOT_ACTIVE, OPENID_INVALID}:
                detail = {"reason": "author_not_active", "errcode": refused.errcode}
                return self._record_verdict(check_id, "needs_person", detail)
            raise
        detail = {"label": verdict.label, "trace_id": verdict.trace_id}
        return self._record_verdict(
            check_id, _VERDICTS.get(verdict.suggestion, "needs_person"), detail
        )

    def _worst_verdict(self, account_id: UUID, subject: str, text: str) -> TextVerdict:
        parts = [
            text[at : at + CHECKED_CHARS_MAX] for at in range(0, len(text), CHECKED_CHARS_MAX)
        ] or [" "]
        verdicts = [
            self._wechat.api.msg_sec_check(account_id, openid=subject, content=part, scene=3)
            for part in parts
        ]
        return max(verdicts, key=lambda verdict: _WORST.get(verdict.suggestion, 1))

    def _record_verdict(self, check_id: UUID, verdict: str, detail: dict[str, Any]) -> Result:
        self._units.run(
            "works.review",
            lambda uow: reviews.record_verdict(
                uow, check_id=check_id, verdict=verdict, detail=detail
            ),
        )
        return DONE

    def _leave_to_a_person(self, claimed: ClaimedEffect) -> Result:
        """No machine will answer any more: the work waits for a person instead of for ever."""
        check_id = UUID(claimed.payload["check_id"])
        with self._units.reading() as session:
            found = works_queries.get_check_text(session, check_id)
        if found is None or found[0].decided_at is not None:
            return DONE
        return self._record_verdict(check_id, "needs_person", {"reason": "no_answer"})

    def _provide(self, claimed: ClaimedEffect) -> Result:
        with self._units.reading() as session:
            facts = orders_queries.facts_of(session, object_of(claimed))
        payee = self._accounts.get(facts.payee_account_id)
        env: Env = 1 if payee.credentials["env"] == 1 else 0
        self._wechat.xpay.notify_provide_goods(
            facts.account_id, env=env, out_trade_no=facts.trade_no
        )
        return DONE

    def _introduce(self, claimed: ClaimedEffect) -> Result:
        """Learn a new follower's identity across accounts, and unite the two people it may be."""
        account_id = UUID(claimed.payload["account_id"])
        with self._units.reading() as session:
            subject = people.subject_of(session, object_of(claimed), account_id)
        if subject is None:
            return Result(Outcome.REFUSED, error_code="not_reachable")
        follower = self._wechat.api.user_info(account_id, subject)
        if follower.unionid is not None:
            self._units.run(
                "people.sign_in",
                lambda uow: people_service.recognise(
                    uow, account_id=account_id, subject=subject, union_subject=follower.unionid
                ),
            )
        return DONE

    def _fetch_picture(self, claimed: ClaimedEffect) -> Result:
        """Fetch a picture that was sent in the chat: the code of a group, or for a draft."""
        account_id = UUID(claimed.payload["account_id"])
        media = self._wechat.api.download_media(account_id, claimed.payload["media_id"])
        person_id = object_of(claimed)
        scanned = _scanned(media.content)
        if self._units.run("studio.act", lambda uow: self._use_code(uow, claimed, scanned)):
            return DONE
        try:
            path = self._stored_picture(person_id, media.content)
            self._units.run(
                "studio.act", lambda uow: self._use_picture(uow, claimed, path, scanned)
            )
        except DomainError as refused:
            said = refused.in_chinese()
            self._units.run("studio.act", lambda uow: _tell_about_picture(uow, claimed, said))
        return DONE

    def _fetch_voice(self, claimed: ClaimedEffect) -> Result:
        """Fetch what a creator said in the chat, and put it into the draft once."""
        account_id, person_id = UUID(claimed.payload["account_id"]), object_of(claimed)
        spoken = self._wechat.api.download_media(account_id, claimed.payload["media_id"])
        with self._units.reading() as session:
            creator = creators.find_by_person(session, person_id)
        if creator is None:
            return Result(Outcome.REFUSED, error_code="not_a_creator")
        try:
            kept = self._intake.take_whole(creator.id, filename="语音", content=spoken.content)
        except DomainError as refused:
            said = refused.in_chinese()
            self._units.run("studio.act", lambda uow: _tell_about_picture(uow, claimed, said))
            return DONE

        def use(uow: UnitOfWork) -> None:
            scope, key = "voice.fetch", str(claimed.id)
            if idempotency.begin(uow, scope=scope, key=key, body={}) is not None:
                return
            answer = studio.sound(
                uow,
                person_id=person_id,
                media_id=kept.id,
                is_playable=self._makes_playable,
                desk=self._desk,
            )
            _tell_about_picture(uow, claimed, self._words(answer))
            idempotency.finish(uow, scope=scope, key=key, response={})

        self._units.run("studio.act", use)
        return DONE

    def _use_code(self, uow: UnitOfWork, claimed: ClaimedEffect, scanned: ScannedPicture) -> bool:
        """Take the picture for a group's code once, if it is meant so; False when it is not."""
        scope, key = "picture.code", str(claimed.id)
        if idempotency.begin(uow, scope=scope, key=key, body={}) is not None:
            return True
        answer = studio.group_picture(
            uow, person_id=object_of(claimed), scanned=scanned, desk=self._desk
        )
        if answer is None:
            idempotency.release(uow, scope=scope, key=key)
            return False
        _tell_about_picture(uow, claimed, self._words(answer))
        idempotency.finish(uow, scope=scope, key=key, response={})
        return True

    def _words(self, answer: Answer) -> str:
        lines = [answer.text]
        lines += [
            f'<a href="{html.escape(self._public_base_url + path)}">{html.escape(label)}</a>'
            for label, path in answer.links
        ]
        return "\n".join(lines)

    def _use_picture(
        self, uow: UnitOfWork, claimed: ClaimedEffect, path: str, scanned: ScannedPicture
    ) -> None:
        """Put the picture into the draft once, however often the promise is tried."""
        scope, key = "picture.fetch", str(claimed.id)
        if idempotency.begin(uow, scope=scope, key=key, body={}) is not None:
            return
        answer = studio.picture(
            uow,
            person_id=object_of(claimed),
            picture_path=path,
            desk=self._desk,
            scanned=scanned,
        )
        _tell_about_picture(uow, claimed, answer.text)
        idempotency.finish(uow, scope=scope, key=key, response={})

    def _stored_picture(self, person_id: UUID, original: bytes) -> str:
        """Note the picture (commit), then store its bytes; a crash between is tried again."""

        def note(uow: UnitOfWork) -> tuple[str, bytes]:
            return pictures.add(begin(uow, person_id, self._desk), original)

        sha256, encoded = self._units.run("studio.act", note)
        self._blobs.put(sha256, encoded)
        return f"/media/{sha256}"

    def _publish_menu(self, claimed: ClaimedEffect) -> Result:
        self._wechat.api.create_menu(UUID(claimed.payload["account_id"]), claimed.payload["menu"])
        return DONE


def _scanned(original: bytes) -> ScannedPicture:
    try:
        return ScannedPicture(said=code_in(original))
    except DomainError as refusal:
        return ScannedPicture(refusal=refusal)


def _tell_about_picture(uow: UnitOfWork, claimed: ClaimedEffect, said: str) -> None:
    person_id = object_of(claimed)
    uow.promise(
        "customer_message.text",
        f"picture:{claimed.id}",
        object_type="person",
        object_id=person_id,
        payload={
            "account_id": claimed.payload["account_id"],
            "person_id": str(person_id),
            "words": said,
        },
    )

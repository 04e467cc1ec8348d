"""What a rail says of a refund: once, late, in any order, or of what nobody here began."""

from datetime import timedelta

from creator_tools.access import service as access
from creator_tools.refunds import service
from creator_tools.refunds.service import claim_query
from tests.integration.refunds.conftest import OPERATOR, Counter


def test_a_refund_that_succeeded_clears_what_was_in_flight(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    counter.hear(counter.told(refund.id, "processing"))
    assert counter.get(refund.id).state == "sent"
    counter.hear(counter.told(refund.id, "succeeded"))

    assert counter.get(refund.id).state == "succeeded"
    assert counter.balances()["refund_in_flight"] == 0
    assert counter.balances()["receivable"] == 0
    assert counter.broken() == []


def test_the_same_word_again_or_an_older_one_changes_nothing(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    for says in ("succeeded", "processing", "succeeded", "processing"):
        counter.hear(counter.told(refund.id, says))  # type: ignore[arg-type]
    assert counter.get(refund.id).state == "succeeded"
    assert counter.rows("SELECT count(*) FROM journal_entries WHERE kind = 'refund_done'") == [(1,)]
    assert counter.alarms() == []
    assert counter.broken() == []


def test_a_closed_refund_returns_books_and_access_to_what_is_true(counter: Counter) -> None:
    order_id = counter.bought()
    before = counter.balances()
    refund = counter.ask(order_id)
    counter.hear(counter.told(refund.id, "processing"))
    counter.hear(counter.told(refund.id, "closed"))

    assert counter.get(refund.id).state == "failed"
    assert counter.balances() == before | {"refund_in_flight": 0}
    assert counter.may_read()
    assert counter.rows("SELECT state FROM orders") == [("paid",)]
    assert counter.alarms() == ["refund_failed"]
    assert counter.broken() == []
    # The next one has a number of its own.
    again = counter.ask(order_id)
    assert again.refund_no != refund.refund_no
    assert again.state == "approved"


def test_an_abnormal_refund_stays_in_flight_and_a_person_is_told(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    counter.hear(counter.told(refund.id, "abnormal"))
    counter.hear(counter.told(refund.id, "abnormal"))
    assert counter.get(refund.id).state == "abnormal"
    assert counter.balances()["refund_in_flight"] == -990
    assert not counter.may_read()
    assert counter.alarms() == ["refund_abnormal"]
    counter.hear(counter.told(refund.id, "succeeded"))
    assert counter.get(refund.id).state == "succeeded"
    assert counter.balances()["refund_in_flight"] == 0
    assert counter.broken() == []


def test_money_that_went_after_we_took_it_back_is_booked_again(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    with counter.shop.units("refunds.record") as uow:
        assert service.record_absence(uow, refund_id=refund.id, code="NO_AUTH")
    assert counter.may_read()
    counter.hear(counter.told(refund.id, "succeeded"))
    assert counter.get(refund.id).state == "succeeded"
    assert not counter.may_read()
    assert counter.balances()["receivable"] == 0
    assert counter.balances()["creator_payable"] == 0
    assert counter.alarms() == ["refund_failed", "refund_restated"]
    assert counter.broken() == []


def test_another_sum_under_our_number_is_no_outcome(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    counter.hear(counter.told(refund.id, "succeeded", amount_fen=989))
    assert counter.get(refund.id).state == "approved"
    assert counter.alarms() == ["refund_restated"]


def test_a_refund_from_the_console_is_booked_and_ends_access_with_the_last_fen(
    counter: Counter,
) -> None:
    order_id = counter.bought()
    trade_no = order_id.hex
    said = {
        "account_id": counter.shop.merchant_id,
        "refund_no": "console-1",
        "trade_no": trade_no,
        "payment_ref": None,
    }
    probe = counter.ask(order_id, amount_fen=990, by_fan=False)
    told = counter.told(probe.id, "succeeded", **said, refund_ref="9001", amount_fen=400)
    with counter.shop.units("refunds.decide", OPERATOR) as uow:
        service.decline(uow, refund_id=probe.id, words="重复")
    first = counter.hear(told)
    assert counter.hear(told) == first
    assert counter.may_read()
    counter.hear(counter.told(probe.id, "succeeded", **said, refund_ref="9002", amount_fen=590))

    assert not counter.may_read()
    assert counter.balances()["receivable"] == 0
    assert counter.balances()["fee"] == 0
    assert counter.alarms() == ["refund_from_outside", "refund_from_outside"]
    # Two fen that cannot be are left to a person.
    counter.hear(counter.told(probe.id, "succeeded", **said, refund_ref="9003", amount_fen=2))
    assert counter.alarms()[0] == "refund_beyond_paid"
    assert counter.balances()["receivable"] == 0
    assert counter.broken() == []


def test_a_refund_of_a_payment_we_never_saw_is_only_told_of(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    stranger = counter.told(
        refund.id, "succeeded", refund_no="x" * 8, refund_ref="1", trade_no="y", payment_ref="z"
    )
    assert counter.hear(stranger) is None
    assert counter.alarms() == ["refund_foreign"]


def test_a_second_payment_goes_back_by_the_same_path(counter: Counter) -> None:
    order_id = counter.bought()
    before = counter.balances()
    counter.shop.record(counter.shop.statement(order_id, payment_ref="4200second"))
    payment_id = counter.rows("SELECT id FROM payments WHERE disposition = 'second_payment'")[0][0]
    with counter.shop.units("refunds.ask", OPERATOR) as uow:
        asked = service.ask_for_stray(uow, payment_id=payment_id)
    refund = counter.approve(asked.id, roles=("finance",))
    assert (refund.state, refund.amount_fen) == ("approved", 990)
    assert counter.balances()["suspense"] == 0
    counter.hear(counter.told(asked.id, "succeeded"))
    assert counter.balances() == before | {"suspense": 0, "refund_in_flight": 0}
    # What the first payment bought is untouched.
    assert counter.may_read()
    assert counter.rows("SELECT state FROM orders") == [("paid",)]
    assert counter.broken() == []


def test_a_stray_refund_that_failed_lies_in_suspense_again(counter: Counter) -> None:
    order_id = counter.bought()
    counter.shop.record(counter.shop.statement(order_id, payment_ref="4200second"))
    before = counter.balances()
    payment_id = counter.rows("SELECT id FROM payments WHERE disposition = 'second_payment'")[0][0]
    with counter.shop.units("refunds.ask", OPERATOR) as uow:
        asked = service.ask_for_stray(uow, payment_id=payment_id)
    counter.approve(asked.id)
    counter.hear(counter.told(asked.id, "closed"))
    assert counter.balances() == before | {"refund_in_flight": 0}
    assert counter.broken() == []


def test_another_live_source_keeps_the_door_open(counter: Counter) -> None:
    order_id = counter.bought()
    with counter.shop.units("operators.act") as uow:
        access.grant(
            uow,
            person_id=counter.shop.person_id,
            creator_id=counter.shop.creator_id,
            object_type="work",
            object_id=counter.shop.work_id,
            source_kind="gift",
            source_id=counter.shop.product_id,
            starts_at=uow.now(),
            ends_at=None,
        )
    counter.ask(order_id)
    assert counter.may_read()
    assert counter.broken() == []


def test_a_sent_refund_is_asked_about_by_one_at_a_time(counter: Counter) -> None:
    refund = counter.ask(counter.bought())
    counter.hear(counter.told(refund.id, "processing"))
    assert counter.get(refund.id).next_query_at == counter.shop.clock.now() + timedelta(seconds=20)
    counter.later(seconds=21)
    with counter.shop.units("refunds.claim_query") as uow:
        assert claim_query(uow, refund.id)
    with counter.shop.units("refunds.claim_query") as uow:
        assert not claim_query(uow, refund.id)

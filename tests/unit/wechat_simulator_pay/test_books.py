"""The books: fees rounded once, refunds that never drift."""

from datetime import UTC, datetime

import pytest

from wechat_simulator.books import Books, PaymentBooked

AT = datetime(2026, 5, 20, tzinfo=UTC)


def paid(books: Books, amount_fen: int, rail: str = "jsapi") -> None:
    fee_fen = books.fee_fen(rail, amount_fen)
    books.payments.append(
        PaymentBooked(rail, "o", "p", "wx", "16", "fan", amount_fen, fee_fen, "SUCCESS", AT)
    )


@pytest.mark.parametrize(
    ("rail", "amount_fen", "fee_fen"),
    [
        ("jsapi", 990, 6),
        ("jsapi", 83, 0),
        ("jsapi", 84, 1),
        ("jsapi", 1, 0),
        ("xpay_android", 50, 1),
        ("xpay_android", 49, 0),
        ("xpay_ios", 990, 119),
        ("xpay_ios", 100, 12),
    ],
)
def test_half_a_fen_is_rounded_up(rail: str, amount_fen: int, fee_fen: int) -> None:
    assert Books().fee_fen(rail, amount_fen) == fee_fen


def test_the_table_may_be_set() -> None:
    books = Books()
    books.fee_bp["jsapi"] = 100

    assert books.fee_fen("jsapi", 990) == 10


@pytest.mark.parametrize("parts", [[990], [1, 989], [330, 330, 330], [500, 489, 1], [1] * 990])
def test_the_whole_fee_goes_back_with_the_last_fen(parts: list[int]) -> None:
    books = Books()
    paid(books, 990)

    for number, part in enumerate(parts):
        books.book_refund(
            payment_ref="p", refund_no=f"r{number}", refund_ref="x", amount_fen=part, at=AT
        )

    assert sum(one.fee_fen for one in books.refunds) == 6
    assert all(one.fee_fen >= 0 for one in books.refunds)


def test_a_refund_of_no_payment_is_no_refund() -> None:
    with pytest.raises(KeyError):
        Books().book_refund(payment_ref="p", refund_no="r", refund_ref="x", amount_fen=1, at=AT)

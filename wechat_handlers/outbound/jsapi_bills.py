"""The bills of one WeChat Pay merchant, in the terms of the business."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO

from creator_tools.reconciliation.errors import BillNotReady, BillRefused
from creator_tools.reconciliation.ports import BillKind, BillRow, KeptBill
from wechat_handlers.statements import bill
from wechat_handlers.wire import pay_bills
from wechat_handlers.wire.errors import BillUnreadable
from wechat_handlers.wire.pay_client import PayClient

_CHUNK_BYTES = 512 * 1024


@dataclass(frozen=True)
class JsapiBills:
    """Fetches and reads bills; files are kept under their SHA-256.

    Attributes:
        keep: keeps a file under a hash, from a stream of chunks.
        open_kept: a stream of the chunks of a kept file.
    """

    client: PayClient
    keep: Callable[[str, Iterator[bytes]], None]
    open_kept: Callable[[str, int], Iterator[bytes]]

    def fetch(self, day: date, kind: BillKind) -> KeptBill:
        """Fetch the bill of a day into a file, prove its hash and its totals, and keep it."""
        with tempfile.TemporaryFile() as file:
            try:
                sha1, size_bytes = pay_bills.fetch(self.client, kind, day, file)
                rows_count = _proven(kind, file)
            except pay_bills.NoBusiness:
                return KeptBill(kind, "", "", 0, 0)
            except pay_bills.BillLater:
                raise BillNotReady from None
            except BillUnreadable as unreadable:
                raise BillRefused(unreadable.code) from None
            sha256 = _sha256_of(file)
            file.seek(0)
            self.keep(sha256, _chunks(file))
        return KeptBill(kind, sha1, sha256, size_bytes, rows_count)

    def rows(self, kept: KeptBill) -> Iterator[BillRow]:
        """The rows of a kept bill; it was proven before, so its totals are left out."""
        if not kept.sha256:
            return
        for row in bill.read(kept.kind, _lines(self.open_kept(kept.sha256, kept.size_bytes))):
            if isinstance(row, bill.Unread):
                yield BillRow(line=row.line, kind="unread", words=row.text)
            elif isinstance(row, bill.Read):
                yield BillRow(
                    line=row.line,
                    kind=row.kind,
                    payment_ref=row.payment_ref,
                    trade_no=row.trade_no,
                    refund_ref=row.refund_ref,
                    refund_no=row.refund_no,
                    merchant=row.merchant,
                    amount_fen=row.amount_fen,
                    fee_millifen=row.fee_millifen,
                    happened_at=row.happened_at,
                    words=row.words,
                )


def _proven(kind: BillKind, file: IO[bytes]) -> int:
    """How many rows there are; the file must agree with its own totals.

    A row that cannot be read is counted and its sum cannot be, so only the number is held against
    the totals then.
    """
    file.seek(0)
    rows_count = came_fen = left_fen = 0
    is_whole, totals = True, None
    for row in bill.read(kind, file):
        if isinstance(row, bill.Totals):
            totals = row
            continue
        rows_count += 1
        if isinstance(row, bill.Unread):
            is_whole = False
        elif row.kind == "refund" or row.amount_fen < 0:
            left_fen += abs(row.amount_fen)
        else:
            came_fen += row.amount_fen
    if totals is None or totals.rows_count != rows_count:
        raise BillUnreadable("totals_differ")
    if is_whole and (totals.in_fen, totals.out_fen) != (came_fen, left_fen):
        raise BillUnreadable("totals_differ")
    return rows_count


def _sha256_of(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream of chunks as lines, as a file gives them; one without an end is cut and refused."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(rest) > bill.LINE_BYTES_MAX:
            break
    if rest:
        yield rest

"""Finds payments that were taken back as if no receipt counted them, though their device had written one that did.

A receipt names what it counts, and nothing that was taken back before it: so a receipt that names a payment was there
when the payment was taken back by the same device. No clock is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloud.replication.stream_owners import Owner
from shared.drawers.records import DrawerSession
from shared.payments.counting import counted_by
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import RefundPayment
from sync.fold import Batch, Creation

PAYMENTS, RECEIPTS, SESSIONS = (kind.__tablename__ for kind in (Payment, Receipt, DrawerSession))
PARTS = RefundPayment.__tablename__


def corrected_in_secret(batch: Batch, owners: Mapping[bytes, Owner], refunds: Sequence[Creation]) -> Iterator[Creation]:
    """The corrections that do not say that a receipt counted their payment, of devices that knew it did."""
    silent = {(each.row, each.at): each for each in refunds if each.values.correction and not each.values.after_receipt}
    if not silent:
        return
    taken_back = {
        key: part.values.payment_id
        for part in batch.creations.get(PARTS, ())
        if (key := (part.values.refund_id, part.at)) in silent and part.values.payment_id is not None
    }
    checks = {paid.check_id for paid in rows_with(batch, PAYMENTS, "id", set(taken_back.values())).values()}
    receipts, payments = (rows_with(batch, table, "check_id", checks) for table in (RECEIPTS, PAYMENTS))
    devices = rows_with(batch, SESSIONS, "id", {each.session_id for each in receipts.values()} - {None})

    def wrote(device: bytes, letter: str, receipt: Any) -> bool:
        session = devices.get(receipt.session_id)
        return bool(session.device_id == device) if session is not None else letter_of(receipt) == letter

    for key, payment_id in taken_back.items():
        refund, paid = silent[key], payments.get(payment_id)
        if paid is None:
            continue
        author = owners[batch.stream_of(refund)].device
        written = {
            row: each.counts
            for row, each in receipts.items()
            if each.check_id == paid.check_id and wrote(author, letter_of(refund.values), each)
        }
        of_check = {row: each.replaces_id for row, each in payments.items() if each.check_id == paid.check_id}
        if payment_id in counted_by(written, of_check):
            yield refund


def letter_of(values: Any) -> str:
    """The letter of the device that numbered a row."""
    return str(getattr(values, "number", "")).partition("-")[0]


def rows_with(batch: Batch, table: str, field: str, keys: set[bytes]) -> dict[bytes, Any]:
    """The rows of a table of which a field has one of these values, stored or of this batch."""
    stored = batch.merged.load_by(batch.merged.tables[table], field, sorted(keys)) if keys else []
    found: dict[bytes, Any] = dict(stored)
    for each in batch.creations.get(table, ()):
        if (each.row if field == "id" else getattr(each.values, field)) in keys:
            found.setdefault(each.row, each.values)
    return found

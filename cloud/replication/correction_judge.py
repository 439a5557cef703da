"""Finds payments that were taken back as if no receipt counted them, though their device had written one that did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloud.replication.stream_owners import Owner
from shared.drawers.records import DrawerSession
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
    payments = rows_with(batch, PAYMENTS, "id", set(taken_back.values()))
    receipts = rows_with(batch, RECEIPTS, "check_id", {paid.check_id for paid in payments.values()})
    devices = rows_with(batch, SESSIONS, "id", {each.session_id for each in receipts.values()} - {None})
    for key, payment_id in taken_back.items():
        refund, paid = silent[key], payments.get(payment_id)
        author = owners[batch.stream_of(refund)].device
        known = (
            each
            for each in receipts.values()
            if each.session_id in devices and devices[each.session_id].device_id == author
        )
        if paid is not None and any(
            each.check_id == paid.check_id and paid.taken_at <= each.settled_at <= refund.values.refunded_at
            for each in known
        ):
            yield refund


def rows_with(batch: Batch, table: str, field: str, keys: set[bytes]) -> dict[bytes, Any]:
    """The rows of a table of which a field has one of these values, stored or of this batch."""
    stored = batch.merged.load_by(batch.merged.tables[table], field, sorted(keys)) if keys else []
    found: dict[bytes, Any] = dict(stored)
    for each in batch.creations.get(table, ()):
        if (each.row if field == "id" else getattr(each.values, field)) in keys:
            found.setdefault(each.row, each.values)
    return found

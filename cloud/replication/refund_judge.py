"""Finds refunds that go beyond a limit only with what went back for their order before, as far as their device knew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloud.replication.correction_judge import SESSIONS, rows_with
from cloud.replication.stream_owners import Owner
from shared.payments.records import Check
from shared.payments.refund_records import Refund
from sync.fold import Batch, Creation

REFUNDS, CHECKS = Refund.__tablename__, Check.__tablename__


def gone_back_in_all(
    batch: Batch, owners: Mapping[bytes, Owner], refunds: Sequence[Creation]
) -> Iterator[tuple[Creation, int]]:
    """Refunds with what their device had given back for the order by then, them included; without the first of each.

    What another device gave back counts for nothing here: this one may not have heard of it.
    """
    asked = [each for each in refunds if each.values.paid_minor and not each.values.correction]
    if not asked:
        return
    checks = {each.values.check_id for each in asked}
    orders = {row: each.order_id for row, each in rows_with(batch, CHECKS, "id", checks).items()}
    orders |= {row: each.order_id for row, each in rows_with(batch, CHECKS, "order_id", set(orders.values())).items()}
    of_orders = rows_with(batch, REFUNDS, "check_id", checks | orders.keys())
    devices = rows_with(batch, SESSIONS, "id", {each.session_id for each in of_orders.values()} - {None})
    for refund in asked:
        author, said = owners[batch.stream_of(refund)].device, refund.values
        before = sum(
            each.paid_minor
            for row, each in of_orders.items()
            if orders.get(each.check_id, each.check_id) == orders.get(said.check_id, said.check_id)
            and not each.correction
            and each.session_id in devices
            and devices[each.session_id].device_id == author
            and (each.refunded_at, row) < (said.refunded_at, refund.row)
        )
        if before:
            yield refund, before + said.paid_minor

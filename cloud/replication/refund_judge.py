"""Finds refunds that go beyond a limit only with what went back for their check before, as far as their device knew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloud.replication.correction_judge import SESSIONS, rows_with
from cloud.replication.stream_owners import Owner
from shared.payments.refund_records import Refund
from sync.fold import Batch, Creation

REFUNDS = Refund.__tablename__


def gone_back_in_all(
    batch: Batch, owners: Mapping[bytes, Owner], refunds: Sequence[Creation]
) -> Iterator[tuple[Creation, int]]:
    """Refunds with what their device had given back for the check by then, them included; without the first of a check.

    What another device gave back counts for nothing here: this one may not have heard of it.
    """
    asked = [each for each in refunds if each.values.paid_minor and not each.values.correction]
    if not asked:
        return
    of_checks = rows_with(batch, REFUNDS, "check_id", {each.values.check_id for each in asked})
    devices = rows_with(batch, SESSIONS, "id", {each.session_id for each in of_checks.values()} - {None})
    for refund in asked:
        author, said = owners[batch.stream_of(refund)].device, refund.values
        before = sum(
            each.paid_minor
            for row, each in of_checks.items()
            if each.check_id == said.check_id
            and not each.correction
            and each.session_id in devices
            and devices[each.session_id].device_id == author
            and (each.refunded_at, row) < (said.refunded_at, refund.row)
        )
        if before:
            yield refund, before + said.paid_minor

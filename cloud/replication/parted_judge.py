"""Finds losses and cash taken out that go beyond a limit only with what the same person did before on the same device.

A limit of cash, out of the house or to the safe, holds for a drawer's session, one of losses for a business day: to do
it in many acts frees nothing.
What other devices wrote counts for nothing here: this one may not have heard of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cloud.replication.correction_judge import RECEIPTS, SESSIONS, letter_of, rows_with
from shared.drawers.records import CashMovement
from shared.kernel.permissions import Permission
from shared.payments.records import WriteOff
from sync.fold import Batch, Creation


class Parted(NamedTuple):
    """Rows of a table whose amounts are added up against a limit.

    Attributes:
        is_by_day: whether those of a business day count together; else those of a drawer session.
        together: what they have in common, of their values.
        amount: the field that the limit is held against.
        at: the field that says when each was written.
        counts: whether a row does.
    """

    right: Permission
    table: str
    is_by_day: bool
    together: Callable[[Any], tuple[Any, ...]]
    amount: str
    at: str
    counts: Callable[[Any], bool]


PARTED = (
    Parted(
        Permission.CASH_OUT,
        CashMovement.__tablename__,
        False,
        lambda row: (row.session_id, row.currency, row.moved_by),
        "out_minor",
        "moved_at",
        lambda row: bool(row.out_minor),
    ),
    Parted(
        Permission.SAFE_DROP,
        CashMovement.__tablename__,
        False,
        lambda row: (row.session_id, row.currency, row.moved_by),
        "taken_minor",
        "moved_at",
        lambda row: bool(row.taken_minor),
    ),
    Parted(
        Permission.WRITE_OFF,
        WriteOff.__tablename__,
        True,
        lambda row: (row.branch_id, row.business_date, row.currency, row.written_by),
        "amount_minor",
        "written_at",
        lambda row: row.receipt_id is not None and not row.lifted,
    ),
)


_LOSSES = "SELECT id FROM write_offs WHERE organization_id = ? AND business_date = ? AND branch_id {keys}"


def beyond_in_parts(
    batch: Batch, organization: bytes, parted: Parted, created: Sequence[Creation]
) -> Iterator[tuple[Creation, int]]:
    """The new rows with what they come to with those before them; without the first of each."""
    asked = [each for each in created if parted.counts(each.values)]
    if not asked:
        return
    rows = _of_day(batch, organization, asked) if parted.is_by_day else _of_session(batch, asked)
    writers = _writers(batch, rows)
    for each in asked:
        at = (getattr(each.values, parted.at), each.row)
        before = sum(
            getattr(row, parted.amount)
            for key, row in rows.items()
            if parted.counts(row)
            and parted.together(row) == parted.together(each.values)
            and writers[key] == writers[each.row]
            and (getattr(row, parted.at), key) < at
        )
        if before:
            yield each, before + getattr(each.values, parted.amount)


def _of_session(batch: Batch, asked: Sequence[Creation]) -> Mapping[bytes, Any]:
    return rows_with(batch, CashMovement.__tablename__, "session_id", {each.values.session_id for each in asked})


def _of_day(batch: Batch, organization: bytes, asked: Sequence[Creation]) -> Mapping[bytes, Any]:
    """The losses of the days and branches of some: one statement a day."""
    found = {each.row for each in batch.creations.get(WriteOff.__tablename__, ())}
    for day in sorted({each.values.business_date for each in asked}):
        branches = sorted({each.values.branch_id for each in asked if each.values.business_date == day})
        rows = batch.door.among(_LOSSES, branches, batch.door.key(organization), day)
        found |= {row[0] for row in rows}
    return rows_with(batch, WriteOff.__tablename__, "id", found)


def _writers(batch: Batch, rows: Mapping[bytes, Any]) -> Mapping[bytes, object]:
    """By row the device that wrote it: that of its session or of its receipt's, else the letter of that receipt."""
    of = {key: getattr(row, "receipt_id", None) for key, row in rows.items()}
    receipts = rows_with(batch, RECEIPTS, "id", {each for each in of.values() if each is not None})
    named = {key: receipts.get(of[key] or b"", row) for key, row in rows.items()}
    sessions = {key: getattr(each, "session_id", None) for key, each in named.items()}
    devices = rows_with(batch, SESSIONS, "id", {each for each in sessions.values() if each is not None})
    return {
        key: devices[session].device_id if session in devices else letter_of(named[key])
        for key, session in sessions.items()
    }

"""The sums that follow from comparing ledgers: what every replica keeps for itself, never replicated.

They are declared below all domains that read them, and filled by the comparisons of `shared/books/`, which know all.
Amounts in minor units of the check's currency, quantities in thousandths.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared.kernel.columns import Key, Words
from shared.kernel.sums import sums_table

check_balances = sums_table(
    "check_balances",
    {"branch_id": Key(), "check_id": Key()},
    (
        "facts",
        "opened",
        "has_left",
        "settled",
        "receipts",
        "live_milli",
        "owed_milli",
        "late_milli",
        "spare_milli",
        "to_send_milli",
        "held_milli",
        "in_minor",
        "refunded_minor",
        "counted_minor",
        "lost_minor",
    ),
)
"""What a check comes to. `facts` counts the rows behind it.

`opened`, `has_left` and `settled` stand at the first check of an order: it was opened, the party left, receipts of any
of its checks. `late_milli`: owed portions of lines that no receipt covers at all. `in_minor`: payments and write-offs
less the cash rounding of receipts, or their own; `lost_minor`: of these the write-offs. `counted_minor`: what receipts
say that is a sale.
"""

ticket_balances = sums_table(
    "ticket_balances",
    {"branch_id": Key(), "ticket_id": Key()},
    ("lines", "to_make_milli", "withdraw_milli"),
)
"""What a kitchen ticket still asks for: portions to make, and told portions that nobody wants any more."""

differences = sums_table(
    "differences",
    {"branch_id": Key(), "kind": Words(32), "subject_id": Key(), "also": sa.BigInteger(), "check_id": Key()},
    ("found", "size"),
)
"""Differences of families, for a person. `subject_id` and `also` are the cause; `size` in portions, or minor units for
a changed price."""


def is_busy(columns: sa.ColumnCollection[str, sa.Column[int]]) -> sa.ColumnElement[bool]:
    """The condition that something is to be done about a check.

    Something is owed, to send, held or to give back, or its money differs.
    """
    return sa.or_(
        columns.owed_milli != 0,
        columns.spare_milli != 0,
        columns.to_send_milli != 0,
        columns.held_milli != 0,
        columns.in_minor != columns.refunded_minor + columns.counted_minor,
        sa.and_(columns.opened > 0, columns.has_left == 0, columns.settled == 0),
    )


def is_asked(columns: sa.ColumnCollection[str, sa.Column[int]]) -> sa.ColumnElement[bool]:
    """The condition that the kitchen has something to do about a ticket."""
    return sa.or_(columns.to_make_milli != 0, columns.withdraw_milli != 0)


def _only(index: str, table: sa.Table, condition: sa.ColumnElement[bool]) -> None:
    """An index of the few rows that are still work, so that a list of them never reads history."""
    sa.Index(index, table.c.branch_id, table.c.organization_id, sqlite_where=condition)


_only("ix_check_balances_busy", check_balances, is_busy(check_balances.c))
_only("ix_ticket_balances_asked", ticket_balances, is_asked(ticket_balances.c))

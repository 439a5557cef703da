"""The families of every day as they stand, without comparing: one line, told as ordered or not at all, not paid yet.

Screens are full of them. It says what `compare` says (a test holds it so). Pure.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.truth.cooking import made_of
from shared.truth.family import LINES, RECEIPT_LINES, REFUND_LINES, TICKET_LINES, VOIDS, FamilyRows
from shared.truth.portions import Id, content_of, is_held


class PlainLine(NamedTuple):
    """A line that is a family by itself.

    Attributes:
        portions: ordered; none of them is voided or paid, and all or none were told.
        ticket_line: the id of the row that says that they were told; None if they were not.
        told: that row.
        to_make: told portions that a station has still to make.
    """

    line_id: Id
    line: Any
    portions: int
    ticket_line: Id | None
    told: Any
    to_make: int

    @property
    def to_send(self) -> int:
        """Portions that the kitchen does not know of, and is to know."""
        return 0 if self.told is not None or is_held(self.line) else self.portions

    @property
    def held(self) -> int:
        """Portions that wait for their course."""
        return self.portions if self.told is None and is_held(self.line) else 0


def plain_of(rows: FamilyRows) -> PlainLine | None:
    """The family as a plain line; None if it must be compared."""
    return None if rows[RECEIPT_LINES] else ordered_plainly(rows)


def ordered_plainly(rows: FamilyRows) -> PlainLine | None:
    """The family as a plain line, whatever receipts say of it; None if it must be compared."""
    lines, told = rows[LINES], rows[TICKET_LINES]
    if len(lines) != 1 or len(told) > 1 or rows[VOIDS] or rows[REFUND_LINES]:
        return None
    ((line_id, line),) = lines.items()
    portions = line.quantity_milli + line.more_milli
    if portions < 0 or line.taken_milli or line.part_of_id is not None:
        return None
    if not told:
        return PlainLine(line_id, line, portions, None, None, 0)
    ((row_id, row),) = told.items()
    if row.also_of_id is not None or row.told_milli != portions or row.back_milli or row.wasted_milli:
        return None
    made = made_of(row)
    if not 0 <= made <= portions or row.content_id != content_of(line_id, lines):
        return None
    return PlainLine(line_id, line, portions, row_id, row, portions - made if row.station_id is not None else 0)

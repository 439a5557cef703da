"""What receipts cover against what is live, and what refunds took back. Pure.

Quantities in thousandths, amounts in minor units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shared.truth.portions import Id, within


class Covered(NamedTuple):
    """What one receipt line still stands for.

    Attributes:
        counted: portions that are a sale.
        counted_minor: their share of the line's amount.
        spare: portions to give back.
        refunded: portions that refunds name; above the line's quantity if it was refunded twice.
        spare_minor: what the portions to give back cost.
        twice_minor: what refunds took back beyond the line's amount.
    """

    counted: int
    counted_minor: int
    spare: int
    refunded: int
    spare_minor: int = 0
    twice_minor: int = 0


class Covering(NamedTuple):
    """What receipts cover of a family.

    Attributes:
        gap: by line, portions owed; below nothing: paid too much.
        net: by line, portions of receipt lines that were not refunded.
        lines: by receipt line.
    """

    gap: dict[Id, int]
    net: Counter[Id]
    lines: dict[Id, Covered]


def charged_of(receipt_lines: Mapping[Id, Any], refund_lines: Iterable[Any]) -> dict[Id, int]:
    """The portions of each receipt line that were not refunded."""
    refunded: Counter[Id] = Counter()
    for row in refund_lines:
        refunded[row.receipt_line_id] += row.quantity_milli
    return {row_id: max(0, row.quantity_milli - refunded[row_id]) for row_id, row in receipt_lines.items()}


def covering_of(live: Mapping[Id, int], receipt_lines: Mapping[Id, Any], refund_lines: Iterable[Any]) -> Covering:
    """Compare receipts with live portions. Of two receipts for one portion the first by its id is the sale."""
    refunded: Counter[Id] = Counter()
    credited: Counter[Id] = Counter()
    for row in refund_lines:
        refunded[row.receipt_line_id] += row.quantity_milli
        credited[row.receipt_line_id] += row.total_minor
    net: Counter[Id] = Counter()
    for row_id, row in receipt_lines.items():
        net[row.order_line_id] += max(0, row.quantity_milli - refunded[row_id])
    gap = within({line: portions - net[line] for line, portions in live.items()})
    if 0 < sum(gap.values()) <= len(receipt_lines) - 1:  # equal shares that several tills took are rounded each
        gap = dict.fromkeys(gap, 0)
    allowed = {line: net[line] + min(0, gap[line]) for line in live}
    lines = {}
    for row_id in sorted(receipt_lines):
        row = receipt_lines[row_id]
        left = max(0, row.quantity_milli - refunded[row_id])
        counted = min(left, allowed.get(row.order_line_id, 0))
        if counted:
            allowed[row.order_line_id] -= counted
        rest = row.total_minor - credited[row_id]
        amount = max(0, rest) * counted // left if left else 0
        spare = max(0, rest) - amount if left > counted else 0
        lines[row_id] = Covered(counted, amount, left - counted, refunded[row_id], spare, max(0, -rest))
    return Covering(gap, net, lines)

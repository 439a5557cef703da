"""Applies the lines of a ticket that take something back: a void cancels a line, a discount is shared by all lines.

Pure: lines in, lines out. The sum of the kept lines is the sum of all lines, less the refused ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from shared.kernel.money import divide_half_up, share
from terminal.rehearsal.past_sales import PastLine


def takes_back(line: PastLine) -> bool:
    """Whether a line takes something back instead of selling it."""
    return line.quantity_milli <= 0


def settled(lines: Sequence[PastLine]) -> tuple[list[PastLine], list[PastLine]]:
    """Return the lines of a ticket that sell, less what was taken back, and the refused lines.

    A line that takes back cancels a line of the same item and amount, or part of its quantity. Any other is a discount,
    shared by all lines in proportion to their amounts. A line that would leave the ticket below zero is refused.
    """
    kept = [line for line in lines if not takes_back(line)]
    discounts, refused = [], []
    for line in lines:
        if takes_back(line):
            left = _without(kept, line)
            if left is None:
                discounts.append(line)
            else:
                kept = left
    for line in discounts:
        if not kept or -line.amount_minor > sum(other.amount_minor for other in kept):
            refused.append(line)
        else:
            kept = _discounted(kept, -line.amount_minor)
    return kept, refused


def _without(kept: Sequence[PastLine], void: PastLine) -> list[PastLine] | None:
    """The lines without the voided ones. None if no line has the same item and amount."""
    same = [at for at, line in enumerate(kept) if line.item == void.item]
    for parts in _ways(kept, same, void):
        if sum(amount for _quantity, amount in parts.values()) == -void.amount_minor:
            return [
                dataclasses.replace(
                    line,
                    quantity_milli=line.quantity_milli - parts[at][0],
                    amount_minor=line.amount_minor - parts[at][1],
                )
                if at in parts
                else line
                for at, line in enumerate(kept)
                if at not in parts or parts[at][0] < line.quantity_milli
            ]
    return None


def _ways(kept: Sequence[PastLine], same: Sequence[int], void: PastLine) -> Iterator[dict[int, tuple[int, int]]]:
    """Ways to take the void from the lines, as quantity and amount by line: a whole line, part of one, or several.

    The quantity of a void is often missing or wrong: the amount of a whole line is enough to find it.
    """
    quantity = -void.quantity_milli
    whole = {at: (kept[at].quantity_milli, kept[at].amount_minor) for at in reversed(same)}
    yield from ({at: part} for at, part in whole.items() if part[0] == quantity)
    yield from ({at: part} for at, part in whole.items())
    yield from ({at: _part(kept[at], quantity)} for at in whole if 0 < quantity < kept[at].quantity_milli)
    several = {}
    for at in whole:
        taken = min(quantity, kept[at].quantity_milli)
        if taken:
            several[at] = _part(kept[at], taken)
            quantity -= taken
    if several and not quantity:
        yield several


def _part(line: PastLine, quantity_milli: int) -> tuple[int, int]:
    return quantity_milli, divide_half_up(line.amount_minor * quantity_milli, line.quantity_milli)


def _discounted(kept: Sequence[PastLine], discount_minor: int) -> list[PastLine]:
    parts = share(discount_minor, [line.amount_minor for line in kept])
    return [
        dataclasses.replace(line, amount_minor=line.amount_minor - part) for line, part in zip(kept, parts, strict=True)
    ]

"""Reports of sessions added up for the day of a branch. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from shared.shifts.rules import CountedPurse, SalesSum, SessionReport

N = TypeVar("N", bound=tuple[Any, ...])


def added(reports: Sequence[SessionReport]) -> SessionReport | None:
    """The sums of some reports of one currency, for the day of a branch; None of none."""
    if not reports:
        return None
    sums = [each.sales for each in reports]
    numbers = [number for each in sums for number in (each.first_receipt, each.last_receipt) if number]
    amounts = {
        name: sum(getattr(each, name) for each in sums)
        for name in SalesSum.__slots__
        if name not in ("first_receipt", "last_receipt")
    }
    sales = SalesSum(first_receipt=min(numbers, default=""), last_receipt=max(numbers, default=""), **amounts)
    return replace(
        reports[0],
        sales=sales,
        taxes=tuple(_merged([tax for each in reports for tax in each.taxes], 3)),
        methods=tuple(_merged([method for each in reports for method in each.methods], 5)),
        movements=tuple(_merged([movement for each in reports for movement in each.movements], 2)),
        openings=sum(each.openings for each in reports),
        counted=_counted_together(reports),
        late=(),
    )


def _merged(entries: Iterable[N], keys: int) -> list[N]:
    """Entries with the same first fields as one: their other fields are added up."""
    found: dict[tuple[Any, ...], N] = {}
    for entry in entries:
        before = found.get(entry[:keys])
        amounts = entry[keys:] if before is None else map(sum, zip(before[keys:], entry[keys:], strict=True))
        found[entry[:keys]] = type(entry)(*entry[:keys], *amounts)
    return list(found.values())


def _counted_together(reports: Iterable[SessionReport]) -> tuple[CountedPurse, ...]:
    """Expected against counted of all; what nobody counted is left out of both, and rounds are those of each."""
    counted = [
        each._replace(rounds=0, first_difference_minor=0)
        for report in reports
        for each in report.counted
        if each.counted_minor is not None
    ]
    return tuple(_merged(counted, 3))

"""What the kitchen was told against what is wanted of it. Pure; quantities in thousandths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

from shared.kernel.totals import TALLY_ROUND
from shared.truth.portions import Id


class Cooking(NamedTuple):
    """One content of a family in the kitchen, in portions.

    Attributes:
        ticket_line: the id of the row that says what was told; None if nothing was.
        wanted: live portions of this content.
        told, back, gone, made: told to the kitchen, taken back, thrown away, made (all since the beginning). What no
            station makes is gone, too, once it was served or made and nobody wants it.
        rest: told and not gone; below nothing where one portion was noted twice as gone.
        expected: what the kitchen still counts on.
        good: made and still there.
        to_send: wanted, and the kitchen does not know: the first station, or (of the whole) any of the others.
        withdraw: the kitchen counts on them, and nobody wants them.
        to_make: wanted, told and not made yet.
        served: told portions that are on the table.
        held: wanted, and the kitchen is not to know yet: their course waits.
        others: by ticket line, the same at each other station at which it is made.

    What two devices told one station, because they knew other routes, that station is asked for once.
    """

    ticket_line: Id | None
    wanted: int
    told: int
    back: int
    gone: int
    made: int
    rest: int
    expected: int
    good: int
    to_send: int
    withdraw: int
    to_make: int
    served: int
    held: int = 0
    others: tuple[Cooking, ...] = ()

    @property
    def untold(self) -> int:
        """Wanted portions that the kitchen does not know of, whether they wait for their course or not."""
        return self.to_send + self.held

    @property
    def missing(self) -> int:
        """Portions that this one station was told too few of."""
        return max(0, self.wanted - self.expected)

    @property
    def left_to_make(self) -> int:
        """Portions that some station has still to make."""
        return max((self.to_make, *(each.to_make for each in self.others)))

    @property
    def at_stations(self) -> tuple[Cooking, ...]:
        """The same at each station, the first one before the others."""
        return (self, *self.others)


def cooking_of(
    wanted: Mapping[Id, int], ticket_lines: Mapping[Id, Any], voids: Iterable[Any], *, is_held: bool = False
) -> dict[Id, Cooking]:
    """Compare what the kitchen was told with what is wanted, by content.

    Dishes of no station are handed over as they are: nobody makes or confirms them.

    Args:
        is_held: whether the family waits for its course.
    """
    rows = {row.content_id: (row_id, row) for row_id, row in ticket_lines.items() if row.also_of_id is None}
    others: dict[Id, list[Cooking]] = {}
    for row_id, row in ticket_lines.items():
        _id, first = rows.get(row.content_id, (None, None))
        if row.also_of_id is not None and first is not None and row.station_id != first.station_id:
            at_station = _cooking(row_id, row, wanted.get(row.content_id, 0), 0)
            others.setdefault(row.content_id, []).append(at_station)
    thrown: Counter[Id] = Counter()
    for void in voids:
        if void.thrown_milli:
            thrown[void.content_id] += void.thrown_milli
    result = {}
    for content in {**rows, **wanted, **thrown}:
        row_id, row = rows.get(content, (None, None))
        each = _cooking(row_id, row, wanted.get(content, 0), thrown[content])
        if content in others:
            there = tuple(sorted(others[content], key=lambda other: cast("Id", other.ticket_line)))
            each = each._replace(others=there, to_send=max(each.to_send, *(other.to_send for other in there)))
        if is_held and each.to_send:
            each = each._replace(to_send=0, held=each.to_send)
        result[content] = each
    return result


def _cooking(row_id: Id | None, row: Any, wanted: int, thrown: int) -> Cooking:
    if row is None:
        rest = -thrown
        return Cooking(None, wanted, 0, 0, thrown, 0, rest, 0, 0, wanted, 0, 0, 0)
    has_station = row.station_id is not None
    made = made_of(row)
    gone = row.wasted_milli + thrown
    if not has_station:  # nobody takes back what was handed over, or was made while another device knew a station
        gone += max(0, max(made, served_of(row)) - gone - wanted)
    rest = row.told_milli - row.back_milli - thrown
    expected = max(0, rest)
    good = max(0, made - gone)
    to_send = max(0, wanted - expected)
    withdraw = max(0, max(expected, good) - wanted) if has_station else 0
    to_make = max(0, min(expected, wanted) - good) if has_station else 0
    return Cooking(
        row_id, wanted, row.told_milli, row.back_milli, gone, made, rest, expected, good, to_send, withdraw, to_make,
        min(served_of(row), expected),
    )  # fmt: skip


def made_of(row: Any) -> int:
    """The portions that a ticket line says are made. A record has a `Counted`, a wire row its number."""
    return row.made % TALLY_ROUND if isinstance(row.made, int) else row.made.total


def served_of(row: Any) -> int:
    """The portions of a ticket line that are on the table, or in the guest's hands."""
    return max(0, int(row.served_milli - row.returned_milli))

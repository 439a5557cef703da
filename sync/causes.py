"""Changes that say more than their cause allows: they wait for it, on every replica alike.

A total that counts another total of its row (portions made, of those told) waits until as much was told. A status or
tally that was reopened more than once since waits for the round before. So nobody can say a number that stands for
ever, and nothing honest is lost: the cause stands in another stream, and comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import compress
from typing import Any, NamedTuple, cast

from shared.kernel.states import Growing
from sync.change import Kind, RawChange
from sync.merge import Row
from sync.tables import TableSpec

CAUSE_UNKNOWN = "CAUSE_UNKNOWN"


class Said(NamedTuple):
    """What a change says of a row: its values by field name, and the place of its transaction."""

    row: bytes
    values: Any
    at: int


def ahead(table: TableSpec, held: Mapping[bytes, Row], said: Sequence[Said]) -> list[Said]:
    """Those that say more than what is held and said with them allows."""
    found: list[Said] = []
    for name, bounds in _watched(table):
        wire = _wire(table, name)
        doubtful = [_is_doubtful(wire, held.get(each.row), bounds, each.values.get(name)) for each in said]
        if not any(doubtful):
            continue
        of_row: defaultdict[bytes, list[Said]] = defaultdict(list)
        for each in said:
            of_row[each.row].append(each)
        for each in compress(said, doubtful):
            here, row = of_row[each.row], held.get(each.row)
            if not (_has_round(wire, row, name, here, each) and _is_within(wire, row, name, bounds, here, each)):
                found.append(each)
    return found


def causes(tables: Mapping[str, TableSpec], changes: Iterable[RawChange]) -> set[bytes]:
    """The rows that these changes create, or edit so that what waits for a cause may have it."""
    return {
        each.row
        for each in changes
        if each.kind == Kind.CREATE or (each.table in tables and bool(_watched(tables[each.table])))
    }


def is_cause(table: TableSpec, fields: Mapping[str, Any]) -> bool:
    """Whether an edit may be what another change of its row waits for."""
    for name, bounds in _watched(table):
        if not fields.keys().isdisjoint(bounds) or _wire(table, name).round_of(fields.get(name, 0)):
            return True
    return False


def can_wait(table: TableSpec) -> bool:
    """Whether a change of the table may wait for another change of its row."""
    return bool(_watched(table))


def may_wait(table: TableSpec, columns: Mapping[str, Sequence[Any]]) -> bool:
    """Whether one of several new rows, given by column, says anything that may wait: most begin with nothing."""
    return any(any(columns[name]) for name, _bounds in _watched(table))


@cache
def _watched(table: TableSpec) -> Sequence[tuple[str, Collection[str]]]:
    """The fields with rounds or bounds, and the totals that bound them together."""
    return [
        (name, table.bounds.get(name, ()))
        for name in table.states
        if name in table.bounds or type(_wire(table, name)).round_of is not Growing.round_of
    ]


def _wire(table: TableSpec, name: str) -> Growing:
    return cast("Growing", table.fields[name].wire)


def _is_doubtful(wire: Growing, held: Row | None, bounds: Collection[str], value: Any) -> bool:
    """Whether a value may need a cause: a quick look that lets almost all pass."""
    if value is None:
        return False
    if wire.round_of(value) > 1:
        return True
    return bool(bounds) and wire.total_of(value) > (_allowed(held, bounds) if held is not None else 0)


def _has_round(wire: Growing, held: Row | None, name: str, said: Iterable[Said], each: Said) -> bool:
    """Whether all rounds between the one that is held and this one are said, too."""
    reached = wire.round_of(getattr(held.values, name)) if held is not None else 0
    wanted = wire.round_of(each.values[name])
    rounds = sorted({wire.round_of(other.values[name]) for other in said if other.values.get(name) is not None})
    for number in rounds:
        if number <= reached + 1:
            reached = max(reached, number)
    return wanted <= reached


def _is_within(
    wire: Growing, held: Row | None, name: str, bounds: Collection[str], said: Iterable[Said], each: Said
) -> bool:
    """Whether a total is at most what is told, as far as that is held or said."""
    if not bounds:
        return True
    allowed = 0
    for bound in bounds:
        known = getattr(held.values, bound) if held is not None else 0
        allowed += max([known, *(other.values[bound] for other in said if other.values.get(bound) is not None)])
    return wire.total_of(each.values[name]) <= allowed


def _allowed(held: Row, bounds: Collection[str]) -> int:
    return sum(getattr(held.values, bound) for bound in bounds)

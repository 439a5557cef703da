"""Keeps the sales roll-ups: what a fold changes is summed up in memory and written in one statement a table.

A row's share is taken out as it was before and put in as it is after, so a replayed batch changes nothing and a voided
receipt leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import add, itemgetter, sub
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.columns import Key, Wired
from shared.sales.records import sales_by_hour, sales_by_item, takings_by_method
from sync.tables import TableSpec

Fields = Mapping[str, Any]


class SalesProjection:
    """Implements `sync.fold.Projection` for one organization."""

    def __init__(self, organization_id: UUID) -> None:
        self._organization_id = organization_id
        self._roll_ups = {
            "receipts": _RollUp(sales_by_hour, counts="receipts"),
            "receipt_lines": _RollUp(sales_by_item, counts="lines"),
            "payments": _RollUp(takings_by_method, counts="payments"),
        }

    def changed(self, spec: TableSpec, row: UUID, before: Fields | None, after: Fields | None) -> None:
        """One row changed (`before` None: it is new; `after` None: it was voided)."""
        roll_up = self._roll_ups.get(spec.name)
        if roll_up is None:
            return
        if before is not None:
            roll_up.take_out(before)
        if after is not None:
            roll_up.put_in(after)

    async def flush(self, connection: AsyncConnection) -> None:
        """Write what was collected, in the fold's own transaction. Whatever happens, nothing is kept for a next one."""
        collected = [(roll_up, roll_up.collected()) for roll_up in self._roll_ups.values()]
        for roll_up, deltas in collected:
            if deltas:
                await roll_up.write(connection, self._organization_id, deltas)

    def reset(self) -> None:
        """Forget what was collected: the fold that told it was rolled back."""
        for roll_up in self._roll_ups.values():
            roll_up.collected()


Delta = tuple[tuple[Any, ...], list[int]]
"""A roll-up row's key without the organization, and what its sums grow by."""


class _RollUp:
    """One table of sums: what was collected for it, and how it is written.

    Args:
        counts: its first sum, the number of ledger rows behind a row; a row that counts none is removed.
    """

    def __init__(self, table: sa.Table, counts: str) -> None:
        columns = [column for column in table.columns if column.name != "organization_id"]
        self._keys = [column for column in columns if column.primary_key]
        self._sums = [column for column in columns if not column.primary_key]
        assert self._sums[0].name == counts
        self._key_of: Callable[[Fields], tuple[Any, ...]] = itemgetter(*(column.name for column in self._keys))
        self._amounts_of: Callable[[Fields], Any] = itemgetter(
            *(column.name for column in self._sums[1:]),
            "currency",  # keeps a single sum a tuple; dropped again by the shorter side of a map
        )
        self._reads = [_wired(column).from_wire for column in self._keys]
        self._collected: dict[tuple[Any, ...], list[int]] = {}
        self._upsert = _upsert(table, self._keys, self._sums)
        self._sweep = _sweep(table, self._keys, counts)

    def put_in(self, fields: Fields) -> None:
        """Add a ledger row's share."""
        self._collect(fields, add)

    def take_out(self, fields: Fields) -> None:
        """Take a ledger row's share away."""
        self._collect(fields, sub)

    def collected(self) -> list[Delta]:
        """What was collected since, in the order in which all writers lock rows; then forgotten.

        One key may have come in several spellings (a date as 2026-11-23 and as 20261123); their sums are joined here,
        since PostgreSQL refuses to add to one row twice in a statement.
        """
        collected, self._collected = self._collected, {}
        joined: dict[tuple[Any, ...], list[int]] = {}
        for wire, sums in collected.items():
            key = tuple(read(value) for read, value in zip(self._reads, wire, strict=True))
            held = joined.setdefault(key, sums)
            if held is not sums:
                held[:] = map(add, held, sums)
        return sorted((key, sums) for key, sums in joined.items() if any(sums))

    async def write(self, connection: AsyncConnection, organization_id: UUID, deltas: Sequence[Delta]) -> None:
        """Add the deltas to the table; remove the rows that then count nothing."""
        await connection.execute(self._upsert, self._parameters(organization_id, deltas))
        emptied = [delta for delta in deltas if delta[1][0] < 0]
        if emptied:
            await connection.execute(self._sweep, self._parameters(organization_id, emptied))

    def _collect(self, fields: Fields, operation: Callable[[int, int], int]) -> None:
        key = self._key_of(fields)
        sums = self._collected.get(key)
        if sums is None:
            sums = self._collected[key] = [0] * len(self._sums)
        sums[:] = map(operation, sums, (1, *self._amounts_of(fields)))

    def _parameters(self, organization_id: UUID, deltas: Sequence[Delta]) -> dict[str, Any]:
        lists = zip(*((*key, *sums) for key, sums in deltas), strict=True)
        names = [column.name for column in (*self._keys, *self._sums)]
        return {"of_organization": organization_id} | {
            name: list(values) for name, values in zip(names, lists, strict=True)
        }


def _wired(column: sa.Column[Any]) -> Wired:
    assert isinstance(column.type, Wired)
    return column.type


def _upsert(table: sa.Table, keys: Sequence[sa.Column[Any]], sums: Sequence[sa.Column[Any]]) -> Any:
    columns = [*keys, *sums]
    delta = _lists(columns)
    organization = sa.bindparam("of_organization", type_=Key())
    source = sa.select(organization, *(delta.c[column.name] for column in columns))
    statement = insert(table).from_select(["organization_id", *(column.name for column in columns)], source)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={column.name: column + statement.excluded[column.name] for column in sums},
    )


def _sweep(table: sa.Table, keys: Sequence[sa.Column[Any]], counts: str) -> Any:
    delta = _lists(keys)
    return table.delete().where(
        table.c.organization_id == sa.bindparam("of_organization", type_=Key()),
        *(column == delta.c[column.name] for column in keys),
        table.c[counts] == 0,
    )


def _lists(columns: Sequence[sa.Column[Any]]) -> Any:
    """Rows made of one list a column: PostgreSQL takes thousands of them in one statement with few parameters."""
    lists = [sa.bindparam(column.name, type_=ARRAY(column.type)) for column in columns]
    shape = [sa.column(column.name, column.type) for column in columns]
    return sa.func.unnest(*lists).table_valued(*shape).render_derived(name="delta")

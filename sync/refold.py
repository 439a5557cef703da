"""Folding rows anew from the whole log, as if voided changes had never happened.

A row whose creation is voided disappears from the merged tables (the log keeps it), and what hangs on it parks for a
person to look at instead of failing on a reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.bulk import Bulk
from sync.change import Change, Kind, decode
from sync.fold import Projection
from sync.merge import MergedRow, merge
from sync.records import Judgement, Verdict, changes, parked
from sync.rows import Rows
from sync.tables import TableSpec

PARENT_VOIDED = "PARENT_VOIDED"
RowKey = tuple[str, UUID]


async def refold(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    rows: set[RowKey],
    projections: Sequence[Projection],
    now_ms: int,
) -> set[RowKey]:
    """Fold these rows anew; all rows that were touched, children of vanished ones included."""
    touched: set[RowKey] = set()
    todo = set(rows)
    vanished: list[RowKey] = []
    while todo:
        table, row_id = min(todo)
        todo.discard((table, row_id))
        if (table, row_id) in touched:
            continue
        touched.add((table, row_id))
        remaining = await _standing_changes(connection, organization_id, table, row_id)
        if any(change.kind == Kind.CREATE for _stream, change in remaining) and (table, row_id) not in vanished:
            await _rebuild(connection, bulk, organization_id, specs, (table, row_id), remaining, projections)
            continue
        vanished.append((table, row_id))
        for child in await _children(connection, organization_id, specs, table, row_id):
            await _park_creation(connection, organization_id, child, now_ms)
            vanished.append(child)
            todo |= {child} - touched
    await _delete(connection, organization_id, specs, vanished, projections)
    for projection in projections:
        await projection.flush(connection)
    return touched


async def _standing_changes(
    connection: AsyncConnection, organization_id: UUID, table: str, row_id: UUID
) -> list[tuple[UUID, Change]]:
    """All changes of a row that are neither voided nor parked, by stream and position."""
    verdicts = Verdict.__table__
    covered = sa.exists().where(
        verdicts.c.organization_id == organization_id,
        verdicts.c.stream_id == changes.c.stream_id,
        verdicts.c.judgement == Judgement.VOIDED,
        changes.c.seq.between(verdicts.c.first_seq, verdicts.c.last_seq),
    )
    waiting = sa.exists().where(
        parked.c.organization_id == organization_id,
        parked.c.stream_id == changes.c.stream_id,
        changes.c.seq.between(parked.c.first_seq, parked.c.last_seq),
    )
    found = await connection.execute(
        sa.select(changes.c.stream_id, changes.c.body)
        .where(changes.c.organization_id == organization_id, changes.c.row_id == row_id, ~covered, ~waiting)
        .order_by(changes.c.stream_id, changes.c.seq)
    )
    decoded = [(stream, decode(bytes(body))) for stream, body in found]
    return [(stream, change) for stream, change in decoded if change.table == table]


async def _rebuild(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    key: RowKey,
    remaining: list[tuple[UUID, Change]],
    projections: Sequence[Projection],
) -> None:
    spec = specs[key[0]]
    ordered = sorted(remaining, key=lambda each: each[1].kind)
    row: MergedRow | None = None
    for stream, change in ordered:
        stamp = (change.stamp, stream.bytes)
        if row is None:
            row = MergedRow({name: value for name, value in change.fields.items() if name in spec.fields}, stamp)
        else:
            merge(spec, row, change.fields, stamp, creates=change.kind == Kind.CREATE)
    assert row is not None
    rows = Rows(connection, bulk, organization_id, specs)
    await rows.load([ordered[0][1]])
    held = rows.get(key[0], key[1].bytes)
    if held is not None:
        row.fresh, row.before = False, held.before
        row.dirty = set(spec.fields)
    rows.put(key[0], key[1].bytes, row)
    await rows.write(projections)


async def _children(
    connection: AsyncConnection, organization_id: UUID, specs: Mapping[str, TableSpec], table: str, row_id: UUID
) -> list[RowKey]:
    found: list[RowKey] = []
    for name, spec in specs.items():
        for column, parent in spec.parents:
            if parent == table:
                rows = await connection.execute(
                    sa.select(spec.table.c.id).where(
                        spec.table.c.organization_id == organization_id, spec.table.c[column] == row_id
                    )
                )
                found.extend((name, row[0]) for row in rows)
    return sorted(found)


async def _park_creation(connection: AsyncConnection, organization_id: UUID, child: RowKey, now_ms: int) -> None:
    """Park the transactions that created a row whose parent has vanished."""
    for stream, change in await _standing_changes(connection, organization_id, *child):
        if change.kind != Kind.CREATE:
            continue
        bounds = await connection.execute(
            sa.select(changes.c.seq, changes.c.body)
            .where(changes.c.organization_id == organization_id, changes.c.stream_id == stream)
            .where(changes.c.seq.between(change.seq - 1_000, change.seq + 1_000))
            .order_by(changes.c.seq)
        )
        members = [seq for seq, body in bounds if decode(bytes(body)).transaction == change.transaction]
        identity: dict[str, Any] = {
            "organization_id": organization_id,
            "stream_id": stream,
            "first_seq": members[0],
            "last_seq": members[-1],
        }
        known = await connection.scalar(
            sa.select(parked.c.last_seq).where(
                parked.c.organization_id == organization_id,
                parked.c.stream_id == stream,
                parked.c.first_seq == members[0],
            )
        )
        if known is None:
            details = {"reason": PARENT_VOIDED, "params": {"table": child[0]}, "parked_ms": now_ms}
            await connection.execute(parked.insert(), {**identity, **details})


async def _delete(
    connection: AsyncConnection,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    vanished: list[RowKey],
    projections: Sequence[Projection],
) -> None:
    order = {name: index for index, name in enumerate(specs)}
    for name, row_id in sorted(vanished, key=lambda each: -order[each[0]]):
        spec = specs[name]
        at = (spec.table.c.organization_id == organization_id, spec.table.c.id == row_id)
        columns = [known.column for known in spec.fields.values()]
        held = (await connection.execute(sa.select(*columns).where(*at))).first()
        if held is None:
            continue
        before = {
            known.name: known.wire.to_wire(value) for known, value in zip(spec.fields.values(), held, strict=True)
        }
        for projection in projections:
            projection.changed(spec, row_id, before, None)
        await connection.execute(spec.table.delete().where(*at))

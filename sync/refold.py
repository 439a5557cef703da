"""Folding rows anew from the whole log, as if voided changes had never happened.

A row whose creation is voided disappears from the merged tables (the log keeps it). Transactions that edit it or refer
to it park whole, for a person to look at, and all other rows that they touched are folded anew without them: what
remains is what a replica holds that knew the verdict from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.bulk import Bulk
from sync.change import Change, Kind, decode
from sync.fold import PARENT_VOIDED, ROW_VOIDED, Objection, Projection, born
from sync.merge import merge
from sync.records import Judgement, Verdict, changes, parked, streams
from sync.rows import Rows
from sync.tables import TableSpec

RowKey = tuple[str, UUID]
Standing = list[tuple[UUID, Change]]
"""Changes with their streams, by stream and position."""
REACH = 256
"""How far around a change its transaction is looked for at first; few units of work write more."""


async def refold(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    rows: set[RowKey],
    projections: Sequence[Projection],
    now_ms: int,
) -> set[RowKey]:
    """Fold these rows anew; all rows that were touched, those of transactions that parked with them included."""
    touched: set[RowKey] = set()
    todo = set(rows)
    while todo:
        touched |= todo
        for key in sorted(todo):
            todo.discard(key)
            if not await _creations(connection, organization_id, key):
                todo |= await _park_dependents(connection, organization_id, specs, key, now_ms)
        if not todo:
            todo = await _park_orphans(connection, bulk, organization_id, specs, touched, now_ms)
    await _rebuild(connection, bulk, organization_id, specs, touched, projections)
    for projection in projections:
        await projection.flush(connection)
    return touched


async def _creations(connection: AsyncConnection, organization_id: UUID, key: RowKey) -> Standing:
    standing = await _standing_changes(connection, organization_id, key)
    return [each for each in standing if each[1].kind == Kind.CREATE]


async def _park_dependents(
    connection: AsyncConnection, organization_id: UUID, specs: Mapping[str, TableSpec], key: RowKey, now_ms: int
) -> set[RowKey]:
    """Park what edits a row that vanishes or refers to it; all rows of those transactions."""
    standing = await _standing_changes(connection, organization_id, key)
    objection = Objection(ROW_VOIDED, {"table": key[0], "row": key[1].hex})
    rows = await _park(connection, organization_id, specs, standing, objection, now_ms)
    for child in await _children(connection, organization_id, specs, key):
        referring = [
            (stream, change)
            for stream, change in await _standing_changes(connection, organization_id, child)
            if (key[0], key[1].bytes) in _references(specs[child[0]], change)
        ]
        objection = Objection(PARENT_VOIDED, {"table": child[0], "parent": key[0], "row": key[1].hex})
        rows |= await _park(connection, organization_id, specs, referring, objection, now_ms)
    return rows


async def _park_orphans(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    touched: set[RowKey],
    now_ms: int,
) -> set[RowKey]:
    """Park what would bring back a reference to a row that is not there; all rows of those transactions."""
    standing = {key: await _standing_changes(connection, organization_id, key) for key in sorted(touched)}
    alive = {key for key, some in standing.items() if any(change.kind == Kind.CREATE for _stream, change in some)}
    present = Rows(connection, bulk, organization_id, specs)
    await present.look(
        each
        for key in sorted(alive)
        for _stream, change in standing[key]
        for each in _references(specs[key[0]], change)
    )
    rows: set[RowKey] = set()
    for key in sorted(alive):
        for stream, change in standing[key]:
            for parent, parent_id in _references(specs[key[0]], change):
                known = (parent, UUID(bytes=parent_id))
                if known in alive or (known not in touched and present.exists(parent, parent_id)):
                    continue
                objection = Objection(PARENT_VOIDED, {"table": key[0], "parent": parent, "row": parent_id.hex()})
                rows |= await _park(connection, organization_id, specs, [(stream, change)], objection, now_ms)
    return rows


def _references(spec: TableSpec, change: Change) -> list[tuple[str, bytes]]:
    """The parents that a change names."""
    named = ((parent, change.fields.get(name)) for name, parent in spec.parents)
    return [(parent, key) for parent, key in named if key is not None]


async def _standing_changes(connection: AsyncConnection, organization_id: UUID, key: RowKey) -> Standing:
    """All changes of a row that are folded: neither voided, nor parked, nor still ahead of the fold."""
    table, row_id = key
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
        .join(
            streams,
            sa.and_(streams.c.organization_id == changes.c.organization_id, streams.c.id == changes.c.stream_id),
        )
        .where(
            changes.c.organization_id == organization_id,
            changes.c.row_id == row_id,
            changes.c.seq <= streams.c.folded_seq,
            ~covered,
            ~waiting,
        )
        .order_by(changes.c.stream_id, changes.c.seq)
    )
    decoded = [(stream, decode(bytes(body))) for stream, body in found]
    return [(stream, change) for stream, change in decoded if change.table == table]


async def _children(
    connection: AsyncConnection, organization_id: UUID, specs: Mapping[str, TableSpec], key: RowKey
) -> list[RowKey]:
    found: list[RowKey] = []
    for name, spec in specs.items():
        for column, parent in spec.parents:
            if parent == key[0]:
                rows = await connection.execute(
                    sa.select(spec.table.c.id).where(
                        spec.table.c.organization_id == organization_id, spec.table.c[column] == key[1]
                    )
                )
                found.extend((name, row[0]) for row in rows)
    return sorted(found)


async def _park(
    connection: AsyncConnection,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    standing: Standing,
    objection: Objection,
    now_ms: int,
) -> set[RowKey]:
    """Park the transactions of these changes; all rows that they touched."""
    rows: set[RowKey] = set()
    for stream_id, change in standing:
        members = await _transaction_at(connection, organization_id, stream_id, change.seq)
        at = (
            parked.c.organization_id == organization_id,
            parked.c.stream_id == stream_id,
            parked.c.first_seq == members[0].seq,
        )
        if await connection.scalar(sa.select(sa.literal(1)).select_from(parked).where(*at)):
            continue
        await connection.execute(
            parked.insert(),
            {
                "organization_id": organization_id,
                "stream_id": stream_id,
                "first_seq": members[0].seq,
                "last_seq": members[-1].seq,
                "reason": objection.reason,
                "params": dict(objection.params),
                "parked_ms": now_ms,
            },
        )
        rows |= {(each.table, UUID(bytes=each.row)) for each in members if each.table in specs}
    return rows


async def _transaction_at(
    connection: AsyncConnection, organization_id: UUID, stream_id: UUID, seq: int
) -> list[Change]:
    """All changes of the transaction that the change at `seq` belongs to."""
    reach = REACH
    while True:
        found = await connection.execute(
            sa.select(changes.c.body)
            .where(
                changes.c.organization_id == organization_id,
                changes.c.stream_id == stream_id,
                changes.c.seq.between(seq - reach, seq + reach),
            )
            .order_by(changes.c.seq)
        )
        around = [decode(bytes(row[0])) for row in found]
        begin = max((each.seq + 1 for each in around if each.seq < seq and each.last), default=None)
        end = min((each.seq for each in around if each.seq >= seq and each.last), default=None)
        # The log ends (or begins) within reach: there is nothing more to look at on that side.
        begin = around[0].seq if begin is None and around[0].seq > seq - reach else begin
        end = around[-1].seq if end is None and around[-1].seq < seq + reach else end
        if begin is not None and end is not None:
            return [each for each in around if begin <= each.seq <= end]
        reach *= 4


async def _rebuild(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    keys: Iterable[RowKey],
    projections: Sequence[Projection],
) -> None:
    """Write each row as its standing changes make it; delete those that nothing creates any more."""
    rows = Rows(connection, bulk, organization_id, specs)
    vanished: list[RowKey] = []
    for table, row_id in sorted(keys):
        spec = specs[table]
        standing = await _standing_changes(connection, organization_id, (table, row_id))
        ordered = sorted(standing, key=lambda each: each[1].kind)
        if not ordered or ordered[0][1].kind != Kind.CREATE:
            vanished.append((table, row_id))
            continue
        (stream, creation), *later = ordered
        row = born(spec, creation, stream.bytes)
        for stream, change in later:
            merge(spec, row, change.fields, (change.stamp, stream.bytes), creates=change.kind == Kind.CREATE)
        await rows.load([creation])
        held = rows.get(table, creation.row)
        if held is not None:
            row.fresh, row.before, row.dirty = False, held.before, set(spec.fields)
        rows.put(table, creation.row, row)
    await rows.write(projections)
    await _delete(connection, organization_id, specs, vanished, projections)


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

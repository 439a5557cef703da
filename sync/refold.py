"""Folding rows anew from the whole log, as if voided changes had never happened.

A row whose creation is voided disappears from the merged tables (the log keeps it). Transactions that edit it or refer
to it park whole, for a person to look at, and all other rows that they touched are folded anew without them: what
remains is what a replica holds that knew the verdict from the beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.bulk import Bulk
from sync.change import Change, Kind, decode
from sync.fold import PARENT_VOIDED, ROW_VOIDED, Objection, Transaction, born
from sync.merge import merge
from sync.projection import Projection
from sync.records import Judgement, Verdict, changes, parked, streams
from sync.rows import IDS_A_STATEMENT, Rows
from sync.tables import TableSpec
from sync.waiting import parked_values

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
    anew = _Anew(connection, bulk, organization_id, specs, now_ms)
    touched: set[RowKey] = set()
    todo = set(rows)
    while todo:
        touched |= todo
        todo = await anew.park_dependents(todo) or await anew.park_orphans(touched)
    await anew.rebuild(touched, projections)
    for projection in projections:
        await projection.flush(connection)
    return touched


class _Anew:
    """The steps of `refold`, each a few statements a table however many rows it looks at."""

    def __init__(
        self,
        connection: AsyncConnection,
        bulk: Bulk,
        organization_id: UUID,
        specs: Mapping[str, TableSpec],
        now_ms: int,
    ) -> None:
        self._connection = connection
        self._bulk = bulk
        self._organization_id = organization_id
        self._specs = specs
        self._now_ms = now_ms
        self._parked: dict[UUID, list[tuple[int, int]]] = defaultdict(list)

    async def park_dependents(self, keys: set[RowKey]) -> set[RowKey]:
        """Park what edits those of the rows that vanish, or refers to them; all rows of those transactions."""
        standing = await self._standing(keys)
        gone = {key for key in keys if not _is_created(standing[key])}
        rows: set[RowKey] = set()
        for key in sorted(gone):
            rows |= await self._park(standing[key], Objection(ROW_VOIDED, {"table": key[0], "row": key[1].hex}))
        children = await self._standing(await self._children(gone))
        return rows | await self._park_references(children, lambda parent: parent in gone)

    async def park_orphans(self, touched: set[RowKey]) -> set[RowKey]:
        """Park what would bring back a reference to a row that is not there; all rows of those transactions."""
        standing = await self._standing(touched)
        alive = {key: some for key, some in standing.items() if _is_created(some)}
        present = Rows(self._connection, self._bulk, self._organization_id, self._specs)
        named = [(key, change) for key, some in alive.items() for _stream, change in some]
        await present.look(
            (table, row_id.bytes) for key, change in named for table, row_id in _references(self._specs[key[0]], change)
        )

        def is_gone(parent: RowKey) -> bool:
            return parent not in alive and (parent in touched or not present.exists(parent[0], parent[1].bytes))

        return await self._park_references(alive, is_gone)

    async def rebuild(self, keys: set[RowKey], projections: Sequence[Projection]) -> None:
        """Write each row as its standing changes make it; delete those that nothing creates any more."""
        rows = Rows(self._connection, self._bulk, self._organization_id, self._specs)
        standing = await self._standing(keys)
        ordered = {key: sorted(some, key=lambda each: each[1].kind) for key, some in standing.items()}
        alive = {key: some for key, some in ordered.items() if _is_created(some)}
        await rows.load(some[0][1] for some in alive.values())
        for (table, row_id), ((stream, creation), *later) in alive.items():
            spec = self._specs[table]
            row = born(spec, creation, stream.bytes)
            for stream_id, change in later:
                merge(spec, row, change.fields, (change.stamp, stream_id.bytes), creates=change.kind == Kind.CREATE)
            held = rows.get(table, row_id.bytes)
            if held is not None:
                row.fresh, row.before, row.dirty = False, held.before, set(spec.fields)
            rows.put(table, row_id.bytes, row)
        await rows.write(projections)
        await self._delete(keys - alive.keys(), projections)

    async def _standing(self, keys: set[RowKey]) -> dict[RowKey, Standing]:
        """All changes of rows that are folded: neither voided, nor parked, nor still ahead of the fold."""
        verdicts = Verdict.__table__
        covered = sa.exists().where(
            verdicts.c.organization_id == self._organization_id,
            verdicts.c.stream_id == changes.c.stream_id,
            verdicts.c.judgement == Judgement.VOIDED,
            changes.c.seq.between(verdicts.c.first_seq, verdicts.c.last_seq),
        )
        waiting = sa.exists().where(
            parked.c.organization_id == self._organization_id,
            parked.c.stream_id == changes.c.stream_id,
            changes.c.seq.between(parked.c.first_seq, parked.c.last_seq),
        )
        query = (
            sa.select(changes.c.stream_id, changes.c.body)
            .join(
                streams,
                sa.and_(streams.c.organization_id == changes.c.organization_id, streams.c.id == changes.c.stream_id),
            )
            .where(
                changes.c.organization_id == self._organization_id,
                changes.c.seq <= streams.c.folded_seq,
                ~covered,
                ~waiting,
            )
            .order_by(changes.c.stream_id, changes.c.seq)
        )
        standing: dict[RowKey, Standing] = {key: [] for key in sorted(keys)}
        for ids in _portions(row_id for _table, row_id in keys):
            for stream, body in await self._connection.execute(query.where(changes.c.row_id.in_(ids))):
                change = decode(bytes(body))
                key = (change.table, UUID(bytes=change.row))
                if key in standing:
                    standing[key].append((stream, change))
        return standing

    async def _children(self, parents: set[RowKey]) -> set[RowKey]:
        """The merged rows that refer to one of these."""
        found: set[RowKey] = set()
        for name, spec in self._specs.items():
            for column, table in spec.parents:
                for ids in _portions(row_id for parent, row_id in parents if parent == table):
                    query = sa.select(spec.table.c.id).where(
                        spec.table.c.organization_id == self._organization_id, spec.table.c[column].in_(ids)
                    )
                    found |= {(name, row[0]) for row in await self._connection.execute(query)}
        return found

    async def _park_references(
        self, standing: Mapping[RowKey, Standing], is_gone: Callable[[RowKey], bool]
    ) -> set[RowKey]:
        rows: set[RowKey] = set()
        for key, some in standing.items():
            for stream, change in some:
                for table, row_id in _references(self._specs[key[0]], change):
                    if is_gone((table, row_id)):
                        params = {"table": key[0], "parent": table, "row": row_id.hex}
                        rows |= await self._park([(stream, change)], Objection(PARENT_VOIDED, params))
        return rows

    async def _park(self, standing: Standing, objection: Objection) -> set[RowKey]:
        """Park the transactions of these changes; all rows that they touched."""
        rows: set[RowKey] = set()
        for stream_id, change in standing:
            if any(first <= change.seq <= last for first, last in self._parked[stream_id]):
                continue
            members = await self._transaction_at(stream_id, change.seq)
            transaction = Transaction(stream_id, tuple(members))
            self._parked[stream_id].append((transaction.first, transaction.last))
            await self._connection.execute(
                parked.insert(), parked_values(self._organization_id, transaction, objection, self._now_ms)
            )
            rows |= {(each.table, UUID(bytes=each.row)) for each in members if each.table in self._specs}
        return rows

    async def _transaction_at(self, stream_id: UUID, seq: int) -> list[Change]:
        """All changes of the transaction that the change at `seq` belongs to."""
        reach = REACH
        while True:
            found = await self._connection.execute(
                sa.select(changes.c.body)
                .where(
                    changes.c.organization_id == self._organization_id,
                    changes.c.stream_id == stream_id,
                    changes.c.seq.between(seq - reach, seq + reach),
                )
                .order_by(changes.c.seq)
            )
            around = [decode(bytes(row[0])) for row in found]
            begin = max((each.seq + 1 for each in around if each.seq < seq and each.last), default=None)
            end = min((each.seq for each in around if each.seq >= seq and each.last), default=None)
            # The log begins (or ends) within reach: there is nothing more to look at on that side.
            begin = around[0].seq if begin is None and around[0].seq > seq - reach else begin
            end = around[-1].seq if end is None and around[-1].seq < seq + reach else end
            if begin is not None and end is not None:
                return [each for each in around if begin <= each.seq <= end]
            reach *= 4

    async def _delete(self, vanished: set[RowKey], projections: Sequence[Projection]) -> None:
        """Take rows out of the merged tables, children first."""
        for name, spec in reversed(list(self._specs.items())):
            columns = [known.column for known in spec.fields.values()]
            for ids in _portions(row_id for table, row_id in vanished if table == name):
                at = (spec.table.c.organization_id == self._organization_id, spec.table.c.id.in_(ids))
                for row_id, *values in await self._connection.execute(sa.select(spec.table.c.id, *columns).where(*at)):
                    fields = zip(spec.fields.values(), values, strict=True)
                    before = {known.name: known.wire.to_wire(value) for known, value in fields}
                    for projection in projections:
                        projection.changed(spec, row_id, before, None)
                await self._connection.execute(spec.table.delete().where(*at))


def _is_created(standing: Standing) -> bool:
    return any(change.kind == Kind.CREATE for _stream, change in standing)


def _references(spec: TableSpec, change: Change) -> list[RowKey]:
    """The parents that a change names."""
    named = ((parent, change.fields.get(name)) for name, parent in spec.parents)
    return [(parent, UUID(bytes=key)) for parent, key in named if key is not None]


def _portions(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    remaining = iter(sorted(set(ids)))
    while portion := list(islice(remaining, IDS_A_STATEMENT)):
        yield portion

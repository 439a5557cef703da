"""What is parked: transactions that are stored and not folded, each with its reason, and how they come back.

Most wait for one row. Whoever brings that row finds them by it, however much else waits in vain. All others (a table, a
value or a defect that this version cannot cope with) are tried once by each new process: it may be a newer version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.bulk import Bulk
from sync.change import Change, decode
from sync.fold import WAITING, Objection, Transaction, transactions_of
from sync.records import changes, parked, streams
from sync.rows import IDS_A_STATEMENT, Rows, among
from sync.tables import TableSpec

T = TypeVar("T")
PLACES_A_STATEMENT = 1_000
"""Two parameters a place: far below what SQLite and PostgreSQL take in a statement."""
_AT = sa.tuple_(parked.c.stream_id, parked.c.first_seq)


class Place(NamedTuple):
    """Where a parked transaction stands in the log."""

    stream_id: UUID
    first: int
    last: int


class Waiting:
    """What one organization has parked."""

    def __init__(self, organization_id: UUID, specs: Mapping[str, TableSpec], bulk: Bulk) -> None:
        self._organization_id = organization_id
        self._specs = specs
        self._bulk = bulk
        self._looked: dict[UUID, int] | None = None
        self._is_new = True

    async def park(
        self, connection: AsyncConnection, refused: Sequence[tuple[Transaction, Objection]], now_ms: int
    ) -> None:
        """Park these, or say the new reason of those that are parked already: one statement."""
        if not refused:
            return
        if connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert
        else:
            from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # alike
        statement = insert(parked)
        said = {name: statement.excluded[name] for name in ("last_seq", "reason", "params", "missing_row")}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=list(parked.primary_key), set_=said),
            [parked_values(self._organization_id, *each, now_ms) for each in refused],
        )

    async def release(self, connection: AsyncConnection, transactions: Iterable[Transaction]) -> None:
        """These are parked no more, if they were."""
        for keys in portions(((each.stream_id, each.first) for each in transactions), PLACES_A_STATEMENT):
            await connection.execute(
                parked.delete().where(parked.c.organization_id == self._organization_id, _AT.in_(keys))
            )

    async def ready(
        self, connection: AsyncConnection, stream_id: UUID, last: int, created: Iterable[UUID]
    ) -> list[Place]:
        """Where those stand whose missing row is there by now; one statement if nothing waits.

        Besides the rows that this batch `created`, which moves `stream_id` to `last`, it looks at what was written
        since the last look without being folded here: by this replica itself, or by another process. At first, and
        after a fold that was rolled back, it looks at all that waits; the very first time at all that is parked.
        """
        is_new, self._is_new = self._is_new, False
        asked = sa.true() if is_new else parked.c.missing_row.is_not(None)
        found = await connection.execute(
            sa.select(streams.c.id, streams.c.folded_seq).where(
                streams.c.organization_id == self._organization_id,
                sa.exists().where(parked.c.organization_id == self._organization_id, asked),
            )
        )
        heads = {row[0]: row[1] for row in found}
        looked, self._looked = self._looked, {**heads, stream_id: last} if heads else None
        if not heads:
            return []
        if looked is None or any(heads.get(stream, 0) < seq for stream, seq in looked.items()):
            return await self._present(connection, [asked])
        moved = [
            sa.and_(changes.c.stream_id == stream, changes.c.seq.between(looked.get(stream, 0) + 1, seq))
            for stream, seq in heads.items()
            if stream != stream_id and seq > looked.get(stream, 0)
        ]
        return await self.named(connection, created, moved)

    async def named(
        self, connection: AsyncConnection, rows: Iterable[UUID], moved: Sequence[sa.ColumnElement[bool]] = ()
    ) -> list[Place]:
        """Where those stand that wait for one of these rows, or for one that `moved` changes are about."""
        causes = [among(connection, parked.c.missing_row, ids) for ids in portions(rows, IDS_A_STATEMENT)]
        if moved:
            written = sa.select(changes.c.row_id).where(
                changes.c.organization_id == self._organization_id, sa.or_(*moved)
            )
            causes.append(parked.c.missing_row.in_(written))
        return await self._present(connection, causes)

    async def _present(self, connection: AsyncConnection, causes: Sequence[sa.ColumnElement[bool]]) -> list[Place]:
        waiting: dict[Place, tuple[str, bytes] | None] = {}
        for cause in causes:
            rows = await connection.execute(
                sa.select(
                    parked.c.stream_id, parked.c.first_seq, parked.c.last_seq, parked.c.missing_row, parked.c.params
                )
                .where(parked.c.organization_id == self._organization_id, cause)
                .order_by(parked.c.parked_ms, parked.c.stream_id, parked.c.first_seq)
            )
            waiting |= {Place(row[0], row[1], row[2]): _missing(row[4]) if row[3] else None for row in rows}
        present = Rows(connection, self._bulk, self._organization_id, self._specs)
        await present.look(row for row in waiting.values() if row)
        return [place for place, row in waiting.items() if row is None or present.exists(*row)]

    async def read(self, connection: AsyncConnection, places: Sequence[Place]) -> list[Transaction]:
        """The transactions at these places: one statement a stream (or more, if there are thousands of changes)."""
        wanted: defaultdict[UUID, list[int]] = defaultdict(list)
        for place in places:
            wanted[place.stream_id].extend(range(place.first, place.last + 1))
        transactions: list[Transaction] = []
        for stream_id, seqs in wanted.items():
            stored: list[Change] = []
            for some in portions(sorted(seqs), IDS_A_STATEMENT):
                rows = await connection.execute(
                    sa.select(changes.c.body)
                    .where(
                        changes.c.organization_id == self._organization_id,
                        changes.c.stream_id == stream_id,
                        changes.c.seq.in_(some),
                    )
                    .order_by(changes.c.seq)
                )
                stored += [decode(bytes(row[0])) for row in rows]
            transactions += transactions_of(stream_id, stored)
        return transactions


def parked_values(organization_id: UUID, transaction: Transaction, objection: Objection, now_ms: int) -> dict[str, Any]:
    """The row of `sync_parked` that says why a transaction is not folded."""
    waits = objection.reason in WAITING
    return {
        "organization_id": organization_id,
        "stream_id": transaction.stream_id,
        "first_seq": transaction.first,
        "last_seq": transaction.last,
        "reason": objection.reason,
        "params": dict(objection.params),
        "missing_row": UUID(bytes=_missing(objection.params)[1]) if waits else None,
        "parked_ms": now_ms,
    }


def batches(places: Sequence[Place], changes_a_batch: int) -> Iterator[list[Place]]:
    """The same places in the same order, each batch of at most so many changes (or of one transaction)."""
    batch: list[Place] = []
    size = 0
    for place in places:
        length = place.last - place.first + 1
        if batch and size + length > changes_a_batch:
            yield batch
            batch, size = [], 0
        batch.append(place)
        size += length
    if batch:
        yield batch


def portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, so many at a time."""
    remaining = iter(items)
    while portion := list(islice(remaining, size)):
        yield portion


def _missing(params: Mapping[str, str]) -> tuple[str, bytes]:
    """The table and id of the row that a waiting transaction lacks."""
    return params.get("parent", params["table"]), bytes.fromhex(params["row"])

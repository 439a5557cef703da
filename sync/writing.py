"""Own writing: what one unit of work writes becomes changes of our streams, told to the feed, in one transaction.

Knows no ORM: `sync/capture.py` feeds it from a session, the cloud's verdicts come here directly. Order within the
transaction, the same for everybody so that none waits for the other crosswise: rows, heads of streams, listeners, log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kernel.records import SCHEMA_EPOCH, Scope
from shared.kernel.stamps import HybridClock
from sync.author import Author
from sync.causes import is_cause
from sync.change import ORIGIN_BYTES, Change, Kind, StreamKey, encode, link
from sync.door import Door
from sync.feed import Feed, tell
from sync.log import CHANGE_SHAPE, begin_own_stream
from sync.merge import Row, apply
from sync.merged import MergedTables
from sync.messages import MAX_TRANSACTION_BYTES, MAX_TRANSACTION_CHANGES
from sync.tables import TableSpec, Values
from sync.waiting import wake

_AT = "organization_id = ? AND id = ?"
_HEAD = f"SELECT head_seq, head_chain, folded_seq, last_transaction, last_stamp, closed FROM sync_streams WHERE {_AT}"
_MOVE = f"""
    UPDATE sync_streams SET head_seq = ?, head_chain = ?, folded_seq = ?, last_transaction = ?, last_stamp = ?
    WHERE {_AT} AND head_seq = ?
"""


class StreamClosed(DomainError):
    """Another program of this device has begun a new incarnation. Nothing was written; try again under that one."""

    def __init__(self) -> None:
        super().__init__("HISTORY_BEGUN_ANEW")


@dataclass(slots=True)
class Head:
    """The end of one of our streams, as this transaction found it and moves it."""

    key: StreamKey
    stream: bytes
    seq: int
    chain: bytes
    folded: int
    transaction: int
    clock: HybridClock


@dataclass(slots=True)
class Pending:
    """A change before it has its number."""

    table: TableSpec
    kind: Kind
    row: bytes
    stamp: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CommittedUnit:
    """What a unit of work changed.

    Attributes:
        tables: names of the tables of which rows changed.
        ends: (stream, seq, chain value) of its last change in each stream; the chain value tells it from any other
        work.
    """

    tables: frozenset[str]
    ends: frozenset[tuple[UUID, int, bytes]] = field(default=frozenset())


class OwnWriting:
    """Collects the changes of one unit of work.

    Args:
        author: under whose identity the changes are written.
        actor: who acts.
    """

    def __init__(self, door: Door, author: Author, actor: Actor) -> None:
        self.merged = MergedTables(door, author.organization_id.bytes, author.tables)
        self._door = door
        self._author = author
        self._actor = actor.id.bytes if actor.id else None
        self._now_ms = author.clock.milliseconds()
        self._heads: dict[StreamKey, Head] = {}
        self._pending: dict[StreamKey, dict[tuple[str, bytes], Pending]] = {}
        self._rows: dict[tuple[str, bytes], Row] = {}
        self._derived_of = 0

    def known(self, table: TableSpec, row: bytes) -> Row | None:
        """Return the row if this unit of work has touched it already."""
        return self._rows.get((table.name, row))

    def create(self, table: TableSpec, row: bytes, values: Values, given: Mapping[str, Any]) -> Row:
        """A new row.

        Args:
            given: the fields that the change names; the others have their defaults, or nothing.
        """
        head = self._head_for(table, values)
        stamp = head.clock.tick(self._now_ms)
        created = apply(table, None, Kind.CREATE, values, (stamp, head.stream))
        created.seal(table)
        self._rows[table.name, row] = created
        self._pending.setdefault(head.key, {})[table.name, row] = Pending(table, Kind.CREATE, row, stamp, dict(given))
        return created

    def edit(self, table: TableSpec, row: bytes, held: Row, fields: Mapping[str, Any]) -> Row:
        """Edit a row. The edit may lose like any other write. Returns the row as it is then.

        Args:
            held: the row as it stands in the database, locked.
        """
        self._rows[table.name, row] = held
        head = self._head_for(table, held.values)
        pending = self._pending.setdefault(head.key, {})
        item = pending.get((table.name, row))
        if item is not None and item.kind is Kind.CREATE:
            for name, value in fields.items():
                setattr(held.values, name, value)
            item.fields.update(fields)
            return held
        names = {*fields, *(item.fields if item else ())} & set(table.registers)
        above = max((held.stamp_of(name)[0] for name in names), default=0)
        stamp = head.clock.tick(self._now_ms, above)
        if item is None:
            item = pending[table.name, row] = Pending(table, Kind.EDIT, row, stamp, {})
        item.stamp = stamp
        item.fields.update(fields)
        apply(table, held, Kind.EDIT, item.fields, (stamp, head.stream))
        assert not held.is_lowered(table.states), table.name
        held.seal(table)
        return held

    def finish(self) -> CommittedUnit:
        """Tell the feed and write the log. The caller has written the rows themselves, and derived what follows."""
        feed = self._feed()
        tell(self._door, feed, self._author.listeners)
        return self.write_log()

    def write(
        self,
        created: Sequence[tuple[TableSpec, bytes, Values, Mapping[str, Any]]],
        edited: Sequence[tuple[TableSpec, bytes, Row, Mapping[str, Any]]] = (),
    ) -> Feed:
        """Write rows beneath the ORM, and their log; the caller tells the feed.

        Args:
            edited: rows as they stand in the database, locked, with the fields to edit.
        """
        for table, row, values, given in created:
            self.create(table, row, values, given)
        for table, row, held, fields in edited:
            self.edit(table, row, held, fields)
        self._write_rows([(each[0].name, each[1]) for each in (*created, *edited)])
        feed = self._feed()
        self.write_log()
        return feed

    def write_noted(self, keys: Sequence[tuple[str, bytes]]) -> None:
        """Write rows that were created or edited here and are not written yet."""
        self._write_rows(keys)

    def write_log(self) -> CommittedUnit:
        """Number, encode, chain and insert the pending changes; one insert a stream, one update a head.

        What is parked until one of the new rows comes is tried by the next fold.
        """
        tables: set[str] = set()
        if wake(self._door, self._author.organization_id.bytes, self._cures()):
            self._author.woken(self._door)
        for key, pending in self._pending.items():
            self._write_stream(self._heads[key], list(pending.values()))
            tables.update(name for name, _row in pending)
        ends = [self._heads[key] for key in self._pending]
        return CommittedUnit(
            frozenset(tables), frozenset((UUID(bytes=head.stream), head.seq, head.chain) for head in ends)
        )

    # -- what follows ------------------------------------------------------------------------------------------------

    def derive(self) -> None:
        """Write the rows that follow from the rows which this unit has written, and those that follow from them."""
        while self._derived_of < len(self._rows):
            facts = list(self._rows.items())[self._derived_of :]
            self._derived_of = len(self._rows)
            derived = [
                (self._author.tables[name], row, values, given)
                for (fact, fact_row), held in facts
                for name, row, values, given in self._author.derived(fact, fact_row, held.before, held.values)
                if (name, row) not in self._rows
            ]
            for table, row, values, given in derived:
                there = self.merged.load(table, [row])
                if not there:
                    self.create(table, row, values, given)
            if derived:
                self._write_rows([(table.name, row) for table, row, _values, _given in derived])

    def _write_rows(self, keys: Sequence[tuple[str, bytes]]) -> None:
        rows: dict[str, dict[bytes, Row]] = {}
        for name, row in keys:
            if (name, row) in self._rows:
                rows.setdefault(name, {})[row] = self._rows[name, row]
        self.merged.write(rows)

    def _feed(self) -> Feed:
        feed: Feed = {}
        for (name, row), held in self._rows.items():
            if held.changed:
                feed.setdefault(name, []).append((row, held.before, held.values))
            if held.hidden:
                self.merged.hide(self._author.tables[name], [(row, held)])
        return feed

    def _cures(self) -> list[bytes]:
        """The rows that something parked may wait for."""
        return [
            item.row
            for pending in self._pending.values()
            for item in pending.values()
            if item.kind is Kind.CREATE or is_cause(item.table, item.fields)
        ]

    # -- streams -----------------------------------------------------------------------------------------------------

    def _head_for(self, table: TableSpec, values: Values) -> Head:
        branch = UUID(bytes=values.branch_id) if table.scope is Scope.BRANCH else None
        key = self._author.stream_of(table, branch)
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = self._load_head(key)
        return head

    def _load_head(self, key: StreamKey) -> Head:
        stream, door = key.id.bytes, self._door
        at = (door.key(self._author.organization_id.bytes), door.key(stream))
        found = door.rows(_HEAD + door.for_update, *at)
        if not found:
            # Of two first writers at once the second waits here, and then finds the first one's head.
            begin_own_stream(door, self._author.organization_id.bytes, key)
            found = door.rows(_HEAD + door.for_update, *at)
        seq, chain, folded, transaction, last_stamp, closed = found[0]
        if closed:
            raise StreamClosed
        clock = HybridClock(max(last_stamp, self._author.seen.last))
        return Head(key, stream, seq, chain, folded, transaction, clock)

    def _write_stream(self, head: Head, pending: list[Pending]) -> None:
        if len(pending) > MAX_TRANSACTION_CHANGES:
            raise DomainError("TOO_MUCH_AT_ONCE")
        head.transaction += 1
        begun = head.seq
        organization = self._author.organization_id.bytes
        rows: list[tuple[Any, ...]] = []
        size = 0
        for item in pending:
            head.seq += 1
            body = encode(self._change(head, item, last=len(rows) + 1 == len(pending)))
            head.chain = link(head.chain, body)
            size += len(body) + ORIGIN_BYTES
            rows.append((organization, head.stream, head.seq, item.row, body, head.chain, self._now_ms))
        if size > MAX_TRANSACTION_BYTES:
            raise DomainError("TOO_MUCH_AT_ONCE")
        if head.folded == begun:
            head.folded = head.seq
        self._door.insert(CHANGE_SHAPE, rows)
        self._move(head, begun)

    def _change(self, head: Head, item: Pending, *, last: bool) -> Change:
        return Change(
            seq=head.seq,
            stamp=item.stamp,
            transaction=head.transaction,
            last=last,
            epoch=SCHEMA_EPOCH,
            table=item.table.name,
            kind=int(item.kind),
            row=item.row,
            actor=self._actor,
            fields=item.fields,
        )

    def _move(self, head: Head, begun: int) -> None:
        values = (head.seq, head.chain, head.folded, head.transaction, head.clock.last)
        organization, stream = self._door.key(self._author.organization_id.bytes), self._door.key(head.stream)
        moved = self._door.run(_MOVE, *values, organization, stream, begun)
        assert moved == 1, "somebody else wrote into our stream"


def wire_fields(table: TableSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wire form of Python values. SQLite would take anything; every other replica must be able to read it.

    Raises:
        ValueError: a fold would park it.
    """
    wired: dict[str, Any] = {}
    for name, value in values.items():
        field_spec = table.fields[name]
        wire = wired[name] = field_spec.wire.to_wire(value)
        refused = not field_spec.nullable if wire is None else not field_spec.wire.accepts(wire)
        if refused:
            msg = f"{table.name}.{name}: no replica would read {wire!r:.80}"
            raise ValueError(msg)
    return wired


def values_of(table: TableSpec, given: Mapping[str, Any]) -> Values:
    """The row that a creation with these wire values makes."""
    return table.values(**given)

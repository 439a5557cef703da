"""The session hook: what a unit of work writes on replicated tables becomes changes, in the same transaction.

Attached to one session for one transaction. `before_flush` turns new and changed records into pending changes and sets
their stamps; `write_log` numbers, encodes and chains them and moves the heads of their streams, just before the commit.
Statements that would bypass the hook (a bulk update, an insert by hand, a delete) are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, attributes
from sqlalchemy.orm.base import PassiveFlag

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kernel.records import SCHEMA_EPOCH, Merge, Record
from shared.kernel.stamps import HybridClock
from sync.author import Author
from sync.change import Change, Kind, StreamKey, encode, link
from sync.merge import MergedRow, unpack_stamps
from sync.messages import MAX_TRANSACTION_BYTES, MAX_TRANSACTION_CHANGES
from sync.records import changes, streams
from sync.tables import FieldSpec, TableSpec, specs

# Built once: on a device, building and hashing these for each tap would cost more than running them.
_AT_STREAM = (
    streams.c.organization_id == sa.bindparam("at_organization"),
    streams.c.id == sa.bindparam("at_stream"),
)
_HEAD = (
    sa.select(
        streams.c.head_seq,
        streams.c.head_chain,
        streams.c.folded_seq,
        streams.c.last_transaction,
        streams.c.last_stamp,
    )
    .where(*_AT_STREAM)
    .with_for_update()
)
_MOVE_HEAD = streams.update().where(*_AT_STREAM, streams.c.head_seq == sa.bindparam("at_seq"))
_APPEND = changes.insert()


@dataclass(slots=True)
class Head:
    """The end of one of our streams, as this transaction found it and moves it."""

    key: StreamKey
    stream_id: UUID
    seq: int
    chain: bytes
    folded: int
    transaction: int
    clock: HybridClock
    known: bool


@dataclass(slots=True)
class Pending:
    """A change before it has its number."""

    spec: TableSpec
    kind: Kind
    row_id: UUID
    stamp: int
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What a committed unit of work changed.

    Attributes:
        rows: (table, row id) of each changed row.
        streams: ids of the streams that grew.
        ends: (stream, seq, chain value) of its last change in each; the chain value tells it from any other work.
    """

    rows: frozenset[tuple[str, UUID]]
    streams: frozenset[UUID]
    ends: frozenset[tuple[UUID, int, bytes]] = field(default=frozenset(), compare=False)


class Capture:
    """Collects the changes of one transaction.

    Args:
        session: the synchronous session beneath the asynchronous one.
        author: under whose identity the changes are written.
        actor: who acts.
    """

    def __init__(self, session: Session, author: Author, actor: Actor) -> None:
        self._session = session
        self._author = author
        self._actor = actor.staff_id.bytes if actor.staff_id else None
        self._now_ms = author.clock.milliseconds()
        self._heads: dict[StreamKey, Head] = {}
        self._pending: dict[StreamKey, dict[tuple[str, UUID], Pending]] = {}
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "do_orm_execute", self._refuse_bypass)
        event.listen(session, "after_transaction_create", _refuse_savepoint)

    def detach(self) -> None:
        """Stop listening; the session may serve another transaction."""
        event.remove(self._session, "before_flush", self._before_flush)
        event.remove(self._session, "do_orm_execute", self._refuse_bypass)
        event.remove(self._session, "after_transaction_create", _refuse_savepoint)

    def write_log(self) -> Written:
        """Number, encode, chain and insert the pending changes; one insert a stream, one update a head."""
        rows: set[tuple[str, UUID]] = set()
        for key, pending in self._pending.items():
            head = self._heads[key]
            self._write_stream(head, list(pending.values()))
            rows.update(pending)
        ends = frozenset((head.stream_id, head.seq, head.chain) for head in map(self._heads.__getitem__, self._pending))
        return Written(frozenset(rows), frozenset(stream for stream, _seq, _chain in ends), ends)

    def _write_stream(self, head: Head, pending: list[Pending]) -> None:
        head.transaction += 1
        if len(pending) > MAX_TRANSACTION_CHANGES:
            raise DomainError("TOO_MUCH_AT_ONCE")
        if head.folded == head.seq:
            head.folded += len(pending)
        rows: list[dict[str, Any]] = []
        for index, item in enumerate(pending, start=1):
            head.seq += 1
            body = encode(
                Change(
                    seq=head.seq,
                    stamp=item.stamp,
                    transaction=head.transaction,
                    last=index == len(pending),
                    epoch=SCHEMA_EPOCH,
                    table=item.spec.name,
                    kind=int(item.kind),
                    row=item.row_id.bytes,
                    actor=self._actor,
                    fields=item.fields,
                )
            )
            head.chain = link(head.chain, body)
            rows.append(
                {
                    "organization_id": self._author.organization_id,
                    "stream_id": head.stream_id,
                    "seq": head.seq,
                    "row_id": item.row_id,
                    "body": body,
                    "chain": head.chain,
                    "stored_ms": self._now_ms,
                }
            )
        if sum(len(row["body"]) for row in rows) > MAX_TRANSACTION_BYTES:
            raise DomainError("TOO_MUCH_AT_ONCE")
        connection = self._session.connection()
        connection.execute(_APPEND, rows)
        values = {
            "head_seq": head.seq,
            "head_chain": head.chain,
            "folded_seq": head.folded,
            "last_transaction": head.transaction,
            "last_stamp": head.clock.last,
        }
        if head.known:
            moved = connection.execute(
                _MOVE_HEAD,
                {
                    **values,
                    "at_organization": self._author.organization_id,
                    "at_stream": head.stream_id,
                    "at_seq": head.seq - len(rows),
                },
            )
            assert moved.rowcount == 1, "somebody else wrote into our stream"
        else:
            identity = {**head.key._asdict(), "organization_id": self._author.organization_id, "id": head.stream_id}
            connection.execute(streams.insert(), {**identity, **values, "acked_seq": 0})

    def _before_flush(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        if any(isinstance(record, Record) for record in session.deleted):
            raise DomainError("NOTHING_IS_DELETED")
        for record in session.new:
            if isinstance(record, Record):
                self._created(record)
        # The session keeps dirty records in a set: sort them, so that the same work writes the same log.
        dirty = [record for record in session.dirty if isinstance(record, Record) and session.is_modified(record)]
        for record in sorted(dirty, key=lambda each: (each.__tablename__, each.id)):
            self._edited(record)

    def _created(self, record: Record) -> None:
        spec = self._author.spec(record)
        head = self._head(self._author.stream_for(record))
        stamp = head.clock.tick(self._now_ms)
        fields: dict[str, Any] = {}
        for name, field_spec in spec.fields.items():
            value = _value_with_default(record, field_spec)
            if value is not None:
                fields[name] = _wire(spec, field_spec, value)
        record.stamps = MergedRow({}, (stamp, head.stream_id.bytes)).pack_stamps() if spec.registers else b""
        pending = self._pending.setdefault(head.key, {})
        pending[spec.name, record.id] = Pending(spec, Kind.CREATE, record.id, stamp, fields)

    def _edited(self, record: Record) -> None:
        spec = self._author.spec(record)
        changed = _changed_fields(record, spec)
        if not changed:
            return
        head = self._head(self._author.stream_for(record))
        pending = self._pending.setdefault(head.key, {})
        item = pending.get((spec.name, record.id))
        if item is not None and item.kind is Kind.CREATE:
            item.fields.update(changed)
            return
        created, edited = unpack_stamps(record.stamps)
        names = {*changed, *(item.fields if item else ())}
        above = max((edited.get(name, created)[0] for name in names), default=0)
        stamp = head.clock.tick(self._now_ms, above)
        if spec.registers:
            written = (stamp, head.stream_id.bytes)
            edited |= {name: written for name in names if spec.fields[name].merge is Merge.REGISTER}
            record.stamps = MergedRow({}, created, edited).pack_stamps()
        if item is None:
            pending[spec.name, record.id] = Pending(spec, Kind.EDIT, record.id, stamp, changed)
        else:
            item.stamp = stamp
            item.fields.update(changed)

    def _head(self, key: StreamKey) -> Head:
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = self._load_head(key)
        return head

    def _load_head(self, key: StreamKey) -> Head:
        stream_id = key.id
        row = (
            self._session.connection()
            .execute(_HEAD, {"at_organization": self._author.organization_id, "at_stream": stream_id})
            .first()
        )
        seen = self._author.seen.last
        if row is None:
            return Head(key, stream_id, 0, key.genesis, 0, 0, HybridClock(seen), known=False)
        clock = HybridClock(max(row[4], seen))
        return Head(key, stream_id, row[0], bytes(row[1]), row[2], row[3], clock, known=True)

    def _refuse_bypass(self, execution: ORMExecuteState) -> None:
        if execution.is_select:
            return
        statement = execution.statement
        if isinstance(statement, sa.TextClause):
            words = re.findall(r"\w+", statement.text.lower())
            named = [] if words[:1] == ["select"] else [name for name in words if name in specs(self._author.metadata)]
        else:
            table = getattr(statement, "table", None)
            named = [table.name] if isinstance(table, sa.Table) and "scope" in table.info else []
        if named:
            raise DomainError("STATEMENT_BYPASSES_THE_LOG", table=named[0])


def _refuse_savepoint(_session: Session, transaction: SessionTransaction) -> None:
    """What is rolled back to a savepoint would still be told to every other replica."""
    if transaction.nested:
        raise DomainError("NO_SAVEPOINTS")


def _value_with_default(record: Record, field_spec: FieldSpec) -> Any:
    value = record.__dict__.get(field_spec.name)
    if value is None and not field_spec.nullable:
        value = field_spec.default()
        if value is not None:
            setattr(record, field_spec.name, value)
    return value


def _changed_fields(record: Record, spec: TableSpec) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, field_spec in spec.fields.items():
        if attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes():
            if field_spec.merge is Merge.LEDGER:
                raise DomainError("LEDGER_IS_WRITTEN_ONCE", table=spec.name, field=name)
            changed[name] = _wire(spec, field_spec, getattr(record, name))
    return changed


def _wire(spec: TableSpec, field_spec: FieldSpec, value: Any) -> Any:
    """The wire form of a value, which every other replica must be able to read (SQLite itself would take anything).

    Raises:
        ValueError: a fold would park it.
    """
    wire = field_spec.wire.to_wire(value)
    if wire is not None and not field_spec.wire.accepts(wire):
        msg = f"{spec.name}.{field_spec.name}: no replica would read {wire!r:.80}"
        raise ValueError(msg)
    return wire

"""The session hook: what a unit of work writes on replicated tables becomes changes, in the same transaction.

Attached to one session for one transaction. `before_flush` locks the rows that are edited, applies the edits to what
they hold then, and gives all of it to `sync/writing.py`. What would pass by the hook is refused, here and at the
engine's cursor (`sync/bypass.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, UOWTransaction, attributes
from sqlalchemy.orm.base import PassiveFlag

from shared.kernel.declared import RowRule
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, Merge, Record
from shared.kernel.rights import Act
from shared.kernel.work import Approver, Work
from sync.author import Author
from sync.bypass import closed, open_for_flush
from sync.door import door_of
from sync.tables import STAMPS, TableSpec, Values
from sync.writing import CommittedUnit, OwnWriting, values_of, wire_fields

_CAPTURE = "capture"
"""Where a session keeps the capture of its unit of work."""


class Capture:
    """Captures the changes of one transaction.

    Args:
        session: the synchronous session beneath the asynchronous one.
        author: under whose identity the changes are written.
        work: says who acts, also after they have taken up other rights.
    """

    def __init__(self, session: Session, author: Author, work: Work) -> None:
        self._session = session
        self._author = author
        self._work = work
        self._writing: OwnWriting | None = None
        self._approved: dict[tuple[str, UUID, Permission], int] = {}
        self._noted: list[tuple[str, bytes]] = []
        self._is_finished = False
        self._is_undone = False
        session.info[_CAPTURE] = self

    def detach(self) -> None:
        """Stop listening; the session may serve another transaction."""
        del self._session.info[_CAPTURE]

    def finish(self) -> CommittedUnit:
        """Tell the feed and write the log of what was flushed.

        Raises:
            RuntimeError: the block rolled back what it had written, and went on.
        """
        if self._is_undone:
            raise RuntimeError("what a unit of work rolls back is not in its log: let it raise instead")
        self._is_finished = True
        return self._writing.finish() if self._writing is not None else CommittedUnit(frozenset())

    def flush_last(self) -> None:
        """Write what the block has not flushed. The caller expunges all records afterwards.

        Then the ORM has no more use for them, and its own flush takes more of a tap than everything else that is
        written. It is left to do what it alone can: records that do not replicate, and edits of what this unit created.
        """
        session = self._session
        waiting = (*session.new, *session.dirty, *session.deleted)
        if all(isinstance(record, Record) for record in waiting) and not any(map(self._is_created_here, session.dirty)):
            with session.no_autoflush:
                self._note()
            if self._writing is not None:
                self._writing.write_noted(self._noted)
                self._writing.derive()
        else:
            session.flush()

    def _is_created_here(self, record: Record) -> bool:
        table = self._author.tables[record.__tablename__]
        row = self._writing.known(table, record.id.bytes) if self._writing is not None else None
        return row is not None and row.before is None

    def before_commit(self) -> None:
        """Refuse a commit within the block: it would store rows without their log."""
        if not self._is_finished:
            raise RuntimeError("a unit of work commits when its block ends")

    def after_rollback(self) -> None:
        """Remember that the session has undone what was captured."""
        self._is_undone = True

    def _open(self) -> OwnWriting:
        if self._writing is None:
            self._writing = OwnWriting(door_of(self._session.connection()), self._author, self._work.actor)
        return self._writing

    def before_flush(self) -> None:
        """Lock, apply and note what the flush is going to write."""
        if self._note():
            # Else the flush has nothing to write, and would not tell when it is over.
            open_for_flush(self._session.connection())

    def _note(self) -> bool:
        """Lock, apply and note what the session holds unwritten. Returns whether there is anything to write."""
        session = self._session
        self._noted = []
        if any(isinstance(record, Record) for record in session.deleted):
            raise DomainError("NOTHING_IS_DELETED")
        new = [record for record in session.new if isinstance(record, Record)]
        # The session keeps dirty records in a set: sort them, so that the same work writes the same log.
        dirty = [record for record in session.dirty if isinstance(record, Record) and session.is_modified(record)]
        for record in new:
            self._created(record)
        self._edited(sorted(dirty, key=lambda record: (record.__tablename__, record.id)))
        return bool(new) or any(map(session.is_modified, dirty))

    def after_flush(self) -> None:
        """Write what follows from what was flushed."""
        closed(self._session.connection())
        if self._writing is not None:
            self._writing.derive()

    def _created(self, record: Record) -> None:
        table = self._spec(record)
        wired = wire_fields(table, _given(record, table))
        lacking = sorted(table.required - wired.keys())
        if lacking:
            msg = f"{table.name}.{lacking[0]}: a value is needed"
            raise ValueError(msg)
        values = values_of(table, wired)
        self._assert_rule(table, table.rights.broken(values))
        self._assert_rights(table, record.id, table.rights.to_create(record.id.bytes, values), values)
        self._approve_price(table, record.id, wired)
        created = self._open().create(table, record.id.bytes, values, wired)
        record.stamps = created.values.stamps
        self._noted.append((table.name, record.id.bytes))

    def _edited(self, records: Sequence[Record]) -> None:
        """Apply the edits to what the rows hold now, locked: two units that edit one row at once lose nothing."""
        changed: defaultdict[str, list[tuple[Record, dict[str, Any]]]] = defaultdict(list)
        for record in records:
            fields = _changed_fields(record, self._spec(record))
            if fields:
                changed[record.__tablename__].append((record, fields))
        for name, edits in changed.items():
            table, writing = self._author.tables[name], self._open()
            unknown = [record.id.bytes for record, _fields in edits if writing.known(table, record.id.bytes) is None]
            held = writing.merged.load(table, unknown) if unknown else {}
            for record, fields in edits:
                row = writing.known(table, record.id.bytes) or held[record.id.bytes]
                self._assert_rule(table, table.rights.broken_by_edit(fields))
                self._assert_rights(table, record.id, table.rights.to_edit(fields, row.values), row.values)
                self._approve_price(table, record.id, fields)
                writing.edit(table, record.id.bytes, row, fields)
                _give_back(record, table, row.values, fields)
                self._noted.append((name, record.id.bytes))

    def _spec(self, record: Record) -> TableSpec:
        """The table of a record that this replica may write: a device has one branch, and its stream is of that."""
        table = self._author.spec(record)
        is_abroad = isinstance(record, BranchRecord) and record.branch_id != self._work.place.branch_id
        if is_abroad and not self._author.writes_organization:
            raise DomainError("WRONG_BRANCH")
        return table

    def _assert_rights(self, table: TableSpec, row: UUID, acts: Sequence[Act], values: Values) -> None:
        """Refuse what the command should have refused: the cloud's judge reads the same declarations."""
        actor = self._work.actor
        is_own = table.rights.is_own(values, actor.staff_id.bytes if actor.staff_id else None)
        for act in acts:
            if not is_own and not any(actor.may(right, act.amount) for right in act.any_of):
                self._assert_approved(table, row, act)
        if self._author.kind not in table.rights.devices:
            raise DomainError("DEVICE_MAY_NOT", table=table.name)

    def _assert_approved(self, table: TableSpec, row: UUID, act: Act) -> None:
        """Take the approver's right for the actor's, and write the approval that names this row; else refuse."""
        approver = self._work.approver
        rights = sorted(act.any_of)
        right = next((each for each in rights if self._work.may_lend(each, act.amount)), None)
        if approver is None or right is None:
            self._work.lacks(rights[0], act.amount)
        else:
            self._approve(approver, table, row, Act(frozenset({right}), act.amount))

    def _approve_price(self, table: TableSpec, row: UUID, wired: Mapping[str, Any]) -> None:
        """Write the approval of a price that no list says. Only the command knows the list, and what it required."""
        declared, approver = table.rights.list_price, self._work.approver
        if declared is None or approver is None or declared.price not in wired:
            return
        for right in (declared.by, *declared.by_open):
            if right in self._work.lent:
                self._approve(approver, table, row, Act(frozenset({right}), self._work.lent[right]))

    def _approve(self, approver: Approver, table: TableSpec, row: UUID, act: Act) -> None:
        (right,) = act.any_of
        if self._approved.get((table.name, row, right), -1) < act.amount:
            self._approved[table.name, row, right] = act.amount
            self._created(self._work.add(approver.approve(self._work, right, act.amount, table.name, row)))

    def _assert_rule(self, table: TableSpec, broken: RowRule | None) -> None:
        if broken is not None:
            raise DomainError("ROW_BREAKS_A_RULE", table=table.name, rule=broken.name)


def _give_back(record: Record, table: TableSpec, values: Any, fields: dict[str, Any]) -> None:
    """Set fields whose edit lost back to the value of the row, and set the stamps."""
    for name, wire in fields.items():
        stands = getattr(values, name)
        if stands != wire:
            attributes.set_committed_value(record, name, table.fields[name].wire.from_wire(stands))
    if values.stamps != record.stamps:
        setattr(record, STAMPS, values.stamps)


# Listeners of all sessions, once: to add and remove three for each unit of work costs every tap.


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: UOWTransaction, _instances: object) -> None:
    capture = session.info.get(_CAPTURE)
    if capture is not None:
        capture.before_flush()


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _context: UOWTransaction) -> None:
    capture = session.info.get(_CAPTURE)
    if capture is not None:
        capture.after_flush()


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    capture = session.info.get(_CAPTURE)
    if capture is not None:
        capture.before_commit()


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    capture = session.info.get(_CAPTURE)
    if capture is not None:
        capture.after_rollback()


@event.listens_for(Session, "after_transaction_create")
def _refuse_savepoint(session: Session, transaction: SessionTransaction) -> None:
    """Refuse savepoints: a change that is rolled back to one would still be sent to every other replica."""
    if transaction.nested and _CAPTURE in session.info:
        raise DomainError("NO_SAVEPOINTS")


def _given(record: Record, table: TableSpec) -> dict[str, Any]:
    """The values of a new record. What nobody said gets its default."""
    said, given = record.__dict__, {}
    for name, field in table.fields.items():
        value = said.get(name)
        if value is None and not field.nullable:
            value = field.default()
            if value is not None:
                setattr(record, name, value)
        if value is not None:
            given[name] = value
    return given


def _changed_fields(record: Record, table: TableSpec) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, field in table.fields.items():
        if attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes():
            if field.merge is Merge.LEDGER:
                raise DomainError("LEDGER_IS_WRITTEN_ONCE", table=table.name, field=name)
            changed[name] = getattr(record, name)
    return wire_fields(table, changed)

"""The cloud's judge: it objects to transactions with changes that their author had no right to make.

Devices are enrolled, not trusted: the judge finds a cashier who edits the local database, or a device that writes into
another branch. It judges a batch by sets: who wrote what kind of change in which table, which branches its rows and
parents belong to, which rows are created twice. Where a set is not in order, it looks at each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from cloud.replication.stream_owners import Owner, StreamOwners
from shared.kernel.permissions import PERMISSIONS, DeviceKind, Permission
from shared.kernel.records import Merge, Scope
from shared.staff.records import StaffMember
from sync.author import cloud_device
from sync.change import Kind, RawChange, StreamKey
from sync.door import Door
from sync.fold import ROW_UNKNOWN, Batch, Creation, Edit, Objection
from sync.merge import NEVER, edits_of
from sync.messages import MAX_INCARNATION
from sync.tables import TableSpec, Values

WRONG_SCOPE = "WRONG_SCOPE"
WRONG_BRANCH = "WRONG_BRANCH"
WRONG_ORIGIN = "WRONG_ORIGIN"
NOT_ALLOWED = "ACTOR_NOT_ALLOWED"
ACTOR_UNKNOWN = "ACTOR_UNKNOWN"
ROW_TAKEN = "ROW_TAKEN"
STAFF = StaffMember.__tablename__
_ROLE: Any = StaffMember.__table__.c.role.type
_STAFF = "SELECT id, role, stamps FROM staff WHERE organization_id = ? AND id {keys}"

_OF_ORDER = frozenset({Permission.TAKE_ORDER, Permission.WORK_KITCHEN, Permission.TAKE_PAYMENT, Permission.SEND_ORDER})
EDITS: dict[str, frozenset[Permission]] = {
    "orders": _OF_ORDER,
    "order_lines": frozenset({Permission.TAKE_ORDER, Permission.SEND_ORDER}),
    "checks": frozenset({Permission.TAKE_PAYMENT, Permission.GIVE_DISCOUNT}),
    "kitchen_tickets": frozenset({Permission.WORK_KITCHEN}),
}
"""Who may edit rows that others created: the kitchen marks an order ready that a waiter opened."""


class Rights(NamedTuple):
    """The permissions of somebody, and the stamp of the edit that gave them their role (0: they began with it)."""

    permissions: frozenset[Permission]
    since: int


class CloudJudge:
    """Implements `sync.fold.Judge` for one organization. What the cloud itself wrote is not judged."""

    def __init__(self, organization_id: UUID, owners: StreamOwners) -> None:
        self._organization = organization_id.bytes
        self._cloud = cloud_device(organization_id).bytes
        self._owners = owners

    def look(self, batch: Batch) -> None:
        """Object to transactions that are not in order, with at most two statements for any number of changes."""
        owners = self._owners.of(batch.door, {transaction.stream for transaction in batch.transactions})
        of_devices = [
            at for at, transaction in enumerate(batch.transactions) if owners[transaction.stream].device != self._cloud
        ]
        if not of_devices:
            return
        judging = _Judging(batch, of_devices, owners, self._rights(batch, of_devices))
        for at in sorted(judging.suspects() - batch.refused.keys()):
            objection = judging.objection(at)
            if objection is not None:
                batch.refuse(at, objection)

    def _rights(self, batch: Batch, of_devices: Iterable[int]) -> Mapping[bytes, Rights]:
        """Load the rights of all actors of the batch, with one statement."""
        actors = {change.actor for at in of_devices for change in batch.transactions[at].changes}
        return _read_rights(batch.door, self._organization, actors - {None})


class _Judging:
    """Judges one batch.

    Args:
        of_devices: positions in the batch of the transactions that devices wrote.
    """

    def __init__(
        self, batch: Batch, of_devices: list[int], owners: Mapping[bytes, Owner], rights: Mapping[bytes, Rights]
    ) -> None:
        self._batch = batch
        self._of_devices = of_devices
        self._owners = owners
        self._rights = rights
        self._tables = batch.merged.tables

    def suspects(self) -> set[int]:
        """The positions of the transactions that may not be in order, as the sets show."""
        judged = set(self._of_devices)
        found = self._in_organization() | self._without_right() | self._of_other_origin()
        for name, creations in self._batch.creations.items():
            table = self._tables[name]
            found |= self._created_abroad(table, creations)
            found |= self._referring_abroad(table, creations, lambda creation, field: getattr(creation.values, field))
            if not table.derived:
                found |= self._created_twice(table, creations)
        for name, edits in self._batch.edits.items():
            table = self._tables[name]
            found |= self._edited_abroad(table, edits)
            found |= self._referring_abroad(table, edits, lambda edit, field: edit.fields.get(field))
        # A change that lacks a value is in none of these lists.
        found |= self._batch.lacking.keys()
        return found & judged

    def objection(self, at: int) -> Objection | None:
        """Why a transaction is void or parked, by its first change that is not in order; None if all are in order."""
        transaction = self._batch.transactions[at]
        owner = self._owners[transaction.stream]
        for change in transaction.changes:
            table = self._tables.get(change.table)
            if table is None:
                continue  # the fold parks what this version does not know
            if change.origin is not None and not _is_own(owner, change.origin.stream):
                return Objection(WRONG_ORIGIN, {"table": change.table}, voids=True)
            if owner.scope is not Scope.BRANCH or table.scope is not Scope.BRANCH:
                return Objection(WRONG_SCOPE, {"table": change.table}, voids=True)
            fields = msgspec.msgpack.decode(change.fields)
            objection = (
                self._of_branch(change, table, fields, owner.scope_id)
                or self._of_row(change, table, fields, at)
                or self._of_actor(change, table)
            )
            if objection:
                return objection
        return None

    # -- sets --------------------------------------------------------------------------------------------------------

    def _in_organization(self) -> set[int]:
        """The transactions in a stream of the organization, which only the cloud may have."""
        transactions, owners = self._batch.transactions, self._owners
        return {at for at in self._of_devices if owners[transactions[at].stream].scope is not Scope.BRANCH}

    def _of_other_origin(self) -> set[int]:
        """The transactions that say they stood first in a stream of somebody else."""
        transactions, owners = self._batch.transactions, self._owners
        named = {
            (at, change.origin.stream)
            for at in self._of_devices
            for change in transactions[at].changes
            if change.origin is not None
        }
        return {at for at, stream in named if not _is_own(owners[transactions[at].stream], stream)}

    def _without_right(self) -> set[int]:
        """The transactions whose actor had no right to a change, or whose table no device may write."""
        transactions = self._batch.transactions
        done = {
            (change.table, change.kind, change.actor) for at in self._of_devices for change in transactions[at].changes
        }
        wrong = {combination for combination in done if not self._is_in_order(*combination)}
        if not wrong:
            return set()
        return {
            at
            for at in self._of_devices
            if any((change.table, change.kind, change.actor) in wrong for change in transactions[at].changes)
        }

    def _is_in_order(self, name: str, kind: int, actor: bytes | None) -> bool:
        table = self._tables.get(name)
        if table is None:
            return True
        if table.rights.is_system:
            return table.scope is Scope.BRANCH
        rights = self._rights.get(actor) if actor is not None else None
        return table.scope is Scope.BRANCH and rights is not None and _may(table, kind, rights)

    def _created_abroad(self, table: TableSpec, creations: list[Creation]) -> set[int]:
        if table.scope is not Scope.BRANCH:
            return set()
        of = self._batch.stream_of
        pairs = {(of(creation), creation.values.branch_id) for creation in creations}
        wrong = {(stream, branch) for stream, branch in pairs if branch != self._owners[stream].scope_id}
        return (
            {creation.at for creation in creations if (of(creation), creation.values.branch_id) in wrong}
            if wrong
            else set()
        )

    def _edited_abroad(self, table: TableSpec, edits: list[Edit]) -> set[int]:
        if table.scope is not Scope.BRANCH:
            return set()
        of = self._batch.stream_of
        wrong = self._abroad(table.name, {(of(edit), edit.row) for edit in edits})
        return {edit.at for edit in edits if (of(edit), edit.row) in wrong} if wrong else set()

    def _referring_abroad(self, table: TableSpec, of: list[Any], value: Any) -> set[int]:
        found: set[int] = set()
        stream_of = self._batch.stream_of
        for field, parent in table.parents:
            wrong = self._abroad(parent, {(stream_of(change), value(change, field)) for change in of})
            if wrong:
                found |= {change.at for change in of if (stream_of(change), value(change, field)) in wrong}
        return found

    def _abroad(self, table: str, pairs: set[tuple[bytes, Any]]) -> set[tuple[bytes, bytes]]:
        """The pairs of stream and row in which the row belongs to another branch than the stream."""
        if self._tables[table].scope is not Scope.BRANCH:
            return set()
        branch_of, owners = self._batch.branch_of, self._owners
        return {
            (stream, row)
            for stream, row in pairs
            if row is not None and branch_of(table, row) not in (None, owners[stream].scope_id)
        }

    def _created_twice(self, table: TableSpec, creations: list[Creation]) -> set[int]:
        held = self._batch.rows[table.name]
        rows = {creation.row for creation in creations}
        if len(rows) == len(creations) and held.keys().isdisjoint(rows):
            return set()
        first = self._batch.first_of
        return {
            creation.at
            for creation in creations
            if creation.row in held or first(table.name, creation.row) != creation.at
        }

    # -- one change --------------------------------------------------------------------------------------------------

    def _of_branch(
        self, change: RawChange, table: TableSpec, fields: Mapping[str, Any], branch: bytes
    ) -> Objection | None:
        """Object to a row of another branch, and to a reference to a row of another branch."""
        if change.kind == Kind.CREATE:
            wrong = fields.get("branch_id") != branch
        else:
            wrong = self._batch.branch_of(change.table, change.row) not in (None, branch)
        for field, parent in table.parents:
            key = fields.get(field)
            if key is not None and self._tables[parent].scope is Scope.BRANCH:
                wrong = wrong or self._batch.branch_of(parent, key) not in (None, branch)
        return Objection(WRONG_BRANCH, {"table": change.table}, voids=True) if wrong else None

    def _of_row(self, change: RawChange, table: TableSpec, fields: Mapping[str, Any], at: int) -> Objection | None:
        """Object to a second creation of a row with other values. (Of derived rows the lowest stamp stands.)"""
        if change.kind != Kind.CREATE or table.derived:
            return None
        for values in self._made_before(change, at):
            for name, policy in table.policies.items():
                value = fields.get(name, table.defaults.get(name))
                if policy is Merge.LEDGER and value != getattr(values, name):
                    return Objection(ROW_TAKEN, {"table": change.table, "field": name}, voids=True)
        return None

    def _made_before(self, change: RawChange, at: int) -> Iterator[Values]:
        """The values of the row in the database, and those with which earlier transactions of this batch create it."""
        batch = self._batch
        held = batch.rows[change.table].get(change.row)
        if held is None and at in batch.lacking:
            held = batch.merged.load(self._tables[change.table], [change.row]).get(change.row)
        if held is not None:
            yield held.values
        left_out = batch.refused.keys() | batch.lacking.keys()
        for creation in batch.creations[change.table]:
            if creation.row == change.row and creation.at < at and creation.at not in left_out:
                yield creation.values

    def _of_actor(self, change: RawChange, table: TableSpec) -> Objection | None:
        if table.rights.is_system:
            return None
        if change.actor is None:
            return Objection(ACTOR_UNKNOWN, {"table": change.table}, voids=True)
        rights = self._rights.get(change.actor)
        if rights is None:
            return Objection(ROW_UNKNOWN, {"table": change.table, "parent": STAFF, "row": change.actor.hex()})
        if change.stamp < rights.since and DeviceKind.TILL in table.rights.devices:
            return None  # They wrote it offline, under an earlier role: a later demotion drops no sale.
        if not _may(table, change.kind, rights):
            return Objection(
                NOT_ALLOWED, {"table": change.table, "permission": ", ".join(sorted(table.rights.writes))}, voids=True
            )
        return None


@lru_cache(maxsize=1_024)
def _is_own(owner: Owner, stream: bytes) -> bool:
    """Whether a stream belongs to this owner, in any incarnation."""
    device_id, scope_id = UUID(bytes=owner.device), UUID(bytes=owner.scope_id)
    return any(
        StreamKey(device_id, incarnation, owner.scope, scope_id).id.bytes == stream
        for incarnation in range(MAX_INCARNATION + 1)
    )


def _may(table: TableSpec, kind: int, rights: Rights) -> bool:
    """Whether these rights allow to create or edit rows of a table. Creating a derived row needs no right."""
    if kind == Kind.CREATE:
        return table.derived or not table.rights.writes.isdisjoint(rights.permissions)
    return not EDITS.get(table.name, table.rights.writes).isdisjoint(rights.permissions)


def _read_rights(door: Door, organization: bytes, actors: Iterable[Any]) -> Mapping[bytes, Rights]:
    found = door.among(_STAFF, sorted(actors), door.key(organization))
    return {
        row[0]: Rights(PERMISSIONS[_ROLE.from_wire(row[1])], edits_of(row[2]).get("role", NEVER)[0]) for row in found
    }

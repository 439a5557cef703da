"""The cloud's judge: it voids transactions that cannot be a sale.

A foreign scope or branch, a taken id, a value that no replica can read, a table that only the cloud writes, a row that
breaks its own rule: such a transaction is void. Trouble with rights, clocks or sums is none: it is folded, and people
are asked (`rights_judge.py`). The judge parks nothing.

It judges a batch by sets: which tables were written, which branches rows and parents belong to, which rows are created
twice. Where a set is not in order, it looks at each change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from cloud.replication.rights_judge import RightsJudge
from cloud.replication.stream_owners import Owner, StreamOwners
from cloud.replication.timelines import Histories
from shared.kernel.instants import Clock
from shared.kernel.records import SCHEMA_EPOCH, Merge, Scope
from shared.kernel.rights import CLOUD_ONLY
from sync.author import cloud_device
from sync.change import Kind, RawChange, StreamKey
from sync.fold import KIND_UNKNOWN, VALUE_UNKNOWN, WAITING, Batch, Creation, Edit, Objection
from sync.messages import MAX_INCARNATION
from sync.tables import TableSpec, Values

UNREADABLE_REASONS = frozenset({VALUE_UNKNOWN, KIND_UNKNOWN})
WRONG_SCOPE = "WRONG_SCOPE"
WRONG_BRANCH = "WRONG_BRANCH"
WRONG_ORIGIN = "WRONG_ORIGIN"
ROW_TAKEN = "ROW_TAKEN"
ROW_BREAKS_A_RULE = "ROW_BREAKS_A_RULE"
ONLY_THE_CLOUD = "ONLY_THE_CLOUD"


class CloudJudge:
    """Implements `sync.fold.Judge` for one organization. What the cloud itself wrote is not judged."""

    def __init__(self, organization_id: UUID, owners: StreamOwners, clock: Clock) -> None:
        self._organization = organization_id.bytes
        self._cloud = cloud_device(organization_id).bytes
        self._owners = owners
        self._clock = clock
        self._histories: Histories = {}

    def look(self, batch: Batch) -> None:
        """Object to transactions that cannot be a sale, and ask about what is wrong with others."""
        owners = self._owners.of(batch.door, {transaction.stream for transaction in batch.transactions})
        of_devices = [
            at for at, transaction in enumerate(batch.transactions) if owners[transaction.stream].device != self._cloud
        ]
        if not of_devices:
            return
        judging = _Judging(batch, of_devices, owners)
        for at in sorted(judging.suspects() - batch.refused.keys()):
            objection = judging.objection(at)
            if objection is not None:
                batch.refuse(at, objection)
        judging.void_unreadable()
        now_ms = self._clock.milliseconds()
        RightsJudge(batch, of_devices, owners, self._organization, self._histories, now_ms).ask()


class _Judging:
    """Judges one batch.

    Args:
        of_devices: positions in the batch of the transactions that devices wrote.
    """

    def __init__(self, batch: Batch, of_devices: list[int], owners: Mapping[bytes, Owner]) -> None:
        self._batch = batch
        self._of_devices = of_devices
        self._owners = owners
        self._tables = batch.merged.tables
        self._branch_at = [owners[transaction.stream].scope_id for transaction in batch.transactions]
        branches = frozenset(self._branch_at)
        self._only_branch = branches if len(branches) == 1 else frozenset[bytes]()

    def void_unreadable(self) -> None:
        """Void what no replica can read: a program of its own epoch wrote it, so that no later one reads it either."""
        batch = self._batch
        for at in self._of_devices:
            objection = batch.refused.get(at, batch.lacking.get(at))
            if objection is None or objection.reason not in UNREADABLE_REASONS:
                continue
            if all(change.epoch <= SCHEMA_EPOCH for change in batch.transactions[at].changes):
                batch.refused[at] = replace(objection, voids=True)

    def suspects(self) -> set[int]:
        """The positions of the transactions that may not be in order, as the sets show."""
        judged = set(self._of_devices)
        found = self._in_organization() | self._of_other_origin()
        for name in self._batch.creations.keys() | self._batch.edits.keys():
            found |= self._of_the_cloud(self._tables[name])
        for name, creations in self._batch.creations.items():
            table, columns = self._tables[name], self._batch.columns[name]
            found |= self._created_abroad(table, creations) | self._broken(table, creations)
            for field, parent in table.parents:
                found |= self._abroad(parent, creations, columns[field])
            if not table.derived:
                found |= self._created_twice(table, creations)
        for name, edits in self._batch.edits.items():
            table = self._tables[name]
            found |= self._abroad(name, edits, [edit.row for edit in edits])
            if table.rights.rules:
                found |= {edit.at for edit in edits if table.rights.broken_by_edit(edit.fields) is not None}
            for field, parent in table.parents:
                found |= self._abroad(parent, edits, [edit.fields.get(field) for edit in edits])
        # A change that lacks a value is in none of these lists.
        found |= self._batch.lacking.keys()
        return found & judged

    def objection(self, at: int) -> Objection | None:
        """Why a transaction is void, by its first change that is not in order; None if all are in order."""
        transaction = self._batch.transactions[at]
        owner = self._owners[transaction.stream]
        lacks = self._batch.lacking.get(at)
        is_readable = lacks is None or lacks.reason in WAITING
        for change in transaction.changes:
            table = self._tables.get(change.table)
            if table is None:
                continue  # the fold parks what this version does not know
            if change.origin is not None and not _is_own(owner, change.origin.stream):
                return Objection(WRONG_ORIGIN, {"table": change.table}, voids=True)
            if owner.scope is not Scope.BRANCH or table.scope is not Scope.BRANCH:
                return Objection(WRONG_SCOPE, {"table": change.table}, voids=True)
            if table.rights.devices == CLOUD_ONLY:
                return Objection(ONLY_THE_CLOUD, {"table": change.table}, voids=True)
            fields = msgspec.msgpack.decode(change.fields)
            if self._is_clouds(change, table, fields):
                return Objection(ONLY_THE_CLOUD, {"table": change.table}, voids=True)
            objection = (
                self._of_branch(change, table, fields, owner.scope_id)
                or self._of_row(change, table, fields, at)
                or (_of_rule(change, table, fields) if is_readable else None)
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

    def _of_the_cloud(self, table: TableSpec) -> set[int]:
        """The transactions that write what no device may write."""
        creations, edits = self._batch.creations.get(table.name, ()), self._batch.edits.get(table.name, ())
        if table.scope is not Scope.BRANCH or table.rights.devices == CLOUD_ONLY:
            return {each.at for each in (*creations, *edits)}
        if table.rights.clouds is None:
            return set()
        held = self._batch.rows[table.name]
        rows = {key for key, row in held.items() if table.rights.is_clouds(row.values)}
        made = {each.at for each in creations if table.rights.is_clouds(each.values)}
        return made | {each.at for each in (*creations, *edits) if each.row in rows}

    def _broken(self, table: TableSpec, creations: list[Creation]) -> set[int]:
        """The transactions with a new row that breaks a rule of its own, asked by column."""
        columns, found = self._batch.columns[table.name], set[int]()
        for rule in table.rights.rules:
            if not all(map(rule.holds, *(columns[name] for name in rule.fields))):
                found |= {each.at for each in creations if table.rights.broken(each.values) is not None}
        return found

    def _created_abroad(self, table: TableSpec, creations: list[Creation]) -> set[int]:
        """The transactions with a new row of another branch than their stream's."""
        if table.scope is not Scope.BRANCH:
            return set()
        return self._elsewhere(creations, self._batch.columns[table.name]["branch_id"])

    def _abroad(self, table: str, changes: Sequence[Creation | Edit], rows: Sequence[Any]) -> set[int]:
        """The transactions of changes that name a row of another branch than their stream's.

        Args:
            rows: the row of that table that each change names, or None.
        """
        if self._tables[table].scope is not Scope.BRANCH:
            return set()
        return self._elsewhere(changes, list(map(self._batch.branches_of(table).get, rows)))

    def _elsewhere(self, changes: Sequence[Creation | Edit], branches: Sequence[bytes | None]) -> set[int]:
        """The transactions of changes with another branch than their stream's. Most batches are of one branch only."""
        if self._only_branch and set(branches) <= {None, *self._only_branch}:
            return set()
        return {
            each.at
            for each, branch in zip(changes, branches, strict=True)
            if branch is not None and branch != self._branch_at[each.at]
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

    def _is_clouds(self, change: RawChange, table: TableSpec, fields: Mapping[str, Any]) -> bool:
        """Whether a change makes a row that only the cloud writes, or touches one that the cloud has written."""
        clouds = table.rights.clouds
        if clouds is None:
            return False
        held = self._batch.merged.load(table, [change.row]).get(change.row)
        makes = change.kind == Kind.CREATE and fields.get(clouds.field) in clouds.values
        return makes or (held is not None and table.rights.is_clouds(held.values))

    def _of_branch(
        self, change: RawChange, table: TableSpec, fields: Mapping[str, Any], branch: bytes
    ) -> Objection | None:
        """Object to a row of another branch, and to a reference to a row of another branch."""
        if change.kind == Kind.CREATE:
            wrong = fields.get("branch_id") != branch
        else:
            wrong = self._batch.branches_of(change.table).get(change.row) not in (None, branch)
        for field, parent in table.parents:
            key = fields.get(field)
            if key is not None and self._tables[parent].scope is Scope.BRANCH:
                wrong = wrong or self._batch.branches_of(parent).get(key) not in (None, branch)
        return Objection(WRONG_BRANCH, {"table": change.table}, voids=True) if wrong else None

    def _of_row(self, change: RawChange, table: TableSpec, fields: Mapping[str, Any], at: int) -> Objection | None:
        """Object to a second creation of a row with other values. (Of derived rows the lowest stamp stands.)"""
        if change.kind != Kind.CREATE or table.derived:
            return None
        made_before = self._made_before(change, at)
        taken = next((name for values in made_before if (name := _says_another(table, fields, values))), None)
        return Objection(ROW_TAKEN, {"table": change.table, "field": taken}, voids=True) if taken else None

    def _made_before(self, change: RawChange, at: int) -> Iterator[Values]:
        """The values of the row in the database, and those with which earlier transactions of this batch create it."""
        batch = self._batch
        held = batch.rows[change.table].get(change.row)
        if held is None and at in batch.lacking:
            held = batch.merged.load(self._tables[change.table], [change.row]).get(change.row)
        if held is not None:
            yield held.values
        left_out = batch.refused.keys() | batch.lacking.keys()
        for creation in batch.creations.get(change.table, ()):
            if creation.row == change.row and creation.at < at and creation.at not in left_out:
                yield creation.values


@lru_cache(maxsize=1_024)
def _is_own(owner: Owner, stream: bytes) -> bool:
    """Whether a stream belongs to this owner, in any incarnation."""
    device_id, scope_id = UUID(bytes=owner.device), UUID(bytes=owner.scope_id)
    return any(
        StreamKey(device_id, incarnation, owner.scope, scope_id).id.bytes == stream
        for incarnation in range(MAX_INCARNATION + 1)
    )


def _says_another(table: TableSpec, fields: Mapping[str, Any], values: Values) -> str | None:
    """The ledger field in which a second creation of a row says what it may not say otherwise than the first."""
    one_fact = table.rights.one_fact
    for name, policy in table.policies.items():
        value = fields.get(name, table.defaults.get(name))
        if policy is not Merge.LEDGER or value == getattr(values, name):
            continue
        if one_fact is None or not one_fact.allows(fields, values, name):
            return name
    return one_fact.torn(fields, values, table.defaults) if one_fact is not None else None


def _of_rule(change: RawChange, table: TableSpec, fields: Mapping[str, Any]) -> Objection | None:
    """Object to a row that breaks its own rule."""
    if change.kind == Kind.EDIT:
        broken = table.rights.broken_by_edit(fields)
    else:
        broken = table.rights.broken(table.decode_creation(change.fields))
    return Objection(ROW_BREAKS_A_RULE, {"table": change.table, "rule": broken.name}, voids=True) if broken else None

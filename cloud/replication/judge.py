"""What the cloud will not fold: changes that their author had no right to make. Stored all the same, and answered.

Devices are let in, not trusted: a cashier who edits the local database, or a device that writes into another branch, is
found here, in one read of staff and devices a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sync.rows import Rows

from shared.kernel.permissions import PERMISSIONS, Permission
from shared.kernel.records import Merge, Scope
from shared.staff.records import StaffMember
from sync.author import cloud_device
from sync.change import Change, Kind
from sync.fold import ROW_UNKNOWN, Objection, Transaction
from sync.merge import NEVER, unpack_stamps
from sync.records import streams
from sync.tables import TableSpec

WRONG_SCOPE = "WRONG_SCOPE"
WRONG_BRANCH = "WRONG_BRANCH"
NOT_ALLOWED = "ACTOR_NOT_ALLOWED"
ACTOR_UNKNOWN = "ACTOR_UNKNOWN"
ROW_TAKEN = "ROW_TAKEN"
STAFF = StaffMember.__tablename__

_OF_ORDER = frozenset({Permission.TAKE_ORDER, Permission.WORK_KITCHEN, Permission.TAKE_PAYMENT, Permission.SEND_ORDER})
EDITS: dict[str, frozenset[Permission]] = {
    "orders": _OF_ORDER,
    "order_lines": frozenset({Permission.TAKE_ORDER, Permission.SEND_ORDER}),
    "checks": frozenset({Permission.TAKE_PAYMENT, Permission.GIVE_DISCOUNT}),
    "kitchen_tickets": frozenset({Permission.WORK_KITCHEN}),
}
"""Who may edit rows that others created: the kitchen marks an order ready that a waiter opened."""


class CloudJudge:
    """Implements `sync.fold.Judge` for one organization; what the cloud wrote itself is not judged."""

    def __init__(self, organization_id: UUID) -> None:
        self._organization_id = organization_id
        self._cloud_id = cloud_device(organization_id)
        self._streams: dict[UUID, tuple[UUID, Scope, UUID]] = {}
        self._allowed: dict[bytes, tuple[frozenset[Permission], int]] = {}

    async def prepare(self, connection: AsyncConnection, transactions: Sequence[Transaction]) -> None:
        """Read the streams and the staff behind these transactions: at most two statements."""
        wanted = {transaction.stream_id for transaction in transactions} - self._streams.keys()
        if wanted:
            rows = await connection.execute(
                sa.select(streams.c.id, streams.c.device_id, streams.c.scope, streams.c.scope_id).where(
                    streams.c.organization_id == self._organization_id, streams.c.id.in_(sorted(wanted))
                )
            )
            self._streams |= {row.id: (row.device_id, row.scope, row.scope_id) for row in rows}
        actors = {change.actor for each in transactions for change in each.changes if change.actor is not None}
        self._allowed = {}
        if not actors:
            return
        for row in await connection.execute(
            sa.select(StaffMember.id, StaffMember.role, StaffMember.stamps).where(
                StaffMember.organization_id == self._organization_id,
                StaffMember.id.in_([UUID(bytes=actor) for actor in sorted(actors)]),
            )
        ):
            _created, edited = unpack_stamps(bytes(row.stamps))
            self._allowed[row.id.bytes] = (PERMISSIONS[row.role], edited.get("role", NEVER)[0])

    def objection(self, transaction: Transaction, specs: Mapping[str, TableSpec], rows: Rows) -> Objection | None:
        """Why this transaction is void, or None."""
        device_id, scope, scope_id = self._streams[transaction.stream_id]
        if device_id == self._cloud_id:
            return None
        for change in transaction.changes:
            spec = specs.get(change.table)
            if spec is None:
                continue  # the fold parks what this version does not know
            if scope is not Scope.BRANCH or spec.scope is not Scope.BRANCH:
                return Objection(WRONG_SCOPE, {"table": change.table}, voids=True)
            objection = (
                _of_branch(change, spec, rows, scope_id.bytes)
                or _of_row(change, spec, rows)
                or self._of_actor(change, spec)
            )
            if objection:
                return objection
        return None

    def _of_actor(self, change: Change, spec: TableSpec) -> Objection | None:
        if change.actor is None:
            return Objection(ACTOR_UNKNOWN, {"table": change.table}, voids=True)
        known = self._allowed.get(change.actor)
        if known is None:
            return Objection(ROW_UNKNOWN, {"table": change.table, "parent": STAFF, "row": change.actor.hex()})
        allowed, role_since = known
        if change.stamp < role_since and spec.writes is not Permission.JUDGE_CHANGES:
            return None  # written under an earlier role, offline: no sale is dropped for a later demotion
        needed = {spec.writes} if change.kind == Kind.CREATE else EDITS.get(change.table, frozenset({spec.writes}))
        if not needed & allowed:
            return Objection(NOT_ALLOWED, {"table": change.table, "permission": str(spec.writes)}, voids=True)
        return None


def _of_branch(change: Change, spec: TableSpec, rows: Rows, branch: bytes) -> Objection | None:
    """A device writes rows of its own branch only, and refers to no other branch's."""
    if change.kind == Kind.CREATE:
        wrong = change.fields.get("branch_id") != branch
    else:
        wrong = rows.branch_of(change.table, change.row) not in (None, branch)
    for name, parent in spec.parents:
        key = change.fields.get(name)
        wrong = wrong or (key is not None and rows.branch_of(parent, key) not in (None, branch))
    return Objection(WRONG_BRANCH, {"table": change.table}, voids=True) if wrong else None


def _of_row(change: Change, spec: TableSpec, rows: Rows) -> Objection | None:
    """What was written once is not written again with another content."""
    held = rows.get(change.table, change.row) if change.kind == Kind.CREATE else None
    if held is None:
        return None
    for name, field in spec.fields.items():
        said = change.fields.get(name, spec.defaults.get(name))
        if field.merge is Merge.LEDGER and said != held.fields.get(name):
            return Objection(ROW_TAKEN, {"table": change.table, "field": name}, voids=True)
    return None

"""What workers have to do, for all tenants: a row for each scope that asks for a turn, and from when on.

Whoever stores something asks in the same transaction, so that nothing stored is forgotten, whatever dies. A worker
finds the row, takes its turn while it holds the fold lock of the scope, and removes the row in the transaction of that
turn, unless somebody asked again meanwhile. A worker that dies leaves the row, and its lock is gone with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import text

from cloud.database.transaction import Database
from shared.kernel.retries import retry_seconds
from sync.door import Door

FAILING_AFTER = 3
"""One or two failures in a row may be a deadlock, or a database that restarts."""

SECONDS_AN_ORGANIZATION = 0.02
"""So far apart are the turns that a new program asks for: what is pushed meanwhile does not wait for all of them."""


class DueScope(NamedTuple):
    """A branch of a tenant, or the tenant's own scope, whose id is the tenant's."""

    organization_id: UUID
    scope_id: UUID

    @property
    def is_whole(self) -> bool:
        """Whether it is the organization's own scope: its turns have all branches to themselves."""
        return self.scope_id == self.organization_id


def whole(organization_id: UUID) -> DueScope:
    """The organization's own scope."""
    return DueScope(organization_id, organization_id)


class Taken(NamedTuple):
    """The row of a scope at the begin of a turn.

    Attributes:
        asked: tells this row from every other that this scope had or will have.
        is_paused: it has failed, and its next try is later.
    """

    asked: int
    failures: int
    is_paused: bool


class Looked(NamedTuple):
    """What a look at all rows found.

    Attributes:
        due: the scopes that are due, the longest due first.
        next_seconds: when the next one becomes due; None: no other row is there.
        failing: how many scopes have failed several times in a row.
        workers: how many workers were seen lately.
    """

    due: Sequence[DueScope]
    next_seconds: float | None
    failing: int
    workers: int


class Dues(Protocol):
    """See the module."""

    def ask(self, door: Door, scope: DueScope, in_seconds: float = 0.0) -> None:
        """Ask for a turn, in the caller's transaction. One that is due earlier, or later for its failures, stays so."""
        ...

    def taken(self, door: Door, scope: DueScope) -> Taken | None:
        """The row of a scope, read under its fold lock before anything of its log; None: nobody asks any more."""
        ...

    def settle(self, door: Door, scope: DueScope, taken: Taken, later_seconds: float | None) -> bool:
        """Remove the row, or move it to a later time. False if somebody asked meanwhile: it stays as it is."""
        ...

    def went_on(self, door: Door, scope: DueScope) -> None:
        """Forget the failures of a scope of which a part could be done."""
        ...

    def folded_by(self, door: Door, organization_id: UUID, program: bytes) -> None:
        """Remember that a program has looked at all of an organization."""
        ...

    async def ask_all(self, program: bytes) -> None:
        """Ask for a turn of each organization that another program looked at last, or none."""
        ...

    async def failed(self, scope: DueScope) -> None:
        """Count a failure, and let all workers wait for longer with each in a row."""
        ...

    async def look(self, most: int) -> Looked:
        """Look for what is due."""
        ...


_ASK = """
    INSERT INTO control.due AS d (organization_id, scope_id, due_at, asked, failures)
    VALUES (?, ?, now() + make_interval(secs => ?), pg_current_xact_id()::text::bigint, 0)
    ON CONFLICT (organization_id, scope_id) DO UPDATE SET asked = excluded.asked,
    due_at = CASE WHEN d.failures > 0 THEN d.due_at ELSE least(d.due_at, excluded.due_at) END
"""
_TAKEN = """
    SELECT asked, failures, failures > 0 AND due_at > now() FROM control.due WHERE organization_id = ? AND scope_id = ?
"""
_REMOVE = "DELETE FROM control.due WHERE organization_id = ? AND scope_id = ? AND asked = ?"
_LATER = """
    UPDATE control.due SET due_at = now() + make_interval(secs => ?), failures = 0
    WHERE organization_id = ? AND scope_id = ? AND asked = ?
"""
_WENT_ON = "UPDATE control.due SET failures = 0, due_at = now() WHERE organization_id = ? AND scope_id = ?"
_FAILURES = text(
    "select failures from control.due where organization_id = :organization_id and scope_id = :scope_id for update"
)
_FAILED = text(
    "update control.due set failures = :failures, due_at = now() + make_interval(secs => :seconds)"
    " where organization_id = :organization_id and scope_id = :scope_id"
)
_FOLDED_BY = "UPDATE control.organization SET folded_by = ? WHERE id = ? AND folded_by IS DISTINCT FROM ?"
_ASK_ALL = text(
    """
    insert into control.due (organization_id, scope_id, due_at, asked, failures)
    select id, id, now() + make_interval(secs => :each * row_number() over (order by id)),
    pg_current_xact_id()::text::bigint, 0
    from control.organization where folded_by is distinct from :program
    on conflict (organization_id, scope_id) do nothing
    """
)
_DUE = text("select organization_id, scope_id from control.due where due_at <= now() order by due_at limit :most")
_AROUND = text(
    """
    select (select extract(epoch from min(due_at) - now()) from control.due where due_at > now()),
    (select count(*) from control.due where failures >= :failing_after),
    (select count(*) from control.process where fold <> 'idle' and until > now())
    """
)


class PostgresDues:
    """Implements `Dues` in the control plane, by the clock of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, door: Door, scope: DueScope, in_seconds: float = 0.0) -> None:
        """See `Dues`."""
        door.run(_ASK, *_at(door, scope), in_seconds)

    def taken(self, door: Door, scope: DueScope) -> Taken | None:
        """See `Dues`."""
        rows = door.rows(_TAKEN, *_at(door, scope))
        return Taken(*rows[0]) if rows else None

    def settle(self, door: Door, scope: DueScope, taken: Taken, later_seconds: float | None) -> bool:
        """See `Dues`."""
        if later_seconds is None:
            return door.run(_REMOVE, *_at(door, scope), taken.asked) == 1
        return door.run(_LATER, later_seconds, *_at(door, scope), taken.asked) == 1

    def went_on(self, door: Door, scope: DueScope) -> None:
        """See `Dues`."""
        door.run(_WENT_ON, *_at(door, scope))

    def folded_by(self, door: Door, organization_id: UUID, program: bytes) -> None:
        """See `Dues`."""
        door.run(_FOLDED_BY, program, door.key(organization_id.bytes), program)

    async def ask_all(self, program: bytes) -> None:
        """See `Dues`."""
        async with self._database.control() as session:
            await session.execute(_ASK_ALL, {"program": program, "each": SECONDS_AN_ORGANIZATION})

    async def failed(self, scope: DueScope) -> None:
        """See `Dues`."""
        async with self._database.control() as session:
            before: int | None = await session.scalar(_FAILURES, scope._asdict())
            if before is not None:
                values = {"failures": before + 1, "seconds": retry_seconds(before + 1), **scope._asdict()}
                await session.execute(_FAILED, values)

    async def look(self, most: int) -> Looked:
        """See `Dues`."""
        async with self._database.control() as session:
            due = [DueScope(*row) for row in await session.execute(_DUE, {"most": most})]
            next_seconds, failing, workers = (await session.execute(_AROUND, {"failing_after": FAILING_AFTER})).one()
        return Looked(due, None if next_seconds is None else float(next_seconds), failing, workers)


def _at(door: Door, scope: DueScope) -> tuple[object, object]:
    return door.key(scope.organization_id.bytes), door.key(scope.scope_id.bytes)

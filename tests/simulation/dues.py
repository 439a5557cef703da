"""What simulated workers have to do: `cloud.replication.dues` on the file of the simulated cloud, by virtual time."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from cloud.database.transaction import Database
from cloud.replication.dues import FAILING_AFTER, DueScope, Looked, Taken, whole
from shared.kernel.retries import retry_seconds
from sync.door import Door
from tests.simulation.places import ORGANIZATION

_MADE = """
    CREATE TABLE IF NOT EXISTS due (
        scope_id BLOB PRIMARY KEY, due_at REAL NOT NULL, asked INTEGER NOT NULL, failures INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS last_asked (number INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS folded_by (program BLOB NOT NULL);
    INSERT INTO last_asked (number) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM last_asked);
"""
_ASK = """
    INSERT INTO due (scope_id, due_at, asked, failures) VALUES (?, ?, (SELECT number FROM last_asked), 0)
    ON CONFLICT (scope_id) DO UPDATE SET asked = excluded.asked,
    due_at = CASE WHEN failures > 0 THEN due_at ELSE min(due_at, excluded.due_at) END
"""


class SqliteDues:
    """Implements `Dues` for the one simulated tenant."""

    def __init__(self, path: Path, database: Database) -> None:
        self._database = database
        with closing(sqlite3.connect(path)) as connection:
            # A worker that begins again finds them: it may begin in the middle of another one's transaction.
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'last_asked'").fetchone() is None:
                connection.executescript(_MADE)

    def ask(self, door: Door, scope: DueScope, in_seconds: float = 0.0) -> None:
        door.run("UPDATE last_asked SET number = number + 1")
        door.run(_ASK, scope.scope_id.bytes, _now() + in_seconds)

    def taken(self, door: Door, scope: DueScope) -> Taken | None:
        paused = "SELECT asked, failures, failures > 0 AND due_at > ? FROM due WHERE scope_id = ?"
        rows = door.rows(paused, _now(), scope.scope_id.bytes)
        return Taken(*rows[0]) if rows else None

    def settle(self, door: Door, scope: DueScope, taken: Taken, later_seconds: float | None) -> bool:
        at = (scope.scope_id.bytes, taken.asked)
        if later_seconds is None:
            return door.run("DELETE FROM due WHERE scope_id = ? AND asked = ?", *at) == 1
        moved = "UPDATE due SET due_at = ?, failures = 0 WHERE scope_id = ? AND asked = ?"
        return door.run(moved, _now() + later_seconds, *at) == 1

    def went_on(self, door: Door, scope: DueScope) -> None:
        door.run("UPDATE due SET failures = 0, due_at = ? WHERE scope_id = ?", _now(), scope.scope_id.bytes)

    def folded_by(self, door: Door, organization_id: UUID, program: bytes) -> None:
        door.run("DELETE FROM folded_by")
        door.run("INSERT INTO folded_by (program) VALUES (?)", program)

    async def ask_all(self, program: bytes) -> None:
        def ask(door: Door) -> None:
            if door.value("SELECT program FROM folded_by") != program:
                self.ask(door, whole(ORGANIZATION))

        await self._database.through(ORGANIZATION, ask)

    async def failed(self, scope: DueScope) -> None:
        def count(door: Door) -> None:
            taken = self.taken(door, scope)
            if taken is not None:
                failures = taken.failures + 1
                values = (failures, _now() + retry_seconds(failures), scope.scope_id.bytes)
                door.run("UPDATE due SET failures = ?, due_at = ? WHERE scope_id = ?", *values)

        await self._database.through(ORGANIZATION, count)

    async def look(self, most: int) -> Looked:
        def seen(door: Door) -> Looked:
            now = _now()
            rows = door.rows("SELECT scope_id FROM due WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, most)
            next_at = door.value("SELECT min(due_at) FROM due WHERE due_at > ?", now)
            failing = door.value("SELECT count(*) FROM due WHERE failures >= ?", FAILING_AFTER)
            due = [DueScope(ORGANIZATION, UUID(bytes=key)) for (key,) in rows]
            return Looked(due, None if next_at is None else next_at - now, failing, 1)

        return await self._database.look(ORGANIZATION, seen)


def _now() -> float:
    return asyncio.get_running_loop().time()

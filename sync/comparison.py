"""What a device does about tables whose digests differ from the cloud's at equal vectors. Decisions only: no database.

First the device folds the table anew, then the cloud, then a person is told. Each step is taken once until the two
agree again, whatever else is sold meanwhile: a fault of either program never makes a till fold for ever. The steps are
held by the running program, so that a new program begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from sync.digest import of_scope
from sync.door import Door
from sync.messages import Differing, ScopeDigest, TableDigest
from sync.tables import TableSpec


class ScopedTable(NamedTuple):
    """A table's rows of one scope."""

    scope_id: UUID
    table: str


Digests = Mapping[ScopedTable, TableDigest]


class Step(Enum):
    """The last step taken for a table that differs."""

    FOLDED_HERE = "folded here"
    ASKING = "the next pull asks the cloud to fold anew"
    ASKED = "the cloud was asked"
    ALARM = "both have folded anew and still differ"


_NEXT = {None: Step.FOLDED_HERE, Step.FOLDED_HERE: Step.ASKING, Step.ASKED: Step.ALARM}
"""From the other steps another difference leads nowhere."""


class Comparison:
    """Remembers the tables that differ and how far their repair has come."""

    def __init__(self) -> None:
        self._steps: dict[ScopedTable, Step] = {}

    def compare(self, ours: Digests, theirs: Digests) -> list[ScopedTable]:
        """Compare what both sides have under one fingerprint. Returns the tables to fold anew here, now.

        A table that only one side has, or that they write with other columns, cannot be compared: its step stays.
        """
        to_fold = []
        for table in sorted(ours.keys() & theirs.keys()):
            mine, other = ours[table], theirs[table]
            if mine.fingerprint != other.fingerprint:
                continue
            if mine.digest == other.digest:
                self._steps.pop(table, None)
                continue
            before = self._steps.get(table)
            self._steps[table] = _NEXT.get(before, before or Step.ALARM)
            if before is None:
                to_fold.append(table)
        return to_fold

    @property
    def differ(self) -> list[Differing]:
        """What the next pull names, so that the cloud folds it anew."""
        return [Differing(table.scope_id.bytes, table.table) for table in self.at(Step.ASKING)]

    def answered(self) -> None:
        """The cloud has answered a pull that named `differ`."""
        for table in self.at(Step.ASKING):
            self._steps[table] = Step.ASKED

    def at(self, *steps: Step) -> list[ScopedTable]:
        """The tables that stand at one of these steps, in order."""
        return sorted(table for table, step in self._steps.items() if step in steps)


def by_table(scopes: Iterable[ScopeDigest]) -> dict[ScopedTable, TableDigest]:
    """Digests as they are compared, from those that travel."""
    return {
        ScopedTable(UUID(bytes=scope.scope_id), name): digest
        for scope in scopes
        for name, digest in scope.tables.items()
    }


def comparable(
    door: Door, organization: bytes, scope_id: bytes, tables: Mapping[str, TableSpec]
) -> dict[str, TableDigest]:
    """Return the digests of a scope's tables, those without rows included, each with the fingerprint of its columns."""
    return {
        name: TableDigest(tables[name].fingerprint, value.to_bytes(8, "big"))
        for name, value in of_scope(door, organization, scope_id, tables).items()
    }

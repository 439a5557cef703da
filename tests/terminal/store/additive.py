"""What a step of the device's schema may do: only add, so that the release before still opens the file and writes."""

from __future__ import annotations

import re

from terminal.store.schema import statements

_MAKES_TABLE = re.compile(r"CREATE TABLE \"?(\w+)\"? ", re.ASCII)
_MAKES_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX \"?\w+\"? ON \"?(\w+)\"? ", re.ASCII)
_ADDS_COLUMN = re.compile(r"ALTER TABLE \"?\w+\"? ADD COLUMN (.+)", re.ASCII | re.DOTALL)


def objections(step: str) -> list[str]:
    """What a step does and may not do, one sentence each."""
    tables: set[str] = set()
    found = []
    for statement in statements(step):
        if made := _MAKES_TABLE.match(statement):
            tables.add(made[1])
        elif index := _MAKES_INDEX.match(statement):
            if index[1] and index[2] not in tables:
                found.append(f"an older program may write rows that a unique index refuses: {statement}")
        elif column := _ADDS_COLUMN.match(statement):
            if "NOT NULL" in column[1] and "DEFAULT" not in column[1]:
                found.append(f"an older program cannot fill this column: {statement}")
            if "CHECK" in column[1] or "UNIQUE" in column[1]:
                found.append(f"an older program does not know this rule: {statement}")
        else:
            found.append(f"a step only adds tables, columns and indexes: {statement}")
    return found

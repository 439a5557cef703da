"""An old program at one device: it lacks a table, two fields and a word, and is upgraded while the restaurant is open.

Its file is that of a newer program, as after a step back: it has all tables and columns, those that a step added with
a default in the database. Nothing that it knows refers to the table that it lacks, as nothing does that came before it.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from tests.older import older_metadata
from tests.simulation.device import SimulatedDevice

LACKED = "dining_tables"
OLDER = older_metadata({LACKED}, {"orders": {"guests"}, "items": {"open_price"}}, {("orders", "kind"): {"delivery"}})
ADDED = (("orders", "guests BIGINT"), ("items", "open_price BOOLEAN"))
"""What the step to today's program adds, beside a table."""
_REFERS = re.compile(
    rf",\s*(CONSTRAINT \S+ )?FOREIGN KEY\([^)]*\) REFERENCES {LACKED} \([^)]*\)( DEFERRABLE INITIALLY DEFERRED)?"
)


def step_back(device: SimulatedDevice) -> None:
    """Let an old program run at a device from its next start on."""
    device.records = OLDER
    _as_added(device.path)


def _as_added(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    for table, column in ADDED:
        changed = connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)",
            (f"{column} NOT NULL", f"{column} DEFAULT 0 NOT NULL", table, f"{column} NOT NULL"),
        ).rowcount
        assert changed == 1, f"{table}.{column} is not as it was"
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
        without = _REFERS.sub("", sql)
        if without != sql:
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (without, name))
    connection.commit()
    connection.close()

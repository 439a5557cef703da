"""What SQLite's planner believes of our tables: that they are large, and that a device holds one organization.

Without statistics it takes ten rows for an organization, which most keys begin with, and walks through the history at
each tap. Real statistics (ANALYZE) come too late: a till is new once, and sells all day without being opened again.
"""

from __future__ import annotations

import sqlalchemy as sa

ROWS = 100_000
"""Of any table."""
FEW_ROWS = 100
"""Of an index that holds only some rows: what is open, what waits."""
SAME_FOR_ALL = frozenset({"organization_id", "branch_id", "scope", "scope_id"})
"""Columns that have one value in most rows of a device."""
ROWS_OF_A_KEY = 10
"""With the same key in another column: lines of an order, payments of a check."""
VALUES = 20
"""Different values of a column that is no key: days, hours, kinds."""
_INDEXES = """
    SELECT t.name, i.name, i."unique", i.origin, instr(upper(coalesce(x.sql, '')), ' WHERE ') > 0,
        instr(upper(t.sql), 'WITHOUT ROWID') > 0
    FROM sqlite_master t JOIN pragma_index_list(t.name) i
    LEFT JOIN sqlite_master x ON x.type = 'index' AND x.name = i.name
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
"""
_COLUMNS = "SELECT name FROM pragma_index_info(?) ORDER BY seqno"


def advise(connection: sa.Connection) -> None:
    """Write the statistics of all tables, and let this connection read them; others read them when they are opened."""
    connection.exec_driver_sql("ANALYZE")  # makes the table
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = []
    for table, index, is_unique, origin, is_partial, is_clustered in connection.exec_driver_sql(_INDEXES).all():
        columns = list(connection.exec_driver_sql(_COLUMNS, (index,)).scalars())
        name = table if is_clustered and origin == "pk" else index
        rows.append((table, name, _said(columns, FEW_ROWS if is_partial else ROWS, is_unique=bool(is_unique))))
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    connection.exec_driver_sql("ANALYZE sqlite_schema")


def is_advised(connection: sa.Connection) -> bool:
    """Whether the file has statistics."""
    there = sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
    return bool(connection.execute(there).scalar())


def _said(columns: list[str], rows: int, *, is_unique: bool) -> str:
    """How many rows an index has, and how many have the same first columns, one number for each more of them."""
    numbers, left = [rows], rows
    for column in columns:
        if column == "id" or (column.endswith("_id") and column not in SAME_FOR_ALL):
            left = min(left, ROWS_OF_A_KEY)
        elif column not in SAME_FOR_ALL:
            left = max(1, left // VALUES)
        numbers.append(left)
    if is_unique:
        numbers[-1] = 1
    return " ".join(map(str, numbers))

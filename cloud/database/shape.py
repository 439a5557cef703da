"""Whether a database has the tables that its revision says.

A first revision may change until the program is released, so a database of an earlier day may say the same revision
and have other tables. Nothing leads from there to here.
"""

from __future__ import annotations

import sqlalchemy as sa

from cloud.database.schema import METADATAS
from cloud.kernel.operator_error import OperatorError

_COLUMNS = """
    SELECT space.nspname, "table".relname, "column".attname
    FROM pg_attribute AS "column"
    JOIN pg_class AS "table" ON "table".oid = "column".attrelid AND "table".relkind IN ('r', 'p')
    JOIN pg_namespace AS space ON space.oid = "table".relnamespace
    WHERE "column".attnum > 0 AND NOT "column".attisdropped
"""


def refuse_other_shape(connection: sa.Connection) -> None:
    """Refuse a database whose tables have other columns than ours.

    Raises:
        OperatorError: it has; the sentence names one.
    """
    there = {tuple(row) for row in connection.exec_driver_sql(_COLUMNS)}
    ours = {
        (table.schema or "public", table.name, column.name)
        for metadata in METADATAS
        for table in metadata.tables.values()
        for column in table.columns
    }
    tables = {each[:2] for each in ours}
    surplus = {each for each in there - ours if each[:2] in tables}
    if differing := sorted((ours - there) | surplus):
        raise OperatorError("database.other_tables", one=".".join(differing[0]), count=len(differing))

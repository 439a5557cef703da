"""All tables of the cloud's database: the restaurant, the change log, the keys, the cloud's own tables, the sums."""

from __future__ import annotations

from cloud.database import audit_records, guest_records, job_records, tenant_records  # noqa: F401 - their tables are the control plane's
from cloud.database.audit_chain import LOG_BY_TIME
from cloud.database.control_records import metadata as control
from cloud.database.job_tables import is_of_the_queue
from shared.records import metadata as restaurant
from shared.records import sealed_metadata as sealed
from shared.records import sums_metadata as sums
from sync.records import log_metadata as log

METADATAS = (restaurant, log, sealed, control, sums)
"""In the order in which they are made."""
for _index in (each for metadata in METADATAS for table in metadata.tables.values() for each in table.indexes):
    # The restaurant's indexes of some rows say so for SQLite: to name PostgreSQL loads its dialect, on every till, too.
    if (_some := _index.dialect_kwargs.get("sqlite_where")) is not None:
        _index.dialect_kwargs["postgresql_where"] = _some
SCHEMAS = frozenset({None, "public"}) | {metadata.schema for metadata in METADATAS}


def is_ours(name: str | None, kind: str) -> bool:
    """Whether a schema, table or index is one that our tables declare: not another program's, not of the job queue, and
    no index that the cloud alone makes.
    """
    if kind == "schema":
        return name in SCHEMAS
    return name != LOG_BY_TIME if kind == "index" else not (kind == "table" and is_of_the_queue(name))

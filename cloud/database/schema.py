"""All tables of the cloud's database: the restaurant, the change log, the keys, the cloud's own tables, the sums."""

from __future__ import annotations

from cloud.database.control_records import metadata as control
from shared.records import metadata as restaurant
from shared.records import sealed_metadata as sealed
from shared.records import sums_metadata as sums
from sync.records import log_metadata as log

METADATAS = (restaurant, log, sealed, control, sums)
"""In the order in which they are made."""

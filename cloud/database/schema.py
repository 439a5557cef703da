"""What tables the cloud's database has: those of the restaurant, the change log, the cloud's own, roll-ups."""

from __future__ import annotations

from cloud.control.records import metadata as control
from cloud.reports.records import metadata as roll_ups
from shared.records import metadata as restaurant
from sync.records import log_metadata as log

METADATAS = (restaurant, log, control, roll_ups)
"""In the order in which they are made."""

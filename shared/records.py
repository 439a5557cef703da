"""All tables of the restaurant, in one import: what stores create, and of which the change log describes `metadata`."""

from __future__ import annotations

from shared.domains import DOMAINS
from shared.kernel.records import Base
from shared.kernel.sums import sums_metadata

__all__ = ["metadata", "sums_metadata"]

for _domain in DOMAINS:
    _domain.load_records()

metadata = Base.metadata
"""The replicated tables of all domains."""

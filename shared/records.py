"""The metadata of all replicated tables of the restaurant, with all their records imported."""

from __future__ import annotations

from shared.domains import DOMAINS
from shared.kernel.records import Base
from shared.kernel.sealed import sealed_metadata
from shared.kernel.sums import sums_metadata

__all__ = ["metadata", "sealed_metadata", "sums_metadata"]

for _domain in DOMAINS:
    _domain.load_records()

metadata = Base.metadata
"""The replicated tables of all domains."""

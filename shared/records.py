"""All tables of the restaurant, in one import: what stores create and the change log describes."""

from __future__ import annotations

from shared.domains import DOMAINS
from shared.kernel.records import Base

for _domain in DOMAINS:
    _domain.load_records()

metadata = Base.metadata
"""The replicated tables of all domains."""

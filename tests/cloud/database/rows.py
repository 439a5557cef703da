"""Rows of a tenant in a table that is not replicated, so that a plain session may write them."""

from __future__ import annotations

from uuid import UUID, uuid4

import sqlalchemy as sa

from sync.records import digests as table

__all__ = ["new_row", "table"]


def new_row(organization_id: UUID, key: UUID | None = None) -> sa.Insert:
    """What inserts a row."""
    return table.insert().values(organization_id=organization_id, scope_id=key or uuid4(), tables=b"")

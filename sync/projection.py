"""What a fold tells to whoever keeps sums of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from sync.tables import TableSpec


class Projection(Protocol):
    """Keeps sums at hand: told of every row that a fold changes, before and after, in wire values."""

    def changed(
        self, spec: TableSpec, row: UUID, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> None:
        """One row changed (`before` None: it is new; `after` None: it was voided)."""
        ...

    async def flush(self, connection: AsyncConnection) -> None:
        """Write what was collected, in the fold's own transaction."""
        ...

    def reset(self) -> None:
        """Forget what was collected: the fold that told it was rolled back."""
        ...

"""A step of founding, and the ids of a plan's records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.records import Record
from shared.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Step:
    """One record that is written unless it exists."""

    kind: type[Record]
    id: UUID
    write: Callable[[Work], Awaitable[Any]]


class PlanIds:
    """Ids of an organization's records, computed from the keys of its plan."""

    def __init__(self, organization_id: UUID) -> None:
        self.organization_id = organization_id

    def of(self, kind: type[Record], *names: str) -> UUID:
        """The id of a record by what tells it apart in the plan."""
        return derived_id("founded", self.organization_id, kind.__tablename__, *names)

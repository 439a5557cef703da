"""Who a device is. Apart from the store, so that the log-in screen knows it before the database layer is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this device is: given at enrolment, never changed; `incarnation` is raised by a reinstallation."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID
    incarnation: int = 1

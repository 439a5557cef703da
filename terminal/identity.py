"""Identity of a device. Apart from the store, so that the log-in screen has it before the database layer is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """Ids of this device, given at enrolment and never changed."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID

"""The result of a founding, as plain values for programs; the sentences for people are in `cloud/cli_founding.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.tenancy.records import DeviceKind


@dataclass(frozen=True, slots=True)
class FoundedBranch:
    """A branch of the plan."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class FoundedDevice:
    """A device of the plan. `pairing_code` and `expires_at` are None if it has enrolled already."""

    kind: DeviceKind
    name: str
    branch_name: str
    pairing_code: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Founded:
    """An organization after its founding, by the keys of its plan.

    Attributes:
        existed: whether it existed before, at least as a name.
        added: how many records of the restaurant were written now.
        devices: by `branch/device`.
        modifiers: by their own key, else by `group/name`.
        accounts: e-mail addresses.
    """

    organization_id: UUID
    slug: str
    name: str
    existed: bool
    added: int
    branches: Mapping[str, FoundedBranch]
    devices: Mapping[str, FoundedDevice]
    items: Mapping[str, UUID]
    modifiers: Mapping[str, UUID]
    staff: Mapping[str, UUID]
    payment_methods: Mapping[str, UUID]
    accounts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Values that `json.dumps` takes."""
        return {
            "organization_id": str(self.organization_id),
            "slug": self.slug,
            "name": self.name,
            "existed": self.existed,
            "added": self.added,
            "branches": {key: {"id": str(branch.id), "name": branch.name} for key, branch in self.branches.items()},
            "devices": {
                key: {
                    "pairing_code": device.pairing_code,
                    "expires_at": device.expires_at.isoformat() if device.expires_at else None,
                    "kind": device.kind.value,
                    "name": device.name,
                }
                for key, device in self.devices.items()
            },
            "items": _texts(self.items),
            "modifiers": _texts(self.modifiers),
            "staff": _texts(self.staff),
            "payment_methods": _texts(self.payment_methods),
            "accounts": list(self.accounts),
        }


def _texts(ids: Mapping[str, UUID]) -> dict[str, str]:
    return {key: str(record_id) for key, record_id in ids.items()}

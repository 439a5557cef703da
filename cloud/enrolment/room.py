"""What enrolment brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Room
from cloud.enrolment.commands import Enrolment
from cloud.enrolment.ports import RegisterDevice
from cloud.enrolment.revocation import Revocation
from cloud.enrolment.routes import challenge, enroll, open_pairing, revoke, token
from cloud.parts import Parts
from cloud.replication.device_rows import DeviceEnrolled, DeviceRevoked


def enrolment(parts: Parts, register_device: RegisterDevice | None = None) -> Enrolment:
    """The commands of enrolment.

    Args:
        register_device: writes the replicated row of a new device; by default in a unit of the cloud.
    """
    register = register_device or DeviceEnrolled(parts.units)
    told = parts.fold_worker.tell
    return Enrolment(parts.database, parts.keys, parts.tokens, parts.throttle, parts.ids, parts.clock, register, told)


def revocation(parts: Parts) -> Revocation:
    """Shuts devices out."""
    return Revocation(parts.database, parts.clock, DeviceRevoked(parts.units), parts.fold_worker.tell)


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"enrolment": enrolment(parts), "revocation": revocation(parts)}


ROOM = Room(
    "cloud.enrolment",
    routes=(open_pairing, enroll, challenge, token, revoke),
    provide=_provide,
)

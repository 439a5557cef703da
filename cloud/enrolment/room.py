"""What enrolment brings."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from cloud.accounts.identity import Person
from cloud.edge.room import Group, Link, Room
from cloud.enrolment.commands import Enrolment
from cloud.enrolment.managing_routes import list_device_health, move_device, rename_device
from cloud.enrolment.moving import Moving
from cloud.enrolment.moving_pages import move_on_page, moving_page
from cloud.enrolment.naming import Naming
from cloud.enrolment.pages import (
    DEVICES_PATH,
    device_page,
    devices_page,
    enrol_devices,
    new_devices_page,
    rename,
    revocation_page,
    revoke_on_page,
    withdraw_codes,
)
from cloud.enrolment.ports import RegisterDevice
from cloud.enrolment.revocation import Revocation
from cloud.enrolment.routes import challenge, enroll, open_pairing, revoke, token
from cloud.parts import Parts
from cloud.replication.device_rows import DeviceEnrolled, DeviceRenamed, DeviceRevoked
from shared.kernel.permissions import Permission


def enrolment(parts: Parts, register_device: RegisterDevice | None = None) -> Enrolment:
    """The commands of enrolment.

    Args:
        register_device: writes the replicated row of a new device; by default in a unit of the cloud.
    """
    register = register_device or DeviceEnrolled(parts.units)
    told = parts.fold_worker.tell

    async def may_enrol(account_id: UUID, organization_id: UUID, branch_id: UUID) -> bool:
        standing = await parts.standings.of(account_id, organization_id)
        if standing is None:  # a super admin may, while they are there
            standing = await parts.standings.of(account_id, None)
            if standing is None or standing.visit(organization_id, parts.clock.now()) is None:
                return False
        person = Person.of(account_id, organization_id, standing)
        return person.may(Permission.ENROL_DEVICE) and person.sees_branch(branch_id)

    return Enrolment(
        parts.database,
        parts.keys,
        parts.tokens,
        parts.throttle,
        parts.ids,
        parts.clock,
        register,
        DeviceRevoked(parts.units),
        told,
        may_enrol,
    )


def revocation(parts: Parts) -> Revocation:
    """Shuts devices out."""
    return Revocation(parts.database, parts.clock, DeviceRevoked(parts.units), parts.fold_worker.tell)


def naming(parts: Parts) -> Naming:
    """Names devices anew."""
    return Naming(parts.database, parts.clock, DeviceRenamed(parts.units), parts.fold_worker.tell)


def moving(parts: Parts) -> Moving:
    """Moves devices to other branches."""
    return Moving(parts.database, enrolment(parts))


def _provide(parts: Parts) -> Mapping[str, object]:
    return {
        "enrolment": enrolment(parts),
        "revocation": revocation(parts),
        "naming": naming(parts),
        "moving": moving(parts),
    }


ROOM = Room(
    "cloud.enrolment",
    routes=(open_pairing, enroll, challenge, token, revoke, list_device_health, rename_device, move_device),
    pages=(
        devices_page,
        new_devices_page,
        enrol_devices,
        withdraw_codes,
        device_page,
        rename,
        revocation_page,
        revoke_on_page,
        moving_page,
        move_on_page,
    ),
    has_templates=True,
    has_texts=True,
    links=(Link(DEVICES_PATH, "devices.title", Group.DEVICES, needs=(Permission.ENROL_DEVICE,)),),
    provide=_provide,
)

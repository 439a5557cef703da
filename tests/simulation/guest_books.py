"""What must hold of guests when all have met: their names are read by everybody here, or by nobody any more.

A name is sealed before it is written anywhere: it stands in no file, forgotten or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.orders.contacts import ContactView, contact_of
from tests.simulation.device import SimulatedDevice
from tests.simulation.observer import Broken
from tests.simulation.places import ORGANIZATION
from tests.simulation.reference import Reference

if TYPE_CHECKING:
    from tests.simulation.world import World

_KEYS = "SELECT count(*) FROM sealed_keys WHERE subject_id = ?"
_LOOKUPS = "SELECT count(*) FROM sealed_lookups WHERE subject_id = ?"
SUFFIXES = ("", "-wal", ".mark")


async def guests_are_read_or_forgotten(world: World, reference: Reference) -> None:
    """Hold every contact at every device and the cloud against what people noted and forgot.

    Raises:
        Broken: somebody reads another name, nobody can read one, or something is left of who is forgotten.
    """
    forgotten = {fields["subject_id"] for (table, _row), fields in reference.rows.items() if table == "forgotten"}
    contacts = [fields for (table, _row), fields in reference.rows.items() if table == "order_contacts"]
    for fields in contacts:
        views = [view for view in [await _seen(device, fields) for device in world.devices] if view is not None]
        async with world.cloud.database.read(ORGANIZATION) as session:
            at_cloud = await contact_of(session, ORGANIZATION, UUID(bytes=fields["order_id"]))
        for view in (*views, at_cloud):
            _is_right(view, fields, fields["subject_id"] in forgotten, world.guests)
        if len(set(views)) > 1:
            raise Broken(f"order {UUID(bytes=fields['order_id'])} is for several guests")
    for name, _seen_there, eye, _streams in world.replicas():
        for subject in forgotten:
            left = [eye.execute(query, (subject,)).fetchone()[0] for query in (_KEYS, _LOOKUPS)]
            if any(left):
                raise Broken(f"{name}: {left[0]} keys and {left[1]} look-ups are left of {UUID(bytes=subject)}")


def names_stand_in_no_file(paths: Iterable[Path], names: Sequence[str]) -> None:
    """No file holds a name that somebody noted.

    Raises:
        Broken: one does.
    """
    for path in paths:
        for each in (path.with_name(path.name + suffix) for suffix in SUFFIXES):
            held = each.read_bytes() if each.exists() else b""
            found = [name for name in names if name.encode() in held]
            if found:
                raise Broken(f"{each.name} holds the name of a guest in the clear: {found[0]}")


async def _seen(device: SimulatedDevice, fields: dict[str, Any]) -> ContactView | None:
    if device.enrolment.branch_id.bytes != fields["branch_id"]:
        return None
    async with device.store.reading() as connection:
        return await contact_of(connection, ORGANIZATION, UUID(bytes=fields["order_id"]))


def _is_right(view: ContactView | None, fields: dict[str, Any], is_forgotten: bool, names: Sequence[str]) -> None:
    order = UUID(bytes=fields["order_id"])
    if view is None or view.forgotten != is_forgotten:
        raise Broken(f"the guest of order {order} is {'still known' if is_forgotten else 'not known'}")
    if not is_forgotten and (view.unreadable or not _is_noted(view, names)):
        raise Broken(f"the guest of order {order} cannot be read")


def _is_noted(view: ContactView, names: Sequence[str]) -> bool:
    return view.name in names and view.address in names

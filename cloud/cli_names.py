"""Finds what an operator names on the command line: by id, by the beginning of an id, by short name or by name.

What is not found, or is not one alone, is refused with a sentence that says which there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.branches import SHORTEST_PREFIX_CHARACTERS
from cloud.control.slugs import branch_slugs, former_branch_slugs, organization_by_slug, slug_of
from cloud.database.control_records import ControlOrganization, DeviceKey
from cloud.database.transaction import ControlSession, Database, ReadSession
from cloud.kernel.operator_error import OperatorError
from shared.kernel.text import search_key
from shared.tenancy.records import Branch, Device, DeviceKind

T = TypeVar("T", ControlOrganization, Branch, Device)
MOST_TOLD = 10
"""So many names a sentence tells; of more, those that are most like what was typed."""
NEAR_TOLD = 5


async def organization_named(session: ControlSession, text: str) -> ControlOrganization:
    """The organization with that short name or id, or that had the short name.

    Raises:
        OperatorError: there is none, or several; the sentence says which there are.
    """
    every = (await session.scalars(sa.select(ControlOrganization).order_by(ControlOrganization.slug))).all()
    found = _one_of(every, text, lambda organization: organization.slug == text.lower())
    found = found or await organization_by_slug(session, text.lower())
    if found is None:
        raise OperatorError(
            "cli.organization_unknown", slug=text, known=nearest(text, {each.slug: each.slug for each in every})
        )
    return found


async def branch_named(read: ReadSession, organization: ControlOrganization, text: str) -> UUID:
    """The id of a branch that is named by its id, its short name, or its name if no other one is called so.

    Raises:
        OperatorError: there is none, or several; the sentence says which there are.
    """
    every, wanted = await branches_of(read, organization.id), text.lower()
    slugs = await branch_slugs(read, organization.id)
    by_slug = [each for each in every if slugs.get(each.id) == wanted]
    former = await former_branch_slugs(read, organization.id)
    found = by_slug[0] if by_slug else _one_of(every, text, lambda branch: _is_called(branch.name, text))
    found = found or next((each for each in every if wanted in former.get(each.id, ())), None)
    if found is None:
        known = nearest(text, {f"{each.name} ({each.id})": each.name for each in every})
        raise OperatorError("cli.branch_unknown", text=text, slug=organization.slug, known=known)
    return found.id


async def device_named(database: Database, text: str, slug: str | None) -> UUID:
    """The id of a device that is named by its id, or by its name if no other one in use is called so.

    Args:
        slug: the organization's; needed for a name where there are several organizations.

    Raises:
        OperatorError: there is none, or there are several; the sentence says which.
    """
    async with database.control() as session:
        if slug is None and (by_id := await _devices_by_id(session, text)):
            return by_id
        organization = await _organization_of_device(session, text, slug)
    async with database.read(organization.id) as read:
        names = {branch.id: branch.name for branch in await branches_of(read, organization.id)}
        devices = [device for device in await devices_of(read, organization.id) if not device.revoked]
    found = _one_of(devices, text, lambda device: _is_called(device.name, text))
    if found is not None:
        return found.id
    same = [each for each in devices if _is_called(each.name, text)]
    told = {
        f"{each.name}, {names.get(each.branch_id or each.id, '-')} ({each.id})": each.name for each in same or devices
    }
    raise OperatorError("cli.device_not_one", text=text, slug=organization.slug, known=nearest(text, told))


async def branches_of(read: ReadSession, organization_id: UUID) -> list[Branch]:
    """The branches of an organization, by name."""
    every = sa.select(Branch).where(Branch.organization_id == organization_id).order_by(Branch.name, Branch.id)
    return list(await read.scalars(every))


async def devices_of(read: ReadSession, organization_id: UUID) -> list[Device]:
    """The devices that were enrolled in an organization, by name."""
    enrolled = sa.and_(Device.organization_id == organization_id, Device.kind != DeviceKind.CLOUD)
    return list(await read.scalars(sa.select(Device).where(enrolled).order_by(Device.name, Device.id)))


def listed(names: Iterable[str]) -> str:
    """Names one after the other."""
    return ", ".join(names) or "-"


def nearest(text: str, names: Mapping[str, str]) -> str:
    """What there is, one after the other; of much only what is most like a text, in its order, and how much there is.

    Args:
        names: by what is told of each, its name.
    """
    if len(names) <= MOST_TOLD:
        return listed(names)
    wanted = search_key(text)

    def likeness(told: str) -> float:
        return SequenceMatcher(None, wanted, search_key(names[told])).ratio()

    near = set(sorted(names, key=likeness, reverse=True)[:NEAR_TOLD])
    return f"{listed(told for told in names if told in near)}, … ({len(names)})"


async def _organization_of_device(session: ControlSession, text: str, slug: str | None) -> ControlOrganization:
    if slug:
        return await organization_named(session, slug)
    every = (await session.scalars(sa.select(ControlOrganization).limit(2))).all()
    if len(every) != 1:
        raise OperatorError("cli.device_of_whom", text=text)
    return every[0]


async def _devices_by_id(session: ControlSession, text: str) -> UUID | None:
    """The device whose id is that, or alone begins so, of whatever organization."""
    try:
        return UUID(text)
    except ValueError:
        if len(text) < SHORTEST_PREFIX_CHARACTERS or not set(text.lower()) <= set("0123456789abcdef-"):
            return None
    begins = sa.cast(DeviceKey.id, sa.String).startswith(text.lower(), autoescape=True)
    found = (await session.scalars(sa.select(DeviceKey.id).where(begins).limit(2))).all()
    return found[0] if len(found) == 1 else None


def _one_of(every: Sequence[T], text: str, is_called: Callable[[T], bool]) -> T | None:
    """The one with that id, else the only one that is called so, else the only one whose id begins so."""
    wanted = text.lower()
    prefix = wanted if len(wanted) >= SHORTEST_PREFIX_CHARACTERS else "-"
    for found in (
        [each for each in every if str(each.id) == wanted],
        [each for each in every if is_called(each)],
        [each for each in every if str(each.id).startswith(prefix)],
    ):
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is_called(name: str, text: str) -> bool:
    return search_key(name) == search_key(text) or slug_of(name) == text.lower()

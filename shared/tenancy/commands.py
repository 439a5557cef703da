"""Founding an organization, opening branches, enrolling and revoking devices, and reasons. Run on the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from shared.countries.countries import cash_habit
from shared.countries.currencies import currency as known_currency
from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.tenancy.records import (
    RECEIVED_WITHIN_SECONDS,
    Branch,
    Device,
    DeviceKind,
    Organization,
    Reason,
    ReasonKind,
)

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters that are read aloud without doubt: no I and no O."""


async def found_organization(
    work: Work,
    name: str,
    country: str,
    currency: str,
    language: str = "es",
    tax_number: str = "",
    legal_name: str = "",
) -> Organization:
    """Found the organization of this unit of work.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, CURRENCY_UNKNOWN.
    """
    work.require(Permission.EDIT_BRANCH)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    try:
        known_currency(currency)
    except ValueError:
        raise DomainError("CURRENCY_UNKNOWN", currency=clean(currency)) from None
    return work.add(
        Organization(
            organization_id=work.organization_id,
            id=work.organization_id,
            name=clean(name),
            tax_number=clean(tax_number, 32),
            legal_name=clean(legal_name, 160),
            country=country,
            currency=currency,
            language=language,
        )
    )


async def open_branch(
    work: Work,
    branch_id: UUID,
    name: str,
    zone: str,
    address: str = "",
    cutoff_minutes: int = 240,
    cash_step_minor: int | None = None,
    cash_rounding: CashRounding | None = None,
    received_within_seconds: int = RECEIVED_WITHIN_SECONDS,
) -> Branch:
    """Open a branch.

    Args:
        cash_step_minor, cash_rounding: the smallest coin, and how cash is rounded to it; None: as in its country.
        received_within_seconds: what no station received after this is said to its sender.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, ZONE_UNKNOWN.
    """
    work.require(Permission.EDIT_BRANCH)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise DomainError("ZONE_UNKNOWN", zone=clean(zone)) from None
    organization = await work.get(Organization, work.organization_id)
    there = cash_habit(organization.country, organization.currency)
    return work.add(
        Branch(
            organization_id=work.organization_id,
            id=branch_id,
            name=clean(name),
            address=clean(address, 200),
            zone=zone,
            cutoff_minutes=cutoff_minutes,
            cash_step_minor=there.step_minor if cash_step_minor is None else cash_step_minor,
            cash_rounding=there.way if cash_rounding is None else cash_rounding,
            received_within_seconds=received_within_seconds,
        )
    )


async def set_language(work: Work, language: str) -> str:
    """Choose the language of papers, of new devices, and of people who have chosen none. Returns the former one.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.EDIT_BRANCH)
    organization = await work.get(Organization, work.organization_id)
    before, organization.language = organization.language, language
    return before


async def add_reason(
    work: Work,
    kind: ReasonKind,
    text: str,
    position: int = 0,
    reason_id: UUID | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Reason:
    """A reason that people choose from.

    Args:
        names: how screens in other languages show it, by language.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING.
    """
    work.require(Permission.EDIT_BRANCH)
    if not clean(text):
        raise DomainError("NAME_MISSING")
    return work.add(
        Reason(
            organization_id=work.organization_id,
            id=reason_id or work.ids.new(),
            kind=kind,
            text=clean(text, 120),
            names={language: clean(said, 120) for language, said in names.items()},
            position=position,
        )
    )


async def enrol_device(
    work: Work, device_id: UUID, branch_id: UUID, name: str, kind: DeviceKind, public_key: bytes = b""
) -> Device:
    """Enrol a device in a branch and give it the branch's next letter (A ... Z, AA ...).

    Args:
        public_key: 32 bytes of Ed25519.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.ENROL_DEVICE)
    branch = await work.get(Branch, branch_id)
    # Two devices that enrol at once wait for each other here: the letter begins the numbers of receipts.
    at_branch = (Branch.organization_id == work.organization_id, Branch.id == branch.id)
    await work.session.execute(sa.select(Branch.id).where(*at_branch).with_for_update())
    count = await work.session.scalar(
        sa.select(sa.func.count()).where(Device.organization_id == work.organization_id, Device.branch_id == branch.id)
    )
    return work.add(
        Device(
            organization_id=work.organization_id,
            id=device_id,
            branch_id=branch.id,
            name=clean(name),
            kind=kind,
            letter=device_letter(int(count or 0)),
            public_key=public_key.hex(),
        )
    )


async def rename_device(work: Work, device_id: UUID, name: str) -> Device:
    """Give a device another name. Papers and numbers keep its letter.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NAME_MISSING.
    """
    work.require(Permission.ENROL_DEVICE)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    device = await work.get(Device, device_id)
    device.name = clean(name)
    return device


async def revoke_device(work: Work, device_id: UUID) -> Device:
    """Mark a device as revoked. Its letter is not given again.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.ENROL_DEVICE)
    device = await work.get(Device, device_id)
    device.revoked = True
    return device


def device_letter(index: int) -> str:
    """The letters of the branch's device number `index`, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, at = divmod(index - 1, len(LETTERS))
        letters = LETTERS[at] + letters
    return letters

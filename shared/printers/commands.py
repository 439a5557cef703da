"""Adding, changing and switching off printers, what they print, and what papers look like."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.kitchen.records import Station
from shared.printers.logo import logo_size
from shared.printers.records import Printer, PrintLogo, PrintRule, PrintTemplate
from shared.printers.rules import MOST_PLACES, MOST_TEMPLATE_CHARACTERS, Paper
from shared.printers.settings import PrinterSettings, printer_id
from shared.printers.templates import require_template


async def put_printer(work: Work, settings: PrinterSettings, branch_id: UUID | None = None) -> Printer:
    """Add a printer, or change the one with this name. Said twice, it changes nothing.

    Args:
        branch_id: the printer's; None for that of the device.

    Raises:
        DomainError: NOT_PERMITTED, PRINTER_NEEDS_ITS_DEVICE, those of
            `PrinterSettings.check_for_a_branch`.
    """
    work.require(Permission.MANAGE_PRINTERS)
    settings.check_for_a_branch()
    if not settings.is_of_a_device:
        settings = replace(settings, device_id=None)
    elif settings.device_id is None:
        raise DomainError("PRINTER_NEEDS_ITS_DEVICE", name=settings.name, address=settings.address)
    branch_id = branch_id or work.branch_id
    key = printer_id(branch_id, settings.name)
    values = dict(settings.columns_of_row())
    held = await work.session.get(Printer, (work.organization_id, key))
    if held is None:
        place = {"organization_id": work.organization_id, "branch_id": branch_id, "id": key}
        return work.add(Printer(**place, name=settings.name, **values))
    _edit(held, values)
    return held


async def switch_printer(work: Work, name: str, *, on: bool) -> Printer:
    """Switch a printer off, or on again. Its rules stay, and what waits for it waits.

    Raises:
        DomainError: NOT_PERMITTED, PRINTER_UNKNOWN (params: name).
    """
    work.require(Permission.MANAGE_PRINTERS)
    held = await _printer(work, work.branch_id, name)
    _edit(held, {"is_active": on})
    return held


def rule_id(branch_id: UUID, document: Paper, station_id: UUID | None, device_id: UUID | None, place: int) -> UUID:
    """The id of a rule: what prints a document is said once."""
    parts = [each.bytes if each else b"" for each in (station_id, device_id)]
    return derived_id("print rule", branch_id, document, *parts, place)


async def put_rule(
    work: Work,
    document: Paper,
    printer: str | None,
    *,
    station_id: UUID | None = None,
    device_id: UUID | None = None,
    place: int = 0,
    branch_id: UUID | None = None,
) -> PrintRule | None:
    """Say which printer prints a document.

    Args:
        printer: its name; None: no printer by this rule.
        station_id: for one station only, of kitchen tickets.
        device_id: for what one device prints only.
        place: counts the printers of one document, from 0.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, PRINTER_UNKNOWN (params: name), PRINT_RULE_WRONG.
    """
    work.require(Permission.MANAGE_PRINTERS)
    branch_id = branch_id or work.branch_id
    if not 0 <= place < MOST_PLACES or (station_id is not None and document is not Paper.KITCHEN):
        raise DomainError("PRINT_RULE_WRONG")
    if station_id is not None:
        await work.get(Station, station_id)
    if printer is not None:
        await _printer(work, branch_id, printer)
    key = rule_id(branch_id, document, station_id, device_id, place)
    held = await work.session.get(PrintRule, (work.organization_id, key))
    if held is not None:
        _edit(held, {"active": False} if printer is None else {"printer": printer, "active": True})
        return held
    if printer is None:
        return None
    return work.add(
        PrintRule(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=key,
            document=document,
            station_id=station_id,
            device_id=device_id,
            place=place,
            printer=printer,
        )
    )


class Prints(NamedTuple):
    """What a printer is to print: a document, of one station or of all, for one device alone or for all."""

    paper: Paper
    station_id: UUID | None = None
    device_id: UUID | None = None


async def put_prints(
    work: Work,
    printer: str,
    wanted: Collection[Prints],
    *,
    device_id: UUID | None = None,
    branch_id: UUID | None = None,
) -> None:
    """Say all that a printer prints. It takes the first place; what it no longer prints, nothing prints by its rule.

    Args:
        device_id: whose own rules are meant, besides those for all devices.

    Raises:
        DomainError: see `put_rule`.
    """
    branch_id = branch_id or work.branch_id
    await work.session.flush()
    held = await work.session.scalars(
        sa.select(PrintRule).where(
            PrintRule.organization_id == work.organization_id,
            PrintRule.branch_id == branch_id,
            PrintRule.printer == printer,
            PrintRule.active,
            sa.or_(PrintRule.device_id.is_(None), PrintRule.device_id == device_id),
        )
    )
    known = {Prints(rule.document, rule.station_id, rule.device_id): rule.place for rule in held}
    for paper, station, of_device in known.keys() - set(wanted):
        place = known[Prints(paper, station, of_device)]
        of = {"station_id": station, "device_id": of_device, "branch_id": branch_id}
        await put_rule(work, paper, None, place=place, **of)
    for paper, station, of_device in wanted:
        if (paper, station, of_device) not in known:
            of = {"station_id": station, "device_id": of_device, "branch_id": branch_id}
            await put_rule(work, paper, printer, place=0, **of)


async def put_template(
    work: Work, document: str, block: str, text: str, branch_id: UUID | None = None
) -> PrintTemplate:
    """Say how a block of a document reads. An empty text prints it as the program does.

    Raises:
        DomainError: NOT_PERMITTED, TEMPLATE_TOO_LONG (params: most), those of `require_template`.
    """
    work.require(Permission.MANAGE_PRINTERS)
    lines = [clean(line, MOST_TEMPLATE_CHARACTERS) for line in text.splitlines()]
    said = "\n".join(lines)
    if len(said) > MOST_TEMPLATE_CHARACTERS:
        raise DomainError("TEMPLATE_TOO_LONG", most=MOST_TEMPLATE_CHARACTERS)
    require_template(document, block, said)
    branch_id = branch_id or work.branch_id
    key = derived_id("print template", branch_id, document, block)
    held = await work.session.get(PrintTemplate, (work.organization_id, key))
    if held is not None:
        _edit(held, {"text": said})
        return held
    place = {"organization_id": work.organization_id, "branch_id": branch_id, "id": key}
    return work.add(PrintTemplate(**place, document=document, block=block, text=said))


async def put_logo(work: Work, image: bytes | None, branch_id: UUID | None = None) -> PrintLogo:
    """Say which picture stands at the head of papers. None: no picture.

    Raises:
        DomainError: NOT_PERMITTED, LOGO_WRONG.
    """
    work.require(Permission.MANAGE_PRINTERS)
    if image is not None and logo_size(image) is None:
        raise DomainError("LOGO_WRONG")
    branch_id = branch_id or work.branch_id
    key = derived_id("print logo", branch_id)
    held = await work.session.get(PrintLogo, (work.organization_id, key))
    if held is not None:
        _edit(held, {"image": image})
        return held
    return work.add(PrintLogo(organization_id=work.organization_id, branch_id=branch_id, id=key, image=image))


async def _printer(work: Work, branch_id: UUID, name: str) -> Printer:
    await work.session.flush()  # it may be of this unit of work
    found: Printer | None = await work.session.scalar(
        sa.select(Printer).where(
            Printer.organization_id == work.organization_id, Printer.id == printer_id(branch_id, name)
        )
    )
    if found is None:
        raise DomainError("PRINTER_UNKNOWN", name=name)
    return found


def _edit(row: Any, values: dict[str, Any]) -> None:
    """Write what differs: an edit that says the same is no edit."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)

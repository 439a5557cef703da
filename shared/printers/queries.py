"""Reading the printers of a branch, what they print, and what papers look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.printers.records import Printer, PrintLogo, PrintRule, PrintTemplate
from shared.printers.rules import DrawerPin, Paper
from shared.printers.settings import PrinterSettings, printer_id

Reader = AsyncConnection | AsyncSession


class RuleView(NamedTuple):
    """Which printer prints a document, in one place."""

    document: Paper
    printer: str
    station_id: UUID | None = None
    device_id: UUID | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class PrinterTable:
    """The printers of a branch by name, those that are switched off too, and the rules in force."""

    printers: Mapping[str, PrinterSettings] = field(default_factory=dict)
    rules: tuple[RuleView, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperLook:
    """What a branch changes of its papers: texts by document and block, and the logo (a PNG)."""

    templates: Mapping[tuple[str, str], str] = field(default_factory=dict)
    logo: bytes | None = None


_SETTINGS = [getattr(Printer, each.name) for each in fields(PrinterSettings)]


async def printer_table(reader: Reader, organization_id: UUID, branch_id: UUID) -> PrinterTable:
    """All printers of a branch, and what they print."""
    rows = await reader.execute(
        sa.select(*_SETTINGS)
        .where(Printer.organization_id == organization_id, Printer.branch_id == branch_id)
        .order_by(Printer.name)
    )
    ruled = await reader.execute(
        sa.select(PrintRule.document, PrintRule.printer, PrintRule.station_id, PrintRule.device_id, PrintRule.place)
        .where(PrintRule.organization_id == organization_id, PrintRule.branch_id == branch_id, PrintRule.active)
        .order_by(PrintRule.document, PrintRule.place, PrintRule.id)
    )
    settings = [PrinterSettings(**{**row._asdict(), "drawer_pin": DrawerPin(row.drawer_pin)}) for row in rows]
    return PrinterTable({each.name: each for each in settings}, tuple(RuleView(*rule) for rule in ruled))


async def opens_drawer_of(reader: Reader, organization_id: UUID, branch_id: UUID, name: str, device_id: UUID) -> bool:
    """Whether what is sold at a device opens the drawer at a printer. One without a row is a device's own: yes."""
    columns = (Printer.drawer_pin, Printer.drawer_device_id, Printer.device_id)
    found = await reader.execute(
        sa.select(*columns).where(Printer.organization_id == organization_id, Printer.id == printer_id(branch_id, name))
    )
    row = found.one_or_none()
    if row is None:
        return True
    is_ours = row.drawer_device_id in (None, device_id) and row.device_id in (None, device_id)
    return is_ours and row.drawer_pin != DrawerPin.NONE


async def paper_look(reader: Reader, organization_id: UUID, branch_id: UUID) -> PaperLook:
    """The templates and the logo of a branch."""
    rows = await reader.execute(
        sa.select(PrintTemplate.document, PrintTemplate.block, PrintTemplate.text).where(
            PrintTemplate.organization_id == organization_id,
            PrintTemplate.branch_id == branch_id,
            PrintTemplate.text != "",
        )
    )
    logo = await reader.scalar(
        sa.select(PrintLogo.image)
        .where(PrintLogo.organization_id == organization_id, PrintLogo.branch_id == branch_id)
        .limit(1)
    )
    return PaperLook({(row.document, row.block): row.text for row in rows}, logo)

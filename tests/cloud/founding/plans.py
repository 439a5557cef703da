"""Plans to found, and what was founded: what the tests of founding share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.enrolment.room import enrolment
from cloud.founding.found import Founding
from cloud.founding.plan import Plan
from cloud.founding.reading import plan_of
from cloud.parts import Parts
from cloud.replication.units import CloudUnits
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.records import metadata
from shared.taxes.queries import rates_in_force
from shared.taxes.rules import CategoryTaxes
from shared.tenancy.records import DeviceKind
from sync.records import changes
from tests.cloud.enrolment.devices import asked_with

DEMO = Path(__file__).parents[3] / "terminal" / "demo" / "restaurant.toml"
LOG = "log"
SLUG = "la-tia-zarcilla"


def founding_with(parts: Parts, units: CloudUnits) -> Founding:
    return Founding(parts.database, units, parts.passwords, enrolment(parts), parts.ids, parts.clock)


def small(**more: Any) -> Plan:
    raw = {
        "organization": {"name": "El Faro", "country": "PE", "currency": "PEN"},
        "branches": [{"key": "lima", "name": "Lince", "zone": "America/Lima"}],
    }
    return plan_of(raw | more, "")


def large(items: int) -> Plan:
    return small(
        taxes=[{"key": "igv", "name": "IGV", "rate_basis_points": 1800}],
        stations=[{"key": "cocina", "name": "Cocina"}],
        modifier_groups=[{"key": "sin", "name": "Sin", "modifiers": [{"name": "Sin sal"}]}],
        categories=[
            {
                "name": f"Parte {first}",
                "items": [
                    {
                        "name": f"Plato {at}",
                        "code": f"p{at}",
                        "price": "12.50",
                        "station": "cocina",
                        "modifiers": ["sin"],
                    }
                    for at in range(first, min(first + 100, items))
                ],
            }
            for first in range(0, items, 100)
        ],
    )


async def menu_of(parts: Parts, organization_id: UUID) -> Menu:
    async with parts.database.read(organization_id) as session:
        return await load_menu(session, organization_id)


async def taxes_of(parts: Parts, organization_id: UUID, day: date) -> CategoryTaxes:
    async with parts.database.read(organization_id) as session:
        return await rates_in_force(session, organization_id, day)


async def counted(parts: Parts, organization_id: UUID) -> dict[str, int]:
    """Rows of each table of the restaurant, and of the log."""
    async with parts.database.read(organization_id) as session:
        found = {}
        for name, table in [*((table.name, table) for table in metadata.sorted_tables), (LOG, changes)]:
            found[name] = int(await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
        return found


async def enrol(parts: Parts, code: str, kind: DeviceKind, address: str = "10.0.0.1") -> UUID:
    asked = asked_with(Ed25519PrivateKey.generate(), code)
    device = await enrolment(parts).enrol(**asked, kind=kind, name="Tableta", address=address)
    return device.device_id

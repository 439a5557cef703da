"""A small restaurant for the tests of `shared/` and `sync/`, founded by the real commands in a cloud on SQLite.

`Village` gives each test its own copies of the cloud and of devices that know the menu.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from replicas import (
    BRANCH,
    CASHIER,
    CLOUD,
    COOK,
    MANAGER,
    NOON,
    ORGANIZATION,
    OTHER_BRANCH,
    SERVER,
    TILL,
    WAITER,
    ZONE,
    CountedNumbers,
    HandClock,
    Replica,
    open_replica,
)

from shared.countries.countries import CashHabit
from shared.floor.commands import add_space, add_table
from shared.kernel.ids import derived_id
from shared.kernel.money import CashRounding
from shared.kitchen.commands import add_station
from shared.menu.commands import (
    add_category,
    add_item,
    add_modifier,
    add_modifier_group,
    link_modifier_group,
)
from shared.payments.methods import add_payment_method
from shared.payments.rules import TenderKind
from shared.payments.service import add_service_rule
from shared.taxes.commands import add_tax_category, add_tax_rate
from shared.tenancy.commands import add_reason, enrol_device, found_organization, open_branch
from shared.tenancy.records import DeviceKind, ReasonKind

__all__ = [
    "BRANCH",
    "CASHIER",
    "CLOUD",
    "COOK",
    "MANAGER",
    "NOON",
    "ORGANIZATION",
    "SERVER",
    "TILL",
    "WAITER",
    "CountedNumbers",
    "HandClock",
    "House",
    "Replica",
    "Village",
    "build",
    "found",
    "open_replica",
]


TENS = CashHabit(10, CashRounding.NEAREST)
"""How these branches take cash, if nothing else is said."""


@dataclass(frozen=True)
class House:
    """What was built in the cloud, by name: dishes by code, tables, stations, methods, modifiers, tax categories."""

    tables: dict[str, UUID]
    items: dict[str, UUID]
    stations: dict[str, UUID]
    methods: dict[str, UUID]
    modifiers: dict[str, UUID]
    groups: dict[str, UUID]
    taxes: dict[str, UUID]


async def build(cloud: Replica, country: str = "PE", currency: str = "PEN", cash: CashHabit = TENS) -> House:
    """Found the organization with its branches, devices, floor and menu."""
    async with cloud.work() as work:
        await found_organization(work, "La Esquina", country, currency, tax_number="20123456789")
        for branch_id, name in ((BRANCH, "Centro"), (OTHER_BRANCH, "Playa")):
            await open_branch(work, branch_id, name, ZONE, cash_step_minor=cash.step_minor, cash_rounding=cash.way)
        await enrol_device(work, TILL, BRANCH, "Caja", DeviceKind.TILL)
        await enrol_device(work, WAITER, BRANCH, "Salón", DeviceKind.WAITER)
        space = await add_space(work, BRANCH, "Salón")
        tables = {name: (await add_table(work, BRANCH, space.id, name)).id for name in ("1", "2")}
        stations = {name: (await add_station(work, name)).id for name in ("Cocina", "Barra")}
        methods = {
            name: (await add_payment_method(work, name, kind, at)).id
            for at, (name, kind) in enumerate(
                [("Efectivo", TenderKind.CASH), ("Visa", TenderKind.CARD), ("Yape", TenderKind.WALLET)]
            )
        }
        igv, service = await add_tax_category(work, "IGV"), await add_tax_category(work, "Servicio")
        await add_tax_rate(work, igv.id, "IGV", 180_000)
        await add_tax_rate(work, service.id, "Servicio", 100_000, included=False)
        dishes, drinks = await add_category(work, "Platos"), await add_category(work, "Bebidas", position=1)
        term = await add_modifier_group(work, "Término", 1, 1)
        extras = await add_modifier_group(work, "Extras", 0, 2)
        modifiers = {
            "jugoso": await add_modifier(work, term.id, "Jugoso", default=True),
            "cocido": await add_modifier(work, term.id, "Bien cocido", position=1),
            "huevo": await add_modifier(work, extras.id, "Huevo", 300),
            "queso": await add_modifier(work, extras.id, "Queso", 450, position=1),
            "palta": await add_modifier(work, extras.id, "Palta", 500, position=2),
        }
        kitchen, bar = stations["Cocina"], stations["Barra"]
        lomo = await add_item(work, "Lomo saltado", dishes.id, igv.id, 3_890, "lom", kitchen)
        ceviche = await add_item(work, "Ceviche", dishes.id, igv.id, 4_250, "cev", kitchen, 1)
        chicha = await add_item(work, "Chicha morada", drinks.id, igv.id, 1_200, "chi", bar)
        bread = await add_item(work, "Pan", drinks.id, service.id, 333, "pan", None, 1)
        await link_modifier_group(work, lomo.id, term.id)
        await link_modifier_group(work, lomo.id, extras.id, 1)
        await add_reason(work, ReasonKind.DISCOUNT, "Cliente frecuente")
        await add_reason(work, ReasonKind.COMP, "Reclamo")
        await add_service_rule(work, "Recargo", 100_000, least_guests=8)
    return House(
        tables,
        {"lom": lomo.id, "cev": ceviche.id, "chi": chicha.id, "pan": bread.id},
        stations,
        methods,
        {name: modifier.id for name, modifier in modifiers.items()},
        {"Término": term.id, "Extras": extras.id},
        {"IGV": igv.id, "Servicio": service.id},
    )


class Village:
    """Copies of a founded restaurant for one test each: the founding is done once a run.

    Args:
        template: folder with `cloud.db` and `till.db` as they are after founding and the till's first pull.
        folder: where this test's files go.
    """

    def __init__(self, template: Path, folder: Path, house: House) -> None:
        self.house = house
        self.clock = HandClock(NOON + timedelta(minutes=1))
        self._template = template
        self._folder = folder
        self._opened: list[Replica] = []

    def replica(self, device_id: UUID, letter: str = "A", clock: HandClock | None = None) -> Replica:
        """A device of the branch (or the cloud) that knows the organization's records and has written nothing else."""
        name = "cloud.db" if device_id == CLOUD else "till.db"
        path = self._folder / f"{len(self._opened)}-{device_id}.db"
        shutil.copy(self._template / name, path)
        return self.opened(
            open_replica(path, device_id, None if device_id == CLOUD else BRANCH, letter, clock or self.clock)
        )

    def empty(self, name: str) -> Replica:
        """A replica that knows nothing."""
        path = self._folder / f"{name}.db"
        return self.opened(open_replica(path, derived_id("test", "device", name), clock=self.clock))

    def again(self, replica: Replica) -> Replica:
        """The same file, opened anew."""
        return self.opened(
            open_replica(replica.path, replica.device_id, replica.branch_id, replica.letter, replica.clock)
        )

    def opened(self, replica: Replica) -> Replica:
        self._opened.append(replica)
        return replica

    async def close(self) -> None:
        for replica in self._opened:
            await replica.close()


async def found(template: Path) -> House:
    """Make the template of a `Village`."""
    clock = HandClock()
    cloud = open_replica(template / "cloud.db", CLOUD, None, "", clock)
    till = open_replica(template / "till.db", TILL, BRANCH, "A", clock)
    try:
        house = await build(cloud)
        await till.pull(cloud)
        assert not await till.parked()
    finally:
        await cloud.close()
        await till.close()
    return house

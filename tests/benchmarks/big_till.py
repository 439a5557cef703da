"""A till whose restaurant has 2,000 items, the size at which the screen's figures are to hold, or many more."""

from __future__ import annotations

from pathlib import Path

from restaurant import BRANCH, CASHIER, CLOUD, NOON, HandClock, build, open_replica

from shared.kernel.permissions import Role
from shared.menu.commands import add_category, add_item
from shared.staff.commands import add_staff
from shared.taxes.commands import add_tax_category, add_tax_rate
from terminal.device import DeviceFolder
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import PIN, SECRETS, CloudNearby, TillOnDisk

ITEMS = 2_000
CATEGORIES = 20
_FIRST = ("Lomo", "Ají", "Ceviche", "Tacu tacu", "Arroz", "Chicharrón", "Causa", "Anticucho", "Sopa", "Jugo")
_SECOND = ("saltado", "de gallina", "mixto", "con pollo", "a lo pobre", "de pescado", "norteño", "de la casa")


def item_name(number: int) -> str:
    """The name of an item of this menu."""
    return f"{_FIRST[number % 10]} {_SECOND[number // 10 % 8]} {number}"


async def big_till(folder: Path, items: int = ITEMS, categories: int = CATEGORIES) -> TillOnDisk:
    """A device folder in `folder / "till"`, founded and synced; the cashier's PIN is `PIN`.

    Each item has a code and, as what is bought in packages, a barcode.
    """
    cloud = open_replica(folder / "cloud.db", CLOUD, None, "", HandClock(NOON))
    till = TillOnDisk(DeviceFolder(folder / "till", use_keyring=False))
    till.configure()
    try:
        await build(cloud)
        async with cloud.work() as work:
            await add_staff(work, CASHIER.staff_id, "Rosa", Role.CASHIER, [BRANCH], PIN, SECRETS.pepper, b"s" * 16)
            igv = await add_tax_category(work, "IGV")
            await add_tax_rate(work, igv.id, "IGV", 180_000)
            for shelf in range(categories):
                category = await add_category(work, f"Carta {shelf + 1}", position=10 + shelf)
                for place in range(items // categories):
                    number = shelf * items // categories + place
                    name, price_minor, code = item_name(number), 900 + number, f"775{number:010d}"
                    await add_item(
                        work, name, category.id, igv.id, price_minor, f"x{number}", position=place, barcodes=(code,)
                    )
        async with till.store() as store:
            await Agent(store, CloudNearby(cloud), None, lambda: 0.5, None, 0).pull_once()
    finally:
        await cloud.close()
    return till

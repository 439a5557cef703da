"""A till changes its menu offline: valid there at once, and in the menu of the cloud as soon as it is in contact."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from shared.kernel.work import Work
from shared.menu.at_the_branch import add_dish, hide_item, set_price
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.menu.usual import usual_dish
from terminal.clock import SystemClock
from terminal.gate import Gate
from terminal.identity import Identity
from terminal.store.store import Store
from tests.benchmarks.push import database_url
from tests.faults.served_cloud import PLAN, ServedCloud, enrolled, served_cloud
from tests.faults.test_pin_of_a_till import STAFF, knows_staff, syncing
from tests.faults.until import until


@pytest.mark.slow
async def test_what_a_till_says_of_its_menu_offline_is_the_clouds_menu_once_it_is_in_contact(tmp_path: Path) -> None:
    """Slow: a real server with a real PostgreSQL."""
    with served_cloud() as cloud:
        founded = await asyncio.to_thread(cloud.found, {**PLAN, "staff": STAFF})
        folder, configuration = await enrolled(tmp_path / "caja", founded, cloud.url)
        identity, clock = configuration.identity, SystemClock()
        secrets = folder.secrets(identity.device_id)
        store = await Store.open(folder.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
        try:
            gate = Gate(store, secrets.pepper)
            async with syncing(store, cloud.url, secrets.signer):
                await until(lambda: knows_staff(store, gate, 2), "the till learns its people")
                await until(store.read_premises, "the till learns its branch")
            dish = await changed(store, next(each for each in gate.staff if each.role is Role.BRANCH_MANAGER).id)
            here = await menu_here(store)
            assert sums(here) == {"Lomo saltado": 4_100, "Ají de gallina": 2_950, "Sopa del día": 1_200}
            assert here.items[dish].station_id == here.by_code["lom"].station_id
            assert sums(await menu_there(cloud, identity)) != sums(here), "nobody told the cloud"
            began = time.perf_counter()
            async with syncing(store, cloud.url, secrets.signer):

                async def is_there() -> bool:
                    return await menu_there(cloud, identity) == here

                await until(is_there, "the cloud's menu of this branch is the till's")
                print(f"in the cloud's menu {time.perf_counter() - began:.2f} s after contact began")
            assert sums(await menu_there(cloud, identity, of_branch=False)) == {
                "Lomo saltado": 3_890,
                "Ají de gallina": 2_950,
                "Chicha": 900,
            }, "other branches sell what they sold"
        finally:
            await store.close()


async def changed(store: Store, manager_id: UUID) -> UUID:
    """A manager changes a price, hides a dish and adds one. Returns the id of the new one."""
    menu, dish = await menu_here(store), store.ids.new()
    lomo, chicha = menu.by_code["lom"], menu.by_code["chi"]
    usual = usual_dish(menu, lomo.category_id)

    async def change(work: Work) -> None:
        await set_price(work, lomo.id, 4_100)
        await hide_item(work, chicha.id)
        what = (work, "Sopa del día", lomo.category_id, usual.tax_category_id, 1_200)
        await add_dish(*what, station_id=usual.station_id, item_id=dish)

    await store.run(Actor.in_role(manager_id, "Jefa", Role.BRANCH_MANAGER), change)
    return dish


async def menu_here(store: Store) -> Menu:
    async with store.reading() as connection:
        return await load_menu(connection, store.identity.organization_id, store.identity.branch_id)


async def menu_there(cloud: ServedCloud, identity: Identity, *, of_branch: bool = True) -> Menu:
    """The menu as the server's own database has it."""
    engine = create_async_engine(database_url(cloud).replace("postgresql://", "postgresql+psycopg://"))
    try:
        async with engine.connect() as connection:
            return await load_menu(connection, identity.organization_id, identity.branch_id if of_branch else None)
    finally:
        await engine.dispose()


def sums(menu: Menu) -> dict[str, int]:
    return {item.name: item.price_minor for item in menu.items.values()}

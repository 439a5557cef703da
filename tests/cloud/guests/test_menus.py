"""The menu of guests is what the house says now: for each branch, and after hints were lost."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from cloud.guests.doors import Door
from cloud.guests.menus import GuestMenus
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM
from shared.menu.records import Item
from shared.tenancy.records import Branch as BranchRow
from tests.cloud.conftest import SetClock
from tests.cloud.guests.conftest import Branch
from tests.cloud.guests.test_ordering import becomes


async def price_of(menus: GuestMenus, door: Door, branch: Branch) -> int:
    return (await menus.of(door)).menu.items[branch.shop.items["Lomo"]].price_minor


async def costs_now(menus: GuestMenus, door: Door, branch: Branch) -> bool:
    return await price_of(menus, door, branch) == 4_000


async def costs(branch: Branch, price_minor: int) -> None:
    async with branch.parts.units.work(branch.shop.tenant.organization_id, SYSTEM) as work:
        (await work.get(Item, branch.shop.items["Lomo"])).price_minor = price_minor


async def test_a_new_price_is_read_in_every_branch_of_the_house(branch: Branch, parts: Parts, clock: SetClock) -> None:
    tenant, other = branch.shop.tenant, uuid4()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(BranchRow(organization_id=tenant.organization_id, id=other, name="Sur", zone="America/Lima"))
    parts.hub.is_linked = True
    menus = GuestMenus(parts.database, parts.hub, clock)
    doors = [Door("A", tenant.organization_id, tenant.branch_id), Door("B", tenant.organization_id, other)]
    assert [await price_of(menus, door, branch) for door in doors] == [3_800, 3_800]
    await costs(branch, 4_000)
    for door in doors:
        assert await becomes(partial(costs_now, menus, door, branch))


async def test_a_price_whose_hint_was_lost_is_read_when_hints_may_have_been(
    branch: Branch, parts: Parts, clock: SetClock
) -> None:
    tenant = branch.shop.tenant
    parts.hub.is_linked = True
    menus, door = GuestMenus(parts.database, parts.hub, clock), Door("A", tenant.organization_id, tenant.branch_id)
    assert await price_of(menus, door, branch) == 3_800
    listeners, parts.hub._listeners = parts.hub._listeners, []  # told while the link is lost
    rooms, parts.hub._rooms = parts.hub._rooms, {}  # and nobody of the house waits in this process
    await costs(branch, 4_000)
    parts.hub._listeners = listeners
    parts.hub.hear_anything()
    parts.hub._rooms = rooms
    assert await becomes(partial(costs_now, menus, door, branch))

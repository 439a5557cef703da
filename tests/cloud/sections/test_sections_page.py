"""A manager gives tables to waiters on one page, and tills read it from the branch's rows."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.parts import Parts
from shared.floor.commands import add_space, add_table
from shared.floor.queries import tables
from shared.kernel.permissions import PERMISSIONS, SYSTEM, Permission, Rights, Role
from shared.staff.commands import assign, set_active, take_on
from shared.staff.pins import NO_PIN
from shared.staff.role_commands import say_rights
from shared.staff.rules import RoleKey
from shared.tenancy.records import Branch
from tests.cloud.conftest import Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}


@pytest.fixture
async def held(parts: Parts, tenant: Tenant) -> list[UUID]:
    """Two tables of the branch."""
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        space = await add_space(work, tenant.branch_id, "Salón <b>")
        return [(await add_table(work, tenant.branch_id, space.id, name)).id for name in ("1", "2")]


@pytest.fixture
async def manager(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of the branch's manager."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2])
    return client


async def servers(parts: Parts, tenant: Tenant) -> dict[str, UUID | None]:
    async with parts.database.read(tenant.organization_id) as read:
        return {each.name: each.server_id for each in await tables(read, tenant.organization_id, tenant.branch_id)}


async def test_a_waiter_gets_tables_and_gives_them_back(
    manager: Client, parts: Parts, tenant: Tenant, held: list[UUID]
) -> None:
    page = await manager.get("/sections")
    assert ("Salón &lt;b&gt;" in page.text, page.text.count('<select id="table-')) == (True, 2)
    waiter = tenant.staff[Role.WAITER]
    assert f'value="{waiter}"' in page.text
    assert f'value="{tenant.staff[Role.KITCHEN]}"' not in page.text, "a cook serves nobody"
    form = dict(re.findall(r'type="hidden" name="(was-[^"]+)" value="([^"]*)"', page.text))
    given = form | {f"table-{held[0]}": str(waiter), f"table-{held[1]}": ""}
    saved = await manager.post("/sections", data=given)
    assert (saved.status_code, "Saved." in saved.text) == (200, True)
    assert await servers(parts, tenant) == {"1": waiter, "2": None}
    back = {f"was-{held[0]}": str(waiter), f"table-{held[0]}": ""}
    await manager.post("/sections", data=back)
    assert await servers(parts, tenant) == {"1": None, "2": None}


async def test_a_page_that_was_open_longer_undoes_nothing_that_it_did_not_change(
    manager: Client, parts: Parts, tenant: Tenant, held: list[UUID]
) -> None:
    waiter, cashier = tenant.staff[Role.WAITER], tenant.staff[Role.CASHIER]
    await manager.post("/sections", data={f"was-{held[0]}": "", f"table-{held[0]}": str(waiter)})
    stale = {f"was-{held[0]}": "", f"table-{held[0]}": "", f"was-{held[1]}": "", f"table-{held[1]}": str(cashier)}
    await manager.post("/sections", data=stale)
    assert await servers(parts, tenant) == {"1": waiter, "2": cashier}


async def test_what_makes_no_sense_changes_nothing(
    manager: Client, parts: Parts, tenant: Tenant, held: list[UUID]
) -> None:
    for table, person in ((str(held[0]), "nobody"), ("x", ""), (str(uuid4()), str(tenant.staff[Role.WAITER]))):
        refused = await manager.post("/sections", data={f"table-{table}": person, f"was-{table}": "?"})
        assert refused.status_code == 404, (table, person)
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await set_active(work, tenant.staff[Role.WAITER], active=False)
    gone = {f"table-{held[0]}": str(tenant.staff[Role.WAITER]), f"was-{held[0]}": ""}
    refused = await manager.post("/sections", data=gone)
    assert (refused.status_code, "no longer works here" in refused.text) == (409, True)
    assert f'name="was-{held[0]}" value=""' in refused.text, "the page comes back"
    assert await servers(parts, tenant) == {"1": None, "2": None}


async def test_nobody_gives_tables_of_another_branch(
    manager: Client, parts: Parts, tenant: Tenant, held: list[UUID], cookie: Any
) -> None:
    other = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=tenant.organization_id, id=other, name="Playa", zone="America/Lima"))
        space = await add_space(work, other, "Terraza")
        table = (await add_table(work, other, space.id, "9")).id
    parts.hub.tell_organization(tenant.organization_id)
    given = {f"table-{table}": str(tenant.staff[Role.WAITER]), f"was-{table}": ""}
    assert (await manager.post("/sections", data=given)).status_code == 404
    refused = await manager.post(f"/sections?branch={other}", data=given)
    assert refused.status_code in {400, 404}
    admin = await cookie(tenant)
    manager.cookies.clear()
    assert "Choose a branch" in (await manager.get("/sections", headers=admin)).text
    shown = await manager.get("/sections?branch=playa", headers=admin)
    assert ("Terraza" in shown.text, "Salón" in shown.text) == (True, False)
    assert (await manager.get("/sections", headers=await cookie(tenant, Role.WAITER))).status_code == 403


async def test_who_serves_is_as_the_roles_of_the_house_say_and_nobody_else_gets_a_table(
    manager: Client, parts: Parts, tenant: Tenant, held: list[UUID]
) -> None:
    waiter, cook = tenant.staff[Role.WAITER], tenant.staff[Role.KITCHEN]
    old = (await manager.get("/sections")).text
    takes_orders = PERMISSIONS[Role.KITCHEN] | {Permission.TAKE_ORDER}
    other = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await say_rights(work, RoleKey(Role.KITCHEN), Rights(takes_orders))
        await say_rights(work, RoleKey(Role.WAITER), Rights(PERMISSIONS[Role.WAITER] - {Permission.TAKE_ORDER}))
        work.add(Branch(organization_id=tenant.organization_id, id=other, name="Playa", zone="America/Lima"))
        abroad = (await take_on(work, parts.ids.new(), "Aída", Role.CASHIER, NO_PIN)).id
        await assign(work, abroad, other)
    parts.hub.tell_organization(tenant.organization_id)
    page = (await manager.get("/sections")).text
    assert (f'value="{cook}"' in page, f'value="{waiter}"' in page, f'value="{waiter}"' in old) == (True, False, True)
    for person, status, words in ((waiter, 409, "does not take orders"), (abroad, 409, "Aída"), (uuid4(), 404, "")):
        given = {f"table-{held[0]}": str(person), f"was-{held[0]}": "", f"table-{held[1]}": str(cook)}
        refused = await manager.post("/sections", data=given | {f"was-{held[1]}": ""})
        assert (refused.status_code, words in refused.text) == (status, True), words
        if status == 409:
            assert f'<option value="{cook}" selected>' in refused.text, "what was chosen stays"
    assert await servers(parts, tenant) == {"1": None, "2": None}

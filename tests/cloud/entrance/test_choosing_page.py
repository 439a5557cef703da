"""A super admin belongs to no restaurant: the pages ask whose affairs they are about, and remember it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import update

from cloud.accounts.opening import close_membership, join
from cloud.control.audit import Doer
from cloud.database.control_records import Account, ControlOrganization, Tier
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import take_on
from shared.staff.pins import NO_PIN
from shared.tenancy.records import DeviceKind, Organization
from tests.cloud.conftest import BOSS, PASSWORD
from tests.cloud.enrolment.devices import enrolled
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}


@pytest.fixture
async def boss(client: Client, tenant: Any) -> Client:
    """The browser of a super admin who has just logged in."""
    form = {"email": BOSS, "password": PASSWORD}
    entered = await client.post("/login", data=form, headers=OURS, follow_redirects=False)
    assert entered.status_code == 303
    client.headers.update(OURS)
    return client


async def test_after_log_in_a_super_admin_chooses_and_sees_the_sales(boss: Client, parts: Parts, tenant: Any) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        key = {"organization_id": tenant.organization_id, "id": tenant.organization_id}
        work.add(Organization(**key, name="El Faro", country="PE", currency="PEN", language="es"))
    wanted = "/reports/sales?from=2026-11-01&to=2026-11-23"
    asked = await boss.get(wanted)
    assert (asked.status_code, asked.url.path) == (200, "/organizations")
    assert "el-faro" in asked.text
    choice = {"organization": str(tenant.organization_id), "next": wanted, "reason": "Ticket 4711"}
    page = await boss.post("/organizations", data=choice)
    assert (page.status_code, page.url.path) == (200, "/reports/sales")
    assert "El Faro" in page.text
    assert (await boss.get("/reports/sales")).url.path == "/reports/sales"
    assert (await boss.get("/")).url.path == "/organizations"


async def test_logging_out_forgets_the_choice(boss: Client, tenant: Any) -> None:
    choice = {"organization": str(tenant.organization_id), "reason": "Ticket 4711"}
    await boss.post("/organizations", data=choice)
    assert (await boss.get("/reports/sales")).url.path == "/reports/sales"
    await boss.post("/logout")
    assert (await boss.get("/organizations")).url.path == "/login"


async def test_who_may_not_open_the_home_page_comes_to_one_that_they_may(
    client: Client, tenant: Any, cookie: Any
) -> None:
    told = await client.get("/reports/sales", headers=await cookie(tenant, Role.KITCHEN), follow_redirects=False)
    assert (told.status_code, "Your role has no pages here" in told.text) == (403, True)


async def test_a_name_stays_text_and_an_unknown_restaurant_is_told(boss: Client, parts: Parts, tenant: Any) -> None:
    async with parts.database.control() as session:
        await session.execute(update(ControlOrganization).values(name="<i>Faro</i>"))
    assert "&lt;i&gt;Faro&lt;/i&gt;" in (await boss.get("/organizations")).text
    unknown = await boss.post("/organizations", data={"organization": str(uuid4())})
    assert unknown.status_code == 404
    assert (await boss.get("/reports/sales")).url.path == "/organizations"


async def test_others_choose_between_the_organizations_in_which_they_work(
    client: Client, parts: Parts, tenant: Any, new_tenant: Callable[[str], Any], cookie: Any
) -> None:
    other, strangers = await new_tenant("la-rosa"), await new_tenant("el-ancla")
    staff_id = parts.ids.new()
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.BRANCH_MANAGER])
        await join(session, account, other.organization_id, staff_id, parts.clock.now())
    async with parts.units.work(other.organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "Rosa", Role.ORGANIZATION_ADMIN, NO_PIN)
    mine = {**await cookie(tenant, Role.BRANCH_MANAGER), **OURS}
    shown = (await client.get("/organizations", headers=mine)).text
    assert ("el-faro" in shown, "la-rosa" in shown, "el-ancla" in shown) == (True, True, False)
    refused = await client.post("/organizations", data={"organization": str(strangers.organization_id)}, headers=mine)
    assert refused.status_code == 404
    chosen = await client.post(
        "/organizations", data={"organization": str(other.organization_id)}, headers=mine, follow_redirects=False
    )
    assert chosen.status_code == 303
    wanted = {"branch": str(other.branch_id), "from": "2026-11-01", "to": "2026-11-23"}
    assert (await client.get("/reports/sales", params=wanted, headers=mine)).status_code == 200
    wanted["branch"] = str(tenant.branch_id)
    assert (await client.get("/reports/sales", params=wanted, headers=mine)).status_code == 400


async def test_who_works_nowhere_is_told_instead_of_being_sent_round(
    client: Client, parts: Parts, tenant: Any, cookie: Any
) -> None:
    mine = await cookie(tenant, Role.WAITER)
    async with parts.database.control() as session:
        await close_membership(session, tenant.organization_id, tenant.accounts[Role.WAITER], parts.clock.now())
    parts.tell_account(tenant.accounts[Role.WAITER])
    sent = await client.get("/reports/sales", headers=mine, follow_redirects=False)
    told = await client.get(sent.headers["location"], headers=mine, follow_redirects=False)
    assert (told.status_code, told.url.path) == (200, "/organizations")
    assert "This account works in no restaurant." in told.text


async def test_a_super_admin_reads_plan_state_and_devices_of_each(
    boss: Client, parts: Parts, tenant: Any, new_tenant: Any
) -> None:
    other = await new_tenant("la-rosa")
    for number in (1, 2):
        await enrolled(parts, other, DeviceKind.TILL, f"Caja {number}", address=f"192.0.2.{number}")
    operator = Doer("root", "command", may_all=True)
    await tenants(parts).set_plan(operator, other.organization_id, Tier.STARTER)
    await tenants(parts).suspend(operator, other.organization_id, "They pay no more.")
    shown = Tree((await boss.get("/organizations")).text).text
    assert "el-faro Enterprise · 0 devices" in shown
    assert "la-rosa Starter · 2 devices · suspended" in shown

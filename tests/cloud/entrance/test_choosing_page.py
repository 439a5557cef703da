"""A super admin belongs to no restaurant: the pages ask whose affairs they are about, and remember it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import update

from cloud.accounts.commands import create_account
from cloud.accounts.guards import ORGANIZATION_COOKIE
from cloud.database.control_records import ControlOrganization
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Organization

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
BOSS = {"email": "boss@comanda.pe", "password": "correct horse battery staple"}


@pytest.fixture
async def boss(client: Client, parts: Parts) -> Client:
    """The browser of a super admin who has just logged in."""
    async with parts.database.control() as session:
        await create_account(
            session,
            parts.passwords,
            parts.ids,
            parts.clock,
            name="Boss",
            role=Role.SUPER_ADMIN,
            organization_id=None,
            branches=[],
            **BOSS,
        )
    entered = await client.post("/login", data=BOSS, headers=OURS, follow_redirects=False)
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
    choice = {"organization": str(tenant.organization_id), "next": wanted}
    page = await boss.post("/organizations", data=choice)
    assert (page.status_code, page.url.path) == (200, "/reports/sales")
    assert "El Faro" in page.text
    assert (await boss.get("/reports/sales")).url.path == "/reports/sales"
    assert (await boss.get("/")).url.path == "/organizations"


async def test_logging_out_forgets_the_choice(boss: Client, tenant: Any) -> None:
    await boss.post("/organizations", data={"organization": str(tenant.organization_id)})
    assert ORGANIZATION_COOKIE in boss.cookies
    await boss.post("/logout")
    assert ORGANIZATION_COOKIE not in boss.cookies


async def test_a_name_stays_text_and_an_unknown_restaurant_is_told(boss: Client, parts: Parts, tenant: Any) -> None:
    async with parts.database.control() as session:
        await session.execute(update(ControlOrganization).values(name="<i>Faro</i>"))
    assert "&lt;i&gt;Faro&lt;/i&gt;" in (await boss.get("/organizations")).text
    unknown = await boss.post("/organizations", data={"organization": str(uuid4())})
    assert unknown.status_code == 404
    assert ORGANIZATION_COOKIE not in boss.cookies


async def test_the_choice_is_for_super_admins_and_opens_nothing_for_others(
    client: Client, tenant: Any, new_tenant: Callable[[str], Any], bearer: Callable[..., dict[str, str]]
) -> None:
    other = await new_tenant("la-rosa")
    chosen = {**bearer(other, Role.ORGANIZATION_ADMIN), "cookie": f"{ORGANIZATION_COOKIE}={tenant.organization_id}"}
    assert (await client.get("/organizations", headers=chosen)).status_code == 403
    assert (await client.post("/organizations", data={"organization": str(uuid4())}, headers=chosen)).status_code == 403
    wanted = {"branch": str(tenant.branch_id)}
    answer = await client.get("/api/v1/reports/sales", params=wanted, headers=chosen)
    assert (answer.status_code, answer.json()["code"]) == (404, "BRANCH_UNKNOWN")

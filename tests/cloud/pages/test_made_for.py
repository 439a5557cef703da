"""A form is saved in the organization for which its page was made, or nowhere: a browser has many windows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE, MADE_FOR, RENEWAL_HEADER
from cloud.accounts.opening import join
from cloud.database.control_records import Account
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import take_on
from shared.staff.pins import NO_PIN
from shared.staff.records import StaffMember
from tests.cloud.conftest import Tenant
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
OF_NO_ORGANIZATION = ("/login", "/logout", "/preferences", "/profile", "/organizations")


@pytest.fixture
async def other(parts: Parts, tenant: Tenant, new_tenant: Any) -> Tenant:
    """A second restaurant of the same administrator."""
    other: Tenant = await new_tenant("la-rosa")
    staff_id = parts.ids.new()
    async with parts.database.control() as session:
        account = await session.get_one(Account, tenant.accounts[Role.ORGANIZATION_ADMIN])
        await join(session, account, other.organization_id, staff_id, parts.clock.now())
    async with parts.units.work(other.organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "Rosa", Role.ORGANIZATION_ADMIN, NO_PIN)
    return other


@pytest.fixture
async def mine(client: Client, tenant: Tenant, cookie: Any) -> Client:
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    return client


def actions_of(html: str) -> list[str]:
    forms = [attributes for tag, attributes in Tree(html).tags if tag == "form" and attributes.get("method") == "post"]
    return [form["action"] or "" for form in forms]


async def people_of(parts: Parts, organization_id: UUID) -> set[str]:
    async with parts.database.read(organization_id) as read:
        return set(
            await read.scalars(sa.select(StaffMember.name).where(StaffMember.organization_id == organization_id))
        )


async def test_a_form_of_one_window_is_not_saved_in_the_organization_that_another_window_chose(
    mine: Client, parts: Parts, tenant: Tenant, other: Tenant
) -> None:
    page = (await mine.get("/people/new")).text
    (action,) = [each for each in actions_of(page) if each.startswith("/people/new")]
    form = {"name": "Nora", "role": "organization_admin"}
    await mine.post("/organizations", data={"organization": str(other.organization_id)})
    refused = await mine.post(action, data=form, follow_redirects=False)
    assert (refused.status_code, "Nothing was saved" in refused.text) == (409, True)
    renewal = {RENEWAL_HEADER: tenant.organization_id.hex}
    assert (await mine.get("/reports/sales", headers=renewal, follow_redirects=False)).status_code == 409
    assert (await mine.post("/live/token", headers=renewal)).status_code == 409
    await mine.post("/organizations", data={"organization": str(tenant.organization_id)})
    assert (await mine.get("/reports/sales", headers=renewal)).status_code == 200
    assert (await mine.post(action, data=form, follow_redirects=False)).status_code == 303
    assert "Nora" in await people_of(parts, tenant.organization_id)
    assert "Nora" not in await people_of(parts, other.organization_id)


async def test_no_form_of_any_page_leaves_its_organization_out(
    mine: Client, app: Litestar, tenant: Tenant, parts: Parts
) -> None:
    routes = (route for route in app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods)
    paths = [
        route.path for route in routes if not route.path_parameters and not route.path.startswith(("/api", "/static"))
    ]
    seen = [f"/people/{tenant.staff[Role.WAITER]}", f"/organization/branches/{tenant.branch_id}"]
    named = 0
    for path in [*paths, *seen]:
        answer = await mine.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html") or answer.status_code != 200:
            continue
        for action in actions_of(answer.text):
            if not action.startswith(OF_NO_ORGANIZATION):
                assert f"{MADE_FOR}={tenant.organization_id.hex}" in action, (path, action)
                named += 1
    assert named >= 5

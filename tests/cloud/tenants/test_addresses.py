"""Short names in addresses: chosen ones lead to their branch, former ones lead on; a refusal keeps the frame."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.database.control_records import ControlOrganization
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.commands import found_organization
from shared.tenancy.records import Branch
from tests.cloud.conftest import Tenant
from tests.cloud.tenants.test_closing import OPERATOR, OURS

Client = AsyncTestClient[Litestar]


@pytest.fixture
async def admin(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of an administrator."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    return client


async def test_a_branch_is_named_and_its_former_short_name_leads_on(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    second = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=tenant.organization_id, id=second, name="Norte", zone="America/Lima"))
    path = f"/branches/{tenant.branch_id}"
    for wrong, told in (("Ñ!", "does not fit"), ("norte", "Another branch has the short name norte")):
        refused = await admin.post(path, data={"slug": wrong})
        assert (refused.status_code >= 400, told in refused.text) == (True, True), refused.text
    assert (await admin.post(path, data={"slug": "plaza"})).status_code == 200
    led = await admin.get("/devices?branch=centro&kind=till", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (301, "/devices?branch=plaza&kind=till")
    for given in ("plaza", str(tenant.branch_id)):
        assert (await admin.get(f"/devices?branch={given}", follow_redirects=False)).status_code == 200, given
    await tenants(parts).name_branch(OPERATOR, tenant.organization_id, second, "centro")
    shown = await admin.get("/devices?branch=centro", follow_redirects=False)
    assert (shown.status_code, "Norte" in shown.text) == (200, True), "another one took it"


async def test_the_address_of_an_organization_leads_there_and_its_former_one_leads_on(
    admin: Client, parts: Parts, tenant: Tenant, new_tenant: Any, cookie: Any
) -> None:
    other = await new_tenant("la-boya")
    here = await admin.get("/o/el-faro?next=/devices", follow_redirects=False)
    assert (here.status_code, here.headers["location"]) == (303, "/devices")
    await tenants(parts).name(OPERATOR, tenant.organization_id, "faro")
    led = await admin.get("/o/el-faro?next=/devices", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (301, "/o/faro?next=%2Fdevices")
    texts = [(await admin.get(f"/o/{slug}")).text.replace(slug, "X") for slug in ("la-boya", "nobody")]
    assert texts[0] == texts[1], "who does not work there does not learn that there is one"
    admin.cookies.set(COOKIE, (await cookie(tenant, Role.SUPER_ADMIN))["cookie"].partition("=")[2])
    asked = await admin.get("/o/la-boya?next=/devices", follow_redirects=False)
    assert (asked.status_code, str(other.organization_id) in asked.text) == (200, True), "a form, no jump"


async def test_many_organizations_come_in_parts_and_are_found_by_a_search(
    admin: Client, parts: Parts, tenant: Tenant, cookie: Any
) -> None:
    async with parts.database.control() as session:
        for at in range(60):
            key = {"id": parts.ids.new(), "created_at": parts.clock.now()}
            session.add(ControlOrganization(**key, slug=f"house-{at:02}", name=f"House {at:02}"))
    admin.cookies.set(COOKIE, (await cookie(tenant, Role.SUPER_ADMIN))["cookie"].partition("=")[2])
    first = await admin.get("/organizations")
    assert (first.text.count('href="/o/'), "after=50" in first.text) == (50, True)
    rest = await admin.get("/organizations?after=50")
    assert rest.text.count('href="/o/') == 11
    found = await admin.get("/organizations?q=house 07")
    assert found.text.count('href="/o/') == 1
    assert "No restaurant is called" in (await admin.get("/organizations?q=zzz")).text


async def test_a_refusal_keeps_the_frame_of_whoever_is_logged_in(admin: Client, tenant: Tenant, cookie: Any) -> None:
    html = {"accept": "text/html"}
    for path in ("/nothing/here", f"/devices/{UUID(int=3)}", f"/people/{UUID(int=3)}"):
        refused = await admin.get(path, headers=html)
        assert (refused.status_code, 'id="navigation"' in refused.text) == (404, True), path
    admin.cookies.set(COOKIE, (await cookie(tenant, Role.WAITER))["cookie"].partition("=")[2])
    forbidden = await admin.get("/devices")
    assert (forbidden.status_code, 'id="account"' in forbidden.text) == (403, True)
    admin.cookies.clear()
    stranger = await admin.get("/nothing/here", headers=html)
    assert (stranger.status_code, 'id="navigation"' in stranger.text) == (404, False)


async def test_pages_speak_the_organizations_language_where_nobody_says_another(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await found_organization(work, "El Faro", "PE", "PEN", "es")
    admin.headers["accept-language"] = "de"
    for language in ("es", "en"):
        assert (await admin.post("/organization/language", data={"language": language})).status_code == 200
        shown = await admin.get("/devices")
        assert shown.headers["content-language"] == language
    admin.headers["accept-language"] = "es"
    assert (await admin.get("/devices")).headers["content-language"] == "es", "the reader's browser says more"

"""Programs read the audit part by part, and nobody reads of branches that are not theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.parts import Parts
from shared.floor.commands import add_space
from shared.kernel.permissions import PERMISSIONS, SYSTEM, Permission, Rights, Role
from shared.staff.commands import assign, take_on
from shared.staff.pins import NO_PIN
from shared.staff.role_commands import say_rights
from shared.staff.rules import RoleKey
from shared.tenancy.records import Branch
from tests.cloud.conftest import Tenant

Client = AsyncTestClient[Litestar]
Bearer = Callable[..., dict[str, str]]


async def spaces_in_two_branches(parts: Parts, tenant: Tenant) -> UUID:
    """Has somebody add a space in the branch of the tenant, and one in another that is made. Returns the other."""
    other = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=tenant.organization_id, id=other, name="Playa", zone="America/Lima"))
    for branch_id, name in ((tenant.branch_id, "Salón"), (other, "Terraza")):
        async with parts.units.work(tenant.organization_id, SYSTEM, branch_id) as work:
            await add_space(work, branch_id, name)
    return other


async def test_a_program_reads_it_part_by_part(client: Client, parts: Parts, tenant: Tenant, bearer: Bearer) -> None:
    await spaces_in_two_branches(parts, tenant)
    credentials = {"email": tenant.emails[Role.ORGANIZATION_ADMIN], "password": tenant.password}
    await client.post("/api/v1/session", json=credentials)
    seen: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = (await client.get("/api/v1/audit", params={"limit": 2, "after": after}, headers=bearer(tenant))).json()
        seen, after = seen + answer["entries"], answer["next"]
    ids = [each["id"] for each in seen]
    assert len(ids) == len(set(ids)) > 4
    assert [each["who"] for each in seen if each["act"] == "account.log_in"] == ["organization_admin"]
    spaces = [each["fields"] for one in seen for each in one["rows"] if each["table"] == "spaces"]
    assert {field["after"] for fields in spaces for field in fields} >= {"Salón", "Terraza"}


async def test_a_filter_that_makes_no_sense_is_told(client: Client, tenant: Tenant, bearer: Bearer) -> None:
    for query, code in (
        ({"kind": "nonsense"}, "AUDIT_KIND_UNKNOWN"),
        ({"after": "yesterday"}, "CURSOR_WRONG"),
        ({"after": "2026-11-23T18:00:00"}, "CURSOR_WRONG"),
        ({"after": "0001-01-01T00:00:00+14:00"}, "CURSOR_WRONG"),
        ({"branch": str(uuid4())}, "BRANCH_UNKNOWN"),
    ):
        assert (await client.get("/api/v1/audit", params=query, headers=bearer(tenant))).json()["code"] == code


async def test_a_manager_who_may_read_it_reads_of_their_branches_alone(
    client: Client, parts: Parts, tenant: Tenant, bearer: Bearer, cookie: Any
) -> None:
    other = await spaces_in_two_branches(parts, tenant)
    rights = Rights(PERMISSIONS[Role.BRANCH_MANAGER] | {Permission.EDIT_STAFF})
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await say_rights(work, RoleKey(Role.BRANCH_MANAGER), rights)
    parts.hub.tell_organization(tenant.organization_id)
    mine = bearer(tenant, Role.BRANCH_MANAGER)
    answer = (await client.get("/api/v1/audit", headers=mine)).json()
    assert {each["branch_id"] for each in answer["entries"]} == {str(tenant.branch_id)}
    refused = await client.get("/api/v1/audit", params={"branch": str(other)}, headers=mine)
    assert refused.json()["code"] == "BRANCH_UNKNOWN"
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        stranger = parts.ids.new()
        await take_on(work, stranger, "Zoila", Role.CASHIER, NO_PIN)
        await assign(work, stranger, other)
    page = (await client.get("/audit", headers=await cookie(tenant, Role.BRANCH_MANAGER))).text
    assert "Zoila" not in page
    mine = await cookie(tenant, Role.BRANCH_MANAGER)
    persons = [await client.get(f"/audit/people/{each}", headers=mine) for each in (stranger, uuid4())]
    assert [each.status_code for each in persons] == [404, 404], "as if there were nobody"
    assert (await client.get(f"/audit/people/{tenant.staff[Role.CASHIER]}", headers=mine)).status_code == 200
    assert ("Salón" in page, "Terraza" in page, "Logged in" in page) == (True, False, False)

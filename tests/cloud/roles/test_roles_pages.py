"""Roles as the organization's data: every right in words, amounts, and nobody gives what they lack or shuts all out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from branch_books import add_branch
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.parts import Parts
from cloud.roles.commands import typed_minor
from cloud.roles.listing import GROUPS, job_id
from shared.kernel.errors import DomainError
from shared.kernel.permissions import GRANTABLE, PERMISSIONS, SYSTEM, WITH_AMOUNTS, Permission, Rights, Role
from shared.staff.commands import assign, change_staff, set_active, take_on
from shared.staff.pins import NO_PIN
from shared.staff.queries import actor_now
from shared.staff.records import OwnRole, RoleRight
from shared.staff.role_commands import found_role, say_rights
from shared.staff.rules import RoleKey
from tests.cloud.conftest import Tenant
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
TILL = sorted(PERMISSIONS[Role.CASHIER])


@pytest.fixture
async def admin(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of an administrator."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    return client


def path_of(role: Role) -> str:
    return f"/roles/{job_id(role)}"


async def rights_now(parts: Parts, tenant: Tenant, role: Role) -> Rights:
    async with parts.database.read(tenant.organization_id) as read:
        actor = await actor_now(read, tenant.organization_id, tenant.branch_id, tenant.staff[role])
    assert actor is not None
    return actor.rights


async def test_a_cashier_gets_a_right_up_to_an_amount_and_loses_one(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    shown = Tree((await admin.get(path_of(Role.CASHIER))).text).text
    assert "Void what was sent" in shown
    assert "Give discounts" in shown
    form = {"right": [*(each for each in TILL if each != "cash_out"), "give_discount"], "limit_give_discount": "12,50"}
    saved = await admin.post(path_of(Role.CASHIER), data=form)
    assert (saved.status_code, "Saved." in saved.text, 'value="12.50"' in saved.text) == (200, True, True)
    rights = await rights_now(parts, tenant, Role.CASHIER)
    assert rights.permissions == PERMISSIONS[Role.CASHIER] - {Permission.CASH_OUT} | {Permission.GIVE_DISCOUNT}
    assert rights.limits == {Permission.GIVE_DISCOUNT: 1_250}
    async with parts.database.read(tenant.organization_id) as read:
        rows = list(await read.scalars(sa.select(RoleRight.permission)))
    assert sorted(rows) == ["cash_out", "give_discount"], "what is as it was stays unwritten"
    for wrong in ("-1", "1.234", "x"):
        refused = await admin.post(path_of(Role.CASHIER), data={**form, "limit_give_discount": wrong})
        assert (refused.status_code, "not sensible" in refused.text, f'value="{wrong}"' in refused.text) == (
            400, True, True,
        )  # fmt: skip
    assert await rights_now(parts, tenant, Role.CASHIER) == rights


async def test_a_role_of_the_house_is_founded_given_and_retired_when_nobody_has_it(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    await admin.post(path_of(Role.CASHIER), data={"right": TILL, "limit_cash_out": "20"})
    founded = await admin.post("/roles/new", data={"name": "Jefa <de> turno", "job": "cashier"})
    role_id = founded.url.path.rpartition("/")[2]
    assert (founded.status_code, "Jefa &lt;de&gt; turno" in founded.text, 'value="20.00"' in founded.text) == (
        200, True, True,
    )  # fmt: skip
    taken = await admin.post("/roles/new", data={"name": "jefa <DE> turno", "job": "waiter"})
    assert (taken.status_code, "already" in taken.text) == (409, True)
    rights = {"name": "Jefa", "right": [*TILL, "refund"], "limit_cash_out": "20"}
    assert (await admin.post(f"/roles/{role_id}", data=rights)).status_code == 200
    person = {"name": "Rosa", "role": role_id, "branch": str(tenant.branch_id)}
    path = f"/people/{tenant.staff[Role.CASHIER]}"
    given = await admin.post(path, data=person)
    assert (given.status_code, f'value="{role_id}" required checked' in given.text) == (200, True), given.text
    assert (await rights_now(parts, tenant, Role.CASHIER)).permissions == {
        *PERMISSIONS[Role.CASHIER], Permission.REFUND,
    }  # fmt: skip
    assert "Jefa" in Tree((await admin.get("/people")).text).text
    used = await admin.post(f"/roles/{role_id}/retirement")
    assert (used.status_code, "These people have this role: Rosa" in used.text) == (409, True)
    await admin.post(path, data={**person, "role": "cashier"})
    assert (await rights_now(parts, tenant, Role.CASHIER)).limits == {Permission.CASH_OUT: 2_000}
    retired = await admin.post(f"/roles/{role_id}/retirement")
    assert (retired.url.path, "Jefa" in retired.text) == ("/roles", False)
    assert (await admin.post(path, data=person)).status_code == 404, "nobody is given a role that is no more"


async def test_whoever_may_change_the_staff_gives_no_more_than_they_have(
    client: Client, parts: Parts, tenant: Tenant, cookie: Any
) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        held = Rights(PERMISSIONS[Role.BRANCH_MANAGER] | {Permission.EDIT_STAFF}, {Permission.REFUND: 5_000})
        await say_rights(work, RoleKey(Role.BRANCH_MANAGER), held)
        role_id, elsewhere = parts.ids.new(), parts.ids.new()
        other_branch_id = add_branch(work, tenant.organization_id, "Otro")
        await found_role(work, role_id, "Dueña", Role.WAITER)
        await say_rights(work, RoleKey(Role.WAITER, role_id), Rights(frozenset({Permission.EDIT_MENU})))
        await take_on(work, elsewhere, "De otro local", Role.WAITER, NO_PIN)
        await assign(work, elsewhere, other_branch_id)
    mine = {**await cookie(tenant, Role.BRANCH_MANAGER), **OURS}
    branch = {"branch": str(tenant.branch_id)}
    cashier, boss = tenant.staff[Role.CASHIER], tenant.staff[Role.ORGANIZATION_ADMIN]
    beyond = "goes beyond what you may do yourself"
    for path, form, status, told in (
        ("/people/new", {"name": "Eva", "role": "organization_admin"}, 403, beyond),
        ("/people/new", {"name": "Eva", "role": str(role_id), **branch}, 403, beyond),
        ("/people/new", {"name": "Eva", "role": "waiter", "branch": str(other_branch_id)}, 404, "no such branch"),
        (f"/people/{cashier}", {"name": "Eva", "role": str(role_id), **branch}, 403, beyond),
        (f"/people/{boss}", {"name": "Eva", "role": "waiter", "pin": "4711", **branch}, 404, ""),
        (f"/people/{boss}/work", {"on": "false"}, 404, ""),
        (f"/people/{boss}/access", {"on": "false"}, 404, ""),
        (f"/people/{elsewhere}", {"name": "Eva", "role": "waiter", **branch}, 404, ""),
        (path_of(Role.CASHIER), {"right": [*TILL, "edit_menu"]}, 403, beyond),
        (path_of(Role.CASHIER), {"right": [*TILL, "refund"], "limit_refund": "50.01"}, 403, beyond),
        (f"/roles/{role_id}", {"name": "Dueña", "right": ["take_order"]}, 403, beyond),
        (path_of(Role.BRANCH_MANAGER), {"right": ["take_order"]}, 409, "That is yourself"),
    ):
        answer = await client.post(path, data=form, headers=mine)
        assert (answer.status_code, told in answer.text) == (status, True), (path, form, answer.text)
    within = {"right": [*TILL, "refund"], "limit_refund": "50"}
    assert (await client.post(path_of(Role.CASHIER), data=within, headers=mine)).status_code == 200
    listed = Tree((await client.get("/people", headers=mine)).text).text
    assert ("De otro local" in listed, f"{boss}" in listed) == (False, False)


async def test_nobody_takes_rights_from_administrators_or_dismisses_the_last(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    refused = await admin.post(path_of(Role.ORGANIZATION_ADMIN), data={"right": ["take_order"]})
    assert (refused.status_code, "Administrators may do everything" in refused.text) == (409, True)
    boss = tenant.staff[Role.ORGANIZATION_ADMIN]
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        with pytest.raises(DomainError, match="LAST_ADMINISTRATOR"):
            await set_active(work, boss, active=False)
        with pytest.raises(DomainError, match="LAST_ADMINISTRATOR"):
            await change_staff(work, boss, name="X", role=Role.WAITER, branch_ids=[tenant.branch_id])
        await take_on(work, parts.ids.new(), "Otra", Role.ORGANIZATION_ADMIN, NO_PIN)
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await set_active(work, boss, active=False)


async def test_roles_of_another_organization_do_the_same_work_as_none(
    admin: Client, parts: Parts, tenant: Tenant, new_tenant: Any, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    other = await new_tenant("la-rosa")
    role_id = parts.ids.new()
    async with parts.units.work(other.organization_id, SYSTEM) as work:
        await found_role(work, role_id, "Ajena", Role.CASHIER)
    parts.hub.is_linked = True
    await admin.get("/roles")
    seen = []
    for key in (role_id, uuid4()):
        with counting(parts.database.writer) as statements:
            answers = [
                await admin.get(f"/roles/{key}"),
                await admin.post(f"/roles/{key}", data={"name": "X", "right": ["take_order"]}),
                await admin.post(f"/roles/{key}/retirement"),
            ]
        seen.append(([(each.status_code, each.text.replace(str(key), "ID")) for each in answers], statements.seen))
    assert seen[0] == seen[1]
    assert {status for status, _text in seen[0][0]} == {404}
    async with parts.database.read(other.organization_id) as read:
        assert (await read.get_one(OwnRole, (other.organization_id, role_id))).active


@pytest.mark.parametrize("role", [Role.BRANCH_MANAGER, Role.WAITER])
async def test_others_see_and_change_no_role(client: Client, tenant: Tenant, cookie: Any, role: Role) -> None:
    mine = {**await cookie(tenant, role), **OURS}
    assert (await client.get("/roles", headers=mine)).status_code == 403
    assert (await client.post(path_of(Role.WAITER), headers=mine, data={"right": ["refund"]})).status_code == 403


def test_the_page_names_each_right_that_a_role_may_have_once() -> None:
    shown = [right for _group, rights in GROUPS for right in rights]
    assert sorted(shown) == sorted(GRANTABLE)
    assert set(shown) >= WITH_AMOUNTS


@pytest.mark.parametrize(
    ("typed", "code", "minor"),
    [("50", "PEN", 5_000), ("50,5", "PEN", 5_050), ("0.01", "USD", 1), ("1500", "CLP", 1_500)],
)
def test_an_amount_is_read_as_people_type_it(typed: str, code: str, minor: int) -> None:
    assert typed_minor(typed, code) == minor

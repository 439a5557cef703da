"""The people of an organization: by who may, of this organization only, and in force at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from branch_books import add_branch
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE, PROOF_LASTS
from cloud.database.control_records import ControlOrganization, LinkKind, MailedLink
from cloud.members.listing import MOST_SHOWN
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import assign, take_on
from shared.staff.pins import NO_PIN, pin_matches
from shared.staff.records import StaffMember
from tests.cloud.conftest import Tenant
from tests.cloud.page_tree import Tree

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}


@pytest.fixture
async def admin(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of an administrator."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    return client


async def staff_of(parts: Parts, organization_id: UUID, staff_id: UUID) -> StaffMember:
    async with parts.database.read(organization_id) as read:
        return await read.get_one(StaffMember, (organization_id, staff_id))


async def test_somebody_new_gets_role_branch_and_a_pin_that_nobody_beside_them_has(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    form = {"name": "Nora <b>", "role": "cashier", "branch": str(tenant.branch_id), "pin": "4711"}
    for wrong, told in (
        ({"name": " "}, "Give a name."),
        ({"branch": str(uuid4())}, "There is no such branch here."),
        ({"pin": "12"}, "4 to 8 digits"),
    ):
        refused = await admin.post("/people/new", data={**form, **wrong})
        assert (refused.status_code >= 400, told in refused.text) == (True, True), refused.text
    without = await admin.post("/people/new", data={name: value for name, value in form.items() if name != "branch"})
    assert (without.status_code, "Choose at least one branch." in without.text) == (400, True)
    added = await admin.post("/people/new", data=form)
    assert (added.status_code, "Nora &lt;b&gt;" in added.text) == (200, True)
    staff_id = UUID(added.url.path.rpartition("/")[2])
    member = await staff_of(parts, tenant.organization_id, staff_id)
    async with parts.database.control() as session:
        pepper = (await session.get_one(ControlOrganization, tenant.organization_id)).pin_pepper
    assert (member.role, pin_matches(member.pin_hash, "4711", pepper)) == (Role.CASHIER, True)
    taken = await admin.post("/people/new", data={**form, "name": "Otra"})
    assert "Somebody here has this PIN already" in taken.text
    kept = await admin.post(f"/people/{staff_id}", data={**form, "name": "Norma", "pin": ""})
    assert kept.status_code == 200
    changed = await staff_of(parts, tenant.organization_id, staff_id)
    assert (changed.name, changed.pin_hash) == ("Norma", member.pin_hash)


async def test_another_role_dismissal_and_closed_access_are_in_force_at_once(
    admin: Client, parts: Parts, tenant: Tenant, cookie: Any, bearer: Any, clock: Any
) -> None:
    manager = bearer(tenant, Role.BRANCH_MANAGER)
    browser = await cookie(tenant, Role.BRANCH_MANAGER)
    path = f"/people/{tenant.staff[Role.BRANCH_MANAGER]}"

    async def status() -> int:
        answer = await admin.get("/api/v1/reports/sales", headers=manager)
        return int(answer.status_code)

    assert await status() == 200
    await admin.post(path, data={"name": "Rosa", "role": "waiter", "branch": str(tenant.branch_id)})
    assert await status() == 403
    await admin.post(path, data={"name": "Rosa", "role": "branch_manager", "branch": str(tenant.branch_id)})
    assert await status() == 200
    await admin.post(f"{path}/work", data={"on": "false"})
    assert await status() == 401
    told = await admin.get("/organizations", headers=browser)
    assert "This account works in no restaurant." in told.text, "nobody is sent round"
    await admin.post(f"{path}/work", data={"on": "true"})
    assert await status() == 200
    clock.advance(timedelta(seconds=1))
    closed = await admin.post(f"{path}/access", data={"on": "false"})
    assert "access closed" in closed.text
    assert await status() == 401
    await admin.post(f"{path}/access", data={"on": "true"})
    assert await status() == 401, "what was given out before stays dead"
    asked = await admin.get("/reports/sales", headers=browser, follow_redirects=False)
    assert asked.headers["location"].startswith("/login"), "in browsers, too"


async def test_an_administrator_does_not_lock_themself_out(admin: Client, tenant: Tenant) -> None:
    path = f"/people/{tenant.staff[Role.ORGANIZATION_ADMIN]}"
    for sub, form in (
        ("", {"name": "Me", "role": "waiter", "branch": str(tenant.branch_id)}),
        ("/work", {"on": "false"}),
        ("/access", {"on": "false"}),
    ):
        refused = await admin.post(path + sub, data=form)
        assert (refused.status_code, "That is yourself" in refused.text) == (409, True)


async def test_somebody_is_invited_by_mail(admin: Client, parts: Parts, tenant: Tenant) -> None:
    staff_id = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "Nora", Role.ORGANIZATION_ADMIN, NO_PIN)
    for wrong in ("nora", "a@b.pe,c@d.pe", "josé@el-faro.pe", "a@b@c.pe", "a@stra\u00dfe.de", "a\x01@b.pe", "<a>@b.pe"):
        refused = await admin.post(f"/people/{staff_id}/invitation", data={"email": wrong})
        assert refused.status_code == 400, wrong
    invited = await admin.post(f"/people/{staff_id}/invitation", data={"email": "Nora@el-faro.pe"})
    assert "An invitation is on its way to nora@el-faro.pe." in invited.text
    assert "invited" in Tree((await admin.get("/people")).text).text
    async with parts.database.control() as session:
        link = (await session.scalars(sa.select(MailedLink))).one()
    assert (link.kind, link.staff_id, link.organization_id) == (
        LinkKind.INVITATION, staff_id, tenant.organization_id,
    )  # fmt: skip
    await admin.post(f"/people/{staff_id}/invitation", data={"email": "nora@el-faro.pe"})
    await admin.post(f"/people/{staff_id}/work", data={"on": "false"})
    async with parts.database.control() as session:
        rows = list(await session.scalars(sa.select(MailedLink)))
    assert (len(rows), all(row.used_at is not None for row in rows)) == (2, True), "none counts after the dismissal"
    has_one = await admin.post(f"/people/{tenant.staff[Role.WAITER]}/invitation", data={"email": "x@el-faro.pe"})
    assert (has_one.status_code, "has an account already" in has_one.text) == (409, True)


async def test_people_of_another_organization_do_the_same_work_as_nobody(
    admin: Client, parts: Parts, tenant: Tenant, new_tenant: Any, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    other = await new_tenant("la-rosa")
    parts.hub.is_linked = True
    await admin.get("/people")
    form = {"name": "X", "role": "waiter", "branch": str(tenant.branch_id)}
    for sub, data in (
        ("", form),
        ("/work", {"on": "false"}),
        ("/access", {"on": "false"}),
        ("/invitation", {"email": "x@y.pe"}),
    ):
        answers, statements = [], []
        for staff_id in (other.staff[Role.WAITER], uuid4()):
            with counting(parts.database.writer) as seen:
                answer = await admin.post(f"/people/{staff_id}{sub}", data=data)
            answers.append((answer.status_code, answer.text.replace(str(staff_id), "ID")))
            statements.append(seen.seen)
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert statements[0] == statements[1]
    foreign = await admin.post("/people/new", data={**form, "branch": str(other.branch_id)})
    assert "There is no such branch here." in foreign.text
    assert (await staff_of(parts, other.organization_id, other.staff[Role.WAITER])).active


@pytest.mark.parametrize("role", [Role.BRANCH_MANAGER, Role.WAITER])
async def test_others_see_and_change_nobody(client: Client, tenant: Tenant, cookie: Any, role: Role) -> None:
    mine = {**await cookie(tenant, role), **OURS}
    path = f"/people/{tenant.staff[role]}"
    for method, where in (("GET", "/people"), ("GET", path), ("POST", path), ("POST", f"{path}/work")):
        answer = await client.request(
            method, where, headers=mine, data={"name": "X", "role": "organization_admin"} if method == "POST" else None
        )
        assert answer.status_code == 403


async def test_nobody_is_made_a_super_admin(admin: Client, tenant: Tenant) -> None:
    form = {"name": "X", "role": "super_admin"}
    assert (await admin.post("/people/new", data=form)).status_code == 400


async def test_a_token_opens_no_page_whoever_is_logged_in_beside_it(
    client: Client, parts: Parts, tenant: Tenant, cookie: Any, bearer: Any
) -> None:
    """Whoever got hold of an administrator's token has a browser of their own that is logged in."""
    client.cookies.set(COOKIE, (await cookie(tenant, Role.BRANCH_MANAGER))["cookie"].partition("=")[2])
    stolen = OURS | bearer(tenant, Role.ORGANIZATION_ADMIN)
    form = {"name": "Eva", "role": "organization_admin"}
    refused = await client.post("/people/new", data=form, headers=stolen, follow_redirects=False)
    assert refused.status_code == 403  # as whoever is logged in, a manager, may not
    async with parts.database.read(tenant.organization_id) as read:
        assert await read.scalar(sa.select(StaffMember).where(StaffMember.name == "Eva")) is None


async def test_a_change_asks_for_proof_after_a_quarter_of_an_hour(admin: Client, tenant: Tenant, clock: Any) -> None:
    clock.advance(PROOF_LASTS + timedelta(seconds=1))
    asked = await admin.post(f"/people/{tenant.staff[Role.WAITER]}/work", data={"on": "false"})
    assert asked.url.path == "/profile/proof"


async def test_a_long_list_costs_no_more_statements_and_goes_on(
    admin: Client, parts: Parts, tenant: Tenant, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    parts.hub.is_linked = True
    await admin.get("/people")
    with counting(parts.database.writer) as few:
        await admin.get("/people")
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        for number in range(MOST_SHOWN + 10):
            staff_id = parts.ids.new()
            await take_on(work, staff_id, f"Persona {number:03}", Role.WAITER, NO_PIN)
            await assign(work, staff_id, tenant.branch_id)
    await admin.get("/people")
    with counting(parts.database.writer) as many:
        page = await admin.get("/people")
    assert many.count == few.count
    assert len([tag for tag, _ in Tree(page.text).tags if tag == "tr"]) == MOST_SHOWN + 1
    rest = await admin.get(f"/people?after={MOST_SHOWN}")
    assert len([tag for tag, _ in Tree(rest.text).tags if tag == "tr"]) == 1 + 15


async def test_one_pin_is_of_one_person_wherever_they_come_to_work(admin: Client, parts: Parts, tenant: Tenant) -> None:
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        other_branch_id = add_branch(work, tenant.organization_id, "Sur")

    async def added(name: str, role: str, branch_id: UUID, pin: str) -> UUID:
        form = {"name": name, "role": role, "branch": str(branch_id), "pin": pin, "new_id": str(uuid4())}
        for _ in range(2):  # pressed twice
            answer = await admin.post("/people/new", data=form)
        assert answer.status_code == 200, answer.text
        return UUID(answer.url.path.rpartition("/")[2])

    waiter = await added("Xim", "waiter", tenant.branch_id, "4711")
    await added("Yola", "branch_manager", other_branch_id, "4711")
    async with parts.database.read(tenant.organization_id) as read:
        named = sa.select(sa.func.count()).where(StaffMember.name.in_(["Xim", "Yola"]))
        assert await read.scalar(named) == 2
    moved = await admin.post(
        f"/people/{waiter}", data={"name": "Xim", "role": "waiter", "branch": str(other_branch_id)}
    )
    assert "so it was taken away" in moved.text
    assert (await staff_of(parts, tenant.organization_id, waiter)).pin_hash == ""

    gone = await added("Zoe", "waiter", tenant.branch_id, "5822")
    await admin.post(f"/people/{gone}/work", data={"on": "false"})
    await added("Wil", "waiter", tenant.branch_id, "5822")
    assert "so it was taken away" in (await admin.post(f"/people/{gone}/work", data={"on": "true"})).text

    kept = await added("Ula", "waiter", tenant.branch_id, "93310")
    await admin.post(f"/people/{kept}", data={"name": "Ula", "role": "cashier", "branch": str(tenant.branch_id)})
    assert (await staff_of(parts, tenant.organization_id, kept)).pin_hash != ""

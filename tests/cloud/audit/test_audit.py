"""Who did what stands on one page, can be taken along, and shows it when somebody changes it afterwards."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from cloud.accounts.guards import COOKIE
from cloud.audit.proof import Proof, prove_events, prove_lines, prove_log
from cloud.audit.values import tables
from cloud.control.audit import Doer
from cloud.database.audit_records import AuditEvent
from cloud.database.control_records import Account, Membership
from cloud.database.engine import driver_url
from cloud.database.transaction import _ENTER
from cloud.enrolment.room import naming
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.language import Language, Texts
from shared.kernel.permissions import SYSTEM, Role
from shared.menu.commands import add_category, add_item
from shared.menu.records import Item
from shared.taxes.commands import add_tax_category
from shared.tenancy.records import DeviceKind, Organization
from tests.cloud.conftest import SetClock, Tenant
from tests.cloud.enrolment.devices import enrolled

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
OPERATOR = Doer("root", "command", may_all=True)


@pytest.fixture
async def admin(client: Client, tenant: Tenant, cookie: Any) -> Client:
    """The browser of an administrator."""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    return client


@pytest.fixture
async def dish(parts: Parts, tenant: Tenant) -> UUID:
    """A dish whose price was changed."""
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        tax = await add_tax_category(work, "IGV")
        category = await add_category(work, "Platos")
        item = await add_item(work, "=Lomo <b>", category.id, tax.id, 4_400)
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        (await work.get(Item, item.id)).price_minor = 100
    return item.id


@pytest.fixture
async def owner(postgres: Any, common_database: str) -> AsyncIterator[AsyncEngine]:
    """Somebody who may write whatever they like."""
    engine = create_async_engine(driver_url(postgres.owner_url(common_database)))
    yield engine
    await engine.dispose()


async def proven(session: Any, parts: Parts, tenant: Tenant) -> Proof:
    proof = Proof()
    await session.execute(_ENTER, {"organization": str(tenant.organization_id)})
    await prove_events(session, tenant.organization_id, proof)
    await prove_log(session, tenant.organization_id, parts.keys.frame_signing.public_key().public_bytes_raw(), proof)
    return proof


async def test_a_page_says_who_changed_what_from_what_to_what(
    admin: Client, parts: Parts, tenant: Tenant, dish: UUID
) -> None:
    await tenants(parts).suspend(OPERATOR, tenant.organization_id, "Invoice <7>")
    await tenants(parts).reopen(OPERATOR, tenant.organization_id)
    shown = (await admin.get("/audit")).text
    for words in ("Organization suspended", "Invoice &lt;7&gt;", "root", "command line", "=Lomo &lt;b&gt;", "4,400"):
        assert words in shown, words
    changes = (await admin.get("/audit", params={"kind": "items"})).text
    assert re.search(r"<del><bdi>[^<]*4,400</bdi></del> → <bdi>[^<]*\b100</bdi>", changes)
    assert "Organization suspended" not in changes
    assert "Nothing was noted here." in (await admin.get("/audit", params={"to": "2020-01-01"})).text


async def test_all_of_it_can_be_read_page_by_page(
    admin: Client, parts: Parts, tenant: Tenant, dish: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud.audit.pages.MOST_SHOWN", 2)
    for number in range(5):
        await tenants(parts).suspend(OPERATOR, tenant.organization_id, f"reason {number}")
        await tenants(parts).reopen(OPERATOR, tenant.organization_id)
    path, seen, pages = "/audit", "", 0
    while path:
        text = (await admin.get(path)).text
        seen, pages = seen + text, pages + 1
        onward = re.search(r'href="([^"]*)" rel="next"', text)
        path = onward[1].replace("&amp;", "&") if onward else ""
        assert pages < 40
    assert [seen.count(f"reason {number}") for number in range(5)] == [1] * 5
    assert len(re.findall(r"→ <bdi>[^<]*\b100</bdi>", seen)) == 1


async def test_pins_are_never_shown(admin: Client, parts: Parts, tenant: Tenant) -> None:
    form = {"name": "Nora", "role": "cashier", "branch": str(tenant.branch_id), "pin": "4711"}
    assert (await admin.post("/people/new", data=form)).status_code == 200
    shown = (await admin.get("/audit", params={"kind": "staff"})).text
    assert ("Nora" in shown, "argon2" in shown, "•••" in shown) == (True, False, True)


async def test_a_spreadsheet_has_no_formulas_and_a_proof_bears_a_signature(
    admin: Client, parts: Parts, tenant: Tenant, dish: UUID
) -> None:
    table = (await admin.get("/audit/export", params={"form": "csv"})).text
    assert "'=Lomo <b>" in table
    assert ",=Lomo" not in table
    text = (await admin.get("/audit/export", params={"form": "json"})).text
    key = parts.keys.frame_signing.public_key().public_bytes_raw()
    assert prove_lines(io.StringIO(text), key).faults == []
    lines = text.splitlines(keepends=True)
    for wrong in (text.replace("4,400", "4,500"), "".join(lines[:2] + lines[3:]), "".join(lines[:-1])):
        assert prove_lines(io.StringIO(wrong), key).faults
    assert prove_lines(io.StringIO(text), bytes(32)).faults
    assert "Audit exported" in (await admin.get("/audit")).text


async def test_what_is_changed_left_out_or_put_in_afterwards_shows(
    parts: Parts, tenant: Tenant, dish: UUID, owner: AsyncEngine
) -> None:
    for reason in ("one", "two", "three"):
        await tenants(parts).suspend(OPERATOR, tenant.organization_id, reason)
        await tenants(parts).reopen(OPERATOR, tenant.organization_id)
    async with parts.database.control() as session:
        held = await proven(session, parts, tenant)
    assert (held.faults, held.events >= 6, held.changes > 3) == ([], True, True)
    mine = f"organization_id = '{tenant.organization_id}'"
    for deed, code in (
        (f"update control.audit_event set reason = 'x' where reason = 'two' and {mine}", "audit.event_altered"),
        (f"update control.audit_event set body = replace(body, 'three', 'x') where {mine}", "audit.event_broken"),
        (f"delete from control.audit_event where seq = 2 and {mine}", "audit.event_missing"),
        (f"delete from control.audit_event where seq >= 4 and {mine}", "audit.end_missing"),
        (f"update sync_changes set body = body || '\\x00' where seq = 2 and {mine}", "audit.change_broken"),
        (f"delete from sync_changes where seq = 2 and {mine}", "audit.change_missing"),
        (f"delete from sync_changes where seq > 2 and {mine}", "audit.log_end_missing"),
    ):
        async with AsyncSession(owner) as session:
            await session.execute(sa.text(deed))
            found = await proven(session, parts, tenant)
            await session.rollback()
        assert code in [each for each, _params in found.faults], deed


async def test_nobody_reads_the_audit_of_others(
    admin: Client, client: Client, tenant: Tenant, new_tenant: Any, dish: UUID, cookie: Any
) -> None:
    other = await new_tenant("el-otro")
    for role, whose, status in ((Role.ORGANIZATION_ADMIN, other, 200), (Role.BRANCH_MANAGER, tenant, 403)):
        client.cookies.set(COOKIE, (await cookie(whose, role))["cookie"].partition("=")[2])
        for path in ("/audit", "/audit/export?form=json"):
            answer = await client.get(path)
            assert (answer.status_code, "Lomo" in answer.text) == (status, False), path


async def test_codes_devices_and_keys_are_noted_with_who_and_from_where(
    admin: Client, parts: Parts, tenant: Tenant
) -> None:
    device, _key = await enrolled(parts, tenant, DeviceKind.TILL)
    assert (await admin.post(f"/devices/{device.device_id}", data={"name": "Barra"})).status_code == 200
    assert (await admin.post(f"/devices/{device.device_id}/revocation")).status_code == 200
    shown = (await admin.get("/audit", params={"kind": "events"})).text
    for words in ("Code for a device", "Device enrolled", "Device renamed", "Device revoked", "organization_admin"):
        assert words in shown, words
    assert re.search(r"page [0-9a-z.:]+", shown)
    assert "→ <bdi>Barra</bdi>" in shown


async def test_who_notes_first_and_who_writes_first_do_not_end_each_other(parts: Parts, tenant: Tenant) -> None:
    house = tenant.organization_id
    async with parts.units.work(house, SYSTEM) as work:
        work.add(
            Organization(organization_id=house, id=house, name="El Faro", country="PE", currency="PEN", language="es")
        )
    device, _ = await enrolled(parts, tenant, DeviceKind.TILL)
    names, langs = naming(parts), tenants(parts)
    for at in range(4):
        await asyncio.gather(
            *(names.rename(device.device_id, f"Caja {at}{each}", SYSTEM, lambda _found: True) for each in "ab"),
            *(langs.set_language(OPERATOR, SYSTEM, house, each) for each in Language),
        )
    async with parts.database.read(house) as read:
        acts = sa.select(sa.func.count()).where(AuditEvent.organization_id == house, AuditEvent.act == "device.rename")
        assert await read.scalar(acts) == 8


async def test_a_page_names_the_browsers_that_are_logged_in_here_now_and_no_others(
    admin: Client, parts: Parts, tenant: Tenant, new_tenant: Any, cookie: Any, clock: SetClock
) -> None:
    other = await new_tenant("la-rosa")
    account_id = tenant.accounts[Role.ORGANIZATION_ADMIN]
    async with parts.database.control() as session:
        account = await session.get_one(Account, account_id)
        member = sa.select(Membership.staff_id).where(Membership.account_id == account_id)
        staff_id = await session.scalar(member)

    async def open_in(organization_id: UUID, browser: str, *, awaits_code: bool = False) -> str:
        where = "192.0.2.1"
        return await parts.sessions.open(
            account, organization_id, address=where, browser=browser, awaits_code=awaits_code
        )

    await open_in(tenant.organization_id, "Forgotten")
    clock.advance(timedelta(hours=13))
    await open_in(other.organization_id, "Elsewhere")
    await open_in(tenant.organization_id, "Half", awaits_code=True)
    admin.cookies.set(COOKIE, await open_in(tenant.organization_id, "Here"))
    page = (await admin.get(f"/audit/people/{staff_id}")).text
    assert [each in page for each in ("Here", "Forgotten", "Elsewhere", "Half")] == [True, False, False, False]


@pytest.mark.parametrize("language", Language)
def test_every_field_has_a_name_in_the_language_of_who_reads(language: Language) -> None:
    texts = Texts(language, ("cloud.audit",))
    named = {column.name for spec in tables().values() for column in spec.table.columns}
    assert {name for name in named if not texts.has(f"audit.field.{name}")} == set(), "cloud/audit/texts has them"

"""API keys: what they open, as whom, and that they open nothing once they, or who made them, may no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.api_keys import BEGINNING, NOTED_EVERY
from cloud.accounts.guards import COOKIE, PROOF_LASTS
from cloud.accounts.scopes import SCOPES, rights_of
from cloud.accounts.standings import UNLINKED_SECONDS
from cloud.composition import assemble
from cloud.database.control_records import ApiKey
from cloud.edge.operation import operation_of
from cloud.parts import Parts
from cloud.realtime.hub import Room
from cloud.settings import Settings
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import change_staff, set_active, take_on
from shared.staff.pins import NO_PIN
from shared.tenancy.records import Branch
from tests.cloud.conftest import PASSWORD, Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def make(client: Client, bearer: Bearer, tenant: Tenant) -> Callable[..., Any]:
    """`await make(["reports:read"], status=201)`: the answer, asked by API by a role."""

    async def made(scopes: list[str], status: int = 201, role: Role = Role.ORGANIZATION_ADMIN, **more: Any) -> Any:
        wanted = {"name": "Rappi", "scopes": scopes, "proof": PASSWORD, **more}
        answer = await client.post("/api/v1/api-keys", json=wanted, headers=bearer(tenant, role))
        assert answer.status_code == status, answer.text
        return answer.json()

    return made


def with_key(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def status(client: Client, path: str, key: str, method: str = "GET") -> tuple[int, str]:
    answer = await client.request(method, path, headers=with_key(key), json={} if method != "GET" else None)
    return answer.status_code, answer.json().get("code", "")


async def test_a_key_opens_what_its_scopes_say_and_only_its_hash_is_stored(
    client: Client, bearer: Bearer, parts: Parts, tenant: Tenant, clock: Any, make: Any
) -> None:
    made = await make(["printers:read", "exceptions:read"])
    key, printers = made["key"], f"/api/v1/branches/{tenant.branch_id}/printers"
    assert key.startswith(BEGINNING)
    assert key.startswith(made["prefix"])
    assert await status(client, printers, key) == (200, "")
    assert await status(client, "/api/v1/exceptions", key) == (200, "")
    for path, method in (
        (f"{printers}/barra", "PUT"),
        ("/api/v1/reports/sales?from=2026-11-01&to=2026-11-02", "GET"),
        ("/api/v1/devices/pairing-codes", "POST"),
        ("/api/v1/api-keys", "GET"),
        ("/api/v1/session", "GET"),
    ):
        assert await status(client, path, key, method) == (403, "KEY_LACKS_SCOPE"), path
    assert (await client.get("/reports/sales", headers=with_key(key), follow_redirects=False)).status_code != 200
    assert await status(client, printers, key[:-4] + "AAAA") == (401, "NOT_SIGNED_IN")
    changed = key[:10] + ("A" if key[10] != "A" else "B") + key[11:]
    assert await status(client, printers, changed) == (401, "NOT_SIGNED_IN")

    async with parts.database.control() as session:
        (row,) = await session.scalars(sa.select(ApiKey))
    assert key not in repr(vars(row))
    assert row.used_at == clock.now()
    clock.advance(NOTED_EVERY - timedelta(minutes=1))
    assert await status(client, printers, key) == (200, "")
    (shown,) = (await client.get("/api/v1/api-keys", headers=bearer(tenant))).json()["keys"]
    assert shown["used_at"] == row.used_at.isoformat().replace("+00:00", "Z")
    assert (shown["prefix"], shown["made_by"]) == (made["prefix"], tenant.emails[Role.ORGANIZATION_ADMIN])


async def test_what_cannot_be_a_key_is_refused(make: Any, tenant: Tenant, clock: Any) -> None:
    for wrong, code in (
        ({"scopes": ["everything:read"]}, "SCOPE_UNKNOWN"),
        ({"branches": [str(tenant.organization_id)]}, "BRANCH_UNKNOWN"),
        ({"proof": "not it"}, "PASSWORD_WRONG"),
        ({"ends_at": clock.now().isoformat()}, "KEY_ENDS_BEFORE"),
        ({"name": " "}, "NAME_MISSING"),
    ):
        said = {"scopes": ["menu:read"], **wrong}
        refused = await make(said.pop("scopes"), 404 if code == "BRANCH_UNKNOWN" else 400, **said)
        assert refused["code"] == code
    assert (await make(["menu:read"], 403, Role.CASHIER))["code"] == "NOT_PERMITTED"


async def test_a_key_is_out_at_once_when_it_ends_is_revoked_or_its_maker_may_no_more(
    client: Client, bearer: Bearer, parts: Parts, tenant: Tenant, clock: Any, settings: Settings, make: Any
) -> None:
    printers = f"/api/v1/branches/{tenant.branch_id}/printers"
    soon = (await make(["printers:write"], ends_at=(clock.now() + timedelta(hours=1)).isoformat()))["key"]
    other = Branch(organization_id=tenant.organization_id, id=parts.ids.new(), name="Sur", zone="America/Lima")
    elsewhere = other.id
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        work.add(other)
    made = await make(["printers:write"], branches=[str(tenant.branch_id)])
    key = made["key"]
    assert await status(client, printers, key) == (200, "")
    assert (await status(client, f"/api/v1/branches/{elsewhere}/printers", key))[1] == "BRANCH_UNKNOWN"
    assert await status(client, f"/api/v1/branches/{elsewhere}/printers", soon) == (200, "")
    clock.advance(timedelta(hours=1))
    assert await status(client, printers, soon) == (401, "NOT_SIGNED_IN")

    admin, headers = tenant.staff[Role.ORGANIZATION_ADMIN], with_key(key)
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await take_on(work, parts.ids.new(), "Another administrator", Role.ORGANIZATION_ADMIN, NO_PIN)
        await change_staff(work, admin, name="Ana", role=Role.CASHIER, branch_ids=[tenant.branch_id])
    assert (await client.get(printers, headers=headers)).json()["code"] == "NOT_PERMITTED"
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await set_active(work, admin, active=False)
    assert await status(client, printers, key) == (401, "NOT_SIGNED_IN")
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await set_active(work, admin, active=True)
        await change_staff(work, admin, name="Ana", role=Role.ORGANIZATION_ADMIN, branch_ids=[])

    other_process = assemble(settings, database=parts.database, clock=parts.clock)
    seconds = [0.0]
    other_process.api_keys._seconds = lambda: seconds[0]
    assert await other_process.api_keys.of(key) is not None
    revoked = await client.post(f"/api/v1/api-keys/{made['id']}/revocation", headers=bearer(tenant))
    assert revoked.json()["revoked_at"] is not None
    assert await status(client, printers, key) == (401, "NOT_SIGNED_IN")
    assert await other_process.api_keys.of(key) is not None  # no hint has come
    seconds[0] = UNLINKED_SECONDS
    assert await other_process.api_keys.of(key) is None
    other_process.hub.hear(Room.of_organization(tenant.organization_id))
    assert await other_process.api_keys.of(key) is None


async def test_nobody_sees_or_revokes_a_key_of_another_organization(
    client: Client, bearer: Bearer, new_tenant: Any, make: Any, tenant: Tenant
) -> None:
    made, other = await make(["printers:read"]), await new_tenant("la-boya")
    path = f"/api/v1/api-keys/{made['id']}/revocation"
    foreign = await client.post(path, headers=bearer(other))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "KEY_UNKNOWN")
    assert (await client.get("/api/v1/api-keys", headers=bearer(other))).json() == {"keys": []}
    printers = f"/api/v1/branches/{tenant.branch_id}/printers"
    assert await status(client, printers, made["key"]) == (200, "")
    assert (await status(client, f"/api/v1/branches/{other.branch_id}/printers", made["key"]))[1] == "BRANCH_UNKNOWN"


async def test_a_page_makes_shows_once_and_revokes_a_key_for_who_proves_who_they_are(
    client: Client, tenant: Tenant, cookie: Any, clock: Any
) -> None:
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    form = {"name": "Rappi <b>", "scope": ["menu:read", "orders:write"], "days": "90"}
    wrong = await client.post("/api-keys/new", data={"name": "Rappi", "days": "90"})
    assert (wrong.status_code, "Choose at least one thing" in wrong.text) == (400, True)
    made = await client.post("/api-keys/new", data=form)
    assert (made.status_code, "Rappi &lt;b&gt;" in made.text) == (200, True)
    key = next(part for part in made.text.replace("<", " ").replace(">", " ").split() if part.startswith(BEGINNING))
    listed = await client.get("/api-keys")
    assert key not in listed.text
    assert "menu:read, orders:write" in listed.text
    path = next(part for part in listed.text.split('"') if part.endswith("/revocation"))
    assert "Revoke the key of" in (await client.get(path)).text
    gone = await client.post(path)
    assert "it opens nothing any more" in gone.text
    clock.advance(PROOF_LASTS)
    asked = await client.post("/api-keys/new", data=form, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"].partition("?")[0]) == (303, "/profile/proof")


def test_a_key_with_the_scope_of_an_operation_may_use_the_rights_that_it_takes(app: Litestar) -> None:
    declared = [
        operation
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if (operation := operation_of(handler)) is not None and operation.scope in SCOPES
    ]
    assert len(declared) >= 5
    lacking = {each.name: each.rights - rights_of([each.scope]) for each in declared}
    assert {name: rights for name, rights in lacking.items() if rights} == {}

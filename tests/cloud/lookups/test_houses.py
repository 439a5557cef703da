"""What pages ask again and again: it is read once, and everybody sees a change."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy.ext.asyncio import AsyncEngine

from cloud.accounts.identity import Person
from cloud.composition import assemble
from cloud.lookups import lookups
from cloud.lookups.houses import Houses
from cloud.lookups.lookups import Lookups
from cloud.parts import Parts
from cloud.realtime.hub import Hub
from cloud.redis.server import RedisServer
from shared.kernel.permissions import SYSTEM, Role
from shared.tenancy.records import Branch
from tests.cloud.conftest import Statements, Tenant
from tests.cloud.redis_program import RedisProgram

Counting = Callable[[AsyncEngine], AbstractContextManager[Statements]]


@pytest.fixture
def open_branch(parts: Parts, tenant: Tenant) -> Callable[[str], Any]:
    async def open_branch(name: str) -> None:
        """In another process of the server: this one learns of it by its hints alone."""
        other = assemble(parts.settings, database=parts.database, clock=parts.clock)
        async with other.units.work(tenant.organization_id, SYSTEM) as work:
            branch_id = parts.ids.new()
            work.add(Branch(organization_id=tenant.organization_id, id=branch_id, name=name, zone="America/Lima"))

    return open_branch


async def names(houses: Houses, tenant: Tenant) -> list[str]:
    return [branch.name for branch in (await houses.of(tenant.organization_id)).branches]


async def test_a_page_reads_its_branches_once(
    client: AsyncTestClient[Litestar], parts: Parts, tenant: Tenant, cookie: Any, counting: Counting
) -> None:
    parts.hub.is_linked = True
    headers = await cookie(tenant)
    seen = []
    for _request in range(2):
        with counting(parts.database.writer) as statements:
            assert (await client.get("/reports/sales", headers=headers)).status_code == 200
        seen.append([text for text in statements.seen if "SELECT branches.id, branches.name" in text])
    assert [len(each) for each in seen] == [1, 0]


async def test_a_change_of_this_process_is_seen_at_once(parts: Parts, tenant: Tenant) -> None:
    assert await names(parts.houses, tenant) == ["Centro"]
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        branch = Branch(organization_id=tenant.organization_id, id=parts.ids.new(), name="Puerto", zone="America/Lima")
        work.add(branch)
    assert await names(parts.houses, tenant) == ["Centro", "Puerto"]


async def test_a_change_of_another_process_is_seen_with_its_hint(
    parts: Parts, tenant: Tenant, open_branch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "UNLINKED_SECONDS", 600.0)
    assert await names(parts.houses, tenant) == ["Centro"]
    await open_branch("Puerto")
    assert await names(parts.houses, tenant) == ["Centro"], "it is kept"
    parts.hub.tell_organization(tenant.organization_id)
    assert await names(parts.houses, tenant) == ["Centro", "Puerto"]


async def test_a_lost_hint_costs_seconds(
    parts: Parts, tenant: Tenant, open_branch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(lookups.LINKED_SECONDS, lookups.UNLINKED_SECONDS, lookups.SHARED_SECONDS) <= 10.0
    assert await names(parts.houses, tenant) == ["Centro"]
    await open_branch("Puerto")
    monkeypatch.setattr(lookups, "UNLINKED_SECONDS", 0.0)
    assert await names(parts.houses, tenant) == ["Centro", "Puerto"]


async def test_a_manager_sees_their_branches_alone(parts: Parts, tenant: Tenant, open_branch: Any) -> None:
    await open_branch("Puerto")
    house = await parts.houses.of(tenant.organization_id)
    manager = Person(parts.ids.new(), Role.BRANCH_MANAGER, tenant.organization_id, frozenset({tenant.branch_id}))
    assert [branch.name for branch in house.seen_by(manager)] == ["Centro"]


async def test_no_organization_gets_what_was_read_for_another(parts: Parts, tenant: Tenant, new_tenant: Any) -> None:
    other = await new_tenant("la-otra")
    assert [branch.id for branch in (await parts.houses.of(tenant.organization_id)).branches] == [tenant.branch_id]
    assert [branch.id for branch in (await parts.houses.of(other.organization_id)).branches] == [other.branch_id]


async def test_so_many_organizations_are_kept(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MOST_ORGANIZATIONS", 3)
    held = Lookups(Hub())

    async def read() -> int:
        return 1

    for _organization in range(5):
        await held.of(parts.ids.new(), "one", int, read)
    assert len(held._organizations) == 3


async def test_processes_read_for_each_other_while_redis_answers(
    redis_program: RedisProgram, parts: Parts, tenant: Tenant, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "SHARED_SECONDS", 600.0)
    redis, hub = RedisServer(redis_program.url), Hub()
    await redis.probe(lambda server: server.ping())
    first, second = (Houses(parts.database, Lookups(each, redis)) for each in (Hub(), hub))
    for houses in (first, second):
        houses._lookups._begun_at = -10_000.0
    house = await first.of(tenant.organization_id)
    with counting(parts.database.writer) as statements:
        assert await second.of(tenant.organization_id) == house
    assert statements.count == 0
    hub.tell_organization(tenant.organization_id)
    with counting(parts.database.writer) as statements:
        assert await second.of(tenant.organization_id) == house
    assert statements.count > 0, "what lies in Redis may be older than the hint"
    redis_program.kill()
    hub.tell_organization(tenant.organization_id)
    assert await second.of(tenant.organization_id) == house
    await redis.close()


@pytest.mark.parametrize("text", [b"\xff", b'{"name":"\xff","branches":[]}', b"[" * 100_000, b'{"name":1}'])
async def test_what_nobody_can_read_in_redis_is_read_from_the_database(
    parts: Parts, tenant: Tenant, redis_program: RedisProgram, text: bytes
) -> None:
    server = RedisServer(redis_program.url)
    await server.probe(lambda redis: redis.set(f"comanda:lookup:{tenant.organization_id.hex}:house", text))
    kept = Lookups(Hub(), server)
    kept._begun_at = -10_000.0
    assert await names(Houses(parts.database, kept), tenant) == ["Centro"]
    await server.close()

"""Nobody learns or changes through the API what is not theirs. The cases follow from what operations declare."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from litestar import Litestar, Router
from litestar.params import FromPath
from litestar.testing import AsyncTestClient

from cloud.accounts.opening import create_account, join
from cloud.api import floor
from cloud.api.resource import Of, Resource
from cloud.api.routes import list_of, one_of
from cloud.app import API_PATH, create_app
from cloud.database.schema import METADATAS
from cloud.edge.operation import Area, Reach, Who, query
from cloud.parts import Parts
from shared.exceptions.records import ExceptionEvent
from shared.floor.records import Space
from shared.kernel.permissions import SYSTEM, DeviceKind, Role
from shared.staff.commands import assign, take_on
from shared.staff.pins import NO_PIN
from tests.cloud.api import rows
from tests.cloud.api.conftest import World
from tests.cloud.api.matrix import Matrix, all_asked
from tests.cloud.conftest import PASSWORD, ROLES, administrator
from tests.cloud.enrolment.devices import enrolled


async def second_manager(parts: Parts, world: World) -> dict[str, str]:
    """Somebody who manages the second branch of the house alone."""
    organization_id, staff_id = world.house.organization_id, parts.ids.new()
    async with parts.database.control() as session:
        account = await create_account(
            session, parts.passwords, parts.ids, parts.clock, email="second@el-faro.pe", name="W2", password=PASSWORD
        )
        await join(session, account, organization_id, staff_id, parts.clock.now())
    async with parts.units.work(organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "W2", Role.BRANCH_MANAGER, NO_PIN)
        await assign(work, staff_id, world.second_id)
    token, _ = parts.tokens.for_person(account.id, Role.BRANCH_MANAGER, organization_id, (world.second_id,), (1, 1))
    return bearing(token)


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
async def matrix(
    parts: Parts, world: World, client: AsyncTestClient[Litestar], bearer: Any, counting: Any, clock: Any, owner: Any
) -> Matrix:
    house = world.house
    clock.advance(timedelta(minutes=-20))
    expired = bearer(house)
    clock.advance(timedelta(minutes=20))
    revoked, _ = await administrator(parts, house.organization_id)
    account_id = parts.tokens.read(revoked).sub
    owner.execute("update control.account set version = version + 1 where id = %s", [account_id])
    till, _key = await enrolled(parts, house, DeviceKind.TILL)
    device, _ = parts.tokens.for_device(till.device_id, house.organization_id, house.branch_id)
    keys = {
        area: await parts.api_keys.make(
            house.organization_id,
            house.accounts[Role.ORGANIZATION_ADMIN],
            name="W1",
            scopes=[f"{area}:read"],
            branches=None,
            ends_at=None,
        )
        for area in (Area.REPORTS, Area.PRINTERS)
    }
    event: Any = ExceptionEvent.__table__
    happened = rows.values(event, 900, "W1", organization_id=house.organization_id, branch_id=world.branch_id)
    rows.insert(owner, event, [happened])
    world.given |= {"device_id": till.device_id, "exception_id": happened["id"], "key_id": keys[Area.REPORTS].row.id}
    return Matrix(
        client=client,
        counting=lambda: counting(parts.database.writer),
        world=world,
        callers={"other house": bearer(world.other), "other branch": await second_manager(parts, world)},
        strangers={
            "nobody": {},
            "who has an expired token": expired,
            "who is out": bearing(revoked),
            "who made a token": bearing(expired["authorization"].removeprefix("Bearer ")[:-8] + "AAAAAAAA"),
        },
        device=bearing(device),
        roles={role: bearer(house, role) for role in ROLES},
        keys={area: bearing(key.token) for area, key in keys.items()},
    )


def everything_of(owner: psycopg.Connection[Any], organization_id: UUID) -> dict[str, Any]:
    """A digest of each table, of the rows of one organization. When a key was last used is no secret and no change, and
    what a caller was told of a request of theirs is their own.
    """
    tables = [table for metadata in METADATAS for table in metadata.sorted_tables if "organization_id" in table.c]
    tables = [table for table in tables if table.name != "idempotency_key"]
    found = {}
    for table in tables:
        name = f'"{table.schema or "public"}"."{table.name}"'
        digest = "count(*), sum(hashtextextended((to_jsonb(t) - 'used_at')::text, 0))"
        statement = f"select {digest} from {name} t where organization_id = %s"
        found[name] = owner.execute(statement, [organization_id]).fetchone()  # names of ours
    return found


async def test_nobody_learns_or_changes_what_is_not_theirs(matrix: Matrix, app: Litestar, owner: Any) -> None:
    before = everything_of(owner, matrix.world.house.organization_id)
    assert await matrix.leaks(app) == []
    assert everything_of(owner, matrix.world.house.organization_id) == before


async def test_whoever_may_gets_what_the_matrix_asks_for(matrix: Matrix, app: Litestar, bearer: Any) -> None:
    """Else all would be refused for another reason."""
    headers, asked_for = bearer(matrix.world.house), 0
    for asked in all_asked(app):
        if asked.operation.who is Who.PERSON and asked.operation.method == "GET":
            call = asked.call(matrix._mine)
            answer = await matrix._send(call, headers)
            assert answer.status_code == 200, (asked.operation.name, answer.text)
            asked_for += 1
        body = "data" in asked.handler.parsed_fn_signature.parameters
        assert not body or asked.operation.example.body or asked.operation.who is Who.ANYONE, asked.operation.name
    assert asked_for > 60


LEAKY = Resource(
    "leaky_spaces",
    "leaky_space",
    Space,
    area=Area.FLOOR,
    fields=floor.SPACES.fields,
    of=Of.SOME,
    seen_in=lambda _branches: sa.true(),
)


@query("get_leaky_total", "/leaky-total", area=Area.FLOOR, reach=Reach.BRANCH, summary="Leaky total")
async def leaky_total() -> dict[str, str]:
    return {"name": "W1"}


@query("get_guess", "/guess/{space_id:uuid}", area=Area.FLOOR, reach=Reach.BRANCH, summary="Guess")
async def guess(space_id: FromPath[UUID]) -> dict[str, bool]:
    return {"exists": str(space_id).startswith("01a")}


@pytest.fixture
async def leaky(parts: Parts) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """An app with operations that leak, each in its own way."""
    app = create_app(parts, [Router(API_PATH, route_handlers=[list_of(LEAKY), one_of(LEAKY), leaky_total, guess])])
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield client


async def test_the_matrix_finds_a_guard_that_is_missing(matrix: Matrix, leaky: AsyncTestClient[Litestar]) -> None:
    """A list of all branches, a figure over them, an answer by which ids are guessed, and a list without its right."""
    world = matrix.world
    world.given |= {"leaky_space_id": world.ids["spaces"], "space_id": world.ids["spaces"]}
    opened = Matrix(**{**vars(matrix), "client": leaky})
    names = ("list_leaky_spaces", "get_leaky_space", "get_leaky_total", "get_guess", "list_receipts")
    asked = {each.operation.name: each for each in all_asked(leaky.app) if each.operation.name in names}
    asked["list_receipts"].handler.guards[0]._permissions = frozenset()  # type: ignore[index, union-attr]
    found = [leak for each in asked.values() for leak in await _leaks_of(opened, each)]
    for name in names:
        assert any(leak.startswith(f"{name}:") for leak in found), (name, found)


async def _leaks_of(matrix: Matrix, asked: Any) -> list[str]:
    return [
        *await matrix._of_strangers(asked),
        *await matrix._of_own_house(asked),
        *[leak for name in matrix.callers for leak in await matrix._of_foreigners(asked, name)],
    ]

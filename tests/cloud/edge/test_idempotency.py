"""Operations whose idempotency key holds for a day: done once, answered alike, and free again when they failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.params import JSONBody
from litestar.testing import AsyncTestClient

from cloud.app import create_app
from cloud.edge.body import Body
from cloud.edge.idempotency import KEPT_FOR, LEFT_AFTER
from cloud.edge.operation import Again, Area, command
from cloud.edge.room import Room
from cloud.parts import Parts
from cloud.rooms import ROOMS
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from tests.cloud.conftest import Tenant

PATH = "/api/v1/tests/counted"


class Given(Body):
    """What is counted."""

    name: str


class Counted:
    """How often the operation ran; `gate` holds it, `failure` makes it fail."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
async def client(parts: Parts, counted: Counted) -> AsyncIterator[AsyncTestClient[Litestar]]:
    @command("count", "POST /tests/counted", area=Area.MENU, again=Again.KEY_FOR_A_DAY, status=201, summary="Count")
    async def count(data: JSONBody[Given]) -> dict[str, Any]:
        """Count."""
        counted.runs += 1
        run = counted.runs
        await counted.gate.wait()
        if counted.failure is not None:
            raise counted.failure
        return {"name": data.name, "run": run}

    app = create_app(parts, rooms=(*ROOMS, Room("cloud.tests", routes=(count,))))
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield client


async def test_the_same_request_is_done_once_in_a_day_and_another_one_with_its_key_is_refused(
    client: AsyncTestClient[Litestar], counted: Counted, bearer: Any, tenant: Tenant, clock: Any
) -> None:
    headers = bearer(tenant) | {"idempotency-key": "uno"}
    first = await client.post(PATH, json={"name": "a"}, headers=headers)
    again = await client.post(PATH, json={"name": "a"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() == {"name": "a", "run": 1}
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    other = await client.post(PATH, json={"name": "b"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    somebody = bearer(tenant, Role.BRANCH_MANAGER) | {"idempotency-key": "uno"}
    assert (await client.post(PATH, json={"name": "b"}, headers=somebody)).json()["run"] == 2
    clock.advance(KEPT_FOR)
    later = bearer(tenant) | {"idempotency-key": "uno"}
    assert (await client.post(PATH, json={"name": "b"}, headers=later)).json()["run"] == 3
    assert (await client.post(PATH, json={"name": "b"}, headers=bearer(tenant))).json()["run"] == 4
    wrong = await client.post(PATH, json={"name": "b"}, headers=bearer(tenant) | {"idempotency-key": "x" * 256})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "IDEMPOTENCY_KEY_WRONG")


async def test_of_two_at_once_one_waits_for_the_other_and_what_failed_may_be_done_again(
    client: AsyncTestClient[Litestar], counted: Counted, bearer: Any, tenant: Tenant, clock: Any
) -> None:
    headers = bearer(tenant) | {"idempotency-key": "dos"}

    async def ask() -> Any:
        return await client.post(PATH, json={"name": "a"}, headers=headers)

    counted.failure = RuntimeError("it broke")
    assert (await ask()).status_code == 500
    counted.failure = DomainError("NAME_MISSING")
    assert [(await ask()).status_code for _time in range(2)] == [400, 400]
    assert counted.runs == 2  # a refusal is an answer, a defect is none
    counted.failure = None
    headers = bearer(tenant) | {"idempotency-key": "tres"}
    first, second = await asyncio.gather(ask(), ask())
    assert first.json() == second.json() == {"name": "a", "run": 3}
    clock.advance(LEFT_AFTER)

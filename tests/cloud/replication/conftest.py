"""A house at the cloud for each test, and a till of it that speaks HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from cloud.parts import Parts
from tests.cloud.replication.house import House, open_house
from tests.cloud.replication.tills import Till, enrol


@pytest.fixture
async def house(parts: Parts, tenant: Any) -> House:
    return await open_house(parts, tenant)


@pytest.fixture
async def till(client: AsyncClient, house: House) -> Till:
    return await enrol(client, house, house.own.branch_id, "Caja 1")


@pytest.fixture
async def patient(app: Litestar, house: House) -> AsyncIterator[Till]:
    """A till whose requests run in the test's own event loop: `AsyncTestClient` would hold it while a pull waits."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://testserver.local") as client:
        yield await enrol(client, house, house.own.branch_id, "Caja 1")

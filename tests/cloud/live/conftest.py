"""The server on a loopback port within the test's own event loop, with a house and a till of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from httpx import AsyncClient
from litestar import Litestar

from cloud.live.carrier import OPTIONS
from cloud.parts import Parts
from tests.cloud.live.sockets import Served
from tests.cloud.replication.house import House, open_house
from tests.cloud.replication.tills import Till, enrol


@pytest.fixture
async def served(app: Litestar, parts: Parts) -> AsyncIterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)  # so that who does not read shows soon
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1, **OPTIONS)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    try:
        yield Served(f"127.0.0.1:{listener.getsockname()[1]}", parts)
    finally:
        parts.hub.close()
        server.should_exit = True
        await running


@pytest.fixture
async def house(parts: Parts, tenant: Any) -> House:
    return await open_house(parts, tenant)


@pytest.fixture
async def http(served: Served) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(base_url=f"http://{served.address}") as client:
        yield client


@pytest.fixture
async def till(http: AsyncClient, house: House) -> Till:
    return await enrol(http, house, house.own.branch_id, "Caja 1")


@pytest.fixture
async def other_till(http: AsyncClient, house: House) -> Till:
    return await enrol(http, house, house.own.branch_id, "Caja 2")

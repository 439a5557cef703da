"""Live sockets of a server whose database is away: they end with a word that devices know, and the log says it once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from cloud.app import create_app
from cloud.cli_serve import LIVE_OPTIONS
from cloud.composition import assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.parts import Parts
from cloud.settings import Settings
from sync.live import Close, PageOpening, opening_text
from tests.cloud.conftest import SetClock
from tests.cloud.live.sockets import Served, ended
from tests.cloud.serving import beside


@pytest.fixture
def away(settings: Settings, clock: SetClock) -> Parts:
    """The parts of a server that reaches no database."""
    database = Database(create_engine("postgresql://comanda_app:x@127.0.0.1:1/none", name="tests"))
    return assemble(settings, database=database, clock=clock)


@pytest.fixture
async def served(away: Parts) -> AsyncIterator[Served]:
    async with beside(create_app(away), **LIVE_OPTIONS) as (host, port):
        yield Served(f"{host}:{port}", away)


async def test_devices_that_cannot_be_answered_are_told_and_the_log_says_it_once(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that restarts under two thousand devices wrote a hundred lines for each."""
    with caplog.at_level(logging.WARNING, logger="cloud"):
        for _device in range(3):
            token, _ = served.parts.tokens.for_device(uuid4(), uuid4(), uuid4())
            async with served.device(token) as device:
                await device.ask()
                assert (await ended(device.connection))[0] == Close.FAILED
    assert [(each.levelno, each.exc_info) for each in caplog.records] == [(logging.WARNING, None)], caplog.text


async def test_a_right_that_cannot_be_looked_up_ends_the_socket(served: Served, clock: SetClock) -> None:
    token, _ = served.parts.tokens.for_device(uuid4(), uuid4(), uuid4())
    clock.advance(timedelta(minutes=14, seconds=59.9))
    async with served.device(token) as device:
        assert (await ended(device.connection))[0] == Close.FAILED


async def test_a_page_whose_token_cannot_be_read_is_told(served: Served) -> None:
    async with served.connect(origin=f"http://{served.address}") as connection:
        await connection.send(opening_text(PageOpening("token")))
        assert (await ended(connection))[0] == Close.FAILED

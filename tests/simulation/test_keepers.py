"""Schedules on the real PostgreSQL, kept by two servers at once. COMANDA_POSTGRES_SEEDS says how many.

Slow, because each needs a database of its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from cloud.database.embedded import EmbeddedServer, throwaway_server
from cloud.database.migrate import migrate
from cloud.database.roles import APP_ROLE, create_database
from tests.simulation.keepers import keep_and_compare
from tests.simulation.world import run_world

SEEDS = int(os.environ.get("COMANDA_POSTGRES_SEEDS", "3"))
MINUTES = 0.2
TEMPLATE = "template_keepers"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with throwaway_server() as server:
        create_database(server.url(), TEMPLATE)
        migrate(server.url(TEMPLATE), server.app_password)
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_two_keepers_make_of_a_schedule_what_its_logs_say(server: EmbeddedServer, seed: int) -> None:
    outcome, union = await asyncio.to_thread(run_world, seed, MINUTES)
    assert not outcome.problem
    name = f"t_{uuid4().hex}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {TEMPLATE}")
    assert await keep_and_compare(server.url(name, APP_ROLE), union, seed) >= outcome.changes

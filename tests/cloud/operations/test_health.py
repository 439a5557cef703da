"""Whether the server is well, also when nothing behind it answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import event, text

from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.operations import health
from cloud.parts import Parts
from cloud.works import Duties


async def test_a_database_that_takes_the_call_and_never_answers_is_told_within_the_limit(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "ANSWER_WITHIN_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://comanda_app:x@127.0.0.1:{mute.getsockname()[1]}/comanda"
        frozen = Database(create_engine(url, name="tests"))
        app = create_app(assemble(parts.settings, database=frozen))
        async with AsyncTestClient(app) as client:
            asked = asyncio.create_task(client.get("/health"))
            done, _waiting = await asyncio.wait([asked], timeout=CONNECTING_TAKES_SECONDS)
            assert done, "the answer waited for the database"
            answer = asked.result()
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")


CONNECTING_TAKES_SECONDS = 4.5
"""Less than the driver's own patience with a server that does not answer (`engine.CONNECT_TIMEOUT_SECONDS`)."""


async def test_a_server_that_is_well_says_so(parts: Parts) -> None:
    async with AsyncTestClient(create_app(parts, duties=Duties.WEB | Duties.BACKGROUND)) as client:
        answer = await client.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, "well", "well")


@pytest.mark.parametrize(
    ("theirs", "seconds", "status", "fold"),
    [
        ("well", 5, "well", "well"),
        ("failing", 5, "troubled", "failing"),
        ("well", 60, "troubled", "nobody"),
        ("idle", 5, "troubled", "nobody"),
    ],
)
async def test_a_web_process_tells_what_the_workers_are(
    parts: Parts, client: Any, theirs: str, seconds: int, status: str, fold: str
) -> None:
    """The last two: a worker that was killed, and another web process."""
    seen = text(
        "insert into control.process (id, place, fold, begun_at, beat_at, until)"
        " values (gen_random_uuid(), 'there 7', :fold, now(), now() - make_interval(secs => :seconds),"
        " now() - make_interval(secs => :seconds - 30))"
    )
    async with parts.database.control() as session:
        await session.execute(seen, {"fold": theirs, "seconds": seconds})
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["fold"]) == (200, status, fold)


@contextmanager
def transactions_of(parts: Parts) -> Iterator[list[None]]:
    """One for each that begins."""
    begun: list[None] = []
    engine = parts.database.writer.sync_engine

    def count(_connection: object) -> None:
        begun.append(None)

    event.listen(engine, "begin", count)
    try:
        yield begun
    finally:
        event.remove(engine, "begin", count)


async def test_a_thousand_who_ask_at_once_are_one_question_to_the_database(parts: Parts) -> None:
    asked = health.DatabaseHealth(parts.database)
    with transactions_of(parts) as begun:
        seen = await asyncio.gather(*(asked.seen() for _each in range(1_000)))
    assert len(begun) == 1
    assert seen[0] is not None
    assert all(each is seen[0] for each in seen)


async def test_the_next_who_ask_are_told_the_same_for_a_moment_and_not_for_long(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = health.DatabaseHealth(parts.database)
    monkeypatch.setattr(health, "SEEN_FOR_SECONDS", 3_600.0)
    assert await asked.seen() is await asked.seen()
    monkeypatch.setattr(health, "SEEN_FOR_SECONDS", 0.0)
    assert await asked.seen() is not await asked.seen()


async def test_a_database_that_is_away_is_asked_again(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SEEN_FOR_SECONDS", 0.0)
    asked = health.DatabaseHealth(Database(create_engine("postgresql://comanda_app:x@127.0.0.1:1/none", name="tests")))
    assert await asked.seen() is None
    assert await asked.seen() is None

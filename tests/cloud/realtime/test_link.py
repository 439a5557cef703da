"""Hints between two processes of the server, by a real PostgreSQL and by a real Redis."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from redis import Redis

from cloud.realtime.carriers import Carrier, PostgresCarrier, RedisCarrier, _PostgresWire
from cloud.realtime.hint_texts import Sender, parsed, texts_of
from cloud.realtime.hub import Hint, Hub, Room
from cloud.realtime.link import Link, telling
from cloud.redis.server import RedisServer
from tests.cloud.redis_program import RedisProgram

LONG_SECONDS = 20.0
"""A busy machine's patience."""
Way = Callable[[], Carrier]


@asynccontextmanager
async def linked(*ways: Way) -> AsyncIterator[Hub]:
    """A hub that is linked for the block."""
    hub = Hub()
    running = asyncio.create_task(Link([way() for way in ways], hub).run())
    try:
        await until(lambda: hub.is_linked)
        yield hub
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_SECONDS):
        while not holds():  # noqa: ASYNC110 - the link tells nobody
            await asyncio.sleep(0.02)


def everything(_hint: Hint) -> bool:
    return True


@pytest.fixture
def postgres_way(postgres: Any, common_database: str) -> Way:
    url = str(postgres.app_url(common_database))
    return lambda: PostgresCarrier(url.replace("postgresql+psycopg", "postgresql"))


@pytest.fixture
def redis_way(redis_program: RedisProgram) -> Way:
    return lambda: RedisCarrier(RedisServer(redis_program.url))


@pytest.fixture(params=["postgres_way", "redis_way"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.getfixturevalue(request.param)
    return found


async def test_a_hint_reaches_those_who_wait_in_the_other_process(way: Way) -> None:
    room, hint = Room(uuid4(), uuid4()), Hint(uuid4(), uuid4(), 7)
    heard: list[Hint] = []

    def note(hint: Hint) -> bool:
        heard.append(hint)
        return True

    async with linked(way) as here, linked(way) as there:
        with there.waiting([room], note) as waiting:
            here.tell(Room(room.organization_id, uuid4()), hint)
            here.tell(room, hint)
            assert await waiting.news(LONG_SECONDS)
        assert heard == [hint]


async def test_a_burst_of_hints_is_one_hint_of_the_newest(way: Way) -> None:
    room, stream, device = Room(uuid4(), uuid4()), uuid4(), uuid4()
    heard: list[int] = []
    async with linked(way) as here, linked(way) as there:
        there.also(lambda _room, hint: heard.append(hint.seq if hint else -1))
        with there.waiting([room], lambda hint: hint.seq == 500) as waiting:
            for seq in range(1, 501):
                here.tell(room, Hint(stream, device, seq))
            assert await waiting.news(LONG_SECONDS)
    assert heard == [500]


async def test_many_hints_at_once_come_in_several_notifications(way: Way) -> None:
    rooms = [Room(uuid4(), uuid4()) for _ in range(300)]
    told: set[Room] = set()
    async with linked(way) as here, linked(way) as there:
        there.also(lambda room, _hint: told.add(room))
        with there.waiting([rooms[-1]], everything) as waiting:
            for room in rooms:
                here.tell(room)
            assert await waiting.news(LONG_SECONDS)
    assert told == set(rooms)


async def test_a_table_hears_what_is_told_at_it_and_its_branch_does_not(way: Way) -> None:
    organization_id, branch_id = uuid4(), uuid4()
    table = Room.of_table(organization_id, branch_id, uuid4())
    async with linked(way) as here, linked(way) as there:
        with (
            there.waiting([table], everything) as guest,
            there.waiting([Room(organization_id, branch_id)], everything) as till,
            there.waiting([Room.of_table(organization_id, branch_id, uuid4())], everything) as neighbour,
        ):
            here.tell(table)
            assert await guest.news(LONG_SECONDS)
            assert not await till.news(0)
            assert not await neighbour.news(0)


async def test_after_a_cut_connection_everybody_looks_and_hints_come_again(
    postgres_way: Way, postgres: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    room = Room(uuid4(), uuid4())
    async with linked(postgres_way) as here, linked(postgres_way) as there:
        with there.waiting([room], everything) as waiting:
            cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'comanda-hints'"
            with psycopg.connect(postgres.server.url(), autocommit=True) as connection:
                connection.execute(cut)
            assert await waiting.news(LONG_SECONDS), "nobody looked again"
            await until(lambda: here.is_linked and there.is_linked)
            while await waiting.news(0.3):
                pass
            here.tell(room)
            assert await waiting.news(LONG_SECONDS)
    assert caplog.text.count("no hints come and go by postgres") == 2
    assert caplog.text.count("hints come and go by postgres again") == 2


async def test_a_carrier_that_is_silent_carries_nothing(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = way()
    carrier.beat_seconds = 0.05

    class Silent:
        async def send(self, _text: str) -> None:
            return

        async def probe(self) -> None:
            return

        async def texts(self) -> AsyncIterator[str]:
            await asyncio.Event().wait()
            yield ""

    connected = 0

    @asynccontextmanager
    async def connection() -> AsyncIterator[Silent]:
        nonlocal connected
        connected += 1
        yield Silent()

    monkeypatch.setattr(carrier, "connected", connection)
    async with linked(lambda: carrier):
        await until(lambda: connected > 1)


async def test_postgres_is_asked_whether_it_is_there_without_a_transaction(
    postgres: Any, postgres_way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresCarrier, "beat_seconds", 0.02)

    def last_statements() -> object:
        seen = "select pid, query_start from pg_stat_activity where application_name = 'comanda-hints'"
        with psycopg.connect(postgres.server.url(), autocommit=True) as connection:
            return connection.execute(f"{seen} order by pid").fetchall()

    async with postgres_way().connected() as wire:
        texts = wire.texts()
        assert await anext(texts) == ""
        before = last_statements()
        await wire.probe()
        assert await anext(texts) == ""
        assert before
        assert last_statements() == before


async def test_what_another_version_says_lets_its_room_look() -> None:
    room, hint, sender = Room(uuid4(), uuid4()), Hint(uuid4(), uuid4(), 3), Sender("me", frozenset({"a", "b"}))
    (text,) = texts_of(sender, {(room, hint.stream): hint, (room, None): None})
    more = "\n".join([text, "rubbish", "", f"{room}/other:x -", f"{room} x y"])
    assert parsed(more) == (sender, [(room, hint), (room, None), (room, None)])
    assert parsed("of a version without carriers")[1] == []


async def test_bytes_that_are_no_text_end_no_link(redis_way: Way, redis_program: RedisProgram) -> None:
    room = Room(uuid4(), uuid4())
    async with linked(redis_way) as here, linked(redis_way) as there:
        with Redis.from_url(redis_program.url) as somebody:
            somebody.publish("comanda:hints", b"\xff\xfe")
        with there.waiting([room], everything) as waiting:
            here.tell(room)
            assert await waiting.news(LONG_SECONDS)


async def test_processes_with_and_without_redis_hear_each_other(postgres_way: Way, redis_way: Way) -> None:
    room = Room(uuid4(), uuid4())
    async with linked(redis_way, postgres_way) as both, linked(postgres_way) as one:
        for here, there in ((both, one), (one, both)):
            with there.waiting([room], everything) as waiting:
                async with asyncio.timeout(LONG_SECONDS):
                    while not await waiting.news(0.2):  # the first one may not have said yet what it hears
                        here.tell(room)


async def test_redis_is_used_while_it_answers_and_postgres_when_it_does_not(
    postgres_way: Way, redis_program: RedisProgram
) -> None:
    """Killed, started again, frozen: each hint comes through, and none is lost while one way gives way to the other."""
    room, stream, device = Room(uuid4(), uuid4()), uuid4(), uuid4()
    servers = [RedisServer(redis_program.url) for _process in range(2)]
    ways: list[Way] = [lambda server=server: RedisCarrier(server) for server in servers]  # type: ignore[misc]
    seq = 0

    async def a_hint_comes_through() -> None:
        nonlocal seq
        seq += 1
        with there.waiting([room], lambda hint: hint.seq == seq) as waiting:
            here.tell(room, Hint(stream, device, seq))
            assert await waiting.news(LONG_SECONDS)

    async def redis_is(*, up: bool) -> None:
        await until(lambda: all(server.is_up is up for server in servers))

    async with linked(ways[0], postgres_way) as here, linked(ways[1], postgres_way) as there:
        await redis_is(up=True)
        await a_hint_comes_through()
        redis_program.kill()
        await a_hint_comes_through()
        await redis_is(up=False)
        await a_hint_comes_through()
        assert here.is_linked
        redis_program.start()
        await redis_is(up=True)
        await a_hint_comes_through()
        redis_program.freeze()
        await a_hint_comes_through()
        await redis_is(up=False)
        await a_hint_comes_through()
        redis_program.thaw()
        await redis_is(up=True)
        await a_hint_comes_through()


async def test_hints_go_by_redis_alone_while_all_hear_by_it(
    postgres_way: Way, redis_way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    notified: list[str] = []
    send = _PostgresWire.send

    async def noting(self: _PostgresWire, text: str) -> None:
        notified.append(text)
        await send(self, text)

    async with linked(redis_way, postgres_way) as here, linked(redis_way, postgres_way) as there:
        room = Room(uuid4(), uuid4())
        with there.waiting([room], everything) as waiting:
            await until(lambda: len(here._tellers) == 1)
            monkeypatch.setattr(_PostgresWire, "send", noting)
            async with asyncio.timeout(LONG_SECONDS):
                while await waiting.news(0.5):  # both came a moment ago, and let everybody look once more
                    pass
            here.tell(room)
            assert await waiting.news(LONG_SECONDS)
        assert not [text for text in notified if str(room) in text]


async def test_a_command_that_ends_tells_the_server_what_it_did(way: Way) -> None:
    room = Room(uuid4(), uuid4())
    async with linked(way) as there:
        with there.waiting([room], everything) as waiting:
            hub = Hub()
            async with telling([way()], hub):
                hub.tell(room)
            assert await waiting.news(LONG_SECONDS)


async def test_a_command_ends_also_where_nobody_carries_its_hints(redis_program: RedisProgram) -> None:
    redis_program.kill()
    hub = Hub()
    async with telling([RedisCarrier(RedisServer(redis_program.url))], hub):
        hub.tell(Room(uuid4(), uuid4()))

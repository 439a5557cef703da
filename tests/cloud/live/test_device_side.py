"""A device's own side of the live socket, against the real server: what it does when the way is bad."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from cloud.live import sockets
from sync.messages import Hello, Mark, Pull, Suffixes, Welcome
from terminal.syncing import link as links
from terminal.syncing import live
from terminal.syncing.link import CloudLink, LinkError
from terminal.syncing.live import LiveCarrier
from tests.cloud.live.sockets import GENEROUS_SECONDS, Served, until
from tests.cloud.live.ways import Way
from tests.cloud.replication.house import end_of
from tests.cloud.replication.tills import Till

WAIT_MS = 20_000
HELLO = Hello(1, 1, [], 0)
NO_SOCKETS = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://%s/portal\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def ticking(clock: Any) -> AsyncIterator[None]:
    """The server's time goes on: of two challenges of one instant it takes one alone."""

    async def tick() -> None:
        while True:
            clock.advance(timedelta(milliseconds=1))
            await asyncio.sleep(0.001)

    task = asyncio.create_task(tick())
    yield
    task.cancel()
    await asyncio.wait([task])


@asynccontextmanager
async def carried(url: str, till: Till, jitter: float = 0.0) -> AsyncIterator[LiveCarrier]:
    carrier = LiveCarrier(CloudLink(url, till.hand.device_id, till.key), lambda: jitter)
    try:
        yield carrier
    finally:
        await carrier.close()


async def catch_up(carrier: LiveCarrier) -> list[Any]:
    """The vector of a device that holds all."""
    held: dict[bytes, Any] = {}
    while True:
        answer = await carrier.exchange(Pull(list(held.values()), 0))
        assert isinstance(answer, Suffixes)
        if not answer.frames:
            return list(held.values())

        held |= {frame.key.id.bytes: Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in answer.frames}


async def news(carrier: LiveCarrier, held: list[Any], other: Till) -> list[Any]:
    """What a waiting pull brings, of what another sells meanwhile."""
    waiting = asyncio.create_task(carrier.exchange(Pull(held, WAIT_MS)))
    await asyncio.sleep(0.5)
    other.order()
    await other.push()
    async with asyncio.timeout(GENEROUS_SECONDS):
        answer = await waiting
        while not answer.frames:  # after a failure the first answer comes at once
            answer = await carrier.exchange(Pull(held, WAIT_MS))
    return [frame.key for frame in answer.frames]


async def test_news_come_over_the_socket_and_no_pull_goes_over_http(
    served: Served, till: Till, other_till: Till
) -> None:
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        held = await catch_up(carrier)
        asked = len(way.asked)
        assert await news(carrier, held, other_till) == [other_till.hand.key]
        assert carrier.socket.is_open
        assert [line.split()[1] for line in way.asked[asked:]] == ["/api/v1/live"]


async def test_a_token_is_asked_for_once_by_all_who_want_it(served: Served, till: Till) -> None:
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        answers = await asyncio.gather(*(carrier.exchange(each) for each in (HELLO, Pull([], 0), HELLO, Pull([], 0))))
        assert [type(answer) for answer in answers] == [Welcome, Suffixes, Welcome, Suffixes]
        assert sum("/devices/token" in line for line in way.asked) == 1


@pytest.mark.usefixtures("ticking")
async def test_two_programs_of_a_device_that_prove_themselves_at_once_are_both_let_in(
    served: Served, till: Till
) -> None:
    async with carried(f"http://{served.address}", till) as one, carried(f"http://{served.address}", till) as other:
        for _time in range(6):
            for carrier in (one, other):
                carrier._link._token = None
            answers = await asyncio.gather(one.exchange(HELLO), other.exchange(HELLO))
            assert [type(answer) for answer in answers] == [Welcome, Welcome]


async def test_a_token_that_ended_is_renewed_for_the_socket(served: Served, till: Till, clock: Any) -> None:
    async with carried(f"http://{served.address}", till) as carrier:
        await carrier.exchange(HELLO)
        clock.advance(timedelta(minutes=16))
        waiting = asyncio.create_task(carrier.exchange(Pull([], WAIT_MS)))
        assert isinstance(await asyncio.wait_for(waiting, GENEROUS_SECONDS), Suffixes)
        assert carrier.socket.is_open


async def test_where_no_socket_is_let_through_news_come_over_http_and_a_socket_is_tried_later(
    served: Served, till: Till, other_till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FIRST_BLOCKED_SECONDS", 1_000.0)
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        way.refuses_sockets = NO_SOCKETS
        held = await catch_up(carrier)
        assert await news(carrier, held, other_till) == [other_till.hand.key]
        held = await catch_up(carrier)
        assert await news(carrier, held, other_till) == [other_till.hand.key]
        assert way.sockets == 1, "it is not tried again and again"
        way.refuses_sockets = None
        carrier.socket._try_at = 0.0  # it is later
        held = await catch_up(carrier)
        assert await news(carrier, held, other_till) == [other_till.hand.key]
        assert carrier.socket.is_open


async def test_a_portal_that_leads_elsewhere_gets_no_token(served: Served, till: Till) -> None:
    """A redirect is followed to nowhere, not even to where a WebSocket would be let in."""
    async with Way(served.end) as elsewhere, Way(served.end) as way, carried(way.url, till) as carrier:
        way.refuses_sockets = PORTAL % elsewhere.url.removeprefix("http://").encode()
        assert isinstance(await carrier.exchange(Pull([], WAIT_MS)), Suffixes)
        assert elsewhere.asked == []
        assert not carrier.socket.is_open


async def test_a_cloud_that_goes_silent_is_noticed_after_two_pings(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Idle, too: nothing is pushed, and nobody sells."""
    assert live.PING_SECONDS + 1.5 <= live.SILENT_SECONDS <= 4.5, "within five seconds, and time for an answer"
    monkeypatch.setattr(live, "PING_SECONDS", 0.5)
    monkeypatch.setattr(live, "SILENT_SECONDS", 1.5)
    pings: list[int] = []
    ping = live._Connection.ping

    async def counted(connection: Any, *of: Any) -> Any:
        pings.append(1)
        return await ping(connection, *of)

    monkeypatch.setattr(live._Connection, "ping", counted)
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        held = await catch_up(carrier)
        heard = asyncio.Event()
        carrier.socket.on_heard = heard.set
        waiting = asyncio.create_task(carrier.exchange(Pull(held, WAIT_MS)))
        await asyncio.wait_for(heard.wait(), GENEROUS_SECONDS)
        way.is_hole = True
        pings.clear()
        with pytest.raises(LinkError) as slow:
            await asyncio.wait_for(waiting, GENEROUS_SECONDS)
        assert slow.value.code == "CLOUD_SLOW"
        assert not slow.value.final
        assert len(pings) <= 4
        way.is_hole = False
        assert isinstance(await carrier.exchange(Pull(held, 0)), Suffixes)


async def test_a_cloud_that_goes_silent_is_noticed_without_a_socket_too(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.HTTP_WAIT_MS / 1_000 + links.OVERDUE_SECONDS <= 4.5, "within five seconds"
    monkeypatch.setattr(live, "HTTP_WAIT_MS", 100)
    monkeypatch.setattr(links, "OVERDUE_SECONDS", 0.3)
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        way.refuses_sockets = NO_SOCKETS
        held = await catch_up(carrier)
        await carrier.exchange(Pull(held, WAIT_MS))  # no socket is let through
        assert isinstance(await carrier.exchange(Pull(held, WAIT_MS)), Suffixes), "it is answered soon"
        said: list[bool] = []
        carrier._link.on_slow = said.append
        way.is_hole = True
        waiting = asyncio.create_task(carrier.exchange(Pull(held, WAIT_MS)))
        await until(lambda: said == [True])
        waiting.cancel()
        await asyncio.wait([waiting])


async def test_an_answer_that_takes_long_is_said_before_it_is_given_up(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "ANSWER_SECONDS", 0.3)
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        await carrier.exchange(HELLO)
        said: list[bool] = []
        carrier._link.on_slow = said.append
        way.is_hole = True
        hello = asyncio.create_task(carrier.exchange(HELLO))
        await until(lambda: said == [True])
        assert not hello.done()
        hello.cancel()
        with suppress(asyncio.CancelledError):
            await hello
        assert said == [True, False]


async def test_a_device_comes_back_when_the_cloud_has_said(served: Served, till: Till) -> None:
    async with Way(served.end) as way, carried(way.url, till) as carrier:
        held = await catch_up(carrier)
        heard = asyncio.Event()
        carrier.socket.on_heard = heard.set
        waiting = asyncio.create_task(carrier.exchange(Pull(held, WAIT_MS)))
        await asyncio.wait_for(heard.wait(), GENEROUS_SECONDS)
        served.parts.hub.close()
        with pytest.raises(LinkError) as stopped:
            await asyncio.wait_for(waiting, GENEROUS_SECONDS)
        assert stopped.value.code == "CLOUD_UNREACHABLE"
        assert stopped.value.retry_after is not None
        assert way.sockets == 1


@pytest.mark.usefixtures("ticking")
async def test_two_programs_of_a_device_do_not_take_turns_on_its_place(
    served: Served, till: Till, other_till: Till
) -> None:
    async with Way(served.end) as way, carried(way.url, till) as older, carried(way.url, till) as newer:
        held = await catch_up(older)
        first = asyncio.create_task(older.exchange(Pull(held, WAIT_MS)))
        await until(lambda: older.socket.is_open)
        second = asyncio.create_task(newer.exchange(Pull(held, WAIT_MS)))
        await until(lambda: newer.socket.is_open and not older.socket.is_open)
        await asyncio.sleep(0.5)  # the older one waits over HTTP now
        other_till.order()
        await other_till.push()
        async with asyncio.timeout(GENEROUS_SECONDS):
            for answer in (await first, await second):
                assert [frame.key for frame in answer.frames] == [other_till.hand.key]
        assert way.sockets == 2


async def test_a_cloud_that_has_no_place_for_a_socket_is_asked_over_http(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_OPENING", 0)
    async with Way(served.end) as way, carried(way.url, till, jitter=0.9) as carrier:
        assert isinstance(await carrier.exchange(Pull([], WAIT_MS)), Suffixes)
        assert way.sockets == 1
        assert not carrier.socket.is_open

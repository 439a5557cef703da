"""Devices that wait on the live socket, and clients that mean harm."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State

from cloud.edge import budget
from cloud.enrolment.room import revocation
from cloud.live import carrier, sockets
from cloud.realtime.hint_texts import Sender, parsed, texts_of
from cloud.realtime.hub import Hint, Room
from shared.kernel.permissions import Role
from sync.author import cloud_device
from sync.live import Close, DeviceOpening, come_back_seconds, opening_text
from sync.messages import Ack, Pull, Push, dump
from tests.cloud.live.sockets import Served, ended, until
from tests.cloud.replication.tills import Till


async def test_a_device_hears_what_another_sells_without_asking_again(
    served: Served, till: Till, other_till: Till
) -> None:
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        other_till.order()
        assert isinstance(await other_till.push(), Ack)
        assert [frame.key for frame in await device.frames()] == [other_till.hand.key]
        await device.ask()
        other_till.order("A2")
        await other_till.push()
        assert [frame.first for frame in await device.frames()] == [other_till.mark().seq]


async def test_what_was_sold_before_it_came_is_caught_up_by_what_it_holds(
    served: Served, till: Till, other_till: Till
) -> None:
    other_till.order()
    await other_till.push()
    async with served.device(till.token) as device:
        await device.ask()
        assert other_till.hand.key in [frame.key for frame in await device.frames()]


async def test_its_own_push_does_not_come_back_to_it(served: Served, till: Till, other_till: Till) -> None:
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        till.order()
        await till.push()
        other_till.order()
        await other_till.push()
        assert [frame.key for frame in await device.frames()] == [other_till.hand.key]


async def test_a_token_that_is_missing_wrong_old_or_a_persons_opens_nothing(
    served: Served, till: Till, tenant: Any, bearer: Any, clock: Any
) -> None:
    person = bearer(tenant, Role.ORGANIZATION_ADMIN)["authorization"].removeprefix("Bearer ")
    for said, code in [
        ("", Close.MESSAGE_WRONG),
        ("{}", Close.MESSAGE_WRONG),
        ('{"t":"device"}', Close.MESSAGE_WRONG),
        (b"\x00" + till.token.encode(), Close.MESSAGE_WRONG),
        (opening_text(DeviceOpening("")), Close.TOKEN_REFUSED),
        (opening_text(DeviceOpening(till.token[:-4] + "AAAA")), Close.TOKEN_REFUSED),
        (opening_text(DeviceOpening(person)), Close.TOKEN_REFUSED),
    ]:
        async with served.connect() as connection:
            await connection.send(said)
            assert (await ended(connection))[0] == code, said
    clock.advance(timedelta(minutes=16))
    async with served.connect() as connection:
        await connection.send(opening_text(DeviceOpening(till.token)))
        assert (await ended(connection))[0] == Close.TOKEN_REFUSED


async def test_a_token_counts_in_the_first_message_alone(served: Served, till: Till) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with served.connect(f"?token={till.token}"):
            pass
    assert refused.value.response.status_code == 403
    bearer = {"authorization": f"Bearer {till.token}"}
    async with served.connect(additional_headers=bearer) as connection:
        await connection.send(dump(Pull([], 0)))
        assert (await ended(connection))[0] == Close.MESSAGE_WRONG


async def test_a_page_of_another_site_opens_nothing(served: Served, till: Till) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", "http://[", ""):
        with pytest.raises(InvalidStatus) as refused:
            async with served.connect(additional_headers={"origin": origin}):
                pass
        assert refused.value.response.status_code == 403, origin


async def test_who_says_nothing_is_ended(served: Served, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "OPENING_SECONDS", 0.2)
    async with served.connect() as connection:
        assert (await ended(connection))[0] == Close.SILENT
    monkeypatch.setattr("cloud.live.devices.BETWEEN_SECONDS", 0.2)
    async with served.device(till.token) as device:
        assert (await ended(device.connection))[0] == Close.SILENT


async def test_one_who_may_come_is_not_kept_out_by_those_who_say_nothing(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_OPENING", 2)
    async with served.connect() as longest, served.connect() as second, served.device(till.token) as device:
        await device.catch_up()
        assert (await ended(longest))[0] == Close.SILENT
        assert second.state is State.OPEN


@pytest.mark.parametrize("size", [300 * 1024, 1024 * 1024])
async def test_a_first_message_of_a_megabyte_is_refused(served: Served, till: Till, size: int) -> None:
    async with served.connect(max_size=None) as connection:
        with suppress(ConnectionClosed):
            await connection.send("x" * size)
        assert (await ended(connection))[0] == 1009
    async with served.device(till.token) as device:
        await device.catch_up()


async def test_what_is_no_pull_ends_the_socket(served: Served, till: Till) -> None:
    till.order()
    for said in ("text", b"", b"\x00\xff\xff", dump(Push(till.signed(till.hand.take())))):
        async with served.device(till.token) as device:
            await device.connection.send(said)
            assert (await ended(device.connection))[0] == Close.MESSAGE_WRONG, said
    assert await till.stored() == 0


async def test_who_asks_twice_at_once_is_ended(served: Served, till: Till) -> None:
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        await device.ask()
        assert (await ended(device.connection))[0] == Close.MESSAGE_WRONG


async def test_who_asks_without_end_is_told_when_to_come_back(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "BYTES_A_SECOND", 1)
    monkeypatch.setattr(budget, "MOST_BYTES", 3 * budget.LEAST_BYTES)
    async with served.device(till.token) as device:
        for _question in range(3):
            await device.ask(0)
            await device.answer()
        await device.ask(0)
        code, reason = await ended(device.connection)
        assert code == Close.LATER
        assert come_back_seconds(reason)


async def test_who_pings_without_end_is_cut(served: Served, till: Till) -> None:
    async def ping_on(connection: ClientConnection) -> None:
        for _ping in range(20 * carrier.MOST_SMALL_FRAMES):
            await connection.ping()
            await asyncio.sleep(0.001)

    async with served.device(till.token) as device:
        with pytest.raises(ConnectionClosed):
            await ping_on(device.connection)


async def test_a_client_that_does_not_read_is_cut_and_nobody_waits_for_it(
    served: Served, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks and asks, and takes none of the answers: what is kept for it has an end."""
    monkeypatch.setattr(carrier, "UNREAD_SECONDS", 0.2)
    monkeypatch.setattr(budget, "MOST_BYTES", 2**40)
    for number in range(300):
        till.order(f"A{number}")
    await till.push()

    async def ask_on(connection: ClientConnection) -> None:
        while True:
            await connection.send(dump(Pull([], 0)))
            await asyncio.sleep(0.1)  # long enough for an answer: who asks twice at once is ended for that

    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    narrow.connect(served.end)
    async with served.device(till.token, sock=narrow) as device:
        device.connection.transport.pause_reading()
        with pytest.raises(ConnectionClosed):
            await ask_on(device.connection)
        device.connection.transport.abort()
    await until(lambda: served.parts.hub.places == 0)


async def test_a_newer_socket_of_a_device_ends_the_older(served: Served, till: Till, other_till: Till) -> None:
    async with served.device(till.token) as older, served.device(other_till.token) as neighbour:
        await neighbour.catch_up()
        await neighbour.ask()
        async with served.device(till.token) as newer:
            assert (await ended(older.connection))[0] == Close.REPLACED
            await newer.catch_up()
        till.order()
        await till.push()
        assert [frame.key for frame in await neighbour.frames()] == [till.hand.key]


async def test_a_newer_socket_at_another_process_ends_the_older_one_here(served: Served, till: Till) -> None:
    """It comes as a hint, as whatever carries hints between processes gives it to the hub."""
    organization_id = till.house.organization_id
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        newer = Hint(uuid4(), cloud_device(organization_id), 1)
        gathered = {(Room(organization_id, till.hand.device_id), newer.stream): newer}
        for text in texts_of(Sender("elsewhere", frozenset()), gathered):
            for room, hint in parsed(text)[1]:
                served.parts.hub.hear(room, hint)
        assert (await ended(device.connection))[0] == Close.REPLACED


async def test_a_client_that_is_gone_waits_no_more(served: Served, till: Till) -> None:
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        await until(lambda: served.parts.hub.places == 3)  # its branch, its organization, and its own
        device.connection.transport.abort()
        await until(lambda: served.parts.hub.places == 0)


async def test_a_revoked_device_is_ended_at_once(served: Served, till: Till) -> None:
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        await asyncio.sleep(0.1)
        await revocation(served.parts).revoke(till.hand.device_id)
        code, reason = await ended(device.connection)
        assert (code, reason) == (Close.REVOKED, "DEVICE_REVOKED")


async def test_the_right_is_looked_up_again_when_the_token_ends(served: Served, till: Till, clock: Any) -> None:
    """Also if the news of a revocation was lost."""
    clock.advance(timedelta(minutes=14, seconds=59))
    async with served.device(till.token) as device:
        await device.catch_up()
        await device.ask()
        revoking = revocation(served.parts)
        revoking._told = lambda _organization: None
        await revoking.revoke(till.hand.device_id)
        assert (await ended(device.connection))[0] == Close.REVOKED


async def test_a_server_that_stops_tells_everybody_when_to_come_back(
    served: Served, till: Till, other_till: Till
) -> None:
    async with served.device(till.token) as one, served.device(other_till.token) as other:
        await one.catch_up()
        await one.ask()
        served.parts.hub.close()
        said = [await ended(each.connection) for each in (one, other)]
        assert {code for code, _reason in said} == {Close.RESTART}
        waits = [come_back_seconds(reason) for _code, reason in said]
        assert None not in waits
        for _late in range(8):
            async with served.connect() as late:
                code, reason = await ended(late)
                assert code == Close.RESTART
                waits.append(come_back_seconds(reason))
        assert len(set(waits)) > 1, "not all at once"

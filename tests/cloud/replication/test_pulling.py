"""What a pull shows to whom, where it goes on, and how long it waits."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from cloud.parts import Parts
from shared.kernel.records import Scope
from sync.author import cloud_device
from sync.change import StreamKey
from sync.log import MOST_PULLED_CHANGES
from sync.messages import (
    Ack,
    Mark,
    Suffixes,
)
from tests.cloud.replication.house import end_of, lunch, open_house, order
from tests.cloud.replication.tills import Till, enrol

AT_ONCE_SECONDS = 2.0
"""Less than a waiting pull takes to look again by itself."""


async def test_a_pull_shows_the_organization_and_the_own_branch_and_nothing_else(
    till: Till, client: AsyncClient, parts: Parts, new_tenant: Any
) -> None:
    house = till.house
    stranger = await open_house(parts, await new_tenant("la-rosa"))
    neighbour = await enrol(client, house, till.hand.branch_id, "Caja 2")
    abroad = await enrol(client, house, house.other.branch_id, "Caja de Playa")
    elsewhere = await enrol(client, stranger, stranger.own.branch_id, "Caja de la Rosa")
    for each in (till, neighbour, abroad, elsewhere):
        each.hand.sell(lunch())
        assert isinstance(await each.push(), Ack)
        await parts.fold_worker.fold_all(each.house.organization_id)
    cloud, branch = cloud_device(house.organization_id), till.hand.branch_id
    void = neighbour.hand.say(order(uuid4(), house.other.branch_id))
    assert isinstance(await neighbour.push(), Ack)
    await parts.fold_worker.fold_all(house.organization_id)
    shown = await till.pull()
    assert not shown.more
    assert [frame.key for frame in shown.frames[:2]] == [
        StreamKey(cloud, 1, Scope.ORGANIZATION, house.organization_id),
        StreamKey(cloud, 1, Scope.BRANCH, branch),
    ], "causes before effects"
    assert {frame.key for frame in shown.frames[2:]} == {till.hand.key, neighbour.hand.key}
    assert await house.told(neighbour.hand) == [(*void, "WRONG_BRANCH")]
    assert [frame.bodies for frame in (await elsewhere.pull()).frames if frame.key == elsewhere.hand.key]


async def test_a_pull_goes_on_where_the_last_one_ended(till: Till) -> None:
    for pushed in (MOST_PULLED_CHANGES // 2, MOST_PULLED_CHANGES // 2 + 1):
        for _ in range(pushed):
            till.order()
        await till.push()
    held: dict[bytes, Mark] = {}
    answers = []
    more = True
    while more:
        shown = await till.pull(*held.values())
        for frame in shown.frames:
            before = held.get(frame.key.id.bytes, Mark(frame.key.id.bytes, 0, frame.key.genesis))
            assert (frame.first, frame.previous) == (before.seq + 1, before.chain)
            held[frame.key.id.bytes] = Mark(frame.key.id.bytes, frame.last, end_of(frame))
        answers.append(sum(len(frame.bodies) for frame in shown.frames))
        more = shown.more
    assert held[till.hand.key.id.bytes] == till.mark()
    assert len(answers) > 1
    assert max(answers) <= MOST_PULLED_CHANGES


async def _up_to_date(till: Till) -> list[Mark]:
    return [Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in (await till.pull()).frames]


async def _waiting_pull(till: Till) -> asyncio.Task[Suffixes]:
    """A pull of somebody who has everything, while it waits."""
    held = [Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in (await till.pull()).frames]
    waiting = asyncio.create_task(till.pull(*held, wait_ms=20_000))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    return waiting


async def test_a_waiting_pull_is_answered_as_soon_as_something_is_stored(patient: Till) -> None:
    neighbour = await enrol(patient.client, patient.house, patient.hand.branch_id, "Caja 2")
    waiting = await _waiting_pull(patient)
    neighbour.order()
    await neighbour.push()
    shown = await asyncio.wait_for(waiting, AT_ONCE_SECONDS)
    assert [frame.key for frame in shown.frames] == [neighbour.hand.key]


async def test_what_a_device_pushes_while_its_pull_waits_does_not_come_back_to_it(patient: Till) -> None:
    neighbour = await enrol(patient.client, patient.house, patient.hand.branch_id, "Caja 2")
    waiting = await _waiting_pull(patient)
    patient.order()
    await patient.push()
    neighbour.order()
    await neighbour.push()
    shown = await asyncio.wait_for(waiting, AT_ONCE_SECONDS)
    assert [frame.key for frame in shown.frames] == [neighbour.hand.key]


async def test_a_waiting_pull_is_answered_when_something_is_voided(patient: Till) -> None:
    patient.hand.say(order(uuid4(), patient.hand.branch_id), actor=None)
    await patient.push()
    waiting = await _waiting_pull(patient)
    await patient.house.parts.fold_worker.fold_all(patient.house.organization_id)
    shown = await asyncio.wait_for(waiting, AT_ONCE_SECONDS)
    assert [frame.key.device_id for frame in shown.frames] == [cloud_device(patient.house.organization_id)]


@pytest.mark.parametrize("wait_ms", [0, 20_000])
async def test_who_holds_another_history_of_the_cloud_is_not_sent_how_ours_goes_on(patient: Till, wait_ms: int) -> None:
    """The cloud was put back from a backup: the device gives back what it holds, and both go on in a new stream."""
    shown = (await patient.pull()).frames
    held = {frame.key.id.bytes: Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in shown}
    cloud = next(frame.key for frame in shown if frame.key.device_id == cloud_device(patient.house.organization_id))
    assert held[cloud.id.bytes].seq > 1
    held[cloud.id.bytes] = Mark(cloud.id.bytes, 1, b"another history!")
    answer = await asyncio.wait_for(patient.pull(*held.values(), wait_ms=wait_ms), AT_ONCE_SECONDS)
    assert [frame.key for frame in answer.frames] == []
    assert [mark.stream for mark in answer.lacks] == [cloud.id.bytes]


async def test_a_waiting_pull_is_let_go_when_the_server_stops(patient: Till) -> None:
    waiting = await _waiting_pull(patient)
    patient.house.parts.fold_worker.hub.close()
    assert (await asyncio.wait_for(waiting, AT_ONCE_SECONDS)).frames == []


async def test_a_pull_without_news_ends_when_its_time_is_over(patient: Till) -> None:
    held = [Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in (await patient.pull()).frames]
    for wait_ms in (0, 100):
        answer = await asyncio.wait_for(patient.pull(*held, wait_ms=wait_ms), AT_ONCE_SECONDS)
        assert (answer.frames, answer.more) == ([], False)

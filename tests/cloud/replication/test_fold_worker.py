"""The fold worker: every change is folded, void or parked, whatever breaks, stops or comes at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from cloud.parts import Parts
from cloud.realtime.hub import Hint, Room
from cloud.replication import fold_transactions
from cloud.replication.dues import DueScope, whole
from cloud.replication.fold_transactions import FoldedElsewhere, PostgresFolds
from cloud.replication.fold_worker import FoldWorker
from shared.kernel.permissions import Role
from sync.author import Author
from sync.change import Kind
from sync.door import Door
from sync.feed import Listener
from tests.cloud.replication.house import Hand, House, Said, check, created, lunch, open_house, order, payment

FOLDED, VOID, PARKED = "folded", "void", "parked"
WAITER = UUID(int=0x3A17E4)
SOON_SECONDS = 5.0
"""Far more than what is awaited takes; a test that waits so long has failed."""


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it has happened."""
    async with asyncio.timeout(SOON_SECONDS):
        while not await happened():  # noqa: ASYNC110 - it happens in the database
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(worker: FoldWorker) -> AsyncIterator[None]:
    """The worker's task, as the server runs it."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def hint_of(hand: Hand) -> Hint:
    """What is told of a hand's stream."""
    return Hint(hand.key.id, hand.device_id, hand.seq)


# -- what becomes of a change ------------------------------------------------------------------------------------------


def _order(hand: Hand) -> Said:
    return order(uuid4(), hand.branch_id)


def _of_unknown_table(hand: Hand) -> Said:
    return "loyalty_points", Kind.CREATE, uuid4(), {"branch_id": hand.branch_id.bytes}


def _without_number(hand: Hand) -> Said:
    table, kind, row_id, fields = _order(hand)
    return table, kind, row_id, {**fields, "number": None}


Write = Callable[[Hand], tuple[int, int]]
WRITES: Mapping[str, tuple[Write, str, str]] = {
    "a sale": (lambda hand: hand.sell(lunch()), FOLDED, ""),
    "an order": (lambda hand: hand.say(_order(hand)), FOLDED, ""),
    "by nobody": (lambda hand: hand.say(_order(hand), _order(hand), actor=None), FOLDED, ""),
    "a waiter's furniture": (
        lambda hand: hand.say(created("spaces", uuid4(), branch_id=hand.branch_id, name="Bar"), actor=WAITER),
        FOLDED,
        "",
    ),
    "by a stranger": (lambda hand: hand.say(_order(hand), actor=uuid4()), FOLDED, ""),
    "less than nothing": (
        lambda hand: hand.say(_order(hand), payment(uuid4(), hand.branch_id, amount_minor=-1)),
        VOID,
        "ROW_BREAKS_A_RULE",
    ),
    "an orphan": (lambda hand: hand.say(check(uuid4(), uuid4(), hand.branch_id)), PARKED, "PARENT_UNKNOWN"),
    "of a newer version": (lambda hand: hand.say(_order(hand), _of_unknown_table(hand)), FOLDED, ""),
    "a value of nobody": (lambda hand: hand.say(_without_number(hand)), VOID, "VALUE_UNKNOWN"),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([*WRITES, "fold", "fold"]), min_size=1, max_size=14))
async def test_every_transaction_is_folded_or_void_or_parked_with_its_reason(house: House, steps: list[str]) -> None:
    """Whatever honest and dishonest transactions stand beside each other, in whatever batches they come."""
    if WAITER not in {row.id for row in await house.rows("staff")}:
        await house.hire(Role.WAITER, WAITER)
    hand = await house.open("another till", house.own.branch_id)
    already = len(await house.parked())
    expected: dict[str, list[tuple[int, int, str]]] = {FOLDED: [], VOID: [], PARKED: []}
    for step in steps:
        if step == "fold":
            await house.fold()
            continue
        write, becomes, reason = WRITES[step]
        expected[becomes].append((*write(hand), reason))
    await house.fold()
    assert await house.judged(hand) == hand.seq
    assert await house.verdicts(hand) == await house.told(hand) == expected[VOID]
    parked = [each[:3] for each in await house.parked()]
    assert len(parked) == already + len(expected[PARKED])
    assert {*expected[PARKED]} <= {*parked}
    await house.digests()


async def test_a_transaction_that_waited_for_its_row_counts_once_it_is_there(house: House) -> None:
    order_id, check_id = uuid4(), uuid4()
    waiting = house.own.say(check(check_id, order_id, house.own.branch_id))
    follows = house.own.say(payment(check_id, house.own.branch_id))
    await house.fold()
    assert [each[:3] for each in await house.parked()] == [(*waiting, "PARENT_UNKNOWN"), (*follows, "PARENT_UNKNOWN")]
    second = await house.open("second till", house.own.branch_id)
    second.say(order(order_id, house.own.branch_id))
    await house.fold()
    assert (await house.parked(), await house.takings()) == ([], 1_000)


async def test_what_is_cured_within_its_own_batch_never_parks(house: House) -> None:
    order_id = uuid4()
    house.own.say(check(uuid4(), order_id, house.own.branch_id))
    house.own.say(order(order_id, house.own.branch_id))
    await house.fold()
    assert (await house.parked(), await house.verdicts(house.own)) == ([], [])
    assert len(await house.rows("checks")) == 1


# -- several servers ---------------------------------------------------------------------------------------------------


class Halting:
    """A listener that stops the fold before its end until it is let go."""

    def __init__(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()

    def prepare(self, _door: Door, _feed: object) -> None:
        """Nothing to read."""

    def write(self, _door: Door, _feed: object) -> None:
        self.reached.set()
        assert self.go.wait(SOON_SECONDS)


async def test_two_servers_fold_an_organization_once(house: House) -> None:
    halting = Halting()
    first, second = house.fold_worker(halting), house.fold_worker()
    sale = lunch()
    house.own.sell(sale)
    await house.send()
    folding = asyncio.create_task(first.fold_all(house.organization_id))
    assert await asyncio.to_thread(halting.reached.wait, SOON_SECONDS)
    await asyncio.wait_for(second.fold_all(house.organization_id), SOON_SECONDS)
    assert await house.takings() == 0, "the second did not take what the first is folding"
    halting.go.set()
    await folding
    await second.fold_all(house.organization_id)
    assert await house.takings() == sale.total_minor
    assert await house.parked() == []


async def test_many_servers_at_once_leave_neither_gaps_nor_doubles(house: House) -> None:
    workers = [house.fold_worker() for _ in range(4)]
    for _ in range(6):
        house.own.sell(lunch())
        await house.send()
        await asyncio.gather(*(worker.fold_all(house.organization_id) for worker in workers))
    await workers[0].fold_all(house.organization_id)
    assert await house.judged(house.own) == house.own.seq
    assert await house.takings() == 6 * lunch().total_minor
    await house.digests()


async def test_the_turn_of_one_branch_is_not_that_of_another_and_the_whole_has_all_to_itself(
    house: House, parts: Parts, new_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold_transactions, "PATIENCE_MS", 100)
    other = whole((await new_tenant("la-rosa")).organization_id)
    own, beside = (DueScope(house.organization_id, hand.branch_id) for hand in (house.own, house.other))
    first, second = PostgresFolds(parts.database), PostgresFolds(parts.database)
    taken, go = threading.Event(), threading.Event()

    def halt(_door: Door) -> bool:
        taken.set()
        return go.wait(SOON_SECONDS)

    for held, elsewhere, free in (
        (own, (own, whole(house.organization_id)), (beside, other)),
        (whole(house.organization_id), (own, beside, whole(house.organization_id)), (other,)),
    ):
        taken.clear()
        go.clear()
        folding = asyncio.create_task(first.run(held, halt))
        assert await asyncio.to_thread(taken.wait, SOON_SECONDS)
        for scope in elsewhere:
            with pytest.raises(FoldedElsewhere):
                await second.run(scope, lambda _door: None)
        for scope in free:
            assert await second.run(scope, lambda _door: "folded") == "folded"
        go.set()
        assert await folding
        assert await second.run(held, lambda _door: "folded") == "folded"


# -- interruptions -----------------------------------------------------------------------------------------------------


class Broke(ConnectionError):
    """What an interrupted fold raises here."""


class Breaking:
    """A listener that breaks a fold off, once it is told to, at one of its steps."""

    def __init__(self, breaks_at: str = "") -> None:
        self.breaks_at = breaks_at

    def prepare(self, _door: Door, _feed: object) -> None:
        if self.breaks_at == "prepare":
            raise Broke

    def write(self, _door: Door, _feed: object) -> None:
        if self.breaks_at == "write":
            raise Broke


@pytest.mark.parametrize("step", ["prepare", "write"])
async def test_a_fold_that_broke_off_goes_on_without_doubling(house: House, step: str) -> None:
    breaking = Breaking(step)
    worker = house.fold_worker(breaking)
    for _ in range(3):
        house.own.sell(lunch())
    await house.send()
    for _ in range(2):
        with pytest.raises(Broke):
            await worker.fold_all(house.organization_id)
    assert (await house.judged(house.own), await house.takings()) == (0, 0)
    breaking.breaks_at = ""
    await worker.fold_all(house.organization_id)
    assert await house.takings() == 3 * lunch().total_minor
    assert await house.judged(house.own) == house.own.seq


async def test_who_is_cancelled_in_the_middle_of_a_fold_waits_for_its_end(house: House, parts: Parts) -> None:
    """A thread cannot be stopped, and its engine must not be closed under it."""
    halting = Halting()
    house.own.sell(lunch())
    await house.send()
    folding = asyncio.create_task(house.fold_worker(halting).fold_all(house.organization_id))
    assert await asyncio.to_thread(halting.reached.wait, SOON_SECONDS)
    folding.cancel()
    await asyncio.sleep(0.05)
    assert not folding.done()
    halting.go.set()
    with pytest.raises(asyncio.CancelledError):
        await folding
    assert await house.takings() == lunch().total_minor


async def test_a_fold_that_is_done_does_nothing_when_it_is_asked_again(house: House) -> None:
    house.own.sell(lunch())
    await house.fold()
    before, digests = await house.books(), await house.digests()
    await house.fold()
    await house.fold_worker().fold_all(house.organization_id)
    assert (await house.books(), await house.digests()) == (before, digests)


# -- the running task --------------------------------------------------------------------------------------------------


async def test_a_new_process_folds_what_an_earlier_one_left(house: House) -> None:
    house.own.sell(lunch())
    await house.send()

    async def folded() -> bool:
        return await house.takings() == lunch().total_minor

    async with running(house.fold_worker()):
        await until(folded)


async def test_what_is_stored_while_it_runs_is_folded_when_it_is_woken(house: House) -> None:
    worker = house.fold_worker()

    async def judged() -> bool:
        return await house.judged(house.own) == house.own.seq

    async with running(worker):
        for _ in range(3):
            house.own.sell(lunch())
            await house.send()
            worker.wake(house.organization_id, house.own.branch_id, hint_of(house.own))
            await until(judged)


async def test_an_organization_that_cannot_be_folded_leaves_the_others_alone(
    house: House, parts: Parts, new_tenant: Any
) -> None:
    broken = await open_house(parts, await new_tenant("la-rosa"))
    breaking = Breaking("write")

    def listeners(author: Author) -> list[Listener]:
        return [*author.listeners, *([breaking] if author.organization_id == broken.organization_id else [])]

    for each in (house, broken):
        each.own.sell(lunch())
        await each.send()

    async def folded() -> bool:
        return await house.takings() == lunch().total_minor

    async def mended() -> bool:
        return await broken.judged(broken.own) == broken.own.seq

    async with running(FoldWorker(parts.database, parts.units, parts.clock, listeners=listeners)):
        await until(folded)
        assert await broken.judged(broken.own) == 0
        breaking.breaks_at = ""
        await until(mended)


async def test_a_branch_that_cannot_be_folded_waits_for_its_next_try_whatever_is_pushed(
    house: House, parts: Parts
) -> None:
    """Each push gives a hint; each try costs a transaction and a page of the log."""
    worker = FoldWorker(
        parts.database, parts.units, parts.clock, listeners=lambda author: [*author.listeners, Breaking("write")]
    )
    scope = DueScope(house.organization_id, house.own.branch_id)
    house.own.sell(lunch())
    await house.send()
    assert not await worker._take_turn(scope)
    for _failure in range(3):
        await worker.dues.failed(scope)
    house.own.sell(lunch())
    await house.send()
    assert not await worker._take_turn(scope)
    async with parts.database.control() as control:
        failures = await control.scalar(
            text("select failures from control.due where scope_id = :scope"), {"scope": scope.scope_id}
        )
    assert failures == 4, "it was not tried again"


# -- news --------------------------------------------------------------------------------------------------------------


async def test_those_who_wait_are_told_what_the_cloud_writes_while_it_folds_and_nothing_else(house: House) -> None:
    worker = house.fold_worker()
    house.own.sell(lunch())
    await house.send()
    await worker.fold_all(house.organization_id)  # the first turn tells everything: nobody knows what was told before
    rooms = [Room(house.organization_id, house.own.branch_id), Room(house.organization_id, house.organization_id)]
    with worker.hub.waiting(rooms, lambda _hint: True) as waiting:
        house.own.sell(lunch())
        await house.send()
        await worker.fold_all(house.organization_id)
        assert not await waiting.news(0), "what a device wrote was told when it was stored"
        house.own.say(order(uuid4(), house.own.branch_id), actor=None)
        await house.send()
        await worker.fold_all(house.organization_id)
        assert await waiting.news(0)


async def test_who_waits_hears_of_what_a_process_stored_that_died_before_it_told_anybody(house: House) -> None:
    house.own.sell(lunch())
    await house.send()
    room = Room(house.organization_id, house.own.branch_id)
    with house.parts.hub.waiting([room], lambda _hint: False) as waiting:
        async with running(house.parts.fold_worker):
            assert await waiting.news(SOON_SECONDS)

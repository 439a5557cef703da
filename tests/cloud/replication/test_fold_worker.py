"""The task that folds, judges and answers: every change is answered once, whatever breaks, stops or comes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.composition import Parts
from cloud.replication.keeper import AdvisoryTurn, Keeper
from cloud.reports.projection import SalesProjection
from shared.kernel.permissions import Role
from sync.change import Kind
from sync.projection import Projection
from sync.tables import TableSpec
from tests.cloud.replication.house import Hand, House, Said, check, covered, lunch, open_house, order, payment

ACCEPTED, VOIDED, PARKED = "accepted", "voided", "parked"
WAITER = UUID(int=0x3A17E4)
SOON_SECONDS = 5.0
"""Far more than what is awaited takes; a test that waits so long has failed."""


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it has happened."""
    async with asyncio.timeout(SOON_SECONDS):
        while not await happened():  # noqa: ASYNC110 - it happens in the database
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(keeper: Keeper) -> AsyncIterator[None]:
    """The keeper's task, as the server runs it."""
    task = asyncio.create_task(keeper.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# -- verdicts ----------------------------------------------------------------------------------------------------------


def _order(hand: Hand) -> Said:
    return order(uuid4(), hand.branch_id)


def _of_unknown_table(hand: Hand) -> Said:
    return "loyalty_points", Kind.CREATE, uuid4(), {"branch_id": hand.branch_id.bytes}


def _without_number(hand: Hand) -> Said:
    table, kind, row_id, fields = _order(hand)
    return table, kind, row_id, {**fields, "number": None}


Write = Callable[[Hand], tuple[int, int]]
WRITES: Mapping[str, tuple[Write, str, str]] = {
    "a sale": (lambda hand: hand.sell(lunch()), ACCEPTED, ""),
    "an order": (lambda hand: hand.say(_order(hand)), ACCEPTED, ""),
    "by nobody": (lambda hand: hand.say(_order(hand), _order(hand), actor=None), VOIDED, "ACTOR_UNKNOWN"),
    "a waiter's payment": (
        lambda hand: hand.say(_order(hand), payment(uuid4(), hand.branch_id), actor=WAITER),
        VOIDED,
        "ACTOR_NOT_ALLOWED",
    ),
    "by a stranger": (lambda hand: hand.say(_order(hand), actor=uuid4()), PARKED, "ROW_UNKNOWN"),
    "an orphan": (lambda hand: hand.say(check(uuid4(), uuid4(), hand.branch_id)), PARKED, "PARENT_UNKNOWN"),
    "of a newer version": (lambda hand: hand.say(_order(hand), _of_unknown_table(hand)), PARKED, "TABLE_UNKNOWN"),
    "a value of nobody": (lambda hand: hand.say(_without_number(hand)), PARKED, "VALUE_UNKNOWN"),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([*WRITES, "fold", "fold"]), min_size=1, max_size=14))
async def test_every_change_is_answered_exactly_once(house: House, steps: list[str]) -> None:
    """Whatever honest and dishonest transactions stand beside each other, in whatever batches they come."""
    if WAITER not in {row.id for row in await house.rows("staff")}:
        await house.hire(Role.WAITER, WAITER)
    hand = await house.open("another till", house.own.branch_id)
    expected: list[tuple[int, int, str, str]] = []
    for step in steps:
        if step == "fold":
            await house.fold()
            continue
        write, judgement, reason = WRITES[step]
        expected.append((*write(hand), judgement, reason))
    await house.fold()
    answers = await house.verdicts(hand)
    assert covered(answers, hand.seq), answers
    for first, last, judgement, reason in expected:
        (answer,) = [each for each in answers if each[0] <= first and last <= each[1]]
        assert answer[2:] == (judgement, reason)


async def test_a_transaction_that_waited_for_its_row_is_accepted_later(house: House) -> None:
    order_id, check_id = uuid4(), uuid4()
    waiting = house.own.say(check(check_id, order_id, house.own.branch_id))
    follows = house.own.say(payment(check_id, house.own.branch_id))
    await house.fold()
    assert await house.verdicts(house.own) == [
        (*waiting, PARKED, "PARENT_UNKNOWN"),
        (*follows, PARKED, "PARENT_UNKNOWN"),
    ]
    second = await house.open("second till", house.own.branch_id)
    second.say(order(order_id, house.own.branch_id))
    await house.fold()
    assert (await house.told(house.own))[2:] == [(*waiting, ACCEPTED, ""), (*follows, ACCEPTED, "")]
    assert (await house.parked(), await house.takings()) == ([], 1_000)


async def test_what_is_cured_within_its_own_batch_is_accepted_with_it(house: House) -> None:
    order_id = uuid4()
    house.own.say(check(uuid4(), order_id, house.own.branch_id))
    house.own.say(order(order_id, house.own.branch_id))
    await house.fold()
    assert await house.verdicts(house.own) == [(1, 2, ACCEPTED, "")]


# -- several servers ---------------------------------------------------------------------------------------------------


class Halting:
    """A projection that stops the fold before its end until it is let go."""

    def __init__(self, _organization_id: UUID) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    def changed(self, *_: object) -> None:
        """Nothing to collect."""

    async def flush(self, _connection: AsyncConnection) -> None:
        self.reached.set()
        await self.go.wait()

    def reset(self) -> None:
        """Nothing to forget."""


async def test_two_servers_fold_an_organization_once(house: House) -> None:
    halting = Halting(house.organization_id)
    first, second = house.keeper(SalesProjection, lambda _organization_id: halting), house.keeper()
    sale = lunch()
    _, last = house.own.sell(sale)
    await house.send()
    folding = asyncio.create_task(first.fold_all(house.organization_id))
    await halting.reached.wait()
    await asyncio.wait_for(second.fold_all(house.organization_id), SOON_SECONDS)
    assert await house.takings() == 0, "the second did not take what the first is folding"
    halting.go.set()
    await folding
    await second.fold_all(house.organization_id)
    assert await house.takings() == sale.total_minor
    assert await house.told(house.own) == [(1, last, ACCEPTED, "")]


async def test_many_servers_at_once_leave_neither_gaps_nor_doubles(house: House) -> None:
    keepers = [house.keeper() for _ in range(4)]
    for _ in range(6):
        house.own.sell(lunch())
        await house.send()
        await asyncio.gather(*(keeper.fold_all(house.organization_id) for keeper in keepers))
    await keepers[0].fold_all(house.organization_id)
    answers = await house.told(house.own)
    assert covered(answers, house.own.seq)
    assert len(answers) == len(set(answers))
    assert await house.takings() == 6 * lunch().total_minor


async def test_the_turn_of_one_organization_is_not_that_of_another(house: House, parts: Parts, new_tenant: Any) -> None:
    other = (await new_tenant("la-rosa")).organization_id
    async with parts.database.write(house.organization_id) as session, parts.database.write(other) as beside:
        assert await AdvisoryTurn().take(await session.connection(), house.organization_id)
        assert not await AdvisoryTurn().take(await beside.connection(), house.organization_id)
        assert await AdvisoryTurn().take(await beside.connection(), other)
    async with parts.database.write(house.organization_id) as session:
        assert await AdvisoryTurn().take(await session.connection(), house.organization_id)


# -- interruptions -----------------------------------------------------------------------------------------------------


class Broke(ConnectionError):
    """What an interrupted fold raises here."""


class Breaking:
    """A projection that breaks a fold off, once it is told to, at one of its steps."""

    def __init__(self) -> None:
        self.breaks_at = ""

    def changed(self, spec: TableSpec, *_: object) -> None:
        if self.breaks_at == "changed" and spec.name == "payments":
            raise Broke

    async def flush(self, _connection: AsyncConnection) -> None:
        if self.breaks_at == "flush":
            raise Broke
        if self.breaks_at == "cancel":
            raise asyncio.CancelledError

    def reset(self) -> None:
        """Nothing to forget."""


@pytest.mark.parametrize("step", ["changed", "flush", "cancel"])
async def test_a_fold_that_broke_off_goes_on_without_doubling(house: House, step: str) -> None:
    breaking = Breaking()
    keeper = house.keeper(SalesProjection, lambda _organization_id: breaking)
    for _ in range(3):
        house.own.sell(lunch())
    await house.send()
    breaking.breaks_at = step
    for _ in range(2):
        with pytest.raises((Broke, asyncio.CancelledError)):
            await keeper.fold_all(house.organization_id)
    assert await house.verdicts(house.own) == []
    assert await house.takings() == 0
    breaking.breaks_at = ""
    await keeper.fold_all(house.organization_id)
    assert await house.takings() == 3 * lunch().total_minor
    assert await house.told(house.own) == [(1, house.own.seq, ACCEPTED, "")]


async def test_a_fold_that_is_done_does_nothing_when_it_is_asked_again(house: House) -> None:
    house.own.sell(lunch())
    await house.fold()
    before, answers = await house.books(), await house.told(house.own)
    await house.fold()
    await house.keeper().fold_all(house.organization_id)
    assert (await house.books(), await house.told(house.own)) == (before, answers)


# -- the running task --------------------------------------------------------------------------------------------------


async def test_a_new_process_folds_what_an_earlier_one_left(house: House) -> None:
    house.own.sell(lunch())
    await house.send()

    async def folded() -> bool:
        return await house.takings() == lunch().total_minor

    async with running(house.keeper()):
        await until(folded)


async def test_what_is_stored_while_it_runs_is_folded_when_it_is_woken(house: House) -> None:
    keeper = house.keeper()

    async def answered() -> bool:
        return covered(await house.told(house.own), house.own.seq)

    async with running(keeper):
        for _ in range(3):
            house.own.sell(lunch())
            await house.send()
            keeper.wake(house.organization_id)
            await until(answered)


async def test_an_organization_that_cannot_be_folded_leaves_the_others_alone(
    house: House, parts: Parts, new_tenant: Any
) -> None:
    broken = await open_house(parts, await new_tenant("la-rosa"))
    breaking = Breaking()
    breaking.breaks_at = "flush"

    def projections(organization_id: UUID) -> list[Projection]:
        return [breaking] if organization_id == broken.organization_id else [SalesProjection(organization_id)]

    for each in (house, broken):
        each.own.sell(lunch())
        await each.send()

    async def folded() -> bool:
        return await house.takings() == lunch().total_minor

    async def mended() -> bool:
        return covered(await broken.told(broken.own), broken.own.seq)

    async with running(Keeper(parts.database, parts.units, parts.clock, projections)):
        await until(folded)
        assert await broken.told(broken.own) == []
        breaking.breaks_at = ""
        await until(mended)


# -- news --------------------------------------------------------------------------------------------------------------


async def test_news_wake_whoever_waits_for_that_organization_and_nobody_else(house: House) -> None:
    keeper, elsewhere = house.keeper(), uuid4()
    waiting = [asyncio.create_task(keeper.news(keeper.listen(house.organization_id), 60)) for _ in range(3)]
    bystander = asyncio.create_task(keeper.news(keeper.listen(elsewhere), 60))
    await asyncio.sleep(0)
    keeper.wake(house.organization_id)
    assert await asyncio.wait_for(asyncio.gather(*waiting), 1) == [True, True, True]
    assert not bystander.done()
    bystander.cancel()


async def test_news_between_looking_and_waiting_are_not_missed(house: House) -> None:
    keeper = house.keeper()
    heard = keeper.listen(house.organization_id)
    keeper.wake(house.organization_id)
    assert await asyncio.wait_for(keeper.news(heard, 60), 1)


async def test_verdicts_are_news(house: House) -> None:
    keeper = house.keeper()
    house.own.sell(lunch())
    await house.send()
    waiting = asyncio.create_task(keeper.news(keeper.listen(house.organization_id), 60))
    await asyncio.sleep(0)
    await keeper.fold_all(house.organization_id)
    assert await asyncio.wait_for(waiting, 1)


async def test_whoever_waited_in_vain_may_wait_again(house: House) -> None:
    keeper = house.keeper()
    assert await asyncio.wait_for(keeper.news(keeper.listen(house.organization_id), 0.01), 1)


async def test_a_server_that_stops_lets_everyone_go(house: House) -> None:
    keeper = house.keeper()
    ears = [keeper.listen(of) for of in (house.organization_id, uuid4(), uuid4())]
    waiting = [asyncio.create_task(keeper.news(heard, 60)) for heard in ears]
    await asyncio.sleep(0)
    keeper.stop_waiting()
    assert await asyncio.wait_for(asyncio.gather(*waiting), 1) == [False, False, False]
    assert await asyncio.wait_for(keeper.news(keeper.listen(house.organization_id), 60), 1) is False

"""The cloud's answer to a PIN that a till set: in `staff`, once, if it was set by right."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from branch_books import CASHIER

from cloud.jobs.desk import list_jobs
from cloud.jobs.kinds import JobCall
from cloud.jobs.worker import JobWorker
from cloud.rooms import ROOMS
from cloud.works import jobs_of, provided_by
from shared.kernel.permissions import Permission, Role
from shared.kernel.stamps import COUNTER_BITS
from shared.staff.pin_setting import pin_change_id
from shared.staff.pins import hashed_pin, pin_matches
from shared.staff.records import StaffMember
from sync.change import decode
from sync.records import changes
from tests.cloud.jobs.test_queue import idle
from tests.cloud.replication.house import Hand, House, Said, created, edited, open_house

MANAGER, ANA, BOSS = UUID(int=0x3A9A9E4), UUID(int=0xA7A), UUID(int=0xB055)
PEPPER, SALT = b"p" * 32, b"s" * 16


@pytest.fixture
async def house(parts: Any, tenant: Any) -> House:
    house = await open_house(parts, tenant)
    await house.hire(Role.BRANCH_MANAGER, MANAGER)
    await house.hire(Role.WAITER, ANA, house.own.branch_id, house.other.branch_id)
    await house.hire(Role.ORGANIZATION_ADMIN, BOSS)
    return house


def pin(text: str) -> str:
    hashed = hashed_pin(text, PEPPER, SALT)
    return f"{hashed.hint} {hashed.encoded}"


def set_pin(hand: Hand, person: UUID, text: str) -> Said:
    """As a till writes it the first time."""
    key = pin_change_id(hand.branch_id, person)
    return created("pin_changes", key, branch_id=hand.branch_id, person_id=person, pin=pin(text))


def set_again(hand: Hand, person: UUID, text: str) -> Said:
    return edited("pin_changes", pin_change_id(hand.branch_id, person), pin=pin(text))


def now(house: House) -> int:
    """A stamp after all that the house has written; the clock of a test stands still."""
    return (house.parts.clock.milliseconds() + 1_000) << COUNTER_BITS


async def react(house: House) -> None:
    """Fold what was written, and do what the cloud owes."""
    await house.fold()
    provided = provided_by(house.parts, ROOMS)
    kinds = {kind.name: kind for kind in jobs_of(ROOMS)}
    async with house.parts.database.control() as control:
        waiting = await list_jobs(control, only_dead=False)
    for job in waiting:
        await kinds[job.name].run(JobCall(job.organization_id, job.args, 1), provided)


async def the_pin(house: House, person: UUID, *tried: str) -> str | None:
    async with house.parts.database.read(house.organization_id) as session:
        row = await session.get(StaffMember, (house.organization_id, person))
        assert row is not None
        return next((each for each in tried if row.pin_hash and pin_matches(row.pin_hash, each, PEPPER)), None)


async def test_the_pin_that_a_manager_set_is_the_persons_everywhere(house: House) -> None:
    house.own.say(set_pin(house.own, ANA, "4711"), actor=MANAGER, stamp=now(house))
    await react(house)
    assert await the_pin(house, ANA, "4711") == "4711"
    staff = await house.rows("staff")
    await react(house)
    assert await house.rows("staff") == staff, "twice is once"
    assert await house.events() == []


async def test_the_newest_pin_of_two_branches_holds_in_whatever_order_they_come(house: House) -> None:
    await house.hire(Role.BRANCH_MANAGER, chief := UUID(int=0xC41EF), house.own.branch_id, house.other.branch_id)
    later = now(house) + (1 << 30)
    house.other.say(set_pin(house.other, ANA, "5555"), actor=chief, stamp=later)
    await house.send(house.other)
    await react(house)
    house.own.say(set_pin(house.own, ANA, "4711"), actor=chief, stamp=now(house))
    await react(house)
    assert await the_pin(house, ANA, "4711", "5555") == "5555"
    house.own.say(set_again(house.own, ANA, "6666"), actor=chief, stamp=later + (1 << 20))
    await react(house)
    assert await the_pin(house, ANA, "4711", "5555", "6666") == "6666"


async def test_a_pin_that_was_set_without_the_right_is_asked_about_and_not_taken_over(house: House) -> None:
    house.own.say(set_pin(house.own, ANA, "4711"), actor=CASHIER, stamp=now(house))
    await react(house)
    assert await the_pin(house, ANA, "4711") is None
    assert await house.events() == [("without_right", CASHIER, Permission.SET_PIN, 1)]


@pytest.mark.parametrize("person", [BOSS, UUID(int=0x07)])
async def test_the_pin_of_an_administrator_or_a_stranger_is_asked_about_once(house: House, person: UUID) -> None:
    house.own.say(set_pin(house.own, person, "4711"), actor=MANAGER, stamp=now(house))
    await react(house)
    await react(house)
    assert await the_pin(house, BOSS, "4711") is None
    assert await house.events() == [("without_right", MANAGER, Permission.SET_PIN, 1)]


async def test_somebody_of_another_branch_gets_no_pin_here(house: House) -> None:
    abroad = await house.hire(Role.WAITER, None, house.other.branch_id)
    house.own.say(set_pin(house.own, abroad, "4711"), actor=MANAGER, stamp=now(house))
    await react(house)
    assert await the_pin(house, abroad, "4711") is None
    assert await house.events() == [("without_right", MANAGER, Permission.SET_PIN, 1)]


@pytest.mark.parametrize(
    ("said", "knew"),
    [
        (pin("4711").replace("m=19456,t=2", "m=4194304,t=4294967295"), ""),
        ("abc $argon2id$", ""),
        (pin("4711"), "f" * 60),
    ],
)
async def test_what_is_no_pin_or_costs_hours_is_void(house: House, said: str, knew: str) -> None:
    key, branch_id = pin_change_id(house.own.branch_id, ANA), house.own.branch_id
    row = created("pin_changes", key, branch_id=branch_id, person_id=ANA, pin=said, knew=knew)
    at = house.own.say(row, actor=MANAGER, stamp=now(house))
    await react(house)
    assert await house.verdicts(house.own) == [(*at, "ROW_BREAKS_A_RULE")]
    assert await the_pin(house, ANA, "4711") is None


async def test_two_workers_answer_a_pin_once(house: House) -> None:
    house.own.say(set_pin(house.own, ANA, "4711"), actor=MANAGER, stamp=now(house))
    await house.fold()
    before = await changes_of_staff(house)
    kinds, provided = [kind for kind in jobs_of(ROOMS) if kind.every is None], provided_by(house.parts, ROOMS)
    workers = [asyncio.create_task(JobWorker(house.parts.database).run(kinds, provided)) for _ in range(2)]
    await idle(house.parts.database)
    house.own.say(set_again(house.own, ANA, "4711"), actor=MANAGER, stamp=now(house) + 1)
    await house.fold()
    await idle(house.parts.database)
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)
    assert await the_pin(house, ANA, "4711") == "4711"
    assert await changes_of_staff(house) == before + 1, "the same PIN again is no change"


async def changes_of_staff(house: House) -> int:
    """How many changes the log holds of the people of this organization."""
    async with house.parts.database.read(house.organization_id) as session:
        bodies = await session.scalars(sa.select(changes.c.body))
        return sum(decode(bytes(body)).table == "staff" for body in bodies)

"""PINs that a till sets: valid in its branch at once; the newest one holds, wherever it was set."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from restaurant import (
    BRANCH,
    CASHIER,
    CLOUD,
    MANAGER,
    ORGANIZATION,
    TILL,
    WAITER,
    HandClock,
    Replica,
    Village,
)

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.staff.commands import add_staff
from shared.staff.pin_records import PinChange
from shared.staff.pin_setting import new_pin, pin_change_id, set_pin, take_over_pin
from shared.staff.pin_stamps import set_in_branch
from shared.staff.pins import hashed_pin, pin_matches
from shared.staff.queries import StaffView, staff_of_branch
from shared.staff.records import StaffMember

PEPPER, SALT = b"p" * 32, b"s" * 16
ANA, BETO, JEFA = UUID(int=0xA7A), UUID(int=0xBE70), UUID(int=0x1EFA)


@pytest.fixture
async def cloud(village: Village) -> Replica:
    cloud = village.replica(CLOUD, "")
    async with cloud.work() as work:
        for person, role, pin in (
            (ANA, Role.WAITER, "1111"),
            (BETO, Role.CASHIER, "2222"),
            (JEFA, Role.ORGANIZATION_ADMIN, "3333"),
        ):
            await add_staff(work, person, role.value, role, [BRANCH], pin, PEPPER, SALT)
    return cloud


@pytest.fixture
async def till(village: Village, cloud: Replica) -> Replica:
    till = village.replica(TILL, "A")
    await till.pull(cloud)
    return till


async def staff(replica: Replica, branch_id: UUID = BRANCH) -> dict[UUID, StaffView]:
    async with replica.connection() as connection:
        return {each.id: each for each in await staff_of_branch(connection, ORGANIZATION, branch_id)}


async def pin_of(replica: Replica, person: UUID, *tried: str, branch_id: UUID = BRANCH) -> str:
    """Which of these is the person's PIN."""
    view = (await staff(replica, branch_id))[person]
    (found,) = [each for each in tried if await asyncio.to_thread(pin_matches, view.pin_hash, each, PEPPER)]
    return found


async def set_at(replica: Replica, person: UUID, pin: str) -> None:
    async with replica.work(MANAGER) as work:
        await set_pin(work, person, hashed_pin(pin, PEPPER, SALT))


async def taken_over(cloud: Replica, person: UUID) -> bool:
    """What the cloud's reaction does."""
    row = await cloud.row(PinChange, pin_change_id(BRANCH, person))
    async with cloud.work() as work:
        return await take_over_pin(work, person, set_in_branch(row.pin, row.stamps, row.knew))


async def test_a_pin_holds_in_the_branch_at_once_and_everywhere_once_it_is_taken_over(
    till: Replica, cloud: Replica
) -> None:
    await set_at(till, ANA, "4711")
    assert await pin_of(till, ANA, "1111", "4711") == "4711"
    await cloud.pull(till)
    assert await taken_over(cloud, ANA)
    assert not await taken_over(cloud, ANA), "twice is once"
    await till.pull(cloud)
    row = await till.row(StaffMember, ANA)
    assert pin_matches(row.pin_hash, "4711", PEPPER)
    assert await pin_of(till, ANA, "1111", "4711") == "4711"
    assert "4711" not in str(await till.rows(PinChange))


async def test_what_the_organization_sets_later_holds(till: Replica, cloud: Replica, village: Village) -> None:
    await set_at(till, ANA, "4711")
    village.clock.pass_time(minutes=1)
    async with cloud.work() as work:
        person = await work.get(StaffMember, ANA)
        person.pin_hash, person.pin_hint = hashed_pin("8888", PEPPER, SALT)
        person.pin_said = ""
    await cloud.pull(till)
    assert not await taken_over(cloud, ANA)
    await till.pull(cloud)
    assert await pin_of(till, ANA, "1111", "4711", "8888") == "8888"


async def test_a_till_whose_clock_is_behind_is_not_overruled_by_what_it_said_before(
    village: Village, cloud: Replica
) -> None:
    behind = HandClock(village.clock.instant - timedelta(minutes=10))
    till = village.replica(TILL, "A", behind)
    await till.pull(cloud)
    behind.instant = village.clock.instant - timedelta(minutes=5)
    await set_at(till, ANA, "4711")
    await cloud.pull(till)
    village.clock.pass_time(minutes=30)
    assert await taken_over(cloud, ANA)
    await set_at(till, ANA, "5555")  # before it hears of the copy
    await till.pull(cloud)
    assert await pin_of(till, ANA, "1111", "4711", "5555") == "5555"
    await cloud.pull(till)
    assert await taken_over(cloud, ANA)
    assert await pin_of(cloud, ANA, "4711", "5555") == "5555"


async def test_two_tills_that_set_a_pin_at_once_end_in_one(till: Replica, cloud: Replica, village: Village) -> None:
    other = village.replica(WAITER, "B")
    await other.pull(cloud)
    await set_at(till, ANA, "4711")
    village.clock.pass_time(seconds=1)
    await set_at(other, ANA, "5555")
    await till.pull(other)
    await other.pull(till)
    assert await pin_of(till, ANA, "4711", "5555") == await pin_of(other, ANA, "4711", "5555") == "5555"
    assert await till.parked() == await other.parked() == []


async def test_the_pin_of_an_administrator_is_set_in_the_cloud_alone(till: Replica) -> None:
    with pytest.raises(DomainError, match="PIN_OF_AN_ADMINISTRATOR"):
        await set_at(till, JEFA, "4711")
    async with till.work() as work:  # as a till with another program would write it
        work.add(
            PinChange(
                organization_id=ORGANIZATION,
                branch_id=BRANCH,
                id=pin_change_id(BRANCH, JEFA),
                person_id=JEFA,
                pin=" ".join(reversed(hashed_pin("4711", PEPPER, SALT))),
            )
        )
    assert await pin_of(till, JEFA, "3333", "4711") == "3333"


async def test_it_takes_the_right_and_somebody_who_works_here(till: Replica, cloud: Replica) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(CASHIER) as work:
            await set_pin(work, ANA, hashed_pin("4711", PEPPER, SALT))
    async with cloud.work() as work:
        (await work.get(StaffMember, ANA)).active = False
    await till.pull(cloud)
    with pytest.raises(DomainError, match="NO_LONGER_WORKS_HERE"):
        await set_at(till, ANA, "4711")


async def test_no_two_people_of_a_branch_have_one_pin(till: Replica) -> None:
    people = list((await staff(till)).values())
    with pytest.raises(DomainError, match="PIN_TAKEN"):
        new_pin("2222", PEPPER, SALT, ANA, people)
    with pytest.raises(DomainError, match="PIN_NOT_WELL_FORMED"):
        new_pin("22x2", PEPPER, SALT, ANA, people)
    assert pin_matches(new_pin("1111", PEPPER, SALT, ANA, people).encoded, "1111", PEPPER), "one's own again is fine"


DEAR = "$argon2id$v=19$m=4194304,t=4294967295,p=1$c3Nzc3Nzc3Nzc3Nzc3Nzcw$cZvw6PFzTr5n/GvhdQY/1qBVRICneDxrAKOamOQhF80"


@pytest.mark.parametrize(
    ("pin", "knew"),
    [
        (f"ab {DEAR}", ""),
        ("ab " + hashed_pin("4711", PEPPER, SALT).encoded.replace("t=2", "t=80"), ""),
        ("abc " + hashed_pin("4711", PEPPER, SALT).encoded, ""),
        ("ab " + "z" * 200, ""),
        ("", ""),
        (" ".join(reversed(hashed_pin("4711", PEPPER, SALT))), "f" * 60),
        (" ".join(reversed(hashed_pin("4711", PEPPER, SALT))), "7fffffffffffffff 00"),
    ],
)
async def test_no_replica_writes_what_is_no_pin_or_costs_hours(till: Replica, pin: str, knew: str) -> None:
    row = {"organization_id": ORGANIZATION, "branch_id": BRANCH, "id": pin_change_id(BRANCH, ANA), "person_id": ANA}
    with pytest.raises(DomainError, match="ROW_BREAKS_A_RULE"):
        async with till.work() as work:
            work.add(PinChange(**row, pin=pin, knew=knew))
    assert await pin_of(till, ANA, "1111") == "1111"


def test_a_hash_that_costs_hours_is_not_computed() -> None:
    assert not pin_matches(DEAR, "4711", PEPPER)

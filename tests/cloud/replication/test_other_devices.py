"""What belongs to a drawer's session is written by the device that opened it: people are asked about all else."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from branch_books import CASHIER, noon

from tests.cloud.replication.house import TODAY, House, Said, check, created, edited, order, payment

SESSION, ORDER, CHECK = UUID(int=0x5E55), UUID(int=0x0DE1), UUID(int=0x0DE2)
ASKED = ("without_right", CASHIER, "other_device", 1)


def session(house: House, device_id: UUID, row_id: UUID = SESSION) -> Said:
    of = {"branch_id": house.own.branch_id, "device_id": device_id, "declared": True}
    return created("drawer_sessions", row_id, **of, opened_at=noon(TODAY), business_date=TODAY)


def movement(house: House) -> Said:
    of = {"branch_id": house.own.branch_id, "session_id": SESSION, "number": "B-M00000001", "currency": "PEN"}
    return created("cash_movements", uuid4(), **of, kind="in", in_minor=900, moved_at=noon(TODAY), business_date=TODAY)


def count(house: House) -> Said:
    of = {"branch_id": house.own.branch_id, "session_id": SESSION, "round": 1, "currency": "PEN"}
    return created("counts", uuid4(), **of, total_minor=900, expected_minor=900, counted_at=noon(TODAY))


def opening(house: House) -> Said:
    of = {"branch_id": house.own.branch_id, "session_id": SESSION, "reason": "Cambio"}
    return created("drawer_openings", uuid4(), **of, opened_at=noon(TODAY), business_date=TODAY)


def z_report(house: House) -> Said:
    of = {"branch_id": house.own.branch_id, "session_id": SESSION, "device_id": house.own.device_id}
    when = {"business_date": TODAY, "opened_at": noon(TODAY), "closed_at": noon(TODAY)}
    return created("z_reports", uuid4(), **of, **when, number="B-Z00000001", currency="PEN")


OF_A_SESSION: dict[str, Callable[[House], Said]] = {
    "movement": movement,
    "count": count,
    "opening": opening,
    "z": z_report,
    "close": lambda _house: edited("drawer_sessions", SESSION, closed=True),
    "opened again": lambda house: session(house, house.hands["second"].device_id),
    "payment": lambda house: payment(CHECK, house.own.branch_id, session_id=SESSION),
}


@pytest.fixture
async def opened(house: House) -> House:
    """A session that the own till opened, and a second till in the branch."""
    second = await house.open("second", house.own.branch_id)
    assert second.device_id != house.own.device_id
    house.own.say(session(house, house.own.device_id))
    house.own.say(order(ORDER, house.own.branch_id), check(CHECK, ORDER, house.own.branch_id))
    await house.fold()
    assert await house.events() == []
    return house


@pytest.mark.parametrize("said", OF_A_SESSION.values(), ids=OF_A_SESSION.keys())
async def test_what_another_device_writes_into_a_session_is_folded_and_asked_about(
    opened: House, said: Callable[[House], Said]
) -> None:
    house, second = opened, opened.hands["second"]
    second.say(said(house))
    await house.fold()
    assert await house.verdicts(second) == await house.parked() == []
    assert await house.events() == [ASKED]
    (asked,) = await house.rows("exceptions")
    assert asked.device_id == second.device_id


async def test_its_own_device_is_asked_nothing(opened: House) -> None:
    house = opened
    house.own.say(payment(CHECK, house.own.branch_id, session_id=SESSION))
    for said in (movement, count, opening, z_report):
        house.own.say(said(house))
    house.own.say(edited("drawer_sessions", SESSION, closed=True))
    await house.fold()
    assert await house.events() == []


async def test_who_puts_a_wrong_payment_right_in_its_session_is_asked_nothing(opened: House) -> None:
    house, second = opened, opened.hands["second"]
    second.say(payment(CHECK, house.own.branch_id, session_id=SESSION, replaces_id=uuid4()))
    await house.fold()
    assert await house.events() == []


async def test_a_session_in_the_name_of_another_device_is_asked_about(opened: House) -> None:
    house, second = opened, opened.hands["second"]
    second.say(session(house, house.own.device_id, uuid4()))
    await house.fold()
    assert await house.events() == [ASKED]


async def test_a_session_and_what_another_device_writes_into_it_may_come_in_one_batch(house: House) -> None:
    second = await house.open("second", house.own.branch_id)
    house.own.say(session(house, house.own.device_id), movement(house))
    second.say(count(house))
    await house.fold()
    assert await house.events() == [ASKED]

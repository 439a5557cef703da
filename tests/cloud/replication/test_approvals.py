"""An approval lends the right of who approves to one row of somebody else; a forged one lends nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from branch_books import CASHIER, noon

from shared.kernel.permissions import Permission, Role
from shared.kernel.stamps import COUNTER_BITS
from tests.cloud.replication.house import TODAY, House, Said, check, created, edited, order, payment

WAITER, MANAGER, OTHER_MANAGER = (UUID(int=number) for number in (0x3A17E4, 0x3A9A9E4, 0x3A9A9E5))
OPEN_ORDER, OPEN_CHECK = UUID(int=0x0DE1), UUID(int=0x0DE2)
DISCOUNT = UUID(int=0xD15C)
ASKED = ("without_right", WAITER, "give_discount", 1)


@pytest.fixture
async def open_check(house: House) -> House:
    for staff_id, role in {
        WAITER: Role.WAITER,
        MANAGER: Role.BRANCH_MANAGER,
        OTHER_MANAGER: Role.BRANCH_MANAGER,
    }.items():
        await house.hire(role, staff_id)
    house.own.say(order(OPEN_ORDER, house.own.branch_id), check(OPEN_CHECK, OPEN_ORDER, house.own.branch_id))
    await house.fold()
    return house


def discount(house: House, row_id: UUID = DISCOUNT, amount_minor: int = 900) -> Said:
    of = {"check_id": OPEN_CHECK, "amount_minor": amount_minor, "worth_minor": amount_minor}
    of["in_all_minor"] = amount_minor
    return created(
        "discounts", row_id, branch_id=house.own.branch_id, **of, kind="amount", given_at=noon(TODAY), lifted=False
    )


def approval(house: House, **given: Any) -> Said:
    said = {
        "permission": "give_discount",
        "amount_minor": 900,
        "approver_id": MANAGER,
        "asker_id": WAITER,
        "of_table": "discounts",
        "of_row_id": DISCOUNT,
        "approved_at": noon(TODAY),
    }
    return created("approvals", uuid4(), branch_id=house.own.branch_id, **{**said, **given})


async def asked(house: House, *said: Said, actor: UUID = WAITER) -> list[tuple[str, UUID | None, str, int]]:
    """What people are asked after these changes. All of it is folded, whatever it is."""
    house.own.say(*said, actor=actor)
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    return await house.events()


async def test_an_approved_row_is_asked_of_nobody(open_check: House) -> None:
    assert await asked(open_check, discount(open_check), approval(open_check)) == []


async def test_the_order_of_rows_in_the_transaction_is_all_one(open_check: House) -> None:
    assert await asked(open_check, approval(open_check), discount(open_check)) == []


async def test_an_approved_edit_is_asked_of_nobody_and_the_next_one_is_asked_about(open_check: House) -> None:
    house = open_check
    house.own.say(discount(house), actor=MANAGER)
    lifts = edited("discounts", DISCOUNT, lifted=True)
    assert await asked(house, lifts, approval(house)) == []
    assert await asked(house, lifts) == [ASKED], "an approval serves in its transaction alone"


async def test_a_payment_that_a_cashier_approves_for_a_waiter(open_check: House) -> None:
    house = open_check
    pays = payment(OPEN_CHECK, house.own.branch_id)
    lent = {"permission": "take_payment", "amount_minor": 0, "approver_id": CASHIER, "of_table": "payments"}
    assert await asked(house, pays, approval(house, **lent, of_row_id=pays[2])) == []


@dataclass(frozen=True)
class Forgery:
    """What is wrong with an approval, and who approves."""

    given: dict[str, Any] = field(default_factory=dict)
    row: Callable[[House], Said] = discount
    names: UUID | None = MANAGER


FORGERIES = {
    "by somebody without the right": Forgery({"approver_id": CASHIER}, names=CASHIER),
    "by oneself": Forgery({"approver_id": WAITER}, names=WAITER),
    "by nobody of the house": Forgery({"approver_id": UUID(int=1)}, names=UUID(int=1)),
    "for another row": Forgery({"of_row_id": UUID(int=2)}, names=None),
    "for a row of another table": Forgery({"of_table": "refunds"}, names=None),
    "for another right": Forgery({"permission": "refund"}),
    "for somebody else": Forgery({"asker_id": CASHIER}),
    "for less": Forgery({"amount_minor": 899}),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forged_approval_approves_nothing_and_is_named(open_check: House, forgery: Forgery) -> None:
    house = open_check
    assert await asked(house, forgery.row(house), approval(house, **forgery.given)) == [ASKED]
    (event,) = await house.rows("exceptions")
    assert event.details[0].get("approver") == (forgery.names.hex if forgery.names else None)
    assert event.person_id == WAITER


async def test_an_approval_serves_one_row(open_check: House) -> None:
    house = open_check
    assert await asked(house, discount(house), discount(house, uuid4()), approval(house)) == [ASKED]


async def test_an_approval_of_an_earlier_transaction_approves_nothing(open_check: House) -> None:
    house = open_check
    house.own.say(approval(house), actor=WAITER)
    assert await asked(house, discount(house)) == [ASKED]


async def test_the_limit_of_who_approves_holds(open_check: House) -> None:
    house = open_check
    await house.limit(Role.BRANCH_MANAGER, Permission.GIVE_DISCOUNT, 899)
    assert await asked(house, discount(house), approval(house)) == [ASKED]


async def test_what_a_discount_may_take_is_held_against_the_limit(open_check: House) -> None:
    house = open_check
    await house.limit(Role.BRANCH_MANAGER, Permission.GIVE_DISCOUNT, 899)
    rate = {"check_id": OPEN_CHECK, "rate_millionths": 100_000, "kind": "rate", "given_at": noon(TODAY)}
    rate |= {"worth_minor": 1, "in_all_minor": 1, "lifted": False}
    for most, expected in ((899, []), (900, [("without_right", MANAGER, "give_discount", 1)])):
        said = created("discounts", uuid4(), branch_id=house.own.branch_id, **rate, most_minor=most)
        assert await asked(house, said, actor=MANAGER) == expected


async def test_what_they_approved_stands_after_they_are_dismissed_and_nothing_after_it_does(open_check: House) -> None:
    house = open_check
    assert await asked(house, discount(house), approval(house)) == []
    dismissed_ms = await house.dismiss(MANAGER)
    stamp = (dismissed_ms + 60_000) << COUNTER_BITS
    late = uuid4()
    house.own.say(discount(house, late), approval(house, of_row_id=late), actor=WAITER, stamp=stamp)
    await house.fold()
    assert await house.events() == [ASKED]


async def test_somebody_who_may_needs_no_approval_and_a_false_one_harms_nothing(open_check: House) -> None:
    house = open_check
    assert await asked(house, discount(house), approval(house, approver_id=WAITER), actor=OTHER_MANAGER) == []


# -- one's own rows ----------------------------------------------------------------------------------------------------


def time_entry(house: House, person: UUID, **given: Any) -> Said:
    of = {"person_id": person, "kind": "in", "at": noon(TODAY), "typed_at": noon(TODAY), "business_date": TODAY}
    return created("time_entries", uuid4(), branch_id=house.own.branch_id, **{**of, **given})


async def test_everybody_notes_their_own_hours_and_nobody_those_of_others(open_check: House) -> None:
    house = open_check
    assert await asked(house, time_entry(house, WAITER)) == []
    assert await asked(house, time_entry(house, MANAGER)) == [("without_right", WAITER, "edit_hours", 1)]


async def test_nobody_corrects_their_own_hours_without_an_approval(open_check: House) -> None:
    house = open_check
    corrects = time_entry(house, WAITER, corrects_id=uuid4())
    lent = {"permission": "edit_hours", "amount_minor": 0, "of_table": "time_entries", "of_row_id": corrects[2]}
    assert await asked(house, corrects, approval(house, **lent)) == []
    assert await asked(house, time_entry(house, WAITER, corrects_id=uuid4())) == [
        ("without_right", WAITER, "edit_hours", 1)
    ]


async def test_who_does_not_work_here_notes_no_hours(open_check: House) -> None:
    house = open_check
    await house.dismiss(WAITER)
    late = (house.parts.clock.milliseconds() + 60_000) << COUNTER_BITS
    house.own.say(time_entry(house, WAITER), actor=WAITER, stamp=late)
    await house.fold()
    assert await house.events() == [("without_right", WAITER, "edit_hours", 1)]

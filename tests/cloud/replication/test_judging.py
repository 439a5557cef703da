"""What the cloud folds of what devices wrote, what it voids with which reason, and what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from branch_books import CASHIER

from shared.kernel.permissions import Role
from sync.change import Kind
from tests.cloud.replication.house import (
    House,
    Said,
    check,
    created,
    edited,
    lunch,
    order,
    payment,
    tip,
    verdict_of,
)

WAITER, KITCHEN, MANAGER, ADMIN = (UUID(int=number) for number in (0x3A17E4, 0xC00C, 0x3A9A9E4, 0xAD314))
OPEN_ORDER, OPEN_CHECK, FOREIGN_ORDER, FOREIGN_CHECK = (UUID(int=number) for number in range(0x0DE1, 0x0DE5))


@pytest.fixture
async def open_checks(house: House) -> House:
    """Somebody of each role, an honest sale, and an open check in each of two branches; all of it folded."""
    staff = {WAITER: Role.WAITER, KITCHEN: Role.KITCHEN, MANAGER: Role.BRANCH_MANAGER, ADMIN: Role.ORGANIZATION_ADMIN}
    for staff_id, role in staff.items():
        await house.hire(role, staff_id)
    house.own.sell(lunch())
    for hand, order_id, check_id in (
        (house.own, OPEN_ORDER, OPEN_CHECK),
        (house.other, FOREIGN_ORDER, FOREIGN_CHECK),
    ):
        hand.say(order(order_id, hand.branch_id), check(check_id, order_id, hand.branch_id))
    await house.fold()
    return house


async def test_an_honest_sale_is_folded_and_summed_and_nothing_is_said_of_it(house: House) -> None:
    sale = lunch()
    _first, last = house.own.sell(sale)
    await house.fold()
    assert [row.id for row in await house.rows("receipts")] == [sale.receipt_id]
    assert await house.takings() == sale.total_minor
    assert await house.judged(house.own) == last
    assert await house.verdicts(house.own) == await house.told(house.own) == []


# -- what is void ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forgery:
    """What a device should not have written, by whom it says that it was, and why it is void."""

    reason: str
    said: Callable[[House], list[Said]]
    actor: UUID | None = CASHIER
    stamp: int | None = None


def _own(house: House) -> UUID:
    return house.own.branch_id


def _foreign(house: House) -> UUID:
    return house.other.branch_id


FORGERIES = {
    "a payment of less than nothing": Forgery(
        "ROW_BREAKS_A_RULE",
        lambda house: [payment(OPEN_CHECK, _own(house), amount_minor=-5_000_000, tendered_minor=-5_000_000)],
    ),
    "a payment that does not add up": Forgery(
        "ROW_BREAKS_A_RULE", lambda house: [payment(OPEN_CHECK, _own(house), change_minor=1)]
    ),
    "an order that is fine with a payment that is not": Forgery(
        "ROW_BREAKS_A_RULE",
        lambda house: [order(uuid4(), _own(house)), payment(OPEN_CHECK, _own(house), tendered_minor=1)],
    ),
    "guests below zero": Forgery("ROW_BREAKS_A_RULE", lambda house: [edited("orders", OPEN_ORDER, guests=-1)], MANAGER),
    "a word for a number": Forgery(
        "VALUE_UNKNOWN", lambda house: [("orders", Kind.EDIT, OPEN_ORDER, {"guests": "three"})]
    ),
    "a number too large": Forgery(
        "VALUE_UNKNOWN", lambda house: [("orders", Kind.EDIT, OPEN_ORDER, {"guests": 1 << 62})]
    ),
    "nothing where a value is needed": Forgery(
        "VALUE_UNKNOWN", lambda house: [("orders", Kind.EDIT, OPEN_ORDER, {"notes": None})]
    ),
    "a new member of staff": Forgery(
        "WRONG_SCOPE", lambda house: [created("staff", uuid4(), name="Eve", role=Role.ORGANIZATION_ADMIN)], ADMIN
    ),
    "a waiter makes himself admin": Forgery(
        "WRONG_SCOPE", lambda house: [edited("staff", WAITER, role=Role.ORGANIZATION_ADMIN)], WAITER
    ),
    "a dish": Forgery("WRONG_SCOPE", lambda house: [created("items", uuid4(), name="Gratis", price_minor=0)], ADMIN),
    "another branch's row": Forgery("WRONG_BRANCH", lambda house: [order(uuid4(), _foreign(house))]),
    "a row of no branch": Forgery("WRONG_BRANCH", lambda house: [without_branch(order(uuid4(), _own(house)))]),
    "an edit of another branch's row": Forgery(
        "WRONG_BRANCH",
        lambda house: [edited("orders", FOREIGN_ORDER, has_left=True)],
    ),
    "a payment on another branch's check": Forgery("WRONG_BRANCH", lambda house: [payment(FOREIGN_CHECK, _own(house))]),
    "a check of another branch's order": Forgery(
        "WRONG_BRANCH", lambda house: [check(uuid4(), FOREIGN_ORDER, _own(house))]
    ),
    "an edit after an honest sale's row": Forgery(
        "WRONG_BRANCH",
        lambda house: [
            order(uuid4(), _own(house)),
            edited("checks", FOREIGN_CHECK, order_id=FOREIGN_ORDER),
        ],
    ),
    "another branch's row taken over": Forgery("ROW_TAKEN", lambda house: [order(FOREIGN_ORDER, _own(house))]),
    "a row with another content": Forgery("ROW_TAKEN", lambda house: [order(OPEN_ORDER, _own(house), currency="USD")]),
    "a newer row with another content": Forgery(
        "ROW_TAKEN", lambda house: [order(OPEN_ORDER, _own(house), number="B7")], CASHIER, 1 << 62
    ),
    "a verdict": Forgery("ONLY_THE_CLOUD", lambda house: [verdict_of(house.own, 1, 6)]),
    "an admin's verdict": Forgery("ONLY_THE_CLOUD", lambda house: [verdict_of(house.own, 1, 6)], ADMIN),
    "nobody's verdict": Forgery("ONLY_THE_CLOUD", lambda house: [verdict_of(house.own, 1, 6)], None),
}


def without_branch(said: Said) -> Said:
    return lacking(said, "branch_id")


def lacking(said: Said, name: str) -> Said:
    table, kind, row_id, fields = said
    return table, kind, row_id, {field: value for field, value in fields.items() if field != name}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forgery_is_voided_with_its_reason_and_leaves_nothing(open_checks: House, forgery: Forgery) -> None:
    house = open_checks
    before, answered = await house.books(), await house.told(house.own)
    first, last = house.own.say(*forgery.said(house), actor=forgery.actor, stamp=forgery.stamp)
    await house.fold()
    assert await house.books() == before
    assert await house.told(house.own) == [*answered, (first, last, forgery.reason)]
    assert await house.verdicts(house.own) == await house.told(house.own), "the forged one is not among them"
    assert await house.parked() == []


async def test_a_place_in_a_stream_of_somebody_else_is_no_origin(open_checks: House) -> None:
    """It would let a device write under the identity of another, wherever stamps tie."""
    house = open_checks
    before = await house.books()
    first, last = house.own.say(order(uuid4(), _own(house)), origin=house.other.key.id)
    await house.fold()
    assert await house.books() == before
    assert await house.verdicts(house.own) == [(first, last, "WRONG_ORIGIN")]


async def test_a_place_in_an_own_stream_is_one_in_whatever_incarnation(open_checks: House) -> None:
    house = open_checks
    for incarnation in (1, 7, 999):
        house.own.say(order(uuid4(), _own(house)), origin=house.own.key._replace(incarnation=incarnation).id)
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []


# -- what is kept ------------------------------------------------------------------------------------------------------


async def test_a_row_that_is_created_again_with_the_same_content_is_accepted(open_checks: House) -> None:
    """Two devices that derive one row from one fact, or a device that writes its history anew after a fork."""
    house, row = open_checks, payment(OPEN_CHECK, open_checks.own.branch_id)
    second = await house.open("second till", house.own.branch_id)
    house.own.say(row)
    await house.fold()
    before = await house.books()
    second.say(row)
    await house.fold()
    assert await house.verdicts(second) == await house.parked() == []
    assert await house.books() == before, "nothing is doubled"


async def test_another_content_after_it_in_one_batch_is_void(open_checks: House) -> None:
    house, row_id = open_checks, uuid4()
    house.own.say(order(row_id, house.own.branch_id))
    void = house.own.say(order(row_id, house.own.branch_id, number="B7"))
    await house.fold()
    assert await house.verdicts(house.own) == [(*void, "ROW_TAKEN")]
    assert [row.number for row in await house.rows("orders") if row.id == row_id] == ["A1"]


@pytest.mark.parametrize(("amount", "rounding"), [(1_000, 0), (900, 0), (1_002, 2), (1_002, 0)])
async def test_two_tills_that_note_one_payment_anew_are_one_and_neither_is_void(
    open_checks: House, amount: int, rounding: int
) -> None:
    """Each chose another method, and gave it a number of its own; another amount is no slip of the hand, unless it is
    what coins can pay of the same."""
    house, wrong, row_id = open_checks, uuid4(), uuid4()
    second = await house.open("second till", house.own.branch_id)
    table, kind, _id, fields = payment(OPEN_CHECK, house.own.branch_id, replaces_id=wrong)
    house.own.say((table, kind, row_id, fields | {"number": "A-P00000001"}))
    await house.fold()
    fields |= {"amount_minor": amount, "tendered_minor": amount, "rounding_minor": rounding}
    last = second.say((table, kind, row_id, fields | {"number": "B-P00000001", "reference": "0017"}))
    await house.fold()
    is_same = amount - rounding == 1_000
    assert await house.verdicts(second) == ([] if is_same else [(*last, "ROW_TAKEN")])
    (stands,) = [row for row in await house.rows("payments") if row.id == row_id]
    assert (stands.number, stands.reference) in (("A-P00000001", ""), ("B-P00000001", "0017")), "whole, not torn"
    assert stands.amount_minor == (1_000 if stands.number[0] == "A" else amount)
    assert is_same or stands.number[0] == "A"


@pytest.mark.parametrize(("amount", "is_same"), [(502, True), (9_500, False)])
async def test_a_tip_that_two_tills_note_anew_differs_by_no_more_than_a_coin(
    open_checks: House, amount: int, is_same: bool
) -> None:
    house, wrong, row_id = open_checks, uuid4(), uuid4()
    second = await house.open("second till", house.own.branch_id)
    house.own.say(tip(OPEN_CHECK, house.own.branch_id, row_id, replaces_id=wrong, amount_minor=500))
    await house.fold()
    last = second.say(tip(OPEN_CHECK, house.own.branch_id, row_id, replaces_id=wrong, amount_minor=amount))
    await house.fold()
    assert await house.verdicts(second) == ([] if is_same else [(*last, "ROW_TAKEN")])


async def test_a_payment_that_replaces_none_is_not_noted_twice_under_one_id(open_checks: House) -> None:
    house, row = open_checks, payment(OPEN_CHECK, open_checks.own.branch_id)
    table, kind, row_id, fields = row
    house.own.say(row)
    void = house.own.say((table, kind, row_id, fields | {"number": "A-P00000099"}))
    await house.fold()
    assert await house.verdicts(house.own) == [(*void, "ROW_TAKEN")]


async def test_a_derived_row_needs_no_right_of_its_own_and_is_never_taken(open_checks: House) -> None:
    """A check: whoever may write the order derives it, on several devices perhaps."""
    house, order_id = open_checks, uuid4()
    said = check(uuid4(), order_id, house.own.branch_id)
    house.own.say(order(order_id, house.own.branch_id))
    house.own.say(said, actor=KITCHEN)
    await house.fold()
    again = check(said[2], OPEN_ORDER, house.own.branch_id)
    house.own.say(again, actor=WAITER, stamp=1)
    await house.fold()
    assert (await house.verdicts(house.own), await house.parked()) == ([], [])
    found = [row.order_id for row in await house.rows("checks") if row.id == said[2]]
    assert found == [max(order_id, OPEN_ORDER)], "of two orders the newer one, whoever said it last"
    await house.digests()


async def test_streams_of_several_branches_in_one_batch_are_each_judged_by_their_own(open_checks: House) -> None:
    house = open_checks
    for hand in (house.own, house.other):
        hand.sell(lunch())
    void = house.other.say(order(uuid4(), house.own.branch_id))
    abroad = house.own.say(payment(FOREIGN_CHECK, house.own.branch_id))
    house.other.say(payment(FOREIGN_CHECK, house.other.branch_id))
    await house.fold()
    assert await house.told(house.other) == [(*void, "WRONG_BRANCH")]
    assert await house.told(house.own) == [(*abroad, "WRONG_BRANCH")]
    assert await house.takings() == 3 * lunch().total_minor + 1_000

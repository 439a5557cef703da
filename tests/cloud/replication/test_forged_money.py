"""Money that no honest till writes: it stays, and people are asked about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from branch_books import CARD, CASH, CASHIER, METHODS, noon

from shared.kernel.permissions import SYSTEM, Permission, Role
from shared.payments.adjustment_records import DiscountKind
from shared.payments.records import PaymentMethod
from shared.payments.rules import TenderKind
from tests.cloud.replication.house import TODAY, House, Said, check, created, edited, lunch, order, payment
from tests.cloud.replication.test_approvals import WAITER, approval

MANAGER = UUID(int=0x3A9A9E4)
ORDER, CHECK = UUID(int=0x0DE1), UUID(int=0x0DE2)
RIGHT, OTHERWISE = "give_discount", "copied_otherwise"


@pytest.fixture
async def house(house: House) -> House:
    """A manager who may give 20.00 away, and an open order."""
    await house.hire(Role.BRANCH_MANAGER, MANAGER)
    await house.limit(Role.BRANCH_MANAGER, Permission.GIVE_DISCOUNT, 2_000)
    branch = house.own.branch_id
    house.own.say(order(ORDER, branch), check(CHECK, ORDER, branch))
    await house.fold()
    return house


def discount(house: House, **given: Any) -> Said:
    how = {"kind": DiscountKind.RATE, "rate_millionths": 100_000, "worth_minor": 500, "most_minor": 2_000}
    how["in_all_minor"] = given.get("worth_minor", 500)
    what = {"check_id": CHECK, "given_at": noon(TODAY), "given_by": MANAGER}
    return created("discounts", uuid4(), branch_id=house.own.branch_id, **{**what, **how, **given})


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, False),
        ({"most_minor": 2_001}, True),
        ({"most_minor": None}, True),
        ({"most_minor": None, "rate_millionths": 0, "amount_minor": 500, "kind": DiscountKind.AMOUNT}, False),
        ({"worth_minor": 2_001, "most_minor": 2_001}, True),
        ({"in_all_minor": 2_000}, False),
        ({"in_all_minor": 2_001}, True),
    ],
)
async def test_a_rate_without_a_bound_takes_a_right_without_a_limit(house: House, given: Any, asked: bool) -> None:
    house.own.say(discount(house, **given), actor=MANAGER)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert {event[:3] for event in await house.events()} == ({("without_right", MANAGER, RIGHT)} if asked else set())


async def test_who_has_no_limit_gives_rates_without_a_bound(house: House) -> None:
    owner = await house.hire(Role.ORGANIZATION_ADMIN)
    house.own.say(discount(house, most_minor=None), actor=owner)
    await house.fold()
    assert await house.events() == []


@pytest.mark.parametrize(
    ("waived", "in_all", "asked"), [(2_000, 2_000, False), (2_001, 2_001, True), (1_000, 2_001, True)]
)
async def test_a_service_charge_that_is_taken_off_is_held_against_the_limit_of_discounts(
    house: House, waived: int, in_all: int, asked: bool
) -> None:
    charge = uuid4()
    added = {"name": "Servicio", "rate_millionths": 100_000, "added_at": noon(TODAY), "added_by": MANAGER}
    house.own.say(created("service_charges", charge, branch_id=house.own.branch_id, check_id=CHECK, **added))
    taken_off = {"lifted": True, "lifted_after": [], "waived_minor": waived, "in_all_minor": in_all}
    house.own.say(edited("service_charges", charge, **taken_off), actor=MANAGER)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert {event[:3] for event in await house.events()} == ({("without_right", MANAGER, RIGHT)} if asked else set())


async def test_money_of_another_kind_than_its_method_stays_and_is_asked_about(house: House) -> None:
    name, kind = METHODS[CARD]
    honest = payment(CHECK, house.own.branch_id, method_id=CARD, method_name=name, kind=kind, number="A-P00000001")
    house.own.say(honest, actor=MANAGER)
    await house.fold()
    assert await house.events() == []
    forged = payment(CHECK, house.own.branch_id, kind=TenderKind.ACCOUNT, number="A-P00000002")
    house.own.say(forged, actor=MANAGER)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert [event[:3] for event in await house.events()] == [("without_right", MANAGER, OTHERWISE)]


async def test_a_till_that_had_not_heard_of_a_new_kind_is_not_asked_about(house: House) -> None:
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        (await work.get(PaymentMethod, CASH)).kind = TenderKind.VOUCHER
    house.own.say(payment(CHECK, house.own.branch_id), actor=MANAGER)
    await house.fold()
    assert await house.events() == []


def of_a_counted_payment(
    house: House, *, counted: bool, said: bool = False, hour: int = 13, in_session: bool = True
) -> tuple[list[Said], list[Said]]:
    """A payment in a session of the own till with a receipt that counts it, or not; and its correction.

    Args:
        hour: of the receipt, by a clock that may be wrong.
        in_session: whether the receipt names the session. A sale by card with no shift open names none.
    """
    branch, session, receipt, paid, refund = (house.own.branch_id, *(uuid4() for _row in range(4)))
    when = {"business_date": TODAY, "local_hour": 12, "session_id": session}
    what = {"check_id": CHECK, "currency": "PEN"}
    begun = {"opened_at": noon(TODAY, 9), "business_date": TODAY, "device_id": house.own.key.device_id}
    name, kind = METHODS[CASH]
    taken = payment(CHECK, branch, number="A-P00000007", session_id=session)
    sale = [
        created("drawer_sessions", session, branch_id=branch, opened_by_name="Rosa", **begun),
        (*taken[:2], paid, taken[3]),
        created(
            "receipts",
            receipt,
            branch_id=branch,
            order_id=ORDER,
            number="A-00000007",
            settled_at=noon(TODAY, hour),
            counts=paid.bytes if counted else b"",
            **what,
            **(when if in_session else {**when, "session_id": None}),
            gross_minor=0,
            discount_minor=0,
            net_minor=0,
            tax_minor=0,
            total_minor=0,
        ),
    ]
    back = [
        created(
            "refunds",
            refund,
            branch_id=branch,
            number="A-R00000007",
            paid_minor=1_000,
            total_minor=0,
            correction=True,
            after_receipt=said,
            refunded_at=noon(TODAY, 14),
            **what,
            **when,
        ),
        created(
            "refund_payments",
            uuid4(),
            branch_id=branch,
            refund_id=refund,
            payment_id=paid,
            method_id=CASH,
            method_name=name,
            kind=kind,
            paid_minor=1_000,
            correction=True,
            **what,
            **when,
        ),
    ]
    return sale, back


@pytest.mark.parametrize("is_folded", [True, False])
@pytest.mark.parametrize(
    ("counted", "said", "actor", "asked"),
    [
        (True, False, CASHIER, True),
        (True, True, CASHIER, True),
        (True, False, MANAGER, False),
        (False, False, CASHIER, False),
    ],
)
async def test_a_payment_on_a_receipt_is_taken_back_by_right_whatever_its_row_says(
    house: House, is_folded: bool, counted: bool, said: bool, actor: UUID, asked: bool
) -> None:
    sale, back = of_a_counted_payment(house, counted=counted, said=said)
    house.own.say(*sale)
    if is_folded:
        await house.fold()
    house.own.say(*back, actor=actor)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert [event[:3] for event in await house.events()] == (
        [("without_right", actor, "correct_payment")] if asked else []
    )


@pytest.mark.parametrize("in_session", [True, False])
@pytest.mark.parametrize("hour", [9, 23])
@pytest.mark.parametrize("counted", [True, False])
async def test_no_clock_tells_whether_a_receipt_had_counted_a_payment(
    house: House, counted: bool, hour: int, in_session: bool
) -> None:
    sale, back = of_a_counted_payment(house, counted=counted, hour=hour, in_session=in_session)
    house.own.say(*sale)
    await house.fold()
    house.own.say(*back, actor=CASHIER)
    await house.fold()
    assert [event[:3] for event in await house.events()] == (
        [("without_right", CASHIER, "correct_payment")] if counted else []
    )


def given_back(house: House, session: UUID, amount: int, hour: int, check_id: UUID = CHECK) -> list[Said]:
    """So much handed out for the check by the own till."""
    branch, refund = house.own.branch_id, uuid4()
    same = {"check_id": check_id, "currency": "PEN", "business_date": TODAY, "local_hour": 12, "session_id": session}
    name, kind = METHODS[CASH]
    more = {"paid_minor": amount, "branch_id": branch, **same}
    number = f"A-R0000{hour:04}"
    whole = created("refunds", refund, number=number, total_minor=0, refunded_at=noon(TODAY, hour), **more)
    how = {"refund_id": refund, "method_id": CASH, "method_name": name, "kind": kind}
    return [whole, created("refund_payments", uuid4(), **how, **more)]


def drawer_of(house: House, device_id: UUID) -> tuple[UUID, Said]:
    """A session of a device."""
    session, begun = uuid4(), {"opened_at": noon(TODAY, 9), "business_date": TODAY, "device_id": device_id}
    made = created("drawer_sessions", session, branch_id=house.own.branch_id, opened_by_name="Rosa", **begun)
    return session, made


@pytest.mark.parametrize("is_folded", [True, False])
async def test_refunds_of_one_check_that_are_beyond_a_limit_only_together_are_asked_about(
    house: House, is_folded: bool
) -> None:
    await house.limit(Role.BRANCH_MANAGER, Permission.REFUND, 1_500)
    session, opened = drawer_of(house, house.own.key.device_id)
    house.own.say(opened, actor=MANAGER)
    house.own.say(*given_back(house, session, 1_000, 13), actor=MANAGER)
    if is_folded:
        await house.fold()
        assert await house.events() == []
    house.own.say(*given_back(house, session, 600, 14), actor=MANAGER)
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert [event[:3] for event in await house.events()] == [("without_right", MANAGER, "refund")]


@pytest.mark.parametrize(("is_of_the_order", "asked"), [(True, True), (False, False)])
@pytest.mark.parametrize("is_folded", [True, False])
async def test_refunds_of_all_checks_of_an_order_count_together(
    house: House, is_folded: bool, is_of_the_order: bool, asked: bool
) -> None:
    await house.limit(Role.BRANCH_MANAGER, Permission.REFUND, 1_500)
    session, opened = drawer_of(house, house.own.key.device_id)
    other, branch, of = uuid4(), house.own.branch_id, ORDER if is_of_the_order else uuid4()
    house.own.say(opened, *([] if is_of_the_order else [order(of, branch)]), check(other, of, branch), actor=MANAGER)
    house.own.say(*given_back(house, session, 1_000, 13), actor=MANAGER)
    if is_folded:
        await house.fold()
    house.own.say(*given_back(house, session, 600, 14, other), actor=MANAGER)
    await house.fold()
    assert [event[:3] for event in await house.events()] == ([("without_right", MANAGER, "refund")] if asked else [])


async def test_refunds_of_one_check_within_the_limit_are_asked_about_by_nobody(house: House) -> None:
    await house.limit(Role.BRANCH_MANAGER, Permission.REFUND, 1_600)
    session, opened = drawer_of(house, house.own.key.device_id)
    house.own.say(opened, actor=MANAGER)
    for amount, hour in ((1_000, 13), (600, 14)):
        house.own.say(*given_back(house, session, amount, hour), actor=MANAGER)
    await house.fold()
    assert await house.events() == []


@pytest.mark.parametrize(("most", "asked"), [(1_600, False), (1_500, True)])
async def test_who_approves_a_second_refund_is_held_against_what_went_back_in_all(
    house: House, most: int, asked: bool
) -> None:
    """The approval names the amount of its own row: the first refund was another's."""
    await house.limit(Role.BRANCH_MANAGER, Permission.REFUND, most)
    await house.hire(Role.WAITER, WAITER)
    session, opened = drawer_of(house, house.own.key.device_id)
    house.own.say(opened, actor=MANAGER)
    house.own.say(*given_back(house, session, 1_000, 13), actor=MANAGER)
    back = given_back(house, session, 600, 14)
    approvals = [
        approval(house, permission="refund", amount_minor=600, of_table=table, of_row_id=row)
        for table, _kind, row, _values in back
    ]
    house.own.say(*approvals, *back, actor=WAITER)
    await house.fold()
    assert [event[:3] for event in await house.events()] == ([("without_right", WAITER, "refund")] if asked else [])


WAYS_OUT = ((Permission.CASH_OUT, "out", "out_minor"), (Permission.SAFE_DROP, "drop", "taken_minor"))


@pytest.mark.parametrize("is_folded", [True, False])
@pytest.mark.parametrize("way", WAYS_OUT, ids=["out", "to the safe"])
@pytest.mark.parametrize(("most", "asked"), [(1_600, False), (1_500, True)])
async def test_cash_taken_out_in_parts_is_held_against_the_limit_of_its_session(
    house: House, most: int, asked: bool, is_folded: bool, way: tuple[Permission, str, str]
) -> None:
    right, kind, amount_of = way
    await house.limit(Role.BRANCH_MANAGER, right, most)
    session, opened = drawer_of(house, house.own.key.device_id)
    house.own.say(opened, actor=MANAGER)
    for at, amount in enumerate((1_000, 600)):
        of = {"session_id": session, "number": f"A-M{at:08}", "kind": kind, "currency": "PEN", "business_date": TODAY}
        by = {"moved_at": noon(TODAY, 13 + at), "moved_by": MANAGER, amount_of: amount, "reason": "Hielo"}
        house.own.say(created("cash_movements", uuid4(), branch_id=house.own.branch_id, **of, **by), actor=MANAGER)
        if is_folded:
            await house.fold()
    await house.fold()
    assert await house.verdicts(house.own) == []
    assert [event[:3] for event in await house.events()] == ([("without_right", MANAGER, str(right))] if asked else [])


@pytest.mark.parametrize("is_folded", [True, False])
@pytest.mark.parametrize(("most", "asked"), [(20_000, False), (1, True)])
async def test_losses_in_parts_are_held_against_the_limit_of_their_day(
    house: House, most: int, asked: bool, is_folded: bool
) -> None:
    sales = [lunch(), lunch()]
    least = sales[0].total_minor
    await house.limit(Role.BRANCH_MANAGER, Permission.WRITE_OFF, least + most)
    for at, sale in enumerate(sales):
        house.own.sell(sale)
        await house.fold()
        (receipt,) = [row for row in await house.rows("receipts") if row.id == sale.receipt_id]
        of = {"check_id": receipt.check_id, "receipt_id": receipt.id, "currency": "PEN", "amount_minor": least}
        day = {"business_date": TODAY, "local_hour": 13 + at, "written_at": noon(TODAY, 13 + at), "written_by": MANAGER}
        house.own.say(
            created("write_offs", uuid4(), branch_id=house.own.branch_id, **of, **day, lifted=False), actor=MANAGER
        )
        if is_folded:
            await house.fold()
    await house.fold()
    assert await house.verdicts(house.own) == []
    asks = [event[:3] for event in await house.events() if event[0] == "without_right"]
    assert asks == ([("without_right", MANAGER, "write_off")] if asked else [])

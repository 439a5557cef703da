"""Sessions of drawers: which one takes the money, on which day it counts, and what goes in and out besides sales."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, ORGANIZATION, SERVER, TILL, WAITER, Replica, Village

from shared.drawers.commands import (
    Cash,
    add_drawer,
    cash_in,
    cash_out,
    drop_cash,
    hand_over,
    open_session,
    open_without_sale,
    receive,
)
from shared.drawers.queries import handed_over
from shared.drawers.records import CashMovement, DrawerOpening, DrawerSession
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.permissions import Actor, Permission, Role
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import Refund

CEVICHE = 4_250
MONDAY = date(2026, 11, 23)
SOLES = "PEN"


@pytest.fixture
def hands(village: Village, till: Replica) -> Hands:
    return Hands(village, till)


async def sell(hands: Hands, method: str = "Efectivo") -> UUID:
    """The check of a ceviche that was paid exactly."""
    order = await hands.open()
    await hands.add(order)
    await hands.send(order)
    check = (await hands.check(order)).id
    await hands.pay(check, CEVICHE, method=method)
    return check


async def opened(replica: Replica, float_minor: int = 0, drawer: UUID | None = None) -> DrawerSession:
    async with replica.work(CASHIER) as work:
        floats = [Cash(SOLES, float_minor)] if float_minor else ()
        return (await open_session(work, work.ids.new(), drawer, floats)).session


async def test_all_money_of_a_device_names_its_open_session(hands: Hands) -> None:
    session = await opened(hands.replica, 20_000)
    check = await sell(hands, "Visa")
    (line,) = await hands.receipt_lines()
    await hands.refund(check, {line.id: 1_000})
    for kind in (Payment, Receipt, Refund):
        (row,) = await hands.replica.rows(kind)
        assert row.session_id == session.id
    (movement,) = await hands.replica.rows(CashMovement)
    assert (movement.session_id, movement.in_minor, movement.number) == (session.id, 20_000, "A-M00000001")


async def test_cash_without_a_session_opens_one_that_nobody_counted(hands: Hands) -> None:
    await sell(hands)
    await sell(hands)
    (session,) = await hands.replica.rows(DrawerSession)
    assert (session.declared, session.closed, session.device_id) == (False, False, TILL)
    assert {payment.session_id for payment in await hands.replica.rows(Payment)} == {session.id}


async def test_a_card_without_a_session_opens_none(hands: Hands) -> None:
    await sell(hands, "Visa")
    assert await hands.replica.rows(DrawerSession) == []
    (payment,) = await hands.replica.rows(Payment)
    assert (payment.session_id, payment.business_date) == (None, MONDAY)


async def test_what_a_sale_opened_is_taken_over_by_who_counts(hands: Hands) -> None:
    await sell(hands)
    await opened(hands.replica, 5_000)
    (session,) = await hands.replica.rows(DrawerSession)
    assert session.declared
    with pytest.raises(DomainError, match="SESSION_IS_OPEN"):
        await opened(hands.replica)


async def test_who_takes_over_says_which_drawer_it_is(village: Village) -> None:
    till, _waiter, drawer, purse = await two_drawers(village)
    await sell(Hands(village, till))
    await opened(till, 5_000, purse)
    (session,) = await till.rows(DrawerSession)
    assert (session.drawer_id, session.declared) == (purse, True)
    assert drawer != purse


async def test_the_day_of_a_session_holds_over_midnight_the_cut_off_and_two_days(hands: Hands) -> None:
    await opened(hands.replica)
    for hours in (13, 17, 48):
        hands.replica.clock.instant = hands.replica.clock.instant + timedelta(hours=hours)
        await sell(hands)
    assert {payment.business_date for payment in await hands.replica.rows(Payment)} == {MONDAY}
    assert {receipt.business_date for receipt in await hands.replica.rows(Receipt)} == {MONDAY}
    hours = [payment.local_hour for payment in await hands.replica.rows(Payment)]
    assert hours == [1, 18, 18]


async def test_a_house_that_never_opens_a_shift_has_days_all_the_same(hands: Hands) -> None:
    await sell(hands)
    hands.replica.clock.instant += timedelta(days=1)
    await sell(hands)
    first, second = await hands.replica.rows(DrawerSession)
    assert second.business_date - first.business_date == timedelta(days=1)
    assert [payment.session_id for payment in await hands.replica.rows(Payment)] == [first.id, second.id]


async def test_a_clock_that_jumps_to_the_future_and_back_keeps_no_money_there(hands: Hands) -> None:
    noon = hands.replica.clock.instant
    hands.replica.clock.instant = noon + timedelta(days=4_000)
    await sell(hands)
    hands.replica.clock.instant = noon
    await sell(hands)
    assert (await hands.replica.rows(Payment))[-1].business_date == MONDAY


@pytest.mark.parametrize("actor", [SERVER], ids=["waiter"])
async def test_who_does_not_work_a_drawer_opens_none(till: Replica, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        async with till.work(actor) as work:
            await open_session(work, work.ids.new())


async def test_money_goes_in_and_out_up_to_the_limit_of_each_right(till: Replica) -> None:
    assert CASHIER.staff_id is not None
    limited = Actor.in_role(CASHIER.staff_id, "cashier", Role.CASHIER, {Permission.CASH_OUT: 5_000})
    await opened(till)
    async with till.work(limited) as work:
        await cash_in(work, work.ids.new(), Cash(SOLES, 90_000), "Sencillo")
        await cash_out(work, work.ids.new(), Cash(SOLES, 5_000), "Hielo")
        await drop_cash(work, work.ids.new(), Cash(SOLES, pieces={20_000: 2, 10_000: 1}))
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        async with till.work(limited) as work:
            await cash_out(work, work.ids.new(), Cash(SOLES, 5_001), "Hielo")
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        async with till.work(limited) as work:  # in parts it is no less
            await cash_out(work, work.ids.new(), Cash(SOLES, 1), "Hielo")
    moved = [(row.in_minor, row.out_minor, row.taken_minor) for row in await till.rows(CashMovement)]
    assert moved == [(0, 0, 0), (90_000, 0, 0), (0, 5_000, 0), (0, 0, 50_000)]
    in_parts = Actor.in_role(CASHIER.staff_id, "cashier", Role.CASHIER, {Permission.SAFE_DROP: 50_000 + 1})
    async with till.work(in_parts) as work:
        await drop_cash(work, work.ids.new(), Cash(SOLES, 1))
    with pytest.raises(DomainError, match="ABOVE_LIMIT"):
        async with till.work(in_parts) as work:
            await drop_cash(work, work.ids.new(), Cash(SOLES, 1))


@pytest.mark.parametrize("amount", [0, -1, 10**16])
async def test_no_movement_is_of_nothing(till: Replica, amount: int) -> None:
    with pytest.raises(DomainError, match="CASH_NOT_SENSIBLE"):
        async with till.work(MANAGER) as work:
            await cash_in(work, work.ids.new(), Cash(SOLES, amount), "Sencillo")


async def test_a_drawer_opens_without_a_sale_for_a_reason(till: Replica) -> None:
    with pytest.raises(DomainError, match="REASON_MISSING"):
        async with till.work(CASHIER) as work:
            await open_without_sale(work, work.ids.new(), "  ")
    async with till.work(CASHIER) as work:
        await open_without_sale(work, work.ids.new(), "[/red] cambio")
    (opening,) = await till.rows(DrawerOpening)
    assert (opening.session_id, opening.reason) == (None, "[/red] cambio")


async def two_drawers(village: Village) -> tuple[Replica, Replica, UUID, UUID]:
    """The till and the waiter's device, which know a drawer and a purse."""
    cloud, till, waiter = (village.replica(*of) for of in ((CLOUD, ""), (TILL, "A"), (WAITER, "B")))
    async with cloud.work() as work:
        first = await add_drawer(work, BRANCH, "Caja 1")
        second = await add_drawer(work, BRANCH, "Bolso de Ana", position=1)
    for device in (till, waiter):
        await device.pull(cloud)
    return till, waiter, first.id, second.id


async def test_a_hand_over_is_two_movements_and_comes_once(village: Village) -> None:
    till, waiter, drawer, purse = await two_drawers(village)
    await opened(till, 30_000, drawer)
    await opened(waiter, 0, purse)
    async with till.work(CASHIER) as work:
        await hand_over(work, work.ids.new(), purse, Cash(SOLES, 10_000))
    await waiter.pull(till)
    async with waiter.connection() as reader:
        (given,) = await handed_over(reader, ORGANIZATION, BRANCH)
    assert (given.from_drawer, given.to_drawer_id, given.amount_minor) == ("Caja 1", purse, 10_000)
    with pytest.raises(DomainError, match="FOR_ANOTHER_DRAWER"):
        async with till.work(CASHIER) as work:
            await receive(work, given.movement_id)
    async with waiter.work(CASHIER) as work:
        await receive(work, given.movement_id)
    async with waiter.connection() as reader:
        assert await handed_over(reader, ORGANIZATION, BRANCH) == []
    with pytest.raises(DomainError, match="ALREADY_RECEIVED"):
        async with waiter.work(CASHIER) as work:
            await receive(work, given.movement_id)
    assert [row.in_minor for row in await waiter.rows(CashMovement) if row.drawer_id == drawer] == [10_000]


async def test_two_sessions_on_one_drawer_are_told_once_by_whoever_sees_both(village: Village) -> None:
    till, waiter, drawer, _purse = await two_drawers(village)
    await opened(till, 0, drawer)
    await opened(waiter, 0, drawer)
    assert await till.rows(ExceptionEvent) == []
    hands = Hands(village, till), Hands(village, waiter)
    await meet(*hands)
    for each in hands:
        await sell(each)
    await meet(*hands)
    (event,) = await till.rows(ExceptionEvent)
    assert (event.kind, event.subject_id) == (EventKind.DRAWER_OPENED_TWICE, drawer)

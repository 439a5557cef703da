"""Paying an order on a till's own database: in parts, with several tenders, with change, rounded to coins, once."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import BRANCH, CASHIER, CLOUD, MANAGER, WAITER, Replica, Village

from shared.books.queries import order_view
from shared.books.views import OrderState
from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding
from shared.kitchen.sending import send_order
from shared.menu.rules import default_modifiers
from shared.orders.commands import add_line, first_check_id, open_order, remove_line
from shared.orders.records import OrderKind
from shared.payments.adjusting import give_discount
from shared.payments.commands import Paid, pay
from shared.payments.queries import receipt_view
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.payments.rules import Tender, TenderKind
from shared.tenancy.records import Branch

ORDER, RECEIPT = UUID(int=1_000), UUID(int=2_000)
CHECK = first_check_id(ORDER)


@pytest.fixture
async def order(village: Village, till: Replica) -> UUID:
    """A sent order: lomo 38.90, half a ceviche 21.25, bread 3.33 plus 10 %: 63.81 to pay."""
    menu = await till.menu()
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        for number, (code, quantity) in enumerate([("lom", 1_000), ("cev", 500), ("pan", 1_000)], start=1):
            item = menu.items[village.house.items[code]]
            await add_line(work, ORDER, UUID(int=number), item.id, default_modifiers(item), quantity)
        await work.session.flush()
        await send_order(work, ORDER)
    return ORDER


@pytest.fixture
def tender(village: Village) -> object:
    kinds = {"Efectivo": TenderKind.CASH, "Visa": TenderKind.CARD, "Yape": TenderKind.WALLET}

    def make(method: str, amount_minor: int, reference: str = "") -> Tender:
        return Tender(village.house.methods[method], method, kinds[method], amount_minor, reference)

    return make


async def paid(till: Replica, *tenders: Tender, receipt_id: UUID = RECEIPT) -> Paid:
    async with till.work(CASHIER) as work:
        return await pay(work, CHECK, receipt_id, tenders)


async def assert_books_agree(till: Replica) -> None:
    """The receipt's lines add up to it, and what was kept is what was sold plus the rounding."""
    (receipt,) = await till.rows(Receipt)
    lines, payments = await till.rows(ReceiptLine), await till.rows(Payment)
    assert sum(line.total_minor for line in lines) == receipt.total_minor
    assert sum(line.tax_minor for line in lines) == receipt.tax_minor
    assert sum(line.gross_minor for line in lines) == receipt.gross_minor
    assert sum(payment.amount_minor for payment in payments) == receipt.total_minor + receipt.rounding_minor
    assert all(each.tendered_minor == each.amount_minor + each.change_minor for each in payments)


async def test_cash_gives_change_and_is_rounded_to_the_branchs_coins(
    till: Replica, order: UUID, tender: object
) -> None:
    done = await paid(till, tender("Efectivo", 10_000))
    assert done.receipt is not None
    assert (done.settlement.change_minor, done.settlement.rounding_minor) == (3_620, -1)
    assert done.receipt.number == "A-00000001"
    (payment,) = await till.rows(Payment)
    assert (payment.amount_minor, payment.tendered_minor, payment.change_minor) == (6_380, 10_000, 3_620)
    await assert_books_agree(till)
    async with till.connection() as connection:
        view = await order_view(connection, till.place.organization_id, ORDER, {})
        printed = await receipt_view(connection, till.place.organization_id, RECEIPT)
    assert view is not None
    assert (view.state, view.settled, view.due_minor) == (OrderState.COMPLETED, True, 0)
    assert printed is not None
    assert (len(printed.lines), len(printed.payments), printed.receipt.change_minor) == (3, 1, 3_620)


async def test_parts_by_several_methods_close_the_bill_with_the_last(
    till: Replica, order: UUID, tender: object
) -> None:
    first = await paid(till, tender("Yape", 2_000, "\x1bop 77"))
    assert (first.receipt, first.settlement.left_minor) == (None, 4_381)
    second = await paid(till, tender("Efectivo", 1_000))
    assert second.settlement.left_minor == 3_381
    assert await till.rows(Receipt) == []
    last = await paid(till, tender("Efectivo", 2_000), tender("Visa", 1_385))
    assert last.receipt is not None
    assert last.settlement.rounding_minor == 4
    await assert_books_agree(till)
    assert {row.reference for row in await till.rows(Payment)} == {"", "op 77"}


async def test_a_bill_is_closed_once_however_often_the_key_is_pressed(
    till: Replica, order: UUID, tender: object
) -> None:
    await paid(till, tender("Visa", 6_381))
    for receipt_id in (RECEIPT, UUID(int=9)):
        with pytest.raises(DomainError, match="ORDER_CLOSED"):
            await paid(till, tender("Visa", 6_381), receipt_id=receipt_id)
    assert len(await till.rows(Payment)) == len(await till.rows(Receipt)) == 1


async def test_receipt_numbers_have_no_gap_after_a_refused_payment(
    village: Village, till: Replica, order: UUID, tender: object
) -> None:
    with pytest.raises(DomainError, match="CHANGE_NEEDS_CASH"):
        await paid(till, tender("Visa", 6_382))
    with pytest.raises(ConnectionError):  # noqa: PT012
        async with till.work(CASHIER) as work:
            assert (await pay(work, CHECK, RECEIPT, [tender("Visa", 6_381)])).receipt.number == "A-00000001"
            raise ConnectionError
    done = await paid(till, tender("Visa", 6_381))
    assert done.receipt.number == "A-00000001"


async def test_nobody_pays_for_what_the_kitchen_never_heard_of(
    village: Village, till: Replica, order: UUID, tender: object
) -> None:
    item = (await till.menu()).items[village.house.items["chi"]]
    async with till.work(CASHIER) as work:
        await add_line(work, ORDER, UUID(int=50), item.id)
    with pytest.raises(DomainError, match="LINES_NOT_SENT"):
        await paid(till, tender("Visa", 6_381))
    async with till.work(CASHIER) as work:
        await remove_line(work, UUID(int=50))
    assert (await paid(till, tender("Visa", 6_381))).receipt is not None


async def test_an_empty_order_has_nothing_to_pay(till: Replica, tender: object) -> None:
    async with till.work(CASHIER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
    with pytest.raises(DomainError, match="NOTHING_TO_PAY"):
        await paid(till, tender("Visa", 1))


async def test_a_gift_closes_without_money(village: Village, till: Replica, tender: object) -> None:
    item = (await till.menu()).items[village.house.items["cev"]]
    async with till.work(MANAGER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        await add_line(work, ORDER, UUID(int=1), item.id)
        await work.session.flush()
        await give_discount(work, CHECK, UUID(int=3), amount_minor=item.price_minor, line_id=UUID(int=1))
        await send_order(work, ORDER)
    with pytest.raises(DomainError, match="ALREADY_PAID"):
        await paid(till, tender("Efectivo", 100))
    done = await paid(till)
    assert done.receipt is not None
    assert (done.receipt.total_minor, done.receipt.discount_minor) == (0, 4_250)
    await assert_books_agree(till)


@pytest.mark.parametrize("cash", [6_381, 6_384])
async def test_cash_that_covers_the_exact_amount_leaves_nothing_unrecorded(
    village: Village, till: Replica, order: UUID, tender: object, cash: int
) -> None:
    office = village.replica(CLOUD)
    async with office.work() as work:
        (await work.get(Branch, BRANCH)).cash_rounding = CashRounding.UP
    await till.pull(office)
    done = await paid(till, tender("Efectivo", cash))
    assert done.receipt is not None
    assert (done.receipt.rounding_minor, done.receipt.change_minor) == (cash - 6_381, 0)
    await assert_books_agree(till)


async def test_what_is_left_below_the_smallest_coin_is_closed_without_money(
    till: Replica, order: UUID, tender: object
) -> None:
    first = await paid(till, tender("Visa", 6_380))
    assert (first.receipt, first.settlement.left_minor) == (None, 1)
    last = await paid(till, tender("Efectivo", 0))
    assert last.receipt is not None
    assert last.receipt.rounding_minor == -1
    assert len(await till.rows(Payment)) == 1
    await assert_books_agree(till)


async def test_a_reference_that_is_too_long_is_cut_and_reaches_every_replica(
    village: Village, till: Replica, order: UUID, tender: object
) -> None:
    await paid(till, tender("Visa", 6_381, "9" * 500))
    other = village.replica(WAITER, "B")
    await other.pull(till)
    assert await other.parked() == []
    assert [row.reference for row in await other.rows(Payment)] == ["9" * 60]

"""Receipts of the past are found by whatever is known of them, read as they were charged, and copies are counted."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import ONE, Hands, meet
from restaurant import MANAGER, ORGANIZATION, TILL, WAITER, Village

from shared.orders.commands import first_check_id
from shared.payments import commands as payments
from shared.payments.copying import count_copy
from shared.payments.finding import Found, find_receipts
from shared.payments.past import PastReceipt, past_receipt, past_rows
from shared.payments.records import Receipt
from shared.payments.rules import Tender, TenderKind
from shared.payments.seeking import sought

CEVICHE = 4_250


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Hands:
    return Hands(village, village.replica(WAITER, "B"))


async def sell(hands: Hands, table: str = "1", dish: str = "cev", portions: int = 1, reference: str = "") -> UUID:
    """A receipt paid by card."""
    order = await hands.open(table)
    check = first_check_id(order)
    await hands.add(order, dish, portions * ONE)
    await hands.send(order)
    due = (await hands.check(order)).due_minor
    receipt_id = hands.replica.ids.new()
    visa = Tender(hands.house.methods["Visa"], "Visa", TenderKind.CARD, due, reference)
    async with hands.replica.work(MANAGER) as work:
        await payments.pay(work, check, receipt_id, [visa])
    return receipt_id


async def find(hands: Hands, text: str, after: UUID | None = None, items: tuple[UUID, ...] = ()) -> Found:
    today = hands.replica.clock.now().date()
    what = sought(text, today, 2)
    async with hands.replica.connection() as reader:
        return await find_receipts(reader, ORGANIZATION, hands.replica.place.branch_id, what, items, (), after)


async def past(hands: Hands, receipt_id: UUID) -> PastReceipt:
    async with hands.replica.connection() as reader:
        found = await past_receipt(reader, ORGANIZATION, receipt_id)
    assert found is not None
    return found


async def test_a_receipt_is_found_by_number_order_amount_table_dish_operation_and_day(
    till: Hands, other: Hands
) -> None:
    first = await sell(till, "1")
    second = await sell(till, "2", "chi", reference="00417733")
    third = await sell(other, "1", "cev", 2)
    await meet(till, other)
    assert set((await find(till, "")).ids) == {third, second, first}
    assert set((await find(till, "1")).ids[:2]) == {first, third}, "both devices have a first receipt"
    assert (await find(till, "a1")).ids[0] == (await find(till, "A-00000001")).ids[0] == first
    assert (await find(till, "b-1")).ids[0] == third
    assert (await find(till, "a2")).ids[0] == second, "order and receipt A-2"
    assert (await find(till, "85.00")).ids == (third,)
    assert (await find(till, "004177")).ids[0] == second
    assert set((await find(till, "ceviche")).ids) == {first, third}
    chicha = till.house.items["chi"]
    assert (await find(till, "mazamorra", items=(chicha,))).ids == (second,), "a name that the menu has now"
    assert set((await find(till, "hoy")).ids) == {first, second, third}
    assert (await find(till, "ayer")).ids == ()
    assert (await find(till, "0.07")).ids == ()
    for text in ("%", "_", "\\", "'", "[/red]", "x" * 60):
        await find(till, text)


async def test_an_operation_typed_whole_finds_only_what_was_paid_with_it(till: Hands) -> None:
    exact = await sell(till, "1", reference="123456")
    longer = await sell(till, "2", reference="1234567")
    assert (await find(till, "123456")).ids == (exact,), "not the newer one that only begins so"
    assert (await find(till, "12345")).ids == (longer, exact)
    assert (await find(till, "1234567")).ids == (longer,)


async def test_of_a_check_in_parts_an_operation_finds_the_part_that_it_paid(till: Hands) -> None:
    order = await till.open("2")
    check = first_check_id(order)
    await till.add(order, "cev", 3 * ONE)
    await till.send(order)
    visa, parts = till.house.methods["Visa"], []
    for share, operation in ((3, ""), (2, "123456"), (1, "")):
        till.replica.clock.instant += timedelta(minutes=1)  # type: ignore[attr-defined]  # a clock that is set by hand
        async with till.replica.work(MANAGER) as work:
            tender = Tender(visa, "Visa", TenderKind.CARD, CEVICHE, operation)
            paid = await payments.pay(work, check, work.ids.new(), [tender], share)
        assert paid.receipt is not None
        parts.append(paid.receipt.id)
    assert (await find(till, "123456")).ids == (parts[1],)


async def test_further_ones_come_after_the_last(till: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [await sell(till) for _ in range(3)]
    monkeypatch.setattr("shared.payments.finding.MOST_FOUND", 2)
    found = await find(till, "")
    assert (found.ids, found.is_cut) == ((made[2], made[1]), True)
    assert await find(till, "", after=made[1]) == Found((made[0],))


async def test_a_receipt_tells_what_became_of_it(till: Hands) -> None:
    receipt = await sell(till, portions=3)
    (line,) = (await past(till, receipt)).lines
    assert (line.left_milli, line.worth_minor(2 * ONE)) == (3 * ONE, 2 * CEVICHE)
    await till.refund((await past(till, receipt)).receipt.check_id, {line.row.id: 2 * ONE})
    after = await past(till, receipt)
    assert [(line.refunded_milli, line.left_milli) for line in after.lines] == [(2 * ONE, ONE)]
    assert [(each.row.paid_minor, [part.method_name for part in each.payments]) for each in after.refunds] == [
        (2 * CEVICHE, ["Visa"])
    ]
    assert [(line.item_name, line.quantity_milli) for line in after.refunds[0].lines] == [("Ceviche", 2 * ONE)]
    async with till.replica.connection() as reader:
        (row,) = await past_rows(reader, ORGANIZATION, [receipt])
    assert (row.refunded_minor, row.total_minor, row.lost_minor) == (2 * CEVICHE, 3 * CEVICHE, 0)
    assert (await find(till, "a-r1")).ids == (receipt,), "by the number of its refund"


async def test_of_several_receipts_of_a_check_each_has_its_own_payments(till: Hands) -> None:
    order = await till.open("2")
    check = first_check_id(order)
    await till.add(order, "cev", 2 * ONE)
    await till.send(order)
    halves = [await till.pay(check, CEVICHE, share=2)]
    till.replica.clock.instant += timedelta(minutes=1)  # type: ignore[attr-defined]  # a clock that is set by hand
    halves.append(await till.pay(check, CEVICHE))
    for receipt in halves:
        assert receipt is not None
        assert [row.amount_minor for row in (await past(till, receipt)).payments] == [CEVICHE]


async def test_a_party_that_left_has_a_receipt_that_says_what_is_not_paid(till: Hands) -> None:
    order = await till.open("2")
    await till.add(order)
    await till.send(order)
    await till.walk_out(order, stops_cooking=False)
    (row,) = await till.replica.rows(Receipt)
    found = await past(till, row.id)
    assert (found.lost_minor, found.loss_reason, found.payments) == (CEVICHE, "they ran", ())
    assert found.check_lost_minor == CEVICHE
    await till.lift_losses(found.receipt.check_id)
    await till.write_off(found.receipt.check_id)
    again = await past(till, row.id)
    assert (again.lost_minor, again.check_lost_minor) == (0, CEVICHE), "no loss of a party; and still nobody paid it"


async def test_copies_count_on_alike_on_two_devices(till: Hands, other: Hands) -> None:
    receipt = await sell(till)
    await meet(till, other)
    check = (await past(till, receipt)).receipt.check_id

    async def copy(hands: Hands) -> int:
        async with hands.replica.work(MANAGER) as work:
            return await count_copy(work, check, receipt)

    assert [await copy(till), await copy(till), await copy(other)] == [1, 2, 1]
    await meet(till, other)
    assert [await copy(till), await copy(other)] == [4, 4]
    assert (await past(other, receipt)).copies == 4


async def test_statements_do_not_grow_with_receipts(till: Hands) -> None:
    """Of each kind of question, and of one receipt."""

    async def counted() -> list[int]:
        found, today = [], date(2026, 11, 23)
        for text in ("", "1", "45.50", "ceviche", "hoy"):
            async with till.replica.connection() as reader:
                statements: list[str] = []
                engine = reader.sync_engine

                def note(_c: object, _k: object, statement: str, *_more: object, to: list[str] = statements) -> None:
                    to.append(statement)

                sa.event.listen(engine, "before_cursor_execute", note)
                ids = (
                    await find_receipts(reader, ORGANIZATION, till.replica.place.branch_id, sought(text, today, 2))
                ).ids
                await past_rows(reader, ORGANIZATION, ids)
                await past_receipt(reader, ORGANIZATION, last)
                sa.event.remove(engine, "before_cursor_execute", note)
                found.append(len(statements))
        return found

    last = await sell(till)
    few = await counted()
    for _ in range(4):
        await sell(till)
    assert await counted() == few
    assert max(few) <= 22

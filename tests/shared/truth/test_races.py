"""Two devices that did not hear of each other: what each sees once they met, and how it ends."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import ONE, Hands, meet
from restaurant import COOK, Village

from shared.books.views import LineState, OrderState
from shared.kernel.errors import DomainError
from shared.kitchen import commands as kitchen
from shared.truth.balances import CheckState

CEVICHE = 4_250


async def test_a_line_that_two_devices_send_is_told_once(till: Hands, other: Hands, order: UUID, line: UUID) -> None:
    await till.send(order)
    await other.send(order)
    await meet(till, other)
    assert await till.wall() == await other.wall() == [("Ceviche", "", ONE, 0)]


async def test_an_edit_elsewhere_is_a_change_that_the_kitchen_confirms(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    await till.send(order)
    await other.set(line, 3 * ONE)
    await other.note(line, "ALERGIA")
    await meet(till, other)
    assert await till.wall() == [("Ceviche", "", 0, ONE)]
    assert (await till.line(order, line)).to_send_milli == 3 * ONE
    await till.confirm()  # the cook takes note: the one that was told is the one with the note now
    assert await till.wall() == [("Ceviche", "ALERGIA", ONE, 0)]
    assert await till.send(order) == 2 * ONE
    assert await till.wall() == [("Ceviche", "ALERGIA", 3 * ONE, 0)]
    assert not await till.differences()


async def test_one_more_on_both_is_two_more_and_each_is_told_once(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    await till.one_more(line)
    await other.one_more(line)
    await till.send(order)
    await other.send(order)
    await meet(till, other)
    assert (await till.check(order)).due_minor == 3 * CEVICHE
    assert sum(to_make for *_what, to_make, _back in await till.wall()) == 3 * ONE


async def test_the_last_two_tickets_that_two_displays_bump_leave_an_order_that_is_ready(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    drink = await till.add(order, "chi")
    await till.send(order)
    await meet(till, other)
    first, last = await till.tickets()
    for hands, ticket in ((till, first), (other, last)):
        async with hands.replica.work(COOK) as work:
            await kitchen.bump(work, ticket.id)
    await meet(till, other)
    for hands in (till, other):
        assert await hands.wall() == []
        assert {(await hands.line(order, each)).state for each in (line, drink)} == {LineState.READY}
        assert (await hands.order(order)).state is OrderState.READY


async def test_a_typed_number_here_and_one_more_there_add_up(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    await other.set(line, 2 * ONE)
    await till.set(line, 4 * ONE)
    await till.one_more(line)
    await meet(till, other)
    assert (await till.line(order, line)).quantity_milli in (3 * ONE, 5 * ONE)


async def test_removed_here_and_sent_there_is_taken_back(till: Hands, other: Hands, order: UUID, line: UUID) -> None:
    await other.remove(line)
    await till.send(order)
    await meet(till, other)
    assert await till.wall() == [("Ceviche", "", 0, ONE)]
    assert (await till.check(order)).due_minor == 0
    assert await till.confirm() == 0
    assert not await till.wall()
    assert not await till.differences()


async def test_removed_here_and_cooked_there_is_waste_that_somebody_explains(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    await other.remove(line)
    await till.send(order)
    await till.bump()
    await meet(till, other)
    assert await till.differences() == {"changed_after_cooking": ONE}
    assert await till.confirm() == ONE
    assert await till.differences() == {"cooked_not_charged": ONE}


async def test_what_is_ordered_while_it_is_paid_is_owed_and_keeps_the_table(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    late = await other.add(order, "chi")
    await other.send(order)
    assert await till.pay(check, 3 * CEVICHE)
    await meet(till, other)
    view = await till.order(order)
    assert (await till.check(order, check)).state is CheckState.OWED
    assert (await till.line(order, late)).owed_milli == ONE
    assert not view.is_free
    assert await till.differences() == {"ordered_after_paying": ONE}
    assert await other.pay(check, 1_200)
    assert (await other.order(order)).is_free
    assert not await other.differences()


async def test_cancelled_while_paid_is_money_to_give_back(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await other.cancel(order)
    await meet(till, other)
    assert await till.differences() == {"paid_then_taken_off": 3 * ONE}
    assert await till.wall() == [("Ceviche", "", 0, 3 * ONE)]
    assert await till.give_back(check) == 3 * CEVICHE
    await till.confirm()
    assert not await till.differences()
    assert (await till.order(order)).is_free


async def test_a_cancelling_that_was_a_mistake_is_lifted(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await other.cancel(order)
    await meet(till, other)
    (void,) = await till.voids()
    await till.lift(void.id)
    await other.lift(void.id)
    await meet(till, other)
    assert (await till.check(order, check)).state is CheckState.SETTLED
    assert await till.wall() == [("Ceviche", "", 3 * ONE, 0)]
    assert not await till.differences()


async def test_paid_on_both_is_one_sale_and_money_to_give_back(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await other.pay(check, 3 * CEVICHE)
    await meet(till, other)
    assert await till.differences() == {"paid_twice": 3 * ONE}
    assert await other.give_back(check) == 3 * CEVICHE
    assert not await other.differences()
    assert (await other.check(order, check)).state is CheckState.SETTLED


async def test_a_deposit_that_two_receipts_used_gives_back_what_really_came_in(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 4_000)
    await meet(till, other)
    await till.pay(check, 3 * CEVICHE - 4_000)
    await other.pay(check, 3 * CEVICHE - 4_000)
    await meet(till, other)
    assert await till.give_back(check) == 3 * CEVICHE - 4_000
    assert not await till.differences()


async def test_parts_that_are_paid_on_both_pay_the_check(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 7_000)
    await other.pay(check, 7_000)
    await meet(till, other)
    assert await till.pay(check, 0)
    assert await till.differences() == {"to_give_back": 14_000 - 3 * CEVICHE}
    assert await till.give_back(check) == 14_000 - 3 * CEVICHE
    assert not await till.differences()


async def test_split_here_and_paid_whole_there_owes_nothing(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    second = await till.another_check(order)
    part = await till.split(sent, ONE)
    await till.move(part, second)
    await other.pay(check, 3 * CEVICHE)
    await meet(till, other)
    assert (await till.line(order, part)).owed_milli == 0
    assert (await till.order(order)).is_free
    assert not await till.differences()


async def test_what_was_split_off_is_not_paid_before_the_kitchen_heard_of_it(
    till: Hands, order: UUID, line: UUID
) -> None:
    await till.set(line, 2 * ONE)
    second = await till.another_check(order)
    await till.move(await till.split(line, ONE), second)
    with pytest.raises(DomainError, match="LINES_NOT_SENT"):
        await till.pay(second, CEVICHE)
    assert await till.send(order) == 2 * ONE
    assert await till.pay(second, CEVICHE)


async def test_split_on_both_never_makes_portions(till: Hands, other: Hands, order: UUID, sent: UUID) -> None:
    parts = [await till.split(sent, 2 * ONE), await other.split(sent, 2 * ONE)]
    await meet(till, other)
    lines = {line.id: line.quantity_milli for line in (await till.order(order)).lines}
    assert sorted(lines.get(each, 0) for each in (sent, *parts)) == [0, ONE, 2 * ONE]


async def test_voided_whole_here_and_split_there_is_voided_whole(
    till: Hands, other: Hands, order: UUID, sent: UUID
) -> None:
    await other.split(sent, ONE)
    await till.void(sent, 3 * ONE)
    await meet(till, other)
    assert not any(line.quantity_milli for line in (await till.order(order)).lines)


async def test_a_void_takes_what_it_says_also_after_two_that_took_the_same_portion(
    village: Village, till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    third = Hands(village, village.replica(village.empty("third").device_id, "C"))
    await meet(till, other, third)
    for each in (other, third):
        await each.send(order)
        await each.void(line, ONE)
    await till.one_more(line)
    await till.one_more(line)
    await meet(till, other, third)
    await till.send(order)
    assert (await till.line(order, line)).quantity_milli == 2 * ONE
    await till.void(line, ONE)
    assert (await till.line(order, line)).quantity_milli == ONE


async def test_a_note_on_a_line_reaches_what_was_split_off_it(
    till: Hands, other: Hands, order: UUID, sent: UUID
) -> None:
    part = await other.split(sent, ONE)
    await till.note(sent, "ALERGIA")
    await meet(till, other)
    assert (await till.line(order, part)).notes == "ALERGIA"


async def test_moved_to_two_checks_and_paid_on_both_is_one_portion(
    till: Hands, other: Hands, order: UUID, line: UUID
) -> None:
    await till.send(order)
    one, two = await till.another_check(order), await till.another_check(order)
    await meet(till, other)
    await till.move(line, one)
    await till.pay(one, CEVICHE)
    await other.move(line, two)
    await other.pay(two, CEVICHE)
    await meet(till, other)
    assert await till.differences() == {"paid_twice": ONE}
    states = {check.id: check.state for check in (await till.order(order)).checks}
    (twice,) = (each for each in (one, two) if states[each] is CheckState.TO_GIVE_BACK)
    assert await till.give_back(twice) == CEVICHE
    assert not await till.differences()


async def test_a_share_that_is_paid_on_both_leaves_a_third(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, CEVICHE, share=3)
    await other.pay(check, CEVICHE, share=3)
    await meet(till, other)
    assert (await till.line(order, sent)).owed_milli == ONE
    assert (await till.check(order, check)).due_minor == CEVICHE
    assert not await till.differences()


async def test_refunded_on_both_is_told_to_a_person(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await meet(till, other)
    (bought,) = await till.receipt_lines()
    assert await till.refund(check, {bought.id: 2 * ONE}) == 2 * CEVICHE
    assert await other.refund(check, {bought.id: 2 * ONE}) == 2 * CEVICHE
    await meet(till, other)
    assert await till.differences() == {"refunded_twice": ONE, "short": CEVICHE}
    with pytest.raises(DomainError):
        await till.refund(check, {bought.id: ONE})
    await other.pay(check, 1_000)
    await meet(till, other)
    assert await till.differences() == {"refunded_twice": ONE, "short": CEVICHE - 1_000}
    assert await till.write_off(check) == CEVICHE - 1_000
    assert await till.differences() == {"refunded_twice": ONE}


async def test_repriced_while_paid_is_told_to_a_person(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await other.reprice(sent, 2_000)
    await meet(till, other)
    assert await till.differences() == {"changed_after_paying": CEVICHE - 2_000}
    assert (await till.check(order, check)).state is CheckState.SETTLED


async def test_what_is_added_to_a_paid_check_is_one_new_check(
    till: Hands, other: Hands, order: UUID, check: UUID, sent: UUID
) -> None:
    await till.pay(check, 3 * CEVICHE)
    await meet(till, other)
    await till.add(order, "chi")
    await other.add(order, "chi")
    await meet(till, other)
    view = await till.order(order)
    assert len(view.checks) == 2
    assert view.check.due_minor == 2_400
    assert not view.is_free


async def test_two_orders_of_one_table_are_joined(till: Hands, other: Hands) -> None:
    one, two = await till.open("2"), await other.open("2")
    await till.add(one)
    await other.add(two, "chi")
    await meet(till, other)
    stays = await till.join(two, one)
    assert await till.send(stays) == 2 * ONE
    view = await till.order(stays)
    assert sum(check.due_minor for check in view.checks) == CEVICHE + 1_200
    assert {line.item_name for line in view.lines} == {"Ceviche", "Chicha morada"}


async def test_two_tables_that_are_joined_crosswise_at_once_leave_one_order_with_all_lines(
    till: Hands, other: Hands
) -> None:
    one, two = await till.open("1"), await other.open("2")
    await till.add(one)
    await other.add(two, "chi")
    await meet(till, other)
    assert await till.join(one, two) == await other.join(two, one)
    await meet(till, other)
    over, stays = sorted((one, two))
    for each in (till, other):
        view = await each.order(stays)
        assert {line.item_name for line in view.lines} >= {"Ceviche", "Chicha morada"}
        assert not view.has_left
        await each.add(stays, "pan")
        with pytest.raises(DomainError, match="ORDER_CLOSED"):
            await each.add(over)


async def test_joined_orders_are_at_the_table_of_the_second(till: Hands) -> None:
    one, two = await till.open("1"), await till.open("2")
    await till.add(one)
    stays = await till.join(one, two)
    assert (await till.order(stays)).table_name == "2"


async def test_what_was_joined_to_an_order_that_left_meanwhile_takes_more_and_is_joined_on(
    till: Hands, other: Hands
) -> None:
    """The first is joined to the second here, the second to the third there."""
    orders = sorted([await till.open("1"), await till.open("2"), await till.open("2")])
    lines = [await till.add(each) for each in orders]
    await meet(till, other)
    await till.join(orders[0], orders[1])
    await other.join(orders[1], orders[2])
    await meet(till, other)
    more = await till.add(orders[1], "chi")
    assert {line.id for line in (await till.order(orders[1])).lines} == {lines[0], more}
    await till.join(orders[1], orders[2])
    assert {line.id for line in (await till.order(orders[2])).lines} == {*lines, more}

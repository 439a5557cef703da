"""What cooks say on a real desk: each portion counts down at once, messages come and go, the log takes a PIN."""

from __future__ import annotations

import pytest
from restaurant import CASHIER, COOK

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kitchen.message_records import KitchenMessage
from shared.orders.records import OrderKind
from shared.safety.commands import add_point
from shared.safety.records import PointKind
from terminal.desks.desk import Desk
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.test_real_kitchen import KITCHEN_DISH


async def order_of(desk: Desk, *codes: str):
    desk.actor = CASHIER
    order = await desk.open_order(OrderKind.TAKEOUT)
    for code in codes:
        await desk.add_line(order, desk.menu.by_code[code])
    return order


async def test_each_portion_counts_down_on_the_menu_at_once(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        dish = desk.menu.by_code[KITCHEN_DISH].id
        desk.kitchen.take_place()
        await desk.availability.left(dish, 2_000)
        order = await order_of(desk, KITCHEN_DISH)
        assert desk.left[dish].left_milli == 1_000
        (line,) = desk.orders[order].lines
        await desk.one_more(order, line.id)
        assert desk.left[dish].is_out
        with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
            await desk.add_line(order, desk.menu.by_code[KITCHEN_DISH])
        await desk.set_quantity(order, line.id, 1_000)
        assert desk.left[dish].left_milli == 1_000
        await desk.availability.back(dish)
        assert desk.left == {}


async def test_a_message_waits_for_who_took_the_order_and_ends_when_they_confirm_it(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        order = await order_of(desk, KITCHEN_DISH)
        desk.kitchen.take_place()
        await desk.messages.tell("Falta el término", order)
        assert desk.messages.unread() == (), "a station reads none"
        desk.actor = Actor(COOK.staff_id, "?", CASHIER.permissions)
        assert desk.messages.unread() == (), "it is for who took the order, at first"
        desk.actor = CASHIER
        (message,) = desk.messages.unread()
        assert message.text == "Falta el término"
        await desk.messages.confirm(message.id)
        assert desk.messages.unread() == ()
        (row,) = await rows(desk, KitchenMessage.__table__)
        assert (row.read, row.read_by, row.station_id is None) == (True, "Rosa", False)


async def test_the_log_is_signed_by_who_typed_their_pin_and_what_was_due_is_due_no_more(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await desk.store.run(
            Actor(None, "founding", frozenset({"edit_branch"})),
            lambda work: add_point(work, "Refri", PointKind.FRIDGE, high_milli=5_000, every_minutes=60),
        )
        await desk.open()
        ((point, _since),) = desk.safety_due()
        desk.kitchen.take_place()
        with pytest.raises(DomainError, match="VALUE_MISSING"):
            await desk.safety.log(COOK, point, "frío")
        await desk.safety.log(COOK, point, "4,5", clock="00:00")
        (entry,) = await desk.safety.of_day()
        assert (entry.value_milli, entry.person_name) == (4_500, "Wilder")

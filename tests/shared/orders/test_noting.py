"""A note on a whole order: the newest stands, and tickets say it from the next sending on."""

from __future__ import annotations

import pytest
from evening import Hands, meet
from restaurant import COOK, MANAGER, TILL, WAITER, Village

from shared.kernel.errors import NotPermitted
from shared.orders.noting import note_order


async def test_the_kitchen_reads_the_note_of_an_order_on_both_devices(village: Village) -> None:
    till, other = Hands(village, village.replica(TILL)), Hands(village, village.replica(WAITER, "B"))
    order = await till.open()
    await till.add(order, "cev")
    async with till.replica.work(MANAGER) as work:
        await note_order(work, order, " para\u202e compartir\n")
    await till.send(order)
    await meet(till, other)
    for hands in (till, other):
        assert (await hands.order(order)).notes == "para compartir"
        assert [ticket.notes for ticket in await hands.tickets()] == ["para compartir"]


async def test_who_takes_no_orders_notes_none(village: Village) -> None:
    till = Hands(village, village.replica(TILL))
    order = await till.open()
    with pytest.raises(NotPermitted):
        async with till.replica.work(COOK) as work:
            await note_order(work, order, "x")

"""What takes the place of a dish is made where that was made, whatever routes say since."""

from __future__ import annotations

import pytest
from evening import Hands
from restaurant import COOK, TILL, Village

from shared.kernel.permissions import Actor
from shared.kitchen.commands import confirm
from shared.kitchen.stations import set_route
from shared.kitchen.ticket_views import TicketState


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


@pytest.mark.parametrize("moves", [False, True], ids=["also there", "there alone"])
async def test_a_station_confirms_a_change_of_a_dish_that_is_made_elsewhere_since(till: Hands, moves: bool) -> None:
    order = await till.open()
    line = await till.add(order, "cev")
    await till.send(order)
    kitchen, bar = (till.house.stations[name] for name in ("Cocina", "Barra"))
    async with till.replica.work() as work:
        first, also = (bar, ()) if moves else (kitchen, (bar,))
        await set_route(work, work.ids.new(), first, also, item_id=till.house.items["cev"])
    await till.note(line, "ALERGIA mani")
    (ticket,) = await till.tickets()
    assert ticket.state is TicketState.CHANGED
    for actor in (Actor.at_station(kitchen, "Cocina"), COOK):
        async with till.replica.work(actor) as work:
            await confirm(work, ticket.id)
    (ticket,) = await till.tickets()
    (dish,) = ticket.lines
    assert (ticket.station_id, dish.notes, dish.to_make_milli, dish.withdrawn_milli) == (
        kitchen,
        "ALERGIA mani",
        1_000,
        0,
    )

"""What cooks complained of elsewhere: tickets that wander, walls that flash, add-ons that are lost, sums of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from replicas import HandClock
from restaurant import CASHIER, MANAGER

from shared.kernel.quantity import ONE
from shared.orders.records import OrderKind
from terminal.desks.desk import Desk
from terminal.screens.kitchen.ear import Ear
from terminal.screens.kitchen.view import all_day, groups_of, of_station, usual_of, wall_ticket
from terminal.screens.voice import Voice
from terminal.wall.sounds import Sound
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.screens.kitchen_desks import two_tickets
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.test_real_arranging import numbers, ticket
from tests.terminal.screens.test_real_kitchen import KITCHEN_DISH, send, station_of
from tests.terminal.screens.till import driven

# Tickets do not wander


async def test_no_ticket_leaves_its_place_but_to_close_a_gap_and_what_a_hand_moved_stays(
    till: TillOnDisk,
) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        for _ in range(8):
            await send(desk, KITCHEN_DISH)
            clock.pass_time(minutes=1)
        desk.kitchen.take_place()
        third = ticket(desk, "3")
        await desk.bump(third.id)
        assert numbers(desk) == list("1245678")
        for _ in range(2):
            await send(desk, KITCHEN_DISH)
            clock.pass_time(minutes=1)
        assert numbers(desk) == list("124567890")
        await desk.recall(third.id)
        assert numbers(desk) == list("1234567890")
        assert desk.tickets[2].waits_since == third.waits_since
        await desk.kitchen.move([ticket(desk, "7").id], ticket(desk, "1").id, ticket(desk, "2").id)
        await desk.bump(ticket(desk, "2").id)
        await send(desk, KITCHEN_DISH)
        assert numbers(desk)[:8] == list("17345689")


# New is quiet after a glance


async def test_five_tickets_in_ten_seconds_are_new_by_sign_and_word_sound_once_and_nothing_blinks() -> None:
    desk, ear, heard = PaperDesk(), Ear(), []
    ear.hear(desk.tickets, desk.time)
    for at in range(5):
        desk.order(OrderKind.DINE_IN, at + 1, "lom", "sent")
        heard.append(ear.hear(desk.tickets, desk.time))
        desk.time += timedelta(seconds=2)
    assert heard == [Sound.NEW, None, None, None, None]
    async with driven(desk, "kds", (200, 60)) as till:
        assert (await till.grid()).count("● NUEVO") == 5
        wall = till.app.screen.wall
        seen = set()
        for _ in range(12):
            desk.time += timedelta(seconds=1)
            till.app.screen.tick()
            seen.add(tuple(wall._head_ink(card, wall._tone(card.ticket)) for card in wall._cards()))
        assert len(seen) == 1, "nothing changes but the time"


# The add-on belongs to its ticket


async def test_what_is_added_and_taken_back_stands_on_the_card_and_must_be_confirmed_before_it_goes(
    till: TillOnDisk,
) -> None:
    clock = HandClock()
    async with till.desk(clock) as desk:
        desk.actor = CASHIER
        order = await desk.open_order(OrderKind.TAKEOUT)
        dish = desk.menu.by_code[KITCHEN_DISH]
        kept = await desk.add_line(order, dish, notes="primero")
        gone = await desk.add_line(order, dish, notes="segundo")
        await desk.add_line(order, dish, notes="tercero")
        await desk.send(order)
        assert kept != gone
        desk.kitchen.take_place()
        (card,) = desk.tickets
        began = card.waits_since
        await desk.kitchen.bump_line(next(line.id for line in card.lines if line.notes == "tercero"))
        clock.pass_time(minutes=6)
        desk.actor = CASHIER
        await desk.add_line(order, dish, notes="la sopa")
        await desk.send(order)
        desk.actor = MANAGER
        await desk.corrections.void_line(order, gone, ONE, "Se equivocó el mozo")
        desk.kitchen.take_place()
        (group,) = groups_of(desk.tickets)
        shown = wall_ticket(group[0], Voice.of(desk), added=group[1:])
        assert next(line.name for line in shown.lines if line.heading).startswith("AGREGADO")
        by_note = {line.extras[0].text: line for line in shown.lines if line.extras}
        assert by_note["tercero"].done
        assert by_note["segundo"].take_off == "QUITAR 1"
        assert group[0].waits_since == began
        for each in group:
            await desk.bump(each.id)
        (left,) = desk.tickets  # what was taken back keeps the card until somebody has seen it
        assert [line.withdrawn_milli for line in left.lines if line.withdrawn_milli] == [ONE]
        await desk.confirm(left.id)
        assert desk.tickets == ()


# All day, with what changes the cooking


async def test_the_sum_of_the_day_is_of_the_station_says_the_ways_and_follows_every_change(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        kitchen, bar = station_of(desk, "Cocina"), station_of(desk, "Barra")

        def sums(station: UUID) -> tuple[str, ...]:
            return all_day(of_station(desk.tickets, station), usual_of(desk.menu))

        desk.actor = CASHIER
        await _order(desk, ("lom", "Jugoso"), ("lom", "Jugoso"), ("lom", "Bien cocido"))
        second = await _order(desk, ("lom", "Jugoso"), ("lom", "Jugoso"), *[("chi", "")] * 5)
        assert sums(kitchen) == ("5 Lomo saltado (1 Bien cocido)",)
        assert sums(bar) == ("5 Chicha morada",)
        desk.kitchen.take_place()
        card = next(each for each in desk.tickets if each.order_id == second and each.station_id == kitchen)
        await desk.bump(card.id)
        assert sums(kitchen) == ("3 Lomo saltado (1 Bien cocido)",)
        await desk.recall(card.id)
        assert sums(kitchen) == ("5 Lomo saltado (1 Bien cocido)",)
        desk.actor = CASHIER
        line = next(each for each in desk.orders[second].lines if each.item_name == "Lomo saltado")
        desk.actor = MANAGER
        await desk.corrections.void_line(second, line.id, ONE, "Se equivocó el mozo")
        assert sums(kitchen) == ("4 Lomo saltado (1 Bien cocido)",)


async def _order(desk: Desk, *dishes: tuple[str, str]) -> UUID:
    order = await desk.open_order(OrderKind.TAKEOUT)
    for code, modifier in dishes:
        item = desk.menu.by_code[code]
        chosen = [each for group in item.modifier_groups for each in group.choices if each.name == modifier]
        await desk.add_line(order, item, [each.id for each in chosen])
    await desk.send(order)
    return order


# Sounds of what happens to a card


@pytest.mark.parametrize("kind", ["added", "moved", "recalled"])
def test_what_is_added_to_a_card_sounds_like_a_change_and_a_hand_makes_no_sound(kind: str) -> None:
    desk, ear = two_tickets(), Ear()
    ear.hear(desk.tickets, desk.time)
    first, *others = desk.tickets
    if kind == "added":
        desk.order(OrderKind.DINE_IN, 7, "lom", "sent", "cau", "sent")
        order = desk.tickets[-1].order_id
        heard = ear.hear(desk.tickets[:-1], desk.time)
        assert heard is Sound.NEW
        assert desk.tickets[-1].order_id == order
        assert ear.hear(desk.tickets, desk.time) is Sound.CHANGED
    elif kind == "moved":
        assert ear.hear((*others, first), desk.time) is None
    else:
        ear.hear(tuple(others), desk.time)
        assert ear.hear((replace(first, recalled=True), *others), desk.time) is None

"""The wall: pages, stations, places and digits of cards, what is hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from shared.orders.records import OrderKind
from terminal.screens.kitchen.view import card_id
from tests.terminal.screens.kitchen_desks import many_tickets, two_tickets
from tests.terminal.screens.till import driven


async def test_a_station_shows_its_own_and_its_totals() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        assert "2 Lomo saltado · 1 Causa limeña · 1 Pisco sour" in await till.grid()
        await till.press("tab", "tab")
        screen = await till.grid()
        assert "Barra" in screen
        assert "Pisco sour" in screen
        assert "Lomo saltado" not in screen


async def test_a_ticket_grows_late_on_the_wall() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        assert "TARDE" not in await till.grid()
        till.desk.time += timedelta(minutes=7)
        till.app.screen.tick()
        screen = await till.grid()
        assert "TARDE" in screen
        assert "16:00" in screen


async def test_a_new_ticket_arrives_by_itself() -> None:
    async with driven(two_tickets(), "kds", script="") as till:
        till.desk.order(OrderKind.DELIVERY, None, "cha", "sent")
        await till.settled()
        assert "Chaufa de quinua" in await till.grid()


async def test_hidden_tickets_are_named_and_one_key_leads_to_them_and_back() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="") as till:
        screen = await till.grid()
        hidden = [f"A-{at}" for at in range(1, 17) if f" A-{at} " not in screen.rsplit("+ ▶", 1)[0]]
        assert f"+ ▶ {len(hidden)} más: ▲ {hidden[0]}" in screen
        await till.press("+")
        await till.press(till.app.screen.wall.key_of(card_id(till.desk.tickets[-1])))
        assert "Listo A-16" in await till.grid()
        await till.press("enter")
        assert till.desk.done == ["bump A-16"]
        await till.press("pageup")
        assert " 1 A-1 " in await till.grid()


async def test_a_card_without_a_key_shows_the_key_that_gives_it_one() -> None:
    async with driven(many_tickets(12), "kds", script="") as till:
        assert "+▸ Mesa" in await till.grid()
        await till.press("+", "1", "enter")
        assert till.desk.done == ["bump A-10"]


async def test_a_ticket_that_nobody_sees_is_not_bumped_by_its_mark() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="1") as till:
        await till.press("+", "enter")
        assert till.desk.done == []
        await till.press("enter")
        assert till.desk.done != ["bump A-1"]


async def test_the_oldest_are_back_on_view_after_a_while() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="+") as till:
        assert " 1 A-1 " not in await till.grid()
        for _ in range(31):
            till.app.screen.tick()
        assert " 1 A-1 " in await till.grid()


async def test_a_finger_on_the_count_shows_the_hidden_tickets() -> None:
    async with driven(many_tickets(16), "kds", (80, 24), script="") as till:
        wall = till.app.screen.wall
        await till.pilot.click(wall, offset=(3, wall.size.height - 1))
        await till.settled()
        assert " 1 A-1 " not in await till.grid()


async def test_the_marked_card_shows_a_sign_and_not_only_a_colour() -> None:
    for size in ((80, 24), (120, 36)):
        async with driven(two_tickets(), "kds", size, script="") as till:
            assert "▶2 " not in await till.grid()
            await till.press("2")
            assert "▶2 " in await till.grid()


async def test_the_station_key_says_where_it_leads_and_cards_of_all_stations_name_theirs() -> None:
    async with driven(two_tickets(), "kds") as till:
        screen = await till.grid()
        assert "Tab Ver Cocina" in screen
        assert "● NUEVO" in screen
        assert "Barra" in screen
        await till.press("tab")
        screen = await till.grid()
        assert "Tab Ver Barra" in screen
        assert screen.count("Cocina") == 1, "the head line says it, no card"


async def test_what_has_no_place_on_the_wall_is_counted_and_ended_one_by_one_or_after_a_question_all_at_once() -> None:
    desk = two_tickets()
    desk.kitchen.forgotten = tuple(replace(desk.tickets[0], id=UUID(int=900 + at)) for at in range(3))
    async with driven(desk, "kds") as till:
        assert "F9 ▶ 3 de antes" in await till.grid()
        await till.press("f9", "1")
        assert till.desk.done == ["bump 1"]
        assert "F9 ▶ 2 de antes" in await till.grid()
        await till.press("f9", "down", "down", "down", "enter")
        assert "No, dejarlas" in await till.grid()
        await till.press("1")
        assert till.desk.done == ["bump 1"]
        await till.press("f9", "down", "down", "down", "enter", "2")
        assert till.desk.done == ["bump 1", "bump 2"]
        assert "de antes" not in await till.grid()


async def test_tickets_do_not_wander() -> None:
    async with driven(many_tickets(8), "kds", (200, 60)) as till:
        before = list(till.app.screen.wall.shown_ids)
        await till.press("3", "enter")
        till.desk.order(OrderKind.DINE_IN, 4, "lom", "sent")
        till.desk.order(OrderKind.DINE_IN, 5, "lom", "sent")
        await till.settled()
        after = list(till.app.screen.wall.shown_ids)
        assert after[:7] == [each for each in before if each != before[2]]
        assert len(after) == 9
        await till.press("f6", "enter")
        assert list(till.app.screen.wall.shown_ids)[:8] == before


async def test_a_closed_station_is_covered_by_another_with_one_key() -> None:
    async with driven(two_tickets(), "kds", script="<tab>") as till:
        assert "Pisco" not in await till.grid()
        await till.press("f7", "1")
        screen = await till.grid()
        assert "Pisco sour" in screen
        assert "Barra" in screen.replace("Ver Barra", "")
        await till.press("f7", "1")
        assert till.desk.done == ["cover", "uncover"]
        assert "Pisco" not in await till.grid()


async def test_a_station_says_when_its_tickets_are_late_by_kind_of_order() -> None:
    desk = two_tickets()
    kitchen, bar = desk.stations[:2]
    desk.stations = (replace(kitchen, thresholds=(("dine_in", 60, 120), ("", 600, 1_200))), bar, *desk.stations[2:])
    desk.order(OrderKind.TAKEOUT, None, "lom", "sent", ago=5)
    async with driven(desk, "kds", (73, 21), script="<tab>") as till:
        rows = (await till.grid()).splitlines()
        words = [word for row in rows for word in ("NUEVO", "APURA", "TARDE") for _ in range(row.count(word))]
        assert sorted(words) == ["NUEVO", "TARDE", "TARDE"]


async def test_another_station_numbers_its_cards_anew() -> None:
    async with driven(two_tickets(), "kds", (73, 21), script="<tab><tab>") as till:
        (drink,) = [card_id(each) for each in till.desk.tickets if each.station_id == till.desk.kitchen.station_id]
        assert till.app.screen.wall.key_of(drink) == "1"


async def test_digits_are_the_same_after_a_round_of_stations_and_after_a_restart() -> None:
    desk = many_tickets(6)
    async with driven(desk, "kds", (120, 36), script="") as till:
        await till.press("1", "enter")
        wall = till.app.screen.wall
        before = {card: wall.key_of(card) for card in wall.shown_ids}
        assert "1" not in before.values()
        await till.press("tab", "tab", "tab")
        assert {card: wall.key_of(card) for card in wall.shown_ids} == before
    desk.actor = None
    async with driven(desk, "kds", (120, 36), script="") as till:
        wall = till.app.screen.wall
        assert {card: wall.key_of(card) for card in wall.shown_ids} == before


async def test_a_card_keeps_digit_and_mark_when_its_first_block_is_done() -> None:
    desk = many_tickets(2)
    first, other = desk.tickets
    added = replace(first, id=UUID(int=99), part=2)
    desk.tickets = (other, first, added)
    async with driven(desk, "kds", script="2") as till:
        wall = till.app.screen.wall
        assert "Listo A-1" in await till.grid()
        till.desk.tickets = (other, added)
        till.desk.publish("tickets")
        await till.settled()
        assert "Listo A-1/2" in await till.grid()
        assert [wall.key_of(card) for card in wall.shown_ids] == ["1", "2"]


async def test_however_many_are_from_before_all_are_listed_page_by_page_and_counted() -> None:
    desk = two_tickets()
    first = desk.tickets[0]
    old = tuple(replace(first, id=UUID(int=900 + at), number=f"B-{at}") for at in range(95))
    desk.kitchen.forgotten = old
    async with driven(desk, "kds", (120, 36), script="<f9>") as till:
        screen = await till.grid()
        assert "1 a 40 de 95" in screen
        assert "0: las 55 más antiguas" in screen
        await till.press("0")
        assert "41 a 80 de 95" in await till.grid()
        await till.press("0")
        screen = await till.grid()
        assert "81 a 95 de 95" in screen
        assert "B-80" in screen
        assert "más antiguas" not in screen
        await till.press("1")
        assert [each.number for each in old if each not in desk.kitchen.forgotten] == ["B-80"]


async def test_a_wall_says_in_its_head_line_whom_it_covers_and_who_covers_it() -> None:
    async with driven(two_tickets(), "kds", (120, 36), script="") as till:
        kitchen, bar = (each.id for each in till.desk.stations[:2])
        till.desk.kitchen.choose(kitchen)
        await till.desk.kitchen.cover(bar, covered=True)
        await till.settled()
        assert (await till.grid()).splitlines()[0].startswith(" Cocina + Barra ")
        till.desk.kitchen.choose(bar)
        till.desk.publish("stations")
        await till.settled()
        assert (await till.grid()).splitlines()[0].startswith(" Barra · también en Cocina ")

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from shared.kernel.quantity import ONE
from shared.kitchen.ticket_views import TicketState
from shared.orders.records import OrderKind
from terminal.screens.kitchen.view import (
    MAX_RECALLED,
    all_day,
    dishes,
    groups_of,
    next_station,
    of_station,
    recall_tiles,
    station_name,
    usual_of,
    wall_ticket,
    whole_seconds,
)
from terminal.theme.palette import Tone
from terminal.widgets.extra import ExtraKind
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.paper_menu import BAR, KITCHEN, STATIONS


def test_a_ticket_reads_as_it_was_ordered(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "2*asa/bien caliente", "sent", ago=3)
    shown = wall_ticket(desk.tickets[0], voice)
    assert (shown.number, shown.place, shown.tone) == ("A-1", "Mesa 7", Tone.NEW)
    assert whole_seconds(desk.now()) - shown.sent_at_s == 180
    line = shown.lines[0]
    assert (line.quantity, line.name) == ("2", "Asado de tira")
    assert [(extra.text, extra.kind) for extra in line.extras] == [
        ("Jugoso", ExtraKind.CHOICE),
        ("bien caliente", ExtraKind.NOTE),
    ]


def test_a_later_sending_of_an_order_says_which_it_is(desk, voice) -> None:
    desk.order(OrderKind.TAKEOUT, None, "lom", "sent", "cau", "sent")
    assert [wall_ticket(ticket, voice).number for ticket in desk.tickets] == ["A-1", "A-1/2"]
    assert wall_ticket(desk.tickets[0], voice).place == "Para llevar"


def test_an_allergy_in_any_note_is_an_alert(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom/ALÉRGICA al maní", "cau/sin ají", "sent")
    assert wall_ticket(desk.tickets[0], voice).alert == "ALÉRGICA al maní"


def test_a_recalled_ticket_says_so(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    recalled = replace(desk.tickets[0], recalled=True, state=TicketState.STARTED)
    assert wall_ticket(recalled, voice).note == "RECUPERADA"
    assert wall_ticket(recalled, voice).tone is Tone.COOKING


def test_the_all_day_line_sums_each_dish_most_first(desk) -> None:
    desk.order(OrderKind.DINE_IN, 7, "2*lom", "cau", "sent")
    desk.order(OrderKind.DINE_IN, 8, "3*lom", "sent")
    assert all_day(desk.tickets) == ("5 Lomo saltado", "1 Causa limeña")


def test_what_was_taken_back_is_struck_out_with_what_to_do_and_nobody_cooks_it(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "3*lom", "cau", "sent")
    (ticket,) = desk.tickets
    lomo, causa = ticket.lines
    two_left = replace(lomo, quantity_milli=2 * ONE, to_make_milli=2 * ONE, withdrawn_milli=ONE)
    gone = replace(causa, quantity_milli=0, to_make_milli=0, withdrawn_milli=ONE)
    changed = replace(ticket, state=TicketState.CHANGED, lines=(two_left, gone))
    shown = wall_ticket(changed, voice)
    assert shown.tone is Tone.VOID
    assert [(line.quantity, line.name, line.take_off) for line in shown.lines] == [
        ("2", "Lomo saltado", ""),
        ("1", "Lomo saltado", "QUITAR 1"),
        ("1", "Causa limeña", "QUITAR 1"),
    ]
    assert all_day([changed]) == ("2 Lomo saltado",)


def test_what_stands_in_the_place_of_a_change_is_seen_before_it_is_confirmed(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    (ticket,) = desk.tickets
    (lomo,) = ticket.lines
    lines = (
        replace(lomo, quantity_milli=0, to_make_milli=0, withdrawn_milli=ONE),
        replace(lomo, to_make_milli=0, notes="alergia al maní", comes=True),
    )
    shown = wall_ticket(replace(ticket, state=TicketState.CHANGED, lines=lines), voice)
    assert [(line.quantity, line.take_off) for line in shown.lines] == [("1", "QUITAR 1"), ("→1", "")]
    assert shown.alert == "alergia al maní"


def test_what_is_made_of_an_open_ticket_is_ticked_off(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "3*lom", "cau", "sent")
    (ticket,) = desk.tickets
    lomo, causa = ticket.lines
    partly = replace(ticket, lines=(replace(lomo, to_make_milli=ONE), replace(causa, to_make_milli=0)))
    assert [(line.quantity, line.done) for line in wall_ticket(partly, voice).lines] == [("1", False), ("1", True)]
    assert all_day([partly]) == ("1 Lomo saltado",)


def test_stations_come_round() -> None:
    assert next_station(STATIONS, None) == KITCHEN
    assert next_station(STATIONS, KITCHEN) == BAR
    assert next_station(STATIONS, BAR) is None
    assert next_station((), KITCHEN) is None


def test_a_station_sees_its_own_tickets(voice) -> None:
    desk = busy_desk()
    assert {ticket.station_id for ticket in of_station(desk.tickets, BAR)} == {BAR}
    assert of_station(desk.tickets, None) == desk.tickets
    assert station_name(STATIONS, None, voice) == "Todas"
    assert station_name(STATIONS, BAR, voice) == "Barra"


def test_the_recall_list_numbers_the_last_tickets(voice) -> None:
    bumped = busy_desk().bumped
    tiles = recall_tiles(bumped * 20, voice)
    assert [tile.hint for tile in tiles][:11] == [*"123456789", "", ""]
    assert len(tiles) == min(MAX_RECALLED, 20 * len(bumped))
    assert tiles[0].title == f"A-1 {dishes(bumped[0])}"
    assert tiles[0].detail.startswith("Mesa 2 · ")


def test_a_table_that_is_a_bare_number_is_called_a_table(voice) -> None:
    ticket = busy_desk().tickets[0]
    places = [wall_ticket(replace(ticket, table_name=name), voice).place for name in ("5", "Mesa 5", "Barra", "")]
    assert places == ["Mesa 5", "Mesa 5", "Barra", "En salón"]


def test_what_an_order_adds_is_a_block_on_its_card_with_its_own_time(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom", "cau", "sent", "cha", "sent", ago=9)
    (group,) = groups_of(desk.tickets)
    first, *added = group
    shown = wall_ticket(first, voice, added=added)
    assert [line.name for line in shown.lines if line.heading] == [f"AGREGADO {voice.clock(added[0].fired_at)}"]
    dishes_of = [line.name for line in shown.lines if not line.heading]
    assert dishes_of == ["Lomo saltado", "Causa limeña", "Chaufa de quinua"]
    assert shown.sent_at_s == whole_seconds(first.fired_at)


def test_a_card_is_taken_back_from_and_new_before_it_is_under_way(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent", "cau", "sent")
    first, added = desk.tickets
    begun = replace(first, state=TicketState.STARTED)
    assert wall_ticket(begun, voice, added=[added]).tone is Tone.NEW
    assert wall_ticket(begun, voice, added=[replace(added, state=TicketState.CHANGED)]).tone is Tone.VOID
    assert wall_ticket(begun, voice, added=[replace(added, state=TicketState.STARTED)]).tone is Tone.COOKING


def test_equal_lines_are_one_and_what_is_cooked_otherwise_is_not(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    (ticket,) = desk.tickets
    (line,) = ticket.lines
    other = replace(line, id=UUID(int=7))
    lines = (line, other, replace(line, id=UUID(int=8), notes="sin sal"))
    shown = wall_ticket(replace(ticket, lines=lines), voice)
    assert [(each.quantity, bool(each.extras)) for each in shown.lines] == [("2", False), ("1", True)]
    done = (replace(line, to_make_milli=0), other)
    assert [each.done for each in wall_ticket(replace(ticket, lines=done), voice).lines] == [True, False]


def test_the_all_day_line_says_how_many_are_cooked_otherwise(desk) -> None:
    desk.order(OrderKind.DINE_IN, 7, "3*lom", "sent")
    desk.order(OrderKind.DINE_IN, 8, "2*lom", "sent")
    first, second = desk.tickets
    (line,) = first.lines
    done_well = replace(line, id=UUID(int=7), quantity_milli=ONE, to_make_milli=ONE, modifiers=("Bien cocido",))
    rest = replace(line, quantity_milli=2 * ONE, to_make_milli=2 * ONE)
    first = replace(first, lines=(rest, done_well))
    assert all_day([first, second]) == ("5 Lomo saltado (1 Bien cocido)",)
    assert all_day([second]) == ("2 Lomo saltado",)


def test_the_number_of_guests_stands_beside_the_table(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "lom", "sent")
    assert wall_ticket(replace(desk.tickets[0], guests=4), voice).place == "Mesa 7 · 4p"


def test_an_order_for_later_is_quiet_until_its_time_comes(desk, voice) -> None:
    desk.order(OrderKind.TAKEOUT, None, "lom", "sent")
    later = replace(desk.tickets[0], is_later=True)
    assert wall_ticket(later, voice).tone is Tone.PLAIN
    assert all_day([later]) == ()


def test_what_is_usual_of_a_dish_is_quiet_and_never_hidden(desk, voice) -> None:
    desk.order(OrderKind.DINE_IN, 7, "asa", "sent")
    usual = {"Asado de tira": frozenset({"Jugoso"})}
    (line,) = wall_ticket(desk.tickets[0], voice, usual=usual).lines
    assert [(extra.text, extra.kind) for extra in line.extras] == [("Jugoso", ExtraKind.USUAL)]
    item = next(each for each in desk.menu.items.values() if each.name == "Asado de tira")
    names = {choice.name for group in item.modifier_groups for choice in group.choices if choice.default}
    assert usual_of(desk.menu).get("Asado de tira", frozenset()) <= names


def test_an_order_for_later_that_somebody_began_looks_like_what_cooks(desk, voice) -> None:
    desk.order(OrderKind.TAKEOUT, None, "lom", "sent")
    begun = replace(desk.tickets[0], is_later=True, state=TicketState.STARTED, begun=True)
    assert wall_ticket(begun, voice).tone is Tone.COOKING
    assert all_day([begun]) == ("1 Lomo saltado",)

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from shared.books.views import LineView, OrderView
from shared.kernel.quantity import ONE
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from shared.orders.rules import Discount, LinePrice, number_order
from shared.orders.whole import price_bill
from shared.truth.balances import CheckState
from terminal.screens.order.dish_tiles import item_tiles
from terminal.screens.order.in_kitchen import being_made
from terminal.screens.order.shelves import shelves_of
from terminal.screens.order.view import (
    check_view,
    counts_of,
    order_state,
    target_line,
)
from terminal.screens.requests import Draft
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.check_lines import LineState
from tests.terminal.screens.paper_desk import with_check
from tests.terminal.screens.paper_menu import item_of, paper_menu

MENU = paper_menu()
DINE_IN = OrderKind.DINE_IN


def test_a_shelf_holds_what_lies_on_the_shelves_below_it() -> None:
    shelves = {shelf.category.name: shelf for shelf in shelves_of(MENU)}
    assert item_of(MENU, "bif") in shelves["Fondos"].items
    assert shelves["Parrilla"].parent == shelves["Fondos"].category.id
    assert shelves["Parrilla"].hue == shelves["Fondos"].hue


def test_a_category_whose_parent_is_gone_is_still_shown() -> None:
    orphaned = replace(MENU, categories=tuple(each for each in MENU.categories if each.name != "Fondos"))
    assert "Parrilla" in [shelf.category.name for shelf in shelves_of(orphaned)]


def test_a_dish_tile_says_how_many_the_order_has(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "2*lom", "lom", "cau")
    tile = item_tiles([item_of(MENU, "lom")], {}, counts_of(order), {}, voice)[0]
    assert (tile.title, tile.detail, tile.hint, tile.badge) == ("Lomo saltado", "S/ 38.00", "lom", "×3")


def test_a_sold_out_dish_cannot_be_chosen_and_says_why(desk, voice) -> None:
    tile = item_tiles([item_of(MENU, "roc")], {}, {}, desk.left, voice)[0]
    assert not tile.enabled
    assert tile.word == "agotado"


def test_a_dish_of_which_six_are_left_says_so_and_can_be_chosen(desk, voice) -> None:
    lomo = item_of(MENU, "lom")
    desk.availability.say(lomo.id, 6_000, counted=True)
    tile = item_tiles([lomo], {}, {}, desk.left, voice)[0]
    assert tile.enabled
    assert tile.word == "quedan 6"


def test_the_check_adds_up_to_its_total(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "2*lom", "cau", guests=4)
    view = check_view(order, None, voice)
    assert view.title == "Mesa 7 · 4 personas"
    assert view.number == "A-1"
    assert [(line.quantity, line.name, line.amount) for line in view.lines] == [
        ("2", "Lomo saltado", "S/ 76.00"),
        ("1", "Causa limeña", "S/ 24.00"),
    ]
    assert view.sums == (("Subtotal", "S/ 84.75"), ("IGV 18 %", "S/ 15.25"))
    assert view.total == "S/ 100.00"


def test_a_delivery_says_whom_it_is_for_or_that_they_were_forgotten(desk, voice) -> None:
    order = desk.order(OrderKind.DELIVERY, None, "lom")
    plain = check_view(order, None, voice).detail

    def detail(contact: ContactView) -> str:
        return check_view(order, None, voice, contact=contact).detail

    assert detail(ContactView("Rosa", "987 654 321")) == f"Rosa · 987 654 321 · {plain}"
    assert detail(ContactView(forgotten=True)) == f"olvidado · {plain}"
    assert detail(ContactView("Rosa", unreadable=True)) == f"Rosa · datos aún no disponibles aquí · {plain}"


def test_what_was_voided_is_struck_out_with_its_quantity_and_costs_nothing(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "2*lom", "cau")
    lomo, causa = order.lines
    voided = replace(lomo, quantity_milli=0, owed_milli=0, to_send_milli=0, voided_milli=2 * ONE, is_told=True)
    shown = check_view(replace(order, lines=(voided, causa)), None, voice).lines
    assert [(line.state, line.quantity) for line in shown] == [(LineState.REMOVED, "2"), (LineState.UNSENT, "1")]
    assert not shown[0].extras


def extras(line: LineView, voice: Voice, order: OrderView) -> list[str]:
    """What stands below a line of an order."""
    (shown,) = check_view(replace(order, lines=(line,)), None, voice).lines
    return [extra.text for extra in shown.extras]


def test_a_line_says_how_much_of_it_is_to_send_voided_and_paid(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "3*lom", "sent")
    line = order.lines[0]
    assert extras(line, voice, order) == []
    assert extras(replace(line, to_send_milli=2 * ONE), voice, order) == ["faltan enviar 2"]
    assert extras(replace(line, voided_milli=ONE), voice, order) == ["anulados 1"]
    assert extras(replace(line, owed_milli=ONE), voice, order) == ["ya pagados 2"]
    assert extras(replace(line, withdrawn_milli=ONE), voice, order) == ["cocina debe quitar 1"]


def test_a_paid_line_says_so_in_the_place_of_its_amount(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "lom", "sent", "cau")
    lomo, causa = order.lines
    shown = check_view(replace(order, lines=(replace(lomo, owed_milli=0), causa)), None, voice).lines
    assert [(line.word, line.state) for line in shown] == [("pagado", LineState.PAID), ("", LineState.UNSENT)]
    assert shown[1].amount == "S/ 24.00"


def test_what_another_device_removed_after_it_was_sent_stays_until_the_kitchen_knows(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "2*lom", "sent")
    gone = replace(order.lines[0], quantity_milli=0, owed_milli=0, withdrawn_milli=2 * ONE)
    (shown,) = check_view(replace(order, lines=(gone,)), None, voice).lines
    assert (shown.state, shown.quantity, shown.word) == (LineState.REMOVED, "2", "quitado")
    assert extras(gone, voice, order) == ["cocina debe quitar 2"]
    assert order_state(replace(order, lines=(gone,)), voice, in_kitchen=None) == (Tone.COOKING, "con cambio")


def test_money_to_give_back_comes_before_all_else_and_says_how_much(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "lom", "sent")
    twice = with_check(order, state=CheckState.TO_GIVE_BACK, bill=price_bill([]), credit_minor=3_800, receipts=2)
    assert order_state(twice, voice, in_kitchen=LineState.STARTED) == (Tone.LATE, "devolver")
    assert check_view(twice, None, voice).sums == (("A devolver", "S/ 38.00"),)


def test_money_that_is_missing_is_said(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "lom", "sent")
    short = with_check(order, state=CheckState.SHORT, bill=price_bill([]), credit_minor=-3_800, receipts=1)
    assert order_state(short, voice, in_kitchen=None) == (Tone.LATE, "falta pago")
    assert check_view(short, None, voice).sums == (("Dinero que falta", "S/ 38.00"),)


def test_what_was_ordered_while_somebody_paid_is_to_be_paid(desk, voice) -> None:
    order = with_check(desk.order(DINE_IN, 7, "lom", "sent"), state=CheckState.OWED, receipts=1)
    assert order_state(order, voice, in_kitchen=LineState.STARTED) == (Tone.WARN, "por cobrar")


def test_an_order_that_has_not_begun_shows_where_it_will_be(desk, voice) -> None:
    view = check_view(None, Draft(DINE_IN, desk.tables[6], 3), voice)
    assert (view.title, view.number, view.total) == ("Mesa 7 · 3 personas", "", "S/ 0.00")


def shown_state(desk, voice) -> tuple[Tone, str]:
    """How the one order of a desk is shown."""
    (order,) = desk.orders.values()
    return order_state(order, voice, in_kitchen=being_made(desk.tickets, desk.orders).get(order.id))


def test_a_later_sending_makes_a_ready_order_cook_again(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "lom", "sent")
    assert order_state(order, voice, in_kitchen=None)[0] is Tone.READY
    assert order_state(order, voice, in_kitchen=LineState.STARTED)[0] is Tone.COOKING


def test_an_order_with_nothing_to_cook_is_ready_once_it_is_sent(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "agu", "inc", "sent")
    assert desk.tickets == ()
    assert shown_state(desk, voice) == (Tone.READY, "listo")
    assert {line.state for line in check_view(order, None, voice).lines} == {LineState.READY}


@pytest.mark.parametrize(
    ("food", "drink", "word"),
    [
        ({}, {}, "enviado"),
        ({"received": True}, {}, "enviado"),
        ({"received": True}, {"received": True}, "recibido"),
        ({"received": True, "begun": True}, {}, "en cocina"),
        ({"begun": True}, {"received": True}, "en cocina"),
    ],
    ids=["sent", "one-received", "received", "one-begun", "begun-on-paper"],
)
def test_an_order_is_said_to_be_made_once_somebody_began_it(food, drink, word, desk, voice) -> None:
    desk.order(DINE_IN, 7, "lom", "pis", "sent")
    assert len(desk.tickets) == 2
    desk.tickets = tuple(
        replace(each, begun="begun" in said, received_at=each.fired_at if "received" in said else None)
        for each, said in zip(desk.tickets, (food, drink), strict=True)
    )
    assert shown_state(desk, voice) == (Tone.COOKING, word)
    (order,) = desk.orders.values()
    made = being_made(desk.tickets, desk.orders)[order.id]
    head = check_view(order, None, voice, in_kitchen=made)
    assert (head.word, head.sign) == (word, {"enviado": "›", "recibido": "○", "en cocina": "◐"}[word])


async def test_a_served_order_says_so_until_more_is_sent(desk, voice) -> None:
    await desk.log_in("1234")
    order = desk.order(DINE_IN, 7, "lom", "sent")
    assert shown_state(desk, voice) == (Tone.COOKING, "enviado")
    await desk.log_in("1234")
    await desk.serve(order.id)
    assert shown_state(desk, voice)[1] == "servido", "a kitchen that cooks from paper bumps nothing"
    await desk.add_line(order.id, item_of(MENU, "cau"))
    await desk.send(order.id)
    assert shown_state(desk, voice) == (Tone.COOKING, "enviado")
    states = [line.state for line in check_view(desk.orders[order.id], None, voice, in_kitchen=LineState.STARTED).lines]
    assert states == [LineState.SERVED, LineState.SENT]
    await desk.log_in("4444")
    for ticket in desk.tickets:
        await desk.bump(ticket.id)
    assert shown_state(desk, voice) == (Tone.READY, "listo")


async def test_a_ticket_that_comes_back_makes_a_served_order_cook_again(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "lom", "sent")
    await desk.log_in("1234")
    await desk.serve(order.id)
    desk.tickets = tuple(replace(ticket, recalled=True) for ticket in desk.tickets)
    assert shown_state(desk, voice) == (Tone.COOKING, "enviado")


def test_a_discount_stands_at_its_line_and_between_the_sums(desk, voice) -> None:
    order = desk.order(DINE_IN, 7, "lom")
    bill = price_bill([LinePrice(order.lines[0].id, ONE, 3_800)], [Discount(UUID(int=1), 800)])
    line = replace(order.lines[0], total_minor=3_000, discount_minor=800)
    view = check_view(with_check(replace(order, lines=(line,)), bill=bill), None, voice)
    assert view.lines[0].amount == "S/ 38.00"
    assert [(extra.text, extra.amount) for extra in view.lines[0].extras] == [("Descuento", "-S/ 8.00")]
    assert view.sums[:2] == (("Importe", "S/ 38.00"), ("Descuento", "-S/ 8.00"))
    assert view.total == "S/ 30.00"


def test_a_partly_paid_order_waits_for_money_and_says_how_much(desk, voice) -> None:
    order = with_check(desk.order(DINE_IN, 7, "lom", "sent"), credit_minor=1_000)
    assert order_state(order, voice, in_kitchen=LineState.STARTED) == (Tone.WARN, "por cobrar")
    assert dict(check_view(order, None, voice).sums)["Falta"] == "S/ 28.00"


def test_keys_mean_the_line_under_the_cursor_else_the_last_unsent(desk) -> None:
    order = desk.order(DINE_IN, 7, "lom", "sent", "cau", "aji")
    sent, first, last = order.lines
    assert target_line(order, None) == last
    assert target_line(order, first.id) == first
    assert target_line(order, sent.id) == sent
    assert target_line(None, None) is None


def test_counts_leave_out_what_is_not_charged(desk) -> None:
    order = desk.order(DINE_IN, 7, "2*lom", "cau")
    gone = replace(order, lines=(order.lines[0], replace(order.lines[1], quantity_milli=0, voided_milli=ONE)))
    assert counts_of(gone) == {item_of(MENU, "lom").id: 2 * ONE}


def test_orders_stand_by_their_numbers_not_as_text() -> None:
    assert sorted(["A-10", "B-2", "A-9", "A2-1"], key=number_order) == ["A-9", "A-10", "A2-1", "B-2"]

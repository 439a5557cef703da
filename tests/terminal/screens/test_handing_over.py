"""Serving by line, handing over what is paid, and the counter: through the keys."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import DrivenTill, driven

DINE_IN, TAKEOUT = OrderKind.DINE_IN, OrderKind.TAKEOUT


def served(till: DrivenTill) -> list[bool]:
    (order,) = till.desk.orders.values()
    return [not line.unserved_milli for line in order.lines]


async def made(till: DrivenTill) -> None:
    """The kitchen has made everything."""
    actor, till.desk.actor = till.desk.actor, await till.desk.log_in("3333")
    for ticket in till.desk.tickets:
        await till.desk.bump(ticket.id)
    till.desk.actor = actor
    await till.settled()


# Serving


async def test_what_is_not_ready_asks_before_it_is_served() -> None:
    async with driven(script="1234\n7\nlom\n<f5><f7>") as till:
        assert "Aún no está listo: 1 Lomo saltado. F7 otra vez" in await till.grid()
        assert served(till) == [False]
        await till.press("f7")
        assert served(till) == [True]
        assert "Pedido A-1 servido" in await till.grid()


async def test_what_is_ready_is_served_at_once_and_the_rest_stays() -> None:
    async with driven(script="1234\n7\ninc\n1lom\n<f5>") as till:
        order = next(iter(till.desk.orders.values()))
        ready = [line for line in order.lines if line.made_milli]
        await till.press("f7")
        assert served(till) == [line in ready for line in order.lines]


async def test_the_chosen_line_alone_is_served() -> None:
    async with driven(script="1234\n7\nlom\ncau\n<f5>") as till:
        await made(till)
        await till.press("ctrl+up", "ctrl+up", "f7")
        assert served(till) == [True, False]
        assert "Lomo saltado: servido" in await till.grid()
        await till.press("f7")
        assert "Lomo saltado ya está servido." in await till.grid()
        assert served(till) == [True, False]


async def test_another_key_takes_the_question_back() -> None:
    async with driven(script="1234\n7\nlom\n<f5><f7><tab>") as till:
        await till.press("f7")
        assert served(till) == [False]


# Handing over


def with_two_paid() -> PaperDesk:
    """Two orders to take away are paid; nothing is made."""
    desk = PaperDesk()
    for code, name in (("lom", "Ana"), ("cau", "Beto")):
        order = desk.order(TAKEOUT, None, code, "sent", ago=5)
        desk.contacts[order.id] = ContactView(name)
        desk._settle(order, "pay")
    desk.done.clear()
    return desk


async def test_what_is_paid_is_listed_with_number_name_age_and_state() -> None:
    async with driven(with_two_paid(), script="1234\n<f5>") as till:
        screen = await till.grid()
        for words in ("Por entregar: 2", "A-1 Ana · 1 Lomo saltado", "A-2 Beto", "enviado", "5 min"):
            assert words in screen
        await made(till)
        assert "listo" in await till.grid()


async def test_enter_hands_over_what_is_ready_and_nothing_twice() -> None:
    async with driven(with_two_paid(), script="1234\n<f5>") as till:
        await made(till)
        till.press_ahead(*["enter"] * 20)
        await till.settled()
        assert [order.number for order in till.desk.orders.values()] == ["A-2"]
        assert "A-1 entregado" in await till.grid()


async def test_a_number_or_a_name_picks_the_order() -> None:
    async with driven(with_two_paid(), script="1234\n<f5>") as till:
        await made(till)
        await till.type("2\n")
        assert [order.number for order in till.desk.orders.values()] == ["A-1"]
        await till.type("ana\n")
        assert till.desk.orders == {}
        assert "Todo lo cobrado está entregado." in await till.grid()


async def test_what_is_not_ready_is_handed_over_on_the_second_press() -> None:
    async with driven(with_two_paid(), script="1234\n<f5>\n") as till:
        assert "A-1 aún no está listo" in await till.grid()
        assert len(till.desk.orders) == 2
        await till.press("enter")
        assert [order.number for order in till.desk.orders.values()] == ["A-2"]


async def test_a_tap_hands_over() -> None:
    async with driven(with_two_paid(), script="1234\n<f5>") as till:
        await made(till)
        await till.pilot.click(till.app.screen.orders, offset=(5, 0))
        await till.settled()
        assert [order.number for order in till.desk.orders.values()] == ["A-2"]


async def test_what_is_paid_and_cooks_stays_on_the_floor_until_it_is_served() -> None:
    async with driven(script="1234\n7\nlom\n<f5><f9>50\n") as till:
        await till.press("enter")
        assert till.screen_name == "floor"
        screen = await till.grid()
        assert "pagado" in screen
        assert "enviado" in screen
        await till.press("f5", "enter")
        await till.press("enter")
        assert till.desk.orders == {}


async def test_handed_over_elsewhere_is_said() -> None:
    async with driven(with_two_paid(), script="1234\n<f5>") as till:
        await made(till)
        gone = next(iter(till.desk.orders))
        tiles = till.app.screen.orders
        del till.desk.orders[gone]
        await till.pilot.click(tiles, offset=(5, 0))
        await till.settled()
        assert "ya se entregó" in await till.grid()


# Counter


async def test_a_counter_begins_with_an_open_sale_and_after_paying_the_next_one_is_open() -> None:
    async with driven(PaperDesk(is_counter=True), script="1234\n") as till:
        assert till.screen_name == "order"
        assert till.desk.orders == {}
        await till.type("lom\n")
        await till.press("f9", "enter")
        assert till.screen_name == "paid"
        assert till.app.screen.called.display
        assert till.desk.done[-2:] == ["send A-1", "pay A-1"]
        await till.type("cau\n")
        assert till.screen_name == "order"
        assert [order.number for order in till.desk.orders.values()] == ["A-1", "A-2"]
        assert next(iter(till.desk.orders.values())).to_hand_over


async def test_the_number_and_the_change_are_said_over_the_next_sale() -> None:
    async with driven(PaperDesk(is_counter=True), script="1234\nlom\n<f9>50\n") as till:
        await till.press("enter")
        assert till.screen_name == "order"
        assert "A-1 · Vuelto" in await till.grid()


async def test_at_a_counter_the_sending_key_shows_what_is_to_be_handed_over_while_nothing_is_to_send() -> None:
    async with driven(PaperDesk(is_counter=True), script="1234\nlom\n<f9>\n") as till:
        await till.press("enter")
        assert "Por entregar" in await till.grid()
        await till.press("f5")
        assert till.screen_name == "handover"
        await till.press("escape", *"cau\n")
        assert "Enviar" in await till.grid()
        await till.press("f5")
        assert "Enviado a cocina" in await till.grid()


async def test_a_cook_at_a_counter_lands_at_the_wall() -> None:
    async with driven(PaperDesk(is_counter=True), script="4444\n") as till:
        assert till.screen_name == "kitchen"


async def test_a_cancelled_sale_of_a_counter_leaves_an_open_one() -> None:
    async with driven(PaperDesk(is_counter=True), script="1234\nlom\n<f12>") as till:
        await till.press("f12")
        assert till.screen_name == "order"
        assert till.desk.orders == {}


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_number_is_big_on_every_screen(size: tuple[int, int]) -> None:
    desk = PaperDesk(is_counter=True, language=Language.ENGLISH)
    async with driven(desk, size=size, script="1234\nlom\n<f9>\n") as till:
        screen = await till.grid()
        assert "ORDER" in screen
        assert till.app.screen.called.size.height >= 4


async def test_a_counter_is_told_of_what_is_paid_and_was_not_sent() -> None:
    desk = PaperDesk(is_counter=True)
    desk._settle(desk.order(TAKEOUT, None, "lom"), "pay")
    async with driven(desk, script="1234\n") as till:
        assert "Cobrado y sin enviar: A-1. F5 lo muestra." in await till.grid()
        await till.press("f5", "enter")
        assert "A-1 está cobrado y sin enviar" in await till.grid()
        await till.press("enter")
        assert till.desk.done[-1] == "send A-1"


async def test_the_key_says_how_many_wait() -> None:
    async with driven(with_two_paid(), script="1234\n") as till:
        assert "Por entregar 2" in await till.grid()


async def test_all_that_is_ready_is_handed_over_on_the_second_press() -> None:
    async with driven(with_two_paid(), script="1234\n<f5><f7>") as till:
        assert "Nada está listo todavía." in await till.grid()
        await made(till)
        await till.press("f7")
        assert "Se entregan todos los listos: 2" in await till.grid()
        assert len(till.desk.orders) == 2
        await till.press("f7")
        assert till.desk.orders == {}


async def test_what_is_to_be_handed_over_is_in_the_menu_of_an_order() -> None:
    async with driven(with_two_paid(), script="1234\n7\nlom\n<f8>") as till:
        await till.press(*"entregar", "enter")
        assert till.screen_name == "handover"
        await till.press("escape")
        assert till.screen_name == "order"

"""Takeout, delivery and the customer of an order, through the keys: what is asked and what may be skipped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.language import Language
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.till import DrivenTill, driven

ROSA = ContactView("Rosa", "987654321", "Jr. Ancash 123")


def only(till: DrivenTill) -> tuple:
    (order,) = till.desk.orders.values()
    return order, till.desk.contacts.get(order.id)


async def test_takeout_asks_for_name_phone_and_time_and_begins_with_the_first_dish() -> None:
    async with driven(script="1234\n<f7>") as till:
        assert "Para llevar: ¿para quién?" in await till.grid()
        await till.type("Ana\n987 111 222\n20")
        assert "Para las 13:01, en 20 min" in await till.grid()
        await till.type("\n")
        assert till.desk.done == [], "nothing is opened before the first dish"
        screen = await till.grid()
        assert "para 13:01 · Ana · 987 111 222" in screen
        await till.type("lom\n")
        order, contact = only(till)
        assert (order.kind, contact) == (OrderKind.TAKEOUT, ContactView("Ana", "987 111 222"))
        assert order.promised_at == (NOON + timedelta(minutes=20)).replace(second=0, microsecond=0)
        await till.press("f2")
        screen = await till.grid()
        assert "A-1 Ana" in screen
        assert "13:01" in screen


async def test_everything_may_be_skipped_for_what_is_taken_away() -> None:
    async with driven(script="1234\n<f7><f5>lom\n") as till:
        order, contact = only(till)
        assert (order.kind, contact, order.promised_at) == (OrderKind.TAKEOUT, None, None)


async def test_a_delivery_needs_an_address_or_a_phone() -> None:
    async with driven(script="1234\n<f4><f5>") as till:
        assert till.screen_name == "form"
        assert "hace falta la dirección, o un teléfono" in await till.grid()
        await till.type("987654321")
        await till.press("f5")
        assert till.screen_name == "order"
        await till.type("lom\n")
        assert only(till)[0].kind is OrderKind.DELIVERY


async def test_escape_begins_no_order() -> None:
    async with driven(script="1234\n<f7>") as till:
        await till.press("escape")
        assert till.screen_name == "floor"
        assert till.desk.orders == {}


async def test_a_time_that_has_passed_asks_first() -> None:
    async with driven(script="1234\n<f7>") as till:
        await till.press("tab", "tab", *"12:20", "enter")
        assert till.screen_name == "form"
        assert "Las 12:20 ya pasaron, hace 21 min" in await till.grid()
        await till.press("enter", *"lom\n")
        assert till.desk.orders
        assert only(till)[0].promised_at == (NOON - timedelta(minutes=21)).replace(second=0, microsecond=0)


async def test_what_is_no_time_is_refused_with_what_works() -> None:
    async with driven(script="1234\n<f7>") as till:
        await till.press("tab", "tab", *"pronto", "f5")
        assert till.screen_name == "form"
        assert "«pronto» no es una hora: 20 son minutos" in await till.grid()


async def test_a_phone_that_ordered_before_proposes_name_and_address() -> None:
    desk = PaperDesk()
    desk.contacts[desk.order(OrderKind.DELIVERY, None, "lom").id] = ROSA
    async with driven(desk, script="1234\n<f4>987654321\n") as till:
        screen = await till.grid()
        for words in ("Rosa", "Jr. Ancash 123", "Ya pidió antes"):
            assert words in screen
        await till.press("f5", *"cau\n")
        orders = list(till.desk.orders.values())
        assert till.desk.contacts[orders[-1].id] == ROSA


async def test_what_was_typed_is_not_replaced_by_what_is_known() -> None:
    desk = PaperDesk()
    desk.contacts[desk.order(OrderKind.DELIVERY, None, "lom").id] = ROSA
    async with driven(desk, script="1234\n<f4><tab>Pedro<shift+tab>987654321\n<f5>cau\n") as till:
        orders = list(till.desk.orders.values())
        assert till.desk.contacts[orders[-1].id] == ContactView("Pedro", "987654321", "Jr. Ancash 123")


async def test_the_customer_of_a_table_is_noted_with_a_document_and_changed() -> None:
    async with driven(script="1234\n7\nlom\n") as till:
        await till.press("ctrl+o")
        assert "DNI / RUC" in await till.grid()
        await till.type("Luz\n\n20123456789\n")
        assert only(till)[1] == ContactView("Luz", document="20123456789")
        assert "Cliente anotado" in await till.grid()
        await till.press("ctrl+o")
        await till.press("shift+tab", "ctrl+u", *"Lucía", "f5")
        assert only(till)[1] == ContactView("Lucía", document="20123456789")


async def test_the_customer_of_an_order_that_has_no_dish_yet_is_noted_too() -> None:
    async with driven(script="1234\n<f7><f5>") as till:
        await till.press("ctrl+o", *"Luz", "f5", *"lom\n")
        assert only(till)[1] == ContactView("Luz")


async def test_what_is_late_stands_out_on_the_floor_until_it_is_ready() -> None:
    desk = PaperDesk()
    order = desk.order(OrderKind.TAKEOUT, None, "lom", "sent", ago=30)
    await desk.log_in("3333")
    await desk.customers.note(order.id, ROSA, NOON - timedelta(minutes=5))
    desk.log_out()
    async with driven(desk, script="1234\n") as till:
        assert "tarde 5 min" in await till.grid()
        till.desk.actor = await till.desk.log_in("3333")
        for ticket in till.desk.tickets:
            await till.desk.bump(ticket.id)
        screen = await till.grid()
        assert "tarde" not in screen
        assert "listo" in screen


async def test_an_order_is_found_by_number_and_by_name() -> None:
    desk = PaperDesk()
    first = desk.order(OrderKind.TAKEOUT, None, "lom")
    desk.order(OrderKind.TAKEOUT, None, "cau")
    desk.contacts[first.id] = ROSA
    async with driven(desk, script="1234\nrosa\n") as till:
        assert till.app.screen.order_id == first.id
        await till.press("f2", *"a2\n")
        assert till.app.screen.order.number == "A-2"
        await till.press("f2", *"zzz")
        assert "No hay mesa ni pedido" in await till.grid()
        await till.press("escape")
        assert "Mesa 7" in await till.grid()


@pytest.mark.parametrize("text", ["[/red]", "👩‍🍳" * 40, "x" * 10_000, "\u202e cba"])
async def test_any_text_can_be_a_name(text: str) -> None:
    async with driven(script="1234\n<f7>") as till:
        await till.paste(text)
        await till.press("f5", *"lom\n")
        await till.press("f2")
        assert "A-1" in await till.grid()


async def test_in_english() -> None:
    async with driven(PaperDesk(language=Language.ENGLISH), size=(80, 24), script="1234\n<f4>") as till:
        screen = await till.grid()
        for words in ("Delivery: for whom?", "Phone", "Name", "Address", "Promised time"):
            assert words in screen

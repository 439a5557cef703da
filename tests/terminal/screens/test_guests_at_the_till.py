"""Guests who order and call by phone: the till says so, rings, and one key answers them."""

from __future__ import annotations

import pytest

from shared.guests.records import Asks, RequestKind
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import driven

WAITER = "2222\n"
LOMO, CHICHA = ("Lomo saltado", 2, 7_780), ("Chicha morada", 1, 1_200)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_guests_first_order_stands_in_the_status_and_is_accepted_with_two_keys(size: tuple[int, int]) -> None:
    async with driven(busy_desk(), script=WAITER, size=size) as till:
        till.desk.guest_orders.order("7", "Lucía", LOMO, CHICHA)
        screen = await till.grid()
        assert "Mesa 7 pidió por teléfono" in screen or "Teléfono Mesa 7" in screen
        await till.press("ctrl+z")
        screen = await till.grid()
        assert "Lucía: 2 Lomo saltado, Chicha" in screen
        assert "89.80" in screen
        await till.press("enter")
        screen = await till.grid()
        assert "¿hay alguien sentado ahí?" in screen
        assert "2 × Lomo saltado" in screen
        await till.press("enter")
        assert till.desk.guest_orders.answers == [("7", "accepted")]
        assert "aceptado" in await till.grid()
        await till.press("ctrl+z")
        assert "No hay mensajes" in await till.grid()


async def test_a_refusal_says_why_and_the_guest_reads_that() -> None:
    async with driven(busy_desk(), script=WAITER, size=(120, 36)) as till:
        till.desk.guest_orders.order("7", "", LOMO, asks=Asks.AMOUNT)
        await till.press("ctrl+z", "enter", "2", "1")
        assert till.desk.guest_orders.answers == [("7", "Algo de lo pedido se agotó")]
        till.desk.guest_orders.order("8", "", LOMO)
        await till.press("ctrl+z", "enter", "2", "4")
        await till.type("Se fue la luz\n")
        assert till.desk.guest_orders.answers[-1] == ("8", "Se fue la luz")


async def test_a_guest_who_calls_is_answered_by_choosing_and_orders_can_be_paused() -> None:
    async with driven(busy_desk(), script=WAITER, size=(120, 36)) as till:
        till.desk.guest_orders.call("3", RequestKind.BILL)
        assert "Mesa 3 pide la cuenta" in await till.grid()
        await till.press("ctrl+z", "enter")
        assert till.desk.guest_orders.calls == []
        await till.press("f8")
        await till.type("pedidos por tel")
        await till.press("enter")
        assert till.desk.guest_orders.is_paused
        assert "Sin pedidos por teléfono" in await till.grid()


async def test_a_cook_without_the_right_is_not_told() -> None:
    async with driven(busy_desk(), "kds", size=(99, 28)) as till:
        till.desk.guest_orders.order("7", "Lucía", LOMO)
        assert "pidió por teléfono" not in await till.grid()

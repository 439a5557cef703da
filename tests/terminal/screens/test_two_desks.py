"""Two tills of one branch that did not hear of each other: what people read on their screens once they met."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.truth.family import Difference
from terminal.desks.desk import Desk
from tests.faults.till_on_disk import PIN
from tests.terminal.screens.two_tills import MANAGER, TABLE, House, seen, two_tills


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with two_tills(founded, tmp_path) as both:
        yield both


def owed(desk: Desk) -> list[str]:
    """The orders that somebody has still to pay."""
    return [order.number for order in desk.orders.values() if order.takes_money]


async def on_wall(desk: Desk, keys: str = "") -> str:
    """What the cook reads after these keys."""
    return await seen(desk, keys, start="kds")


async def test_a_line_that_was_sent_here_and_changed_there_is_to_send_and_a_change_in_the_kitchen(
    house: House,
) -> None:
    await seen(house.till, f"{TABLE}cev\n")
    await house.meet()
    await seen(house.till, f"{TABLE}<f5>")
    await seen(house.other, f"{TABLE}3*\n/ALERGIA: sin maní\n")
    await house.meet()
    for desk in (house.till, house.other):
        order = await seen(desk, TABLE)
        for words in ("Por enviar", "3  Ceviche", "ALERGIA: sin maní", "cocina debe quitar 1"):
            assert words in order
        wall = await on_wall(desk)
        for words in ("CAMBIO", "QUITAR 1", "→1 Ceviche", "! ALERGIA: sin maní"):
            assert words in wall
    assert "A-1: cambio confirmado" in await on_wall(house.till, "1\n")
    assert "Enviado a cocina" in await seen(house.till, f"{TABLE}<f5>")
    wall = await on_wall(house.till)
    assert "3  Ceviche" in wall
    assert "QUITAR" not in wall
    assert "Todo está enviado." in await seen(house.till, f"{TABLE}<f5>")


async def test_what_both_sent_is_one_dish_on_the_wall_and_nothing_is_left_to_send(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n")
    await house.meet()
    for desk in (house.till, house.other):
        assert "Enviado a cocina" in await seen(desk, f"{TABLE}<f5>")
    await house.meet()
    for desk in (house.till, house.other):
        assert [(line.item_name, line.to_make_milli) for ticket in desk.tickets for line in ticket.lines] == [
            ("Ceviche", 1_000)
        ]
        assert "Todo está enviado." in await seen(desk, f"{TABLE}<f5>")


async def test_what_was_ordered_while_somebody_paid_keeps_the_table_and_is_paid_by_itself(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    await seen(house.other, f"{TABLE}2*chi\n<f5>")
    assert "COBRADO" in await seen(house.till, f"{TABLE}<f9>50\n")
    await house.meet()
    floor = await seen(house.till, f"{PIN}\n")
    assert "por cobrar" in floor
    assert "S/ 24.00" in floor
    order = await seen(house.till, TABLE)
    assert "pagado" in order
    assert "COBRADO" in await seen(house.till, f"{TABLE}<f9>30\n")
    await house.meet()
    assert not owed(house.till)
    assert not owed(house.other)


async def test_what_was_cancelled_while_it_was_paid_is_money_to_give_back_and_a_change_in_the_kitchen(
    house: House,
) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    assert "anulado" in await seen(house.other, f"{MANAGER}\n1\n<f12>", "2", "se fueron\n")
    assert "COBRADO" in await seen(house.till, f"{TABLE}<f9>50\n")
    await house.meet()
    for desk in (house.till, house.other):
        floor = await seen(desk, f"{PIN}\n")
        assert "devolver" in floor
        assert "-S/ 42.50" in floor
        assert "Hay S/ 42.50 por devolver" in await seen(desk, f"{TABLE}<f9>")
        assert "QUITAR 1" in await on_wall(desk)


async def test_what_both_took_the_money_for_is_one_sale_and_money_to_give_back(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    for desk in (house.till, house.other):
        assert "COBRADO" in await seen(desk, f"{TABLE}<f9>50\n")
        assert not owed(desk)
    await house.meet()
    for desk in (house.till, house.other):
        floor = await seen(desk, f"{PIN}\n")
        assert "devolver" in floor
        assert "-S/ 42.50" in floor


async def test_one_more_on_both_is_two_more_on_both_screens(house: House) -> None:
    await seen(house.till, f"{TABLE}chi\n")
    await house.meet()
    for desk in (house.till, house.other):
        assert "Chicha morada: uno más" in await seen(desk, f"{TABLE}+")
    await house.meet()
    for desk in (house.till, house.other):
        assert "×3" in await seen(desk, f"{TABLE}<tab>")
        (order,) = desk.orders.values()
        assert order.due_minor == 3 * 1_200


async def test_new_guests_at_a_table_with_money_to_give_back_get_an_order_of_their_own(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await house.meet()
    await seen(house.other, f"{MANAGER}\n1\n<f12>", "2", "se fueron\n")
    await seen(house.till, f"{TABLE}<f9>50\n")
    await house.meet()
    order = await seen(house.till, f"{TABLE}chi\n")
    assert "A-2" in order
    assert "1 × Chicha morada" in order
    assert "devolver" in await seen(house.till, f"{PIN}\n")
    assert "A-2" in await seen(house.till, TABLE), "the table is theirs now"
    assert [each.kind for each in house.till.open_exceptions] == [Difference.PAID_THEN_TAKEN_OFF]


async def test_the_check_of_a_table_that_was_opened_twice_names_the_other_order(
    house: House,
) -> None:
    for desk in (house.till, house.other):
        await seen(desk, f"{TABLE}cev\n")
    await house.meet()
    numbers = sorted(order.number for order in house.till.orders.values())
    assert "¿qué pedido?" in await seen(house.till, TABLE)
    order = await seen(house.till, TABLE, "1")
    shown, other = sorted(numbers, key=lambda number: number not in order.split("En la mesa")[0])
    assert f"En la mesa hay otro pedido: {other}. Ábrelo por su número; Ctrl E los une." in order
    assert f"otro pedido: {shown}" in await seen(house.till, f"{PIN}\n{other}\n")


async def test_one_more_of_a_sent_dish_is_a_line_of_its_own_that_is_to_be_sent(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    order = await seen(house.till, f"{TABLE}+")
    assert "Ceviche: uno más. F5 lo envía." in order
    assert "Por enviar" in order
    assert "Todo está enviado." in await seen(house.till, f"{TABLE}<f5>", "<f5>")
    (shown,) = house.till.orders.values()
    assert [line.quantity_milli for line in shown.lines] == [1_000, 1_000]


async def test_an_empty_order_is_no_second_one_of_its_table(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await seen(house.other, f"{TABLE}cev\n<f6>")
    await house.meet()
    for desk in (house.till, house.other):
        assert desk.open_exceptions == ()
        assert "por resolver" not in await seen(desk, f"{MANAGER}\n")

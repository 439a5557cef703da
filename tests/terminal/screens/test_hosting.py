"""Seating by the keys of a host: what speaks against a table is asked once, and a table with two orders says which."""

from __future__ import annotations

from datetime import timedelta

from restaurant import CASHIER

from shared.orders.records import OrderKind
from shared.reservations.commands import Party
from shared.truth.family import Difference
from terminal.desks.desk import Desk
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.two_tills import seen


async def book(desk: Desk, name: str, guests: int, table: str, minutes: int = 20) -> None:
    """Note who comes in some minutes; the wall clock of the branch may be near midnight."""
    at = desk.local_now() + timedelta(minutes=minutes)
    table_id = next(each.id for each in desk.tables if each.name == table)
    desk.actor = CASHIER
    await desk.guests.book(Party(name, guests, at.date(), at.hour * 60 + at.minute, "", table_id))


def guests_at(desk: Desk) -> dict[str, int]:
    return {order.table_name: order.guests for order in desk.orders.values()}


async def test_a_table_that_is_kept_or_too_small_is_asked_about_once(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await book(desk, "Pérez", 2, "1")
        asked = await seen(desk, f"{PIN}\n<ctrl+w>2Ríos\n\n9\n\n<ctrl+w>4llegaron\n1\n")
        assert "Mesa 1: ¿sentarlos aquí?" in asked
        assert "Reservada por Pérez para las" in asked
        assert "9 personas, 4 sillas." in asked
        assert desk.orders == {}
        moved_on = await seen(desk, f"{PIN}\n<ctrl+w>4llegaron\n1\n\n")
        assert "¿En qué mesa se sienta Ríos?" in moved_on, "Enter seats nobody where somebody else is to sit"
        await seen(desk, f"{PIN}\n<ctrl+w>4llegaron\n1\n2")
        assert guests_at(desk) == {"1": 9}


async def test_a_booking_whose_table_is_taken_is_not_seated_on_top(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1<f2>12\n")
        await book(desk, "Lola", 2, "1")
        asked = await seen(desk, f"{PIN}\n<ctrl+w>31")
        assert "Mesa 1 está ocupada. ¿En cuál se sienta Lola?" in asked
        assert len(desk.orders) == 1
        refused = await seen(desk, f"{PIN}\n<ctrl+w>3llegaron\n1\n")
        assert "ya hay gente" in refused
        assert len(desk.orders) == 1


async def test_enter_on_a_table_that_is_kept_asks_who_sits_down(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await book(desk, "Pérez", 2, "1")
        assert "Es Pérez: ya llegaron" in await seen(desk, f"{PIN}\n1\n")
        await seen(desk, f"{PIN}\n1\n\ncev\n")
        (order,) = desk.orders.values()
        assert (desk.contacts[order.id].name, len(order.lines), order.guests) == ("Pérez", 1, 2)
        await book(desk, "Rita", 2, "2")
        await seen(desk, f"{PIN}\n2\n2cev\n")
        other = next(each for each in desk.orders.values() if each.table_name == "2")
        assert (other.id in desk.contacts, len(other.lines)) == (False, 1)


async def test_a_table_with_two_orders_asks_which_and_each_deed_is_of_that_one(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        table = next(each.id for each in desk.tables if each.name == "1")
        desk.actor = CASHIER
        first, second = [await desk.open_order(OrderKind.DINE_IN, table, guests) for guests in (2, 3)]
        assert "¿qué pedido?" in await seen(desk, f"{PIN}\n1\n"), "also if neither ordered"
        asked = await seen(desk, f"{PIN}\n1<f2>")
        assert "¿qué pedido?" in asked
        assert "Toda la mesa (2 pedidos)" in asked
        of_second = await seen(desk, f"{PIN}\n1<f2>2")
        assert "Mesa 1 · A-2" in of_second
        said = await seen(desk, f"{PIN}\n1<f2>2liberar\n")
        assert "sigue ocupada" in said
        assert list(desk.orders) == [first] != [second]
        whole = await seen(desk, f"{PIN}\n1<f2>liberar\n")
        assert "Mesa 1 está libre" in whole
        assert desk.orders == {}


async def test_another_order_that_is_wanted_at_a_table_is_no_table_opened_twice(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        await seen(desk, f"{PIN}\n1+\nchi\n<f5>")
        assert sorted(len(order.lines) for order in desk.orders.values()) == [1, 1]
        await desk.open()
        assert list(desk.open_exceptions) == []
        table = next(each.id for each in desk.tables if each.name == "1")
        desk.actor = CASHIER
        third = await desk.open_order(OrderKind.DINE_IN, table)
        await desk.add_line(third, desk.menu.by_code["cev"])
        await desk.open()
        assert [each.kind for each in desk.open_exceptions] == [Difference.TABLE_OPENED_TWICE], "one that nobody meant"


async def test_a_free_table_is_pushed_to_a_party_and_free_again_when_they_part_or_pay(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1<f2>18\n2")
        after = await seen(desk, f"{PIN}\n1<f2>juntar\n2\n")
        assert "Mesa 1 y Mesa 2 van juntas" in after
        assert "1 + 2" in after
        assert "con Mesa 1" in after, "the pushed table says with whom, and nobody else is seated there"
        (order,) = desk.orders.values()
        assert (order.guests, [party.table_name for party in order.joined]) == (8, ["2"])
        assert "Mesa 2 está separada" in await seen(desk, f"{PIN}\n2<f2>separar\n")
        assert [each.is_empty for each in desk.orders.values() if each.table_name == "2"] == []
        await seen(desk, f"{PIN}\n1<f2>juntar\n2\n")
        await seen(desk, f"{PIN}\n2\ncev\n<f5>")
        (order,) = desk.orders.values()
        assert (order.table_name, len(order.lines)) == ("1", 1), "what is ordered at either is on one check"
        await seen(desk, f"{PIN}\n2<f9>60\n")
        assert not desk.orders or all(view.to_hand_over for view in desk.orders.values())


async def test_a_table_out_of_service_says_so_when_it_is_opened_and_how_to_end_it(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n2<f2>fuera\n")
        asked = await seen(desk, f"{PIN}\n2\n")
        assert "Mesa 2 está fuera de servicio" in asked
        assert "Poner en servicio" in asked
        await seen(desk, f"{PIN}\n2\n\n")
        assert next(each for each in desk.tables if each.name == "2").out_of_service, "Enter leaves it as it is"
        await seen(desk, f"{PIN}\n2\n2")
        await seen(desk, f"{PIN}\n2\ncev\n")
        assert len(desk.orders) == 1

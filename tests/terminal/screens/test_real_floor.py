"""The floor over the real desk and its encrypted store, by the keys that a host and a waiter press."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from restaurant import CASHIER, MANAGER

from shared.orders.records import OrderKind
from shared.reservations.records import ReservationStatus
from terminal.screens.floor.arriving import day_of
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.two_tills import seen


def by_table(desk) -> dict[str, object]:
    return {order.table_name: order for order in desk.orders.values()}


async def test_guests_sit_down_and_the_table_says_so_until_they_order(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        after = await seen(desk, f"{PIN}\n1<f2>14\n")
        assert "4 personas sentadas" in after
        assert "S sin pedir" in after
        (order,) = desk.orders.values()
        assert (order.guests, order.is_empty, order.table_name) == (4, True, "1")
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        assert [view.id for view in desk.orders.values()] == [order.id]
        assert len(desk.orders[order.id].lines) == 1


async def test_who_leaves_without_ordering_frees_the_table(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1<f2>14\n")
        after = await seen(desk, f"{PIN}\n1<f2>liberar\n")
        assert "está libre" in after
        assert desk.orders == {}


async def test_a_table_moves_to_the_next_one_that_is_typed_or_tapped(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        asked = await seen(desk, f"{PIN}\n1<f2>pasar\n")
        assert "¿A qué mesa pasa Mesa 1?" in asked
        after = await seen(desk, f"{PIN}\n1<f2>pasar\n2\n")
        assert "Ahora están en Mesa 2" in after
        assert list(by_table(desk)) == ["2"]


async def test_escape_leaves_a_table_where_it_is(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        await seen(desk, f"{PIN}\n1<f2>pasar\n<escape>2\n")
        assert list(by_table(desk)) == ["1"]


async def test_two_tables_sit_together_pay_one_bill_and_are_free(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        await seen(desk, f"{PIN}\n2\nchi\n<f5>")
        after = await seen(desk, f"{PIN}\n1<f2>juntar\n2\n")
        assert "una sola cuenta" in after
        assert "2 + 1" in after
        assert "con Mesa 2" in after
        (order,) = desk.orders.values()
        paying = await seen(desk, f"{PIN}\n1<f9>")
        assert "54.50" in paying
        await seen(desk, f"{PIN}\n2<f9>60\n")
        assert not desk.orders or all(view.to_hand_over for view in desk.orders.values())
        assert order.all_guests == 0


async def test_tables_that_part_have_what_each_ordered(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        await seen(desk, f"{PIN}\n2\nchi\n<f5>")
        await seen(desk, f"{PIN}\n1<f2>juntar\n2\n<ctrl+b>")
        after = await seen(desk, f"{PIN}\n1<f2>separar\n")
        assert "está separada" in after
        assert {name: [line.item_name for line in each.lines] for name, each in by_table(desk).items()} == {
            "1": ["Ceviche"],
            "2": ["Chicha morada"],
        }


async def test_moving_to_a_table_where_somebody_sits_asks_whether_to_join(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        await seen(desk, f"{PIN}\n2\nchi\n<f5>")
        asked = await seen(desk, f"{PIN}\n1<f2>pasar\n2\n")
        assert "En Mesa 2 ya hay gente" in asked
        await seen(desk, f"{PIN}\n1<f2>pasar\n2\n1")
        assert len(desk.orders) == 1


async def test_a_tab_is_opened_by_name_and_found_by_it(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        after = await seen(desk, f"{PIN}\n<ctrl+g>Rosa Quispe\n2\n")
        assert "Cuenta de Rosa Quispe abierta" in after
        assert "A-1" in after, "the tab is open, and the next dish goes on it"
        (order,) = desk.orders.values()
        assert (order.kind, order.table_id, order.guests) == (OrderKind.DINE_IN, None, 2)
        await seen(desk, f"{PIN}\nrosa\nchi\n<f5>")
        assert len(desk.orders[order.id].lines) == 1


async def test_a_table_is_given_to_a_colleague_and_a_section_to_its_waiter(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        name = desk.staff[0].name
        after = await seen(desk, f"{PIN}\n1<f2>dar\n1")
        assert f"la atiende ahora {name}"[:20] in after
        (order,) = desk.orders.values()
        assert order.server_id == desk.staff[0].id
        asked = await seen(desk, f"{PIN}\n2<f2>quién es\n1")
        assert "Hace falta una aprobación" in asked, "sections are for who arranges the floor"
        desk.actor = MANAGER
        await desk.floor.assign([table.id for table in desk.tables if table.name == "2"], CASHIER.staff_id)
        shown = await seen(desk, f"{PIN}\n<tab>")
        assert "Mis mesas" in shown
        assert {table.name: table.server_id for table in desk.tables} == {"1": None, "2": CASHIER.staff_id}


async def test_a_reservation_is_noted_seated_and_its_guests_are_named(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        after = await seen(desk, f"{PIN}\n<ctrl+w>1Rosa Quispe\n987654321\n4\n+1\n20:30\n2\nSilla de bebé\n")
        assert "Reservado: Rosa Quispe" in after
        (found,) = desk.reservations
        assert (found.name, found.guests, found.minute, found.moved_minutes) == ("Rosa Quispe", 4, 1_230, 0)
        listed = await seen(desk, f"{PIN}\n<ctrl+w>")
        assert "20:30 Rosa Quispe · 4 p. · Mesa 2 · 987654321" in listed, "whom to call, in the list"
        after = await seen(desk, f"{PIN}\n<ctrl+w>31")
        assert "sentados en Mesa 2" in after
        (order,) = desk.orders.values()
        assert (order.guests, order.table_name, desk.contacts[order.id].name) == (4, "2", "Rosa Quispe")
        opened = await seen(desk, f"{PIN}\n2\n")
        assert "Silla de bebé" in opened, "who serves them reads what they asked for"
        assert [each.status for each in desk.reservations] == [ReservationStatus.SEATED]


async def test_who_waits_at_the_door_is_seated_at_the_table_that_is_typed(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n<ctrl+w>2Luis\n\n2\n\n")
        asked = await seen(desk, f"{PIN}\n<ctrl+w>31")
        assert "¿En qué mesa se sienta Luis?" in asked
        await seen(desk, f"{PIN}\n<ctrl+w>3llegaron\n1\n")
        (order,) = desk.orders.values()
        assert (order.table_name, order.guests) == ("1", 2)


async def test_a_table_that_is_promised_already_is_asked_about(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        for _again in range(2):
            after = await seen(desk, f"{PIN}\n<ctrl+w>1Ana\n\n2\n+1\n20:00\n1\n\n")
        assert "ya está reservada" in after
        await seen(desk, f"{PIN}\n<ctrl+w>1Ana\n\n2\n+1\n20:00\n1\n\n2")
        assert len(desk.reservations) == 2
        desk.actor = MANAGER
        listed = await seen(desk, f"{PIN}\n<ctrl+w>")
        assert "reservada dos veces" in listed


async def test_a_table_is_moved_given_away_and_its_courses_fired_from_floor_and_order(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<ctrl+y>1lom\n<ctrl+y>2")
        held = await seen(desk, f"{PIN}\n1<f2>retener\n1")
        assert "espera" in held
        assert [course.course for course in desk.orders[next(iter(desk.orders))].held_courses] == [1]
        fired = await seen(desk, f"{PIN}\n1<f2>1")
        assert "en marcha" in fired
        (order,) = desk.orders.values()
        assert not order.held_courses
        counted = await seen(desk, f"{PIN}\n1\n#cuántas\n7\n")
        assert "7 personas" in counted
        assert "Lomo saltado" in counted, "the order is still on view"
        asked = await seen(desk, f"{PIN}\n1\n#pasar\n")
        assert "¿A qué mesa pasa Mesa 1?" in asked
        after = await seen(desk, f"{PIN}\n1\n#pasar\n2\n")
        assert "Ahora están en Mesa 2" in after
        assert "Lomo saltado" in after, "the order that was moved is on view again"
        assert list(by_table(desk)) == ["2"]
        reserved = await seen(desk, f"{PIN}\n2\n#reservas\n")
        assert "Reservas y lista de espera" in reserved


async def test_who_goes_home_gives_all_tables_to_a_colleague(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        none = await seen(desk, f"{PIN}\n:todas mis\n")
        assert "No atiendes ninguna mesa" in none
        await seen(desk, f"{PIN}\n1\ncev\n<f5>")
        await seen(desk, f"{PIN}\n2\nchi\n<f5>")
        asked = await seen(desk, f"{PIN}\n1<f2>todas\n")
        assert "Le pasas: 1, 2" in asked
        after = await seen(desk, f"{PIN}\n:todas mis\n1")
        assert "atiende ahora tus mesas (2)" in after
        (server,) = {order.server_id for order in desk.orders.values()}
        assert server is not None
        assert server != CASHIER.staff_id


async def test_nobody_is_seated_unasked_where_others_sit_or_are_to_come(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        soon = f"{desk.local_now() + timedelta(minutes=90):%d/%m\n%H:%M}"
        await seen(desk, f"{PIN}\n<ctrl+w>1Pérez\n\n8\n{soon}\n2\n\n")
        asked = await seen(desk, f"{PIN}\n2<f2>14\n")
        assert "Reservada por Pérez para las" in asked
        assert not desk.orders
        await seen(desk, f"{PIN}\n2<f2>14\n2")
        (order,) = desk.orders.values()
        assert order.guests == 4
        asked = await seen(desk, f"{PIN}\n<ctrl+w>31")
        assert "Mesa 2 está ocupada. ¿En cuál se sienta Pérez?" in asked


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("", date(2026, 12, 1)),
        ("30/11", date(2026, 11, 30)),
        ("29/11/2026", date(2026, 11, 29)),
        ("28/11", date(2027, 11, 28)),
        ("24.12", date(2026, 12, 24)),
        ("1/1/27", date(2027, 1, 1)),
        ("31", date(2026, 12, 31)),
        ("30", date(2026, 11, 30)),
        ("+2", date(2026, 12, 3)),
        ("+9999", None),
        ("24/12/2028", None),
        ("31/2", None),
        ("mañana", None),
    ],
    ids=str,
)
def test_the_day_that_is_typed_is_the_day_that_is_meant(typed: str, day: date | None) -> None:
    assert day_of(typed, date(2026, 12, 1)) == day

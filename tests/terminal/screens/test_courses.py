"""Courses and seats by the keys of the order screen, over the real desk: hold, fire, what is asked before paying."""

from __future__ import annotations

from shared.books.views import LineState
from shared.kitchen.records import KitchenTicket
from terminal.desks.desk import Desk
from terminal.screens.shift.view import carried_over
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp

AT_ONE = f"{PIN}\n1\n"
TWO_COURSES = f"{AT_ONE}cev\n<ctrl+y>1chi\n<ctrl+y>2"


def states(desk: Desk) -> dict[str, LineState]:
    (order,) = desk.orders.values()
    return {line.item_name: line.state for line in order.lines}


async def test_send_holds_the_second_course_and_the_same_key_fires_it_after_a_question(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=TWO_COURSES)  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "<f5>")
            assert "en espera: 2.º tiempo (1), F5 lo marcha" in screen
            assert "F5 Marchar" in screen
            assert states(desk) == {"Ceviche": LineState.SENT, "Chicha morada": LineState.HELD}
            screen = await played(app, pilot, "<f5><f5><f5>")
            assert "¿Qué tiempo sale ahora a cocina?" in screen, "a key that is pressed often fires nothing by itself"
            assert len(await rows(desk, KitchenTicket.__table__)) == 1
            screen = await played(app, pilot, "\n")
            assert "2.º tiempo del pedido A-1: en marcha" in screen
            assert states(desk) == {"Ceviche": LineState.SENT, "Chicha morada": LineState.SENT}
            assert "Todo está enviado." in await played(app, pilot, "<f5>")


async def test_a_line_says_its_course_and_its_seat_and_so_does_what_follows(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}cev\n<ctrl+y>3<ctrl+a>2chi\n")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "")
            assert "3.er tiempo · A2" in screen
            (order,) = desk.orders.values()
            assert {line.item_name: (line.course, line.seat) for line in order.lines} == {
                "Ceviche": (3, 2),
                "Chicha morada": (0, 2),
            }
            for _step in ("chicha", "seat", "course"):
                await played(app, pilot, "<ctrl+u>")
            (order,) = desk.orders.values()
            assert [(line.course, line.seat) for line in order.lines] == [(0, 0)], "steps are undone one by one"


async def test_paying_asks_about_what_waits(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{TWO_COURSES}<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "<f9>")
            assert "Aún esperan: 2.º tiempo (1)." in screen
            assert states(desk)["Chicha morada"] == LineState.HELD
            await played(app, pilot, "1")
            assert app.screen.screen_name == "payment"
            assert states(desk)["Chicha morada"] == LineState.SENT


async def test_an_order_that_was_never_sent_is_asked_about_too(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{TWO_COURSES}<f9>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            assert "Aún esperan" in await played(app, pilot, "")
            await played(app, pilot, "2")
            assert app.screen.screen_name == "payment"


async def test_what_waits_is_counted_before_a_shift_is_closed(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{TWO_COURSES}<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)):
            carried = {each.id: each.count for each in carried_over(desk.orders.values(), desk.state, 0, 0)}
            assert (carried["unsent"], carried["held"]) == (0, 1)


async def test_later_courses_wait_behind_what_has_none(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}cev\nchi\n<ctrl+y>2")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "<f5>")
            assert "en espera: 2.º tiempo (1), F5 lo marcha" in screen
            assert states(desk) == {"Ceviche": LineState.SENT, "Chicha morada": LineState.HELD}
            screen = await played(app, pilot, "<f5>0+20\n")
            assert "2.º tiempo sale a las" in screen
            (order,) = desk.orders.values()
            at = f"{order.fire_times[2].at.astimezone(desk.local_now().tzinfo):%H:%M}"
            assert f"2.º tiempo sale {at}" in screen, "the line says when it goes"


async def test_a_course_that_is_ordered_later_asks_before_it_goes(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}cev\n<f5>1\nchi\n<ctrl+y>2")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await played(app, pilot, "<f5>")
            assert "¿Qué tiempo sale ahora a cocina?" in screen
            assert states(desk)["Chicha morada"] == LineState.HELD
            await played(app, pilot, "\n")
            assert states(desk)["Chicha morada"] == LineState.SENT


async def test_a_later_course_alone_goes_at_once_and_the_till_says_so(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}cev\n<ctrl+y>2")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            assert "2.º tiempo: sale ahora" in await played(app, pilot, "<f5>")
            assert states(desk) == {"Ceviche": LineState.SENT}

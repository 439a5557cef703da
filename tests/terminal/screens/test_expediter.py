"""The expediter's wall over a real desk: an order is complete when all its stations are; what is ready goes out."""

from __future__ import annotations

from datetime import datetime, timedelta

from restaurant import CASHIER, COOK

from shared.books.views import LineState
from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from terminal.clock import SystemClock
from terminal.desks.desk import Desk
from terminal.printing.documents import PaperKind, PassDocument, decode
from terminal.printing.records import print_job
from terminal.screens.pickup.view import ReadySince, pickup_view
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.test_real_kitchen import send, station_of
from tests.terminal.screens.till import PlayedApp


class MovedClock(SystemClock):
    """Ahead by what a test says."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


async def bump(desk: Desk, station: str) -> None:
    before, desk.actor = desk.actor, COOK
    at = station_of(desk, station)
    for ticket in [each for each in desk.tickets if each.station_id == at]:
        await desk.bump(ticket.id)
    desk.actor = before


def states(desk: Desk) -> set[LineState]:
    return {line.state for order in desk.orders.values() for line in order.lines}


async def test_an_order_is_handed_over_station_by_station_or_whole_and_a_restart_shows_the_pass(
    till: TillOnDisk,
) -> None:
    async with till.desk() as desk:
        await send(desk, "cev", "chi")
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "x")
            assert app.screen.screen_name == "expediter"
            assert "pedidos: 1 · completos: 0" in screen
            assert "aún no hay nada listo" in await played(app, pilot, "1\n")
            await bump(desk, "Barra")
            screen = await played(app, pilot, "")
            assert "Barra: listo" in screen
            assert "Cocina: listo" not in screen
            screen = await played(app, pilot, "1\n")
            assert "entregado lo que estaba listo (1)" in screen
            assert states(desk) == {LineState.SENT, LineState.SERVED}
            await bump(desk, "Cocina")
            screen = await played(app, pilot, "")
            assert "Cocina: listo" in screen
            screen = await played(app, pilot, "\n\n")
            assert "Pedido A-1 entregado" in screen
        assert desk.kitchen.shows_pass
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await played(app, pilot, "")
            assert app.screen.screen_name == "expediter"
            await played(app, pilot, "<tab>")
            assert app.screen.screen_name == "kitchen"
        assert not desk.kitchen.shows_pass


async def test_the_slip_of_an_order_is_printed_when_somebody_asks(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, "cev/sin ají", "chi")
        await bump(desk, "Barra")
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(49, 14)) as pilot:
            assert "Enter Salió" in await played(app, pilot, "x"), "no key of the bar is cut"
            assert "Imprimir pase" in await played(app, pilot, ".")
            assert "a la impresora" in await played(app, pilot, "1")
        (job,) = [row for row in await rows(desk, print_job) if row.kind == PaperKind.SLIP]
        slip = decode(PaperKind.SLIP, job.payload)
        assert isinstance(slip, PassDocument)
        assert {part.name: part.is_ready for part in slip.stations} == {"Cocina": False, "Barra": True}


async def test_the_pass_shows_a_rush_first_and_by_its_sign(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await send(desk, "cev")
        await send(desk, "cev")
        desk.log_out()
        desk.kitchen.take_place()
        await desk.kitchen.rush([desk.tickets[-1].id], rushed=True)
        assert [order.number for order in desk.passing.orders] == ["A-2", "A-1"]
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await played(app, pilot, "x")
            assert app.screen.screen_name == "expediter"
            assert "URGENTE" in screen


async def test_what_was_handed_over_by_mistake_comes_back_at_once_or_from_the_list_on_every_screen(
    till: TillOnDisk,
) -> None:
    clock = MovedClock()
    async with till.desk(clock) as desk:
        await send(desk, "cev", "chi")
        await bump(desk, "Barra")
        await bump(desk, "Cocina")
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            assert "Pedido A-1 entregado" in await played(app, pilot, "x\n\n")
            assert states(desk) == {LineState.SERVED}
            screen = await played(app, pilot, "<backspace>")
            assert "A-1 no salió" in screen
            assert "Cocina: listo" in screen
            assert states(desk) == {LineState.READY}
            await played(app, pilot, "\n\n")
            clock.ahead = timedelta(seconds=4)
            screen = await played(app, pilot, "*")
            assert "Entregado por error" in screen
            assert "Ceviche" in screen
            await played(app, pilot, "1")
            assert states(desk) == {LineState.READY, LineState.SERVED}, "one sending of one station comes back"
            await played(app, pilot, "\n\n")
        assert states(desk) == {LineState.SERVED}


async def test_what_a_counter_handed_over_by_mistake_is_listed_again_and_stands_in_the_guests_numbers(
    till: TillOnDisk,
) -> None:
    async with till.desk() as desk:
        await send(desk, "cev")
        await bump(desk, "Cocina")
        desk.actor, cash = CASHIER, next(each for each in desk.methods if each.kind is TenderKind.CASH)
        (order,) = desk.orders.values()
        await desk.pay(order.id, order.checks[0].id, [Tender(cash.id, cash.name, cash.kind, 10**6)])
        desk.log_out()
        app = PlayedApp(desk)  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            assert "A-1" in await played(app, pilot, f"{PIN}\n<f5>")
            assert "Todo lo cobrado está entregado" in await played(app, pilot, "\n")
            assert not desk.orders
            assert "A-1 no salió" in await played(app, pilot, "<f9>")
            since = ReadySince().of(desk.orders.values(), desk.bumped, desk.now())
            assert pickup_view(desk.orders.values(), since, desk.now()).ready == ("A-1",)


async def test_the_pass_says_what_waits_for_its_course_and_since_when_it_hears_from_nobody(till: TillOnDisk) -> None:
    clock = MovedClock()
    async with till.desk(clock) as desk:
        desk.actor = CASHIER
        order = await desk.open_order(OrderKind.DINE_IN, desk.tables[0].id, 2)
        for code, course in (("cev", 1), ("chi", 2)):
            await desk.courses.set_course(order, await desk.add_line(order, desk.menu.by_code[code]), course)
        await desk.send(order)
        desk.log_out()
        app = PlayedApp(desk, start="kds")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "x")
            assert "después: 2.º tiempo (1)" in screen
            assert "SIN NUBE DESDE" not in screen
            clock.ahead = timedelta(minutes=3)
            app.screen.tick()
            assert "SIN NUBE DESDE" in (await played(app, pilot, "")).splitlines()[1]

"""Taking back, undoing and notes over the real desk and its encrypted store."""

from __future__ import annotations

from restaurant import MANAGER

from shared.kitchen import commands as kitchen
from shared.kitchen.ticket_views import TicketState
from shared.orders.noting import note_order
from shared.orders.records import LineVoid, Order, OrderKind
from terminal.desks.desk import Desk
from terminal.papers.kitchen_papers import PaperFollower
from terminal.printing.documents import KitchenDocument, KitchenNews, PaperKind, decode
from terminal.printing.records import print_job
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp

AT_ONE = f"{PIN}\n1\n"


async def test_a_sent_dish_is_voided_for_a_reason_and_the_kitchen_is_asked(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}3*cev\n<f5><ctrl+up>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            await _by_manager(desk)
            await played(app, pilot, "-\n")
            screen = await played(app, pilot, "")
            assert "¿Ya se preparó?" in screen, "this kitchen cooks from paper, and says nothing"
            screen = await played(app, pilot, "2plato frio\n")
            assert "Anulado 1 × Ceviche: plato frio" in screen
            (void,) = await rows(desk, LineVoid.__table__)
            assert (void.quantity_milli, void.reason, void.thrown_milli) == (1_000, "plato frio", 0)
            (line,) = next(iter(desk.orders.values())).lines
            assert (line.quantity_milli, line.withdrawn_milli) == (2_000, 1_000)


async def test_what_was_made_is_waste_and_an_order_is_cancelled_with_it(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}2*cev\n<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            for ticket in desk.tickets:
                await desk.store.run(MANAGER, lambda work, ticket=ticket: kitchen.bump(work, ticket.id))
            await desk.open()
            await _by_manager(desk)
            await played(app, pilot, "<f12>1se fueron\n")
            assert app.screen.screen_name == "floor"
            (void,) = await rows(desk, LineVoid.__table__)
            assert (void.quantity_milli, void.thrown_milli, void.reason) == (2_000, 2_000, "se fueron")
            assert not desk.orders


async def test_steps_are_undone_in_the_store(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}cev\n2*cev\n/sin ají\n<f6>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            for quantity, notes in ((3_000, "sin ají"), (3_000, ""), (1_000, "")):
                await played(app, pilot, "<ctrl+u>")
                (line,) = next(iter(desk.orders.values())).lines
                assert (line.quantity_milli, line.notes) == (quantity, notes)
            assert "Ceviche ya no está en el pedido" in await played(app, pilot, "<ctrl+u>")
            assert "No hay nada que deshacer" in await played(app, pilot, "<ctrl+u>")
            assert [line for order in desk.orders.values() for line in order.lines] == []


async def test_a_note_of_the_order_is_kept_and_on_the_ticket(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{AT_ONE}cev\n//para compartir\n<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)):
            assert [row.notes for row in await rows(desk, Order.__table__)] == ["para compartir"]
            assert [ticket.notes for ticket in desk.tickets] == ["para compartir"]


async def _by_manager(desk: Desk) -> None:
    """Somebody with the right has the till from now on."""
    desk.actor = MANAGER


async def test_the_kitchen_is_told_on_paper_and_a_lifted_void_asks_for_the_dish_again(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.actor = MANAGER
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        line_id = await desk.add_line(order_id, next(item for item in desk.menu.items.values() if item.code == "cev"))
        await desk.send(order_id)
        await desk.corrections.void_line(order_id, line_id, 1_000, "plato frio")
        assert await _news(desk) == [KitchenNews.NEW, KitchenNews.CANCELLED]
        follower = PaperFollower(desk.store, desk.print_context, lambda: None)
        assert await follower.follow(), "what the command printed is looked at once more"
        assert not await follower.follow()
        (void,) = await rows(desk, LineVoid.__table__)
        await desk.exceptions.lift_voids([void.id])
        assert await _news(desk) == [KitchenNews.NEW, KitchenNews.CANCELLED]
        assert await follower.follow()
        assert await _news(desk) == [KitchenNews.NEW, KitchenNews.CANCELLED, KitchenNews.ADDED]


async def test_a_note_of_the_whole_order_goes_to_wall_and_paper_wherever_it_was_typed(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.actor = MANAGER
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(order_id, next(item for item in desk.menu.items.values() if item.code == "cev"))
        await desk.send(order_id)
        await desk.corrections.note_order(order_id, "alergia al huevo")
        (ticket,) = desk.tickets
        assert (ticket.state, ticket.notes, ticket.notes_before) == (TicketState.CHANGED, "alergia al huevo", "")
        assert await _news(desk) == [KitchenNews.NEW, KitchenNews.NOTED]
        await desk.confirm(ticket.id)
        assert [each.state for each in desk.tickets] == [TicketState.FIRED]
        follower = PaperFollower(desk.store, desk.print_context, lambda: None)
        while await follower.follow():
            pass
        async with desk.store.work(MANAGER) as work:  # as a device without printers does it
            await note_order(work, order_id, "alergia al mani")
        assert await follower.follow()
        assert await _news(desk) == [KitchenNews.NEW, KitchenNews.NOTED, KitchenNews.NOTED]


async def _news(desk: Desk) -> list[KitchenNews]:
    papers = [decode(PaperKind(row.kind), row.payload) for row in await rows(desk, print_job)]
    return [paper.news for paper in papers if isinstance(paper, KitchenDocument)]

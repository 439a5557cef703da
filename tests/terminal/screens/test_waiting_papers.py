"""Papers that wait, in the printers dialog: listed, let go, tried again, printed elsewhere."""

from __future__ import annotations

from terminal.printing.records import State
from tests.terminal.printing.conftest import FileStore, LoopbackPrinter, read_paper
from tests.terminal.screens.print_house import House, a_ticket, at
from tests.terminal.screens.till import DrivenTill

WAITER, COOK = "2222\n", "4444\n"


async def read_screen(till: DrivenTill) -> str:
    """What stands in the dialog, wrapped lines joined."""
    inside = [row.partition("▌")[2].rpartition("▐")[0] for row in (await till.grid()).splitlines()]
    return " ".join(" ".join(inside).split())


async def test_what_waits_is_listed_and_goes_to_another_printer_with_a_banner(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    house = House(store, {"cocina": at(9), "barra": at(kitchen_printer.port)})
    async with house.working(), house.till() as till:
        job = await house.ask_for(a_ticket(), "cocina")
        await house.until(job, State.FAILED)
        await house.look()
        await till.press("f11")
        screen = await read_screen(till)
        assert "Comanda A-17 · Cocina" in screen
        assert "se reintenta" in screen
        await till.press("1", "f3")
        assert "¿En qué impresora?" in await till.grid()
        await till.press("enter")
        assert "Comanda A-17 · Cocina: sale en barra." in await till.grid()
        row = await house.until(job, State.CONFIRMED)
        assert (row.printer, row.made_for, row.copies) == ("barra", "cocina", 0)
    (paper,) = await kitchen_printer.papers(1)
    assert "COCINA SIN IMPRESORA: sale en barra" in read_paper(paper).text


async def test_what_waits_can_be_let_go_and_tried_by_itself(store: FileStore) -> None:
    house = House(store, {"cocina": at(9), "barra": at(9)})
    async with house.working(), house.till() as till:
        first, other = [
            await house.ask_for(a_ticket(f"A-{n}"), p, attempts=1) for n, p in ((1, "cocina"), (2, "barra"))
        ]
        for job in (first, other):
            await house.until(job, State.FAILED)
        await house.look()
        await till.press("f11", "1", "f6")
        assert "Comanda A-1 · Cocina: probando otra vez." in await till.grid()
        await house.until(first, State.FAILED)
        assert ((await house.row(first)).attempts, (await house.row(other)).attempts) == (1, 2)
        await house.look()
        await till.press("1", "f5")
        assert "Comanda A-1 · Cocina: ya no se imprime." in await till.grid()
    assert (await house.row(first)).state == State.CANCELLED


async def test_what_becomes_of_what_was_tried_again_takes_the_place_of_the_sentence(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    house = House(store, {"cocina": at(kitchen_printer.port)})
    await kitchen_printer.stop()
    async with house.working(), house.till() as till:
        job = await house.ask_for(a_ticket(), "cocina", attempts=1)
        await house.until(job, State.FAILED)
        await house.look()
        await till.press("f11", "1", "f6")
        assert "probando otra vez" in await till.grid()
        await kitchen_printer.start()
        await till.press("1", "f6")
        await house.until(job, State.CONFIRMED)
        await house.look()
        await till.settled()
        assert "Comanda A-17 · Cocina: impreso." in await till.grid()


async def test_a_paper_that_is_being_sent_cannot_be_answered(store: FileStore) -> None:
    house = House(store, {"cocina": at(9), "barra": at(9)})
    job = await house.ask_for(a_ticket(), "cocina", state=State.SENDING)
    async with house.till() as till:
        await till.press("f11")
        for key in ("f5", "f6", "f3"):
            await till.press("1", key)
            assert "Se está enviando a cocina: espera un momento." in await till.grid()
    assert (await house.row(job)).state == State.SENDING

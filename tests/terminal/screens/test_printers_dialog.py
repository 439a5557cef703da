"""From a paper that is stuck to a person's answer: the app, the real queue, the real worker, printers on loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, insert

from shared.kernel.permissions import Actor
from terminal.printing.faults import PrinterFault
from terminal.printing.queue import PrintJob
from terminal.printing.records import State, print_job
from terminal.printing.transports import StatusPolicy, TcpTransport
from terminal.printing.views import MAX_LISTED
from tests.terminal.printing.conftest import FileStore, LoopbackPrinter, read_paper
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.print_house import CASHIER, PATIENCE, House, a_receipt, a_ticket, at
from tests.terminal.screens.till import DrivenTill
from tests.terminal.widgets.test_hostile_text import HOSTILE

WAITER, COOK = "2222\n", "4444\n"


async def read_screen(till: DrivenTill) -> str:
    """What stands in the dialog, wrapped lines joined."""
    inside = [row.partition("▌")[2].rpartition("▐")[0] for row in (await till.grid()).splitlines()]
    return " ".join(" ".join(inside).split())


async def test_the_paper_of_a_job_is_seen_before_anybody_answers(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    kitchen_printer.resets_after = 50
    house = House(store, {"cocina": at(kitchen_printer.port)})
    async with house.working(), house.till() as till:
        job = await house.ask_for(a_ticket(), "cocina")
        await house.until(job, State.UNKNOWN)
        await house.look()
        await till.press("f11", "f4")
        screen = await till.grid()
        assert "1 x Lomo saltado" in screen
        assert "Nada se imprimió" in screen
        await till.press("enter")
        assert "Comanda A-17 · Cocina" in await read_screen(till)
        assert till.screen_name == "printers"


async def test_who_stands_at_a_wall_without_a_pin_sees_and_answers_the_papers_of_kitchens_alone(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    kitchen_printer.resets_after = 50
    house = House(store, {"cocina": at(kitchen_printer.port)})
    async with house.working(), house.till() as till:
        for document in (a_receipt(), a_ticket()):
            await house.until(await house.ask_for(document, "cocina"), State.UNKNOWN)
        await house.look()
        till.app.desk.actor = Actor.at_station(UUID(int=0x57), "Cocina")
        await till.press("f11")
        assert "A-17" in await till.grid()
        assert "A-00000012" not in await till.grid()
        till.app.desk.actor = None
        till.app._desk_changed(frozenset({"state"}))
        assert "A-00000012" in await till.grid()


async def test_a_printer_that_hangs_up_in_the_middle_is_asked_about_and_the_second_paper_says_copy(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    kitchen_printer.resets_after = 50
    house = House(store, {"cocina": at(kitchen_printer.port)})
    async with house.working(), house.till() as till:
        job = await house.ask_for(a_ticket(), "cocina")
        await house.until(job, State.UNKNOWN)
        await house.look()
        assert "Impresora cocina: 1 en espera · Ctrl P" in await till.grid()
        await till.press("f11")
        screen = await read_screen(till)
        assert till.screen_name == "printers"
        assert "Comanda A-17 · Cocina" in screen
        assert "cortó la comunicación a mitad del papel" in screen
        assert "¿Salió el papel en cocina?" in screen
        kitchen_printer.resets_after = None
        await till.press("f6")
        assert "dice COPIA" in await till.grid()
        await house.until(job, State.CONFIRMED)
        await house.look()
        assert "Ningún papel por aclarar" in await till.grid()
        await till.press("escape")
        assert till.screen_name == "floor"
        assert "Impresora" not in (await till.grid()).splitlines()[0]
    (paper,) = await kitchen_printer.papers(1)
    assert "REIMPRESIÓN 1" in read_paper(paper).text


async def test_a_paper_that_was_seen_is_closed_and_never_printed_again(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    kitchen_printer.resets_after = 50
    house = House(store, {"cocina": at(kitchen_printer.port)})
    async with house.working(), house.till() as till:
        job = await house.ask_for(a_receipt(), "cocina")
        await house.until(job, State.UNKNOWN)
        await house.look()
        await till.press("f11", "f5")
        assert "Recibo A-00000012: anotado, salió." in await till.grid()
        await house.until(job, State.CONFIRMED)
        await house.look()
        await till.pilot.pause()
        screen = await read_screen(till)
        assert "▲ Cocina" in screen or "▲ cocina" in screen, "it has not answered again"
        assert "todavía no ha vuelto a contestar · nada en espera" in screen
        kitchen_printer.resets_after = None
        await house.until(await house.ask_for(a_ticket(), "cocina"), State.CONFIRMED)
        await house.look()
        await till.pilot.pause()
        assert "lo último se imprimió · nada en espera" in await read_screen(till)
    assert [read_paper(paper).text.count("Recibo") for paper in await kitchen_printer.papers(1)] == [0]


async def test_a_printer_that_refuses_says_so_and_prints_when_a_person_says_that_it_is_on_again(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    port = kitchen_printer.port
    await kitchen_printer.stop()
    house = House(store, {"caja": at(9), "cocina": at(port)})
    async with house.working(), house.till() as till:
        first = await house.ask_for(a_ticket("A-1"), "cocina")
        second = await house.ask_for(a_ticket("A-2"), "cocina")
        await house.until(first, State.FAILED)
        await house.look()
        await till.press("f11")
        screen = await read_screen(till)
        assert "2 en espera desde 12:41" in screen
        assert "revisa que esté encendida y su cable; el papel saldrá solo cuando vuelva." in screen
        await kitchen_printer.start()
        await till.press("f7")
        assert "Probando otra vez" in await till.grid()
        for job in (first, second):
            assert (await house.until(job, State.CONFIRMED)).copies == 0
        await till.press("f7")
        assert "Ninguna impresora falla" in await till.grid()
    assert ["COPIA" in read_paper(paper).text for paper in await kitchen_printer.papers(2)] == [False, False]


async def test_a_mute_printer_is_told_as_mute(store: FileStore, silent_port: int) -> None:
    transport = TcpTransport("127.0.0.1", silent_port, policy=StatusPolicy.REQUIRED, patience=PATIENCE)
    house = House(store, {"caja": transport})
    async with house.working(), house.till() as till:
        await house.until(await house.ask_for(a_receipt(), "caja"), State.FAILED)
        await house.look()
        await till.press("f11")
        assert "La impresora caja no responde: apágala y enciéndela." in await till.grid()


async def test_a_paper_that_waited_too_long_is_printed_as_an_original_or_let_go(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    house = House(store, {"cocina": at(kitchen_printer.port)})
    old = {"queued_at": 0, "created_at": 0}
    wanted = await house.ask_for(a_ticket("A-1"), "cocina", **old)
    unwanted = await house.ask_for(a_ticket("A-2"), "cocina", **old)
    async with house.working(), house.till() as till:
        for job in (wanted, unwanted):
            await house.until(job, State.UNKNOWN)
        await house.look()
        await till.press("f11")
        screen = await read_screen(till)
        assert "esperó demasiado tiempo y no se imprimió. ¿Todavía hace falta?" in screen
        assert "No hace falta" in screen
        await till.press("f6")
        await house.look()
        await till.press("1", "f5")
        assert "Comanda A-2 · Cocina: ya no se imprime." in await till.grid()
        await house.until(wanted, State.CONFIRMED)
        await house.until(unwanted, State.CANCELLED)
    (paper,) = await kitchen_printer.papers(1)
    assert "A-1" in read_paper(paper).text
    assert "COPIA" not in read_paper(paper).text


async def test_a_paper_for_a_printer_that_is_gone_can_be_let_go(store: FileStore) -> None:
    house = House(store, {})
    job = await house.ask_for(a_receipt(), "caja vieja")
    async with house.till() as till:
        await till.press("f11", "f6")
        assert "Esa impresora no existe en este equipo" in await till.grid()
        await till.press("1", "f5")
    assert (await house.row(job)).state == State.CANCELLED


@pytest.mark.parametrize("key", ["f5", "f6"])
@pytest.mark.parametrize("ahead", [True, False])
async def test_twenty_presses_answer_one_paper_once(store: FileStore, key: str, ahead: bool) -> None:
    house = House(store, {"cocina": at(9)})
    jobs = [
        await house.ask_for(a_ticket(f"A-{n}"), "cocina", state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
        for n in "123"
    ]
    async with house.till() as till:
        await till.press("f11")
        if ahead:
            await till.press(*[key] * 20)
        else:
            for _ in range(20):
                await till.press(key)
                await house.look()
        rows = [await house.row(job) for job in jobs]
    answered = State.CONFIRMED if key == "f5" else State.QUEUED
    assert [row.state for row in rows] == [answered, State.UNKNOWN, State.UNKNOWN]
    assert [row.copies for row in rows] == [0 if key == "f5" else 1, 0, 0]


async def test_two_tills_that_answer_the_same_paper_print_it_once(store: FileStore) -> None:
    house = House(store, {"cocina": at(9)})
    job = await house.ask_for(a_ticket(), "cocina", state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    other = await house.ask_for(a_ticket("A-18"), "cocina", state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    async with house.till() as one, house.till() as two:
        await asyncio.gather(one.press("f11"), two.press("f11"))
        await one.press("f6")
        await two.press("f6")
        assert "ya se respondió o se pidió" in await two.grid()
        await house.look()
        await two.press("f5")
        assert "Elige primero un papel" in await two.grid()
    assert ((await house.row(job)).copies, (await house.row(other)).state) == (1, State.UNKNOWN)


async def test_a_paper_answered_elsewhere_is_not_swapped_for_the_next_under_the_finger(store: FileStore) -> None:
    house = House(store, {"cocina": at(9)})
    first, second = [
        await house.ask_for(a_ticket(f"A-{n}"), "cocina", state=State.UNKNOWN, error=PrinterFault.HUNG_UP) for n in "12"
    ]
    async with house.till() as one, house.till() as two:
        await asyncio.gather(one.press("f11"), two.press("f11"))
        await one.press("f5")
        await house.look()
        await two.press("f5")
    assert [(await house.row(job)).state for job in (first, second)] == [State.CONFIRMED, State.UNKNOWN]


async def test_fingers_can_do_it_all(store: FileStore) -> None:
    house = House(store, {"cocina": at(9)})
    jobs = [
        await house.ask_for(a_ticket(f"A-{n}"), "cocina", state=State.UNKNOWN, error=PrinterFault.HUNG_UP) for n in "12"
    ]
    async with house.till() as till:
        await tap_word(till, "Más")
        await tap_word(till, "Impresoras")
        assert till.screen_name == "printers"
        await tap_word(till, "Comanda A-2")
        await tap_word(till, "Sí, salió")
        assert "Comanda A-2 · Cocina: anotado, salió." in await till.grid()
        await tap_word(till, "Volver")
        assert till.screen_name == "floor"
    assert [(await house.row(job)).state for job in jobs] == [State.UNKNOWN, State.CONFIRMED]


@pytest.mark.parametrize("script", [CASHIER, COOK, f"{CASHIER}7\n"])
async def test_a_finger_on_the_notice_opens_the_dialog(store: FileStore, script: str) -> None:
    house = House(store, {"cocina": at(9)})
    await house.ask_for(a_ticket(), "cocina", state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    async with house.till(script, start="pos") as till:
        x = (await till.grid()).splitlines()[0].index("Impresora cocina")
        await till.pilot.click(offset=(2, 0))
        await till.settled()
        assert till.screen_name != "printers"
        await till.pilot.click(offset=(x, 0))
        await till.settled()
        assert till.screen_name == "printers"


async def tap_word(till: DrivenTill, word: str) -> None:
    """Put a finger on the last place where a word stands."""
    rows = (await till.grid()).splitlines()
    y = max(at for at, row in enumerate(rows) if word in row)
    await till.pilot.click(offset=(rows[y].index(word) + 1, y))
    await till.settled()


@pytest.mark.parametrize(("script", "place"), [(f"{CASHIER}7\n", "order"), (COOK, "kitchen"), (WAITER, "floor")])
async def test_the_dialog_opens_from_every_post_and_closes_by_each_key(
    store: FileStore, script: str, place: str
) -> None:
    house = House(store, {})
    async with house.till(script, start="kds" if place == "kitchen" else "pos") as till:
        for opens, closes in (("f11", "escape"), ("ctrl+p", "f2"), ("f11", "f11")):
            await till.press(opens)
            assert till.screen_name == "printers"
            assert "Este equipo no tiene impresoras" in await till.grid()
            await till.press(closes)
            assert till.screen_name == place
        await till.press("f11", "f1")
        assert "Imprimir una copia del último recibo" in await till.grid()


async def test_the_last_receipt_is_printed_again_once_an_opening_and_says_copy(
    store: FileStore, kitchen_printer: LoopbackPrinter
) -> None:
    house = House(store, {"caja": at(kitchen_printer.port)})
    async with house.working(), house.till() as till:
        for number in (11, 12):
            last = await house.ask_for(a_receipt(number), "caja")
            await house.until(last, State.CONFIRMED)
        await till.press("f11")
        for _ in range(20):
            await till.press("f8")
        await house.until(last, State.CONFIRMED)
        assert "ya se respondió o se pidió" in await till.grid()
        await till.press("f2", "f11", "f8")
        assert "Recibo A-00000012: se imprime otra vez" in await till.grid()
        papers = [read_paper(paper).text for paper in await kitchen_printer.papers(4)]
    assert [("A-00000012" in text, "COPIA 1" in text, "COPIA 2" in text) for text in papers] == [
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, False, True),
    ]


async def test_who_may_not_take_payment_gets_no_receipt(store: FileStore) -> None:
    house = House(store, {"caja": at(9)})
    job = await house.ask_for(a_receipt(), "caja", state=State.CONFIRMED)
    async with house.till(WAITER) as till:
        await till.press("f11", "f8")
        assert "No tienes permiso" in await till.grid()
    assert (await house.row(job)).copies == 0


async def test_a_receipt_that_still_waits_is_not_doubled(store: FileStore) -> None:
    house = House(store, {"caja": at(9)})
    async with house.till() as till:
        await till.press("f11", "f8")
        assert "todavía no ha impreso ningún recibo" in await till.grid()
        await till.press("f2")
        job = await house.ask_for(a_receipt(), "caja", state=State.FAILED, error=PrinterFault.PAPER_OUT)
        await till.press("f11", "f8")
        assert "todavía espera a su impresora" in await till.grid()
    assert (await house.row(job)).copies == 0


@pytest.mark.parametrize("evil", HOSTILE)
async def test_hostile_names_steer_nothing(store: FileStore, evil: str) -> None:
    house = House(store, {evil: at(9)})
    await house.ask_for(a_ticket(evil, evil), evil, state=State.UNKNOWN, error=PrinterFault.HUNG_UP)
    await house.ask_for(a_ticket(evil, evil), evil, state=State.FAILED, error=PrinterFault.PAPER_OUT)
    async with house.till() as till:
        await till.press("f11", "f6")
        assert till.screen_name == "printers"
        assert "\x1b" not in await till.grid()


async def test_statements_do_not_grow_with_the_jobs(store: FileStore) -> None:
    house = House(store, {"caja": at(9)})
    statements: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    counts = []
    for _ in range(2):
        await _fill(store, 500)
        statements.clear()
        async with house.till() as till:
            await till.press("f11")
            counts.append(len(statements))
            assert len(till.desk.state.prints.questions) == MAX_LISTED
    assert counts[0] == counts[1]
    assert counts[0] <= 4


async def _fill(store: FileStore, count: int) -> None:
    async with store.transaction() as connection:
        start = (await connection.execute(print_job.select().with_only_columns(print_job.c.revision))).all()
        jobs = [
            PrintJob.of(a_receipt(n), printer="caja", reference=UUID(int=1), revision=n, at=NOON + timedelta(seconds=n))
            for n in range(len(start), len(start) + count)
        ]
        await connection.execute(
            insert(print_job),
            [
                {
                    "id": job.id.bytes,
                    "printer": job.printer,
                    "made_for": job.printer,
                    "kind": job.kind,
                    "reference": job.reference.bytes,
                    "revision": job.revision,
                    "payload": job.payload,
                    "state": State.UNKNOWN,
                    "attempts": 1,
                    "copies": 0,
                    "error": PrinterFault.HUNG_UP,
                    "created_at": job.revision,
                    "queued_at": job.revision,
                    "updated_at": 0,
                }
                for job in jobs
            ],
        )

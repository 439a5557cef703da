"""A shift through its keys: from a till without one to a Z, on the real desk and its store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from restaurant import TILL
from textual.pilot import Pilot

from shared.drawers.records import CashMovement, DrawerOpening, DrawerSession
from shared.payments.records import Payment
from shared.shifts.records import Count, DayClose, ZReport
from terminal.desks.desk import Desk
from terminal.printing.documents import PaperKind, ReportDocument, decode
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State, drawer_pulse, print_job
from terminal.printing.views import QueueHealth
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.faults.until import until
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp
from tests.terminal.screens.two_tills import MANAGER

SALE = "\n1\ncev\n<f9>\n\n"


@dataclass
class Played:
    """A till with a person at its keys."""

    app: PlayedApp
    desk: Desk
    pilot: Pilot[None]

    async def keys(self, script: str) -> str:
        """The screen as text after these keys."""
        self.app.play(script)
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()
        return text_grid(self.app.export_screenshot())

    async def rows(self, kind: Any) -> list[Any]:
        async with self.desk.store.reading() as connection:
            return list(await connection.execute(sa.select(kind.__table__)))

    async def papers(self) -> list[ReportDocument]:
        async with self.desk.store.reading() as connection:
            jobs = await connection.execute(
                sa.select(print_job).where(print_job.c.kind == PaperKind.REPORT).order_by(sa.text("rowid"))
            )
        found = [decode(PaperKind.REPORT, job.payload) for job in jobs]
        return [each for each in found if isinstance(each, ReportDocument)]


@asynccontextmanager
async def at_the_keys(till: TillOnDisk, script: str = "", pin: str = PIN) -> AsyncIterator[Played]:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{pin}\n{script}")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            played = Played(app, desk, pilot)
            await played.keys("")
            yield played


async def test_from_an_empty_till_to_a_closed_shift(till: TillOnDisk) -> None:
    async with at_the_keys(till) as played:
        assert "No hay turno abierto" in await played.keys("<ctrl+t>")
        await played.keys("\n")
        screen = await played.keys("100\n")
        assert "Turno abierto con S/ 100.00." in screen
        (session,) = await played.rows(DrawerSession)
        assert (session.declared, session.device_id) == (True, TILL)
        await played.keys("<f2>1\ncev\n<f9>\n\n")
        (payment,) = await played.rows(Payment)
        assert payment.session_id == session.id
        screen = await played.keys("<ctrl+t><f9>")
        assert "Antes de cerrar" in screen
        screen = await played.keys("\n")
        assert "142" not in screen, "who counts does not see what is expected"
        screen = await played.keys("142.50\n")
        assert "Cuadra" in screen
        screen = await played.keys("\n")
        assert "Turno cerrado: A-Z00000001." in screen
        (z,) = await played.rows(ZReport)
        assert (z.difference_minor, z.checks, z.total_minor) == (0, 1, 4_250)
        assert z.head_seq > 0
        assert len(z.head_chain) == 32
        assert "No hay turno abierto" in await played.keys("<escape>")
        z_paper = (await played.papers())[-1]
        assert (z_paper.number, z_paper.signed) == ("A-Z00000001", True)


async def test_a_count_by_coins_and_notes_that_differs_asks_why_and_closes(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n<down>1\n<f5>") as played:
        (movement,) = await played.rows(CashMovement)
        assert (movement.in_minor, movement.pieces) == (20_000, [{"value_minor": 20_000, "pieces": 1}])
        screen = await played.keys("<f9>\n<down><down>1<f5>")
        assert "faltan S/ 100.00" in screen
        assert "no cuadra" in await played.keys("\n")
        screen = await played.keys("Se perdió un billete\n")
        assert "Turno cerrado" in screen
        (z,) = await played.rows(ZReport)
        assert (z.difference_minor, z.reason) == (-10_000, "Se perdió un billete")


async def test_a_float_of_typed_zeros_is_asked_about_once(till: TillOnDisk) -> None:
    """They may be the rest of an amount whose first digit chose the drawer."""
    async with at_the_keys(till, "<ctrl+t>\n") as played:
        screen = await played.keys("00\n")
        assert "¿Fondo de cero?" in screen
        assert not await played.rows(DrawerSession)
        screen = await played.keys("\n")
        assert "Turno abierto con S/ 0.00." in screen
        (session,) = await played.rows(DrawerSession)
        assert session.declared


async def test_the_paid_face_leads_to_the_drawer_and_back(till: TillOnDisk) -> None:
    async with at_the_keys(till, SALE) as played:
        assert "Lo abrió una venta" in await played.keys("<ctrl+t>")
        assert "Lo abrió" not in await played.keys("<escape>")
        assert "Turno" in await played.keys("<f8>")


async def test_counted_again_before_the_close(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f9>\n40\n") as played:
        screen = await played.keys("<f6>50\n")
        assert "contado 2 veces; la primera" in screen
        assert "S/ -10.00" in screen or "-S/ 10.00" in screen
        await played.keys("\n")
        (z,) = await played.rows(ZReport)
        assert z.difference_minor == 0
        paper = (await played.papers())[-1]
        rows = {row.name.strip(): row.value for section in paper.sections for row in section}
        assert "10.00" in rows["contado 2 veces; la primera"]
        assert [row.total_minor for row in await played.rows(Count)] == [4_000, 5_000]


async def test_money_in_and_out_with_its_reason_opens_the_drawer(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n") as played:
        await played.keys("<f3>Sencillo\n20\n")
        await played.keys("<f4>Hielo\n5\n")
        screen = await played.keys("<f5>30\n")
        assert "A caja fuerte: S/ 30.00." in screen
        await played.keys("<f6>Cambio\n")
        moved = [(row.kind, row.in_minor, row.out_minor, row.taken_minor) for row in await played.rows(CashMovement)]
        assert [row[1:] for row in moved] == [(5_000, 0, 0), (2_000, 0, 0), (0, 500, 0), (0, 0, 3_000)]
        openings = await played.rows(DrawerOpening)
        assert [(opening.reason, opening.of_id is None) for opening in openings] == [("", False)] * 4 + [
            ("Cambio", True)
        ]
        assert [paper.opens_drawer for paper in await played.papers()] == [True] * 4 + [False]
        assert len(await played.papers()) == 5


async def test_what_became_of_the_paper_and_the_drawer_of_a_movement_is_said(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f4>Hielo\n5\n") as played:
        async with played.desk.store.transaction() as connection:
            for table in (print_job, drawer_pulse):
                await connection.execute(sa.update(table).values(state=State.FAILED, error=PrinterFault.MUTE))
        played.desk.prints_changed(QueueHealth())

        async def told() -> bool:
            screen = await played.keys("")
            words = ("el cajón NO abrió (no responde)", "papel: no salió (no responde)", "S/ 5.00")
            return all(each in screen for each in words)

        await until(told, "both are told, beside what was done")


async def test_an_x_is_seen_and_printed_at_any_time(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n", MANAGER) as played:
        screen = await played.keys("<f7>")
        assert "CORTE X" in screen
        assert "S/ 50.00" in screen
        assert "Se imprime" in await played.keys("<f7>")
        assert (await played.papers())[-1].title == "CORTE X"
        (session,) = await played.rows(DrawerSession)
        assert not session.closed


async def test_a_past_z_is_printed_again_and_says_so(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f9>\n50\n") as played:
        await played.keys("\n")
        await played.keys("<escape>")
        await played.keys("<ctrl+f>\n<f7>")
        await played.keys("<f7>")
        assert [paper.reprint for paper in await played.papers()][-2:] == [1, 2]


async def test_the_day_is_closed_and_names_who_is_missing(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f9>\n50\n", MANAGER) as played:
        await played.keys("\n")
        await played.keys("<escape>")
        screen = await played.keys("<ctrl+d>\n")
        assert "Sin noticias de: Salón" in screen
        assert "Día cerrado" in await played.keys("<f9>")
        assert len(await played.rows(DayClose)) == 1
        assert (await played.papers())[-1].title == "CIERRE DEL DÍA"
        papers = len(await played.papers())
        assert "ya está cerrado" in await played.keys("<f9>")
        assert (len(await played.rows(DayClose)), len(await played.papers())) == (1, papers)
        await played.keys("<f7>")
        assert [(each.title, each.reprint) for each in (await played.papers())[papers:]] == [("CIERRE DEL DÍA", 1)]


async def test_keys_that_lead_nowhere_are_not_on_the_bar(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>", MANAGER) as played:
        assert "F9 Cerrar" not in await played.keys("")
        assert "F9 Cerrar" in await played.keys("\n50\n")
        screen = await played.keys("<f7>")
        assert "Imprimir" in screen
        assert "F9 Cerrar" not in screen
        assert "F9 Cerrar" in await played.keys("<escape><ctrl+d>\n")
        assert "F9 Cerrar" not in await played.keys("<f9>")


async def test_a_number_of_which_nothing_is_left_opens_no_empty_list(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f9>") as played:
        for number in "16":
            screen = await played.keys(number)
            assert "De eso no hay nada por terminar. Enter cuenta la caja." in screen
            assert "Antes de cerrar" in screen


async def test_what_is_not_finished_is_told_and_its_number_leads_there(till: TillOnDisk) -> None:
    async with at_the_keys(till, "1\ncev\n<f2><ctrl+t>\n50\n") as played:
        screen = await played.keys("<f9>")
        assert "Pedidos sin enviar: 1" in screen
        screen = await played.keys("1")
        assert "Todas" in screen


async def test_the_same_key_twenty_times_closes_one_shift(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f9>\n50\n") as played:
        await played.keys("\n" * 20)
        assert len(await played.rows(ZReport)) == 1


async def test_a_session_that_a_sale_opened_is_taken_over(till: TillOnDisk) -> None:
    async with at_the_keys(till, "1\ncev\n<f9>\n\n") as played:
        screen = await played.keys("<ctrl+t>")
        assert "Lo abrió una venta" in screen
        assert "Cuenta lo que hay ahora, con lo vendido" in await played.keys("\n")
        assert "Turno abierto con S/ 142.50." in await played.keys("142.50\n")
        (session,) = await played.rows(DrawerSession)
        assert session.declared
        (movement,) = await played.rows(CashMovement)
        assert movement.in_minor == 10_000, "what was sold is no float"
        await played.keys("<f9>\n")
        assert "Cuadra" in await played.keys("142.50\n")


async def test_a_count_of_nothing_is_asked_about_before_what_is_expected_shows(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n100\n<f9>\n") as played:
        screen = await played.keys("<f5>")
        assert "no contaste nada. ¿Hay 0?" in screen
        assert not await played.rows(Count)
        assert "Cuadra" in await played.keys("100\n")
        await played.keys("<f6><f5>")
        assert "faltan S/ 100.00" in await played.keys("<f5>")


async def test_what_is_missing_of_earlier_sales_is_told_when_a_shift_opens(till: TillOnDisk) -> None:
    async with at_the_keys(till, "1\ncev\n<f9>\n\n<ctrl+t>\n") as played:
        assert "De lo vendido faltan S/ 12.50." in await played.keys("30\n")
        await played.keys("<f9>\n")
        assert "faltan S/ 12.50" in await played.keys("30\n")


async def test_the_sales_of_an_open_shift_are_todays_after_the_cut_off(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n") as played:
        await played.keys("<f2>1\ncev\n<f9>\n\n")
        (session,) = await played.rows(DrawerSession)
        clock = played.desk.store.clock
        day_later = clock.now() + timedelta(days=1)
        played.desk.now = lambda: day_later  # type: ignore[method-assign]
        sales = await played.desk.sales_today()
        assert (sales.day, sales.totals[0].total_minor) == (session.business_date, 4_250)


async def test_a_till_that_was_killed_while_counting_goes_on_where_it_was(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n<f9>\n40\n") as played:
        assert len(await played.rows(Count)) == 1
    async with at_the_keys(till, "<ctrl+t>") as played:
        assert not await played.rows(ZReport)
        await played.keys("<f9>\n50\n")
        await played.keys("\n")
        (z,) = await played.rows(ZReport)
        assert (z.number, z.difference_minor) == ("A-Z00000001", 0)
        assert [row.round for row in await played.rows(Count)] == [1, 2]


async def test_who_may_not_see_an_x_asks_for_the_pin_of_somebody_who_may(till: TillOnDisk) -> None:
    async with at_the_keys(till, "<ctrl+t>\n50\n") as played:
        await played.keys("<f7>")
        assert "CORTE X" in await played.keys(f"{MANAGER}\n")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=["80x24", "120x36", "200x60"])
async def test_every_face_fits_the_screen(till: TillOnDisk, size: tuple[int, int]) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{MANAGER}\n")  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            played = Played(app, desk, pilot)
            for script, said in (
                ("<ctrl+t>", "Abrir turno"),
                ("\n", "0.10"),
                ("50\n", "Entrada"),
                ("<f7>", "esperado"),
                ("<escape>", "Cerrar"),
                ("<f9>", "Papeles sin imprimir"),
                ("\n", "Todo junto"),
                ("45\n", "faltan S/ 5.00"),
            ):
                assert said in await played.keys(script), script

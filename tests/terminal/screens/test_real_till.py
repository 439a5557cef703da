"""The screens over the real desk and its encrypted store: keys in, rows and papers out."""

from __future__ import annotations

from restaurant import MANAGER

from shared.payments.adjusting import give_discount
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import Refund
from terminal.printing.documents import PaperKind, decode
from terminal.printing.records import print_job
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp


async def test_a_served_gift_is_closed_by_enter(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n1\npan\n<f5>")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            assert "listo" in text_grid(app.export_screenshot()), "nothing of it is cooked"
            assert "servido" in await played(app, pilot, "<f7>")
            (order,) = desk.orders.values()
            bread = order.lines[0]
            await desk.store.run(
                MANAGER,
                lambda work: give_discount(
                    work, order.check_id, bread.id, amount_minor=bread.total_minor, line_id=bread.id
                ),
            )
            await desk.open()
            assert "Enter Cerrar" in await played(app, pilot, "<f9>")
            await played(app, pilot, "\n" * 20)
            assert not desk.orders
        (receipt,) = await rows(desk, Receipt.__table__)
        assert (receipt.gross_minor, receipt.total_minor) == (333, 0)
        assert await rows(desk, Payment.__table__) == []


async def test_a_part_in_cash_and_the_rest_by_card_are_on_the_receipt(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>20\nv\n")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)):
            assert "S/ 42.50" not in text_grid(app.export_screenshot()), "the sale is over"
        (receipt,) = await rows(desk, Receipt.__table__)
        payments = await rows(desk, Payment.__table__)
        assert sum(payment.amount_minor for payment in payments) == receipt.total_minor == 4_250
        jobs = await rows(desk, print_job)
        papers = [decode(PaperKind.RECEIPT, job.payload) for job in jobs if job.kind == PaperKind.RECEIPT]
        assert sorted([(each.title, each.amount_minor) for each in paper.payments] for paper in papers) == [
            [("Efectivo", 2_000)],
            [("Efectivo", 2_000), ("Visa", 2_250)],
        ]
        assert sorted(paper.paid_in_cash for paper in papers) == [False, True], "the drawer opens for the part alone"


async def test_a_noted_card_is_there_after_the_program_was_killed(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>v20\n")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)):
            (noted,) = await rows(desk, Payment.__table__)
            assert (noted.method_name, noted.amount_minor) == ("Visa", 2_000)
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\n<f9>")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await played(app, pilot, "")
            assert "Cobrado: Visa S/ 20.00" in screen
            assert "Pago con Visa de S/ 20.00 quitado." in await played(app, pilot, "<f6>")
            (back,) = await rows(desk, Refund.__table__)
            assert (back.correction, back.paid_minor, back.total_minor) == (True, 2_000, 0)
            await played(app, pilot, "\n" * 20)
        (receipt,) = await rows(desk, Receipt.__table__)
        assert receipt.total_minor == 4_250
        assert sorted(each.amount_minor for each in await rows(desk, Payment.__table__)) == [2_000, 4_250]

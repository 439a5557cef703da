"""Tenders over the real desk and its encrypted store: keys in, rows and papers out, and all of it after a restart."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest
from restaurant import BRANCH
from textual.events import Paste

from shared.drawers.records import DrawerSession
from shared.kernel.work import Work
from shared.payments.accounts import AccountCharge, AccountPayment
from shared.payments.exchange import set_rate
from shared.payments.methods import add_payment_method
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import Refund
from shared.payments.rules import Asks, TenderKind
from shared.payments.tips import Tip
from shared.shifts.queries import session_report
from terminal.printing.documents import PaperKind, QrDocument, ReceiptDocument, decode
from terminal.printing.escpos import render
from terminal.printing.printers import PrinterProfile
from terminal.printing.records import print_job
from tests.faults.till_on_disk import PIN, TillOnDisk, found_till
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp
from tests.terminal.screens.two_tills import TABLE, seen, two_tills

MANAGER_PIN = "5671"
CEVICHE = 4_250


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder, _methods))
    return folder


async def _methods(work: Work) -> None:
    """It takes dollars, shows a QR for Plin, and lets people pay later."""
    await add_payment_method(work, "Plin", TenderKind.WALLET, 4, asks=Asks.AT_ONCE, qr_text="https://plin.example/x")
    await add_payment_method(work, "Dólares", TenderKind.CASH, 5, currency="USD")
    await add_payment_method(work, "Cuenta", TenderKind.ACCOUNT, 6)
    await set_rate(work, "USD", 3_755_000, branch_id=BRANCH, day=date(2025, 1, 1))


async def papers(desk: object) -> list[ReceiptDocument | QrDocument]:
    """The papers of this till besides kitchen tickets, as they were queued."""
    jobs = await rows(desk, print_job)
    return [decode(PaperKind(job.kind), job.payload) for job in jobs if job.kind != PaperKind.KITCHEN]


async def test_dollars_and_a_card_slip_and_a_tip_are_kept_and_on_the_receipt(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>d5\n")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await played(app, pilot, "v<f5>4242\nP-7\nA9\n<f4>3\n")
            assert "Datos: P-7 · ****4242 · A9" in screen
            await played(app, pilot, "\n")
        dollars, card = sorted(await rows(desk, Payment.__table__), key=lambda each: each.number)
        (receipt,) = await rows(desk, Receipt.__table__)
        (tip,) = await rows(desk, Tip.__table__)
        assert (dollars.given_currency, dollars.given_minor, dollars.amount_minor) == ("USD", 500, 1_878)
        assert (card.amount_minor, card.last_four, card.authorization) == (CEVICHE - 1_878, "4242", "A9")
        assert (tip.amount_minor, tip.method_name, tip.payment_id) == (300, "Visa", card.id)
        assert receipt.total_minor == CEVICHE
        paper = (await papers(desk))[-1]
        assert [(each.title, each.reference, each.amount_minor) for each in paper.payments] == [
            ("Dólares USD 5.00", "", 1_878),
            ("Visa", "P-7 ****4242", CEVICHE - 1_878),
        ]
        assert [(each.name, each.amount_minor) for each in paper.tips] == [("Propina · Visa", 300)]
        (total,) = (await desk.sales_today()).totals
        assert total.tips_minor == 300


async def test_money_without_a_shift_says_once_that_the_drawer_began_uncounted(till: TillOnDisk) -> None:
    """A card lies in no drawer; cash begins a session, and is told how to open a shift."""
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            assert "fondo 0" not in await played(app, pilot, "<f9>v\n")
            screen = await played(app, pilot, "\n1\ncev\n<f9>\n")
            assert "Sin turno: la caja empieza sin contar, con fondo 0. Ctrl T abre el turno." in screen
            assert "COBRADO" in screen, "nothing stops the sale"
            assert "fondo 0" not in await played(app, pilot, "\n<f7>cev\n<f9>\n")
        assert len(await rows(desk, DrawerSession.__table__)) == 1


async def test_a_tip_out_of_dollars_is_kept_from_the_change(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>d")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await played(app, pilot, "<f4>5\n20\n")
        (dollars,) = await rows(desk, Payment.__table__)
        (receipt,) = await rows(desk, Receipt.__table__)
        assert (dollars.given_minor, dollars.amount_minor, receipt.change_minor) == (2_000, CEVICHE, 2_760)
        async with desk.store.reading() as reader:
            report = await session_report(reader, dollars.organization_id, dollars.session_id, "PEN")
        assert report is not None
        assert {each.currency: each.expected_minor for each in report.counted} == {"PEN": -2_760, "USD": 2_000}


async def test_a_part_in_dollars_with_a_tip_leaves_no_soles(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>d")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await played(app, pilot, "<f4>3\n5\n")
        (dollars,) = await rows(desk, Payment.__table__)
        assert (dollars.given_minor, dollars.amount_minor) == (500, 1_578)
        async with desk.store.reading() as reader:
            report = await session_report(reader, dollars.organization_id, dollars.session_id, "PEN")
        assert report is not None
        assert {each.currency: each.expected_minor for each in report.counted} == {"PEN": 0, "USD": 500}


async def test_the_qr_comes_out_of_the_printer_and_the_operation_is_asked(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>p\n")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            assert "Plin · S/ 42.50" in text_grid(app.export_screenshot())
            await played(app, pilot, "<f5>")
            await played(app, pilot, "\n")
            await played(app, pilot, "77120\n")
        (payment,) = await rows(desk, Payment.__table__)
        assert (payment.method_name, payment.reference) == ("Plin", "77120")
        code = next(each for each in await papers(desk) if isinstance(each, QrDocument))
        assert (code.title, code.text, code.amount) == ("Plin", "https://plin.example/x", "S/ 42.50")
        printed = render(code, PrinterProfile())
        assert b"Plin" in printed
        assert b"\x1dv0" in printed, "the code is a picture, which every printer can print"


async def test_on_account_with_approval_and_paid_later_after_a_restart(till: TillOnDisk) -> None:
    hostile = "[/red] Ana 🍤"
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n2\ncev\n<f9>")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await played(app, pilot, "<ctrl+a>")
            app.post_message(Paste(hostile))
            for keys in ("\n", "\n", f"{MANAGER_PIN}\n"):
                await played(app, pilot, keys)
        (charge,) = await rows(desk, AccountCharge.__table__)
        assert charge.amount_minor == CEVICHE
    async with till.desk() as desk:
        assert [(each.name, each.owed_minor) for each in desk.accounts] == [(hostile, CEVICHE)]
        app = PlayedApp(desk, script=f"{PIN}\n")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await played(app, pilot, "<ctrl+a>1\n")
            await played(app, pilot, "20\n")
            assert "Ana" in await played(app, pilot, "2")
        (paid,) = await rows(desk, AccountPayment.__table__)
        assert (paid.amount_minor, paid.method_name) == (2_000, "Visa")
        paper = (await papers(desk))[-1]
        assert (paper.title, paper.total_minor, paper.left_minor) == ("Pago a cuenta", 2_000, 2_250)
        assert "Ana" not in str(paper), "no stored paper names anybody"


async def test_a_wrong_method_of_a_receipt_is_changed_and_nothing_is_owed(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{MANAGER_PIN}\n2\ncev\n<f9>")  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await played(app, pilot, "\n")
            await played(app, pilot, "<f6>")
            assert "cambiado de Efectivo a Visa" in await played(app, pilot, "1")
        (back,) = await rows(desk, Refund.__table__)
        assert (back.correction, back.after_receipt, back.paid_minor) == (True, True, CEVICHE)
        assert sorted(each.method_name for each in await rows(desk, Payment.__table__)) == ["Efectivo", "Visa"]
        await desk.open()
        assert not desk.open_exceptions


async def test_two_tills_on_one_check_take_its_money_once(founded: Path, tmp_path: Path) -> None:
    async with two_tills(founded, tmp_path) as house:
        await seen(house.till, f"{TABLE}cev\n<f5>")
        await house.meet()
        await seen(house.till, f"{TABLE}<f9>v20\n")
        await house.meet()
        assert "Cobrado: Visa S/ 20.00" in await seen(house.other, f"{TABLE}<f9>")
        for desk in (house.till, house.other):
            await seen(desk, f"{TABLE}<f9>", "<f6>")
        await house.meet()
        for desk in (house.till, house.other):
            (back,) = await rows(desk, Refund.__table__)
            assert back.paid_minor == 2_000
            assert next(iter(desk.orders.values())).due_minor == CEVICHE
        await seen(house.other, f"{TABLE}<f9>", "\n")
        await house.meet()
        assert not house.till.orders or not any(order.takes_money for order in house.till.orders.values())
        assert not house.till.open_exceptions
        assert len(await rows(house.till, Receipt.__table__)) == 1

"""Receipts of the past through the keys: found, shown, printed again, refunded, on a real till; papers read back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.payments.records import Payment, ReceiptCopy, WriteOff
from shared.payments.refund_records import Refund, RefundPayment
from shared.staff.records import Approval
from terminal.desks.desk import Desk
from terminal.input.scanned import Scanned
from terminal.printing.documents import PaperKind, ReceiptDocument, decode
from terminal.printing.escpos import render
from terminal.printing.printers import PrinterProfile
from terminal.printing.records import State, print_job
from tests.faults.till_on_disk import PIN
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.till import PlayedApp
from tests.terminal.screens.two_tills import MANAGER, TABLE, House, seen, two_tills

CEVICHE = 4_250
SOLD = f"{TABLE}2*cev\n<f9>100\n\n"
"""Two ceviches at table 1, paid in cash with 100."""
PAST = f"{MANAGER}\n<ctrl+f>"

WHY = "1frío\n"
"""Write a reason of one's own: this house lists none."""


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with two_tills(founded, tmp_path) as both:
        yield both


async def papers(desk: Desk) -> list[ReceiptDocument]:
    jobs = await rows(desk, print_job)
    found = [decode(PaperKind.RECEIPT, job.payload) for job in jobs if job.kind == PaperKind.RECEIPT]
    return [paper for paper in found if isinstance(paper, ReceiptDocument)]


async def test_a_receipt_is_found_by_what_is_known_and_shown_as_it_was_printed(house: House) -> None:
    await seen(house.till, SOLD)
    shown = await seen(house.till, PAST)
    assert "A-00000001" in shown
    assert "Recibo N° A-00000001" in shown
    assert "2 Ceviche" in shown
    for text in ("1", "a1", "A-00000001", "85.00", "85", "ceviche", "hoy"):
        assert "Recibo N° A-00000001" in await seen(house.till, f"{PAST}{text}"), text
    assert "Ningún recibo con «ayer»" in await seen(house.till, f"{PAST}ayer")


async def test_a_receipt_of_another_till_is_printed_again_and_each_copy_is_counted(house: House) -> None:
    await seen(house.till, SOLD)
    await house.meet()
    assert "Se imprime A-00000001: COPIA 1." in await seen(house.other, f"{PAST}<f5>")
    await house.meet()
    said = await seen(house.till, f"{PAST}<f5>")
    assert "COPIA 2" in said
    assert "Copias impresas: 2" in said
    assert [paper.copy for paper in await papers(house.other)] == [1]
    first, copy = await papers(house.till)
    assert (copy.copy, copy.paid_in_cash) == (2, False), "a copy opens no drawer"
    same = ("number", "lines", "total_minor", "taxes", "payments_said", "change_minor", "table", "issued_at")
    assert all(getattr(first, name) == getattr(copy, name) for name in same if hasattr(first, name))
    assert [(each.title, each.amount_minor) for each in first.payments] == [
        (each.title, each.amount_minor) for each in copy.payments
    ]


@pytest.mark.parametrize("keys", ["+", "21"])
async def test_portions_are_refunded_with_a_reason_as_they_were_paid(house: House, keys: str) -> None:
    await seen(house.till, SOLD)
    said = await seen(house.till, f"{PAST}<f6>{keys}\n", WHY)
    assert "Devuelto S/ 42.50 (Efectivo S/ 42.50)" in said
    (refund,) = await rows(house.till, Refund.__table__)
    (back,) = await rows(house.till, RefundPayment.__table__)
    assert (refund.paid_minor, back.paid_minor, back.method_name) == (CEVICHE, CEVICHE, "Efectivo")
    assert "Devolución A-R00000001" in said
    paper = (await papers(house.till))[-1]
    assert (paper.title, paper.of_number, paper.total_minor, paper.reason) == (
        "Devolución",
        "A-00000001",
        CEVICHE,
        refund.reason,
    )
    assert paper.paid_in_cash, "the drawer opens"


async def test_all_of_it_is_one_key_and_twenty_presses_refund_once(house: House) -> None:
    await seen(house.till, SOLD)
    await seen(house.till, f"{PAST}<f6><f4>\n", "1frío", "\n" * 20)
    (refund,) = await rows(house.till, Refund.__table__)
    assert refund.paid_minor == 2 * CEVICHE
    assert "De este recibo ya se devolvió todo." in await seen(house.till, f"{PAST}<f6>")


async def test_a_card_gets_back_what_it_paid_and_the_rest_is_cash(house: House) -> None:
    await seen(house.till, f"{TABLE}2*cev\n<f9>55\nv\n\n")
    said = await seen(house.till, f"{PAST}<f6><f4>\n", WHY)
    assert "Como se pagó: Visa S/ 30.00 + Efectivo S/ 55.00" in said
    await seen(house.till, f"{PAST}<f6><f4>\n", WHY, "\n")
    assert sorted((each.method_name, each.paid_minor) for each in await rows(house.till, RefundPayment.__table__)) == [
        ("Efectivo", 5_500),
        ("Visa", 3_000),
    ]


async def test_two_tills_that_refund_the_same_at_once_are_told(house: House) -> None:
    await seen(house.till, SOLD)
    await house.meet()
    for desk in (house.till, house.other):
        await seen(desk, f"{PAST}<f6><f4>\n", WHY)
    await house.meet()
    kinds = {str(each.kind) for each in house.till.open_exceptions}
    assert {"refunded_twice", "short"} <= kinds


async def test_what_another_till_refunded_cannot_be_chosen_again(house: House) -> None:
    await seen(house.till, SOLD)
    await house.meet()
    await seen(house.other, f"{PAST}<f6>+\n", WHY)
    await house.meet()
    assert "S/ 42.50" in await seen(house.till, f"{PAST}<f6><f4>")
    await seen(house.till, f"{PAST}<f6><f4>\n", WHY)
    assert sum(each.paid_minor for each in await rows(house.till, Refund.__table__)) == 2 * CEVICHE


async def test_a_cashier_is_asked_for_a_pin_that_may(house: House) -> None:
    await seen(house.till, SOLD)
    await seen(house.till, f"{PIN}\n<ctrl+f><f6><f4>\n", WHY, f"{MANAGER}\n")
    (refund,) = await rows(house.till, Refund.__table__)
    assert refund.paid_minor == 2 * CEVICHE


async def test_escape_leaves_the_portions_then_the_search_then_the_screen(house: House) -> None:
    await seen(house.till, SOLD)
    assert "Recibos: los más nuevos" in await seen(house.till, f"{PAST}a1<f6><escape><escape>")
    assert "Recibos: los más nuevos" not in await seen(house.till, f"{PAST}a1<f6><escape><escape><escape>")
    assert await rows(house.till, ReceiptCopy.__table__) == []


async def test_the_paper_of_a_copy_says_which_one_it_is(house: House) -> None:
    await seen(house.till, SOLD)
    await seen(house.till, f"{PAST}<f5>")
    text = render((await papers(house.till))[-1], PrinterProfile()).decode("cp850", errors="replace")
    assert "COPIA 1" in text


async def test_a_dish_that_is_paid_is_taken_back_at_its_receipt(house: House) -> None:
    await seen(house.till, f"{TABLE}cev\n<f5>")
    await seen(house.till, f"{TABLE}<f9>50\n\n")
    (order,) = house.till.orders.values()
    assert order.lines[0].is_paid, "it is paid and not on the table yet"
    shown = await seen(house.till, f"{MANAGER}\na1\n<ctrl+up><f6>")
    assert "Devolver de A-00000001: S/ 42.50" in shown
    await seen(house.till, f"{MANAGER}\na1\n<ctrl+up><f6>\n", WHY)
    assert sum(each.paid_minor for each in await rows(house.till, Refund.__table__)) == CEVICHE


async def test_a_table_that_left_without_paying_is_free_and_can_pay_later(house: House) -> None:
    await seen(house.till, f"{TABLE}2*cev\n<f5><f7>", "\n")
    said = await seen(house.till, f"{MANAGER}\n1\n<ctrl+q>", "1corrieron\n", "2")
    assert "S/ 85.00 dados por perdidos" in said
    assert not house.till.orders
    shown = await seen(house.till, PAST)
    assert "No se pagó S/ 85.00: corrieron" in shown
    await seen(house.till, f"{PAST}<f9>", "100\n\n")
    (payment,) = await rows(house.till, Payment.__table__)
    assert (payment.amount_minor, payment.change_minor) == (2 * CEVICHE, 1_500)
    await house.till.open()
    assert not house.till.open_exceptions


async def test_the_key_of_the_printers_prints_the_same_counted_copy(house: House) -> None:
    await seen(house.till, SOLD)
    await seen(house.till, f"{PAST}<f5>")
    came_out = print_job.update().values(state=State.SENT)
    await house.till.store.write(lambda connection: connection.execute(came_out))
    await seen(house.till, f"{MANAGER}\n<f11>", "<f8><f8>")
    assert [row.copy for row in await rows(house.till, ReceiptCopy.__table__)] == [1, 2]
    assert [paper.copy for paper in await papers(house.till)] == [0, 1, 2]


async def test_what_is_looked_for_can_be_tapped_or_scanned(house: House) -> None:
    await seen(house.till, SOLD)
    assert "1 con «a1»" in await seen(house.till, f"{PAST}<f4>a1\n")
    app = PlayedApp(house.till, "pos", script=PAST)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        app.post_message(Scanned("A-00000001"))
        await pilot.pause()
        await app.settled()
        assert "1 con «A-00000001»" in text_grid(app.export_screenshot())


async def test_a_cashier_writes_off_with_a_managers_pin(house: House) -> None:
    await seen(house.till, f"{TABLE}2*cev\n<f5>")
    said = await seen(house.till, f"{PIN}\n1\n<ctrl+q>", "1corrieron\n", "2", f"{MANAGER}\n")
    assert "S/ 85.00 dados por perdidos" in said
    (loss,) = await rows(house.till, WriteOff.__table__)
    assert (loss.amount_minor, loss.reason) == (2 * CEVICHE, "corrieron")
    assert len(await rows(house.till, Approval.__table__)) >= 1

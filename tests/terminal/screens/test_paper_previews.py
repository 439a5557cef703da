"""Papers on the screen as they will print, labels for bags and gift receipts: over the real desk, and by its keys."""

from __future__ import annotations

import re
from dataclasses import replace

from restaurant import MANAGER

from shared.orders.records import OrderKind
from shared.payments.bill_records import Prebill
from shared.payments.records import Receipt
from shared.payments.rules import Tender, TenderKind
from terminal.desks.desk import Desk
from terminal.printing.documents import Document, PackingDocument, PaperKind, ReceiptDocument, decode
from terminal.printing.layout import lay_out
from terminal.printing.preview import paper_view
from terminal.printing.records import print_job
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp


def _timeless(text: str) -> str:
    return re.sub(r"[0-9]{2}:[0-9]{2}", "hh:mm", text)


async def papers(desk: Desk, kind: PaperKind) -> list[Document]:
    return [decode(kind, row.payload) for row in await rows(desk, print_job) if row.kind == kind]


def dish(desk: Desk, code: str):  # type: ignore[no-untyped-def]
    return next(item for item in desk.menu.items.values() if item.code == code)


async def test_a_preview_is_the_bill_that_prints_and_writes_nothing(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.actor = MANAGER
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(order_id, dish(desk, "cev"))
        check_id = desk.orders[order_id].checks[0].id
        seen = await desk.bills.preview(order_id, check_id)
        assert await rows(desk, Prebill.__table__) == []
        assert await rows(desk, print_job) == []
        assert desk.orders[order_id].lines[0].to_send_milli
        await desk.bills.print_bill(order_id, check_id)
        (bill,) = await papers(desk, PaperKind.RECEIPT)
        assert isinstance(bill, ReceiptDocument)
        printed = paper_view(lay_out(bill, seen.columns), seen.columns)
        assert [_timeless(row.text) for row in seen.rows] == [_timeless(row.text) for row in printed.rows]
        assert any("NO ES COMPROBANTE" in row.text and row.black for row in seen.rows)


async def test_bags_have_labels_that_are_counted_and_a_single_one_says_what_is_in_it(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.actor = MANAGER
        order_id = await desk.open_order(OrderKind.DELIVERY)
        await desk.add_line(order_id, dish(desk, "cev"), notes="sin ají")
        await desk.bills.print_labels(desk.orders[order_id], 3)
        await desk.bills.print_labels(desk.orders[order_id], 1)
        labels = await papers(desk, PaperKind.PACKING)
        assert [
            (label.part, label.parts, len(label.lines), label.due)
            for label in labels
            if isinstance(label, PackingDocument)
        ] == [(1, 3, 0, "S/ 42.50"), (2, 3, 0, "S/ 42.50"), (3, 3, 0, "S/ 42.50"), (1, 1, 1, "S/ 42.50")]


async def test_a_gift_receipt_has_no_price(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.actor = MANAGER
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        await desk.add_line(order_id, dish(desk, "cev"))
        visa = next(each for each in desk.methods if each.kind is TenderKind.CARD)
        check_id = desk.orders[order_id].checks[0].id
        await desk.pay(order_id, check_id, [Tender(visa.id, visa.name, visa.kind, 4_250)])
        (receipt,) = await rows(desk, Receipt.__table__)
        await desk.past.print_gift(receipt.id)
        gift = (await papers(desk, PaperKind.RECEIPT))[-1]
        assert isinstance(gift, ReceiptDocument)
        text = "\n".join(line.text for line in lay_out(gift, 42))
        assert "Ceviche" in text
        assert "S/" not in text
        assert "S/" in "\n".join(line.text for line in lay_out(replace(gift, is_gift=False), 42))
        last = await desk.printing.last_receipt()
        assert last is not None
        assert last.reference == receipt.id, "the gift receipt is no receipt that F8 copies"


async def test_the_menu_shows_the_bill_and_prints_labels(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk, script=f"{PIN}\n<f7><f5>2*cev\n")  # type: ignore[arg-type]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await played(app, pilot, "")
            assert "Ceviche" in screen, screen
            await played(app, pilot, "<f8>")
            screen = await played(app, pilot, "ver la\n")
            assert "NO ES COMPROBANTE DE PAGO" in screen, screen
            assert re.search(r"TOTAL {20,}S/ 85\.00", screen), "in the columns of the paper"
            await played(app, pilot, "<pagedown><pageup><enter>")
            await played(app, pilot, "<f8>")
            await played(app, pilot, "etiq\n")
            screen = await played(app, pilot, "2\n")
            assert "2 etiquetas salen" in screen, screen

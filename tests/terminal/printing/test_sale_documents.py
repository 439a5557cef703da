"""The papers of a sale, taken with the real commands and read back from the printer's bytes: they add up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import CASHIER, MANAGER, TILL, WAITER, House, Replica, Village, found

from shared.books.queries import order_view
from shared.drawers.records import DrawerOpening
from shared.kernel.language import Language, Texts
from shared.kernel.permissions import Actor
from shared.kitchen.commands import bump, confirm
from shared.kitchen.queries import open_tickets
from shared.menu.rules import default_modifiers
from shared.orders.commands import add_line, change_line, first_check_id, one_more, open_order, set_quantity
from shared.orders.contacts import contact_of, forget, set_contact
from shared.orders.records import OrderKind
from shared.payments.adjusting import give_discount
from shared.payments.commands import Paid
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.payments.rules import Tender, TenderKind
from shared.taxes.queries import rates_in_force
from shared.tenancy.queries import premises
from terminal.papers.print_plan import PrintPlan
from terminal.papers.tasks import PrintContext, send, send_and_pay
from terminal.printing.documents import PaperKind, ReceiptDocument, decode
from terminal.printing.escpos import render
from terminal.printing.layout import Run
from terminal.printing.printers import PrinterProfile
from terminal.printing.records import State, drawer_pulse, metadata, print_job
from terminal.screens.order.view import check_lines, check_sums
from terminal.screens.voice import Voice

ORDER, LOMO, BREAD = UUID(int=1_000), UUID(int=1), UUID(int=2)
CHECK = first_check_id(ORDER)
DISCOUNT_MINOR = 500
KINDS = {"Efectivo": TenderKind.CASH, "Visa": TenderKind.CARD, "Yape": TenderKind.WALLET}
Read = Callable[[bytes], Any]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House]:
    folder = tmp_path_factory.mktemp("restaurant")
    return folder, asyncio.run(found(folder))


@pytest.fixture
async def village(template: tuple[Path, House], tmp_path: Path) -> AsyncIterator[Village]:
    village = Village(template[0], tmp_path, template[1])
    yield village
    await village.close()


@pytest.fixture
async def till(village: Village) -> Replica:
    """A till with a print queue and an order: lomo 38.90 less 5.00, bread 3.33 plus 10 %, 37.56 to pay."""
    till = village.replica(TILL)
    async with till.connection() as connection:
        await connection.run_sync(metadata.create_all)
    menu = await till.menu()
    async with till.work(MANAGER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT)
        for line_id, code in ((LOMO, "lom"), (BREAD, "pan")):
            item = menu.items[village.house.items[code]]
            await add_line(work, ORDER, line_id, item.id, default_modifiers(item))
        await work.session.flush()
        await give_discount(work, CHECK, work.ids.new(), amount_minor=DISCOUNT_MINOR, line_id=LOMO)
    return till


async def printing_at(till: Replica, plan: PrintPlan) -> PrintContext:
    place = till.place
    async with till.connection() as connection:
        found = await premises(connection, place.organization_id, place.branch_id, place.device_id)
    assert found is not None
    return PrintContext(found, plan, {})


async def take(village: Village, till: Replica, *tenders: tuple[str, int], actor: Actor = CASHIER) -> Paid:
    """Pay with these methods and amounts, and queue the papers for one printer."""
    printing = await printing_at(till, PrintPlan(receipt="caja"))
    handed = [Tender(village.house.methods[name], name, KINDS[name], amount) for name, amount in tenders]
    async with till.work(actor) as work:
        return await send_and_pay(work, CHECK, work.ids.new(), handed, printing)


async def documents(till: Replica) -> list[ReceiptDocument]:
    async with till.connection() as connection:
        rows = await connection.execute(sa.select(print_job).order_by(sa.literal_column("rowid")))
        found = [decode(PaperKind(row.kind), row.payload) for row in rows]
    assert all(isinstance(document, ReceiptDocument) for document in found)
    return found  # type: ignore[return-value]


async def openings(till: Replica) -> int:
    """How often the drawer is to open."""
    async with till.connection() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(drawer_pulse)) or 0)


def amount(text: str) -> int:
    """The amount at the end of a printed line, in minor units."""
    sign = -1 if "-S/" in text else 1
    return sign * int(text.rsplit(" ", 1)[1].replace(".", "").replace(",", ""))


def rows_of(paper: Any) -> dict[str, int]:
    """The printed rows that end in an amount, by their names."""
    return {line.text.partition("S/")[0].strip(" -"): amount(line.text) for line in paper.lines if "S/" in line.text}


async def test_the_receipt_of_a_split_discounted_rounded_bill_adds_up(
    village: Village, till: Replica, read_paper: Read
) -> None:
    await take(village, till, ("Efectivo", 2_000))
    await take(village, till, ("Visa", 1_000), ("Efectivo", 1_000))
    paper = read_paper(render((await documents(till))[-1], PrinterProfile()))
    rows = rows_of(paper)
    assert rows == {
        "1 Lomo saltado": 3_890,
        "1 Pan": 333,
        "Importe": 4_223,
        "Descuento": -500,
        "Subtotal": 3_206,
        "IGV 18 %": 517,
        "Servicio 10 %": 33,
        "TOTAL": 3_756,
        "Redondeo": 4,
        "A PAGAR": 3_760,
        "Efectivo": 1_000,
        "Visa": 1_000,
        "Vuelto": 240,
    }
    printed = [line.text for line in paper.lines if line.text.startswith(("Efectivo", "Visa"))]
    assert [amount(text) for text in printed] == [2_000, 1_000, 1_000], "what was paid earlier is on it too"
    assert sum(amount(text) for text in printed) - rows["Vuelto"] == rows["TOTAL"] + rows["Redondeo"]
    assert rows["Subtotal"] + rows["IGV 18 %"] + rows["Servicio 10 %"] == rows["TOTAL"]


async def test_a_part_in_cash_opens_the_drawer_with_a_slip_that_says_what_is_left(
    village: Village, till: Replica, read_paper: Read
) -> None:
    await take(village, till, ("Yape", 500))
    assert await documents(till) == [], "the guest's telephone says it"
    await take(village, till, ("Efectivo", 2_000))
    (slip,) = await documents(till)
    paper = read_paper(render(slip, PrinterProfile()))
    assert await openings(till) == 1
    assert "Pago a cuenta N° A-1" in paper.text
    assert rows_of(paper) == {"TOTAL": 3_756, "Yape": 500, "Efectivo": 2_000, "Falta": 1_256}


async def test_cash_that_lies_in_the_drawer_already_does_not_open_it_again(village: Village, till: Replica) -> None:
    await take(village, till, ("Efectivo", 2_000))
    await take(village, till, ("Visa", 1_756))
    assert (len(await documents(till)), await openings(till)) == (2, 1)


async def test_each_opening_is_a_row_with_what_it_was_for_and_has_one_pulse(village: Village, till: Replica) -> None:
    paid = await take(village, till, ("Efectivo", 4_000))
    assert paid.receipt is not None
    (opening,) = await till.rows(DrawerOpening)
    (payment,) = await till.rows(Payment)
    assert (opening.of_id, opening.reason) == (paid.receipt.id, "")
    assert (opening.opened_by, opening.session_id) == (CASHIER.staff_id, payment.session_id)
    async with till.connection() as connection:
        (pulse,) = (await connection.execute(sa.select(drawer_pulse))).all()
    assert (UUID(bytes=pulse.id), pulse.printer, pulse.state) == (opening.id, "caja", State.QUEUED)
    assert UUID(bytes=pulse.subject_id) == ORDER


async def test_check_paper_and_books_say_the_same_of_a_discount(
    village: Village, till: Replica, read_paper: Read
) -> None:
    async with till.connection() as connection:
        taxes = await rates_in_force(connection, till.place.organization_id, village.clock.now().date())
        view = await order_view(connection, till.place.organization_id, ORDER, taxes)
    assert view is not None
    now = village.clock.now()
    voice = Voice(Texts(Language.SPANISH, ("terminal",)), lambda minor: f"S/ {minor / 100:.2f}", now, now)
    shown = dict(check_sums(view, voice))
    await take(village, till, ("Visa", view.due_minor))
    (document,) = await documents(till)
    rows = rows_of(read_paper(render(document, PrinterProfile())))
    assert [amount(line.amount) for line in check_lines(view, voice)] == [
        rows["1 Lomo saltado"],
        rows["1 Pan"],
    ]
    assert [shown["Importe"], shown["Subtotal"]] == ["S/ 42.23", "S/ 32.06"]
    assert [rows["Importe"], rows["Subtotal"]] == [4_223, 3_206]
    # These columns are what the report sums up (tests/cloud/reports shows that it does).
    (receipt,) = await till.rows(Receipt)
    lines, payments = await till.rows(ReceiptLine), await till.rows(Payment)
    assert (receipt.gross_minor, -receipt.discount_minor) == (rows["Importe"], rows["Descuento"])
    assert receipt.total_minor == view.bill.total_minor == rows["TOTAL"] == sum(line.total_minor for line in lines)
    assert sum(line.discount_minor for line in lines) == receipt.discount_minor == view.bill.discount_minor
    assert sum(payment.amount_minor for payment in payments) == receipt.total_minor


async def test_a_delivery_prints_its_contact_and_no_stored_job_holds_it(
    village: Village, till: Replica, read_paper: Read
) -> None:
    async def printed() -> str:
        async with till.connection() as connection:
            contact = await contact_of(connection, till.place.organization_id, ORDER)
        document = (await documents(till))[-1]
        assert document.contact_of == ORDER
        paper = read_paper(render(document, PrinterProfile(), Run(contact=contact)))
        return "\n".join(line.text for line in paper.lines)

    contact = ("María Quispe", "987 654 321", "Jr. Ancash 1234")
    async with till.work(CASHIER) as work:
        await set_contact(work, ORDER, *contact)
    await take(village, till, ("Efectivo", 4_000))
    assert not [text for text in contact if text not in await printed()]
    assert not [text for text in contact if text.encode() in till.path.read_bytes()]
    async with till.work(MANAGER) as work:
        await forget(work, ORDER)
    again = await printed()
    assert not [text for text in contact if text in again]
    assert "Cliente: (olvidado)" in again


async def send_it(till: Replica) -> list[tuple[str, int, str]]:
    """Send the order; what the kitchen's printer gets then: dish, portions and note."""
    printing = await printing_at(till, PrintPlan(default_kitchen="cocina"))
    before = await kitchen_lines(till)
    async with till.work(MANAGER) as work:
        await send(work, ORDER, printing)
    return (await kitchen_lines(till))[len(before) :]


async def kitchen_lines(till: Replica) -> list[tuple[str, int, str]]:
    async with till.connection() as connection:
        rows = await connection.execute(sa.select(print_job).order_by(sa.literal_column("rowid")))
        papers = [decode(PaperKind.KITCHEN, row.payload) for row in rows if row.kind == PaperKind.KITCHEN]
    return [(line.name, line.quantity_milli, line.note) for paper in papers for line in paper.lines]


async def test_a_line_is_printed_once_however_often_it_is_sent(till: Replica) -> None:
    assert await send_it(till) == [("Lomo saltado", 1_000, "")]
    assert await send_it(till) == []


async def test_what_was_raised_elsewhere_is_printed_as_what_is_new(village: Village, till: Replica) -> None:
    other = village.replica(WAITER, "B")
    await other.pull(till)
    async with other.work(MANAGER) as work:
        await set_quantity(work, LOMO, 3_000)
    await send_it(till)
    await till.pull(other)
    assert await send_it(till) == [("Lomo saltado", 2_000, "")], "the same ticket says two more, on a paper of its own"
    async with till.work(MANAGER) as work:
        await one_more(work, LOMO, work.ids.new())
    assert await send_it(till) == [("Lomo saltado", 1_000, "")]


async def test_a_note_after_sending_is_printed_with_its_portions_unless_the_kitchen_took_note(till: Replica) -> None:
    await send_it(till)
    async with till.work(MANAGER) as work:
        await change_line(work, LOMO, notes="sin sal")
    assert await send_it(till) == [("Lomo saltado", 1_000, ""), ("Lomo saltado", 1_000, "sin sal")]
    async with till.work(MANAGER) as work:
        await change_line(work, LOMO, notes="sin ají")
    async with till.connection() as connection:
        tickets = await open_tickets(connection, till.place.organization_id, till.place.branch_id)
    for ticket in tickets:
        async with till.work(MANAGER) as work:
            await confirm(work, ticket.id)
            await bump(work, ticket.id)
    assert await send_it(till) == [], "the display told it with the confirmation"


async def test_what_is_ordered_after_paying_has_a_receipt_of_its_own(
    village: Village, till: Replica, read_paper: Read
) -> None:
    await take(village, till, ("Visa", 3_756))
    async with till.work(MANAGER) as work:
        await add_line(work, ORDER, UUID(int=3), village.house.items["chi"], check_id=CHECK)
    await take(village, till, ("Efectivo", 2_000))
    paper = read_paper(render((await documents(till))[-1], PrinterProfile()))
    rows = rows_of(paper)
    assert (rows["1 Chicha morada"], rows["TOTAL"], rows["Efectivo"], rows["Vuelto"]) == (1_200, 1_200, 2_000, 800)
    assert "Visa" not in rows, "the first receipt has counted it"

"""Lays a document out in lines for paper of a given width. Pure: no bytes, no printer, no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from shared.countries.currencies import format_minor
from shared.kernel.language import Texts
from shared.kernel.quantity import ONE, format_portions, format_quantity
from shared.kitchen.rules import tells_of_allergy
from shared.menu.weights import measure_text
from shared.orders.contacts import ContactView
from terminal.printing.code_pages import PC850, CodePage
from terminal.printing.documents import (
    Document,
    KitchenDocument,
    KitchenLine,
    KitchenNews,
    KitchenRequest,
    QrDocument,
    ReceiptDocument,
    ReceiptLine,
    ReportDocument,
    TestDocument,
)
from terminal.printing.lines import Line, Sheet, Style
from terminal.printing.wording import payment_method, words

_MODIFIER_LEAD = "   + "
"""Before what costs more, and nothing else."""
_CHOICE_LEAD = "     "
_NOTE_LEAD = "   > "
_SAMPLE_AMOUNT_MINOR = 1_250


@dataclass(frozen=True, slots=True)
class Run:
    """One printing of a job.

    Attributes:
        copy: 0 for the original, then 1, 2, ... A copy says so, or a kitchen would cook twice.
        mark: a few letters by which the job of a paper is found.
        contact: whom the order is for, as it is known when it is printed.
        banner: says that it comes out of another printer than its own; empty if it does not.
    """

    copy: int = 0
    mark: str = ""
    contact: ContactView | None = None
    banner: str = ""


ORIGINAL = Run()


def lay_out(document: Document, columns: int, page: CodePage = PC850, run: Run = ORIGINAL) -> list[Line]:
    """Lay a document out on paper of so many columns, in letters of a code page.

    Raises:
        ValueError: no paper has so many columns.
    """
    sheet = Sheet(columns, page)
    if run.banner:
        sheet.banner(run.banner)
    match document:
        case ReceiptDocument():
            _receipt(sheet, document, words(document.language), run)
        case KitchenDocument():
            _kitchen_ticket(sheet, document, words(document.language), run)
        case QrDocument():
            _qr(sheet, document)
        case ReportDocument():
            _report(sheet, document, words(document.language), run)
        case TestDocument():
            _test_page(sheet, document, words(document.language))
    return sheet.lines


def _receipt(sheet: Sheet, receipt: ReceiptDocument, text: Texts, run: Run) -> None:
    if receipt.is_bill:
        sheet.banner(text("printing.bill.no_receipt"))
        if receipt.bill_count > 1:
            sheet.centre(text("printing.bill.again", count=receipt.bill_count), Style.BOLD)
    if receipt.copy or run.copy:
        sheet.banner(text("printing.copy", copy=receipt.copy or run.copy))
    _letterhead(sheet, receipt, text)
    sheet.rule()
    _receipt_head(sheet, receipt, text)
    _contact(sheet, run.contact, text)
    if receipt.promised_at is not None:
        sheet.write(text("printing.promised", time=receipt.promised_at.strftime(text("printing.clock"))), Style.BOLD)
    sheet.rule()
    for line in receipt.lines:
        _receipt_line(sheet, line, receipt.currency)
    if receipt.lines:
        sheet.rule()
    _totals(sheet, receipt, text)
    sheet.rule()
    if receipt.reason:
        sheet.write(text("printing.reason", reason=receipt.reason))
    sheet.gap()
    if receipt.is_bill:
        sheet.centre(text("printing.bill.no_receipt"))
    sheet.centre(receipt.farewell or text("printing.farewell"))
    if run.mark:
        sheet.centre(f"#{run.mark}")


def _qr(sheet: Sheet, page: QrDocument) -> None:
    """What stands above the code; the code itself is drawn by the printer's bytes."""
    sheet.centre(page.letterhead.name, Style.TALL)
    sheet.centre(page.title, Style.BIG)
    if page.amount:
        sheet.centre(page.amount, Style.TALL)


def _letterhead(sheet: Sheet, receipt: ReceiptDocument | ReportDocument, text: Texts) -> None:
    head = receipt.letterhead
    sheet.centre(head.name, Style.TALL)
    sheet.centre(head.address)
    if head.tax_number:
        sheet.centre(f"{head.tax_number_label} {head.tax_number}")
    if head.phone:
        sheet.centre(text("printing.phone", phone=head.phone))


def _receipt_head(sheet: Sheet, receipt: ReceiptDocument, text: Texts) -> None:
    title = receipt.title or text("printing.receipt")
    number = text("printing.number", title=title, number=receipt.number) if receipt.number else title
    sheet.write(number, Style.BOLD)
    if receipt.of_number:
        sheet.write(text("printing.of_receipt", number=receipt.of_number))
    order = text("printing.order", number=receipt.order_number) if receipt.order_number else ""
    sheet.pair(receipt.issued_at.strftime(text("printing.date_time")), order)
    table = _table(receipt.table, text)
    guests = text("printing.guests", guests=receipt.guests) if receipt.guests else ""
    if table or guests:
        sheet.pair(table or guests, guests if table else "")
    if receipt.server:
        sheet.write(text("printing.server", server=receipt.server))


def _contact(sheet: Sheet, contact: ContactView | None, text: Texts) -> None:
    """Whom a receipt goes to: the name, and what a driver needs."""
    if contact is None:
        return
    name = _contact_name(contact, text)
    if name:
        sheet.write(text("printing.customer", customer=name))
    if contact.document:
        sheet.write(text("printing.document", number=contact.document))
    if contact.phone:
        sheet.write(text("printing.phone", phone=contact.phone))
    if contact.address:
        sheet.write(contact.address)


def _contact_name(contact: ContactView | None, text: Texts) -> str:
    if contact is None:
        return ""
    return text("printing.forgotten") if contact.forgotten else contact.name


def _receipt_line(sheet: Sheet, line: ReceiptLine, currency: str) -> None:
    amount = format_minor(line.amount_minor, currency)
    sheet.pair(line.name, amount, lead="" if line.unit else f"{format_portions(line.quantity_milli)} ")
    if line.unit:
        weight, price = measure_text(line.quantity_milli, line.unit), format_minor(line.unit_price_minor, currency)
        sheet.write(f"{weight} x {price}", lead=_CHOICE_LEAD)
    for modifier in line.modifiers:
        times = "" if modifier.quantity_milli == ONE else f"{format_quantity(modifier.quantity_milli)} x "
        price = f" ({format_minor(modifier.amount_minor, currency)})" if modifier.amount_minor else ""
        lead = _MODIFIER_LEAD if modifier.amount_minor > 0 else _CHOICE_LEAD
        sheet.write(f"{times}{modifier.name}{price}", lead=lead)
    if line.note:
        sheet.write(line.note, lead=_NOTE_LEAD)


def _totals(sheet: Sheet, receipt: ReceiptDocument, text: Texts) -> None:
    def row(name: str, amount_minor: int, style: Style = Style.NORMAL) -> None:
        sheet.pair(name, format_minor(amount_minor, receipt.currency), style)

    if receipt.discounts or receipt.services:
        row(text("printing.gross"), receipt.gross_minor)
        for named in (*receipt.discounts, *receipt.services):
            row(named.name or text("printing.discount"), named.amount_minor)
        sheet.rule()  # otherwise readers add the included tax to the total
    if receipt.taxes or receipt.tip_minor:
        row(text("printing.subtotal"), receipt.subtotal_minor)
    for tax in receipt.taxes:
        row(tax.name, tax.amount_minor)
    if receipt.tip_minor:
        row(text("printing.tip"), receipt.tip_minor)
    row(text("printing.total"), receipt.total_minor, Style.TALL)
    if receipt.rounding_minor:
        row(text("printing.rounding"), receipt.rounding_minor)
    for payment in receipt.payments:
        name = payment.title or payment_method(text, payment.method)
        row(f"{name} {payment.reference}", payment.amount_minor)
    if receipt.change_minor:
        row(text("printing.change"), receipt.change_minor, Style.BOLD)
    for tip in receipt.tips:
        row(tip.name, tip.amount_minor)
    if receipt.left_minor:
        row(text("printing.left"), receipt.left_minor, Style.BOLD)


def _table(name: str, text: Texts) -> str:
    """A table as people call it: a bare number gets the word for table before it."""
    return text("printing.table", table=name) if name[:1].isdigit() else name


def _kitchen_ticket(sheet: Sheet, ticket: KitchenDocument, text: Texts, run: Run) -> None:
    if run.copy:
        sheet.alarm(text("printing.kitchen.copy", copy=run.copy))
        sheet.banner(text("printing.kitchen.copy_why"))
    if ticket.news is not KitchenNews.NEW:
        sheet.alarm(text(f"printing.kitchen.{ticket.news}"))
    sheet.centre(ticket.station, Style.BOLD)
    sheet.headline(ticket.order_number)
    code = f"printing.service.{ticket.service}"
    service = text(code) if text.has(code) else ticket.service
    sheet.centre(_table(ticket.table, text) or service, Style.BIG)
    sheet.pair(service if ticket.table else "", ticket.sent_at.strftime(text("printing.clock")), Style.BOLD)
    sheet.pair(ticket.server, text("printing.guests", guests=ticket.guests) if ticket.guests else "")
    sheet.centre(_contact_name(run.contact, text))
    if ticket.promised_at is not None:
        sheet.centre(text("printing.promised", time=ticket.promised_at.strftime(text("printing.clock"))), Style.TALL)
    for heading in filter(None, (ticket.course, ticket.category)):
        sheet.centre(heading, Style.BOLD)
    sheet.rule("=")
    if tells_of_allergy(ticket.note):
        sheet.banner(text("printing.kitchen.note", note=ticket.note), Style.LOUD)
        sheet.rule()
    for line in ticket.lines:
        _kitchen_line(sheet, line, text)
    sheet.rule("=")
    if ticket.note and not tells_of_allergy(ticket.note):
        sheet.write(text("printing.kitchen.note", note=ticket.note), Style.TALL)
        sheet.rule()
    sheet.pair(
        text("printing.kitchen.revision", revision=ticket.revision) + (f"  #{run.mark}" if run.mark else ""),
        text("printing.kitchen.part", part=ticket.part, parts=ticket.parts),
        Style.TALL if ticket.parts > 1 else Style.NORMAL,
    )


def _kitchen_line(sheet: Sheet, line: KitchenLine, text: Texts) -> None:
    """A dish. What nobody may overlook of it stands above it."""
    if line.change is KitchenRequest.VOID:
        sheet.banner(text("printing.kitchen.void"))
    is_alarming = tells_of_allergy(line.note)
    if is_alarming:
        sheet.banner(line.note, Style.LOUD)
    sheet.write(line.name, Style.TALL, lead=f"{measure_text(line.quantity_milli, line.unit)} x ")
    for name, count in Counter(line.modifiers).items():
        lead = _MODIFIER_LEAD if name in line.additions else _CHOICE_LEAD
        sheet.write(f"{count} x {name}" if count > 1 else name, Style.BOLD, lead=lead)
    if line.note and not is_alarming:
        sheet.write(line.note, Style.TALL, lead=_NOTE_LEAD)
    sheet.gap()


def _report(sheet: Sheet, report: ReportDocument, text: Texts, run: Run) -> None:
    copy = report.reprint + run.copy
    if copy:
        sheet.banner(text("printing.copy", copy=copy))
    _letterhead(sheet, report, text)
    sheet.rule()
    sheet.centre(f"{report.title} {report.number}".rstrip(), Style.TALL)
    sheet.centre(report.printed_at.strftime(text("printing.date_time")))
    for section in report.sections:
        sheet.rule()
        for row in section:
            style = Style.BOLD if row.strong else Style.NORMAL
            if row.value:
                sheet.pair(row.name, row.value, style)
            else:
                sheet.write(row.name, style)
    if report.signed:
        sheet.gap()
        sheet.gap()
        sheet.rule("_")
        sheet.centre(text("printing.signature"))
    if run.mark:
        sheet.centre(f"#{run.mark}")


def _test_page(sheet: Sheet, page: TestDocument, text: Texts) -> None:
    sheet.centre(text("printing.test.title"), Style.TALL)
    sheet.centre(page.restaurant)
    sheet.rule()
    sheet.pair(page.printer, page.printed_at.strftime(text("printing.date_time")))
    sheet.write(page.address)
    sheet.rule()
    sheet.lines.append(Line(("1234567890" * sheet.columns)[: sheet.columns]))
    sheet.write(text("printing.test.columns", columns=sheet.columns))
    sheet.gap()
    sheet.write(text("printing.test.letters"))
    sheet.pair("12.50", format_minor(_SAMPLE_AMOUNT_MINOR, page.currency))
    sheet.gap()
    for style in Style:
        sheet.write(text("printing.test.sizes"), style)

"""What receipts look like, and what is printed like one: bills, slips of parts, gift receipts, refunds. Pure."""

from __future__ import annotations

from shared.countries.currencies import format_minor
from shared.kernel.language import Texts
from shared.kernel.quantity import ONE, format_portions, format_quantity
from shared.menu.weights import measure_text
from shared.orders.contacts import ContactView
from terminal.printing.documents import Letterhead, ReceiptDocument, ReceiptLine, ReceiptModifier
from terminal.printing.lines import Sheet, Style
from terminal.printing.run import Dress, Run
from terminal.printing.wording import payment_method

MODIFIER_LEAD = "   + "
"""Before what costs more, and nothing else."""
CHOICE_LEAD = "     "
NOTE_LEAD = "   > "


def receipt(sheet: Sheet, document: ReceiptDocument, text: Texts, run: Run) -> None:
    """Lay a receipt out."""
    dress = Dress(run.look, _paper(document), _values(document, text))
    _banners(sheet, document, text, run)
    letterhead(sheet, document.letterhead, text, dress)
    sheet.rule()
    _head(sheet, document, text, dress)
    if dress.shows("contact"):
        contact_lines(sheet, run.contact, text)
    if document.promised_at is not None:
        sheet.write(text("printing.promised", time=document.promised_at.strftime(text("printing.clock"))), Style.BOLD)
    sheet.rule()
    for line in document.lines:
        _line(sheet, line, document, dress)
    if not document.is_gift:
        if document.lines:
            sheet.rule()
        _totals(sheet, document, text)
    sheet.rule()
    if document.reason:
        sheet.write(text("printing.reason", reason=document.reason))
    sheet.gap()
    if document.is_bill:
        sheet.centre(text("printing.bill.no_receipt"))
    elif not document.is_fiscal:
        sheet.centre(text("printing.not_fiscal"))
    dress.foot(sheet, document.farewell or text("printing.farewell"))
    if run.mark:
        sheet.centre(f"#{run.mark}")


def _banners(sheet: Sheet, document: ReceiptDocument, text: Texts, run: Run) -> None:
    """What nobody may take the paper for."""
    if document.is_bill:
        sheet.banner(text("printing.bill.no_receipt"))
        if document.bill_count > 1:
            sheet.centre(text("printing.bill.again", count=document.bill_count), Style.BOLD)
    if document.copy or run.copy:
        sheet.banner(text("printing.copy", copy=document.copy or run.copy))


def letterhead(sheet: Sheet, head: Letterhead, text: Texts, dress: Dress) -> None:
    """The restaurant at the head of a paper: its trade name, then its legal one where it has another."""
    dress.logo(sheet)
    sheet.centre(head.name, Style.TALL)
    if head.legal_name != head.name:
        sheet.centre(head.legal_name)
    if dress.shows("address"):
        sheet.centre(head.address)
    if head.tax_number and dress.shows("tax"):
        sheet.centre(f"{head.tax_number_label} {head.tax_number}")
    if head.phone and dress.shows("phone"):
        sheet.centre(text("printing.phone", phone=head.phone))
    dress.head(sheet)


def contact_lines(sheet: Sheet, contact: ContactView | None, text: Texts) -> None:
    """Whom a paper goes to: the name, and what a driver needs."""
    if contact is None:
        return
    if name := contact_name(contact, text):
        sheet.write(text("printing.customer", customer=name))
    if contact.document:
        sheet.write(text("printing.document", number=contact.document))
    if contact.phone:
        sheet.write(text("printing.phone", phone=contact.phone))
    sheet.write(contact.address)


def contact_name(contact: ContactView | None, text: Texts) -> str:
    """The name of whom an order is for; a word for who was forgotten."""
    if contact is None:
        return ""
    return text("printing.forgotten") if contact.forgotten else contact.name


def table_name(name: str, text: Texts) -> str:
    """A table as people call it: a bare number gets the word for table before it."""
    return text("printing.table", table=name) if name[:1].isdigit() else name


def _paper(document: ReceiptDocument) -> str:
    if document.is_bill:
        return "bill"
    if document.is_gift:
        return "gift"
    return "refund" if document.of_number else "receipt"


def _values(document: ReceiptDocument, text: Texts) -> dict[str, str]:
    """What placeholders of templates stand for."""
    return {
        "restaurant": document.letterhead.name,
        "branch": document.letterhead.branch,
        "number": document.number,
        "order": document.order_number,
        "table": document.table,
        "server": document.server,
        "guests": str(document.guests or ""),
        "date": document.issued_at.strftime(text("printing.shift.day")),
        "time": document.issued_at.strftime(text("printing.clock")),
        "total": "" if document.is_gift else format_minor(document.total_minor, document.currency),
    }


def _head(sheet: Sheet, document: ReceiptDocument, text: Texts, dress: Dress) -> None:
    title = document.title or text("printing.gift" if document.is_gift else "printing.receipt")
    number = text("printing.number", title=title, number=document.number) if document.number else title
    if sheet.fits(number):
        sheet.write(number, Style.BOLD)
    else:
        sheet.write(title, Style.BOLD)
        sheet.write(text("printing.number", title="", number=document.number).strip(), Style.BOLD)
    if document.of_number:
        sheet.write(text("printing.of_receipt", number=document.of_number))
    order = text("printing.order", number=document.order_number) if document.order_number else ""
    sheet.pair(document.issued_at.strftime(text("printing.date_time")), order)
    table = table_name(document.table, text)
    guests = text("printing.guests", guests=document.guests) if document.guests and dress.shows("guests") else ""
    if table or guests:
        sheet.pair(table or guests, guests if table else "")
    if document.server and dress.shows("server"):
        sheet.write(text("printing.server", server=document.server))


def _line(sheet: Sheet, line: ReceiptLine, document: ReceiptDocument, dress: Dress) -> None:
    """What was bought: its amount, the price of one where it is not one, and what its modifiers cost."""
    currency = document.currency
    amount = "" if document.is_gift else format_minor(line.amount_minor, currency)
    quantity = measure_text(line.quantity_milli, line.unit) if line.unit else format_portions(line.quantity_milli)
    says_price = line.unit_price_minor and (line.unit or (line.quantity_milli != ONE and dress.shows("unit_prices")))
    lead = "" if line.unit and not document.is_gift else f"{quantity} "
    sheet.pair(sheet.name(line.name), amount, lead=lead)
    if says_price and not document.is_gift:
        sheet.write(f"{quantity} x {format_minor(line.unit_price_minor, currency)}", lead=CHOICE_LEAD)
    for modifier in line.modifiers:
        _modifier(sheet, modifier, line, document)
    if line.note:
        sheet.write(line.note, lead=NOTE_LEAD)


def _modifier(sheet: Sheet, modifier: ReceiptModifier, line: ReceiptLine, document: ReceiptDocument) -> None:
    """A modifier. Its price is part of the price of one: of several pieces it says so often it counts."""
    times = "" if modifier.quantity_milli == ONE else f"{format_quantity(modifier.quantity_milli)} x "
    price = ""
    if modifier.amount_minor and not document.is_gift:
        each = "" if line.quantity_milli == ONE or line.unit else f"{format_portions(line.quantity_milli)} x "
        price = f"({each}{format_minor(modifier.amount_minor, document.currency)})"
    lead = MODIFIER_LEAD if modifier.amount_minor > 0 else CHOICE_LEAD
    sheet.write(f"{times}{modifier.name}", lead=lead, tail=price)


def _totals(sheet: Sheet, document: ReceiptDocument, text: Texts) -> None:
    def row(name: str, amount_minor: int, style: Style = Style.NORMAL) -> None:
        sheet.pair(name, format_minor(amount_minor, document.currency), style)

    if document.discounts or document.services:
        row(text("printing.gross"), document.gross_minor)
        for named in (*document.discounts, *document.services):
            row(named.name or text("printing.discount"), named.amount_minor)
        sheet.rule()  # otherwise readers add the included tax to the total
    if document.taxes or document.tip_minor:
        row(text("printing.subtotal"), document.subtotal_minor)
    for tax in document.taxes:
        row(tax.name, tax.amount_minor)
    if document.tip_minor:
        row(text("printing.tip"), document.tip_minor)
    row(text("printing.total"), document.total_minor, Style.TALL)
    if document.rounding_minor:
        row(text("printing.rounding"), document.rounding_minor)
        row(text("printing.to_pay"), document.total_minor + document.rounding_minor, Style.TALL)
    for payment in document.payments:
        name = payment.title or payment_method(text, payment.method)
        row(f"{name} {payment.reference}", payment.amount_minor)
    if document.change_minor:
        row(text("printing.change"), document.change_minor, Style.BOLD)
    for tip in document.tips:
        row(tip.name, tip.amount_minor)
    if document.left_minor:
        row(text("printing.left"), document.left_minor, Style.BOLD)

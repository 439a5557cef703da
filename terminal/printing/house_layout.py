"""What reports, slips of the drawer and codes look like. Pure."""

from __future__ import annotations

from shared.kernel.language import Texts
from terminal.printing.documents import QrDocument, ReportDocument
from terminal.printing.lines import Sheet, Style
from terminal.printing.receipt_layout import letterhead, table_name
from terminal.printing.run import Dress, Run

_MOST_INDENT = 4


def report(sheet: Sheet, document: ReportDocument, text: Texts, run: Run) -> None:
    """Lay an X, a Z, a day or a slip of the drawer out."""
    copy = document.reprint + run.copy
    if copy:
        sheet.banner(text("printing.copy", copy=copy))
    letterhead(sheet, document.letterhead, text, Dress(run.look, "report", {}))
    sheet.rule()
    sheet.centre(f"{document.title} {document.number}".rstrip(), Style.TALL)
    sheet.centre(document.printed_at.strftime(text("printing.date_time")))
    for section in document.sections:
        sheet.rule()
        for row in section:
            style = Style.BOLD if row.strong else Style.NORMAL
            name = row.name.lstrip(" ")
            lead = row.name[: min(len(row.name) - len(name), _MOST_INDENT)]
            if row.value:
                sheet.pair(name, row.value, style, lead=lead)
            else:
                sheet.write(name, style, lead=lead)
    if document.signed:
        sheet.gap()
        sheet.gap()
        sheet.centre(text("printing.signature"))
    if run.mark:
        sheet.centre(f"#{run.mark}")


def code(sheet: Sheet, document: QrDocument, text: Texts, run: Run) -> None:
    """Lay a code out: the house's QR to pay with, or the card of a table."""
    Dress(run.look, "qr", {}).logo(sheet)
    sheet.centre(document.letterhead.name, Style.TALL)
    sheet.centre(document.title, Style.BIG)
    if document.table:
        sheet.headline(table_name(document.table, text))
    if document.amount:
        sheet.centre(document.amount, Style.TALL)
    sheet.gap()
    sheet.code(document.text)
    sheet.gap()
    sheet.centre(document.note or text("printing.scan"))

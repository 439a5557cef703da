"""Lays a document out in lines for paper of a given width. Pure: no bytes, no printer, no clock.

What each paper looks like: `receipt_layout.py`, `kitchen_layout.py`, `house_layout.py`, `test_page.py`.
"""

from __future__ import annotations

from terminal.printing import house_layout, kitchen_layout, pass_layout, receipt_layout, test_page
from terminal.printing.code_pages import PC850, CodePage
from terminal.printing.documents import (
    Document,
    KitchenDocument,
    PackingDocument,
    PassDocument,
    QrDocument,
    ReceiptDocument,
    ReportDocument,
    TestDocument,
)
from terminal.printing.letters import NO_LETTERS, Letters
from terminal.printing.lines import Line, Sheet
from terminal.printing.profile import PrinterProfile
from terminal.printing.run import ORIGINAL, Run
from terminal.printing.wording import words

__all__ = ["ORIGINAL", "Run", "lay_out", "lay_out_for"]


def lay_out(document: Document, columns: int, page: CodePage = PC850, run: Run = ORIGINAL) -> list[Line]:
    """Lay a document out on paper of so many columns, in letters of a code page.

    Raises:
        ValueError: no paper has so many columns.
    """
    return lay_out_for(document, PrinterProfile(columns=columns, page=page), run)


def lay_out_for(
    document: Document, profile: PrinterProfile, run: Run = ORIGINAL, letters: Letters = NO_LETTERS
) -> list[Line]:
    """Lay a document out for a printer.

    Args:
        letters: what draws letters that the printer lacks.

    Raises:
        ValueError: no paper has so many columns.
    """
    sheet, text = Sheet(profile.columns, profile.page, letters), words(document.language)
    for _line in range(profile.top_lines):
        sheet.gap()
    if profile.practice:
        sheet.banner(text("printing.practice"))
    if run.banner:
        sheet.banner(run.banner)
    match document:
        case ReceiptDocument():
            receipt_layout.receipt(sheet, document, text, run)
        case KitchenDocument():
            kitchen_layout.ticket(sheet, document, text, run)
        case PackingDocument():
            kitchen_layout.label(sheet, document, text, run)
        case PassDocument():
            pass_layout.slip(sheet, document, text, run)
        case QrDocument():
            house_layout.code(sheet, document, text, run)
        case ReportDocument():
            house_layout.report(sheet, document, text, run)
        case TestDocument():
            test_page.page(sheet, document, text, profile, letters)
    if profile.practice:
        sheet.banner(text("printing.practice"))
    return sheet.lines

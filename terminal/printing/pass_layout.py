"""What the slip of an order at the pass looks like: what goes to whom, and what is still missing. Pure."""

from __future__ import annotations

from shared.kernel.language import Texts
from shared.kitchen.rules import tells_of_allergy
from shared.menu.weights import measure_text
from terminal.printing.documents import KitchenLine, PassDocument
from terminal.printing.lines import Sheet, Style
from terminal.printing.receipt_layout import CHOICE_LEAD, NOTE_LEAD, contact_name, table_name
from terminal.printing.run import Run


def slip(sheet: Sheet, document: PassDocument, text: Texts, run: Run) -> None:
    """Lay the slip out: what is ready first, then what each station still makes."""
    if run.copy:
        sheet.banner(text("printing.copy", copy=run.copy))
    sheet.centre(text("printing.pass.title"), Style.BOLD)
    sheet.headline(document.order_number)
    service = text(f"printing.service.{document.service}")
    sheet.centre(table_name(document.table, text) or service, Style.BIG)
    clock = text("printing.clock")
    sheet.pair(service if document.table else "", document.printed_at.strftime(clock), Style.BOLD)
    guests = text("printing.guests", guests=document.guests) if document.guests else ""
    sheet.pair(document.server, guests)
    sheet.centre(contact_name(run.contact, text))
    if document.promised_at is not None:
        sheet.centre(text("printing.promised", time=document.promised_at.strftime(clock)), Style.TALL)
    sheet.rule("=")
    for station in document.stations:
        if station.is_ready:
            _station(sheet, station.name, station.lines, text)
    missing = [station for station in document.stations if not station.is_ready]
    if missing:
        sheet.banner(text("printing.pass.missing"))
        for station in missing:
            _station(sheet, station.name, station.lines, text)
    else:
        sheet.centre(text("printing.pass.complete"), Style.BOLD)
    if document.note:
        sheet.rule()
        sheet.write(text("printing.kitchen.note", note=document.note), Style.TALL)
    sheet.rule()
    sheet.pair("", f"#{run.mark}" if run.mark else "")


def _station(sheet: Sheet, name: str, lines: tuple[KitchenLine, ...], text: Texts) -> None:
    sheet.write(name or text("printing.pass.no_station"), Style.BOLD)
    for line in lines:
        if tells_of_allergy(line.note):
            sheet.banner(line.note, Style.LOUD)
        lead = f"{measure_text(line.quantity_milli, line.unit)} x "
        sheet.write(sheet.name(line.name, line.code, line.category), Style.TALL, lead=lead)
        if line.seats:
            code = "printing.kitchen.seat" if len(line.seats) == 1 else "printing.kitchen.seats"
            sheet.write(text(code, seats=", ".join(map(str, line.seats))), Style.BOLD, lead=CHOICE_LEAD)
        for modifier in line.modifiers:
            sheet.write(modifier, lead=CHOICE_LEAD)
        if line.note and not tells_of_allergy(line.note):
            sheet.write(line.note, lead=NOTE_LEAD)

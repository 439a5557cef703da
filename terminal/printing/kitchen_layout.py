"""What the kitchen's tickets and the labels of bags look like. Pure."""

from __future__ import annotations

from collections import Counter

from shared.kernel.language import Texts
from shared.kitchen.rules import tells_of_allergy
from shared.menu.weights import measure_text
from terminal.printing.documents import (
    KitchenDocument,
    KitchenLine,
    KitchenNews,
    KitchenRequest,
    KitchenWait,
    PackingDocument,
)
from terminal.printing.lines import Sheet, Style
from terminal.printing.receipt_layout import (
    CHOICE_LEAD,
    MODIFIER_LEAD,
    NOTE_LEAD,
    contact_lines,
    contact_name,
    table_name,
)
from terminal.printing.run import Dress, Run


def ticket(sheet: Sheet, document: KitchenDocument, text: Texts, run: Run) -> None:
    """Lay a kitchen ticket out."""
    dress = Dress(run.look, "kitchen", _values(document, text))
    if run.copy:
        sheet.alarm(text("printing.kitchen.copy", copy=run.copy))
        sheet.banner(text("printing.kitchen.copy_why"))
    if document.news not in (KitchenNews.NEW, KitchenNews.ALLERGY):  # an allergy is said loudest below
        sheet.alarm(text(f"printing.kitchen.{document.news}"))
    sheet.centre(document.station, Style.BOLD)
    sheet.headline(document.order_number)
    service = _service(document.service, text)
    sheet.centre(table_name(document.table, text) or service, Style.BIG)
    sheet.pair(service if document.table else "", document.sent_at.strftime(text("printing.clock")), Style.BOLD)
    guests = text("printing.guests", guests=document.guests) if document.guests and dress.shows("guests") else ""
    sheet.pair(document.server if dress.shows("server") else "", guests)
    if dress.shows("contact"):
        sheet.centre(contact_name(run.contact, text))
    if document.promised_at is not None:
        sheet.centre(text("printing.promised", time=document.promised_at.strftime(text("printing.clock"))), Style.TALL)
    dress.head(sheet)
    for heading in filter(None, (document.course, document.category)):
        sheet.centre(heading, Style.BOLD)
    sheet.rule("=")
    _alarms(sheet, document, text)
    _loud_note(sheet, document, text)
    called_off, course = False, ""
    for line in document.lines:
        if line.course != course:
            course = line.course
            sheet.centre(course, Style.BOLD)
        if called_off and line.change is not KitchenRequest.VOID:
            sheet.centre(text("printing.kitchen.make"), Style.BOLD)
        called_off = line.change is KitchenRequest.VOID
        _line(sheet, line, text)
    sheet.rule("=")
    for wait in document.waiting:
        _waiting(sheet, wait, text)
    if document.note and not _is_loud(document):
        sheet.write(text("printing.kitchen.note", note=document.note), Style.TALL)
        sheet.rule()
    dress.foot(sheet)
    sheet.pair(
        text("printing.kitchen.revision", revision=document.revision) + (f"  #{run.mark}" if run.mark else ""),
        text("printing.kitchen.part", part=document.part, parts=document.parts),
        Style.TALL if document.parts > 1 else Style.NORMAL,
    )


def _is_loud(document: KitchenDocument) -> bool:
    """Whether nobody may overlook the note of the whole order."""
    return document.news is KitchenNews.NOTED or tells_of_allergy(document.note)


def _loud_note(sheet: Sheet, document: KitchenDocument, text: Texts) -> None:
    if _is_loud(document):
        code = "printing.kitchen.note" if document.note else "printing.kitchen.no_note"
        sheet.banner(text(code, note=document.note), Style.LOUD)
        sheet.rule()
    if document.news is KitchenNews.NOTED:
        sheet.centre(text("printing.kitchen.note_of_sent"), Style.BOLD)


def _alarms(sheet: Sheet, document: KitchenDocument, text: Texts) -> None:
    """What nobody may overlook: what a guest may not eat, and a note that tells of it."""
    if document.allergies:
        sheet.alarm(text("printing.kitchen.allergy"))
        sheet.banner(document.allergies, Style.LOUD)
        sheet.rule()
    if document.news is KitchenNews.ALLERGY:
        sheet.centre(text("printing.kitchen.allergy_after"), Style.BOLD)


def label(sheet: Sheet, document: PackingDocument, text: Texts, run: Run) -> None:
    """Lay the label of a bag out: what a driver and a guest read at arm's length."""
    dress = Dress(run.look, "packing", {"restaurant": document.letterhead.name, "order": document.order_number})
    if run.copy:
        sheet.banner(text("printing.copy", copy=run.copy))
    dress.logo(sheet)
    sheet.centre(document.letterhead.name, Style.BOLD)
    dress.head(sheet)
    sheet.headline(document.order_number)
    sheet.centre(_service(document.service, text), Style.BIG)
    sheet.alarm(text("printing.bag", part=document.part, parts=document.parts))
    if document.promised_at is not None:
        sheet.centre(text("printing.promised", time=document.promised_at.strftime(text("printing.clock"))), Style.TALL)
    if dress.shows("contact"):
        contact_lines(sheet, run.contact, text)
    if document.lines and dress.shows("contents"):
        sheet.rule()
        sheet.write(text("printing.contents"), Style.BOLD)
        for line in document.lines:
            _line(sheet, line, text, is_packed=True)
    sheet.rule()
    if document.note:
        sheet.write(text("printing.kitchen.note", note=document.note), Style.TALL)
    if document.due:
        sheet.pair(text("printing.pay_on_delivery"), document.due, Style.TALL)
    else:
        sheet.centre(text("printing.paid"), Style.TALL)
    dress.foot(sheet)
    sheet.pair(
        document.printed_at.strftime(text("printing.date_time")), f"#{run.mark}" if run.mark else "", Style.NORMAL
    )


def _service(name: str, text: Texts) -> str:
    code = f"printing.service.{name}"
    return text(code) if text.has(code) else name


def _values(document: KitchenDocument, text: Texts) -> dict[str, str]:
    return {
        "order": document.order_number,
        "table": document.table,
        "server": document.server,
        "guests": str(document.guests or ""),
        "date": document.sent_at.strftime(text("printing.shift.day")),
        "time": document.sent_at.strftime(text("printing.clock")),
    }


def _waiting(sheet: Sheet, wait: KitchenWait, text: Texts) -> None:
    """A course that waits, so that nobody begins it and everybody knows that it comes."""
    sheet.write(text("printing.kitchen.wait", course=wait.course), Style.BOLD)
    for line in wait.lines:
        name = sheet.name(line.name, line.code, line.category)
        sheet.write(name, lead=f"  {measure_text(line.quantity_milli, line.unit)} x ")
    sheet.rule()


def _line(sheet: Sheet, line: KitchenLine, text: Texts, *, is_packed: bool = False) -> None:
    """A dish. What nobody may overlook of it stands above it."""
    if line.change is KitchenRequest.VOID:
        sheet.banner(text("printing.kitchen.void"))
    if line.dangers:
        sheet.banner(text("printing.kitchen.contains", what=line.dangers), Style.LOUD)
    is_alarming = tells_of_allergy(line.note)
    if is_alarming:
        sheet.banner(line.note, Style.LOUD)
    name = sheet.name(line.name, line.code, line.category)
    sheet.write(
        name, Style.BOLD if is_packed else Style.TALL, lead=f"{measure_text(line.quantity_milli, line.unit)} x "
    )
    if line.combo:
        sheet.write(text("printing.kitchen.combo", name=line.combo), Style.NORMAL, lead=CHOICE_LEAD)
    if line.seats:
        code = "printing.kitchen.seat" if len(line.seats) == 1 else "printing.kitchen.seats"
        sheet.write(text(code, seats=", ".join(map(str, line.seats))), Style.BOLD, lead=CHOICE_LEAD)
    for modifier, count in Counter(line.modifiers).items():
        lead = MODIFIER_LEAD if modifier in line.additions else CHOICE_LEAD
        style = Style.NORMAL if is_packed else Style.BOLD
        sheet.write(f"{count} x {modifier}" if count > 1 else modifier, style, lead=lead)
    if line.note and not is_alarming:
        sheet.write(line.note, Style.NORMAL if is_packed else Style.TALL, lead=NOTE_LEAD)
    if not is_packed:
        sheet.gap()

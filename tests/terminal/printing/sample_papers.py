"""One of every paper, in a language: what the baselines show, and what hostile texts are put into."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.orders.contacts import ContactView
from terminal.printing.documents import (
    Document,
    KitchenDocument,
    KitchenLine,
    KitchenNews,
    KitchenRequest,
    Letterhead,
    NamedAmount,
    PackingDocument,
    QrDocument,
    ReceiptDocument,
    ReceiptLine,
    ReceiptModifier,
    ReceiptPayment,
    ReportDocument,
    ReportRow,
    TestDocument,
)
from terminal.printing.layout import Run
from terminal.printing.wording import words

AT = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001 - a wall clock
LATER = datetime(2026, 11, 23, 14, 40)  # noqa: DTZ001
ORDER = UUID(int=7)
ROSA = ContactView("Rosa Quispe Mamani", "987 654 321", "Jr. Ancash 1234, dpto. 302, a media cuadra del parque", "")
HEAD = Letterhead(
    "Picantería La Ñusta",
    "Centro · Calle San Francisco 315",
    "20512345678",
    phone="054 221 345",
    legal_name="Inversiones Gastronómicas del Sur S.A.C.",
    branch="Centro",
)
PAYMENT_QR = (
    "00020101021139320012com.izipay.pe0112000123456789520458125303604540531.505802PE5919PICANTERIA LA NUSTA6008AREQUIPA"
    "6304A13F"
)


def samples(language: str) -> dict[str, tuple[Document, Run]]:
    """Every paper by its name, with the run that prints it."""
    text = words(language)
    receipt = _receipt(language)
    ticket = _ticket(language)
    contact = Run(mark="a1b2c3", contact=ROSA)
    papers: dict[str, tuple[Document, Run]] = {
        "receipt": (receipt, Run(mark="a1b2c3")),
        "receipt, copy 2": (_with(receipt, copy=2), Run(mark="a1b2c3")),
        "bill": (
            _with(
                receipt,
                title=text("printing.bill.title"),
                number="",
                payments=(),
                change_minor=0,
                rounding_minor=0,
                is_bill=True,
                bill_count=2,
            ),
            Run(),
        ),
        "gift receipt": (_with(receipt, is_gift=True), Run()),
        "delivery receipt": (_with(receipt, table="", guests=0, contact_of=ORDER, promised_at=LATER), contact),
        "refund": (_refund(language), Run()),
        "part payment": (
            ReceiptDocument(
                language,
                "PEN",
                HEAD,
                "A-17",
                AT,
                (),
                12_550,
                12_550,
                title=text("printing.part"),
                payments=(ReceiptPayment("cash", 5_000),),
                left_minor=7_550,
                table="7",
                server="Rosa Quispe",
            ),
            Run(),
        ),
        "kitchen ticket": (ticket, Run(mark="a1b2c3")),
        "kitchen ticket, added": (
            _with(ticket, news=KitchenNews.ADDED, revision=2, part=1, parts=1, note="", lines=ticket.lines[1:2]),
            Run(),
        ),
        "kitchen ticket, changed": (
            _with(
                ticket,
                news=KitchenNews.CHANGED,
                note="",
                lines=(
                    KitchenLine("Lomo saltado", 1_000, ("Jugoso",), change=KitchenRequest.VOID),
                    KitchenLine("Lomo saltado", 1_000, ("Bien cocido",), "sin cebolla"),
                ),
            ),
            Run(),
        ),
        "kitchen ticket, cancelled": (
            _with(
                ticket,
                news=KitchenNews.CANCELLED,
                note="",
                lines=(KitchenLine("Rocoto relleno con pastel de papa", 2_000, change=KitchenRequest.VOID),),
            ),
            Run(),
        ),
        "kitchen ticket, reprint": (_with(ticket, lines=ticket.lines[1:2], note=""), Run(copy=1)),
        "kitchen ticket of a category": (_with(ticket, category="Bebidas", part=2, parts=3, note=""), Run()),
        "delivery in the kitchen": (
            _with(ticket, service="delivery", table="", guests=0, contact_of=ORDER, promised_at=LATER, note=""),
            contact,
        ),
        "packing label": (
            PackingDocument(
                language,
                HEAD,
                "A-17",
                AT,
                "delivery",
                1,
                3,
                ticket.lines[:2],
                "Sin cubiertos",
                "S/ 31.50",
                ORDER,
                LATER,
            ),
            contact,
        ),
        "table card": (QrDocument(language, HEAD, "", "https://menu.example/m/7?t=k3J9xQz81LmP0aBc", table="7"), Run()),
        "payment code": (QrDocument(language, HEAD, "Yape", PAYMENT_QR, "S/ 31.50"), Run()),
        "test page": (TestDocument(language, HEAD.name, "cocina", "tcp://192.168.1.50:9100", AT), Run()),
    }
    papers.update(_house(language))
    return papers


def _with(document: Document, **changes: object) -> Document:
    from dataclasses import replace

    return replace(document, **changes)  # type: ignore[arg-type]


def _receipt(language: str) -> ReceiptDocument:
    return ReceiptDocument(
        language=language,
        currency="PEN",
        letterhead=HEAD,
        number="B001-00000123",
        issued_at=AT,
        lines=(
            ReceiptLine(
                "Rocoto relleno con pastel de papa",
                2_000,
                8_800,
                (ReceiptModifier("Poco picante"), ReceiptModifier("Extra queso", 400, 2_000)),
                unit_price_minor=4_400,
            ),
            ReceiptLine("Chicha de guiñapo (jarra)", 1_000, 1_800, unit_price_minor=1_800),
            ReceiptLine("Queso paria", 350, 1_680, unit="kg", unit_price_minor=4_800),
        ),
        gross_minor=12_280,
        discounts=(NamedAmount("Cliente frecuente 5 %", -614),),
        services=(NamedAmount("Recargo al consumo 10 %", 1_167),),
        subtotal_minor=10_876,
        total_minor=12_833,
        taxes=(NamedAmount("IGV 18 %", 1_957),),
        rounding_minor=-3,
        payments=(ReceiptPayment("cash", 10_000), ReceiptPayment("yape", 3_000, reference="op. 884213")),
        change_minor=170,
        order_number="A-17",
        table="7",
        server="Rosa Quispe",
        guests=4,
    )


def _refund(language: str) -> ReceiptDocument:
    text = words(language)
    return ReceiptDocument(
        language=language,
        currency="PEN",
        letterhead=HEAD,
        title=text("printing.refund"),
        number="D-4",
        of_number="B001-00000123",
        issued_at=AT,
        lines=(ReceiptLine("Chicha de guiñapo (jarra)", 1_000, 1_800),),
        gross_minor=1_800,
        subtotal_minor=1_525,
        total_minor=1_800,
        taxes=(NamedAmount("IGV 18 %", 275),),
        payments=(ReceiptPayment("card", 1_800, "Visa"),),
        server="Rosa Quispe",
        reason="Llegó tibia",
        farewell=text("printing.signature"),
    )


def _ticket(language: str) -> KitchenDocument:
    return KitchenDocument(
        language=language,
        station="Cocina caliente",
        order_number="A-17",
        sent_at=AT,
        lines=(
            KitchenLine(
                "Rocoto relleno con pastel de papa",
                2_000,
                ("Poco picante", "Extra queso", "Extra queso"),
                "ALERGIA: maní y mariscos",
                additions=("Extra queso",),
                code="roc",
                category="Platos",
            ),
            KitchenLine("Adobo arequipeño", 1_000, note="sin cebolla"),
            KitchenLine("Chicharrón", 1_200, unit="kg"),
            KitchenLine("Chi jau kay 炸鸡", 1_000, code="c12", category="Chifa"),
            KitchenLine("宫保鸡丁", 1_000, code="c15", category="Chifa"),
        ),
        table="7",
        server="Rosa Quispe",
        guests=4,
        note="Cumpleaños: todo junto",
        part=2,
        parts=3,
    )


def _house(language: str) -> dict[str, tuple[Document, Run]]:
    """An X, a Z and the slips of the drawer, with the words of reports."""
    text = words(language)

    def report(title: str, *sections: tuple[ReportRow, ...], number: str = "", signed: bool = False) -> ReportDocument:
        return ReportDocument(language, HEAD, text(title), AT, sections, number, signed)

    shift = (
        ReportRow(text("printing.shift.drawer"), "Caja 1"),
        ReportRow(text("printing.shift.opened"), AT.strftime(text("printing.date_time"))),
        ReportRow(text("printing.shift.opened_by"), "Rosa Quispe"),
    )
    sales = (
        ReportRow(text("printing.shift.checks"), "1,204"),
        ReportRow(text("printing.shift.gross"), "S/ 123,456.70"),
        ReportRow(text("printing.shift.discounts"), "-S/ 1,234.50"),
        ReportRow(text("printing.shift.total"), "S/ 122,222.20", strong=True),
    )
    counted = (
        ReportRow(text("printing.shift.expected", name=text("printing.shift.cash")), "S/ 10,432.10"),
        ReportRow(text("printing.shift.counted"), "S/ 10,430.00"),
        ReportRow(text("printing.shift.difference"), "-S/ 2.10", strong=True),
    )
    of = ReportRow(text("printing.shift.drawer"), "Caja 1")
    by = ReportRow(text("printing.shift.by"), "Rosa Quispe")
    amount = ReportRow(text("printing.shift.amount"), "S/ 200.00", strong=True)
    moved = (of, by, amount)
    return {
        "X": (report("printing.shift.x", shift, sales), Run()),
        "Z": (report("printing.shift.z", shift, sales, counted, number="Z-41", signed=True), Run(mark="a1b2c3")),
        "cash in": (
            report("printing.movement.in", (*moved, ReportRow("Sencillo del banco")), number="M-7"),
            Run(),
        ),
        "cash out": (
            report("printing.movement.out", (*moved, ReportRow("Gas")), number="M-8", signed=True),
            Run(),
        ),
        "cash to the safe": (report("printing.movement.drop", moved, number="M-9", signed=True), Run()),
        "drawer without a sale": (report("printing.shift.no_sale", (of, by, ReportRow("Cambio de billete"))), Run()),
    }

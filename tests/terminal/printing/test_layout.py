"""What stands where on the paper."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.printing.code_pages import PC850
from terminal.printing.documents import (
    Document,
    KitchenDocument,
    KitchenLine,
    KitchenRequest,
    Letterhead,
    NamedAmount,
    ReceiptDocument,
    ReceiptLine,
    ReceiptModifier,
    ReceiptPayment,
    TestDocument,
)
from terminal.printing.layout import Run, lay_out
from terminal.printing.lines import Line, Style

WIDTHS = (32, 42, 48)


def _texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_a_receipt_in_spanish_says_all_that_a_guest_looks_for(receipt: ReceiptDocument) -> None:
    assert _texts(lay_out(receipt, 42, run=Run(mark="a1b2c3"))) == [
        "           Picantería La Ñusta",
        "    Calle San Francisco 315, Arequipa",
        "             RUC 20512345678",
        "             Tel. 054 221 345",
        "------------------------------------------",
        "Recibo N° B001-000123",
        "23/11/2026 14:05               Pedido A-17",
        "Mesa 7                         Personas: 4",
        "Atendió: Rosa Quispe",
        "------------------------------------------",
        "2 Rocoto relleno con pastel de    S/ 80.00",
        "  papa",
        "     Poco picante",
        "   + 2 x Extra queso (2 x S/ 4.00)",
        "   > sin cebolla, por favor",
        "1 Chicha de guiñapo (jarra)       S/ 18.00",
        "Ceviche por kilo                  S/ 27.50",
        "     0.350 kg x S/ 78.57",
        "------------------------------------------",
        "Subtotal                         S/ 106.36",
        "IGV 18 %                          S/ 19.14",
        "TOTAL                            S/ 125.50",
        "Redondeo                          -S/ 0.02",
        "A PAGAR                          S/ 125.48",
        "Efectivo                         S/ 100.00",
        "Yape op. 884213                   S/ 30.00",
        "Vuelto                             S/ 4.52",
        "------------------------------------------",
        "",
        "       No es un comprobante fiscal",
        "         ¡Gracias por su visita!",
        "                 #a1b2c3",
    ]


def test_a_receipt_in_english_has_english_words(receipt: ReceiptDocument) -> None:
    texts = " ".join(" ".join(_texts(lay_out(dataclasses.replace(receipt, language="en"), 42))).split())
    for word in ("Receipt No. B001", "2026-11-23 14:05", "Order A-17", "Table 7", "Cash S/ 100.00", "Thank you"):
        assert word in texts
    assert "Efectivo" not in texts


def test_a_language_that_does_not_ship_speaks_spanish(receipt: ReceiptDocument) -> None:
    assert lay_out(dataclasses.replace(receipt, language="qu"), 42) == lay_out(receipt, 42)


def test_a_kitchen_ticket_shows_number_and_table_large_and_what_to_do(ticket: KitchenDocument) -> None:
    lines = lay_out(ticket, 42, run=Run(mark="a1b2c3"))
    styles = {line.text.strip(): line.style for line in lines}
    assert styles["A-17"] is Style.HUGE
    assert styles["Mesa 7"] is Style.BIG
    assert styles["2 x Rocoto relleno"] is Style.TALL
    assert styles["ANULADO - NO PREPARAR"] is Style.REVERSED
    texts = _texts(lines)
    assert texts.index("     Poco picante") == texts.index("2 x Rocoto relleno") + 1
    assert "   + 2 x Extra queso" in texts
    assert texts.index("   > sin cebolla") == texts.index("2 x Rocoto relleno") + 3
    assert texts.index("1 x Adobo arequipeño") == next(at for at, text in enumerate(texts) if "ANULADO" in text) + 1
    assert texts[-1] == "Envío 2 #a1b2c3                     1 de 2"


def test_a_table_that_has_a_name_is_called_by_it(ticket: KitchenDocument, receipt: ReceiptDocument) -> None:
    for document in (ticket, receipt):
        texts = _texts(lay_out(dataclasses.replace(document, table="Mesa 7"), 42))
        assert sum(text.count("Mesa") for text in texts) == 1


def test_an_order_number_too_long_for_large_letters_is_still_whole(ticket: KitchenDocument) -> None:
    long_number = "Z-1234567890-1234567890"
    texts = _texts(lay_out(dataclasses.replace(ticket, order_number=long_number), 32))
    assert any(long_number in text for text in texts)


def test_takeout_without_a_table_says_so_large(ticket: KitchenDocument) -> None:
    lines = lay_out(dataclasses.replace(ticket, service="takeout", table=""), 42)
    assert next(line for line in lines if "PARA LLEVAR" in line.text).style is Style.BIG


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_copy_says_so_on_a_black_bar_over_the_whole_width(
    receipt: ReceiptDocument, ticket: KitchenDocument, columns: int
) -> None:
    for document in (receipt, ticket):
        first = lay_out(document, columns, run=Run(copy=2))[0]
        assert first.style.reversed
        assert "COPIA 2" in first.text or "REIMPRESIÓN 2" in first.text
        assert first.cells == columns


@pytest.mark.parametrize("columns", WIDTHS)
def test_amounts_end_at_the_right_edge(receipt: ReceiptDocument, columns: int) -> None:
    amounts = [
        line
        for line in lay_out(receipt, columns)
        if line.text.strip() and "S/" in line.text and "(" not in line.text and " x " not in line.text
    ]
    assert amounts
    assert all(line.cells == columns for line in amounts)


def test_the_test_page_fills_exactly_one_line_with_its_ruler() -> None:
    page = TestDocument("es", "La Ñusta", "cocina", "192.168.1.50:9100", datetime(2026, 11, 23, 14, 5))  # noqa: DTZ001
    texts = _texts(lay_out(page, 32))
    assert "12345678901234567890123456789012" in texts
    assert any("Ñandú, ají de gallina" in text for text in texts)


def test_a_paper_that_nobody_sells_is_refused(receipt: ReceiptDocument) -> None:
    with pytest.raises(ValueError, match="columns"):
        lay_out(receipt, 8)


_text = st.text(max_size=80)
_amount = st.integers(-(10**15), 10**15)
_quantity = st.integers(1, 9_999_000)
_instant = st.just(datetime(2026, 11, 23, 14, 5))  # noqa: DTZ001
_receipts = st.builds(
    ReceiptDocument,
    language=st.sampled_from(["es", "en", "??"]),
    currency=st.sampled_from(["PEN", "USD", "JPY", "KWD", "PYG", "XXX"]),
    letterhead=st.builds(Letterhead, _text, _text, _text, _text, _text),
    number=_text,
    issued_at=_instant,
    lines=st.lists(
        st.builds(
            ReceiptLine,
            _text,
            _quantity,
            _amount,
            st.lists(st.builds(ReceiptModifier, _text, _amount, _quantity), max_size=2).map(tuple),
            _text,
        ),
        max_size=3,
    ).map(tuple),
    subtotal_minor=_amount,
    total_minor=_amount,
    taxes=st.lists(st.builds(NamedAmount, _text, _amount), max_size=2).map(tuple),
    payments=st.lists(st.builds(ReceiptPayment, _text, _amount, _text, _text), max_size=2).map(tuple),
    title=_text,
    table=_text,
    server=_text,
    contact_of=st.none() | st.uuids(),
    farewell=_text,
)
_tickets = st.builds(
    KitchenDocument,
    language=st.sampled_from(["es", "en"]),
    station=_text,
    order_number=_text,
    sent_at=_instant,
    lines=st.lists(
        st.builds(
            KitchenLine,
            _text,
            _quantity,
            st.lists(_text, max_size=2).map(tuple),
            _text,
            st.sampled_from(KitchenRequest),
        ),
        max_size=3,
    ).map(tuple),
    service=_text,
    table=_text,
    note=_text,
)


@given(document=st.one_of(_receipts, _tickets), columns=st.sampled_from(WIDTHS), copy=st.integers(0, 3))
def test_no_text_makes_a_line_wider_than_the_paper(document: Document, columns: int, copy: int) -> None:
    for line in lay_out(document, columns, PC850, Run(copy, "a1b2c3")):
        assert line.cells <= columns
        assert all(map(PC850.has, line.text))


def test_a_word_longer_than_the_paper_is_broken_and_loses_nothing(ticket: KitchenDocument) -> None:
    word = "x" * 100
    lines = lay_out(dataclasses.replace(ticket, lines=(KitchenLine("Adobo", 1_000, note=word),)), 32)
    assert sum(line.text.count("x") for line in lines if " x " not in line.text) == len(word)


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_line_does_not_end_with_the_dot_before_what_stands_on_the_next_one(
    receipt: ReceiptDocument, columns: int
) -> None:
    for letters in range(1, 30):
        named = NamedAmount(f"{'D' * letters} 10 % · cumpleaños de la casa y de todos", -500)
        lines = _texts(lay_out(dataclasses.replace(receipt, discounts=(named,)), columns))
        assert not [line for line in lines if line.rstrip().endswith(("·", " *"))]

"""The slip of the pass: what is ready stands before what is missing, in both languages, on all widths."""

from __future__ import annotations

from datetime import datetime

import pytest

from terminal.printing.documents import (
    KitchenDocument,
    KitchenLine,
    KitchenNews,
    KitchenWait,
    PassDocument,
    PassStation,
)
from terminal.printing.layout import lay_out_for
from terminal.printing.profile import PrinterProfile

AT = datetime(2026, 3, 14, 20, 5)  # noqa: DTZ001 - papers say the wall clock


def texts(document: PassDocument | KitchenDocument, columns: int = 42) -> list[str]:
    return [line.text for line in lay_out_for(document, PrinterProfile(columns=columns)) if line.text.strip()]


def slip(language: str = "es", *, ready: bool = False) -> PassDocument:
    lomo = KitchenLine("Lomo saltado", 2_000, ("Jugoso",), "ALERGIA al maní", seats=(1, 3))
    chicha = KitchenLine("Chicha morada", 1_000)
    stations = (PassStation("Cocina", ready, (lomo,)), PassStation("Barra", True, (chicha,)))
    return PassDocument(language, "A-17", AT, stations, table="7", server="Rosa", guests=4, note="rápido")


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize(("language", "missing"), [("es", "FALTA"), ("en", "MISSING")])
def test_what_is_ready_stands_before_what_is_missing(columns: int, language: str, missing: str) -> None:
    said = texts(slip(language), columns)
    at = {word: next(place for place, line in enumerate(said) if word in line) for word in ("Chicha", missing, "Lomo")}
    assert at["Chicha"] < at[missing] < at["Lomo"]
    assert any("1, 3" in line for line in said)
    assert any("ALERGIA" in line for line in said)


def test_a_complete_order_says_so() -> None:
    assert any("COMPLETO" in line for line in texts(slip(ready=True)))
    assert not any("FALTA" in line for line in texts(slip(ready=True)))


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_kitchen_ticket_says_its_course_its_seats_and_what_waits(columns: int) -> None:
    fired = KitchenDocument(
        "es",
        "Cocina",
        "A-17",
        AT,
        (KitchenLine("Lomo saltado", 2_000, seats=(2,)),),
        course="2.º TIEMPO: Fondos",
        news=KitchenNews.FIRED,
        waiting=(KitchenWait("3.er TIEMPO", (KitchenLine("Flan", 1_000),)),),
    )
    said = texts(fired, columns)
    assert any("MARCHAR" in line for line in said)
    assert any("Fondos" in line for line in said)
    assert any("Asiento 2" in line for line in said)
    at = next(place for place, line in enumerate(said) if "3.er TIEMPO: ESPERAR" in line)
    assert "1 x Flan" in said[at + 1]

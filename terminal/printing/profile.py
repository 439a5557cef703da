"""What the bytes for a printer depend on. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from shared.printers.rules import Beep, Cut, DrawerPin, Habit, QrMode, Separates
from terminal.printing.code_pages import PC850, CodePage

__all__ = ["Beep", "Cut", "DrawerPin", "Habit", "PrinterProfile", "QrMode", "Separates"]


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """Settings of a printer that its bytes depend on.

    Attributes:
        columns: characters of normal width: 32 (58 mm), 42 or 48 (80 mm).
        page: its letters, with the printer's own number of the page.
        feed_lines: distance from the print head to the knife. With fewer the last line stays inside.
        top_lines: blank lines above, for the rail that holds tickets.
        separates: one slip for a sending, or one for each category.
        drawer: the pin that opens the drawer; NONE: this printer has none.
        qr: codes by the printer's own command, or as pictures.
        habits: what this model does otherwise than most.
        practice: nothing that is printed counts: every paper says so at its head and its foot, and no drawer opens.
    """

    columns: int = 42
    page: CodePage = PC850
    cut: Cut = Cut.FULL
    feed_lines: int = 5
    top_lines: int = 0
    separates: Separates = Separates.SLIP
    drawer: DrawerPin = DrawerPin.TWO
    beep: Beep = Beep.BUZZER
    qr: QrMode = QrMode.RASTER
    habits: frozenset[Habit] = frozenset()
    practice: bool = False

"""A configured printer: its paper, letters and hardware, and the transport that reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from terminal.printing.code_pages import PC850, CodePage
from terminal.printing.transports import Transport


class Beep(Enum):
    """How a printer calls the cook."""

    NONE = "none"
    BUZZER = "buzzer"
    """ESC B, which most kitchen printers know and the others ignore."""


class Cut(StrEnum):
    """How the paper is cut. A partial cut leaves a bridge, so that no ticket falls into the soup."""

    FULL = "FULL"
    PART = "PART"


class DrawerPin(Enum):
    """The pin of the drawer's plug that gets the pulse."""

    TWO = 2
    FIVE = 5


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """Settings of a printer that its bytes depend on.

    Attributes:
        columns: characters of normal width: 32 (58 mm), 42 or 48 (80 mm).
        feed_lines: distance from the print head to the knife. With fewer the last line stays inside.
    """

    columns: int = 42
    page: CodePage = PC850
    cut: Cut = Cut.FULL
    feed_lines: int = 5
    drawer: DrawerPin = DrawerPin.TWO
    beep: Beep = Beep.BUZZER


@dataclass(frozen=True, slots=True)
class Printer:
    """A configured printer."""

    profile: PrinterProfile
    transport: Transport

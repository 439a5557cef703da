"""What can go wrong with a printer: a code, a sentence and an error class for each."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from terminal.printing.wording import fault_sentence


class PrinterFault(StrEnum):
    """Stable code of what is wrong with a printer. It is stored with the job; `texts/*.toml` has its sentence."""

    UNREACHABLE = "UNREACHABLE"
    MUTE = "MUTE"
    HUNG_UP = "HUNG_UP"
    PAPER_OUT = "PAPER_OUT"
    COVER_OPEN = "COVER_OPEN"
    OFFLINE = "OFFLINE"
    BROKEN = "BROKEN"
    UNWRITABLE = "UNWRITABLE"
    INTERRUPTED = "INTERRUPTED"
    EXPIRED = "EXPIRED"
    UNREADABLE = "UNREADABLE"
    NO_PRINTER = "NO_PRINTER"

    def sentence(self, language: str, printer: str) -> str:
        """What happened, what is safe and what to do."""
        return fault_sentence(language, self, printer)


class PrinterError(Exception):
    """A job failed, or nobody knows whether it was printed.

    Attributes:
        fault: what happened.
        bytes_left: whether bytes left for the printer. If not, sending again is safe; if so, only a person can look.
    """

    usual: ClassVar[PrinterFault]

    def __init__(self, fault: PrinterFault | None = None, *, bytes_left: bool = False) -> None:
        self.fault = fault or self.usual
        self.bytes_left = bytes_left
        super().__init__(f"{self.fault}{', bytes left' if bytes_left else ''}")


class PrinterUnreachable(PrinterError):
    """No connection: the printer is off, unplugged, at another address, or busy with another computer."""

    usual = PrinterFault.UNREACHABLE


class PrinterMute(PrinterError):
    """The printer took the connection, but neither reads nor answers within the limit."""

    usual = PrinterFault.MUTE


class PrinterHungUp(PrinterError):
    """The printer closed the connection before it had everything."""

    usual = PrinterFault.HUNG_UP


class PrinterNotReady(PrinterError):
    """The printer says that it cannot print: no paper, cover open, paused or broken."""

    usual = PrinterFault.OFFLINE


class PrinterUnwritable(PrinterError):
    """The file or folder that stands for a printer cannot be written."""

    usual = PrinterFault.UNWRITABLE

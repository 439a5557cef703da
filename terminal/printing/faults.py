"""What can go wrong between bytes and paper: one type and one sentence each, and whether any of it may be on paper."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from terminal.printing.wording import fault_sentence


class Fault(StrEnum):
    """The stable code of a fault, stored with the job; `texts/*.toml` has its sentence."""

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


class PrinterFault(Exception):
    """A job was not known to be printed.

    Attributes:
        fault: what happened.
        bytes_left: whether any part may be on paper. If not, sending again is safe; if so, only a person can tell.
    """

    always: ClassVar[Fault]

    def __init__(self, fault: Fault | None = None, *, bytes_left: bool = False) -> None:
        self.fault = fault or self.always
        self.bytes_left = bytes_left
        super().__init__(f"{self.fault}{', bytes left' if bytes_left else ''}")


class PrinterUnreachable(PrinterFault):
    """Nobody takes the connection: off, unplugged, another address, or busy with another computer."""

    always = Fault.UNREACHABLE


class PrinterMute(PrinterFault):
    """It took the connection, but neither reads nor answers within the limit."""

    always = Fault.MUTE


class PrinterHungUp(PrinterFault):
    """It closed the connection before it had everything."""

    always = Fault.HUNG_UP


class PrinterNotReady(PrinterFault):
    """It says itself that it cannot print: no paper, cover open, paused or broken."""

    always = Fault.OFFLINE


class PrinterUnwritable(PrinterFault):
    """The file or folder that stands for a printer cannot be written."""

    always = Fault.UNWRITABLE

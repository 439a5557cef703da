"""What can go wrong with a printer: a code, a sentence and an error class for each."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from terminal.printing.wording import fault_sentence, words


class PrinterFault(StrEnum):
    """Stable code of what is wrong with a printer. It is stored with the job; `texts/*.toml` has its sentence."""

    UNREACHABLE = "UNREACHABLE"
    MUTE = "MUTE"
    HUNG_UP = "HUNG_UP"
    PAPER_OUT = "PAPER_OUT"
    COVER_OPEN = "COVER_OPEN"
    OFFLINE = "OFFLINE"
    CUTTER = "CUTTER"
    OVERHEATED = "OVERHEATED"
    BROKEN = "BROKEN"
    GARBLED = "GARBLED"
    BUSY = "BUSY"
    NOT_PLUGGED = "NOT_PLUGGED"
    NO_ACCESS = "NO_ACCESS"
    NO_DEVICE = "NO_DEVICE"
    BAD_ADDRESS = "BAD_ADDRESS"
    TWO_ALIKE = "TWO_ALIKE"
    NO_QUEUE = "NO_QUEUE"
    NO_SPOOLER = "NO_SPOOLER"
    SPOOLER = "SPOOLER"
    UNWRITABLE = "UNWRITABLE"
    INTERRUPTED = "INTERRUPTED"
    EXPIRED = "EXPIRED"
    UNREADABLE = "UNREADABLE"
    NO_PRINTER = "NO_PRINTER"
    NOT_CLAIMED = "NOT_CLAIMED"
    NO_DRAWER = "NO_DRAWER"

    def sentence(self, language: str, printer: str) -> str:
        """What happened, what is safe and what to do."""
        return fault_sentence(language, self, printer)


class PrinterNotice(StrEnum):
    """Stable code of what somebody should know of a printer that prints."""

    PAPER_LOW = "PAPER_LOW"
    DRAWER_SIGNAL = "DRAWER_SIGNAL"
    """The line of the drawer's switch is high. Which of open and closed that means differs from drawer to drawer."""

    def sentence(self, language: str, printer: str) -> str:
        """What it is and what to do."""
        return words(language)(f"printing.notice.{self}", printer=printer)


class PrinterError(Exception):
    """A job failed, or nobody knows whether it was printed.

    Attributes:
        fault: what happened.
        bytes_left: whether bytes left for the printer. If not, sending again is safe; if so, only a person can look.
        sent: how many bytes of the job were taken at most, where that is known.
    """

    usual: ClassVar[PrinterFault]

    def __init__(self, fault: PrinterFault | None = None, *, bytes_left: bool = False, sent: int | None = None) -> None:
        self.fault = fault or self.usual
        self.bytes_left = bytes_left
        self.sent = sent
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


class PrinterGarbled(PrinterError):
    """The printer says what no printer of its kind says, so nobody knows how it is."""

    usual = PrinterFault.GARBLED


class PrinterBusy(PrinterError):
    """Another program of this machine is talking with the printer. Nothing was sent."""

    usual = PrinterFault.BUSY


class PrinterSpoolerFailed(PrinterError):
    """The spooler (CUPS) did not take the job."""

    usual = PrinterFault.SPOOLER

"""What every transport is and says: `deliver`, `probe`, and what it can know of the paper. No sending here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from terminal.printing.faults import PrinterFault, PrinterNotice
from terminal.printing.signals import DrawerSignal
from terminal.printing.wording import words

AboutToSend = Callable[[], Awaitable[None]]
"""Called when the printer is reached and ready, right before the first byte of a job. What it raises ends the job, and
nothing was sent: the queue notes there that bytes leave from now on."""


async def nothing_to_note() -> None:
    """For those who note nothing before the first byte."""


class Knows(StrEnum):
    """What a transport can know of the bytes that it took."""

    NOTHING = "nothing"
    """That the system took them: a device file cannot be synced."""
    TAKEN = "taken"
    """That the printer, or its spooler, took them; not that they are on paper."""
    STATUS = "status"
    """What the printer says of itself, before and after a job."""
    KEPT = "kept"
    """That they are on the disk: a file."""


class Delivery(StrEnum):
    """Result of a delivery without a fault."""

    SENT = "sent"
    """All bytes were taken. Nobody knows more."""
    CONFIRMED = "confirmed"
    """All bytes were taken, and after them the printer said that it is ready. (A file: the bytes are on the disk.)"""


class Readiness(StrEnum):
    """Result of a question that prints nothing."""

    READY = "ready"
    FAULT = "fault"
    CANNOT_TELL = "cannot_tell"
    """It is there and says nothing: only a page that comes out can tell."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a printer says when it is asked without printing.

    Attributes:
        fault: what keeps it from printing.
        notices: what somebody should know although it prints.
    """

    readiness: Readiness
    fault: PrinterFault | None = None
    notices: tuple[PrinterNotice, ...] = ()

    def sentence(self, language: str, printer: str) -> str:
        """What holds and what to do. (The drawer's line says nothing sure: it is high at most printers without one.)"""
        if self.fault is not None:
            return self.fault.sentence(language, printer)
        said = [words(language)(f"printing.probe.{self.readiness.name}", printer=printer)]
        if PrinterNotice.PAPER_LOW in self.notices:
            said.append(PrinterNotice.PAPER_LOW.sentence(language, printer))
        return " ".join(said)


class StatusPolicy(StrEnum):
    """Whether a printer must answer status queries."""

    WHEN_ANSWERED = "when_answered"
    """Query. A printer that never answered prints unconfirmed; one that answered once must always answer."""
    REQUIRED = "required"
    """No answer is a fault: nothing is sent to a printer that does not answer."""
    NEVER = "never"
    """Do not query: for printers that print the query as text."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest waits for a printer, in seconds.

    Attributes:
        write_s: without a byte being taken. A slow printer that goes on taking bytes is not hurried.
        status_s: for all answers before a job.
        confirm_s: for all answers after a job, since the printer may read the job's bytes first.
        farewell_s: time for a printer without status to break the connection.
        turn_s: for another conversation with the same printer to end.
    """

    connect_s: float = 3.0
    write_s: float = 5.0
    status_s: float = 2.0
    confirm_s: float = 5.0
    farewell_s: float = 0.3
    turn_s: float = 30.0


USUAL_PATIENCE = Patience()


class Transport(Protocol):
    """Brings the bytes of a job to one printer, within a limited time."""

    @property
    def knows(self) -> Knows:
        """What a delivery can know."""
        ...

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Send all of `payload`. `job` is its name, where the transport needs one.

        Raises:
            PrinterError: `bytes_left` says whether any of it may be on paper.
        """
        ...

    async def open_drawer(
        self, signal: DrawerSignal, job: str, about_to_send: AboutToSend = nothing_to_note, *, limit_s: float
    ) -> Delivery:
        """Give a drawer's pulse, also to a printer without paper or with an open cover.

        Args:
            limit_s: it ends by then, and what the printer has not taken by then is taken back wherever it waits.

        Raises:
            PrinterError: `bytes_left` says whether the drawer may have opened, or may still open.
        """
        ...

    async def probe(self) -> Report:
        """Ask the printer how it is, without printing. Raises nothing."""
        ...

"""Printers of a branch, what they print, papers that are asked of another device, and what papers look like."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Instant, Key, Octets, Whole, Words
from shared.kernel.declared import RowRule, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register, state, total
from shared.kernel.states import Rank, Standing
from shared.printers.addresses import may_be_of_a_branch
from shared.printers.logo import logo_size
from shared.printers.rules import (
    COLUMNS,
    MOST_ADDRESS_CHARACTERS,
    MOST_AGE_SECONDS,
    MOST_ATTEMPTS,
    MOST_BYTES,
    MOST_COPIES,
    MOST_FEED_LINES,
    MOST_NAME_CHARACTERS,
    MOST_PAGE_NUMBER,
    MOST_PLACES,
    MOST_TEMPLATE_CHARACTERS,
    MOST_TOP_LINES,
    Beep,
    Cut,
    DrawerPin,
    Paper,
    QrMode,
    Separates,
    TransportKind,
    is_name,
)


def _from_to(name: str, least: int, most: int) -> RowRule:
    return RowRule(f"{name} is from {least} to {most}", (name,), lambda value: least <= value <= most)


class Printer(BranchRecord):
    """A printer of a branch. Its id follows from branch and name: a name is one printer for ever.

    `device_id` is the device that it hangs on; a network printer has none, and each device prints its own jobs.
    `page` and `page_number`: the code page and the printer's own number of it. `drawer_device_id`: the device whose
    sales open its drawer; None: each that prints there. `substitute_after`: failed attempts in a row after which its
    substitute prints by itself; 0: when a person says so. `most_age_seconds`: how long a job may wait and still print
    unasked; 0: as its kind says. `profile`: words for what the model does otherwise than most (`Habit`).
    """

    __tablename__ = "printers"
    __writes__ = Permission.MANAGE_PRINTERS
    __told__ = ("name", "address")
    __rules__ = (
        RowRule("its name is a word", ("name",), is_name),
        RowRule("its address leads to a printer, not to a file", ("address",), may_be_of_a_branch),
        RowRule("paper has 32, 42 or 48 columns", ("columns",), lambda columns: columns in COLUMNS),
        RowRule("the drawer has pin 2 or 5", ("drawer_pin",), lambda pin: pin in tuple(DrawerPin)),
        _from_to("page_number", 0, MOST_PAGE_NUMBER),
        _from_to("feed_lines", 0, MOST_FEED_LINES),
        _from_to("top_lines", 0, MOST_TOP_LINES),
        _from_to("most_age_seconds", 0, MOST_AGE_SECONDS),
        _from_to("substitute_after", 0, MOST_ATTEMPTS),
        RowRule("its substitute is a word", ("substitute",), lambda name: name == "" or is_name(name)),
    )
    __table_args__ = (Index("ix_printers_branch_id", "branch_id", "organization_id"),)
    name: Mapped[str] = ledger(Words(MOST_NAME_CHARACTERS))
    transport: Mapped[TransportKind] = register(Choice(TransportKind, fallback=TransportKind.OTHER))
    address: Mapped[str] = register(Words(MOST_ADDRESS_CHARACTERS))
    device_id: Mapped[UUID | None] = register(Key(), nullable=True)
    columns: Mapped[int] = register(Whole(), default=42)
    page: Mapped[str] = register(Words(16), default="PC850")
    page_number: Mapped[int] = register(Whole(), default=2)
    cut: Mapped[Cut] = register(Choice(Cut, fallback=Cut.FULL), default=Cut.FULL)
    feed_lines: Mapped[int] = register(Whole(), default=5)
    top_lines: Mapped[int] = register(Whole(), default=0)
    separates: Mapped[Separates] = register(Choice(Separates, fallback=Separates.SLIP), default=Separates.SLIP)
    drawer_pin: Mapped[int] = register(Whole(), default=2)
    drawer_device_id: Mapped[UUID | None] = register(Key(), nullable=True)
    beep: Mapped[Beep] = register(Choice(Beep, fallback=Beep.BUZZER), default=Beep.BUZZER)
    qr: Mapped[QrMode] = register(Choice(QrMode, fallback=QrMode.RASTER), default=QrMode.RASTER)
    profile: Mapped[str] = register(Words(32), default="")
    substitute: Mapped[str] = register(Words(MOST_NAME_CHARACTERS), default="")
    substitute_after: Mapped[int] = register(Whole(), default=0)
    most_age_seconds: Mapped[int] = register(Whole(), default=0)
    is_active: Mapped[bool] = register(Flag(), default=True)


class PrintRule(BranchRecord):
    """Which printer prints a document. Its id follows from document, station, device and place.

    Without a station it holds for all that have no rule of their own, without a device for all devices. `place` counts
    the printers that print the same document, from 0.
    """

    __tablename__ = "print_rules"
    __writes__ = Permission.MANAGE_PRINTERS
    __told__ = ("document", "printer")
    __rules__ = (
        RowRule("it names a printer", ("printer",), is_name),
        _from_to("place", 0, MOST_PLACES - 1),
    )
    __table_args__ = (
        belongs_to("station_id", "stations"),
        Index("ix_print_rules_branch_id", "branch_id", "organization_id"),
    )
    document: Mapped[Paper] = ledger(Choice(Paper, fallback=Paper.OTHER))
    station_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    device_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    place: Mapped[int] = ledger(Whole(), default=0)
    printer: Mapped[str] = register(Words(MOST_NAME_CHARACTERS))
    active: Mapped[bool] = register(Flag(), default=True)


class RequestState(Rank):
    """What became of a paper that another device was asked for. Each asking begins a round of its own."""

    ASKED = 10
    CLAIMED = 20
    """It is in the queue of the device that was asked."""
    FAILED = 30
    """Nothing was printed; it is tried again."""
    UNKNOWN = 40
    """A person must look whether it came out, or say whether it is still needed."""
    SENT = 50
    CONFIRMED = 60
    CANCELLED = 70
    """A person there did not need it any more."""


class PrintRequest(BranchRecord):
    """A paper that a device asks of the device on which its printer hangs. Its id is that of the print job.

    The device that is asked says by `state` what became of it, with its fault. Who asks again begins the next round at
    `wanted_at`, perhaps for another printer than it was made for; `withdrawn` counts the rounds that nobody wants any
    more. `copies` is the number that the paper says, 0 for an original. No payload names a guest.
    """

    __tablename__ = "print_requests"
    __writes__ = Permission.MANAGE_PRINTERS
    __system__ = True
    __whole__ = True
    __told__ = ("printer", "kind")
    __rules__ = (
        RowRule("it names a printer", ("printer",), is_name),
        *not_negative("revision"),
        _from_to("copies", 0, MOST_COPIES),
    )
    __table_args__ = (Index("ix_print_requests_state", "branch_id", "organization_id", "state"),)
    made_for: Mapped[str] = ledger(Words(MOST_NAME_CHARACTERS))
    kind: Mapped[str] = ledger(Words(16))
    reference: Mapped[UUID] = ledger(Key())
    revision: Mapped[int] = ledger(Whole())
    payload: Mapped[bytes] = ledger(Octets(MOST_BYTES))
    asked_at: Mapped[datetime] = ledger(Instant())
    printer: Mapped[str] = register(Words(MOST_NAME_CHARACTERS))
    device_id: Mapped[UUID] = register(Key())
    asked_by: Mapped[UUID] = register(Key())
    wanted_at: Mapped[datetime] = register(Instant())
    copies: Mapped[int] = total()
    state: Mapped[Standing[RequestState]] = state(RequestState)
    fault: Mapped[str] = register(Words(32), default="")
    withdrawn: Mapped[int] = total()


class PrintTemplate(BranchRecord):
    """The text of one block of a document, with placeholders. Its id follows from document and block.

    An empty text prints the block as the program does.
    """

    __tablename__ = "print_templates"
    __writes__ = Permission.MANAGE_PRINTERS
    __told__ = ("document", "block")
    __table_args__ = (Index("ix_print_templates_branch_id", "branch_id", "organization_id"),)
    document: Mapped[str] = ledger(Words(24))
    block: Mapped[str] = ledger(Words(24))
    text: Mapped[str] = register(Words(MOST_TEMPLATE_CHARACTERS), default="")


class PrintLogo(BranchRecord):
    """The logo at the head of papers: a PNG of one bit a dot. One of a branch; without an image there is none."""

    __tablename__ = "print_logos"
    __writes__ = Permission.MANAGE_PRINTERS
    __rules__ = (
        RowRule(
            "it is a PNG of one bit a dot, as wide as paper",
            ("image",),
            lambda image: image is None or logo_size(image) is not None,
        ),
    )
    image: Mapped[bytes | None] = register(Octets(MOST_BYTES), nullable=True)

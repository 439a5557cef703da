"""The status query DLE EOT n and its answers. A printer answers it at once, even while it prints. Pure."""

from __future__ import annotations

from terminal.printing.faults import PrinterFault

ONLINE = 1
COVER_AND_ERRORS = 2
PAPER = 4

_FIXED_BITS = 0b1001_0011
_FIXED_VALUE = 0b0001_0010

# Most useful fault first: the one that a person can cure at once.
_FAULTS: dict[int, tuple[tuple[int, PrinterFault], ...]] = {
    ONLINE: ((0b0000_1000, PrinterFault.OFFLINE),),
    COVER_AND_ERRORS: (
        (0b0000_0100, PrinterFault.COVER_OPEN),
        (0b0010_0000, PrinterFault.PAPER_OUT),
        (0b0100_0000, PrinterFault.BROKEN),
    ),
    PAPER: ((0b0110_0000, PrinterFault.PAPER_OUT),),
}


def query(number: int) -> bytes:
    """The bytes of a status query."""
    return bytes([0x10, 0x04, number])


def is_answer(byte: int) -> bool:
    """Whether a byte from the printer can be an answer: four bits of every answer are the same."""
    return byte & _FIXED_BITS == _FIXED_VALUE


def fault_of(number: int, answer: int) -> PrinterFault | None:
    """The first fault in the answer to a query, or None if the printer is ready."""
    return next((fault for mask, fault in _FAULTS[number] if answer & mask), None)

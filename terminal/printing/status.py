"""What a printer answers to DLE EOT n, the question that it answers at once even while it prints. Pure."""

from __future__ import annotations

from terminal.printing.faults import Fault

ONLINE = 1
COVER_AND_ERRORS = 2
PAPER = 4

_FIXED_BITS = 0b1001_0011
_FIXED_VALUE = 0b0001_0010

# In the order in which they are told: what a person can cure at once comes first.
_TROUBLES: dict[int, tuple[tuple[int, Fault], ...]] = {
    ONLINE: ((0b0000_1000, Fault.OFFLINE),),
    COVER_AND_ERRORS: (
        (0b0000_0100, Fault.COVER_OPEN),
        (0b0010_0000, Fault.PAPER_OUT),
        (0b0100_0000, Fault.BROKEN),
    ),
    PAPER: ((0b0110_0000, Fault.PAPER_OUT),),
}


def question(number: int) -> bytes:
    """The bytes that ask."""
    return bytes([0x10, 0x04, number])


def is_answer(byte: int) -> bool:
    """Whether a byte from the printer can be an answer at all: four of its bits are always the same."""
    return byte & _FIXED_BITS == _FIXED_VALUE


def trouble(number: int, answer: int) -> Fault | None:
    """The first thing that keeps the printer from printing, by its answer to a question; None if it is ready."""
    return next((fault for mask, fault in _TROUBLES[number] if answer & mask), None)

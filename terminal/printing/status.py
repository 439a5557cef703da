"""What printers say of themselves: DLE EOT n and GS r 1 with their answers, and what is pushed unasked. Pure.

Every kind of byte has fixed bits, so that one is never read as another: an answer to DLE EOT is 0xx1xx10, the first
byte of a pushed status (ASB, four bytes) 0xx1xx00 and the other three 0xx0xxxx, an answer to GS r 1 0, 3, 12 or 15.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from terminal.printing.faults import PrinterFault, PrinterNotice

ONLINE = 1
COVER_AND_PAPER = 2
ERRORS = 3
PAPER = 4
ASK_PAPER = b"\x1dr\x01"
"""GS r 1, for printers that do not know DLE EOT. It is answered after what was sent before it."""

_FIXED_BITS = 0b1001_0011
_ANSWER, _PUSHED = 0b0001_0010, 0b0001_0000
_PUSHED_BYTES = 4
_REST_BITS = 0b1001_0000
_PAPER_ANSWERS = frozenset((0x00, 0x03, 0x0C, 0x0F))
_FLOW_CONTROL = frozenset((0x11, 0x13))
"""XON and XOFF, which a serial printer may send at any time."""

# Most useful fault first: the one that a person can cure at once.
_FAULTS: dict[int, tuple[tuple[int, PrinterFault], ...]] = {
    ONLINE: ((0b0000_1000, PrinterFault.OFFLINE),),
    COVER_AND_PAPER: (
        (0b0000_0100, PrinterFault.COVER_OPEN),
        (0b0010_0000, PrinterFault.PAPER_OUT),
        (0b0100_0000, PrinterFault.BROKEN),
    ),
    ERRORS: (
        (0b0000_1000, PrinterFault.CUTTER),
        (0b0010_0000, PrinterFault.BROKEN),
        (0b0100_0000, PrinterFault.OVERHEATED),
    ),
    PAPER: ((0b0110_0000, PrinterFault.PAPER_OUT),),
}
_NOTICES: dict[int, tuple[tuple[int, PrinterNotice], ...]] = {
    ONLINE: ((0b0000_0100, PrinterNotice.DRAWER_SIGNAL),),
    PAPER: ((0b0000_1100, PrinterNotice.PAPER_LOW),),
}
_PUSHED_FAULTS = (
    (0, 0b0010_0000, PrinterFault.COVER_OPEN),
    (2, 0b0000_1100, PrinterFault.PAPER_OUT),
    (1, 0b0000_1000, PrinterFault.CUTTER),
    (1, 0b0010_0000, PrinterFault.BROKEN),
    (1, 0b0100_0000, PrinterFault.OVERHEATED),
    (0, 0b0000_1000, PrinterFault.OFFLINE),
)
_MOST_USEFUL = (
    PrinterFault.COVER_OPEN,
    PrinterFault.PAPER_OUT,
    PrinterFault.CUTTER,
    PrinterFault.BROKEN,
    PrinterFault.OVERHEATED,
    PrinterFault.OFFLINE,
)


def query(number: int) -> bytes:
    """The bytes of DLE EOT n. A printer answers at once, even while it prints."""
    return bytes([0x10, 0x04, number])


def is_answer(byte: int) -> bool:
    """Whether a byte can be an answer to DLE EOT: four bits of every answer are the same."""
    return byte & _FIXED_BITS == _ANSWER


def is_paper_answer(byte: int) -> bool:
    """Whether a byte can be an answer to GS r 1."""
    return byte in _PAPER_ANSWERS


def fault_of(number: int, answer: int) -> PrinterFault | None:
    """The first fault in the answer to DLE EOT n, or None if it tells none."""
    return next((fault for mask, fault in _FAULTS[number] if answer & mask), None)


def notices_of(number: int, answer: int) -> tuple[PrinterNotice, ...]:
    """What the answer to DLE EOT n says besides faults."""
    return tuple(notice for mask, notice in _NOTICES.get(number, ()) if answer & mask)


def paper_answer(answer: int) -> tuple[PrinterFault | None, tuple[PrinterNotice, ...]]:
    """What the answer to GS r 1 says."""
    return PrinterFault.PAPER_OUT if answer & 0x0C else None, (PrinterNotice.PAPER_LOW,) if answer & 0x03 else ()


def pushed_fault(block: bytes) -> PrinterFault | None:
    """The first fault in a status that the printer pushed."""
    return next((fault for at, mask, fault in _PUSHED_FAULTS if block[at] & mask), None)


def most_useful(faults: Sequence[PrinterFault]) -> PrinterFault | None:
    """Of several faults the one that a person can cure at once."""
    return min(faults, key=_MOST_USEFUL.index, default=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One byte that may answer a question."""

    byte: int


@dataclass(frozen=True, slots=True)
class Pushed:
    """The four bytes of a status that nobody asked for."""

    block: bytes


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte that no printer says."""

    byte: int


Said = Answer | Pushed | Noise


class Listener:
    """Parts what a printer says into answers, pushed status and noise. Bytes come in pieces of any size."""

    def __init__(self) -> None:
        self._begun = bytearray()

    @property
    def amid_pushed(self) -> bool:
        """Whether a pushed status has begun and not ended."""
        return bool(self._begun)

    def hear(self, raw: bytes) -> list[Said]:
        """What these bytes say."""
        said: list[Said] = []
        for byte in raw:
            if self._begun and byte & _REST_BITS:
                said += map(Noise, self._begun)  # it was no status, or its end was lost
                self._begun.clear()
            if self._begun:
                self._begun.append(byte)
                if len(self._begun) == _PUSHED_BYTES:
                    said.append(Pushed(bytes(self._begun)))
                    self._begun.clear()
            elif byte & _FIXED_BITS == _PUSHED:
                self._begun.append(byte)
            elif is_answer(byte) or is_paper_answer(byte):
                said.append(Answer(byte))
            elif byte not in _FLOW_CONTROL:
                said.append(Noise(byte))
        return said

"""Reads what a file printer wrote: the text of each printed paper, and the commands to the printer.

It knows only the commands that `terminal/printing/escpos.py` writes. Anything else is a defect that must show.
"""

from __future__ import annotations

from dataclasses import dataclass

from terminal.demo.trouble import DemoTrouble
from terminal.printing.code_pages import PC850

_RESET = b"\x1b@"
_PARAMETERS = {
    b"\x1b@": 0,
    b"\x1c.": 0,
    b"\x1bt": 1,
    b"\x1bp": 3,
    b"\x1bB": 2,
    b"\x1bE": 1,
    b"\x1bd": 1,
    b"\x1d!": 1,
    b"\x1dB": 1,
    b"\x1dV": 1,
}
_DRAWER, _BUZZER, _CUT, _PAGE = b"\x1bp", b"\x1bB", b"\x1dV", b"\x1bt"


class UnknownCommand(DemoTrouble):
    """Bytes that are neither text nor one of our commands: PAPER_UNREADABLE (params: found)."""

    def __init__(self, found: bytes) -> None:
        super().__init__("PAPER_UNREADABLE", found=found.hex(" "))


@dataclass(frozen=True, slots=True)
class Paper:
    """One printed paper.

    Attributes:
        text: its lines, decoded.
        page: number of the chosen code page.
        drawer_opened: whether the drawer got its pulse.
        buzzed: whether the buzzer sounded.
        cuts: number of cuts.
        cut_last: whether nothing follows the cut.
    """

    text: str
    page: int
    drawer_opened: bool
    buzzed: bool
    cuts: int
    cut_last: bool


def ends_with_a_cut(raw: bytes) -> bool:
    """Whether the last paper in a printer's file is complete. The printer may still be writing it."""
    return raw[-3:-1] == _CUT


def read_papers(raw: bytes) -> list[Paper]:
    """Read the papers in a printer's file, in order.

    Raises:
        UnknownCommand: at the first byte that is not ours.
    """
    if raw and not raw.startswith(_RESET):
        raise UnknownCommand(raw[:8])
    return [_read(_RESET + part) for part in raw.split(_RESET)[1:]]


def _read(raw: bytes) -> Paper:
    letters = bytearray()
    commands: list[tuple[bytes, bytes]] = []
    at = last_command = 0
    while at < len(raw):
        name = raw[at : at + 2]
        if name in _PARAMETERS:
            last_command = at
            end = at + 2 + _PARAMETERS[name]
            commands.append((name, raw[at + 2 : end]))
            at = end
        elif raw[at] < 0x20 and raw[at : at + 1] != b"\n":
            raise UnknownCommand(raw[at : at + 4])
        else:
            letters.append(raw[at])
            at += 1
    names = [name for name, _parameters in commands]
    return Paper(
        text=letters.decode(PC850.codec),
        page=next((parameters[0] for name, parameters in commands if name == _PAGE), -1),
        drawer_opened=_DRAWER in names,
        buzzed=_BUZZER in names,
        cuts=names.count(_CUT),
        cut_last=raw[last_command : last_command + 2] == _CUT and last_command + 3 == len(raw),
    )

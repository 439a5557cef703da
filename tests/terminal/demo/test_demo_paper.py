"""Reading a printer's file back."""

from __future__ import annotations

import pytest

from terminal.demo.paper import UnknownCommand, ends_with_a_cut, read_papers
from terminal.printing.code_pages import PC850
from terminal.printing.escpos import to_bytes
from terminal.printing.lines import Line, Style
from terminal.printing.printers import Beep, DrawerPin, PrinterProfile


def test_what_was_written_is_read_paper_by_paper() -> None:
    profile = PrinterProfile()
    receipt = to_bytes([Line("Ají y piñón"), Line("TOTAL", Style.TALL)], profile, pulse=DrawerPin.TWO)
    ticket = to_bytes([Line("2 x Lomo", Style.BIG)], profile, beep=Beep.BUZZER)

    first, second = read_papers(receipt + ticket)

    assert first.text.split("\n")[:2] == ["Ají y piñón", "TOTAL"]
    assert (first.page, first.drawer_opened, first.buzzed, first.cuts, first.cut_last) == (2, True, False, 1, True)
    assert (second.page, second.drawer_opened, second.buzzed) == (PC850.number, False, True)


def test_a_paper_that_is_not_cut_at_its_end_shows() -> None:
    whole = to_bytes([Line("x")], PrinterProfile())
    (uncut,) = read_papers(whole[:-3])
    (more_after,) = read_papers(whole + b"y\n")

    assert (uncut.cuts, uncut.cut_last) == (0, False)
    assert (more_after.cuts, more_after.cut_last) == (1, False)


def test_a_file_that_is_being_written_is_not_taken_for_whole() -> None:
    papers = to_bytes([Line("2 x Lomo")], PrinterProfile()) * 2
    whole = [length for length in range(len(papers) + 1) if ends_with_a_cut(papers[:length])]

    assert whole == [len(papers) // 2, len(papers)]
    assert [len(read_papers(papers[:length])) for length in whole] == [1, 2]


@pytest.mark.parametrize("raw", [b"x", b"\x1b@\x1bZ", b"\x1b@abc\x07"])
def test_bytes_that_nobody_here_writes_are_refused(raw: bytes) -> None:
    with pytest.raises(UnknownCommand):
        read_papers(raw)

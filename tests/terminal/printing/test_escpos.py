"""What comes out of the printer, read back from the bytes by a reader that shares nothing with the writer."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terminal.printing.code_pages import CODE_PAGES
from terminal.printing.documents import KitchenDocument, KitchenLine, ReceiptDocument, ReceiptPayment
from terminal.printing.escpos import drawer_signal, render, to_bytes
from terminal.printing.layout import lay_out
from terminal.printing.lines import Line
from terminal.printing.printers import Beep, Cut, DrawerPin, PrinterProfile
from terminal.printing.profile import Habit

PREAMBLE = b"\x1b@\x1c.\x1bt\x02"
Read = Callable[[bytes], Any]

HOSTILE = [
    "sin cebolla\x1bp\x00\x19\xfa fin",
    "corte\x1dV\x00 fin",
    "reinicio\x1b@ fin",
    "pagina\x1bt\x10 fin",
    "estado\x10\x04\x01 fin",
    "\u202eodnum le sodot fin",
    "uno\n\n\n\ndos\rtres\x0bcuatro\u2028cinco fin",
    "\x9b31m\x85\x84 fin",
    "\u2066\ufeff\u200bfin",
    "[/red]{printer}%s fin",
]


@pytest.mark.parametrize("page", list(CODE_PAGES.values()), ids=lambda page: page.name)
def test_a_receipt_reads_as_it_was_laid_out(receipt: ReceiptDocument, read_paper: Read, page: Any) -> None:
    paper = read_paper(render(receipt, PrinterProfile(page=page)))
    assert paper.pages == [page.number]
    assert [line.text for line in paper.lines] == [line.text for line in lay_out(receipt, 42, page)]
    assert "?" not in paper.text


def test_the_printer_is_put_into_a_known_state_once_and_the_paper_is_cut_once(
    receipt: ReceiptDocument, ticket: KitchenDocument, read_paper: Read
) -> None:
    for document in (receipt, ticket):
        raw = render(document, PrinterProfile())
        paper = read_paper(raw)
        assert raw.startswith(PREAMBLE)
        assert paper.count("reset") == 1
        assert paper.events[-3:] == ["text", "feed", "cut"]
        assert paper.count("cut") == 1


def test_styles_arrive_and_end_with_their_line(ticket: KitchenDocument, read_paper: Read) -> None:
    paper = read_paper(render(ticket, PrinterProfile()))
    number, table, dish, void = (paper.line(part) for part in ("A-17", "Mesa 7", "2 x Rocoto", "ANULADO"))
    assert (number.wide, number.tall, number.cells <= 42) == (4, 4, True)
    assert (table.wide, table.tall) == (2, 2)
    assert (dish.wide, dish.tall, dish.bold) == (1, 2, True)
    assert (void.reversed, len(void.text)) == (True, 42)
    assert not paper.line("Rosa Quispe").bold
    assert not paper.line("1 x Adobo").reversed


def test_no_paper_opens_the_drawer_and_a_pulse_prints_nothing(receipt: ReceiptDocument, read_paper: Read) -> None:
    assert read_paper(render(receipt, PrinterProfile())).count("drawer") == 0
    assert read_paper(drawer_signal(PrinterProfile()).in_order).events == ["drawer"]


def test_a_drawer_has_a_signal_that_no_printer_keeps_for_later() -> None:
    assert drawer_signal(PrinterProfile()).unasked == b"\x10\x14\x01\x00\x01"
    second = drawer_signal(PrinterProfile(drawer=DrawerPin.FIVE))
    assert second.unasked[3:4] == second.in_order[2:3] == b"\x01"
    old = drawer_signal(PrinterProfile(habits=frozenset((Habit.NO_REAL_TIME,))))
    assert (old.at_once, old.unasked) == (None, old.in_order)


def test_the_beep_sounds_only_for_kitchen_tickets_and_can_be_switched_off(
    receipt: ReceiptDocument, ticket: KitchenDocument, read_paper: Read
) -> None:
    assert read_paper(render(ticket, PrinterProfile())).count("beep") == 1
    assert read_paper(render(receipt, PrinterProfile())).count("beep") == 0
    assert read_paper(render(ticket, PrinterProfile(beep=Beep.NONE))).count("beep") == 0


def test_a_partial_cut_is_a_partial_cut(receipt: ReceiptDocument) -> None:
    assert render(receipt, PrinterProfile(cut=Cut.PART)).endswith(b"\x1dV\x01")


@pytest.mark.parametrize("note", HOSTILE)
def test_hostile_text_reaches_the_paper_as_plain_text(
    receipt: ReceiptDocument, ticket: KitchenDocument, read_paper: Read, note: str
) -> None:
    profile = PrinterProfile()
    on_receipt = dataclasses.replace(
        receipt,
        number=note,
        table=note,
        server=note,
        farewell=note,
        letterhead=dataclasses.replace(receipt.letterhead, name=note, address=note),
        lines=(dataclasses.replace(receipt.lines[0], name=note, note=note),),
        payments=(ReceiptPayment("card", 1, title=note, reference=note),),
    )
    on_ticket = dataclasses.replace(
        ticket,
        station=note,
        order_number=note,
        service=note,
        lines=(KitchenLine(note, 1_000, (note,), note),),
        note=note,
    )
    for document in (on_receipt, on_ticket):
        paper = read_paper(render(document, profile))
        assert "fin" in paper.text
        assert (paper.count("reset"), paper.count("cut"), paper.count("drawer"), len(paper.pages)) == (1, 1, 0, 1)
        assert max(line.cells for line in paper.lines) <= profile.columns


def test_bytes_are_made_of_spelled_lines_only() -> None:
    with pytest.raises(ValueError, match="not spelled"):
        to_bytes([Line("sin\x1bp\x00")], PrinterProfile())
    with pytest.raises(ValueError, match="cells"):
        to_bytes([Line("x" * 43)], PrinterProfile())


def test_the_printing_library_leaves_no_log_handler_on_the_screen_and_no_temporary_folder(tmp_path: Path) -> None:
    program = (
        "import logging\n"
        "from terminal.printing.escpos import to_bytes\n"
        "from terminal.printing.printers import PrinterProfile\n"
        "to_bytes([], PrinterProfile())\n"
        "print(logging.getLogger().handlers)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env={"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []

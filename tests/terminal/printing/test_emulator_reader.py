"""The reader of a printer's bytes: it follows the published command set, and nothing is skipped silently."""

from __future__ import annotations

from typing import Any

import pytest
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st

from terminal.printing.emulator import commands
from terminal.printing.emulator.elements import (
    Align,
    Barcode,
    Beep,
    Cut,
    Feed,
    Picture,
    PrintedLine,
    Pulse,
    QrCode,
    Unknown,
    joined,
    papers_of,
)
from terminal.printing.emulator.reader import Reader, read_paper, read_papers

_COMMAND_STARTS = [
    b"\x10",
    b"\x1b",
    b"\x1c",
    b"\x1d",
    b"\x1dv0",
    b"\x1d(k",
    b"\x1dk",
    b"\x1b&\x03",
    b"\x10\x14",
    b"\x1b*",
]
hostile = st.lists(st.sampled_from(_COMMAND_STARTS) | st.binary(max_size=12), max_size=30).map(b"".join)


def _one(raw: bytes, kind: type) -> Any:
    return next(element for element in read_paper(raw).elements if isinstance(element, kind))


@given(hostile)
def test_every_byte_is_some_token(raw: bytes) -> None:
    at, tokens = 0, []
    while at < len(raw) and (taken := commands.cut(raw, at)):
        token, at = taken
        tokens.append(token.raw)
    assert b"".join(tokens) + raw[at:] == raw


@given(hostile, st.integers(1, 9), st.sampled_from([None, 32]))
def test_pieces_of_any_size_make_the_same_paper(raw: bytes, size: int, columns: int | None) -> None:
    reader = Reader(columns)
    told = [element for at in range(0, len(raw), size) for element in reader.feed(raw[at : at + size])]
    assert joined(papers_of([*told, *reader.finish()])) == read_paper(raw, columns)


@given(hostile)
def test_no_byte_breaks_the_papers_that_follow(raw: bytes) -> None:
    reader = Reader()
    reader.feed(raw)
    reader.finish()
    assert read_paper(b"\x1b@hola\n").text == "hola"
    assert PrintedLine(_one(b"hola\n", PrintedLine).spans) in reader.feed(b"\x1b@hola\n")


def test_letters_are_those_of_the_chosen_page() -> None:
    paper = read_paper(
        b"\x1b@\x1bt\x02" + "Ñandú".encode("cp850") + b"\n\x1bt\x10" + "señal €".encode("cp1252") + b"\n"
    )
    assert paper.text == "Ñandú\nseñal €"
    assert paper.pages == [2, 16]
    assert read_paper(b"\x1bt\xfa\xe9\n").text == "�"


def test_clones_may_count_their_pages_differently() -> None:
    assert read_paper(b"\x1bt\x03\xa4\n", pages={3: "cp850"}).text == "ñ"


def test_looks_last_until_they_change_and_a_reset_ends_them_all() -> None:
    paper = read_paper(b"\x1bE\x01\x1d!\x11AB\n\x1dB\x01c\n\x1b@d\n\x1b!\x38e\n")
    first, second, third, fourth = paper.lines
    assert (first.bold, first.wide, first.tall, first.cells, first.reversed) == (True, 2, 2, 4, False)
    assert second.reversed
    assert (third.bold, third.wide, third.reversed) == (False, 1, False)
    assert (fourth.bold, fourth.wide, fourth.tall) == (True, 2, 2)


def test_a_line_that_is_too_wide_goes_on_in_the_next_one() -> None:
    paper = read_paper(b"\x1d!\x10" + b"x" * 17 + b"\n\x1d!\x00" + b"y" * 32 + b"\nz\n", columns=32)
    assert [(line.text, line.wrapped) for line in paper.lines] == [
        ("x" * 16, False),
        ("x", True),
        ("y" * 32, False),
        ("z", False),
    ]


def test_where_a_line_stands() -> None:
    assert [line.align for line in read_paper(b"\x1ba\x01a\n\x1ba2b\n").lines] == [Align.CENTER, Align.RIGHT]


def test_a_blank_line_is_a_line() -> None:
    assert read_paper(b"a\n\nb\n").text == "a\n\nb"


def test_each_cut_ends_a_paper() -> None:
    papers = read_papers(b"a\n\x1dV\x00b\n\x1dV\x42\x30c\n")
    assert [(paper.text, paper.is_cut) for paper in papers] == [("a", True), ("b", True), ("c", False)]
    assert papers[1].elements[-1] == Cut(partial=True, feed_dots=0x30)


def test_signals_are_told() -> None:
    paper = read_paper(b"\x1bp\x00\x19\xfa\x1bp\x01\x19\xfa\x10\x14\x01\x00\x02\x1bB\x02\x03\x1bd\x05")
    assert paper.pulses == [Pulse(2, 50, 500), Pulse(5, 50, 500), Pulse(2, 200, real_time=True)]
    assert paper.elements[3:] == [Beep(2, 3), Feed(lines=5)]


def test_pictures_and_codes_of_the_library_are_read_back() -> None:
    from PIL import Image

    library = Dummy()
    image = Image.new("1", (16, 3), 1)
    image.putpixel((0, 0), 0)
    image.putpixel((15, 2), 0)
    library.image(image, impl="bitImageRaster")
    library.image(image, impl="graphics")
    library.image(image, impl="bitImageColumn")
    library.qr("https://example.org/m/7", native=True, size=6)
    raster, graphics, columns = read_paper(library.output).pictures
    assert (raster.width, raster.height, raster.rows) == (16, 3, b"\x80\x00\x00\x00\x00\x01")
    assert (graphics.width, graphics.rows) == (16, raster.rows)
    assert (columns.width, columns.height, columns.rows[:6]) == (16, 24, raster.rows)
    assert _one(library.output, QrCode) == QrCode("https://example.org/m/7", 6, "L")
    assert not read_paper(library.output).unknown


def test_drawn_letters_are_known_as_drawn() -> None:
    letter = bytes([1, 0xFF, 0x80])
    line = _one(b"\x1b&\x01AA" + bytes([2, 0xFF, 0x80]) + b"\x1b%\x01xAx\n", PrintedLine)
    assert line.text == "xAx"
    ((at, drawn),) = line.spans[0].drawn
    assert (at, drawn.columns, drawn.tall) == (1, letter[1:], letter[0])


def test_barcodes_of_both_forms() -> None:
    assert _one(b"\x1dk\x04ABC\x00", Barcode).text == "ABC"
    assert _one(b"\x1dk\x49\x03{B1", Barcode).text == "{B1"


@pytest.mark.parametrize("raw", [b"\x1b\x7f", b"\x1d~", b"\x07", b"\x10\x14\x09", b"\x1d(k\x03\x0099"])
def test_what_no_command_set_knows_is_told(raw: bytes) -> None:
    assert read_paper(b"a\n" + raw).unknown


def test_half_a_command_at_the_end_is_told() -> None:
    raw = b"\x1dv0\x00\x04\x00\x04\x00half"
    reader = Reader()
    assert reader.feed(raw) == []
    assert reader.finish() == [Unknown(raw)]


def test_a_picture_larger_than_any_printer_is_no_picture() -> None:
    paper = read_paper(b"\x1dv0\x00\xff\xff\xff\xff\nhola\n")
    assert not [element for element in paper.elements if isinstance(element, Picture)]
    assert "hola" in paper.text


def test_text_that_a_reset_deletes_is_told() -> None:
    assert read_paper(b"lost\x1b@").unknown == [b"lost"]

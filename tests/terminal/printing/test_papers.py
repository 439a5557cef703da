"""Every paper, on every width, in both languages: as it was looked at, and safe from any text."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.printers.queries import PaperLook
from terminal.printing.documents import (
    Document,
    KitchenDocument,
    KitchenLine,
    QrDocument,
    ReceiptDocument,
    ReceiptPayment,
)
from terminal.printing.emulator.elements import UNPRINTABLE, Paper, Picture, PrintedLine
from terminal.printing.emulator.reader import read_paper
from terminal.printing.escpos import render
from terminal.printing.layout import Run, lay_out_for
from terminal.printing.letters import NO_LETTERS, FontLetters, NoLetters, Style, machine_letters
from terminal.printing.pictures import Picture as Dots
from terminal.printing.pictures import paper_dots
from terminal.printing.printers import PrinterProfile, QrMode
from tests.terminal.printing.paper_text import LANGUAGES, PAPERS, WIDTHS, baseline
from tests.terminal.printing.sample_papers import AT, HEAD, PAYMENT_QR, samples

NARROW = PrinterProfile(columns=32)
RUN = Run(mark="a1b2c3")


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_papers_look_as_they_were_looked_at(language: str, columns: int) -> None:
    """`python -m tests.terminal.printing.paper_text` draws them anew."""
    assert baseline(language, columns) == (PAPERS / f"{language}-{columns}.txt").read_text()


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_broken_by_the_printer_and_each_paper_is_cut_once(language: str, columns: int) -> None:
    for name, (document, run) in samples(language).items():
        paper = read(render(document, PrinterProfile(columns=columns), run, NO_LETTERS), columns)
        assert not [line.text for line in paper.lines if line.wrapped], name
        assert (paper.count("reset"), paper.count("cut"), len(paper.pages), paper.events[-2:]) == (
            1, 1, 1, ["feed", "cut"],
        ), name  # fmt: skip
        assert max(picture.width for picture in paper.pictures) <= paper_dots(columns) if paper.pictures else True
        amounts = [line.text for line in paper.lines if line.text.strip().startswith("S/") and line.tall == 1]
        assert not amounts, f"{name}: an amount stands alone on its line"


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("text", [PAYMENT_QR, "https://menu.example/m/7?t=k3J9xQz81LmP0aBc"])
def test_a_code_is_read_back_from_the_paper(columns: int, text: str) -> None:
    document = QrDocument("es", HEAD, "Yape", text)
    assert read_code(read(render(document, PrinterProfile(columns=columns)))) == text
    native = read(render(document, PrinterProfile(columns=columns, qr=QrMode.NATIVE)))
    assert (native.codes, native.pictures) == ([text], [])


def test_a_text_that_no_phone_could_read_as_a_code_prints_as_text() -> None:
    paper = read(render(QrDocument("es", HEAD, "", "x" * 2_000), NARROW))
    assert not paper.pictures
    assert "x" * 32 in paper.text


def test_pictures_are_sent_in_strips_that_every_printer_has_room_for() -> None:
    paper = read(render(QrDocument("es", HEAD, "", PAYMENT_QR), PrinterProfile(columns=48)))
    assert len(paper.pictures) > 1
    assert all(picture.height <= 64 for picture in paper.pictures)


# --- letters that a printer lacks ------------------------------------------------------------------------------------


class Boxes(NoLetters):
    """Draws every letter as a box of its own pattern."""

    def can_draw(self, char: str) -> bool:
        return ord(char) >= 0x2E80

    def draw(self, text: str, columns: int, _style: Style, _is_own: object) -> Dots:
        width = paper_dots(columns)
        row = sum(map(ord, text)).to_bytes(width // 8, "big")
        return Dots(width, row * 24)


def dishes(*lines: KitchenLine) -> KitchenDocument:
    return KitchenDocument("es", "Cocina", "A-1", AT, lines)


def test_a_name_that_is_spelled_in_part_prints_so_with_its_code() -> None:
    document = dishes(KitchenLine("Pollo chi jau kay 炸鸡", 1_000, code="c12", category="Chifa"))
    for letters in (NO_LETTERS, Boxes()):
        texts = [line.text for line in lay_out_for(document, NARROW, letters=letters)]
        assert "1 x Pollo chi jau kay (c12)" in texts


def test_two_dishes_that_cannot_be_spelled_never_look_alike() -> None:
    named = dishes(KitchenLine("宫保鸡丁", 1_000, code="c15", category="Chifa"), KitchenLine("炒面", 1_000, code="c16"))
    texts = read(render(named, NARROW, letters=NO_LETTERS)).text
    assert "1 x c15 Chifa" in texts
    assert "1 x c16" in texts
    nameless = dishes(KitchenLine("宫保鸡丁", 1_000, category="Chifa"), KitchenLine("炒面", 1_000, category="Chifa"))
    rows = [line.text for line in read(render(nameless, NARROW, letters=NO_LETTERS)).lines if "#" in line.text]
    assert len(set(rows)) == 2
    assert "?" not in "".join(rows)


def test_what_can_be_drawn_is_printed_as_a_picture() -> None:
    document = dishes(KitchenLine("宫保鸡丁", 1_000, code="c15"), KitchenLine("炒面", 1_000, code="c16"))
    one, other = read(render(document, NARROW, letters=Boxes())).pictures
    assert one.rows != other.rows
    assert one.width == paper_dots(32)


def test_a_font_draws_what_it_has_in_the_columns_of_the_line() -> None:
    drawable = next((char for char in "ბჯ水あ한ठא" if machine_letters().can_draw(char)), None)
    if drawable is None:
        pytest.skip("this machine has no font beyond Latin letters")
    document = dishes(KitchenLine(drawable * 6, 2_000))
    (picture,) = read(render(document, NARROW)).pictures
    black = [x for x in range(picture.width) if any(dot(picture, x, y) for y in range(picture.height))]
    assert black
    assert max(black) < 12 * (4 + 6 * 2), "`2 x ` and six letters"
    assert FontLetters([Path("/nowhere")]).can_draw(drawable) is False


def test_the_test_page_says_beforehand_what_a_printer_cannot() -> None:
    page, run = samples("es")["test page"]
    texts = read(render(page, NARROW, run, NO_LETTERS)).text
    assert "CJK" in texts
    assert "código y categoría" in " ".join(texts.split())


# --- how a restaurant dresses its papers -----------------------------------------------------------------------------


def test_templates_put_rows_at_head_and_foot_and_leave_parts_out() -> None:
    receipt, _run = samples("es")["receipt"]
    look = PaperLook(
        {
            ("receipt", "head"): "Wifi: nusta2026\nMesa {table}",
            ("receipt", "foot"): "Vuelva pronto, {table}\n{order} \x1bp {nothing}",
            ("receipt", "hide"): "server\nphone",
        }
    )
    texts = read(render(receipt, NARROW, Run(look=look))).text
    for row in ("Wifi: nusta2026", "Vuelva pronto, 7", "A-17 p"):
        assert row in texts
    for gone in ("Atendió", "054 221 345", "Gracias"):
        assert gone not in texts
    assert "TOTAL" in texts


def test_a_logo_stands_above_the_name_in_black_and_white(tmp_path: Path) -> None:
    image = Image.new("1", (200, 80), 1)
    image.paste(0, (50, 20, 150, 60))
    image.save(tmp_path / "logo.png")
    receipt, _run = samples("es")["receipt"]
    logo = (tmp_path / "logo.png").read_bytes()
    paper = read(render(receipt, NARROW, Run(look=PaperLook(logo=logo))))
    kinds = [type(element) for element in paper.elements if isinstance(element, Picture | PrintedLine)]
    assert next(iter(kinds)) is Picture
    assert sum(picture.height for picture in paper.pictures) == 80
    first = paper.pictures[0]
    assert [dot(first, x, 40) for x in (0, 92 + 49, 92 + 50, 92 + 149, 92 + 150)] == [False, False, True, True, False]
    profile = struct.pack(">I4s2sI", 2, b"iCCP", b"p\0", zlib.crc32(b"iCCPp\0"))
    for wrong in (logo[:60], logo[:-12] + profile + logo[-12:], b"", bytes(100)):
        broken = read(render(receipt, NARROW, Run(look=PaperLook(logo=wrong))))
        assert not broken.pictures
        assert "TOTAL" in broken.text


def test_blank_lines_stand_above_for_the_rail() -> None:
    ticket, run = samples("es")["kitchen ticket"]
    paper = read(render(ticket, replace(NARROW, top_lines=4), run))
    assert [line.text for line in paper.lines[:4]] == [""] * 4
    assert paper.lines[4].text.strip() == "Cocina caliente"


def test_the_buzzer_is_for_tickets_that_were_sent_just_now() -> None:
    ticket, run = samples("es")["kitchen ticket"]
    assert read(render(ticket, NARROW, run)).count("beep") == 1
    assert read(render(ticket, NARROW, replace(run, is_fresh=False))).count("beep") == 0


# --- hostile texts ---------------------------------------------------------------------------------------------------

_controls = st.sampled_from(
    ["\x1bp\x00\x19\xfa", "\x1dV\x00", "\x1b@", "\x1bt\x10", "\x10\x04\x01", "\x10\x14\x01\x00\x01", "\x1d(k", "\x1c.",
     "\x9b31m", "\u202e", "\u2066", "\u200b", "\ufeff", "e\u0301\u0301", "🥜👩‍🍳", "ا ب ت", "水", "\r\n\n", "\x0b\x0c",
     "[/red]", "{order}", "%s%n", "\ud83d", "\x00", "\x7f", "\x85", "\xa0"]
)  # fmt: skip
_texts = st.lists(st.one_of(_controls, st.text(max_size=12), st.just("x" * 10_000)), max_size=4).map("".join)


@settings(deadline=None, max_examples=25)
@given(text=_texts, columns=st.sampled_from(WIDTHS))
def test_bytes_are_those_of_the_same_paper_with_plain_text(text: str, columns: int) -> None:
    profile = PrinterProfile(columns=columns)
    for document in (receipt_of, ticket_of):
        raw = render(document(text), profile, RUN, NO_LETTERS)
        plain = "\n".join(line.text for line in lay_out_for(document(text), profile, RUN, NO_LETTERS))
        paper = read(raw, columns)
        assert "\n".join(line.text for line in paper.lines) == plain
        assert commands_of(raw, paper, profile) == raw, "nothing but these texts, and commands for their looks"
        assert not [line.text for line in paper.lines if line.wrapped]


def receipt_of(text: str) -> Document:
    receipt, _run = samples("es")["receipt"]
    assert isinstance(receipt, ReceiptDocument)
    line = replace(
        receipt.lines[0], name=text, note=text, modifiers=(replace(receipt.lines[0].modifiers[1], name=text),)
    )
    head = replace(receipt.letterhead, name=text, address=text, legal_name=text, phone=text, tax_number=text)
    named = {"number": text, "table": text, "server": text, "farewell": text, "title": text, "order_number": text}
    payments = (ReceiptPayment("card", 12_830, text, text),)
    return replace(receipt, letterhead=head, lines=(line,), payments=payments, **named)  # type: ignore[arg-type]


def ticket_of(text: str) -> Document:
    line = KitchenLine(text, 1_000, (text,), text, code=text, category=text, unit=text)
    ticket, _run = samples("es")["kitchen ticket"]
    named = {"station": text, "order_number": text, "service": text, "table": text, "server": text, "note": text}
    return replace(ticket, lines=(line,), course=text, **named)  # type: ignore[arg-type, type-var]


def commands_of(raw: bytes, paper: Paper, profile: PrinterProfile) -> bytes:
    """The bytes of a paper as they must be, from what a reader saw on it: texts, looks, and nothing else."""
    begin = raw.index(b"\x1bt") + 3
    made = bytearray(raw[:begin])
    assert made == b"\x1b@\x1c.\x1bt\x02"
    rest = raw[begin:]
    if rest.startswith(b"\x1bB"):
        made += rest[:4]
        rest = rest[4:]
    for line in paper.lines:
        text = profile.page.encode(line.text) + b"\n"
        at = rest.index(text)
        assert set(rest[:at]) <= set(LOOKS), rest[:at]
        made += rest[: at + len(text)]
        rest = rest[at + len(text) :]
    assert set(rest) <= set(LOOKS + b"\x1bd\x05\x1dV\x00"), rest
    return bytes(made + rest)


LOOKS = b"\x1bE\x00\x01\x1dB\x1d!\x00\x01\x10\x11\x33\x1b-\x00\x1bM\x1ba\x1bG\x1b{\x1bt\x02"


# --- reading ---------------------------------------------------------------------------------------------------------


def read(raw: bytes, columns: int | None = None) -> Paper:
    paper = read_paper(raw, columns)
    assert not paper.unknown, paper.unknown
    assert UNPRINTABLE not in paper.text
    return paper


def dot(picture: Picture, x: int, y: int) -> bool:
    return bool(picture.rows[y * picture.row_bytes + x // 8] >> (7 - x % 8) & 1)


def read_code(paper: Paper) -> str:
    """What a phone reads off the strips of a paper."""
    width = paper.pictures[0].row_bytes * 8
    rows = b"".join(picture.rows for picture in paper.pictures)
    image = Image.frombytes("1", (width, len(rows) * 8 // width), bytes(byte ^ 0xFF for byte in rows))
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return str(found.text)

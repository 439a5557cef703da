"""The emulated printer: what it says, what it keeps, and what its papers look like."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.kernel.language import Language, Texts
from terminal.printing.emulator import tray as trays
from terminal.printing.emulator.as_picture import picture_of
from terminal.printing.emulator.as_text import text_of
from terminal.printing.emulator.elements import Asked
from terminal.printing.emulator.machine import MOST_BUFFERED_BYTES, Deed, Machine, Misbehaviour, Trouble
from terminal.printing.emulator.reader import read_paper
from terminal.printing.emulator.tray import Tray
from terminal.printing.status import Answer, Listener, Pushed
from terminal.printing.transports import Delivery, TcpTransport

ENGLISH = Texts(Language.ENGLISH, ("terminal", "terminal.printing"))


def machine(trouble: str = "ok") -> Machine:
    return Machine(32, Misbehaviour.read(trouble))


# --- what it says -------------------------------------------------------------------------------------------------


def test_it_answers_questions_at_once_even_without_paper() -> None:
    printer = machine("paper-out")
    printer.feed(b"hola\n\x10\x04\x01")
    assert printer.answers() == b"\x1a"
    assert printer.done() == [Deed(b"\x10\x04\x01", (Asked(b"\x10\x04\x01"),))]
    printer.misbehaviour = Misbehaviour()
    assert "hola" in str(printer.done())


def test_it_pushes_its_status_to_whoever_asked_for_that() -> None:
    printer, listener = machine(), Listener()
    printer.feed(b"\x1da\xff")
    assert [type(said) for said in listener.hear(printer.answers())] == [Pushed]
    printer.misbehaviour = Misbehaviour.read("cover")
    (said,) = listener.hear(printer.answers())
    assert said == Pushed(b"\x38\x00\x00\x00")


def test_it_stops_reading_when_its_buffer_is_full() -> None:
    printer = machine("cover")
    printer.feed(b"x\n" * MOST_BUFFERED_BYTES)
    assert not printer.reads
    printer.misbehaviour = Misbehaviour()
    assert printer.reads


@pytest.mark.parametrize("text", ["", "lento", "reset", "reset:", "reset:x", "slow:0", "mute:3", "reset:-1"])
def test_a_trouble_must_be_one(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the command line says its own sentence
        Misbehaviour.read(text)


def test_every_trouble_is_read_as_it_is_written() -> None:
    for trouble in Trouble:
        bad = Misbehaviour(trouble, 9 if trouble in (Trouble.RESET, Trouble.SLOW) else 0)
        assert Misbehaviour.read(str(bad)) == bad


@given(st.lists(st.binary(max_size=40), max_size=20), st.sampled_from(list(Trouble)))
def test_no_bytes_break_it(pieces: list[bytes], trouble: Trouble) -> None:
    printer = Machine(32, Misbehaviour(trouble, 5))
    for piece in pieces:
        printer.feed(piece)
        printer.done()
        printer.answers()
    printer.pause()
    printer.misbehaviour = Misbehaviour()
    printer.pause()
    printer.done()
    printer.feed(b"\x1b@hola\n")
    assert "hola" in str(printer.done())


@given(st.binary(max_size=60), st.integers(1, 7))
def test_what_a_printer_says_is_heard_alike_in_pieces_of_any_size(raw: bytes, size: int) -> None:
    whole, pieces = Listener(), Listener()
    expected = whole.hear(raw)
    assert [said for at in range(0, len(raw), size) for said in pieces.hear(raw[at : at + size])] == expected
    told = sum(4 if isinstance(said, Pushed) else 1 for said in expected)
    assert told <= len(raw)
    assert all(said.byte & 0x80 == 0 for said in expected if isinstance(said, Answer))


# --- what its papers look like ------------------------------------------------------------------------------------


def test_a_paper_as_text_tells_everything_that_happened() -> None:
    raw = b"\x1b@\x1ba\x01\x1d!\x10AB\n\x1b@left\n\x1bp\x00\x19\xfa\x1bB\x02\x03\x1b\x7f\n\x1dV\x01"
    assert text_of(read_paper(raw, 32), 32, ENGLISH).split("\n") == [
        "              A B",
        "left",
        "[drawer pulse, pin 2, 50 ms]",
        "[beep: 2 × 3 tenths]",
        "[unknown command: 1b 7f (2 bytes)]",
        "",
        "[partial cut]",
    ]


def test_text_that_is_shown_holds_nothing_that_a_terminal_obeys() -> None:
    library = Dummy()
    library.qr("\x1b[2J\x07boo", native=True)
    text = text_of(read_paper(b"\x1b[31m\n\x07\x9b\n" + library.output), 32, ENGLISH)
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("native", [True, False])
def test_a_code_is_read_back_from_the_picture(native: bool) -> None:
    library = Dummy()
    library.qr("https://example.org/m/7?t=abc", native=native, size=6)
    found = zxingcpp.read_barcodes(picture_of(read_paper(library.output), 48, ENGLISH))
    assert [code.text for code in found] == ["https://example.org/m/7?t=abc"]


def test_the_picture_is_as_wide_as_the_paper_and_sizes_are_seen() -> None:
    plain = picture_of(read_paper(b"A\n", 32), 32, ENGLISH)
    large = picture_of(read_paper(b"\x1d!\x11A\n", 32), 32, ENGLISH)
    assert plain.width == large.width
    dark = [sum(1 for dot in picture.tobytes() if dot < 128) for picture in (plain, large)]
    assert dark[1] > 3 * dark[0] > 0


def test_reversed_letters_are_white_on_black() -> None:
    picture = picture_of(read_paper(b"\x1dB\x01    \n"), 32, ENGLISH)
    assert sum(1 for dot in picture.tobytes() if dot < 128) > 4 * 12 * 20


@given(st.lists(st.sampled_from([b"\x1dv0\x00\x02\x00\x03\x00", b"\x1b*\x21\x05\x00", b"\x1d(k", b"\x1b&\x03AB"]) | st.binary(max_size=9)).map(b"".join))  # fmt: skip  # noqa: E501
def test_every_paper_has_a_picture_and_a_text(raw: bytes) -> None:
    paper = read_paper(raw, 32)
    assert picture_of(paper, 32, ENGLISH).width > 32
    text_of(paper, 32, ENGLISH)


def test_papers_are_kept_as_text_and_picture_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trays, "MOST_KEPT", 2)
    for start in (0, 2):
        tray = Tray(32, ENGLISH, tmp_path, lambda _line: None)
        for number in range(start, start + 2):
            raw = f"paper {number}\n".encode() + b"\x1dV\x00"
            tray.take([Deed(raw, tuple(read_paper(raw).elements))])
    kept = [f"00000{number}.{kind}" for number in (3, 4) for kind in ("escpos", "png", "txt")]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
    assert (tmp_path / "000003.escpos").read_bytes() == b"paper 2\n\x1dV\x00"
    assert (tmp_path / "000004.txt").read_text().startswith("paper 3\n")
    Image.open(tmp_path / "000004.png").verify()


# --- the program --------------------------------------------------------------------------------------------------


async def test_the_program_prints_and_changes_its_trouble_by_a_line(tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "terminal.cli", "printer", "emulate", "--port", "0", "--columns", "32",
        "--pictures", str(tmp_path / "papers"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "LANGUAGE": "en", "LANG": "en_US.UTF-8"},
    )  # fmt: skip
    assert program.stdin
    assert program.stdout
    try:
        async with asyncio.timeout(60):
            address = (await program.stdout.readline()).decode().split("tcp://127.0.0.1:")[1]
            transport = TcpTransport("127.0.0.1", int(address.split(",")[0]))
            assert await transport.deliver(b"hola\n\x1dV\x00", "a") is Delivery.CONFIRMED
            program.stdin.write(b"paper-out\n")
            while b"paper-out" not in (line := await program.stdout.readline()) or b":" not in line:
                assert line
            while (await transport.probe()).fault is None:  # noqa: ASYNC110 it rings no bell
                await asyncio.sleep(0.01)
            program.stdin.write(b"q\n")
            assert await program.wait() == 0
    finally:
        if program.returncode is None:
            program.send_signal(signal.SIGKILL)
            await program.wait()
    assert (tmp_path / "papers" / "000001.txt").read_text().startswith("hola\n")

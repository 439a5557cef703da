"""What a terminal sends, as events: the same however its bytes are cut, and no byte of a sequence is ever typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from textual import events

from terminal.input.reader import TerminalReader
from terminal.input.scanned import Scanned
from terminal.input.sequences import SEQUENCE_SECONDS
from terminal.input.strokes import strokes_of_key

BARCODE = "7750182000123"
PERSON_SECONDS = 0.125
MOUSE = b"\x1b[<35;107;22M"
FOREIGN = {
    "a reply with colours": b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    "the same, ended by ST": b"\x1b]4;7;rgb:e5e5/e5e5/e5e5\x1b\\",
    "what the terminal is": b"\x1b[?62;1;4;22c",
    "its version": b"\x1bP>|XTerm(370)\x1b\\",
    "a setting": b"\x1bP1$r0m\x1b\\",
    "its size": b"\x1b[8;24;80t",
    "its graphics": b"\x1b_Gi=31;OK\x1b\\",
    "where the cursor is": b"\x1b[12;40R",
    "its keyboard protocol": b"\x1b[?1u",
    "a mode": b"\x1b[4;2$y",
    "focus": b"\x1b[I",
    "focus lost": b"\x1b[O",
    "the mouse": MOUSE,
    "the mouse out of the window": b"\x1b[<0;-5;3M",
    "the mouse of urxvt": b"\x1b[32;107;22M",
    "the mouse of old terminals": b"\x1b[M 7\xf1",
    "a key that others call so": b"\x1b[55;1H",
    "a key that nobody knows": b"\x1b[99;77~",
    "an end of a paste alone": b"\x1b[201~",
}


def told(messages: list) -> list[str]:
    """Events in words: names of strokes, `scan …`, `paste …`."""
    words = []
    for message in messages:
        if isinstance(message, events.Key):
            words += [stroke.name for stroke in strokes_of_key(message.key, message.character)]
        elif isinstance(message, Scanned):
            words.append(f"scan {message.text}")
        elif isinstance(message, events.Paste):
            words.append(f"paste {message.text}")
        elif isinstance(message, events.MouseDown | events.MouseUp):
            words.append(f"mouse {message.x:.0f} {message.y:.0f}")
    return words


class Wire:
    """A terminal that sends bytes as time goes by."""

    def __init__(self, prefix: str = "") -> None:
        self.reader, self.now, self.told = TerminalReader(prefix), 0.0, []

    def pass_by(self, seconds: float) -> None:
        until = self.now + seconds
        while (deadline := self.reader.deadline) is not None and deadline <= until:
            self.told += told(self.reader.wait(deadline))
        self.now = until

    def send(self, data: bytes, *, within: float = 0.0) -> None:
        self.told += told(self.reader.read(data, self.now, within=within))

    def type(self, text: str, apart: float, end: str = "\r") -> None:
        for char in text + end:
            self.send(char.encode())
            self.pass_by(apart)

    def ended(self) -> list[str]:
        self.pass_by(10)
        return self.told


TYPED = some.text("abcñ0123456789*/+-. €\r\t\x7f", max_size=8).map(str.encode)
PARTS = some.one_of(
    TYPED,
    some.sampled_from([*FOREIGN.values(), b"\x1bOP", b"\x1b[15~", b"\x1b[1;2A", b"\x1b[[A", b"\x1b[49;;49u"]),
    some.text("ab\r\n1 \u202eñ", max_size=12).map(lambda text: b"\x1b[200~" + text.encode() + b"\x1b[201~"),
    some.just(f"{BARCODE}\r".encode()),
)


@given(some.lists(PARTS, max_size=6).map(b"".join), some.data())
def test_any_cutting_of_the_same_bytes_gives_the_same_events(sent: bytes, data) -> None:
    whole = Wire()
    whole.send(sent)
    cuts = sorted(data.draw(some.lists(some.integers(0, len(sent)), max_size=20)))
    parts = Wire()
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        parts.send(sent[start:end])
    assert parts.ended() == whole.ended()


@pytest.mark.parametrize("sequence", FOREIGN.values(), ids=FOREIGN)
def test_no_byte_of_a_sequence_is_typed_however_slow_the_line(sequence) -> None:
    for cut in range(2, len(sequence)):
        wire = Wire()
        wire.send(sequence[:cut])
        wire.pass_by(SEQUENCE_SECONDS * 0.9)
        wire.send(sequence[cut:])
        assert [word for word in wire.ended() if not word.startswith("mouse")] == []


@pytest.mark.parametrize("sequence", [MOUSE, b"\x1b[8;24;80t", b"\x1b[?62;22c"])
def test_a_sequence_parted_after_its_first_byte_types_nothing(sequence) -> None:
    wire = Wire()
    wire.send(sequence[:1])
    wire.pass_by(0.5)
    wire.send(sequence[1:])
    assert wire.ended() == ["escape"]


def test_a_sequence_that_never_ends_takes_no_key_with_it() -> None:
    wire = Wire()
    wire.send(b"\x1b[<35;10")
    wire.pass_by(SEQUENCE_SECONDS)
    wire.type("76", PERSON_SECONDS)
    assert wire.ended() == ["7", "6", "enter"]


@pytest.mark.parametrize("after", [*"0123456789afPO_", "ñ"])
def test_what_is_typed_right_after_escape_is_not_lost(after) -> None:
    wire = Wire()
    wire.send(f"\x1b{after}".encode())
    assert wire.ended() == ["escape", after]


def test_keys_typed_after_escape_and_a_capital_are_typed() -> None:
    wire = Wire()
    wire.send(b"\x1bPollo\r")
    assert wire.ended() == ["escape", *"Pollo", "enter"]


def test_a_click_of_a_slow_line_is_a_click() -> None:
    wire = Wire()
    for byte in b"\x1b[<0;10;5M":
        wire.send(bytes((byte,)))
        wire.pass_by(0.09)
    assert wire.ended() == ["mouse 9 4"]


def test_a_paste_is_one_text_with_all_that_it_holds() -> None:
    wire = Wire()
    wire.send("\x1b[200~sin cebolla\n\x1b[31mají\x1b[201~7".encode())
    assert wire.ended() == ["paste sin cebolla\n\x1b[31mají", "7"]


def test_a_paste_whose_end_is_lost_ends_by_itself() -> None:
    wire = Wire()
    wire.send(b"\x1b[200~1234\r")
    wire.pass_by(SEQUENCE_SECONDS)
    wire.type("7", PERSON_SECONDS)
    assert wire.ended() == ["paste 1234\r", "7", "enter"]


@given(
    some.text("0123456789ABCDEFabc-/", min_size=6, max_size=60),
    some.floats(0, 0.0199),
    some.sampled_from(["\r", "\n", "\t", "\r\n"]),
)
def test_a_scan_is_always_one(code, apart, end) -> None:
    wire = Wire()
    wire.type(code, apart, end)
    wire.type("7", PERSON_SECONDS)
    assert wire.ended() == [f"scan {code}", "7", "enter"]


@given(some.text("0123456789abc", min_size=1, max_size=40), some.floats(0.05, 0.3))
def test_a_person_is_never_a_scan(text, apart) -> None:
    wire = Wire()
    wire.type(text, apart)
    assert wire.ended() == [*text, "enter"]


@given(some.text("0123456789", min_size=6, max_size=40), some.floats(0.05, 0.3))
def test_what_was_typed_while_the_program_stood_still_is_no_scan(text, apart) -> None:
    wire = Wire()
    wire.send(MOUSE * 9 + f"{text}\r".encode(), within=len(text) * apart + 0.001)
    assert [word for word in wire.ended() if not word.startswith("mouse")] == [*text, "enter"]


@given(
    some.text("0123456789", min_size=6, max_size=40),
    some.floats(0.06, 0.3),
    some.lists(some.floats(0.001, 3), min_size=1),
)
def test_a_person_is_never_a_scan_whenever_the_program_looks(text, apart, pauses) -> None:
    reader, words, looked, sent = TerminalReader(), [], 0.0, ""
    typed = [(number * apart, char) for number, char in enumerate(f"{text}\r", 1)]
    for pause in [*pauses, 60.0, 60.0]:
        now = looked + pause
        sent = "".join(char for at, char in typed if looked < at <= now)
        words += told(reader.read(sent.encode(), now, within=pause) if sent else reader.wait(now))
        looked = now
    assert words == [*text, "enter"]


@given(some.text("0123456789", min_size=6, max_size=40), some.floats(0, 0.25))
def test_a_scan_that_a_busy_program_reads_late_is_a_scan(text, late) -> None:
    wire = Wire()
    wire.send(f"{text}\r".encode(), within=late)
    assert wire.ended() == [f"scan {text}"]


@pytest.mark.parametrize("code", ["lom", "12345"])
def test_keys_struck_at_once_are_no_scan(code) -> None:
    wire = Wire()
    wire.type(code, 0.005)
    assert wire.ended() == [*code, "enter"]


def test_the_mouse_may_move_while_a_scanner_types() -> None:
    wire = Wire()
    for char in BARCODE:
        wire.send(char.encode() + MOUSE)
        wire.pass_by(0.005)
    wire.send(b"\r")
    assert wire.ended() == [f"scan {BARCODE}"]


def test_a_scanner_is_known_by_the_kitty_protocol_too() -> None:
    wire = Wire()
    for char in "ABC123":
        wire.send(b"\x1b[57441;2u" if char.isalpha() else b"")
        wire.send(f"\x1b[{ord(char)};;{ord(char)}u".encode())
        wire.pass_by(0.005)
    wire.send(b"\x1b[13u")
    assert wire.ended() == ["scan ABC123"]


def test_twenty_scans_are_twenty_in_order() -> None:
    wire = Wire()
    for number in range(20):
        wire.type(f"{number:08}", 0.005)
    assert wire.ended() == [f"scan {number:08}" for number in range(20)]


def test_a_prefix_makes_a_slow_and_short_code_a_scan_and_typing_stays_typing() -> None:
    wire = Wire("ctrl+b")
    wire.send(b"\x02")
    wire.type("A1", 0.05)
    wire.type("A1", PERSON_SECONDS)
    assert wire.ended() == ["scan A1", "A", "1", "enter"]


def test_a_code_that_breaks_off_after_its_prefix_types_nothing() -> None:
    wire = Wire("ctrl+b")
    wire.send(b"\x027750")
    wire.pass_by(1)
    wire.type("76", PERSON_SECONDS)
    assert wire.ended() == ["7", "6", "enter"]


def test_a_prefix_that_a_person_presses_is_a_key() -> None:
    wire = Wire("asterisk")
    wire.type("2*lom", PERSON_SECONDS)
    assert wire.ended() == [*"2*lom", "enter"]

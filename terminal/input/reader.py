"""From the bytes of a terminal to Textual's events: keys that people press, codes, pasted text, the mouse.

Textual names keys and reads mouse reports; it is shown whole sequences only, one at a time. What it does not know is
dropped and never typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

from terminal.input.bursts import Bursts
from terminal.input.scanned import Scanned
from terminal.input.sequences import Kind, Piece, Sequences

_MOUSE = re.compile(r"\x1b\[<\d+;-?\d+;-?\d+[Mm]")
_POSITION = re.compile(r"\x1b\[\d+;\d+R")
"""A reply that says where the cursor is. Textual would take some for keys."""
_TYPES = re.compile(r"\x1b\[(27;[\d;]*~|[\d:;]*u)")
"""The sequences that may type a character: those of the kitty protocol and of xterm's `modifyOtherKeys`."""
_FOR_TEXTUAL = re.compile(r"\x1b\[([IO]|\?\d+;\d\$y|48;[\d:;]+t)")
"""Focus, modes, size of the window."""


class TerminalReader:
    """Makes events of bytes. Times are in seconds, of any clock that never goes back.

    Args:
        prefix: name of the key that the scanner sends before each code, or empty.
    """

    def __init__(self, prefix: str = "") -> None:
        self._sequences = Sequences()
        self._bursts: Bursts[events.Key] = Bursts(prefix)
        self._textual = XTermParser()

    @property
    def deadline(self) -> float | None:
        """When to call `wait`. None: nothing waits."""
        deadlines = (self._sequences.deadline, self._bursts.deadline)
        return min((each for each in deadlines if each is not None), default=None)

    def read(self, data: bytes, now: float, *, within: float = 0.0) -> list[Message]:
        """Take bytes that were read now.

        Args:
            within: seconds before it in which they can have come. If the program stood still, what was typed meanwhile
                comes at once.
        """
        return list(self._events(self._sequences.feed(data, now), now, within))

    def wait(self, now: float) -> list[Message]:
        """Give what waited long enough."""
        return [*self._events(self._sequences.wait(now), now, 0.0), *_given(self._bursts.wait(now))]

    def _events(self, pieces: Iterable[Piece], at: float, within: float) -> Iterator[Message]:
        for piece in pieces:
            if piece.kind is Kind.PASTED:
                yield from _given(self._bursts.release())
                yield events.Paste(piece.text.replace("\x00", ""))
                continue
            for event in self._named(piece):
                if not isinstance(event, events.Key):
                    yield event  # the mouse may move while a scanner types
                elif event.key not in MODIFIER_FUNCTIONAL_KEYS:
                    yield from _given(self._bursts.take(event, at, within))

    def _named(self, piece: Piece) -> Iterable[Message]:
        text = piece.text
        if text == "\x1b":
            return [events.Key("escape", text)]
        if _MOUSE.fullmatch(text):
            report = self._textual.parse_mouse_code(text)
            return [report] if report is not None else []
        if _FOR_TEXTUAL.fullmatch(text):
            return self._textual.feed(text)
        if _POSITION.fullmatch(text):
            return []
        may_type = piece.kind is Kind.CHARACTER or _TYPES.fullmatch(text) or text in ANSI_SEQUENCES_KEYS
        keys = self._textual._sequence_to_key_events(text)
        return [key for key in keys if key.key != Keys.Ignore and (may_type or _is_named(key))]


def _is_named(key: events.Key) -> bool:
    """Whether it is a key with a name (`f5`, `ctrl+up`), and not one that types."""
    return len(key.key.rpartition("+")[2]) > 1 and not key.is_printable


def _given(given: Iterable[events.Key | str]) -> Iterator[Message]:
    for each in given:
        yield Scanned(each) if isinstance(each, str) else each

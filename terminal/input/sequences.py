"""The bytes of a terminal, cut into what they are: characters, escape sequences, pasted text. Pure, without a clock.

A terminal sends keys, mouse reports, replies to queries and pasted text through one wire, in pieces of any size. Here
nothing depends on where a piece ends: a sequence that has begun is waited for, and one that is never finished is
dropped whole, so that its digits and letters are never typed. Only Escape itself must be guessed: it is the key if
nothing follows it for `ESCAPE_SECONDS`.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from enum import Enum, auto

ESCAPE_SECONDS = 0.1
"""How long Escape may be the beginning of a sequence."""
SEQUENCE_SECONDS = 2.0
"""How long a begun sequence, or a paste without an end, is waited for on a slow line."""
MAX_SEQUENCE_BYTES = 256
"""No sequence that means something is longer; the rest of a longer one is not kept."""
MAX_PASTED_BYTES = 65_536
"""More than any note. The rest of a pasted book is not kept."""

_ESC, _BEL, _ST = 0x1B, 0x07, 0x5C
_PASTE_START, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_SHIFTED_BY_RXVT = re.compile(rb"\x1b\[\d+\$")
"""Rxvt ends a key held with Shift by a sign that elsewhere only comes before the end."""
_REPLY_BEGINS = {ord("]"): b"0123456789", ord("P"): b"0123456789>!$+=|", ord("_"): b"G"}
"""How replies to queries begin after Escape. Another character there was typed after Escape."""


class Kind(Enum):
    """What a piece is."""

    CHARACTER = auto()
    """One typed character; Escape, Enter and other control characters are such, too."""
    SEQUENCE = auto()
    """A whole escape sequence."""
    PASTED = auto()
    """A whole pasted text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what a terminal sent."""

    kind: Kind
    text: str


class _State(Enum):
    GROUND = auto()
    ESCAPE = auto()
    CONTROL = auto()
    """Escape and `[`."""
    SHORT = auto()
    """Escape and `O`."""
    REPLY = auto()
    """A reply that ends with BEL, or Escape and a backslash."""
    COUNTED = auto()
    """A sequence of a known length: an old mouse report, a function key of the Linux console."""
    PASTE = auto()


class Sequences:
    """Cuts bytes into pieces. Times are in seconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._state = _State.GROUND
        self._begun = bytearray()
        self._missing = 0
        self._pasted = bytearray()
        self._is_tail = False
        self._last_at = 0.0
        self._escaped_at = float("-inf")
        self._decoder = getincrementaldecoder("utf-8")("replace")

    @property
    def deadline(self) -> float | None:
        """When to call `wait`. None: nothing is begun."""
        if self._state is _State.GROUND:
            return None
        may_be_keys = self._state in (_State.ESCAPE, _State.SHORT) and len(self._begun) <= len("\x1bO")
        return self._last_at + (ESCAPE_SECONDS if may_be_keys else SEQUENCE_SECONDS)

    def feed(self, data: bytes, now: float) -> list[Piece]:
        """Take bytes that were read now."""
        pieces = self.wait(now)
        for byte in data:
            self._take(byte, now, pieces)
        self._last_at = now
        return pieces

    def wait(self, now: float) -> list[Piece]:
        """Give up what was begun and not finished in time."""
        if self.deadline is None or now < self.deadline:
            return []
        state, begun, self._state = self._state, bytes(self._begun), _State.GROUND
        if state is _State.PASTE:
            return [self._paste()]
        if state in (_State.ESCAPE, _State.SHORT, _State.REPLY) and len(begun) <= len("\x1bO"):
            self._escaped_at = now
            return [Piece(Kind.CHARACTER, chr(byte)) for byte in begun]
        return []

    def _take(self, byte: int, now: float, pieces: list[Piece]) -> None:
        match self._state:
            case _State.GROUND:
                self._ground(byte, now, pieces)
            case _State.ESCAPE:
                self._escape(byte, now, pieces)
            case _State.CONTROL:
                self._control(byte, now, pieces)
            case _State.SHORT:
                self._short(byte, now, pieces)
            case _State.REPLY:
                self._reply(byte, now, pieces)
            case _State.COUNTED:
                self._begun.append(byte)
                self._missing -= 1
                if not self._missing:
                    self._finish(pieces)
            case _State.PASTE:
                self._in_paste(byte, pieces)

    def _begin(self, state: _State, begun: bytes, *, is_tail: bool = False) -> None:
        self._state, self._is_tail = state, is_tail
        self._begun = bytearray(begun)

    def _ground(self, byte: int, now: float, pieces: list[Piece]) -> None:
        self._state = _State.GROUND
        if byte == _ESC:
            self._decoder.reset()
            self._begin(_State.ESCAPE, b"\x1b")
        elif byte == ord("[") and now - self._escaped_at < SEQUENCE_SECONDS:
            # A slow line parted a sequence after its Escape, which was taken for the key. Nobody types this sign.
            self._begin(_State.CONTROL, b"\x1b[", is_tail=True)
        else:
            pieces += (
                Piece(Kind.CHARACTER, char)
                for char in self._decoder.decode(bytes((byte,)))
                if char != "\ufffd" and not "\x80" <= char < "\xa0"
            )

    def _escape(self, byte: int, now: float, pieces: list[Piece]) -> None:
        if byte == ord("["):
            self._begin(_State.CONTROL, b"\x1b[")
        elif byte == ord("O"):
            self._begin(_State.SHORT, b"\x1bO")
        elif byte in _REPLY_BEGINS:
            self._begin(_State.REPLY, bytes((_ESC, byte)))
        elif byte == ord("\t"):
            self._begun.append(byte)  # Shift and Tab on the Linux console
            self._finish(pieces)
        else:
            pieces.append(Piece(Kind.CHARACTER, "\x1b"))
            self._ground(byte, now, pieces)

    def _control(self, byte: int, now: float, pieces: list[Piece]) -> None:
        if byte < ord(" ") or byte > ord("~"):
            self._ground(byte, now, pieces)
            return
        if len(self._begun) < MAX_SEQUENCE_BYTES:
            self._begun.append(byte)
        begun = bytes(self._begun)
        if begun == b"\x1b[[":
            self._state, self._missing = _State.COUNTED, 1
        elif begun == b"\x1b[M":
            self._state, self._missing = _State.COUNTED, 3
        elif begun == _PASTE_START:
            self._begin(_State.PASTE, b"")
            self._pasted.clear()
        elif byte >= ord("@") or _SHIFTED_BY_RXVT.fullmatch(begun):
            self._finish(pieces)

    def _short(self, byte: int, now: float, pieces: list[Piece]) -> None:
        if byte in b"0123456789;":
            self._begun.append(byte)
        elif ord("@") <= byte <= ord("~"):
            self._begun.append(byte)
            self._finish(pieces)
        else:
            if len(self._begun) == len("\x1bO"):
                pieces += [Piece(Kind.CHARACTER, "\x1b"), Piece(Kind.CHARACTER, "O")]
            self._ground(byte, now, pieces)

    def _reply(self, byte: int, now: float, pieces: list[Piece]) -> None:
        begins = len(self._begun) == len("\x1bP")
        if begins and byte not in _REPLY_BEGINS[self._begun[1]]:
            pieces += [Piece(Kind.CHARACTER, "\x1b"), Piece(Kind.CHARACTER, chr(self._begun[1]))]
            self._ground(byte, now, pieces)
        elif byte == _BEL or (byte == _ST and self._begun[-1] == _ESC):
            self._state = _State.GROUND
        elif self._begun[-1] == _ESC:
            self._begin(_State.ESCAPE, b"\x1b")
            self._escape(byte, now, pieces)
        elif byte in b"\r\n":
            self._ground(byte, now, pieces)
        elif len(self._begun) < MAX_SEQUENCE_BYTES or byte == _ESC:
            self._begun.append(byte)

    def _finish(self, pieces: list[Piece]) -> None:
        self._state = _State.GROUND
        if not self._is_tail and len(self._begun) < MAX_SEQUENCE_BYTES:
            pieces.append(Piece(Kind.SEQUENCE, self._begun.decode("latin-1")))

    def _in_paste(self, byte: int, pieces: list[Piece]) -> None:
        self._pasted.append(byte)
        if self._pasted.endswith(_PASTE_END):
            del self._pasted[-len(_PASTE_END) :]
            self._state = _State.GROUND
            pieces.append(self._paste())
        elif len(self._pasted) > MAX_PASTED_BYTES + len(_PASTE_END):
            del self._pasted[MAX_PASTED_BYTES]

    def _paste(self) -> Piece:
        return Piece(Kind.PASTED, self._pasted.decode("utf-8", "replace").replace("\ufffd", ""))

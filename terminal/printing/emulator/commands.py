"""Cuts the bytes for a printer into commands and letters. Pure: what a command does stands in `reader.py`.

The lengths are those of the published ESC/POS command set. Bytes that begin no command of it are `Stray`.
"""

from __future__ import annotations

from dataclasses import dataclass

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
MOST_DATA_BYTES = 4_000_000
"""Of one command. A command that claims more has been misread: no printer has memory for it."""


@dataclass(frozen=True, slots=True)
class Command:
    """A whole command.

    Attributes:
        name: its first bytes, say `ESC @` as b"\\x1b@".
        arguments: what follows the name.
    """

    name: bytes
    arguments: bytes = b""

    @property
    def raw(self) -> bytes:
        """All bytes of the command."""
        return self.name + self.arguments


@dataclass(frozen=True, slots=True)
class Letters:
    """Bytes that are printed."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Stray:
    """Bytes that begin no known command. A printer drops them and prints what follows."""

    raw: bytes


Token = Command | Letters | Stray

_SINGLE = {0x09, 0x0A, 0x0C, 0x0D, 0x18}
"""HT, LF, FF, CR, CAN."""
_FIXED: dict[bytes, int] = {
    **dict.fromkeys((b"\x1b@", b"\x1b2", b"\x1bL", b"\x1bS", b"\x1bi", b"\x1bm", b"\x1bv", b"\x1b\x0c"), 0),
    **{b"\x1b" + bytes([char]): 1 for char in b" !%-3=?EGJKMRTVadertu{"},
    b"\x1bB": 2,
    b"\x1b\\": 2,
    b"\x1b$": 2,
    b"\x1bp": 3,
    b"\x1bW": 8,
    **{b"\x1bc" + bytes([char]): 1 for char in b"01345"},
    **dict.fromkeys((b"\x1c.", b"\x1c&"), 0),
    b"\x1c!": 1,
    b"\x1c-": 1,
    b"\x1cC": 1,
    b"\x1cS": 2,
    b"\x1cW": 1,
    b"\x1cp": 2,
    b"\x1c?": 2,
    b"\x1c2": 74,
    **{b"\x1d" + bytes([char]): 1 for char in b"!/BEHITabfhrw"},
    b"\x1d$": 2,
    b"\x1dL": 2,
    b"\x1dP": 2,
    b"\x1dW": 2,
    b"\x1d\\": 2,
    b"\x1d^": 3,
    b"\x1d:": 0,
    b"\x1dg0": 3,
    b"\x1dg1": 5,
    b"\x1dg2": 3,
    b"\x1dz0": 2,
    b"\x1dc": 0,
    b"\x10\x05": 1,
}
"""Number of argument bytes by name."""
_SIZED = (b"\x1d(", b"\x1b(", b"\x1c(")
"""Families whose length is written behind their letter: GS ( k pL pH ..."""


def cut(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """The token at a place and where the next one begins, or None if its end has not arrived yet."""
    first = raw[at]
    if first in (DLE, ESC, FS, GS):
        return _cut_command(raw, at)
    if first in _SINGLE:
        return Command(bytes(raw[at : at + 1])), at + 1
    if first < 0x20 or first == 0x7F:
        return Stray(bytes(raw[at : at + 1])), at + 1
    end = at + 1
    while end < len(raw) and raw[end] >= 0x20 and raw[end] != 0x7F:
        end += 1
    return Letters(bytes(raw[at:end])), end


def _cut_command(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    if len(raw) < at + 2:
        return None
    name = bytes(raw[at : at + 2])
    if name in (b"\x1bc", b"\x1dg", b"\x1dz"):
        name = bytes(raw[at : at + 3])
        if len(name) < 3:
            return None
    known = _FIXED.get(name)
    if known is not None:
        return _whole(raw, at, name, known)
    if name in _SIZED:
        return _cut_sized(raw, at, size_at=3, size_bytes=2)
    variable = _VARIABLE.get(name)
    return (Stray(bytes(raw[at : at + 2])), at + 2) if variable is None else variable(raw, at)


def _whole(raw: bytes | bytearray, at: int, name: bytes, arguments: int) -> tuple[Token, int] | None:
    if arguments > MOST_DATA_BYTES:
        return Stray(name), at + len(name)
    end = at + len(name) + arguments
    if len(raw) < end:
        return None
    return Command(name, bytes(raw[at + len(name) : end])), end


def _cut_sized(raw: bytes | bytearray, at: int, *, size_at: int, size_bytes: int) -> tuple[Token, int] | None:
    head = size_at + size_bytes
    if len(raw) < at + head:
        return None
    size = int.from_bytes(raw[at + size_at : at + head], "little")
    return _whole(raw, at, bytes(raw[at : at + 3]), size_bytes + size)


def _cut_large(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """GS 8 L: the graphics of GS ( L with four bytes of length."""
    return _cut_sized(raw, at, size_at=3, size_bytes=4)


def _cut_raster(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """GS v 0 m xL xH yL yH and the rows."""
    if len(raw) < at + 8:
        return None if len(raw) < at + 3 or raw[at + 2] == 0x30 else (Stray(bytes(raw[at : at + 2])), at + 2)
    if raw[at + 2] != 0x30:
        return Stray(bytes(raw[at : at + 2])), at + 2
    wide, tall = (int.from_bytes(raw[at + here : at + here + 2], "little") for here in (4, 6))
    return _whole(raw, at, b"\x1dv0", 5 + wide * tall)


def _cut_column_image(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """ESC * m nL nH and the columns."""
    if len(raw) < at + 5:
        return None
    column = 3 if raw[at + 2] in (32, 33) else 1
    return _whole(raw, at, b"\x1b*", 3 + column * int.from_bytes(raw[at + 3 : at + 5], "little"))


def _cut_cut(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """GS V m, or GS V m n with a feed."""
    if len(raw) < at + 3:
        return None
    return _whole(raw, at, b"\x1dV", 1 if raw[at + 2] in (0, 1, 0x30, 0x31) else 2)


def _cut_barcode(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """GS k m with a length, or with a NUL at the end."""
    if len(raw) < at + 4:
        return None
    if raw[at + 2] >= 65:
        return _whole(raw, at, b"\x1dk", 2 + raw[at + 3])
    end = raw.find(0, at + 3, at + 3 + 256)
    if end < 0:
        return None if len(raw) < at + 259 else (Stray(bytes(raw[at : at + 2])), at + 2)
    return _whole(raw, at, b"\x1dk", end - at - 1)


def _cut_tabs(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """ESC D n1 ... NUL."""
    end = raw.find(0, at + 2, at + 35)
    if end < 0:
        return None if len(raw) < at + 35 else (Stray(bytes(raw[at : at + 2])), at + 2)
    return _whole(raw, at, b"\x1bD", end - at - 1)


def _cut_own_letters(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """ESC & y c1 c2 and, for each letter, its width and its columns of y bytes."""
    if len(raw) < at + 5:
        return None
    tall, first, last = raw[at + 2 : at + 5]
    end = at + 5
    for _letter in range(first, last + 1):
        if len(raw) <= end:
            return None
        end += 1 + tall * raw[end]
    return _whole(raw, at, b"\x1b&", end - at - 2)


def _cut_stored_image(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """GS * x y: an image that GS / prints."""
    if len(raw) < at + 4:
        return None
    return _whole(raw, at, b"\x1d*", 2 + 8 * raw[at + 2] * raw[at + 3])


def _cut_status(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """DLE EOT n, with one more byte for n = 7, 8 and 18."""
    if len(raw) < at + 3:
        return None
    return _whole(raw, at, b"\x10\x04", 2 if raw[at + 2] in (7, 8, 18) else 1)


def _cut_real_time(raw: bytes | bytearray, at: int) -> tuple[Token, int] | None:
    """DLE DC4 fn: a pulse (fn 1 m t), power off (fn 2), a sound (fn 3), or clearing the buffer (fn 8)."""
    if len(raw) < at + 3:
        return None
    counts = {1: 3, 2: 3, 3: 6, 8: 8}
    known = counts.get(raw[at + 2])
    return (Stray(bytes(raw[at : at + 3])), at + 3) if known is None else _whole(raw, at, b"\x10\x14", known)


_VARIABLE = {
    b"\x1dv": _cut_raster,
    b"\x1d8": _cut_large,
    b"\x1b*": _cut_column_image,
    b"\x1dV": _cut_cut,
    b"\x1dk": _cut_barcode,
    b"\x1bD": _cut_tabs,
    b"\x1b&": _cut_own_letters,
    b"\x1d*": _cut_stored_image,
    b"\x10\x04": _cut_status,
    b"\x10\x14": _cut_real_time,
}

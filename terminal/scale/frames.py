"""What a scale sends, as readings: the common protocols of scales on a serial line, told apart by their frames. Pure.

ST,GS,+  0.350kg   a line of text, with or without a word for how sure the weight is: CAS, A&D, T-Scale, SICS (`S S`)
STX swa swb swc 6 digits 6 digits CR     Toledo continuous: status words, weight and tare without a point
STX 00.350 CR, STX ? status CR           Toledo 8213 and 8217, asked by `W`: a weight, else why there is none
LF 00.350KG CR LF S s1 s2 CR ETX         NCI and ECR, asked by `W` CR: a weight and two status characters
SOH STX S sign weight unit bcc ETX EOT   CAS, asked by ENQ: it answers ACK, and sends its weight after DC1

Bit 7 is parity on many lines and is left out. What is no frame is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from shared.menu.weights import weight_unit

STX, ACK, NAK = b"\x02", b"\x06", b"\x15"
MOST_BYTES = 256
"""Of an unfinished frame. More is a line at another speed."""
_END = re.compile(rb"[\r\n\x03\x04]")
_TOLEDO = re.compile(rb"\x02([\x20-\x7f])([\x20-\x7f])([\x20-\x7f])([ 0-9]{6})(?:>?[ 0-9]{6})?")
_TOLEDO_STATUS = re.compile(rb"\x02\?(.)")
_NCI_STATUS = re.compile(rb"\n?S([\x30-\x7f])([\x30-\x7f])")
_WEIGHT = re.compile(
    r"([+-]?)\s*([0-9]{1,7})(?:[.,]([0-9]{0,6}))?(?![0-9.,])(?:\s*([Kk][Gg]|[Ll][Bb]|[Oo][Zz]|[gt](?![A-Za-z])))?"
)
"""A sign, a number, and perhaps a unit. A check sign may follow the unit, and `G` alone says gross."""


class Steady(StrEnum):
    """How sure a weight is, as the scale says."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    NEGATIVE = "negative"
    OVERLOAD = "overload"
    UNSAID = "unsaid"
    """The protocol does not say: it counts as stable once it stays the same."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One reading: the weight in thousandths of its unit. Without a unit the scale did not say it."""

    steady: Steady
    weight_milli: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The scale is ready to be asked for its weight (CAS: ACK after ENQ)."""


Frame = Weighed | Ready


class Frames:
    """Cuts what comes from a scale into frames, however the bytes are parted."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole with these bytes."""
        self._held += bytes(byte & 0x7F for byte in data)
        while (end := _END.search(self._held)) is not None:
            raw, self._held = self._held[: end.start()], self._held[end.end() :]
            yield from _frame(raw)
        if self._held in (ACK, NAK):
            if self._held == ACK:
                yield Ready()
            self._held = b""
        if len(self._held) > MOST_BYTES:
            self._held = b""


def _frame(raw: bytes) -> Iterator[Frame]:
    if raw.startswith(ACK):
        yield Ready()
    raw = raw[raw.rfind(STX) :] if STX in raw else raw
    if found := _TOLEDO.fullmatch(raw):
        yield _toledo(found)
    elif found := _TOLEDO_STATUS.fullmatch(raw):
        yield _status(found[1][0])
    elif found := _NCI_STATUS.fullmatch(raw):
        yield from _nci(found[1][0], found[2][0])
    else:
        text = raw.decode("ascii")
        read = _text(text, sure=raw.startswith(STX) and _BARE.fullmatch(text[1:]) is not None)
        if read is not None:
            yield read


_BARE = re.compile(r"\s*[0-9]+\.?[0-9]*\s*")
"""Toledo sends a bare weight only if it is stable."""


def _toledo(found: re.Match[bytes]) -> Weighed:
    """Status words A (place of the point), B (sign, range, motion, kg) and C (other units)."""
    point, state, unit = found[1][0] & 0b111, found[2][0], found[3][0] & 0b111
    digits = int(found[4].replace(b" ", b"0"))
    weight_milli = digits * 10 ** (5 - point) if point <= 5 else round(digits / 10 ** (point - 5))
    name = {0: "kg" if state & 0b10000 else "lb", 1: "g", 3: "oz"}.get(unit, "")
    if state & 0b100:
        return Weighed(Steady.OVERLOAD)
    if state & 0b10:
        return Weighed(Steady.NEGATIVE)
    return Weighed(Steady.UNSTABLE if state & 0b1000 else Steady.STABLE, weight_milli, name)


def _status(status: int) -> Weighed:
    """Toledo's status byte, which comes in place of a weight."""
    if status & 0b10:
        return Weighed(Steady.OVERLOAD)
    if status & 0b100:
        return Weighed(Steady.NEGATIVE)
    return Weighed(Steady.UNSTABLE)


def _nci(first: int, second: int) -> Iterator[Weighed]:
    """NCI's two status characters; nothing if the weight before them stands."""
    if second & 0b10:
        yield Weighed(Steady.OVERLOAD)
    elif second & 0b1:
        yield Weighed(Steady.NEGATIVE)
    elif first & 0b1:
        yield Weighed(Steady.UNSTABLE)


_SAID = (
    (re.compile(r"OL|[SU]F|S\s+\+\s*$|H\s*$"), Steady.OVERLOAD),
    (re.compile(r"UL|S\s+-\s*$|L\s*$"), Steady.NEGATIVE),
    (re.compile(r"US|SD|S\s+[DI]\b|[UD](?=[ +0-9-])"), Steady.UNSTABLE),
    (re.compile(r"ST|SS|S\s+S\b|S(?=[ +0-9-])"), Steady.STABLE),
)
"""The words before a weight, in the order in which they are asked: CAS and A&D (`ST`, `US`, `OL`), SICS (`S S`, `S D`),
CAS asked by ENQ (`S`, `U`; `F` for too much)."""


def _text(text: str, *, sure: bool) -> Weighed | None:
    """A weight in a line of text; None: the line has none and says nothing.

    Args:
        sure: whether a weight without a word for it is stable.
    """
    text = "".join(char if " " <= char <= "~" else " " for char in text).strip()
    said = next((steady for pattern, steady in _SAID if pattern.match(text.upper())), None)
    found = list(_WEIGHT.finditer(text))
    if said in (Steady.OVERLOAD, Steady.NEGATIVE):
        return Weighed(said)
    if not found:
        return Weighed(said) if said is Steady.UNSTABLE else None
    weight = next((each for each in found if each[4]), found[0])
    if weight[1] == "-" and int(weight[2] + (weight[3] or "")):
        return Weighed(Steady.NEGATIVE)
    unit = (weight[4] or "").lower()
    tons = unit == "t"
    part = (weight[3] or "").ljust(4, "0")
    milli = int(weight[2]) * 1_000 + int(part[:3]) + (part[3] >= "5")
    steady = said or (Steady.STABLE if sure else Steady.UNSAID)
    return Weighed(steady, milli * 1_000 if tons else milli, "kg" if tons else weight_unit(unit) or "")

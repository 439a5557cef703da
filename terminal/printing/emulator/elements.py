"""What a printer makes of its bytes, one value a thing: lines of text, pictures, codes, cuts, pulses, beeps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

UNPRINTABLE = "\ufffd"
"""Stands for a byte that is no letter of the chosen code page."""


class Align(StrEnum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Look:
    """How letters are printed. `small` is font B."""

    wide: int = 1
    tall: int = 1
    bold: bool = False
    reversed: bool = False
    underlined: bool = False
    small: bool = False
    upside_down: bool = False


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class DrawnLetter:
    """A letter that the sender drew (ESC &): columns from left to right, each of `tall` bytes."""

    columns: bytes
    tall: int


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one look. `drawn` has the letters that the sender drew, by their index in `text`."""

    text: str
    look: Look = PLAIN
    drawn: tuple[tuple[int, DrawnLetter], ...] = ()

    @property
    def cells(self) -> int:
        """Width in letters of normal width."""
        return len(self.text) * self.look.wide


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of text on paper.

    Attributes:
        wrapped: the line before was too wide for the paper, and this is its rest.
    """

    spans: tuple[Span, ...] = ()
    align: Align = Align.LEFT
    wrapped: bool = False

    @property
    def text(self) -> str:
        """Its letters."""
        return "".join(span.text for span in self.spans)

    @property
    def cells(self) -> int:
        """Width in letters of normal width."""
        return sum(span.cells for span in self.spans)

    @property
    def wide(self) -> int:
        """Times that its widest letters are wide."""
        return max((span.look.wide for span in self.spans), default=1)

    @property
    def tall(self) -> int:
        """Times that its tallest letters are tall."""
        return max((span.look.tall for span in self.spans), default=1)

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return bool(self.spans) and all(span.look.bold for span in self.spans)

    @property
    def reversed(self) -> bool:
        """Whether all of it is white on black."""
        return bool(self.spans) and all(span.look.reversed for span in self.spans)


@dataclass(frozen=True, slots=True)
class Picture:
    """Dots in rows, eight to a byte, the leftmost highest. `wide` and `tall` say how often each dot is repeated."""

    width: int
    rows: bytes
    align: Align = Align.LEFT
    wide: int = 1
    tall: int = 1

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows) // self.row_bytes if self.row_bytes else 0


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code that the printer draws itself (GS ( k)."""

    text: str
    module_dots: int = 3
    level: str = "L"
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode that the printer draws itself (GS k): the number of its kind and its letters."""

    kind: int
    text: str
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Feed:
    """Blank paper: in lines, or in dots."""

    lines: int = 0
    dots: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """The knife."""

    partial: bool = False
    feed_dots: int = 0


@dataclass(frozen=True, slots=True)
class Pulse:
    """The drawer's pulse. `real_time`: sent with DLE DC4, which works without paper."""

    pin: int
    on_ms: int
    off_ms: int = 0
    real_time: bool = False


@dataclass(frozen=True, slots=True)
class Beep:
    """The buzzer."""

    times: int
    tenths: int


@dataclass(frozen=True, slots=True)
class Reset:
    """ESC @: every setting is the usual one again."""


@dataclass(frozen=True, slots=True)
class CodePageChosen:
    """ESC t. `known`: whether the reader has the letters of this number."""

    number: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class NotChinese:
    """FS .: bytes above 127 are letters of the code page, not halves of ideograms."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A known command that puts nothing on the paper by itself, say a line height or a stored image."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the printer: DLE EOT n, GS r n, GS I n, GS a n, GS ( H."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that are no known command, or a command of which the end is missing."""

    raw: bytes


Element = (
    PrintedLine
    | Picture
    | QrCode
    | Barcode
    | Feed
    | Cut
    | Pulse
    | Beep
    | Reset
    | CodePageChosen
    | NotChinese
    | Setting
    | Asked
    | Unknown
)

_EVENTS: dict[type, str] = {
    PrintedLine: "text",
    Picture: "picture",
    QrCode: "qr",
    Barcode: "barcode",
    Feed: "feed",
    Cut: "cut",
    Pulse: "drawer",
    Beep: "beep",
    Reset: "reset",
    CodePageChosen: "page",
    NotChinese: "not chinese",
    Setting: "setting",
    Asked: "asked",
    Unknown: "unknown",
}
_ON_PAPER = (PrintedLine, Picture, QrCode, Barcode, Feed, Cut)


@dataclass
class Paper:
    """Everything that a printer did up to a cut, in order."""

    elements: list[Element] = field(default_factory=list)

    @property
    def lines(self) -> list[PrintedLine]:
        """Its lines of text."""
        return [element for element in self.elements if isinstance(element, PrintedLine)]

    @property
    def text(self) -> str:
        """Its text, without the blanks at the ends of lines."""
        return "\n".join(line.text.rstrip() for line in self.lines)

    @property
    def pictures(self) -> list[Picture]:
        """Its rasters."""
        return [element for element in self.elements if isinstance(element, Picture)]

    @property
    def codes(self) -> list[str]:
        """The texts of the QR codes that the printer drew itself."""
        return [element.text for element in self.elements if isinstance(element, QrCode)]

    @property
    def pages(self) -> list[int]:
        """Numbers of the chosen code pages."""
        return [element.number for element in self.elements if isinstance(element, CodePageChosen)]

    @property
    def unknown(self) -> list[bytes]:
        """Bytes that no command set knows."""
        return [element.raw for element in self.elements if isinstance(element, Unknown)]

    @property
    def pulses(self) -> list[Pulse]:
        """The drawer's pulses."""
        return [element for element in self.elements if isinstance(element, Pulse)]

    @property
    def events(self) -> list[str]:
        """Names of what happened, in order; lines that follow each other are one `text`."""
        names: list[str] = []
        for element in self.elements:
            name = _EVENTS[type(element)]
            if name != "text" or names[-1:] != ["text"]:
                names.append(name)
        return names

    @property
    def is_cut(self) -> bool:
        """Whether the paper ends with a cut."""
        return bool(self.elements) and isinstance(self.elements[-1], Cut)

    @property
    def has_print(self) -> bool:
        """Whether paper moved."""
        return any(isinstance(element, _ON_PAPER) for element in self.elements)

    def count(self, event: str) -> int:
        """How often something happened (see `events`)."""
        return self.events.count(event)

    def line(self, part: str) -> PrintedLine:
        """The first line that has a text.

        Raises:
            StopIteration: there is none.
        """
        return next(line for line in self.lines if part in line.text)


def papers_of(elements: Iterable[Element]) -> list[Paper]:
    """Part what a printer did into papers: each ends with its cut, the last one perhaps without."""
    papers: list[Paper] = []
    current = Paper()
    for element in elements:
        current.elements.append(element)
        if isinstance(element, Cut):
            papers.append(current)
            current = Paper()
    return [*papers, current] if current.elements else papers


def joined(papers: Sequence[Paper]) -> Paper:
    """All papers as one strip."""
    return Paper([element for paper in papers for element in paper.elements])

"""What printers can be and what may be said about them: words and limits. Pure."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

COLUMNS = (32, 42, 48)
"""Letters of a line that printers have: 32 on 58 mm paper, 42 or 48 on 80 mm."""
PAGES = {"PC850": 2, "PC437": 0, "PC858": 19, "WPC1252": 16}
"""Code pages by name, each with its usual number. Clones count differently."""
MOST_PAGE_NUMBER = 255
"""The argument of ESC t is one byte."""
MOST_FEED_LINES = 20
"""Longer than the way from any print head to its knife."""
MOST_TOP_LINES = 20
MOST_AGE_SECONDS = 7 * 24 * 3_600
MOST_ATTEMPTS = 20
"""Nobody wants a paper of last week unasked."""
MOST_NAME_CHARACTERS = 24
MOST_ADDRESS_CHARACTERS = 200
MOST_TEMPLATE_CHARACTERS = 1_000
MOST_BYTES = 32 * 1024
"""Of a document that is sent to another device, and of a logo: one change of the log holds 64 kB."""
MOST_PLACES = 9
"""Printers that print the same document."""
MOST_COPIES = 99
MOST_LOGO_WIDTH_DOTS = 576
"""The width of 80 mm paper."""
MOST_LOGO_HEIGHT_DOTS = 400
"""5 cm: longer pictures overflow the memory of cheap printers."""
_NAME = re.compile(r"[^\W_](?:[^\W_]|[-_])*")


class TransportKind(StrEnum):
    """How a printer is reached. Those that are not on the network hang on one device."""

    TCP = "tcp"
    USB = "usb"
    SERIAL = "serial"
    FILE = "file"
    CUPS = "cups"
    OTHER = "other"
    """What this version does not know."""


class Cut(StrEnum):
    """How the paper is cut. A partial cut leaves a bridge, so that no ticket falls into the soup."""

    FULL = "full"
    PART = "part"
    NONE = "none"


class Beep(StrEnum):
    """How a printer calls the cook."""

    NONE = "none"
    BUZZER = "buzzer"
    """ESC B, which most kitchen printers know and the others ignore."""
    PIN = "pin"
    """A bell on the drawer's plug."""


class DrawerPin(IntEnum):
    """The pin of the drawer's plug that gets the pulse."""

    NONE = 0
    """This printer opens no drawer."""
    TWO = 2
    FIVE = 5


class QrMode(StrEnum):
    """How a QR code is printed."""

    NATIVE = "native"
    """By the printer's own command."""
    RASTER = "raster"
    """As a picture, which every printer prints."""


class Habit(StrEnum):
    """What a model does otherwise than most: the words of a printer's profile."""

    NO_REAL_TIME = "no-real-time"
    """It does not know DLE DC4, by which a drawer opens at once or never."""


def habits_of(profile: str) -> frozenset[Habit]:
    """The habits that a profile names, parted by blanks or commas. What only a newer program knows is left out."""
    known = {str(each): each for each in Habit}
    return frozenset(known[word] for word in profile.replace(",", " ").split() if word in known)


class Separates(StrEnum):
    """How many slips a kitchen gets of one sending."""

    SLIP = "slip"
    """One slip for the whole sending."""
    CATEGORY = "category"
    """One slip for each category of dishes."""


class Paper(StrEnum):
    """What rules choose printers for. What has no rule of its own goes where `usual_paper` says."""

    RECEIPT = "receipt"
    BILL = "bill"
    KITCHEN = "kitchen"
    PACKING = "packing"
    REPORT = "report"
    QR = "qr"
    OTHER = "other"
    """What this version does not know."""


class Size(NamedTuple):
    """Width and height of a picture, in dots."""

    width: int
    height: int


def usual_paper(paper: Paper) -> Paper | None:
    """The kind whose printers print a kind that has no rule of its own.

    Bills, reports and codes go with receipts. A packing label goes nowhere without a rule.
    """
    return Paper.RECEIPT if paper in (Paper.BILL, Paper.REPORT, Paper.QR) else None


def is_name(name: Any) -> bool:
    """Whether it is a word that jobs can name a printer by."""
    return (
        isinstance(name, str)
        and len(name) <= MOST_NAME_CHARACTERS
        and name == name.lower()
        and _NAME.fullmatch(name) is not None
    )


def is_of_a_device(kind: TransportKind) -> bool:
    """Whether a printer hangs on one device, so that the jobs of others go through it."""
    return kind is not TransportKind.TCP

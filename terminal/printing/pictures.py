"""Pictures of one bit a dot: the logo, codes, and letters that a printer lacks. Pure; Pillow is imported late."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.printers.logo import logo_size

if TYPE_CHECKING:
    from PIL.Image import Image

STRIP_ROWS = 64
"""Rows that are sent at once: taller pictures overflow the memory of cheap printers, which print the rest as text."""
COLUMN_DOTS = 12
"""Width of a letter of normal width."""
LINE_DOTS = 24
"""Height of such a letter."""
_PAPER_DOTS = {32: 384, 42: 512, 48: 576}
"""Of 58 mm paper, and of both kinds of 80 mm printers."""


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picture:
    """Dots in rows from the top, eight to a byte, the leftmost highest; a set bit is black."""

    width: int
    rows: bytes

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows) // self.row_bytes if self.width else 0

    def strips(self) -> Iterator[Picture]:
        """The picture in pieces that every printer has room for."""
        size = STRIP_ROWS * self.row_bytes
        for at in range(0, len(self.rows), size):
            yield Picture(self.width, self.rows[at : at + size])

    def dot(self, x: int, y: int) -> bool:
        """Whether a dot is black."""
        return bool(self.rows[y * self.row_bytes + x // 8] >> (7 - x % 8) & 1)

    def centred(self, width: int) -> Picture:
        """The picture in the middle of paper of so many dots.

        Raises:
            ValueError: it is wider.
        """
        if self.width > width:
            msg = f"a picture of {self.width} dots on paper of {width}"
            raise ValueError(msg)
        left = (width - self.width) // 2
        row_bytes, spare = (width + 7) // 8, (width + 7) // 8 * 8 - left - self.row_bytes * 8
        rows = bytearray()
        for at in range(0, len(self.rows), self.row_bytes):
            row = int.from_bytes(self.rows[at : at + self.row_bytes], "big")
            rows += (row << spare if spare >= 0 else row >> -spare).to_bytes(row_bytes, "big")
        return Picture(width, bytes(rows))


def paper_dots(columns: int) -> int:
    """Width of paper in dots, by its columns."""
    return _PAPER_DOTS.get(columns, columns * COLUMN_DOTS)


def picture_of(modules: Sequence[Sequence[bool]], dots: int) -> Picture:
    """A pattern of square modules, each of so many dots."""
    width = len(modules[0]) * dots
    rows = bytearray()
    for row in modules:
        bits = "".join(("1" if dark else "0") * dots for dark in row)
        rows += (int(bits, 2) << (-width % 8)).to_bytes((width + 7) // 8, "big") * dots
    return Picture(width, bytes(rows))


def picture_of_image(image: Image) -> Picture:
    """A picture of an image in which 0 is black."""
    from PIL import ImageChops
    from PIL.Image import Dither

    return Picture(image.width, ImageChops.invert(image.convert("L")).convert("1", dither=Dither.NONE).tobytes())


@lru_cache(maxsize=4)
def picture_of_png(png: bytes, width: int) -> Picture | None:
    """The picture of a logo for paper of so many dots, made smaller if it is wider; None if it cannot be read."""
    from PIL import Image

    if logo_size(png) is None:
        return None
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
            image = opened.convert("L")
    except Exception:  # a receipt needs no logo
        logger.exception("the logo cannot be read")
        return None
    if image.width > width:
        image = image.resize((width, max(1, image.height * width // image.width)))
    return picture_of_image(image.point(lambda grey: 255 if grey > 127 else 0))

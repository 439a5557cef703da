"""Makes the logo of papers from a picture file: black and white, no wider than 58 mm paper, a small PNG."""

from __future__ import annotations

import io
from pathlib import Path

from shared.kernel.errors import DomainError
from shared.printers.logo import logo_size
from shared.printers.rules import MOST_LOGO_HEIGHT_DOTS

WIDTH_DOTS = 384
"""Of 58 mm paper, so that one logo fits every printer."""


def logo_of(path: Path) -> bytes:
    """The logo of a picture file. What is transparent is white.

    Raises:
        DomainError: LOGO_UNREADABLE (params: path), LOGO_WRONG.
        OSError: the file cannot be read.
    """
    from PIL import Image  # 100 ms

    raw = path.read_bytes()
    try:
        with Image.open(io.BytesIO(raw)) as picture:
            coloured = picture.convert("RGBA")
    except Exception as error:  # files make Pillow raise whatever there is
        raise DomainError("LOGO_UNREADABLE", path=path) from error
    white = Image.new("RGBA", coloured.size, "white")
    white.alpha_composite(coloured)
    grey = white.convert("L")
    grey.thumbnail((WIDTH_DOTS, MOST_LOGO_HEIGHT_DOTS))
    made = io.BytesIO()
    grey.convert("1").save(made, "PNG", optimize=True)
    if logo_size(made.getvalue()) is None:
        raise DomainError("LOGO_WRONG")
    return made.getvalue()

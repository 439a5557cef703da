"""QR codes for pages, as the path of an SVG: nothing is fetched, and no style is needed."""

from __future__ import annotations

from dataclasses import dataclass

QUIET_MODULES = 4
"""The margin that readers need around a code."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code to be drawn. `size` is its side in modules, with the margin; `path` its dark modules."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """The code that holds a text."""
    import qrcode  # late: few pages need it

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return QrCode(len(rows), "".join(dark))

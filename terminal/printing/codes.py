"""QR codes for paper: as dots, and as a printer's own command draws them. Pure; `qrcode` is imported late."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from terminal.printing.pictures import Picture, paper_dots, picture_of

QUIET_MODULES = 4
"""White around the code, as the norm asks."""
LEAST_DOTS = 4
"""Of a module's side (0.5 mm): with fewer, phones read worn paper badly."""
MOST_DOTS = 6
"""0.75 mm. Larger codes only cost paper."""


@dataclass(frozen=True, slots=True)
class QrText:
    """What a code says. Level M survives worn paper; longer texts get L, so that their modules stay large."""

    text: str

    @property
    def level(self) -> str:
        """The level of error correction."""
        return "M" if len(self.text.encode()) <= 220 else "L"


@lru_cache(maxsize=16)
def modules_of(code: QrText) -> tuple[tuple[bool, ...], ...]:
    """The code as rows of modules with its quiet edge, true where dark.

    Raises:
        ValueError: no code holds so much.
    """
    import qrcode
    from qrcode.exceptions import DataOverflowError

    levels = {"L": qrcode.constants.ERROR_CORRECT_L, "M": qrcode.constants.ERROR_CORRECT_M}
    made = qrcode.QRCode(error_correction=levels[code.level], border=QUIET_MODULES)
    made.add_data(code.text)
    try:
        made.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        msg = "too much for a code"
        raise ValueError(msg) from error
    return tuple(tuple(map(bool, row)) for row in made.get_matrix())


def module_dots(code: QrText, columns: int) -> int:
    """Dots of a module on this paper: as many as fit, at most `MOST_DOTS`; 0 if not even `LEAST_DOTS` fit.

    Raises:
        ValueError: see `modules_of`.
    """
    dots = min(MOST_DOTS, paper_dots(columns) // len(modules_of(code)))
    return dots if dots >= LEAST_DOTS else 0


def picture_of_code(code: QrText, columns: int) -> Picture:
    """The code in the middle of the paper.

    Raises:
        ValueError: it does not fit so that phones could read it.
    """
    dots = module_dots(code, columns)
    if not dots:
        msg = "too much for a code on this paper"
        raise ValueError(msg)
    return picture_of(modules_of(code), dots).centred(paper_dots(columns))


def fits(code: QrText, columns: int) -> bool:
    """Whether the code can be printed so that phones read it."""
    try:
        return bool(code.text) and module_dots(code, columns) > 0
    except ValueError:
        return False

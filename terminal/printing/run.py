"""What one printing of a job needs besides its document: which copy it is, for whom, and how papers look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.orders.contacts import ContactView
from shared.printers.queries import PaperLook
from shared.printers.templates import FOOT, HEAD, HIDE, filled, hidden
from terminal.printing.lines import Sheet
from terminal.printing.pictures import paper_dots, picture_of_png


@dataclass(frozen=True, slots=True)
class Run:
    """One printing of a job.

    Attributes:
        copy: 0 for the original, then 1, 2, ... A copy says so, or a kitchen would cook twice.
        mark: a few letters by which the job of a paper is found.
        contact: whom the order is for, as it is known when it is printed.
        banner: says that it comes out of another printer than its own; empty if it does not.
        look: the templates and the logo of the branch.
        is_fresh: whether it was asked for just now; the buzzer rings only then.
    """

    copy: int = 0
    mark: str = ""
    contact: ContactView | None = None
    banner: str = ""
    look: PaperLook = field(default_factory=PaperLook)
    is_fresh: bool = True


ORIGINAL = Run()


class Dress:
    """How the branch dresses a paper: its rows at head and foot, and what is left out.

    Args:
        paper: see `shared.printers.templates.PARTS`.
        values: texts for placeholders.
    """

    def __init__(self, look: PaperLook, paper: str, values: Mapping[str, str]) -> None:
        self._look = look
        self._paper = paper
        self._values = values
        self._hidden = hidden(look.templates.get((paper, HIDE), ""))

    def shows(self, part: str) -> bool:
        """Whether a part is printed."""
        return part not in self._hidden

    def logo(self, sheet: Sheet) -> None:
        """Print the logo, if there is one."""
        if self._look.logo is None or not self.shows("logo"):
            return
        picture = picture_of_png(self._look.logo, paper_dots(sheet.columns))
        if picture is not None:
            sheet.picture(picture)

    def head(self, sheet: Sheet) -> None:
        """Print the rows below the restaurant's name."""
        for row in self._rows(HEAD):
            sheet.centre(row)

    def foot(self, sheet: Sheet, usual: str = "") -> None:
        """Print the rows at the end, or what stands there usually."""
        for row in self._rows(FOOT) or [usual]:
            sheet.centre(row)

    def _rows(self, block: str) -> list[str]:
        return filled(self._look.templates.get((self._paper, block), ""), self._values)

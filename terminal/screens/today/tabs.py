"""The row of tabs above the lists of today: each with the key that opens it; the day at the right. Taps open them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of

GAP = 1


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. `action` is the id of the action that opens it."""

    action: str
    title: str
    key: str
    is_open: bool = False


class TabRow(TapWidget):
    """See the module. Posts `Chosen`."""

    DEFAULT_CSS = """
    TabRow { width: 1fr; height: 1; }
    """

    class Chosen(Message):
        """A tab was tapped."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id)
        self._tabs: Sequence[Tab] = ()
        self._note = ""

    def show(self, tabs: Sequence[Tab], note: str) -> None:
        """Show these tabs, and a note at the right."""
        self._tabs, self._note = tabs, note
        self.redraw()

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The tab of this column; a gap belongs to the tab before it."""
        end = 0
        for tab in self._tabs:
            end += _width(tab)
            if x < end:
                return tab.action
        return None

    def tapped(self, target: Hashable) -> None:
        """Post the tab."""
        self.post_message(self.Chosen(str(target)))

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the tabs, the open one as chosen, and the note in the room that is left."""
        page, open_ink, ink = self.palette.page, self.palette.selected, self.palette.panel
        row: Row = []
        used = 0
        for tab in self._tabs:
            label = _label(tab)
            row.append(Segment(label, open_ink.style(bold=True) if tab.is_open else ink.style()))
            row.append(Segment(" " * GAP, page.style()))
            used += _width(tab)
        room = max(0, width - used - 1)
        return [[*row, Segment(fit(self._note, room, "right") + " ", page.quiet_style())]]


def _label(tab: Tab) -> str:
    mark = "◂" if tab.is_open else " "
    return f" {tab.key} {tab.title}{mark}"


def _width(tab: Tab) -> int:
    """Cells of a tab, with the blanks at its sides and the gap behind it."""
    return 1 + width_of(f"{tab.key} {tab.title}") + 1 + GAP

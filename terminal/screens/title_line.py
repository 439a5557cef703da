"""One line of words on a panel: a dialog's title, or a sentence with its tone. People's text is shown as it is."""

from __future__ import annotations

from rich.segment import Segment

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import Align, fit, width_of, wrap


class TitleLine(LineWidget):
    """A bold line; with a tone it stands on the tone's ground behind its glyph. More rows take a longer sentence."""

    DEFAULT_CSS = """
    TitleLine { width: 1fr; height: 1; }
    """

    def __init__(
        self,
        text: str = "",
        *,
        align: Align = "left",
        quiet: bool = False,
        on_page: bool = False,
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make a line; a quiet one is neither bold nor bright, one `on_page` lies on the page instead of a panel."""
        super().__init__(id=id, classes=classes)
        self._text, self._align, self._quiet, self._tone = text, align, quiet, Tone.PLAIN
        self._on_page = on_page

    def show(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Say something else."""
        self._text, self._tone = text, tone
        self.redraw()

    @property
    def ground(self) -> Ink:
        """What the line lies on."""
        return self.palette.page if self._on_page else self.palette.panel

    def draw(self, width: int, height: int) -> list[Row]:
        """The words, wrapped into the rows there are."""
        panel = self.ground
        toned = self._tone is not Tone.PLAIN
        ink = self.palette.tone(self._tone) if toned else panel
        style = ink.quiet_style() if self._quiet and not toned else ink.style(bold=True)
        text = f"{self._tone.glyph} {self._text}" if toned else self._text
        inner = width - 2 if toned else width
        rows: list[Row] = []
        for part in wrap(text, inner, height):
            shown = f" {fit(part, min(width_of(part), inner))} " if toned else fit(part, min(width_of(part), inner))
            spare = max(0, width - Segment(shown).cell_length)
            left = {"left": 0, "right": spare, "center": spare // 2}[self._align]
            blank = panel.style()
            rows.append([Segment(" " * left, blank), Segment(shown, style), Segment(" " * (spare - left), blank)])
        return rows

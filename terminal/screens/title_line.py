"""A line of text on a panel: a dialog's title, or a sentence with its tone. Text is never markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import Align, fit, width_of, wrap


class TitleLine(LineWidget):
    """A bold line. With a tone it has the tone's ground and glyph. A long sentence takes more rows."""

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
        """Make a line. A quiet one is not bold and dimmer; with `on_page` its ground is the page and not a panel."""
        super().__init__(id=id, classes=classes)
        self._lines: tuple[tuple[str, Tone], ...] = ((text, Tone.PLAIN),)
        self._align, self._quiet = align, quiet
        self._on_page = on_page

    def show(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show another text."""
        self.show_lines(((text, tone),))

    def show_lines(self, lines: Sequence[tuple[str, Tone]]) -> None:
        """Show sentences below each other, each with its tone."""
        self._lines = tuple(lines)
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The ink of the page or the panel."""
        return self.palette.page if self._on_page else self.palette.panel

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the sentences, wrapped into the rows."""
        rows: list[Row] = []
        for text, tone in self._lines:
            rows.extend(self._sentence(text, tone, width, height - len(rows)))
        return rows

    def _sentence(self, said: str, tone: Tone, width: int, height: int) -> list[Row]:
        if height <= 0:
            return []
        panel = self.ground
        toned = tone is not Tone.PLAIN
        ink = self.palette.tone(tone) if toned else panel
        style = ink.quiet_style() if self._quiet and not toned else ink.style(bold=True)
        text = f"{tone.glyph} {said}" if toned else said
        inner = width - 2 if toned else width
        rows: list[Row] = []
        for part in wrap(text, inner, height):
            shown = f" {fit(part, min(width_of(part), inner))} " if toned else fit(part, min(width_of(part), inner))
            spare = max(0, width - Segment(shown).cell_length)
            left = {"left": 0, "right": spare, "center": spare // 2}[self._align]
            blank = panel.style()
            rows.append([Segment(" " * left, blank), Segment(shown, style), Segment(" " * (spare - left), blank)])
        return rows

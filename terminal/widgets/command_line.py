"""The command line of the till: `2*lom` and Enter. It needs no focus: the screen passes every key that is no action.

The line holds and shows the typed text. The screen decides what Enter does.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of, wrap
from terminal.widgets.tile import EDGE

MAX_TYPED_CHARACTERS = MAX_NOTE_CHARACTERS + 2
"""The longest note with its mark; longer than any search or code. More is a stuck key."""
PROMPT = "›"
BETWEEN_HINTS = " · "
"""Between the parts of a hint. Where there is no room for all of them, the last ones are left out whole."""
_AROUND_ANSWER = 6
"""Cells of the prompt, the cursor and the blanks around the answer."""
_GLYPH = 2
"""Cells of an answer's glyph and the blank after it."""


class CommandLine(TapWidget):
    """A line of text, with a hint while it is empty, and an answer at the right."""

    JUMPS = False

    DEFAULT_CSS = """
    CommandLine { width: 1fr; height: 2; }
    """

    @dataclass
    class Tapped(Message):
        """The line was tapped: somebody without a keyboard wants to type."""

        line: CommandLine

    def __init__(
        self,
        hint: str = "",
        *,
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make a line with a hint."""
        super().__init__(id=id, classes=classes)
        self._hint = hint
        self._text, self._answer, self._tone = "", "", Tone.PLAIN

    @property
    def text(self) -> str:
        """The typed text."""
        return self._text

    def answer(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show at the right what Enter would do, or what it did."""
        self._answer, self._tone = text, tone
        self.redraw()

    @property
    def answered(self) -> str:
        """The present answer."""
        return self._answer

    def set_hint(self, hint: str) -> None:
        """Change the hint."""
        self._hint = hint
        self.redraw()

    def write(self, text: str) -> None:
        """Put a text in place of the typed one."""
        self._become(text)

    def clear(self) -> None:
        """Delete the typed text."""
        self._become("")

    def press(self, key: str, character: str | None = None) -> bool:
        """Handle a key. Returns False if the line has no use for it."""
        if key == "backspace":
            self._become(self._text[:-1])
        elif key in ("ctrl+u", "delete"):
            self._become("")
        elif character is not None and character.isprintable():
            self._become(self._text + character)
        else:
            return False
        return True

    def insert(self, text: str) -> bool:
        """Add text that no person typed, after a blank where a word ends. Returns False if not all of it fits.

        Line breaks become blanks; control characters and invisible marks are left out.
        """
        added = clean(text, MAX_TYPED_CHARACTERS + 1)
        blank = " " if added and self._text[-1:].isalnum() else ""
        whole = f"{self._text}{blank}{added}"
        self._become(whole)
        return len(whole) <= MAX_TYPED_CHARACTERS

    def _become(self, text: str) -> None:
        text = text[:MAX_TYPED_CHARACTERS]
        if text == self._text:
            return
        self._text = text
        self.redraw()

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The line itself."""
        return "line"

    def tapped(self, target: Hashable) -> None:
        """Post `Tapped`."""
        self.post_message(self.Tapped(self))

    # Drawing

    @property
    def ground(self) -> Ink:
        """The field's ink."""
        return self.palette.field

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw an edge of half a row if there is room, then the prompt, the text with its cursor, and the answer.

        An answer that is longer than its row begins in place of the edge.
        """
        ink = self.ground
        above, answer = self._parts(width) if height > 1 else ("", self._answer)
        rows: list[Row] = [[Segment(EDGE * width, ink.edge(self.palette.page))]] if height > 1 else []
        if above:
            begun = self._answered(above, width)
            blank = width - sum(segment.cell_length for segment in begun)
            rows = [[Segment(" " * blank, self.palette.page.style()), *begun]]
        face = height - len(rows)
        blanks = (face - 1) // 2
        rows.extend([] for _ in range(blanks))
        rows.append(self._written(width, ink, answer))
        return rows

    def _parts(self, width: int) -> tuple[str, str]:
        """The answer in two parts: what stands above the line, and what stands in it."""
        room = width - _AROUND_ANSWER - _GLYPH
        if width_of(self._answer) <= self._beside(width) - _GLYPH:
            return "", self._answer
        above, *rest = wrap(self._answer, room, 2)
        return above, " ".join(rest)

    def _beside(self, width: int) -> int:
        """Cells of an answer in the line: the typed text keeps what it needs, half of the line if it is long."""
        if not self._text:
            return width - _AROUND_ANSWER
        return max(width // 2, width - _AROUND_ANSWER - _GLYPH - width_of(self._text))

    def _whole_hint(self, room: int) -> str:
        parts = self._hint.split(BETWEEN_HINTS)
        while parts and width_of(BETWEEN_HINTS.join(parts)) > room:
            parts.pop()
        return BETWEEN_HINTS.join(parts)

    def _written(self, width: int, ink: Ink, answer_text: str) -> Row:
        prompt = [Segment(f" {PROMPT} ", ink.mark(self.palette.accent))]
        answer = self._answered(answer_text, self._beside(width))  # the hint makes room for it
        room = max(1, width - 3 - sum(segment.cell_length for segment in answer))
        cursor = Segment(" ", self.palette.pressed.style())
        if not self._text:
            hint = self._whole_hint(room - 1) if answer_text == self._answer else ""
            return [*prompt, cursor, Segment(fit(hint, room - 1), ink.quiet_style()), *answer]
        # Not `fit`: a typed blank at the end must show, and a long text must show its end.
        shown = "".join(char for char in self._text if char.isprintable())
        while width_of(shown) > room - 2:
            shown = shown[1:]
        spare = max(0, room - 1 - Segment(shown).cell_length)
        return [*prompt, Segment(shown, ink.style(bold=True)), cursor, Segment(" " * spare, ink.style()), *answer]

    def _answered(self, text: str, room: int) -> Row:
        if not text:
            return []
        plain_tone = self._tone is Tone.PLAIN
        ink = self.ground if plain_tone else self.palette.tone(self._tone)
        glyph = "" if plain_tone else f"{self._tone.glyph} "
        width = max(0, min(width_of(glyph + text), room))
        return [Segment(f" {fit(glyph + text, width)} ", ink.style(bold=True))]

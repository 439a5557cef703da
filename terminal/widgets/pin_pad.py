"""Entry of a PIN: masked digits above a key pad, typed or tapped. Only `Entered` carries the digits out."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.key_pad import ACCEPT, ERASE, KeyPad
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, wrap

MIN_PIN_DIGITS = 4
"""No PIN is shorter."""
MAX_PIN_DIGITS = 8
"""No PIN is longer. Further digits are ignored."""


class PinField(LineWidget):
    """A prompt, one dot for each typed digit, and a sentence below. It never shows the digits."""

    DEFAULT_CSS = """
    PinField { width: 1fr; height: 6; }
    """

    def __init__(self, prompt: str) -> None:
        """Make a field with a prompt."""
        super().__init__()
        self._prompt, self._typed, self._message, self._tone = prompt, 0, "", Tone.PLAIN

    @property
    def ground(self) -> Ink:
        """The panel's ink."""
        return self.palette.panel

    def show(self, prompt: str, typed: int, message: str, tone: Tone) -> None:
        """Show a prompt, the number of digits, and a message."""
        self._prompt, self._typed, self._message, self._tone = prompt, typed, message, tone
        self.redraw()

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the prompt, the dots and the sentence."""
        panel = self.palette.panel
        dots = " ".join("●" * self._typed) if self._typed else "· · · ·"
        dot_style = panel.style(bold=True) if self._typed else panel.quiet_style()
        rows: list[Row] = [
            [Segment(fit(self._prompt, width, "center"), panel.style(bold=True))],
            [],
            [Segment(fit(dots, width, "center"), dot_style)],
            [],
        ]
        ink = panel if self._tone is Tone.PLAIN else self.palette.tone(self._tone)
        style = panel.quiet_style() if self._tone is Tone.PLAIN else ink.style(bold=True)
        glyph = "" if self._tone is Tone.PLAIN else f"{self._tone.glyph} "
        rows.extend(
            [Segment(fit(glyph + line if at == 0 else line, width, "center"), style)]
            for at, line in enumerate(wrap(self._message, width - 2, max(1, height - len(rows))))
        )
        return rows


class PinPad(Vertical):
    """A PIN field above a key pad. The screen passes keys to `press`."""

    DEFAULT_CSS = """
    PinPad { width: 40; height: 28; max-height: 100%; padding: 1 2 0 2; background: $ink-panel; }
    """

    @dataclass
    class Entered(Message):
        """A person typed a PIN and pressed Enter. The digits go into no log."""

        pad: PinPad
        pin: str = field(repr=False)

        @property
        def control(self) -> PinPad:
            """The pad, for `@on(PinPad.Entered, "#pin")`."""
            return self.pad

    def __init__(self, prompt: str = "PIN", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Make a pad with a prompt."""
        super().__init__(id=id, classes=classes)
        self._prompt, self._digits, self._message, self._tone = prompt, "", "", Tone.PLAIN
        self._field = PinField(prompt)

    def compose(self) -> ComposeResult:
        """The field and the keys."""
        yield self._field
        yield KeyPad()

    @property
    def typed(self) -> int:
        """Number of typed digits."""
        return len(self._digits)

    def ask(self, prompt: str) -> None:
        """Start again with another prompt."""
        self._prompt, self._digits, self._message, self._tone = prompt, "", "", Tone.PLAIN
        self._show()

    def tell(self, message: str, tone: Tone = Tone.LATE) -> None:
        """Show a message below the digits, and delete the digits."""
        self._digits, self._message, self._tone = "", message, tone
        self._show()

    def reword(self, prompt: str) -> None:
        """Change the prompt. Digits and message stay."""
        self._prompt = prompt
        self._show()

    def remark(self, message: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message below the digits. The digits stay."""
        self._message, self._tone = message, tone
        self._show()

    def press(self, key: str) -> bool:
        """Handle a key, by Textual's name or the pad's text. Returns False if the pad has no use for it."""
        if len(key) == 1 and key.isascii() and key.isdigit():
            self._digits = (self._digits + key)[:MAX_PIN_DIGITS]
        elif key in (ERASE, "backspace"):
            self._digits = self._digits[:-1]
        elif key in ("delete", "ctrl+u"):
            self._digits = ""
        elif key in (ACCEPT, "enter"):
            self._accept()
            return True
        else:
            return False
        self._message, self._tone = "", Tone.PLAIN
        self._show()
        return True

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        self.press(event.key)

    def _accept(self) -> None:
        pin, self._digits = self._digits, ""
        self._show()
        if pin:
            self.post_message(self.Entered(self, pin))

    def _show(self) -> None:
        self._field.show(self._prompt, len(self._digits), self._message, self._tone)


class QueuedPinPad(PinPad):
    """A PIN pad whose taps wait in the press queue: the screen takes the digits when Enter leaves the queue."""

    def take(self) -> str:
        """Return the typed digits and delete them."""
        pin, self._digits = self._digits, ""
        self._show()
        return pin

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Leave it to the screen."""
        event.prevent_default()

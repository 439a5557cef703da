"""The dialog with a few labelled fields: Enter moves on and accepts in the last one; letters can be tapped."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from terminal.actions import ScreenName
from terminal.dialogs.asking import AskingDialog
from terminal.dialogs.fields import Filling
from terminal.dialogs.questions import FieldKind, Form
from terminal.input.strokes import Stroke
from terminal.theme.palette import Tone
from terminal.widgets.key_bar import BarKey
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.letter_pad import LetterPad, stroke_of_pad
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import fit, width_of

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

LABEL_WIDTH = 20
CURSOR = "▏"
DOT = "•"
"""Stands for each digit of a PIN."""


class FormFields(TapWidget):
    """The labels and what stands in the fields, a row each. Posts `Picked` for a tapped one."""

    class Picked(Message):
        """A field was tapped."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self) -> None:
        super().__init__(id="fields")
        self._filling: Filling | None = None

    def show(self, filling: Filling) -> None:
        """Show the fields as they are now."""
        self._filling = filling
        self.styles.height = len(filling.form.fields)
        self.redraw()

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The field of this row."""
        return y if self._filling is not None and y < len(self._filling.form.fields) else None

    def tapped(self, target: Hashable) -> None:
        """Post the field."""
        if isinstance(target, int):
            self.post_message(self.Picked(target))

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw a row for each field. Of a long text one sees the end, where it is typed."""
        filling, palette = self._filling, self.palette
        rows: list[Row] = []
        for at, each in enumerate(filling.form.fields if filling is not None else ()):
            assert filling is not None, "only a filled form has fields"
            here, text = at == filling.at, filling.texts[each.id]
            text = DOT * len(text) if each.kind is FieldKind.PIN else text
            ink = palette.cursor if here else palette.field
            room = max(1, width - LABEL_WIDTH - 3)
            shown = text
            while shown and width_of(shown) > room - 1:
                shown = shown[1:]
            shown = f"{shown}{CURSOR if here else ''}"
            hinted = not text and not here
            rows.append(
                [
                    Segment(fit(each.label, LABEL_WIDTH) + " ", palette.page.style(bold=here)),
                    Segment(
                        f" {fit(each.hint if hinted else shown, room)} ",
                        ink.quiet_style() if hinted else ink.style(bold=here),
                    ),
                ]
            )
        return rows


class FormDialog(AskingDialog[Form, Mapping[str, str]]):
    """See the module."""

    SCREEN_NAME = ScreenName.FORM

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._filling: Filling | None = None
        self._leave_asked = False
        self.fields = FormFields()
        self.pad = LetterPad()

    def compose(self) -> ComposeResult:
        """Title, sentence, fields, letters to tap, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.words
            yield self.fields
            yield self.pad
            yield self.bar

    def begin(self, question: Form) -> None:
        """The fields as the form brings them."""
        self._filling, self._leave_asked = Filling.begin(question), False
        self.head.show(question.title)
        self.pad.for_figures(only=all(each.kind is not FieldKind.TEXT for each in question.fields))

    def refresh_view(self) -> None:
        """The sentence, the fields and the keys."""
        self._say_understood()
        self._show()

    def _say_understood(self) -> None:
        question, filling = self._question, self._filling
        if question is not None and filling is not None:
            understood = question.understood(filling.texts) if question.understood is not None else ""
            self.ask(understood or question.asked)

    def _show(self) -> None:
        if self._filling is not None:
            self.fields.show(self._filling)
        self.bar.set_keys(self.bar_keys())

    def bar_keys(self) -> tuple[BarKey, ...]:
        """Enter is called by what it does: on to the next field, from the last one take the form."""
        filling = self._filling
        if filling is None or filling.is_last:
            return super().bar_keys()
        texts = self.desk.texts
        title, short = texts("action.next_field"), texts("action_short.next_field")
        return tuple(
            replace(key, title=title, short=short) if key.action == "accept" else key for key in super().bar_keys()
        )

    def is_typing(self) -> bool:
        """Every key that types something is text."""
        return True

    # Keys

    def takes_sign(self, sign: str) -> bool:
        """What the field takes is typed."""
        return self._filling is None or self._filling.takes(sign)

    @property
    def takes_figures(self) -> bool:
        """All fields but those of text."""
        return self._filling is not None and self._filling.field.kind is not FieldKind.TEXT

    async def typed(self, stroke: Stroke) -> None:
        """Type into the field."""
        filling = self._filling
        if filling is None:
            return
        if stroke.name == "backspace":
            self._become(filling.with_text(filling.text[:-1]))
        elif stroke.name in ("delete", "ctrl+u"):
            self._become(filling.with_text(""))
        elif stroke.character is not None and stroke.character.isprintable():
            if filling.refuses(stroke.character):
                what = {"label": filling.field.label, "text": stroke.character}
                self.say(self.desk.texts(f"form.only_{filling.field.kind}", **what), Tone.WARN)
                return
            after = filling.with_text(filling.text + stroke.character)
            self._become(after)
            if after.texts == filling.texts:
                self.remark("input.cut")

    async def scanned(self, text: str) -> None:
        """A code is text of the field: a document's number, for example."""
        self._insert(text)

    async def pasted(self, text: str) -> None:
        """Pasted text likewise; Enter remains a person's."""
        self._insert(text)

    def _insert(self, text: str) -> None:
        if self._filling is None:
            return
        filling, fits = self._filling.inserted(text)
        self._become(filling)
        if not fits:
            self.remark("input.cut")

    def _become(self, filling: Filling) -> None:
        self._filling, self._leave_asked, self._is_told = filling, False, False
        self._say_understood()
        self._show()

    # Actions

    async def do_next_field(self) -> None:
        """The next field."""
        if self._filling is not None and not await self._propose(self._filling):
            self._become(self._filling.turned(self._filling.at + 1))

    async def _propose(self, filling: Filling) -> bool:
        """Fill in what is known from the field that is left. Returns whether anything was."""
        question = self._question
        known = await question.proposed(filling.field.id, filling.texts) if question and question.proposed else {}
        after = filling.proposed(known)
        if after is filling:
            return False
        self._become(after)
        self.say(self.desk.texts("form.proposed"), Tone.READY)
        return True

    async def do_previous_field(self) -> None:
        """The field before."""
        if self._filling is not None:
            self._become(self._filling.turned(self._filling.at - 1))

    async def do_back(self) -> bool:
        """Close; what was typed is given up on the second press."""
        if self._filling is not None and self._filling.is_changed and not self._leave_asked:
            self._leave_asked = True
            self.say(self.desk.texts("form.leave_asked"), Tone.WARN)
            return True
        await super().do_back()
        return True

    async def do_accept(self) -> bool:
        """On to the next field; from the last one, take the form, or go to the field that is not right yet.

        False while it only moves on: a person may type the next Enter ahead.
        """
        filling = self._filling
        if filling is None:
            return True
        if await self._propose(filling):
            return False
        if not filling.is_last:
            self._become(filling.turned(filling.at + 1))
            return False
        return await self._take(filling)

    async def do_save(self) -> bool:
        """Take the form from any field; what is proposed now is to be read first."""
        if self._filling is None or await self._propose(self._filling):
            return True
        return await self._take(self._filling)

    async def _take(self, filling: Filling) -> bool:
        trouble = filling.trouble()
        if trouble is not None:
            self._become(filling.turned(trouble[0]))
            raise trouble[1]
        return await self.give(filling.answer())

    # Fingers

    def on_form_fields_picked(self, event: FormFields.Picked) -> None:
        """A field was tapped."""
        event.stop()

        async def picked() -> None:
            if self._filling is not None:
                self._become(self._filling.turned(event.at))

        self.tap(f"field {event.at}", picked)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        self.tap(f"pad {event.key}", lambda: self.press(stroke_of_pad(event.key)))

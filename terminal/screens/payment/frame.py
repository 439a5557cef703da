"""What the payment screen shows: methods left, figures in the middle, the pad right, one line of words, the keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from terminal.guests.view import GuestLine, GuestView, Moment
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.house_money import HouseMoney
from terminal.screens.paper_words import Said, each_said, in_rows, rows_of
from terminal.screens.payment.paying import Paying
from terminal.screens.payment.view import (
    Taken,
    due_caption,
    given_text,
    guest_payment,
    method_tiles,
    note_tiles,
    standing_words,
)
from terminal.screens.status import status_of
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.big_digits import BigDigits, figure_and_sign
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.key_pad import ERASE, KeyPad
from terminal.widgets.status_line import StatusLine
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from shared.books.views import OrderView
    from terminal.desks.desk import Desk

TALL = 30
LINES_AROUND = 6
"""Status, message and keys."""


class PaymentFrame(HouseMoney, KeptScreen):
    """The widgets of a payment, and what they show of it. The screen says what keys and taps do."""

    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        texts = desk.texts
        self._title = ""
        self._paying: Paying | None = None
        self._taken: Taken | None = None
        self._order_id: UUID | None = None
        self._said = ("", Tone.PLAIN)
        self.status = StatusLine()
        self.title_line = TitleLine(id="title")
        self.methods = ItemGrid(columns=1, id="methods")
        self.due = BigDigits(caption=texts("payment.due"), id="due")
        self.given = BigDigits(caption=texts("payment.given"), id="given")
        self.change = BigDigits(caption=texts("payment.change"), id="change")
        self.called = BigDigits(caption=texts("payment.called"), id="called")
        self.notes = ItemGrid(least_width=11, tile_height=3, id="notes")
        self.pad = KeyPad((("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (".", "0", ERASE)), id="pad")
        self.message = TitleLine(id="message", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Methods, figures, pad, one line for what there is to say, keys."""
        yield self.status
        with Horizontal(id="frame"):
            yield self.methods
            with Vertical(id="figures"):
                yield self.title_line
                yield self.due
                yield self.given
                yield self.change
                yield self.called
                yield self.notes
            yield self.pad
        yield self.message
        yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """Lower tiles on a low screen."""
        tall = event.size.height >= TALL
        # All methods are on view: more of them are lower.
        fits = (event.size.height - LINES_AROUND) // max(1, len(self.desk.methods))
        self.methods.set_shape(tile_height=max(2, min(4 if tall else 3, fits)))
        self.notes.set_shape(tile_height=4 if tall else 3, least_width=14 if tall else 11)
        self._show_message()

    # What the screen gives

    def still_owing(self) -> OrderView | None:
        """The order whose check was just paid, if another check of it is to be paid."""
        raise NotImplementedError

    def bill_words(self) -> str:
        """What was taken off the check, and added for service."""
        raise NotImplementedError

    def guest_lines(self) -> tuple[GuestLine, ...]:
        """The lines that the amount on view pays, for a guest's display; none for a part of a check."""
        raise NotImplementedError

    async def choose(self, grid: ItemGrid, tile: Tile) -> bool:
        """Handle a tap on a method or a quick note."""
        raise NotImplementedError

    def guest_view(self) -> GuestView | None:
        """What is owed, given and to be given back, for a guest's display."""
        if self._taken is not None:
            money = self.desk.money
            change = money(self._taken.change_minor) if self._taken.change_minor else ""
            return GuestView(Moment.PAID, total=money(self._taken.total_minor), change=change)
        if self._paying is None:
            return None
        return replace(guest_payment(self._paying, Voice.of(self.desk)), lines=self.guest_lines())

    # Showing

    def refresh_view(self) -> None:
        """Everything, from what is due to the keys."""
        self.status.show(status_of(self.desk))
        self.bar.set_keys(self.bar_keys())
        self.set_class(self._taken is not None, "-paid")
        self.set_class(self._taken is not None and bool(self._taken.called), "-called")
        self._show_message()
        paying, voice = self._paying, Voice.of(self.desk)
        if self._taken is not None:
            self._show_taken(self._taken, voice)
        elif paying is not None:
            self._show_paying(paying, voice)

    def _show_paying(self, paying: Paying, voice: Voice) -> None:
        self.title_line.show(self._title)
        self.methods.set_tiles(method_tiles(paying), keep_place=True)
        self._figure(self.due, paying.charged_minor + paying.tip_minor, due_caption(paying, voice))
        by = paying.method.title if paying.method else ""
        caption = voice.texts("payment.given_by", method=by)
        self._show_figure(self.given, given_text(paying, paying.given_minor, voice), caption)
        if paying.short_minor:
            self._figure(self.change, paying.short_minor, voice.texts("payment.short"), Tone.WARN)
        else:
            tone = Tone.READY if paying.change_minor else None
            self._figure(self.change, paying.change_minor, voice.texts("payment.change"), tone)
        self.notes.set_tiles(note_tiles(paying, voice), keep_place=True)

    def _show_taken(self, taken: Taken, voice: Voice) -> None:
        key = "payment.receipt" if taken.receipt_number else "payment.made_up"
        self.title_line.show(voice.texts(key, title=self._title, number=taken.receipt_number))
        self._figure(self.due, taken.total_minor, voice.texts("payment.paid"))
        self._figure(self.change, taken.change_minor, voice.texts("payment.change"), Tone.READY)
        self.called.show(taken.called, caption=voice.texts("payment.called"))

    def _figure(self, digits: BigDigits, minor: int, caption: str, tone: Tone | None = None) -> None:
        """An amount as large as it goes: the currency's sign joins the caption."""
        self._show_figure(digits, self.desk.money(minor), caption, tone)

    def _show_figure(self, digits: BigDigits, amount: str, caption: str, tone: Tone | None = None) -> None:
        figure, sign = figure_and_sign(amount)
        digits.show(figure, caption=f"{caption}  {sign}", tone=tone)

    def _show_message(self) -> None:
        """What there is to say, else how the payment stands."""
        text, tone = self._said
        if not text and self._paying is not None and self._taken is None:
            said = (standing_words(self._paying, Voice.of(self.desk)), self.bill_words())
            text = " · ".join(part for part in said if part)
        parts = [*self._papers_said(), *self._owing_said()] if self._taken is not None else []
        if text:
            parts.append((text, tone))
        rows = in_rows(parts, self.size.width) if self._taken is not None else parts
        self.message.styles.height = max(1, rows_of(rows, self.size.width)) if self._taken is not None else 1
        self.message.show_lines(rows)

    def _owing_said(self) -> list[Said]:
        """That the order is not paid whole, and how much of it is left."""
        order = self.still_owing()
        if order is None:
            return []
        owed = self.desk.money(order.owed_minor or order.short_minor)
        return [(self.desk.texts("payment.more_checks", number=order.number, left=owed), Tone.WARN)]

    def _papers_said(self) -> list[Said]:
        """What became of the drawer and the papers of the sale that was just paid."""
        return each_said(self.desk.state.prints.followed, self._order_id, Voice.of(self.desk))

    def tick(self) -> None:
        """The clock moves on."""
        self.status.show(status_of(self.desk))

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Above the keys."""
        self._said = (text, tone)
        self._show_message()

    # Fingers

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A method is chosen; a quick note is tendered at once."""
        event.stop()
        tile, grid = event.tile, event.grid

        async def chosen() -> bool:
            return await self.choose(grid, tile)

        self.tap(f"tile {tile.id}", chosen)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        stroke = Stroke("backspace") if event.key == ERASE else Stroke(event.key, event.key)

        async def pressed() -> bool:
            return await self.press(stroke)

        self.tap(f"pad {event.key}", pressed)

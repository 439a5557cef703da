"""The screen of past receipts: typing finds, arrows choose, the chosen one is shown as it was printed.

A second face chooses what of it is refunded. What another device refunds meanwhile lessens what can be chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from shared.kernel.errors import DomainError
from shared.payments.finding import Found
from shared.payments.past import PastReceipt, PastRow
from shared.tenancy.records import ReasonKind
from terminal.actions import LINE_DOWN, LINE_UP, Action, ScreenName
from terminal.dialogs.questions import Choice, Field, Form, Pick, Picked
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.receipts.paper import Paper, paper_of
from terminal.screens.receipts.portions import Portions
from terminal.screens.receipts.printing import ReceiptPapers
from terminal.screens.receipts.view import AS_PAID, FURTHER, further_tile, portion_tiles, row_tiles, ways_back
from terminal.screens.requests import PayOrder, Request, ShowReceipts
from terminal.screens.rights import asking_about, title_of_reason
from terminal.screens.status import status_of
from terminal.screens.till import put_cursor
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.command_line import CommandLine
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

_STEPS = {"up": -1, "down": 1}
SOUGHT = "sought"
SCROLLED_ROWS = 4
ROWS_AT_ONCE = 40
"""So many receipts are read for the list; further ones when somebody turns to them."""


class ReceiptsScreen(ReceiptPapers, KeptScreen):
    """Two faces: the list with its search, and the portions to refund of the chosen receipt."""

    SCREEN_NAME = ScreenName.RECEIPTS
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._back_to = ScreenName.FLOOR
        self._found = Found()
        self._rows: list[PastRow] = []
        self._chosen: UUID | None = None
        self._past: PastReceipt | None = None
        self._shown: UUID | None = None
        self._portions: Portions | None = None
        self._is_stale = False
        self.status = StatusLine()
        self.title_line = TitleLine(id="title", on_page=True)
        self.list = ItemGrid(columns=1, tile_height=1, id="list")
        self.paper = Paper()
        self.words = TitleLine(id="words", on_page=True)
        self.line = CommandLine(desk.texts("receipts.hint"))
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """What was found (or what is refunded), the receipt, messages, the search, keys."""
        yield self.status
        yield self.title_line
        with Container(id="body"):
            yield self.list
            yield self.paper
        yield self.words
        yield self.line
        yield self.bar

    # What is shown

    @property
    def screen_name(self) -> ScreenName:
        """The face that is shown: each has its own keys."""
        return ScreenName.RECEIPTS if self._portions is None else ScreenName.REFUND

    async def load(self, request: Request | None = None) -> None:
        """Show the newest, or the receipt that is asked for with its line chosen."""
        if not isinstance(request, ShowReceipts):
            await self._read()
            return
        self._back_to, self._portions = request.back_to, None
        self.line.clear()
        self.words.show("")
        await self._search(request.receipt_id)
        if request.line_id is not None and self._past is not None:
            self._portions = Portions.of(self._past, request.line_id)
        self.refresh_view()

    def refresh_view(self) -> None:
        """Show what was read last."""
        voice, portions = Voice.of(self.desk), self._portions
        self.set_class(portions is not None, "-refunding")
        self.status.show(status_of(self.desk))
        self.title_line.show(self._title(voice))
        if portions is not None:
            self.list.set_tiles(portion_tiles(portions, voice), keep_place=True)
            put_cursor(self.list, portions.at)
        else:
            further = (further_tile(voice),) if self._has_further else ()
            self.list.set_tiles((*row_tiles(self._rows, voice), *further), keep_place=True)
            at = next((at for at, row in enumerate(self._rows) if row.id == self._chosen), None)
            if at is None:
                self.list.hide_cursor()
            else:
                put_cursor(self.list, at)
        self._show_paper(voice)
        self.bar.set_keys(self.bar_keys())

    def _show_paper(self, voice: Voice) -> None:
        premises, texts = self.desk.premises, self.desk.texts
        lines = paper_of(self._past, premises, voice) if self._past is not None and premises is not None else ()
        keys = f"{LINE_UP.key_label(texts)} {LINE_DOWN.key_label(texts)}"
        self.paper.show(lines, texts("receipts.more", keys=keys), anew=self._shown != self._chosen)
        self._shown = self._chosen

    def _title(self, voice: Voice) -> str:
        texts, portions, typed = voice.texts, self._portions, self.line.text.strip()
        if portions is not None:
            code = "receipts.refunding_made" if portions.was_made else "receipts.refunding"
            return texts(code, number=portions.receipt.receipt.number, amount=voice.money(portions.worth_minor))
        if not typed:
            return texts("receipts.newest")
        if not self._rows:
            return texts("receipts.nothing", text=typed)
        count = f"{len(self._found.ids)}{'+' if self._found.is_cut else ''}"
        return texts("receipts.recent" if self._found.is_recent else "receipts.found", count=count, text=typed)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message below the list."""
        self.words.show(text, tone)

    def desk_changed(self, topics: frozenset[str]) -> None:
        """Read again after a change of orders: refunds and payments come with them."""
        if "orders" in topics:
            self._is_stale = True
            self.tap("read again", self._read_again)
        self.refresh_view()

    async def _read_again(self) -> None:
        if self._is_stale:
            self._is_stale = False
            await self._read()

    def tick(self) -> None:
        """Update the clock."""
        self.status.show(status_of(self.desk))

    def is_typing(self) -> bool:
        """Whether a search is typed."""
        return self._portions is None and bool(self.line.text)

    def why_not(self, action: Action) -> str | None:
        """A receipt must be chosen, and something of it left."""
        texts, past, portions = self.desk.texts, self._past, self._portions
        match action.id:
            case "copy" | "gift" | "refund" | "refund_copy" | "pay_lost" if past is None:
                return texts("receipts.choose")
            case "refund" if past is not None and not past.left_milli:
                return texts("receipts.nothing_left")
            case "refund_copy" if past is not None and not past.refunds:
                return texts("receipts.no_refund")
            case "pay_lost" if past is not None and not past.lost_minor:
                return texts("receipts.no_loss")
            case "give" if portions is None or not portions.chosen:
                return texts("receipts.choose_portions")
        return None

    # Reading

    async def _search(self, chosen: UUID | None = None) -> None:
        """Find what is typed; without it the newest."""
        self._found = await self.desk.past.find(self.line.text)
        if chosen is not None and chosen not in self._found.ids:
            self._found = Found((chosen, *self._found.ids), self._found.is_cut, self._found.is_recent)
        self._rows = await self.desk.past.rows(self._found.ids[:ROWS_AT_ONCE])
        self.list.set_tiles(())
        self._chosen = chosen or (self._rows[0].id if self._rows else None)
        await self._read()

    async def _read(self) -> None:
        """Read the chosen receipt, and its row."""
        self._past = await self.desk.past.receipt(self._chosen) if self._chosen is not None else None
        if self._chosen is not None:
            fresh = {row.id: row for row in await self.desk.past.rows([self._chosen])}
            self._rows = [fresh.get(row.id, row) for row in self._rows]
        if self._portions is not None:
            same = self._past is not None and self._past.receipt.id == self._portions.receipt.receipt.id
            self._portions = self._portions.of_now(self._past) if same and self._past is not None else None
        self.refresh_view()

    @property
    def _has_further(self) -> bool:
        """Whether there are more than those that were read."""
        return len(self._rows) < len(self._found.ids) or (self._found.is_cut and not self._found.is_recent)

    async def _read_more(self) -> None:
        """Read further receipts: those that were found, then those after them."""
        known = len(self._rows)
        if known == len(self._found.ids) and self._found.is_cut and not self._found.is_recent and known:
            after = await self.desk.past.find(self.line.text, self._found.ids[-1])
            self._found = Found((*self._found.ids, *after.ids), after.is_cut)
        self._rows += await self.desk.past.rows(self._found.ids[known : known + ROWS_AT_ONCE])

    # Choosing

    async def typed(self, stroke: Stroke) -> None:
        """Arrows choose; all else is typed into the search."""
        if stroke.name in _STEPS:
            await self._move(_STEPS[stroke.name])
        elif self._portions is not None:
            if stroke.name in ("+", "-", "space"):
                self._become(self._portions.less() if stroke.name == "-" else self._portions.more())
            elif stroke.is_digit:
                self._become(self._portions.so_many(int(stroke.name)))
        elif self.line.press(stroke.name, stroke.character):
            self.words.show("")
            await self._search()

    async def scanned(self, text: str) -> None:
        """A code is searched: the number of a receipt, or of an operation."""
        await self._insert(text)

    async def pasted(self, text: str) -> None:
        """Pasted text likewise."""
        await self._insert(text)

    async def _insert(self, text: str) -> None:
        if self._portions is not None:
            self.remark("input.paste_refused")
            return
        self.line.clear()
        fits = self.line.insert(text)
        await self._search()
        if not fits:
            self.remark("input.cut")

    async def _move(self, by: int) -> None:
        if self._portions is not None:
            self._become(self._portions.moved(by))
            return
        at = next((at for at, row in enumerate(self._rows) if row.id == self._chosen), 0) + by
        if at >= len(self._rows):
            await self._read_more()
        if self._rows:
            self._chosen = self._rows[max(0, min(at, len(self._rows) - 1))].id
            self.words.show("")
            await self._read()

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A row was tapped: a receipt is shown, a line gets one portion more."""
        event.stop()

        async def tapped() -> None:
            if event.tile.id == FURTHER:
                await self._read_more()
                self.refresh_view()
            if not isinstance(event.tile.id, UUID):
                return
            if self._portions is not None:
                self._become(self._portions.tapped(event.tile.id))
            else:
                self._chosen = event.tile.id
                self.words.show("")
                await self._read()

        self.tap(f"row {event.tile.id}", tapped)

    def _become(self, portions: Portions) -> None:
        self._portions = portions
        self.words.show("")
        self.refresh_view()

    async def do_seek(self) -> None:
        """Ask what to look for, with letters to tap."""
        texts = self.desk.texts
        field = Field(SOUGHT, texts("receipts.sought"), value=self.line.text, hint=texts("receipts.hint"))
        await self.host.ask(Form(texts("receipts.seek"), (field,)), self._sought)

    async def _sought(self, given: Mapping[str, str]) -> None:
        self.line.write(given[SOUGHT])
        await self._search()

    async def do_page_on(self) -> None:
        """A page of rows down."""
        await self._move(max(1, self.list.size.height - 1))

    async def do_page_back(self) -> None:
        """A page of rows up."""
        await self._move(-max(1, self.list.size.height - 1))

    async def do_line_down(self) -> None:
        """The paper further down."""
        self.paper.scroll_by(SCROLLED_ROWS)

    async def do_line_up(self) -> None:
        """The paper further up."""
        self.paper.scroll_by(-SCROLLED_ROWS)

    async def do_leave(self) -> None:
        """From the portions to the list; then delete the search; then back to where the person came from."""
        self.words.show("")
        if self._portions is not None:
            self._portions = None
            self.refresh_view()
        elif self.line.text:
            self.line.clear()
            await self._search()
        else:
            back = await self.host.go_to(self._back_to)
            back.desk_changed(frozenset())

    # Refunding

    async def do_refund(self) -> None:
        """Choose what is refunded."""
        self._become(Portions.of(self._receipt))
        self.words.show(self.desk.texts("receipts.how_to_choose"))

    async def do_everything(self) -> None:
        """Choose all that is left, or nothing again."""
        if self._portions is not None:
            self._become(self._portions.everything())

    async def do_made(self) -> None:
        """Say whether it was made (thrown away) or comes back."""
        if self._portions is not None:
            self._become(self._portions.turned())

    async def do_give(self) -> bool:
        """Ask why, then by which method; then refund."""
        portions, texts = self._portions, self.desk.texts
        if portions is not None:
            reasons = self.desk.reasons(ReasonKind.REFUND)
            choices = tuple(Choice(each.text, each.title) for each in reasons)
            question = Pick(
                texts("receipts.why"), choices, self._title(Voice.of(self.desk)), texts("receipts.own_reason")
            )
            await self.host.ask(question, self._with_reason)
        return True

    async def _with_reason(self, picked: Picked) -> None:
        portions, voice = self._portions, Voice.of(self.desk)
        if portions is None:
            return
        paid = await self.desk.past.paid_by(portions.receipt.receipt.check_id)
        amount = max(0, portions.worth_minor - portions.receipt.check_lost_minor)
        ways = ways_back(amount, paid, self.desk.methods, voice)
        if len(ways) == 1:
            await self._refund(picked.reason, Picked(AS_PAID, ""))
            return
        title = self.desk.texts("receipts.how", amount=voice.money(amount))
        await self.host.ask(Pick(title, ways, at=0, near_amount=True), partial(self._refund, picked.reason))

    async def _refund(self, reason: str, way: Picked) -> None:
        portions, texts = self._portions, self.desk.texts
        if portions is None:
            return
        by = next((method for method in self.desk.methods if method.id == way.id), None)
        try:
            with asking_about(self._title(Voice.of(self.desk)), way.text, title_of_reason(self.desk, reason)):
                done = await self.desk.past.refund(
                    portions.receipt.receipt.id, portions.chosen, by, reason, was_made=portions.was_made
                )
        except DomainError:
            await self._read()
            raise
        self._portions = None
        await self._read()
        how = ", ".join(f"{method} {self.desk.money(amount)}" for method, amount in done.parts)
        amount = self.desk.money(done.paid_minor)
        self.say(texts("receipts.refunded", number=done.number, amount=amount, how=how or "–"), Tone.READY)

    # What was not paid

    async def do_pay_lost(self) -> None:
        """They came back: what was written off can be paid."""
        past = self._receipt
        await self.desk.past.lift_losses(past.receipt.check_id, past.receipt.id)
        paying = PayOrder(past.receipt.order_id, ScreenName.FLOOR, past.receipt.check_id)
        await self.host.go_to(ScreenName.PAYMENT, paying)

    @property
    def _receipt(self) -> PastReceipt:
        if self._past is None:
            raise DomainError("receipts.choose")
        return self._past

    def on_resize(self, event: events.Resize) -> None:
        """The list and the paper take what there is."""
        self.refresh_view()

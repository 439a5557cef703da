"""The command line of the order screen, its tiles, and what a scanner reads or somebody pastes."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.errors import DomainError
from shared.menu.rules import MenuItem
from terminal.actions import ScreenName, action_by_id
from terminal.input.strokes import Stroke
from terminal.screens.order.command import LESS_MARK, AddAgain, SetNote, SetOrderNote, SetQuantity, TakeOff
from terminal.screens.order.foretelling import foretold
from terminal.screens.order.line_actions import LineActions
from terminal.screens.order.menu_line import Deed, Reading, Refusal, Take, Which
from terminal.screens.order.noting import Phrase
from terminal.screens.order.weighing import typed_price_minor
from terminal.screens.till import put_cursor
from terminal.theme.palette import Tone
from terminal.widgets.tile import Tile


class TypedOrders(LineActions):
    """Does what is typed, tapped in the menu, scanned or pasted."""

    async def typed(self, stroke: Stroke) -> None:
        """Type; one digit after the minus key says how many less, and with a second one it is a code."""
        digit = (stroke.character or "").isdecimal()
        if self._lessened is not None and digit:
            begun = self.line.text.removeprefix(LESS_MARK)
            self.line.write(begun or LESS_MARK)
        if not digit and stroke.name != "enter":
            self._lessened = None
        if stroke.name == "backspace" and not self.line.text and self.shelves_back():
            return
        await super().typed(stroke)

    def typing_changed(self, text: str) -> None:
        """Show what is found, and what Enter would do."""
        self._cancel_asked = False
        self._show_tiles(keep_place=False)
        reading = self.menu_line.read(text)
        if isinstance(reading.deed, Take):
            put_cursor(self.tiles, 0)
        self.say(*self._foretold(reading.deed))

    def _foretold(self, deed: Deed | None) -> tuple[str, Tone]:
        return foretold(deed, self._target(), self._again, self._lessened, self.desk)

    async def submit(self, text: str) -> bool:
        """Do what was typed; with a phrase under the cursor, put it into the note."""
        tile = self.tiles.cursor_tile
        if tile is not None and isinstance(tile.id, Phrase) and tile.id.text:
            self._choose_phrase(tile.id, text)
            return False
        under_cursor = self._item_of(self.tiles.cursor_tile)
        reading = self.menu_line.read(text)
        self._show_tiles(keep_place=False)
        self.say("")
        if under_cursor is not None and (
            under_cursor in (reading.found or ()) or isinstance(reading.deed, SetQuantity)
        ):
            deed = reading.deed if isinstance(reading.deed, Take) and reading.deed.item == under_cursor else None
            await self._take(deed or Take(under_cursor, reading.quantity_milli, reading.counted))
        else:
            await self._do_typed(reading, text)
        return False

    async def _do_typed(self, reading: Reading, text: str) -> None:
        match reading.deed:
            case Take():
                await self._take(reading.deed)
            case Which():
                # More letters tell them apart: `morada`, Enter, `chi`.
                self.line.write(f"{text.rstrip()} ")
                self._show_tiles(keep_place=False)
                self.say(*self._foretold(reading.deed))
            case Refusal(code, params):
                raise DomainError(code, **params)
            case SetQuantity(quantity):
                await self._set_quantity(quantity)
            case TakeOff(quantity):
                await self._take_off(quantity)
            case SetNote(note):
                await self._note(note)
            case SetOrderNote(note):
                await self._note_order(note)
            case AddAgain():
                await self._add_again()

    async def choose_tile(self, tile: Tile) -> bool:
        """A dish was tapped; a quantity typed before says how many."""
        if isinstance(tile.id, Phrase):
            await self._choose_note(tile.id)
            return False
        item = self._item_of(tile)
        if item is not None:
            quantity_milli, counted = self._take_quantity()
            await self._add(item, quantity_milli, counted=counted)
        return False

    async def _choose_note(self, phrase: Phrase) -> None:
        text = self.line.text
        if phrase.text:
            self._choose_phrase(phrase, text)
        else:
            self.line.clear()
            await self.submit(text)

    async def scanned(self, text: str) -> None:
        """A code adds its dish, as a tap on its tile does; while a note is written it is text of the note."""
        if self._is_noting:
            self._write(text)
            return
        reading = self.menu_line.scanned(text)
        if isinstance(reading.deed, Take):
            item, (quantity_milli, counted) = reading.deed.item, self._take_quantity()
            await self.perform(lambda: self._add(item, quantity_milli, counted=counted))
        else:
            await self._do_typed(reading, text)

    async def pasted(self, text: str) -> None:
        """Pasted text goes into the note that is written; Enter remains a person's."""
        if self._is_noting:
            self._write(text)
        else:
            key = action_by_id(ScreenName.ORDER, "note").key_label(self.desk.texts)
            self.say(self.desk.texts("order.paste_refused", key=key), Tone.WARN)

    async def _take(self, take: Take) -> None:
        price = typed_price_minor(take.price, self._currency) if take.price else None
        await self._add(take.item, take.quantity_milli, price, counted=take.counted)

    def _take_quantity(self) -> tuple[int, bool]:
        """How many the typed text says, and an empty line; one if it says nothing of it, and whether it said it."""
        self._cancel_asked, self._lessened = False, None
        reading = self.menu_line.read(self.line.text)
        self.line.clear()
        self._show_tiles(keep_place=True)
        if isinstance(reading.deed, Refusal) and reading.found is None:
            raise DomainError(reading.deed.code, **reading.deed.params)
        return reading.quantity_milli, reading.counted

    @property
    def _currency(self) -> str:
        order, premises = self.order, self.desk.premises
        return order.currency if order is not None else premises.currency if premises is not None else "PEN"

    def _write(self, text: str) -> None:
        fits = self.line.insert(text)
        self.typing_changed(self.line.text)
        if not fits:
            self.remark("input.cut")

    def _item_of(self, tile: Tile | None) -> MenuItem | None:
        return self.menu.items.get(tile.id) if tile is not None and isinstance(tile.id, UUID) else None

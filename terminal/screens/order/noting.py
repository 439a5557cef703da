"""Notes of a line and of the whole order: typed, or put together from the house's phrases, which stand as tiles.

/sin ají       for the chosen line             //para compartir   for the whole order
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.books.views import LineView
from shared.tenancy.records import ReasonKind
from terminal.screens.order.command import NOTE_MARK, ORDER_NOTE_MARK
from terminal.screens.order.taking_back import TakingBack
from terminal.theme.palette import Tone
from terminal.widgets.tile import Tile

BETWEEN = ", "
"""Between the phrases of a note."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Id of a phrase's tile. An empty one saves the note."""

    text: str


class Noting(TakingBack):
    """Begins, fills and saves notes."""

    async def do_note(self) -> None:
        """Begin a note for the chosen line, with what it says already."""
        self._begin_note(NOTE_MARK, self._need_line().notes)

    async def do_order_note(self) -> None:
        """Begin a note for the whole order, with what it says already."""
        self._need_order()
        self._begin_note(ORDER_NOTE_MARK, self.order.notes if self.order is not None else "")

    def _begin_note(self, mark: str, notes: str) -> None:
        self.line.write(f"{mark}{notes}")
        self.typing_changed(self.line.text)
        if self.line.text != f"{mark}{notes}":
            self.remark("input.cut")

    @property
    def _is_noting(self) -> bool:
        return self.line.text.startswith(NOTE_MARK)

    def _show_tiles(self, *, keep_place: bool) -> None:
        """While a note is written, its phrases stand in place of the dishes."""
        phrases = self.desk.reasons(ReasonKind.NOTE) if self._is_noting else ()
        if not phrases:
            super()._show_tiles(keep_place=keep_place)
            return
        _mark, chosen = self._parts()
        save = Tile(id=Phrase(""), title=self.desk.texts("order.save_note"), detail="Enter", tone=Tone.READY)
        tiles = (Tile(id=Phrase(each.text), title=each.title, selected=each.text in chosen) for each in phrases)
        self.tiles.set_tiles((save, *tiles), keep_place=keep_place)

    def _choose_phrase(self, phrase: Phrase, text: str) -> None:
        """Put a phrase into the note that is written, or take it out again."""
        self.line.write(text)
        mark, chosen = self._parts()
        if phrase.text in chosen:
            chosen.remove(phrase.text)
        else:
            chosen.append(phrase.text)
        self._begin_note(mark, BETWEEN.join(chosen))

    def _parts(self) -> tuple[str, list[str]]:
        """The mark of the note that is written, and its parts."""
        text = self.line.text
        mark = ORDER_NOTE_MARK if text.startswith(ORDER_NOTE_MARK) else NOTE_MARK
        return mark, [part.strip() for part in text.removeprefix(mark).split(BETWEEN.strip()) if part.strip()]

    # Saving

    async def _note(self, notes: str) -> None:
        line = self._need_line()
        await self.desk.change_line(self._need_order(), line.id, notes=notes)
        self._changed(line)

    def _changed(self, line: LineView) -> None:
        """Say that a line was changed; and that the kitchen does not know of it yet if it cooks another version."""
        self._done("order.changed_after_sending" if line.is_told else "order.changed", name=line.item_name)

    async def _note_order(self, notes: str) -> None:
        order_id: UUID = self._need_order()
        await self.desk.corrections.note_order(order_id, notes)
        told = self.order is not None and any(line.is_told for line in self.order.lines)
        names = {station.id: station.name for station in self.desk.stations}
        open_at = (each.station_id for each in self.desk.tickets if each.order_id == order_id)
        standing = ", ".join(dict.fromkeys(names.get(each, "") for each in open_at))
        if standing:
            self._done("order.noted_for_kitchen", stations=standing)
        else:
            self._done("order.noted_after_making" if told else "order.noted")

"""What a guest may not eat: asked once, and on every ticket of the table from then on."""

from __future__ import annotations

from uuid import UUID

from shared.books.views import LineView
from shared.menu.allergens import ALLERGENS, dangers
from shared.menu.rules import MenuItem, allergens_of
from shared.orders.allergies import Allergy, allergen_name, allergy_words
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.order.coursing import Coursing
from terminal.theme.palette import Tone


class Allergies(Coursing):
    """The key for allergies, and the warning with a dish that holds one of them."""

    async def do_allergy(self) -> None:
        """Ask what a guest may not eat; what was said already stands first, and is taken back there."""
        order_id, texts = await self._order_to_add(), self.desk.texts
        if order_id is None:
            return
        said = self.order.allergies if self.order is not None else ()
        known = {each.allergen for each in said}
        rows = (
            *(Choice(each, allergy_words([each], texts), texts("order.allergy_lift")) for each in said),
            *(Choice(code, allergen_name(code, texts)) for code in ALLERGENS if code not in known),
        )

        async def taken(picked: Picked) -> None:
            await self._say_allergy(order_id, picked)

        title = texts("order.allergy_title_seat" if self._seat else "order.allergy_title", seat=self._seat)
        question = Pick(title, rows, texts("order.allergy_asked"), own_text=texts("order.allergy_other"))
        await self.host.ask(question, taken)

    async def _say_allergy(self, order_id: UUID, picked: Picked) -> None:
        if isinstance(picked.id, Allergy):
            gone = picked.id
            await self.desk.allergies.lift(order_id, gone.allergen, gone.words)
            self._done("order.allergy_lifted", what=allergy_words([gone], self.desk.texts))
            return
        allergen = picked.id if isinstance(picked.id, str) else ""
        words = "" if allergen else picked.text
        await self.desk.allergies.note(order_id, allergen, words, self._seat)
        self.refresh_view()
        what = allergy_words([Allergy(allergen, words)], self.desk.texts)
        order = self.order
        told = order is not None and any(line.is_told for line in order.lines)
        self.say(self.desk.texts("order.allergy_told" if told else "order.allergy_noted", what=what), Tone.READY)

    def _done(self, code: str, **params: object) -> None:
        """What was done; a dish that a guest may not eat is said louder."""
        super()._done(code, **params)
        if code == "order.added":
            self._warn_of(self._newest())

    def _newest(self) -> LineView | None:
        return max(self.order.lines, key=lambda line: line.id, default=None) if self.order is not None else None

    def _warn_of(self, line: LineView | None) -> None:
        order = self.order
        if line is None or order is None or not order.allergies:
            return
        combo = line.combo_id
        lines = [each for each in order.lines if each.id == line.id or (combo is not None and each.combo_id == combo)]
        guests = {each.allergen for each in order.allergies}
        for each in lines:
            item: MenuItem | None = self.menu.items.get(each.item_id)
            held = dangers(allergens_of(item, each.modifier_ids), guests) if item is not None else ()
            if held:
                what = ", ".join(allergen_name(code, self.desk.texts) for code in held)
                self.say(self.desk.texts("order.allergy_in", name=each.item_name, what=what), Tone.LATE)
                return

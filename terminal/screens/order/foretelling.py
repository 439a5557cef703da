"""What Enter would do, in words, while it is not pressed yet. Pure; with what the line remembers of the keys before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.books.views import LineView
from shared.kernel.language import Texts
from shared.kernel.quantity import ONE, format_quantity
from shared.menu.rules import Menu
from shared.menu.weights import measure_text
from terminal.screens.order.command import AddAgain, SetNote, SetOrderNote, SetQuantity, TakeOff
from terminal.screens.order.menu_line import Deed, Refusal, Take, Which
from terminal.theme.palette import Tone


@dataclass(frozen=True, slots=True)
class Again:
    """What was added last to this order, for adding it once more."""

    item_id: UUID
    modifier_ids: tuple[UUID, ...]
    quantity_milli: int


@dataclass(frozen=True, slots=True)
class Lessened:
    """What the minus key did to a line just now; a digit typed after it says how many less in all (`-3`)."""

    line_id: UUID
    done_milli: int


class Telling(Protocol):
    """The parts of the desk that a sentence needs."""

    texts: Texts

    @property
    def menu(self) -> Menu:
        """The menu, which knows the items."""
        ...


def still_to_take_off(lessened: Lessened | None, line: LineView, quantity_milli: int) -> int:
    """How many less a line still becomes: the minus key may have taken one off already."""
    is_same = lessened is not None and lessened.line_id == line.id
    return quantity_milli - (lessened.done_milli if lessened is not None and is_same else 0)


def foretold(
    deed: Deed | None, line: LineView | None, again: Again | None, lessened: Lessened | None, desk: Telling
) -> tuple[str, Tone]:
    """What Enter would do, and in which tone it is said.

    Args:
        line: the chosen line of the check.
    """
    texts, name = desk.texts, line.item_name if line else ""
    match deed:
        case Take():
            return _taken(deed, texts), Tone.PLAIN
        case Which(shown=shown):
            code = "order.which" if deed.count == shown else "order.which_of"
            return texts(code, count=deed.count, shown=shown), Tone.PLAIN
        case Refusal():
            return texts(deed.code, **deed.params), Tone.WARN
        case AddAgain() if again is not None and (repeated := desk.menu.items.get(again.item_id)):
            return _taken(Take(repeated, again.quantity_milli), texts), Tone.PLAIN
        case SetOrderNote():
            return texts("order.note_for_all"), Tone.PLAIN
        case SetNote() if line:
            return texts("order.note_for", name=name), Tone.PLAIN
        case SetQuantity(quantity) if line and quantity != ONE:
            return texts("order.quantity_for", name=name, quantity=format_quantity(quantity)), Tone.PLAIN
        case TakeOff(quantity) if line and line.is_told:
            wanted = format_quantity(still_to_take_off(lessened, line, quantity))
            return texts("order.void_asked", name=name, quantity=wanted), Tone.WARN
        case TakeOff(quantity) if line:
            left = max(0, line.quantity_milli - still_to_take_off(lessened, line, quantity))
            return texts("order.quantity_for", name=name, quantity=format_quantity(left)), Tone.PLAIN
    return "", Tone.PLAIN


def _taken(take: Take, texts: Texts) -> str:
    """`2 × Lomo saltado`, `0.350 kg × Queso`; what will be asked still, or the price that was typed."""
    item = take.item
    if item.weight_unit is not None and not take.counted:
        return texts("order.will_weigh", name=item.name)
    what = f"{measure_text(take.quantity_milli, item.unit if item.weight_unit else '')} × {item.name}"
    if take.price:
        return f"{what} · {take.price}"
    return f"{what} · {texts('order.will_ask_price')}" if item.open_price else what

"""The command line of an order over its menu: what Enter would do with a typed text, known before it is pressed. Pure.

Keys and what they lead to: `command.py` (the grammar), `shared/menu/search.py` (what a name, code or barcode finds).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from shared.kernel.errors import DomainError
from shared.kernel.quantity import ONE
from shared.kernel.text import clean
from shared.menu.rules import Menu, MenuItem
from shared.menu.search import Found, MenuSearch, has_letter
from terminal.screens.order.command import (
    AddAgain,
    AddItem,
    SetNote,
    SetOrderNote,
    SetQuantity,
    TakeOff,
    parse,
    quantity_milli,
)

MAX_SHOWN_OF_A_CODE = 40
"""Characters of an unknown code that a sentence has room for."""
_NUMBER = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,3})?", re.ASCII)
MAX_FOUND = 120
"""Tiles of a search; who still sees so many types another letter."""


@dataclass(frozen=True, slots=True)
class Take:
    """Add so many of this item.

    Attributes:
        counted: whether it was typed how many, or how much.
        price: the price of one as it was typed, if it was.
    """

    item: MenuItem
    quantity_milli: int
    counted: bool = field(default=False, compare=False)
    price: str = ""


@dataclass(frozen=True, slots=True)
class Which:
    """Ask which item is meant: the first `count` found fit equally well.

    Attributes:
        shown: how many items are on view, those that fit less well among them.
    """

    text: str
    count: int
    quantity_milli: int
    shown: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Do nothing, and say why and what to type."""

    code: str
    params: dict[str, object]


Deed = Take | Which | SetQuantity | TakeOff | SetNote | SetOrderNote | AddAgain | Refusal


@dataclass(frozen=True, slots=True)
class Reading:
    """A typed text as it is understood.

    Attributes:
        deed: what Enter does with it. None: nothing.
        found: the items to show, the surest first. None while the text is no search.
        quantity_milli: how many of a tapped item.
        counted: whether that was typed.
    """

    deed: Deed | None = None
    found: tuple[MenuItem, ...] | None = None
    quantity_milli: int = ONE
    counted: bool = field(default=False, compare=False)


class MenuLine:
    """Reads typed texts over one menu. The last reading is kept: a key press asks for it several times."""

    def __init__(self, menu: Menu, search_of: Callable[[Menu], MenuSearch] = MenuSearch) -> None:
        self.menu, self._search_of = menu, search_of
        self._last = ("", Reading())

    @cached_property
    def search(self) -> MenuSearch:
        """The menu, prepared for searching: for the first text, or before it, when there is time."""
        return self._search_of(self.menu)

    def read(self, text: str) -> Reading:
        """What a text means now."""
        if text != self._last[0]:
            self._last = (text, self._read(text))
        return self._last[1]

    def scanned(self, text: str) -> Reading:
        """What a scanned text means: the item with this barcode, never one by its name."""
        items = self.search.by_barcode(text)
        if not items:
            return Reading(Refusal("order.barcode_unknown", {"text": clean(text, MAX_SHOWN_OF_A_CODE)}))
        return Reading(_taken(Found(items, len(items)), text, ONE), items)

    def _read(self, text: str) -> Reading:
        exact = self.search.exact(text)
        if exact.items:
            # Other items stay on view: who goes on typing sees where it leads.
            view = self.search.find(text)
            return Reading(_taken(exact, text, ONE, view=view), view.items[:MAX_FOUND])
        try:
            command = parse(text)
        except DomainError as error:
            return self._as_name(text) or Reading(Refusal(error.code, error.params))
        match command:
            case AddItem():
                return self._adding(command)
            case SetQuantity(quantity):
                return Reading(command, quantity_milli=quantity, counted=True)
        return Reading(command)

    def _as_name(self, text: str) -> Reading | None:
        """A text whose number belongs to a name: `0 azúcar`."""
        found = self.search.find(text)
        if found.fit is None or not found.fit.is_of_whole_words:
            return None
        return Reading(_taken(found, text, ONE), found.items[:MAX_FOUND])

    def _adding(self, command: AddItem) -> Reading:
        quantity, text = command.quantity_milli, command.text
        if not text:
            return Reading()
        found = self.search.find(text)
        named = self._as_name(command.whole) if command.whole else None
        if named is not None and found.items:
            typed = command.whole.split(None, 1)[0]
            doubt = Refusal("order.number_in_name", {"text": command.whole, "quantity": typed, "name": text})
            return Reading(doubt, named.found)
        if named is not None:
            return named
        deed = self._deed(found, text, command)
        items = (deed.item,) if isinstance(deed, Take) and not found.items else found.items[:MAX_FOUND]
        return Reading(deed, items, quantity, command.counted)

    def _deed(self, found: Found, text: str, command: AddItem) -> Deed:
        if found.items and found.equals:
            return _taken(found, text, command.quantity_milli, counted=command.counted)
        measured = self._measured(text, command)
        if measured is not None:
            return measured
        if not has_letter(text):
            return Refusal("order.code_unknown", {"text": text})
        rest, _, last = text.rpartition(" ")
        if last.isdecimal() and rest and self.search.find(rest).items:
            return Refusal("order.quantity_first", {"text": text, "right": f"{last}*{rest.strip()}"})
        return Refusal("order.not_found", {"text": text})

    def _measured(self, text: str, command: AddItem) -> Take | None:
        """A name with a number behind it: the weight of what is weighed, the price of what has an open price."""
        name, _, number = text.rpartition(" ")
        item = self.search.find(name).sure if name and _NUMBER.fullmatch(number) else None
        if item is None:
            return None
        if item.weight_unit and not command.counted:
            return Take(item, quantity_milli(number), counted=True)
        return Take(item, command.quantity_milli, command.counted, number) if item.open_price else None


def _taken(found: Found, text: str, quantity: int, *, counted: bool = False, view: Found | None = None) -> Deed:
    """What items that were found lead to; `view`: what is shown, if that is more."""
    item = found.sure
    if item is None:
        return Which(text.strip(), found.equals, quantity, min(len((view or found).items), MAX_FOUND))
    return Take(item, quantity, counted)
